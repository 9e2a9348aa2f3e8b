"""Pages as files: templates looked up, pagers, redirects, figures, relative links, and errors told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from sitegen.config import Author, Config, Pagination
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex, StaticFile
from sitegen.content.metadata import PageMeta
from sitegen.content.sources import Resource
from sitegen.frozen import FrozenDict
from sitegen.rendering.recorder import Reads
from sitegen.rendering.templating.templates import Templates, template_names
from sitegen.rendering.values import RenderedFile

MakePlace = Callable[..., IndexedPage]
MakeIndex = Callable[..., SiteIndex]
RenderSite = Callable[..., dict[str, RenderedFile]]
WriteTemplate = Callable[[str, str], None]

SIMPLE = (
    "<!doctype html><html><head><title>{{ page.title }}</title></head>"
    "<body>{% block body %}{{ page.content }}{% endblock %}</body></html>"
)


@pytest.fixture
def simple(write_template: WriteTemplate) -> None:
    """Templates that show little, so that a test sees what it asks for."""
    for kind in ("home", "page", "list", "taxonomy", "term", "404"):
        write_template(f"{kind}.html", SIMPLE)


@pytest.fixture
def blog(make_place: MakePlace, make_index: MakeIndex) -> SiteIndex:
    """Home, a section with three dated posts, and a tag with two of them."""
    dates = [datetime(2026, 3, day, tzinfo=UTC) for day in (3, 2, 1)]
    posts = [
        make_place(
            f"/posts/p{number}",
            parent=PageKey("/posts"),
            meta={"date": date, "description": f"About {number}"},
        )
        for number, date in enumerate(dates, 1)
    ]
    tag = make_place("/tags/rl", "term", parent=PageKey("/tags"), taxonomy="tags", term="rl", title="RL")
    index = make_index(
        make_place("/", "home", title="Home"),
        make_place("/posts", "section", parent=PageKey("/"), title="Posts & notes"),
        *posts,
        make_place("/tags", "taxonomy", taxonomy="tags"),
        tag,
    )
    children = {**index.children, tag.key: (posts[0].key, posts[1].key)}
    return replace(
        index,
        children=FrozenDict(children),
        page_terms=FrozenDict({posts[0].key: (tag.key,), posts[1].key: (tag.key,)}),
    )


def text(files: dict[str, RenderedFile], path: str) -> str:
    """A rendered file's text."""
    content = files[path].content
    assert content is not None
    return content.decode()


@pytest.mark.parametrize(
    ("kind", "fields", "names"),
    [
        ("page", {"type": "posts"}, ("posts/page.html", "page.html")),
        (
            "page",
            {"type": "posts", "meta": PageMeta(layout="wide")},
            ("posts/wide.html", "wide.html", "posts/page.html", "page.html"),
        ),
        ("section", {"type": "posts"}, ("posts/section.html", "section.html", "list.html")),
        ("term", {"type": "tags"}, ("tags/term.html", "term.html", "list.html")),
        ("home", {"type": "page"}, ("page/home.html", "home.html")),
    ],
)
def test_where_a_template_is_looked_for(
    make_place: MakePlace, kind: str, fields: dict[str, Any], names: tuple[str, ...]
) -> None:
    """By layout, then type and kind, then kind, then `list` for lists."""
    place = replace(make_place("/posts/a", kind), **fields)

    assert template_names(place) == names


def test_a_site_s_template_stands_before_the_theme_s(
    make_place: MakePlace, make_index: MakeIndex, render_site: RenderSite, write_template: WriteTemplate
) -> None:
    """A file of the same name in `templates/` wins, and reaches the theme's as `theme/NAME`."""
    write_template("404.html", "<!doctype html><title>{{ page.title }} of {{ site.title }}</title>")
    index = make_index(make_place("/404", "404", url="/404.html", title="Gone"))

    files = render_site(index)

    assert text(files, "404.html") == "<!doctype html><title>Gone of A site</title>"


@pytest.mark.usefixtures("simple")
def test_a_page_has_its_files_beside_it(
    make_place: MakePlace,
    make_index: MakeIndex,
    make_resource: Callable[[str, bytes], Resource],
    render_site: RenderSite,
) -> None:
    """Resources, redirects and static files are published with the page that owns them."""
    resource = make_resource("img/cat.png", b"png")
    place = make_place(
        "/posts/a", resources=(resource,), aliases=(PurePosixPath("old/index.html"), PurePosixPath("x.html"))
    )
    static = make_place("/static", "static", url="", output_path=None)
    index = make_index(
        place, static, static_files=(StaticFile(output_path=PurePosixPath("cv.pdf"), file=resource.file),)
    )

    files = render_site(index, {"/posts/a": "<p>text</p>"})

    assert sorted(files) == [
        "cv.pdf",
        "old/index.html",
        "posts/a/img/cat.png",
        "posts/a/index.html",
        "x.html",
    ]
    assert files["posts/a/img/cat.png"].file == resource.file
    assert files["posts/a/index.html"].owner == "/posts/a"
    assert text(files, "old/index.html") == (
        '<!DOCTYPE html>\n<html lang="en">\n\t<head>\n\t\t<title>https://example.org/blog/posts/a/</title>\n'
        '\t\t<link rel="canonical" href="https://example.org/blog/posts/a/">\n\t\t<meta charset="utf-8">\n'
        '\t\t<meta http-equiv="refresh" content="0; url=https://example.org/blog/posts/a/">\n\t</head>\n</html>\n'
    )


@pytest.mark.usefixtures("simple")
def test_a_list_is_cut_into_pagers(
    config: Config, blog: SiteIndex, render_site: RenderSite, write_template: WriteTemplate
) -> None:
    """The template's call decides how many files there are; the first has a redirect at its number."""
    write_template(
        "section.html",
        "{% set p = page.paginator() %}{{ p.number }}/{{ p.total }} {% for x in p.pages %}{{ x.title }} {% endfor %}"
        "{{ p.previous }} {{ p.next }} {% for x in p.pagers %}{{ x.url }}{{ '*' if x.is_current }} {% endfor %}",
    )

    files = render_site(blog, settings=replace(config, pagination=Pagination(pager_size=2)))

    assert text(files, "posts/index.html").split() == [
        "1/2", "P1", "P2", "/blog/posts/page/2/", "/blog/posts/*", "/blog/posts/page/2/",
    ]  # fmt: skip
    assert text(files, "posts/page/2/index.html").split() == [
        "2/2", "P3", "/blog/posts/", "/blog/posts/", "/blog/posts/page/2/*",
    ]  # fmt: skip
    assert 'url=https://example.org/blog/posts/"' in text(files, "posts/page/1/index.html")
    assert "posts/page/3/index.html" not in files


@pytest.mark.usefixtures("simple")
def test_ugly_urls_keep_a_page_s_files_apart(
    config: Config,
    make_place: MakePlace,
    make_index: MakeIndex,
    make_resource: Callable[[str, bytes], Resource],
    render_site: RenderSite,
    write_template: WriteTemplate,
) -> None:
    """Beside `posts/a.html` lies the folder `posts/a`, for its resources, feeds and pagers."""
    write_template("section.html", "{% set p = page.paginator(size=1) %}{{ p.next }} {{ page.feeds[0].url }}")
    children = [make_place(f"/posts/{name}", parent=PageKey("/posts")) for name in "xy"]
    section = make_place("/posts", "section", url="/posts.html", resources=(make_resource("a.csv", b"1"),))

    files = render_site(make_index(section, *children), settings=replace(config, ugly_urls=True))

    assert text(files, "posts.html") == "/blog/posts/page/2.html /blog/posts/index.xml"
    assert {"posts/a.csv", "posts/page/1.html", "posts/page/2.html", "posts/index.xml"} <= set(files)


@pytest.mark.usefixtures("simple")
def test_an_empty_list_has_one_file(
    make_place: MakePlace, make_index: MakeIndex, render_site: RenderSite, write_template: WriteTemplate
) -> None:
    """Nothing to list is no pager, and no error."""
    write_template("section.html", "{% set p = page.paginator() %}{{ p.total }}{{ p.pages }}{{ p.next }}")

    files = render_site(make_index(make_place("/posts", "section")))

    assert text(files, "posts/index.html") == "0()"


@pytest.mark.usefixtures("simple")
def test_a_list_without_paginator_has_no_pagers(blog: SiteIndex, render_site: RenderSite) -> None:
    """Only a template that asks for it is paginated."""
    files = render_site(blog)

    assert [path for path in files if "/page/" in path] == []


@pytest.mark.usefixtures("simple")
def test_relative_urls_open_from_a_file(
    config: Config, blog: SiteIndex, render_site: RenderSite, write_template: WriteTemplate
) -> None:
    """Every internal link is relative and ends in a file name; foreign ones and text stay."""
    write_template(
        "page.html",
        '<a href="{{ site.home.url }}">h</a><a href="/blog/posts/p2/#x">2</a><img src="/blog/a.png" '
        'srcset="/blog/a.png 1x, /blog/b.png 2x"><a href="https://x.y/">x</a><a href="#t">t</a>'
        '<script src="/blog/s.js">let a = \'<a href="/blog/">\'</script><code>href="/blog/"</code><a href="/other/">',
    )

    files = render_site(blog, settings=replace(config, relative_urls=True))

    assert text(files, "posts/p1/index.html") == (
        '<a href="../../index.html">h</a><a href="../p2/index.html#x">2</a><img src="../../a.png" '
        'srcset="../../a.png 1x, ../../b.png 2x"><a href="https://x.y/">x</a><a href="#t">t</a>'
        '<script src="../../s.js">let a = \'<a href="/blog/">\'</script><code>href="/blog/"</code><a href="/other/">'
    )


@pytest.mark.usefixtures("simple")
def test_redirects_are_relative_too(
    config: Config, make_place: MakePlace, make_index: MakeIndex, render_site: RenderSite
) -> None:
    """The browser goes to the file beside; the canonical address stays absolute."""
    place = make_place("/posts/a", aliases=(PurePosixPath("old/index.html"),))

    files = render_site(make_index(place), settings=replace(config, relative_urls=True))

    assert "0; url=../posts/a/index.html" in text(files, "old/index.html")
    assert 'href="https://example.org/blog/posts/a/"' in text(files, "old/index.html")


@pytest.mark.usefixtures("simple")
def test_the_404_page_links_from_the_root(
    config: Config, make_place: MakePlace, make_index: MakeIndex, render_site: RenderSite
) -> None:
    """It is served at any depth, so nothing in it is relative."""
    index = make_index(make_place("/404", "404", url="/404.html"))

    files = render_site(index, {"/404": '<a href="/blog/">home</a>'}, replace(config, relative_urls=True))

    assert '<a href="/blog/">home</a>' in text(files, "404.html")


@pytest.mark.usefixtures("simple")
def test_home_names_its_generator(blog: SiteIndex, render_site: RenderSite) -> None:
    """As Hugo's home page does, once."""
    files = render_site(blog)

    assert text(files, "index.html").count('<meta name="generator" content="sitegen ') == 1
    assert "generator" not in text(files, "posts/p1/index.html")


@pytest.mark.usefixtures("simple")
def test_a_template_that_fails_names_its_line(
    blog: SiteIndex, render_site: RenderSite, write_template: WriteTemplate
) -> None:
    """The template is the place, the page is related, and the file says so where it is published anyway."""
    write_template("page.html", "<p>\n{{ page.titel }}</p>")

    file = render_site(blog)["posts/p1/index.html"]

    found = file.diagnostics[0]
    assert (found.code, str(found.location)) == ("SG401", "templates/page.html:2:9")
    assert (found.message, found.hint) == ("UndefinedError: `page` has no `titel`", "did you mean `title`?")
    assert [str(place) for place in found.related] == ["content/posts/p1.md"]
    assert file.content is not None
    assert b'class="build-error"' in file.content


@pytest.mark.usefixtures("simple")
def test_a_line_that_fails_is_told_of_each_page(
    blog: SiteIndex, render_site: RenderSite, write_template: WriteTemplate
) -> None:
    """The same place with the same words; the build lists them once."""
    write_template("page.html", "{{ 1 / 0 }}")

    files = render_site(blog)

    told = [found for file in files.values() for found in file.diagnostics]
    assert len(told) == 3
    assert len({(found.location, found.message) for found in told}) == 1


@pytest.mark.parametrize(
    ("template", "place", "words"),
    [
        ("{% if %}", "templates/page.html:1", "TemplateSyntaxError"),
        ("\n{% include 'no.html' %}", "templates/page.html:2", "template `no.html` does not exist"),
        ("{{ asset('no.css') }}", "templates/page.html:1", "no asset `no.css`"),
        ("{{ 1 / 0 }}", "templates/page.html:1", "ZeroDivisionError"),
        ("{{ nosuch.x }}", "templates/page.html:1", "'nosuch' is undefined"),
    ],
)
@pytest.mark.usefixtures("simple")
def test_every_template_error_is_told(
    blog: SiteIndex,
    render_site: RenderSite,
    write_template: WriteTemplate,
    template: str,
    place: str,
    words: str,
) -> None:
    """Syntax, a missing part, a missing asset, an exception: each with file and line."""
    write_template("page.html", template)

    found = render_site(blog)["posts/p1/index.html"].diagnostics[0]

    assert found.code == "SG401"
    assert str(found.location).startswith(place)
    assert words in found.message
    assert found.hint


def test_a_page_without_template_is_told(
    make_place: MakePlace, make_index: MakeIndex, render_site: RenderSite
) -> None:
    """The message says which files would do."""
    odd: Any = "odd"  # no theme has a template for it
    place = replace(make_place("/posts/a"), kind=odd, type="posts")

    found = render_site(make_index(place))["posts/a/index.html"].diagnostics[0]

    assert found.code == "SG402"
    assert found.hint == "add one of `posts/odd.html`, `odd.html` to `templates/`"


def test_what_is_read_is_recorded(config: Config, write_template: WriteTemplate) -> None:
    """Templates found and not found are told, also where they come from the cache."""
    write_template("a.html", "{% include ['no.html', 'b.html'] %}{{ asset('site.css') }}")
    write_template("b.html", "b")
    reads = Reads()
    templates = Templates(config, reads)

    templates.environment.get_template("a.html").render()
    with reads.collected() as noted:
        templates.environment.get_template("a.html").render()

    assert noted == {
        ("template", "a.html", ""), ("template", "no.html", ""), ("template", "b.html", ""), ("asset", "site.css", ""),
    }  # fmt: skip


def test_assets_are_minified_and_named_by_digest(
    config: Config,
    make_place: MakePlace,
    make_index: MakeIndex,
    render_site: RenderSite,
    write_template: WriteTemplate,
) -> None:
    """A site's asset stands in for the theme's of that name."""
    write_template("assets/site.css", "a {\n  color: red;\n}\n")

    files = render_site(make_index(make_place("/assets", "assets", url="", output_path=None)))

    path = next(path for path in files if path.startswith("assets/site.") and path.endswith(".css"))
    assert re.fullmatch(r"assets/site\.[0-9a-f]{8}\.css", path)
    assert text(files, path) == "a{color:red}"


@pytest.fixture
def feeds(config: Config, blog: SiteIndex, render_site: RenderSite, simple: None) -> dict[str, RenderedFile]:
    """The blog's files, with links and a script in the posts."""
    body = '<p>See <a href="/blog/posts/p2/#x">2</a>, <a href="#y">y</a>.</p><img src="a.png"><script>x()</script>'
    settings = replace(config, author=Author(name="Your Name"))
    return render_site(blog, {f"/posts/p{number}": body for number in (1, 2, 3)}, settings)


@pytest.mark.parametrize(
    ("path", "title", "count"),
    [
        ("index.xml", "Home on A site", 3),
        ("feed.xml", "Home on A site", 3),
        ("posts/index.xml", "Posts & notes on A site", 3),
        ("posts/feed.xml", "Posts & notes on A site", 3),
        ("tags/rl/index.xml", "RL on A site", 2),
        ("tags/rl/feed.xml", "RL on A site", 2),
        ("tags/feed.xml", "Tags on A site", 1),
    ],
)
def test_feeds_are_read_without_complaint(
    feeds: dict[str, RenderedFile], path: str, title: str, count: int
) -> None:
    """RSS and Atom of each list are well formed, with titles, absolute links and stable ids."""
    content = feeds[path].content
    assert content is not None

    feed = feedparser.parse(content)

    assert not feed.bozo
    assert feed.feed.title == title
    assert len(feed.entries) == count
    assert all(entry.link.startswith("https://example.org/blog/") for entry in feed.entries)
    assert all(entry.id == entry.link for entry in feed.entries)


def test_atom_has_the_whole_text_for_any_reader(feeds: dict[str, RenderedFile]) -> None:
    """URLs are absolute and scripts are left out."""
    feed = feedparser.parse(feeds["feed.xml"].content, sanitize_html=False)

    assert feed.entries[0].content[0].value == (
        '<p>See <a href="https://example.org/blog/posts/p2/#x">2</a>, '
        '<a href="https://example.org/blog/posts/p1/#y">y</a>.</p><img src="https://example.org/blog/posts/p1/a.png" />'
    )
    assert feed.entries[0].published == "2026-03-03T00:00:00+00:00"
    assert [tag.term for tag in feed.entries[0].tags] == ["RL"]
    assert feed.feed.author == "Your Name"


def test_json_feed_follows_its_version(feeds: dict[str, RenderedFile]) -> None:
    """The members that version 1.1 asks for are there, and no empty ones."""
    feed = json.loads(text(feeds, "posts/feed.json"))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://example.org/blog/posts/feed.json"
    assert feed["home_page_url"] == "https://example.org/blog/posts/"
    assert feed["authors"] == [{"name": "Your Name"}]
    item = feed["items"][0]
    assert item["id"] == item["url"] == "https://example.org/blog/posts/p1/"
    assert item["date_published"] == "2026-03-03T00:00:00+00:00"
    assert "https://example.org/blog/posts/p2/#x" in item["content_html"]
    assert all(item.values())


def test_a_feed_is_limited(config: Config, blog: SiteIndex, render_site: RenderSite, simple: None) -> None:
    """`services.rss.limit` counts for all three."""
    files = render_site(blog, settings=replace(config, rss_limit=1))

    assert len(feedparser.parse(files["index.xml"].content).entries) == 1
    assert len(json.loads(text(files, "feed.json"))["items"]) == 1


def test_pages_name_their_feeds(
    blog: SiteIndex, render_site: RenderSite, write_template: WriteTemplate, simple: None
) -> None:
    """A list's template links to what is rendered beside it."""
    write_template("section.html", "{% for feed in page.feeds %}{{ feed.type }} {{ feed.url }}\n{% endfor %}")

    files = render_site(blog)

    assert text(files, "posts/index.html").splitlines() == [
        "application/rss+xml /blog/posts/index.xml",
        "application/atom+xml /blog/posts/feed.xml",
        "application/feed+json /blog/posts/feed.json",
    ]


def test_sitemap_and_robots(
    make_place: MakePlace, make_index: MakeIndex, render_site: RenderSite, simple: None
) -> None:
    """The sitemap lists each page with its date, and robots.txt names the sitemap."""
    date = datetime(2026, 3, 1, tzinfo=UTC)
    index = make_index(
        make_place("/", "home"),
        make_place("/a b", url="/a%20b/", meta={"date": date, "sitemap": FrozenDict({"priority": 0.5})}),
        make_place("/hidden", meta={"sitemap": FrozenDict({"disable": True})}),
        make_place("/sitemap", "sitemap", url="/sitemap.xml"),
        make_place("/robots", "robotstxt", url="/robots.txt"),
    )

    files = render_site(index)

    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    tree = ElementTree.fromstring(text(files, "sitemap.xml"))
    assert [node.text for node in tree.iter(f"{space}loc")] == [
        "https://example.org/blog/", "https://example.org/blog/a%20b/",
    ]  # fmt: skip
    assert [node.text for node in tree.iter(f"{space}lastmod")] == ["2026-03-01T00:00:00+00:00"]
    assert [node.text for node in tree.iter(f"{space}priority")] == ["0.5"]
    assert text(files, "robots.txt") == "User-agent: *\nSitemap: https://example.org/blog/sitemap.xml\n"
