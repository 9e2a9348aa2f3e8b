"""What the specifications ask of each feed: RFC 4287, RSS 2.0 and JSON Feed 1.1."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sitegen.config import Author, Config, load_config
from sitegen.content.document import ExecutedDocument
from sitegen.content.site import build_index
from sitegen.content.sources import discover
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import empty_document, parse
from sitegen.rendering.page import compose
from sitegen.rendering.shortcodes import TemplateShortcodes
from sitegen.rendering.site import gather
from sitegen.rendering.templates import Templates, render
from sitegen.results.ledger import Ledger

ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FILES = {
    "sitegen.toml": 'baseURL = "https://example.org/blog/"\ntitle = "Show & <tell>"\n[author]\nname = "Your Name"\n',
    "content/posts/_index.md": '+++\ntitle = "Posts"\n+++\n',
    "content/posts/dated.md": '+++\ntitle = "A & <b>B</b>"\ndate = 2026-03-01T08:00:00.123456+01:00\n'
    'tags = ["C & <D>"]\n+++\nSee [the other](undated.md), [here](#x), $x^2 < y$ and ![alt](dot.svg).\n\n'
    "- [x] done\n\n## x\n\n```python\na < b & c\n```\n",
    "content/posts/undated.md": '+++\ntitle = "With \\u0008 control"\n+++\n',
    "content/notes/_index.md": '+++\ntitle = "Notes"\n+++\n',
    "content/notes/undated.md": '+++\ntitle = "<Undated>"\n+++\n',
    "content/empty/_index.md": '+++\ntitle = "Empty & nothing"\n+++\n',
}
LISTS = ("", "posts/", "notes/", "empty/", "tags/")


@pytest.fixture
def feeds(write_site: Callable[[dict[str, str]], Path]) -> dict[str, str]:
    """Every feed of a small site, by its path."""
    return _feeds(load_config(write_site(FILES), now=datetime(2026, 11, 20, tzinfo=UTC)))


def _feeds(config: Config) -> dict[str, str]:
    index = build_index(discover(config), config)
    templates = Templates(config)
    shortcodes = TemplateShortcodes(templates, index, config)
    pages = {
        page.key: compose(
            ExecutedDocument(
                document=parse(page.source, index, shortcodes, config)
                if page.source
                else empty_document(page)
            ),
            index,
            Ledger(entries=FrozenDict()),
            shortcodes,
            config,
        )
        for page in index.pages.values()
    }
    site = gather(index, Ledger(entries=FrozenDict()), (page.summary for page in pages.values()))
    files = (
        file
        for page in pages.values()
        for file in render(page, site, templates, lambda key: pages[key].content, config)
    )
    names = ("index.xml", "feed.xml", "feed.json")
    return {str(file.path): (file.content or b"").decode() for file in files if file.path.name in names}


@pytest.mark.parametrize("path", LISTS)
def test_rss_has_what_rss_2_asks_for(feeds: dict[str, str], path: str) -> None:
    """A channel has title, link and description; an item a title, an absolute link, a guid, RFC 822 dates."""
    channel = ElementTree.fromstring(feeds[f"{path}index.xml"]).find("channel")
    assert channel is not None
    items = channel.findall("item")
    dates = [date.text or "" for date in channel.iter() if date.tag in ("pubDate", "lastBuildDate")]

    assert all((channel.findtext(name) or "").strip() for name in ("title", "link", "description"))
    assert all((item.findtext("title") or "").strip() for item in items)
    assert all((item.findtext("link") or "").startswith("https://example.org/blog/") for item in items)
    assert len({item.findtext("guid") for item in items}) == len(items)
    assert [date for date in dates if parsedate_to_datetime(date).year != 2026] == []


@pytest.mark.parametrize("path", LISTS)
def test_atom_has_what_rfc_4287_asks_for(feeds: dict[str, str], path: str) -> None:
    """Feed and entries have one id (an IRI), one title, one updated date; the feed has an author and a self link."""
    feed = ElementTree.fromstring(feeds[f"{path}feed.xml"])
    entries = feed.findall(f"{ATOM}entry")
    elements = [feed, *entries]
    dates = [date.text or "" for date in feed.iter() if date.tag in (f"{ATOM}updated", f"{ATOM}published")]
    relations = [link.get("rel") for link in feed.findall(f"{ATOM}link")]

    assert {
        (name, len(element.findall(f"{ATOM}{name}")))
        for element in elements
        for name in ("id", "title", "updated")
    } == {("id", 1), ("title", 1), ("updated", 1)}
    assert all(re.match(r"https://|urn:", element.findtext(f"{ATOM}id") or "") for element in elements)
    assert [date for date in dates if not RFC_3339.fullmatch(date)] == []
    assert (feed.findtext(f"{ATOM}author/{ATOM}name"), relations) == ("Your Name", ["self", "alternate"])


@pytest.mark.parametrize("path", LISTS)
def test_json_feed_has_what_1_1_asks_for(feeds: dict[str, str], path: str) -> None:
    """Version, title and items; an item has a string id and content, dates are RFC 3339."""
    feed = json.loads(feeds[f"{path}feed.json"])
    dates = [
        item[name] for item in feed["items"] for name in ("date_published", "date_modified") if name in item
    ]

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert all(isinstance(item["id"], str) and item["content_html"] for item in feed["items"])
    assert [date for date in dates if not RFC_3339.fullmatch(date)] == []


def test_titles_keep_their_markup_characters(feeds: dict[str, str]) -> None:
    """`&` and `<` are text in all three, and what XML cannot hold is left out."""
    rss = ElementTree.fromstring(feeds["posts/index.xml"])
    titles = [title.text for title in rss.iter("title")]

    assert titles == ["Posts on Show & <tell>", "A & <b>B</b>", "With  control"]
    assert [tag.text for tag in rss.iter("category")] == ["C & <D>"]
    assert json.loads(feeds["notes/feed.json"])["items"][0]["content_html"] == "&lt;Undated&gt;"


def test_whole_text_has_absolute_addresses(feeds: dict[str, str]) -> None:
    """Links, parts of the page and images, beside math and code as the page has them."""
    html = json.loads(feeds["posts/feed.json"])["items"][0]["content_html"]
    addresses = re.findall(r'(?:href|src)="([^"]+)"', html)

    assert addresses == [
        "https://example.org/blog/posts/undated/",
        "https://example.org/blog/posts/dated/#x",
        "https://example.org/blog/posts/dated/dot.svg",
    ]
    assert "<math>" in html
    assert "\N{BALLOT BOX WITH CHECK}" in html
    assert re.search(r"<(script|style|input|button)\b", html) is None


def test_ids_are_iris_without_a_host(write_site: Callable[[dict[str, str]], Path]) -> None:
    """A site that does not know where it will be still names its entries."""
    config = replace(
        load_config(write_site(FILES), now=datetime(2026, 11, 20, tzinfo=UTC)),
        base_url="/",
        author=Author(name="Your Name"),
    )
    feed = ElementTree.fromstring(_feeds(config)["posts/feed.xml"])

    ids = [element.text or "" for element in feed.iter(f"{ATOM}id")]

    assert [identifier for identifier in ids if not identifier.startswith("urn:uuid:")] == []
    assert len(set(ids)) == len(ids)
