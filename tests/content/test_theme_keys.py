"""Front matter of another kind, and keys that are misspelt: what is told, where, and what is the author's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.content.index import SiteIndex
from sitegen.content.theme_keys import _looked_at

Index = Callable[..., SiteIndex]
SERIES = '[taxonomies]\nseries = "series"\n'


def _told(index: SiteIndex) -> list[tuple[str, str, str]]:
    return [(each.code, str(each.location), each.message) for each in index.diagnostics]


@pytest.mark.parametrize(
    ("path", "line", "said"),
    [
        ("posts/a.md", "toc = 'no'", '`toc` is the text "no", not `true` or `false`'),
        ("posts/a.md", "cite = 1", "`cite` is the number 1, not `true` or `false`"),
        ("posts/a.md", "search = 'false'", '`search` is the text "false", not'),
        ("posts/a.md", "related_shown = 'many'", "not a whole number"),
        ("posts/a.md", "related_shown = -1", "not a whole number"),
        ("posts/a.md", "series_part = 'two'", '`series_part` is the text "two", not a number'),
        ("posts/a.md", "series_part = true", "`series_part` is `true`, not a number"),
        ("posts/a.md", "footnotes = 'side'", "not `margin` or `end`"),
        ("posts/a.md", "citations = 'numbers'", "not `author-year` or `numeric`"),
        ("posts/a.md", "project = 5", "not a text or a list of texts"),
        ("posts/a.md", "papers = ['a', 5]", "`papers` is a list, not a text or a list of texts"),
        ("posts/a.md", "headline_metrics = { a = 1 }", "`headline_metrics` is a table, not"),
        ("posts/a.md", "links = 'https://example.org'", "not a list of tables"),
        ("posts/a.md", "links = ['x']", 'an entry of `links` is the text "x"; it is left out'),
        ("posts/a.md", "links = [{ name = 'x' }]", "an entry of `links` is a table without `url`"),
        ("posts/a.md", "translations = 'de'", "`translations` is the text"),
        ("posts/a.md", "slides = ['a.pdf']", "`slides` is a list, not an address or the name of a file"),
        ("posts/a.md", "video = 5", "`video` is the number 5, not"),
        ("posts/a.md", "image = ['a.png']", "`image` is a list, not the path of a picture"),
        ("posts/a.md", "lang = 'not a tag'", "not the tag of a language"),
        ("posts/a.md", "authors = [5]", "`authors` is a list, not a name or a list of names and tables"),
        ("posts/a.md", "license = 4", "`license` is the number 4, not the name of a licence"),
        ("posts/a.md", "canonical = 'example.org'", "not an address"),
        ("talks/a.md", "event = ['a', 'b']", "`event` is a list, not text"),
        ("talks/a.md", "event_url = 'nothing'", "`event_url` is the text \"nothing\", not an address"),
        ("projects/a.md", "category = ['a']", "`category` is a list, not text"),
        ("projects/a.md", "featured = 'yes'", "`featured` is the text"),
        ("news/a.md", "link = 'example'", "`link` is the text"),
        ("deck.md", "type = 'slides'\nslide-level = 7", "not a whole number from 0 to 6"),
        ("cv.md", "type = 'cv'\nresume = 5", "`resume` is the number 5, not text"),
        ("_index.md", "projects_shown = 'all'", "not a whole number"),
        ("_index.md", "headline = 5", "`headline` is the number 5, not text"),
        ("posts/_index.md", "pagerSize = 'ten'", "`pagersize` is the text"),
        ("posts/_index.md", "group_by = 'day'", "not `year` or `month` or `none`"),
        ("tags/_index.md", "order = 'size'", "`order` is the text \"size\", not `count`"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_told(index_site: Index, path: str, line: str, said: str) -> None:
    """A warning at the key, whatever the page's type reads of it."""
    index = index_site({f"content/{path}": f"+++\n{line}\n+++\n", "data/resume.json": "{}", "data/5": "{}"})

    (told,) = [each for each in index.diagnostics if each.code == "SG111"]
    assert told.severity == "warning"
    assert told.location is not None
    assert (told.location.line, told.location.column) >= (2 + line.count("\n"), 1)
    assert said in told.message
    assert told.hint


@pytest.mark.parametrize(
    ("path", "line", "message", "hint"),
    [
        ("projects/a.md", "headline_metric = ['a']", "`headline_metric` is no key of the theme", "`headline_metrics`"),
        ("projects/a.md", "categroy = 'x'", "`categroy` is no key of the theme", "`category`"),
        ("talks/a.md", "evnt = 'x'", "`evnt` is no key of the theme", "`event`"),
        ("talks/a.md", "event-url = 'x'", "`event-url` is no key of the theme", "`event_url`"),
        ("posts/a.md", "series-part = 2", "`series-part` is no key of the theme", "`series_part`"),
        ("posts/a.md", "darft = true", "`darft` is no key of the theme", "`draft`"),
        ("posts/a.md", "desciption = 'x'", "`desciption` is no key of the theme", "`description`"),
        ("deck.md", "type = 'slides'\nslide_level = 2", "`slide_level` is no key of the theme", "`slide-level`"),
        ("_index.md", "bolcks = ['hero']", "`bolcks` is no key of the theme", "`blocks`"),
        ("posts/_index.md", "goup_by = 'month'", "`goup_by` is no key of the theme", "`group_by`"),
        ("posts/_index.md", "outputs = ['html', 'jsonfed']", "`outputs` has `jsonfed`, which is no feed", "`jsonfeed`"),
        ("deck.md", "type = 'slide'", "the theme has no pages of the type `slide`", "`slides`"),
        ("posts/a.md", "series = ['One']", "`series` is none of the site's taxonomies", "[taxonomies]"),
    ],
)  # fmt: skip
def test_a_slip_is_told(index_site: Index, path: str, line: str, message: str, hint: str) -> None:
    """With what was meant; a page of the type is as if nothing were written there."""
    index = index_site({f"content/{path}": f"+++\n{line}\n+++\n"})

    (told,) = index.diagnostics
    assert (told.code, told.severity) == ("SG417", "warning")
    assert told.location is not None
    assert told.location.line == 2 + line.count("\n")
    assert message in told.message
    assert hint in (told.hint or "")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "posts/a.md",
            "toc = false\ncite = true\nseries = ['One']\nseries_part = 2\nrelated_shown = 0\nlang = 'ar'",
        ),
        (
            "posts/a.md",
            "events = 1\nvenue = [1]\nfeatured = 'yes'\ncategory = ['a']\nmodel = 'gpt-2'\nvideos = ['a']",
        ),
        ("posts/a.md", "citys = 1\nrank = 3\nshade = 'x'\nlinkedin = 'me'\n[params]\nbolcks = 1\nevnt = 2"),
        (
            "posts/a.md",
            "image = { caption = 'x' }\nlink = 'x'\naudio = true\ncomments = 'x'\nlicense = false",
        ),
        (
            "projects/a.md",
            "category = 'a'\nfeatured = true\nlinks = [{ name = 'x', url = '/' }]\nheadline_metrics = 'a/b'",
        ),
        (
            "talks/a.md",
            "event = 2026\nvenue = 'x'\nevent_url = 'https://example.org'\nslides = 'https://example.org/a'",
        ),
        ("_index.md", "blocks = ['hero']\nposts_shown = 2\nheadline = 'x'\nitems = 3"),
        ("posts/_index.md", "pagerSize = 3\ngroup_by = 'none'\noutputs = ['html', 'amp']"),
        ("slide/a.md", "type = 'slide'"),
    ],
)
def test_what_is_meant_is_not_told(index_site: Index, path: str, text: str) -> None:
    """Right values, keys of other types and themes, and whatever stands under `params`."""
    assert _told(index_site({f"content/{path}": f"+++\n{text}\n+++\n"}, SERIES)) == []


def test_a_place_is_that_of_the_key_or_of_what_is_in_it(index_site: Index) -> None:
    """In TOML and YAML, in a table of its own, in a notebook's cell."""
    notebook = '{"cells": [{"cell_type": "raw", "metadata": {}, "source": "---\\ntoc: maybe\\n---\\n"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    index = index_site(
        {
            "content/a.md": "+++\ntitle = 'A'\n[translations]\n  de = 5\n+++\n",
            "content/b.md": "---\nlinks:\n  - name: x\n    url: /\n  - nothing\ntoc: maybe\n---\n",
            "content/c.md": "+++\n[params]\ntoc = 'maybe'\n+++\n",
            "content/d.ipynb": notebook,
        }
    )

    assert [place for _, place, _ in _told(index)] == [
        "content/a.md:4:3",
        "content/b.md:2:1",
        "content/b.md:6:1",
        "content/c.md:3:1",
        "content/d.ipynb:cell 1:line 2",
    ]


def test_drafts_and_types_of_the_site_are_not_told(index_site: Index) -> None:
    """A page that is not built may be half written; templates of the site make a type."""
    draft = {"content/a.md": "+++\ndraft = true\ntoc = 'maybe'\n+++\n"}
    own = {"content/a.md": "+++\ntype = 'slide'\n+++\n", "templates/slide/page.html": "x"}

    assert _told(index_site(draft)) == []
    assert _told(index_site(own)) == []


def test_pages_of_one_pattern_are_looked_at_once(index_site: Index) -> None:
    """What keys mean is asked once for all pages that have the same ones: four times the pages cost no more of it."""

    def misses(count: int) -> int:
        _looked_at.cache_clear()
        index_site({f"content/posts/{n}.md": "+++\nmine = 1\ntoc = true\n+++\n" for n in range(count)})
        return _looked_at.cache_info().misses

    assert misses(3) == misses(12)
