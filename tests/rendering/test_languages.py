"""Languages of pages: names, directions, territories, and the same page in several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.config import Config, load_config
from sitegen.rendering.languages import direction, open_graph_locale
from sitegen.rendering.values import RenderedFile

ARABIC = '+++\ntitle = "تجربة"\ndate = 2026-01-02\nlang = "ar"\n+++\n\nنص، سؤال؟\n'
SETTINGS = 'baseURL = "https://example.org/"\ntitle = "Notes"\nlocale = "en"\n'
Render = Callable[[Config], dict[str, RenderedFile]]


@pytest.fixture
def arabic(write_site: Callable[[dict[str, str]], Path], render_content: Render) -> dict[str, str]:
    """An English site with one page in Arabic: the texts of its files."""
    files = {
        "sitegen.toml": SETTINGS,
        "content/posts/a.md": ARABIC,
        "content/posts/b.md": "+++\ntitle = 'B'\n+++\n",
    }
    found = render_content(load_config(write_site(files), environ={}))
    return {path: (file.content or b"").decode("utf-8", "replace") for path, file in found.items()}


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ar", "rtl"), ("fa-IR", "rtl"), ("uz-Arab", "rtl"), ("ku-Latn", "ltr"), ("de", "ltr"), ("", "ltr")],
)
def test_a_language_has_a_direction(language: str, expected: str) -> None:
    """That of its script where the tag names one."""
    assert direction(language) == expected


@pytest.mark.parametrize(
    ("language", "locale"),
    [
        ("de", "de_DE"),
        ("de-AT", "de_AT"),
        ("zh-Hant", "zh_TW"),
        ("sr-Latn-RS", "sr_RS"),
        ("ar", "ar_AR"),
        ("tlh", ""),
    ],
)
def test_open_graph_wants_a_territory(language: str, locale: str) -> None:
    """Written, else the usual one; none is made up."""
    assert open_graph_locale(language) == locale


def test_a_page_in_another_language_says_so(arabic: dict[str, str]) -> None:
    """Its text is marked and turned; what the site says around it, in its header and its footers, is not."""
    page, other = (
        LexborHTMLParser(arabic["posts/a/index.html"]),
        LexborHTMLParser(arabic["posts/b/index.html"]),
    )
    marks = [
        (node.tag, node.attributes.get("lang"), node.attributes.get("dir"))
        for node in page.css("html, main, .page-footer")
    ]

    assert marks == [("html", "en", None), ("main", "ar", "rtl"), ("footer", "en", "ltr")]
    assert "lang" not in other.css("main")[0].attributes
    assert '"inLanguage": "ar"' in arabic["posts/a/index.html"]
    assert 'content="ar_AR"' in arabic["posts/a/index.html"]


def test_a_language_that_is_none_is_left_out(
    write_site: Callable[[dict[str, str]], Path], render_content: Render
) -> None:
    """A number in its place is told where front matter is checked; the page is the site's then."""
    files = {
        "sitegen.toml": SETTINGS,
        "content/posts/a.md": "+++\ntitle = 'A'\ndate = 2026-01-02\nlang = 3\n+++\n",
    }

    found = render_content(load_config(write_site(files), environ={}))

    html = (found["posts/a/index.html"].content or b"").decode()
    assert LexborHTMLParser(html).css("main")[0].attributes.get("lang") is None
    assert 'content="en_US"' in html
    assert '"inLanguage": "en"' in html


def test_feeds_say_the_language_of_an_entry(arabic: dict[str, str]) -> None:
    """Atom and JSON Feed have it for each entry; one in the site's language needs none."""
    assert arabic["feed.xml"].count('<entry xml:lang="ar">') == 1
    assert arabic["feed.json"].count('"language": "ar"') == 1
