"""Pages that lack what the theme would say of them: a title, a date, an event; a site without a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.config import Config, load_config

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FILES = {
    "sitegen.toml": '[taxonomies]\nseries = "series"\n',
    "content/_index.md": '+++\nblocks = ["hero", { block = "posts", title = "" }]\nheadline = ""\n+++\n',
    "content/posts/listed.md": '+++\ndate = 2026-01-01\nseries = ["Parts"]\n+++\n\nFirst *words*.\n',
    "content/posts/hidden.md": '+++\ndate = 2026-01-02\nseries = ["Parts"]\nbuild = { list = "never" }\n+++\n\nText.\n',
    "content/projects/_index.md": '+++\ntitle = "Projects"\n+++\n',
    "content/talks/bare.md": "A talk without front matter.\n",
    "content/talks/dated.md": '+++\ndate = 2026-01-03\nevent = "E"\n+++\n\nA talk without a title.\n',
}


@pytest.fixture
def published(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> dict[str, LexborHTMLParser]:
    """The site's pages by their paths."""
    files = render_files(load_config(write_site(FILES), now=NOW))
    return {
        path: LexborHTMLParser(content.decode())
        for path, content in files.items()
        if path.endswith(".html") and b'http-equiv="refresh"' not in content
    }


def _text(page: LexborHTMLParser, selector: str) -> str:
    found = page.css_first(selector)
    assert found is not None
    return " ".join(found.text().split())


def test_every_page_has_a_name(published: dict[str, LexborHTMLParser]) -> None:
    """In the window's title, its heading, and the link to the home page, which is the first of the header."""
    for path, page in published.items():
        assert all(_text(page, selector) for selector in ("title", "h1", ".site-title")), path
    assert _text(published["posts/listed/index.html"], "title") == "First words."
    assert _text(published["index.html"], "title") == "Home"


def test_headings_are_never_empty(published: dict[str, LexborHTMLParser]) -> None:
    """An empty `title` of a block is as none."""
    for path, page in published.items():
        assert all(node.text().strip() for node in page.css("h1, h2, h3")), path
    assert _text(published["index.html"], ".group-head h2") == "Recent posts"


def test_post_that_is_in_no_list_is_no_part_of_its_series(published: dict[str, LexborHTMLParser]) -> None:
    """`build.list = "never"` keeps it out of the term's pages, so it has no number among them."""
    assert published["posts/hidden/index.html"].css_first(".series") is None
    assert _text(published["posts/listed/index.html"], ".series > p") == "Part 1 of 1 of Parts"


def test_section_of_no_projects_says_so(published: dict[str, LexborHTMLParser]) -> None:
    """As every other list does."""
    assert _text(published["projects/index.html"], ".list-empty") == "Nothing is published here yet."


def test_talk_without_facts_has_no_empty_list(published: dict[str, LexborHTMLParser]) -> None:
    """What is not known leaves no frame of itself; a talk's Event has the name that lists show."""
    assert published["talks/bare/index.html"].css_first("ul.meta") is None
    scripts = [node.text() for node in published["talks/dated/index.html"].css("script")]
    assert any('"@type": "Event", "name": "A talk without a title."' in text for text in scripts)
