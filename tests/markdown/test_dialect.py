"""The settings of the dialect that need no answer of Hugo's."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest

from sitegen.config import Config
from sitegen.config.values import Markup
from sitegen.content.document import Document
from sitegen.markdown.dialect import fences, parser

Parse = Callable[..., Document]
Body = Callable[..., str]


def test_pages_with_the_same_settings_share_a_parser() -> None:
    """Making one takes longer than reading a page."""
    assert parser(Markup(hard_wraps=True)) is parser(Markup(hard_wraps=True))
    assert parser(Markup(hard_wraps=True)) is not parser(Markup())


def test_html_that_is_left_out_is_said_once_a_page(parse_body: Parse, config: Config) -> None:
    """The warning names the first place, and the divider of the summary is no HTML."""
    settings = replace(config, markup=Markup(unsafe=False))

    document = parse_body("a\n\n<!--more-->\n\nb <i>c</i>\n\n<div>\nd\n</div>\n", settings=settings)

    assert [(item.code, item.location and item.location.line) for item in document.diagnostics] == [
        ("SG223", 9)
    ]


def test_short_codes_cost_nothing_where_they_are_off() -> None:
    """The package with their names is imported by the first page that has one."""
    code = (
        "import sys, sitegen.markdown.dialect as d;"
        "d.tokenize(':dog:'); assert 'emoji' not in sys.modules;"
        "d.parser(has_emoji=True).parse('a: b'); assert 'emoji' not in sys.modules;"
        "d.parser(has_emoji=True).parse(':dog:'); assert 'emoji' in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("text", ["file@@x^2@@ and", "\\(s\\) \\[sic\\]"])
def test_the_sites_own_delimiters_are_equations(text: str, body_html: Body, config: Config) -> None:
    """Without them, such text is text."""
    markup = Markup(
        math_delimiters=(("@@", "@@", "block"), ("\\(", "\\)", "inline"), ("\\[", "\\]", "block"))
    )
    settings = replace(config, markup=markup)

    assert "<math" not in body_html(text).replace("<math><mi>s</mi></math>", "")
    assert "<math" in body_html(text, settings)


def test_prices_stay_text_whatever_the_delimiters(body_html: Body, config: Config) -> None:
    """A dollar sign of the configuration is read as everywhere."""
    settings = replace(config, markup=Markup(math_delimiters=(("$", "$", "inline"),)))

    assert body_html("$5 and $6", settings) == "<p>$5 and $6</p>\n"


Delimiters = tuple[tuple[str, str, Literal["block", "inline"]], ...]
DOLLARS: Delimiters = (("$$", "$$", "block"), ("$", "$", "inline"))
BACKSLASHES: Delimiters = (("\\[", "\\]", "block"), ("\\(", "\\)", "inline"))


@pytest.mark.parametrize(
    ("heading", "with_dollars", "with_backslashes"),
    [
        ("A $x$ b", "a--b", "a-x-b"),
        ("$y$", None, "y"),
        ("**$a$** d", "d", "a-d"),
        ("*Q $b$* tail", "q--tail", "q-b-tail"),
        ("[L $c$](u) tail", "l--tail", "l-c-tail"),
        ("$p$ and $q$", "and", "p-and-q"),
        ("Price $5", "price-5", "price-5"),
    ],
)
def test_ids_of_headings_with_equations(
    heading: str, with_dollars: str | None, with_backslashes: str, body_html: Body, config: Config
) -> None:
    """Hugo's ids have nothing of what stands between the site's own delimiters; all else is text to it."""
    for delimiters, expected in (
        (DOLLARS, with_dollars),
        (BACKSLASHES, with_backslashes),
        ((), with_backslashes),
    ):
        html = body_html(f"## {heading}", replace(config, markup=Markup(math_delimiters=delimiters)))

        found = re.match(r'<h2(?: id="([^"]*)")?>', html)
        assert found is not None
        assert found[1] == expected


def test_a_link_holds_no_link(body_html: Body) -> None:
    """An address that is a link's text already, in Markdown or in HTML, stays text."""
    html = body_html('[www.example.org](u) <a href="https://example.org">www.example.org</a>')

    assert html.count("<a ") == 2


def test_notes_of_several_bodies_have_ids_of_their_own(body_html: Body, config: Config) -> None:
    """The prefix is the page's, for lists that show whole pages."""
    settings = replace(config, markup=Markup(footnote_id_prefix=True))

    html = body_html("a[^1]\n\n[^1]: b", settings)

    assert 'id="fn:1"' not in html
    assert html.count("fn:1") == 2


def test_fences_are_found_in_every_block() -> None:
    """Cells are looked for before a page is read, by the same rules for blocks."""
    text = "- a\n\n  ```{python}\n  1\n  ```\n\nT\n: ```{python}\n  2\n  ```\n\n[^1]: ```{python}\n    3\n    ```\n"

    assert [fence.content for fence in fences(text)] == ["1\n", "2\n", "3\n"]
