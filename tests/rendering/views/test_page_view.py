"""What templates see of pages and the site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, MenuEntry, SiteIndex
from sitegen.content.sources import Resource
from sitegen.frozen import FrozenDict
from sitegen.rendering.recorder import Reads
from sitegen.rendering.templating.filters import date
from sitegen.rendering.templating.templates import Templates
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.site_view import SiteView

MakePlace = Callable[..., IndexedPage]


@pytest.fixture
def index(
    make_place: MakePlace,
    make_index: Callable[..., SiteIndex],
    make_resource: Callable[[str, bytes], Resource],
) -> SiteIndex:
    """Home, a section with two posts of one tag, a page, a menu."""
    picture = replace(
        make_resource("a.png", b"1"), label="cover", title="Cover 1", params=FrozenDict({"wide": True})
    )
    first = make_place(
        "/posts/a",
        parent=PageKey("/posts"),
        resources=(picture,),
        meta={
            "link_title": "Short",
            "params": FrozenDict({"hero": True, "by": FrozenDict({"x": 1})}),
        },
    )
    second = make_place("/posts/b", parent=PageKey("/posts"))
    tag = make_place("/tags/rl", "term", parent=PageKey("/tags"), taxonomy="tags", term="rl")
    tags = make_place("/tags", "taxonomy", taxonomy="tags")
    made = make_index(
        make_place("/", "home"),
        make_place("/posts", "section"),
        first,
        second,
        tags,
        tag,
        make_place("/about"),
    )
    entries = tuple(
        MenuEntry(identifier=name, name=name, title="", url=url, page=page, weight=weight)
        for weight, (name, url, page) in enumerate(
            [("home", "/", "/"), ("posts", "/posts/", "/posts"), ("code", "https://x.y/", None)]
        )
        for page in [PageKey(page) if page else None]
    )
    return replace(
        made,
        menus=FrozenDict({"main": entries}),
        neighbours=FrozenDict({first.key: (second.key, None)}),
        page_terms=FrozenDict({first.key: (tag.key,)}),
    )


@pytest.fixture
def site(index: SiteIndex, config: Config) -> SiteView:
    """The view of the index, before anything is composed."""
    return SiteView(index, config)


def page(site: SiteView, key: str) -> PageView:
    """A page's view."""
    found = site.view(PageKey(key))
    assert found is not None
    return found


def test_where_a_page_stands(site: SiteView) -> None:
    """Parents, children, neighbours and terms are views of pages."""
    post = page(site, "/posts/a")

    assert post.parent == page(site, "/posts")
    assert [ancestor.key for ancestor in post.ancestors] == ["/", "/posts"]
    assert [child.key for child in page(site, "/posts").regular_pages] == ["/posts/a", "/posts/b"]
    assert [child.key for child in page(site, "/").regular_pages] == ["/about"]
    assert [child.key for child in page(site, "/").regular_pages_recursive] == [
        "/posts/a",
        "/posts/b",
        "/about",
    ]
    assert [section.key for section in site.sections] == ["/posts"]
    assert (post.older, post.newer) == (page(site, "/posts/b"), None)
    assert {plural: [term.key for term in terms] for plural, terms in post.terms.items()} == {
        "tags": ["/tags/rl"]
    }
    assert [term.key for term in site.taxonomies["tags"]] == ["/tags/rl"]


def test_what_a_page_says_before_it_is_composed(site: SiteView) -> None:
    """Shortcodes see the front matter."""
    post = page(site, "/posts/a")

    assert (post.title, post.link_title, page(site, "/posts/b").link_title) == ("A", "Short", "B")
    assert post.url == "/blog/posts/a/"
    assert post.permalink == "https://example.org/blog/posts/a/"
    assert post.summary == ""
    assert post.provenance is None


def test_resources_have_their_given_names(site: SiteView) -> None:
    """What the front matter's `resources` say of a file is what a template reads; its URL keeps its name."""
    resource = page(site, "/posts/a").resources[0]

    assert (resource.name, resource.title, resource.url, resource.media_type) == (
        "cover", "Cover 1", "/blog/posts/a/a.png", "image/png",
    )  # fmt: skip
    assert resource.params["wide"] is True


def test_menus_know_where_the_reader_is(site: SiteView) -> None:
    """An entry is active on its page and below it; home only on home; a menu nobody defines is empty."""
    home, posts, code = site.menus["main"]

    assert [entry.is_active(page(site, "/posts/a")) for entry in (home, posts, code)] == [False, True, False]
    assert [entry.is_active(page(site, "/")) for entry in (home, posts, code)] == [True, False, False]
    assert (posts.url, code.url) == ("/blog/posts/", "https://x.y/")
    assert site.menus["footer"] == ()


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ page.params.hero }}", "True"),
        ("{{ page.params.HERO }}{{ page.params['Hero'] }}", "TrueTrue"),
        ("{{ page.params.by.x }}", "1"),
        ("[{{ page.params.nope }}]", "[]"),
        ("{% if page.params.nope.deeper %}x{% endif %}", ""),
        ("{{ page.params.nope | default('d') }}{{ page.params.get('nope', 'e') }}", "de"),
        ("{{ 'hero' in page.params }}{{ 'nope' in page.params }}", "TrueFalse"),
        ("[{{ page.date }}{{ page.newer }}]", "[]"),
        ("{{ '/posts/' | url }} {{ url('/x/') | absolute }}", "/blog/posts/ https://example.org/blog/x/"),
        ("{{ '*a*' | markdownify }} {{ '<b>a</b>' | plain }} {{ 0.123456 | number }}", "<em>a</em> a 0.1235"),
        ("{{ {'a': '</script>'} | jsonify }}", '{"a": "\\u003c/script\\u003e"}'),
        ("{{ site.get_page('b').title }}{{ site.get_page('/nope') }}", "B"),
        ("{{ '<' ~ page.title }}", "&lt;A"),
    ],
)
def test_what_a_template_may_write(config: Config, site: SiteView, template: str, text: str) -> None:
    """Parameters that are missing are empty, None prints nothing, text is escaped."""
    compiled = Templates(config).environment.from_string(template)

    assert compiled.render(page=page(site, "/posts/a"), site=site) == text


def test_dates_have_no_leading_zero_where_asked() -> None:
    """`%-d` on every platform."""
    day = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)

    assert date(day, "%B %-d, %Y %-I:%M") == "March 4, 2026 5:06"
    assert date(None) == ""


def test_every_field_that_is_read_is_recorded(index: SiteIndex, config: Config) -> None:
    """By page and field, so that a change of another field renders nothing again."""
    reads = Reads()
    site = SiteView(index, config, recorder=reads)
    post: Any = page(site, "/posts/a")

    with reads.collected() as noted:
        _ = (post.date, post.params["hero"], site.home, site.params.get("x"))

    assert noted == {
        ("page", "/posts/a", "date"), ("page", "/posts/a", "params.hero"), ("site", "", "home"),
        ("setting", "", "params.x"),
    }  # fmt: skip
