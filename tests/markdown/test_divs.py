"""Fenced divs: what begins and ends them, what they become, and what stays text."""

from __future__ import annotations

import pytest

from sitegen.markdown import divs
from sitegen.markdown.parse import parse_fragment


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("::: {.notes}\na\n:::", '<div class="notes"><p>a</p>\n</div>\n'),
        (":::: {#x .a}\n::: {.b}\nc\n:::\n::::", '<div id="x" class="a"><div class="b"><p>c</p>\n</div>\n</div>\n'),
        ('::: {.c width="40%" style="color:red"}\na\n:::', '<div class="c" data-width="40%" data-style="color:red"><p>a</p>\n</div>\n'),
        ("> ::: {.q}\n> a\n> :::", '<blockquote>\n<div class="q"><p>a</p>\n</div>\n</blockquote>\n'),
        ("- a\n\n  ::: {.q}\n  b\n  :::", '<ul>\n<li>\n<p>a</p>\n<div class="q"><p>b</p>\n</div>\n</li>\n</ul>\n'),
        ("::: {.open}\na", "<p>::: {.open}\na</p>\n"),
        ("::: word\na\n:::", "<p>::: word\na\n:::</p>\n"),
        ("::: {a b}\na\n:::", "<p>::: {a b}\na\n:::</p>\n"),
    ],
)  # fmt: skip
def test_div(text: str, html: str) -> None:
    """Attributes in braces and an end make a div, which keeps to what HTML has for any element."""
    assert parse_fragment(text).html == html


def test_end_in_a_code_fence_ends_nothing() -> None:
    """What is code is no div's end."""
    html = parse_fragment("::: {.a}\n```\n:::\n```\nb\n:::\n\nc").html
    assert html.endswith("<p>b</p>\n</div>\n<p>c</p>\n")


@pytest.mark.parametrize(
    ("attributes", "begins"),
    [
        (".callout-note", '<div class="markdown-alert markdown-alert-note">\n<p class="markdown-alert-title">Note<'),
        ('.callout-tip title="A *b*"', '<div class="markdown-alert markdown-alert-tip">\n<p class="markdown-alert-title">A <em>b'),
        ('.callout-warning collapse="true"', '<details class="markdown-alert markdown-alert-warning">\n<summary'),
        ('.callout-caution collapse="false"', '<details class="markdown-alert markdown-alert-caution" open>\n<summary'),
    ],
)  # fmt: skip
def test_callout_of_quarto_is_an_alert(attributes: str, begins: str) -> None:
    """Its kind, its title and whether it is folded."""
    assert parse_fragment(f"::: {{{attributes}}}\nx\n:::").html.startswith(begins)


def test_heading_that_a_callout_begins_with_is_its_title() -> None:
    """As in Quarto; it is no heading of the page."""
    fragment = parse_fragment("::: {.callout-important}\n## Mind\nx\n:::")
    assert '<p class="markdown-alert-title">Mind</p>' in fragment.html
    assert fragment.headings == ()


def test_divs_that_never_end_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work grows with the text: each line is looked at a bounded number of times."""
    few, many = (_looks("\n\n".join(["::: {.a}"] * count), monkeypatch) for count in (50, 200))
    assert few > 50
    assert many <= 5 * few


def _looks(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often a line is held against the form of an opening."""
    looked: list[str] = []
    pattern = divs.OPENING

    class Counting:
        def fullmatch(self, line: str) -> object:
            looked.append(line)
            return pattern.fullmatch(line)

    with monkeypatch.context() as patch:
        patch.setattr(divs, "OPENING", Counting())
        parse_fragment(text)
    return len(looked)
