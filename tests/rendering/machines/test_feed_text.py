"""HTML for feed readers: nothing that needs a script, a style sheet or the page's own address."""

from __future__ import annotations

import re

import pytest

from sitegen.config import Config
from sitegen.rendering.cells.interactive import Plot, plot_html
from sitegen.rendering.machines import feed_text
from sitegen.rendering.machines.feed_text import feed_html, without_controls

PAGE = "/blog/posts/a/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p onclick="x()" data-a="1" tabindex=0 id="i">a</p>', '<p id="i">a</p>'),
        ("a<script>if (1 < 2) {'</p>'}</script>b<style>p{}</style>c", "abc"),
        ("a<!-- <p> -->b<!-- c", "ab"),
        ("<nav><p>x</p></nav>a<button>b</button></form>c", "ac"),
        ("a<nav>b", "ab"),
        ("<details><summary>s</summary>t</details>", "<details open><summary>s</summary>t</details>"),
        ('<input type="checkbox" checked> <input type="checkbox"> <input name="q">', "\u2611 \u2610"),
        ('<iframe srcdoc="&lt;p&gt;">x</iframe>b', '<p><a href="URL">See it on the page</a>.</p>b'),
        (
            '<iframe src="https://v.example/1"></iframe>',
            '<iframe src="https://v.example/1"></iframe>',
        ),
        ("&#8;&#x1F;&#65;\x0b", "&#65;"),
        ("<pre>&lt;script&gt; ]]&gt;</pre>", "<pre>&lt;script&gt; ]]&gt;</pre>"),
    ],
)
def test_what_a_reader_cannot_use_goes(config: Config, html: str, expected: str) -> None:
    """Scripts, buttons and their like; boxes become characters, folds open, pages within pages a link."""
    assert feed_html(html, config, PAGE) == expected.replace("URL", "https://example.org/blog/posts/a/")


@pytest.mark.parametrize(
    "attribute",
    [
        '<img src="{}">',
        '<video poster="{}"></video>',
        '<source srcset="{0} 1x, {0} 2x">',
        '<source srcset="{0} 1x,{0} 2x">',
        '<object data="{}"></object>',
        '<blockquote cite="{}"></blockquote>',
        "<a href='{}'>a</a>",
        "<a href={}>a</a>",
    ],
)
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("x.png", "https://example.org/blog/posts/a/x.png"),
        ("../x.png?a=1&amp;b", "https://example.org/blog/posts/x.png?a=1&amp;b"),
        ("/blog/x.png", "https://example.org/blog/x.png"),
        ("https://other.example/x.png", "https://other.example/x.png"),
        ("//other.example/x", "//other.example/x"),
    ],
)
def test_every_address_is_absolute(config: Config, attribute: str, written: str, expected: str) -> None:
    """In each attribute that holds one, however it is written; what is on another host stays."""
    html = feed_html(attribute.format(written), config, PAGE)

    found = re.findall(r"""[=\s,"']((?:https:)?//[^\s"'>,]+)""", html)
    assert set(found) == {expected}


def test_parts_of_a_drawing_stay_parts(config: Config) -> None:
    """`<use href="#part">` means the drawing itself, a link to `#part` the page."""
    html = feed_html('<svg><use href="#g"/></svg><a href="#x">x</a>', config, PAGE)

    assert html == '<svg><use href="#g"/></svg><a href="https://example.org/blog/posts/a/#x">x</a>'


def test_an_interactive_figure_is_a_picture_and_a_link(config: Config) -> None:
    """What the theme shows before a script has drawn, without the room that the drawing would take."""
    plot = Plot(
        library="vega", media_type="application/vnd.vega.v5+json", data="{}", title="T", height_px=300
    )

    html = feed_html(plot_html(plot, alt="", picture='<img src="p.png" alt="T">'), config, PAGE)

    assert '<img src="https://example.org/blog/posts/a/p.png" alt="T">' in html
    assert '<a href="https://example.org/blog/posts/a/">See it on the page</a>.</p>' in html
    assert not {"<script", "min-height", "data-library"} & set(
        re.findall(r"<script|min-height|data-library", html)
    )


def test_controls_are_left_out() -> None:
    """What no XML file can hold, as a character or as a reference; line ends and emoji stay."""
    assert without_controls("a\x00\x08\ufffe\n\t\N{GRINNING FACE}&#0;&#x0b;&#10;&#x1F600;") == (
        "a\n\t\N{GRINNING FACE}&#10;&#x1F600;"
    )


@pytest.mark.parametrize(
    "piece",
    ["<nav>", "<script>", "<input ", "<!--", "<a href='", "<p", "</nav>", "<img srcset=' ,", "<details>"],
)
def test_a_megabyte_of_what_is_never_closed(config: Config, piece: str) -> None:
    """Is read in one pass: with one of its own for each tag this would take hours."""
    html = feed_html("<p>a</p>" + piece * (1_000_000 // len(piece)), config, PAGE)

    assert html.startswith("<p>a</p>")


def test_texts_are_kept_while_there_is_room() -> None:
    """What was asked for last stays; a site with many feeds does not hold the texts of all its pages."""
    kept: feed_text.Kept[str] = feed_text.Kept(most=10_000)
    for name in "abc":
        kept.keep((name, True), name, 2000)

    assert kept.get(("a", True)) == "a"
    kept.keep(("d", True), "d", 2000)  # each is counted with a thousand more

    assert [kept.get((name, True)) for name in "abcd"] == ["a", None, "c", "d"]
    assert kept.get(("a", False)) is None
