"""What the specifications ask of each feed (RFC 4287, RSS 2.0, JSON Feed 1.1), and what is in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from sitegen.config import Author, Config, load_config
from sitegen.frozen import FrozenDict
from sitegen.rendering.machines import feed_text
from sitegen.rendering.values import RenderedFile

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
IRI = re.compile(r"(?:https?://[^\s/]+/|urn:)\S+")
FILES = {
    "sitegen.toml": 'baseURL = "https://example.org/blog/"\ntitle = "Show & <tell>"\n'
    '[author]\nname = "Your Name"\nemail = "you@example.org"\n',
    "content/posts/_index.md": '+++\ntitle = "Posts"\n+++\n',
    "content/posts/dated.md": '+++\ntitle = "A & <b>B</b>"\ndate = 2026-03-01T08:00:00.123456+01:00\n'
    'tags = ["C & <D>"]\nauthor = "Somebody Else"\n+++\nSee [the other](undated.md), [here](#x), $x^2 < y$ and '
    "![alt](dot.svg). ]]> :smile:\N{GRINNING FACE}\n\n- [x] done\n\n## x\n\n```python\na < b & c\n```\n",
    "content/posts/undated.md": '+++\ntitle = "With \\u0008 control"\n+++\n',
    "content/notes/_index.md": '+++\ntitle = "Notes"\n+++\n',
    "content/notes/undated.md": '+++\ntitle = "<Undated>"\n+++\n',
    "content/notes/untitled.md": "+++\ndate = 2026-01-01\n+++\nOne two three four five six seven eight nine ten eleven.\n",
    "content/empty/_index.md": '+++\ntitle = "Empty & nothing"\n+++\n',
    "content/talk/_index.md": '+++\ntitle = "Talk"\n+++\n',
    "content/talk/link.md": '+++\ntitle = "Elsewhere"\nlink = "https://other.example/a?b=1&c=2"\ndate = 2026-02-02\n+++\nOh.\n',
    "content/talk/episode/index.md": '+++\ntitle = "Episode"\ndate = 2026-02-03\nenclosure = "sound.mp3"\n'
    'video = "https://cdn.example/film.mp4"\n'
    '[[podcast]]\nurl = "/files/long talk.ogg"\ntitle = "The & talk"\nduration = "1:02:03"\n'
    '[[podcast]]\nurl = "https://cdn.example/e.m4a"\nlength = 321\n+++\nListen.\n',
    "content/talk/episode/sound.mp3": "sound!",
    "static/files/long talk.ogg": "a long talk",
}
LISTS = ("", "posts/", "notes/", "empty/", "talk/", "tags/", "tags/c--d/")
Render = Callable[..., dict[str, str]]


@pytest.fixture
def render(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> Render:
    """Renders a small site: path to text; `render(base_url="/")` with other settings."""

    def make(files: Mapping[str, str] = FILES, **settings: Any) -> dict[str, str]:
        config = replace(load_config(write_site(dict(files)), now=NOW, environ={}), **settings)
        rendered = render_content(config)
        return {path: (file.content or b"").decode("utf-8", "replace") for path, file in rendered.items()}

    return make


@pytest.fixture
def feeds(render: Render) -> dict[str, str]:
    """Every file of the small site, whole posts in RSS too."""
    return render(rss_full_text=True)


@pytest.mark.parametrize("path", LISTS)
def test_rss_has_what_rss_2_asks_for(feeds: dict[str, str], path: str) -> None:
    """Title, link and description; absolute links, guids, RFC 822 dates, at most one complete enclosure an item."""
    channel = ElementTree.fromstring(feeds[f"{path}index.xml"]).find("channel")
    assert channel is not None
    items = channel.findall("item")
    dates = [date.text or "" for date in channel.iter() if date.tag in ("pubDate", "lastBuildDate")]
    enclosures = [item.findall("enclosure") for item in items]

    assert all((channel.findtext(name) or "").strip() for name in ("title", "link", "description"))
    assert all((item.findtext("title") or "").strip() for item in items)
    assert all(IRI.fullmatch(item.findtext("link") or "") for item in items)
    assert all((item.findtext("guid") or "").startswith("https://example.org/blog/") for item in items)
    assert len({item.findtext("guid") for item in items}) == len(items)
    assert [date for date in dates if parsedate_to_datetime(date).year != 2026] == []
    assert all(len(found) < 2 for found in enclosures)
    assert all(set(one.attrib) == {"url", "length", "type"} for found in enclosures for one in found)


@pytest.mark.parametrize("path", LISTS)
def test_atom_has_what_rfc_4287_asks_for(feeds: dict[str, str], path: str) -> None:
    """Feed and entries have one id (an IRI), one title, one updated date; the feed has an author and a self link."""
    feed = ElementTree.fromstring(feeds[f"{path}feed.xml"])
    entries = feed.findall(f"{ATOM}entry")
    elements = [feed, *entries]
    dates = [date.text or "" for date in feed.iter() if date.tag in (f"{ATOM}updated", f"{ATOM}published")]
    relations = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    alternates = [
        [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        for entry in entries
    ]

    assert {
        (name, len(element.findall(f"{ATOM}{name}")))
        for element in elements
        for name in ("id", "title", "updated")
    } == {("id", 1), ("title", 1), ("updated", 1)}
    assert all(IRI.fullmatch(element.findtext(f"{ATOM}id") or "") for element in elements)
    assert [date for date in dates if not RFC_3339.fullmatch(date)] == []
    assert (feed.findtext(f"{ATOM}author/{ATOM}name"), relations) == ("Your Name", ["self", "alternate"])
    assert all(len(links) == 1 and IRI.fullmatch(links[0] or "") for links in alternates)


@pytest.mark.parametrize("path", LISTS)
def test_json_feed_has_what_1_1_asks_for(feeds: dict[str, str], path: str) -> None:
    """Version, title and items; an item has a string id, unique, and content; dates are RFC 3339; sizes are numbers."""
    feed = json.loads(feeds[f"{path}feed.json"])
    items = feed["items"]
    dates = [item[name] for item in items for name in ("date_published", "date_modified") if name in item]
    attachments = [attachment for item in items for attachment in item.get("attachments", ())]

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert all(isinstance(item["id"], str) and item["content_html"] for item in items)
    assert len({item["id"] for item in items}) == len(items)
    assert [date for date in dates if not RFC_3339.fullmatch(date)] == []
    assert all(IRI.fullmatch(found["url"]) and "/" in found["mime_type"] for found in attachments)
    assert all(isinstance(found.get("size_in_bytes", 0), int) for found in attachments)


@pytest.mark.parametrize("path", LISTS)
def test_a_feed_reader_reads_the_same_of_rss_and_atom(feeds: dict[str, str], path: str) -> None:
    """Neither is malformed, and both name the same posts with the same titles and links."""
    read = [feedparser.parse(feeds[f"{path}{name}"].encode()) for name in ("index.xml", "feed.xml")]

    assert [bool(feed.bozo) for feed in read] == [False, False]
    rss, atom = ([(entry.id, entry.title, entry.link) for entry in feed.entries] for feed in read)
    assert rss == atom


def test_titles_keep_their_markup_characters(feeds: dict[str, str]) -> None:
    """`&` and `<` are text in all three, what XML cannot hold is U+FFFD; a post without a title has its words."""
    rss = ElementTree.fromstring(feeds["posts/index.xml"])
    titles = [title.text for title in rss.iter("title")]
    untitled = ElementTree.fromstring(feeds["notes/index.xml"]).findtext("channel/item/title")

    assert titles == ["Posts on Show & <tell>", "A & <b>B</b>", "With \N{REPLACEMENT CHARACTER} control"]
    assert [tag.text for tag in rss.iter("category")] == ["C & <D>"]
    assert json.loads(feeds["notes/feed.json"])["items"][1]["content_html"] == "&lt;Undated&gt;"
    assert untitled == "One two three four five six seven eight nine ten..."


def test_whole_text_has_absolute_addresses(feeds: dict[str, str]) -> None:
    """Links, parts of the page and images, beside math and code as the page has them; the same in all three."""
    html = json.loads(feeds["posts/feed.json"])["items"][0]["content_html"]
    addresses = re.findall(r'(?:href|src)="([^"]+)"', html)

    assert addresses == [
        "https://example.org/blog/posts/undated/",
        "https://example.org/blog/posts/dated/#x",
        "https://example.org/blog/posts/dated/dot.svg",
    ]
    assert "<math>" in html
    assert "\N{BALLOT BOX WITH CHECK}" in html
    assert "]]&gt; :smile:\N{GRINNING FACE}" in html
    assert re.search(r"<(script|style|input|button)\b", html) is None
    atom = ElementTree.fromstring(feeds["posts/feed.xml"])
    assert atom.findtext(f"{ATOM}entry/{ATOM}content") == html
    assert ElementTree.fromstring(feeds["posts/index.xml"]).findtext(f"channel/item/{CONTENT}") == html


def test_rss_has_summaries_unless_whole_posts_are_asked_for(render: Render) -> None:
    """As Hugo's; Atom and JSON Feed have whole posts, unless that is switched off."""
    usual = render()
    summaries = render(feed_full_text=False)

    assert "content:encoded" not in usual["posts/index.xml"]
    assert "<content " in usual["posts/feed.xml"]
    assert "<content " not in summaries["posts/feed.xml"]


def test_a_limit_of_items(render: Render) -> None:
    """`services.rss.limit` counts for all three; 0 is no limit, as in Hugo."""
    one, all_ = render(rss_limit=1), render(rss_limit=0)

    assert one["posts/index.xml"].count("<item>") == one["posts/feed.xml"].count("<entry>") == 1
    assert len(json.loads(one["posts/feed.json"])["items"]) == 1
    assert all_["posts/index.xml"].count("<item>") == 2


def test_link_posts_lead_to_what_they_are_about(feeds: dict[str, str]) -> None:
    """Title and link are the other site's, the id and a second link are the post's own; lists show both."""
    rss = ElementTree.fromstring(feeds["talk/index.xml"]).findall("channel/item")[1]
    atom = ElementTree.fromstring(feeds["talk/feed.xml"]).findall(f"{ATOM}entry")[1]
    json_item = json.loads(feeds["talk/feed.json"])["items"][1]
    ours, theirs = "https://example.org/blog/talk/link/", "https://other.example/a?b=1&c=2"

    assert (rss.findtext("link"), rss.findtext("guid")) == (theirs, ours)
    assert [(link.get("rel"), link.get("href")) for link in atom.findall(f"{ATOM}link")] == [
        ("alternate", theirs),
        ("related", ours),
    ]
    assert (json_item["url"], json_item["external_url"], json_item["id"]) == (ours, theirs, ours)
    assert 'href="https://other.example/a?b=1&amp;c=2"' in feeds["talk/index.html"]
    assert 'href="/blog/talk/link/" aria-label="Permalink: Elsewhere"' in feeds["talk/index.html"]


def test_enclosures_have_length_and_type(feeds: dict[str, str]) -> None:
    """Of the bundle, of `static/` and of another host; RSS has the first only, which is all that it allows for."""
    rss = ElementTree.fromstring(feeds["talk/index.xml"]).find("channel/item/enclosure")
    atom = ElementTree.fromstring(feeds["talk/feed.xml"]).findall(f"{ATOM}entry/{ATOM}link[@rel='enclosure']")
    attachments = json.loads(feeds["talk/feed.json"])["items"][0]["attachments"]
    base = "https://example.org/blog"

    assert rss is not None
    assert rss.attrib == {"url": f"{base}/talk/episode/sound.mp3", "length": "6", "type": "audio/mpeg"}
    assert [(link.get("href"), link.get("length"), link.get("type")) for link in atom] == [
        (f"{base}/talk/episode/sound.mp3", "6", "audio/mpeg"),
        ("https://cdn.example/film.mp4", None, "video/mp4"),
        (f"{base}/files/long%20talk.ogg", "11", "audio/ogg"),
        ("https://cdn.example/e.m4a", "321", "audio/mp4"),
    ]
    assert attachments[2] == {
        "url": f"{base}/files/long%20talk.ogg",
        "mime_type": "audio/ogg",
        "title": "The & talk",
        "size_in_bytes": 11,
        "duration_in_seconds": 3723,
    }
    assert (
        '<audio controls preload="none" src="/blog/talk/episode/sound.mp3"'
        in feeds["talk/episode/index.html"]
    )


def test_authors_of_posts(feeds: dict[str, str]) -> None:
    """A post by somebody else says so in all three; the site's author is the feed's."""
    rss = feedparser.parse(feeds["posts/index.xml"].encode())
    item = json.loads(feeds["posts/feed.json"])["items"][0]

    assert rss.feed.author == "you@example.org (Your Name)"
    assert "<dc:creator>Somebody Else</dc:creator>" in feeds["posts/index.xml"]
    assert "<author><name>Somebody Else</name></author>" in feeds["posts/feed.xml"]
    assert item["authors"] == [{"name": "Somebody Else"}]


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ("", {"index.xml", "feed.xml", "feed.json"}),
        ('outputs = ["HTML"]', set()),
        ('outputs = ["html", "jsonfeed"]', {"feed.json"}),
        ('outputs = ["html", "RSS", "json"]', {"index.xml"}),
        ('outputs = ["atom"]', {"feed.xml"}),
    ],
)
def test_a_list_page_chooses_its_feeds(render: Render, outputs: str, expected: set[str]) -> None:
    """By its `outputs`: exactly those; without `html` there is no page either."""
    files = render({"sitegen.toml": "", "content/posts/_index.md": f'+++\ntitle = "P"\n{outputs}\n+++\n'})

    found = {path.removeprefix("posts/") for path in files if path.startswith("posts/")}
    assert found - {"index.html", "page/1/index.html"} == expected
    assert ("posts/index.html" in files) == ("atom" not in outputs)


def test_the_site_chooses_feeds_by_kind(render: Render) -> None:
    """`outputs` of the configuration; kinds that it does not name have ours, and `disableKinds` may switch them off."""
    files = render(outputs=FrozenDict({"home": ("html", "rss"), "term": ("html",)}))
    none = render(disable_kinds=("rss",))

    assert {"index.xml", "posts/feed.xml"} <= set(files)
    assert {"feed.xml", "tags/c--d/index.xml"}.isdisjoint(files)
    assert [path for path in none if path.endswith(("index.xml", "feed.xml", "feed.json"))] == []


def test_html_of_a_post_is_made_once(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    """Home, the section and the tags share it: once for the summary, once for the whole text of each post."""
    made: list[str] = []
    original = feed_text.feed_html

    def counted(html: str, config: Config, page_url: str) -> str:
        made.append(page_url)
        return original(html, config, page_url)

    monkeypatch.setattr(feed_text, "feed_html", counted)

    render()

    assert made.count("/blog/posts/dated/") == 2
    assert len(made) == 2 * len(set(made))


def test_ids_are_iris_without_a_host(render: Render) -> None:
    """A site that does not know where it will be still names its entries."""
    files = render(base_url="/", author=Author(name="Your Name"))
    feed = ElementTree.fromstring(files["posts/feed.xml"])

    ids = [element.text or "" for element in feed.iter(f"{ATOM}id")]

    assert [identifier for identifier in ids if not identifier.startswith("urn:uuid:")] == []
    assert len(set(ids)) == len(ids)
