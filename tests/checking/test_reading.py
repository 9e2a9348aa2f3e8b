"""What is read out of files: addresses of lists and styles, code and prose of Markdown; whatever the text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.checking.addresses import Published
from sitegen.checking.elements import css_references, scan_html
from sitegen.checking.listed import listed_references
from sitegen.checking.prose import code_spans, read_markdown
from sitegen.config import load_config

RSS = """<?xml version="1.0"?><rss><channel><link>https://e.org/</link><atom:link href="https://e.org/index.xml"/>
<item><link>https://e.org/a/?x=1&amp;y=2</link><guid isPermaLink="false">https://e.org/id</guid>
<enclosure url="https://e.org/a.mp3" length="1"/><description>&lt;a href="https://e.org/no/"&gt;</description></item>
</channel></rss>"""
SITEMAP = "<urlset><url>\n  <loc>https://e.org/a/</loc><lastmod>2030-01-01</lastmod></url></urlset>"
ATOM = """<feed><id>tag:e.org,2030:1</id><link rel="self" href="https://e.org/atom.xml"/><entry>
<id>https://e.org/id/</id><link href='https://e.org/a/'/></entry></feed>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "home_page_url": "https://e.org/", "items":
[{"id": "https://e.org/id", "url": "https://e.org/a/", "attachments": [{"url": "https://e.org/a.mp3"}]}]}"""


@pytest.mark.parametrize(
    ("name", "text", "paths"),
    [
        ("index.xml", RSS, ["", "index.xml", "a/?x=1&y=2", "a.mp3"]),
        ("sitemap.xml", SITEMAP, ["a/"]),
        ("atom.xml", ATOM, ["atom.xml", "a/"]),
        ("feed.json", JSON, ["", "a/", "a.mp3"]),
        ("feed.json", '{"version": "https://jsonfeed.org/version/1.1", ', []),
        ("data.json", '{"url": "https://e.org/a/"}', []),
        ("drawing.xml", "<svg><link>https://e.org/</link></svg>", []),
    ],
)
def test_addresses_of_lists(name: str, text: str, paths: list[str]) -> None:
    """Feeds and sitemaps; ids that are no addresses, escaped HTML and other files give none."""
    assert [each.url.removeprefix("https://e.org/") for each in listed_references(name, text)] == paths


def test_addresses_of_styles() -> None:
    """With and without quotes; not in comments."""
    css = "/* url(no.png) */ @import 'a.css'; x { background: url( \"b.png\" ), url(c.png) } @import url(d.css);"
    assert [each.url for each in css_references(css)] == ["a.css", "b.png", "c.png", "d.css"]


@pytest.mark.parametrize("piece", ["url(", "/*", 'url("', "@import '"])
def test_addresses_of_styles_without_an_end_are_looked_at_once(piece: str) -> None:
    """However many there are: not from each of them to the end of the file."""
    assert len(css_references(piece * 100_000)) <= 100_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\n```py\nx\n```\nb", ["```py\nx\n```"]),
        ("- a\n  ~~~\n  x ``` y\n  ~~~\nb", ["  ~~~\n  x ``` y\n  ~~~"]),
        ("````\n```\n````\nb", ["````\n```\n````"]),
        ("a `x` b ``y ` z`` c", ["`x`", "``y ` z``"]),
        ("a `x\ny` b\n\nc ` d\n\n` e", ["`x\ny`"]),
        ("> ```\n> x\n> ```\nb", ["> ```\n> x\n> ```"]),
        ("```\nnever closed", ["```\nnever closed"]),
        ("``` inline ``` is no fence", ["``` inline ```"]),
    ],
)
def test_code_of_markdown(text: str, code: list[str]) -> None:
    """Fences in lists and quotes, of both signs, and inline code."""
    assert [text[start:end] for start, end in code_spans(text)] == code


def test_prose_of_markdown() -> None:
    """Neither front matter nor code, comments, equations and shortcodes are prose."""
    text = "---\ntitle: q\n---\np `q` <!-- q --> $q$ {{< x q >}} p \\(q\\) p\n"
    markdown = read_markdown(text.encode(), None)
    prose = {text[offset] for offset in range(len(text)) if markdown.is_prose(offset)}
    assert "q" not in prose
    assert "p" in prose


@settings(max_examples=200, deadline=None)
@given(st.text("<>\"'=!-/`~$[](){}&;#%: \nasrchef" + "é", max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever stands in a file, reading it raises nothing, and spans are apart and in order."""
    scan_html(text)
    css_references(text)
    for name in ("a.xml", "a.json", "a.css"):
        listed_references(name, f"<rss>{text}")
    spans = list(code_spans(text))
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    read_markdown(text.encode(), None)


@settings(max_examples=200, deadline=None)
@given(st.text("http:/[]@?#%.0123456789\\ \ta-é", max_size=40))
def test_no_address_is_too_odd(tmp_path_factory: pytest.TempPathFactory, url: str) -> None:
    """Whatever is written as an address has an answer."""
    root = tmp_path_factory.getbasetemp()
    (root / "content").mkdir(exist_ok=True)
    published = Published((), load_config(Path(root), environ={}))
    address = published.read(url, "a/index.html")
    if address is not None and address.path is not None:
        published.find(address.path)


def test_many_backticks_are_read_once() -> None:
    """A paragraph of runs that never close takes one pass, as does one of brackets that do not."""
    text = "".join(f"{'`' * (number % 50 + 1)} x " for number in range(20_000))
    assert sum(end - start for start, end in code_spans(text)) <= len(text)
    assert list(code_spans("\\[ " * 50_000)) == []
    assert read_markdown(b"\\[ $$x {{< " * 5_000, None).body == 0
