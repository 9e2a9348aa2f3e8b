"""Front matter that sections hand down."""

from __future__ import annotations

from collections.abc import Callable

from sitegen.content.document import PageKey
from sitegen.content.site import IndexedPage, SiteIndex

Index = Callable[..., SiteIndex]


def at(index: SiteIndex, key: str) -> IndexedPage:
    """The page with this key."""
    return index.pages[PageKey(key)]


def test_nearest_wins_and_own_values_stand(index_site: Index) -> None:
    """A page's own value beats its section's, which beats home's, which beats the site's."""
    index = index_site(
        {
            "content/_index.md": "---\ncascade: {params: {home: h, both: h}}\n---\n",
            "content/s/_index.md": "---\ncascade: {type: special, params: {both: s, own: s}}\n---\n",
            "content/s/a.md": "---\nown: mine\n---\n",
            "content/b.md": "---\ntitle: B\n---\n",
        },
        "[cascade.params]\nsite = 'x'\nhome = 'x'\n",
    )
    assert at(index, "/s/a").meta.params == {"site": "x", "home": "h", "both": "s", "own": "mine"}
    assert (at(index, "/s/a").type, at(index, "/s").type, at(index, "/b").type) == (
        "special",
        "special",
        "page",
    )
    assert at(index, "/b").meta.params == {"site": "x", "home": "h", "both": "h"}


def test_targets(index_site: Index) -> None:
    """A table holds for the pages that its `target` names, by path, kind and environment."""
    index = index_site(
        {
            "content/_index.md": (
                "---\ncascade:\n- {target: {path: '/s/*'}, a: 1}\n- {target: {kind: '{page,term}'}, b: 1}\n"
                "- {_target: {environment: staging}, c: 1}\n---\n"
            ),
            "content/s/x.md": "---\ntags: [t]\n---\n",
            "content/y.md": "---\ntitle: Y\n---\n",
        }
    )
    found = {key: dict(at(index, key).meta.params) for key in ("/s/x", "/y", "/s", "/tags/t")}
    assert found == {"/s/x": {"a": 1, "b": 1}, "/y": {"b": 1}, "/s": {}, "/tags/t": {"b": 1}}


def test_dates_and_drafts_cascade(index_site: Index) -> None:
    """What is handed down counts as if it were written on the page."""
    index = index_site(
        {
            "content/s/_index.md": "---\ndraft: false\ncascade: {draft: true, date: 2020-01-01}\n---\n",
            "content/s/a.md": "---\ntitle: A\n---\n",
            "content/s/b.md": "---\ndraft: false\n---\n",
        }
    )
    assert index.skipped.drafts == 1
    assert str(at(index, "/s/b").date)[:10] == str(at(index, "/s/b").meta.publish_date)[:10] == "2020-01-01"


def test_title_cascades_without_replacing_a_link_title(index_site: Index) -> None:
    """A page's own short title stays."""
    index = index_site(
        {
            "content/s/_index.md": "---\ntitle: S\ncascade: {title: T}\n---\n",
            "content/s/a.md": "---\nlinkTitle: short\n---\n",
            "content/s/b.md": "---\nweight: 1\n---\n",
        }
    )
    assert (at(index, "/s/a").title, at(index, "/s/a").meta.link_title) == ("T", "short")
    assert (at(index, "/s/b").title, at(index, "/s/b").meta.link_title) == ("T", "T")


def test_terms_cascade(index_site: Index) -> None:
    """A section may tag its pages."""
    index = index_site(
        {"content/s/_index.md": "---\ncascade: {tags: [t]}\n---\n", "content/s/a.md": "---\n---\n"}
    )
    assert "/s/a" in index.children[PageKey("/tags/t")]


def test_execution_is_layered(index_site: Index) -> None:
    """The page's `execute` lies over its section's over the site's; only the page's own turns cells on."""
    index = index_site(
        {
            "content/s/_index.md": "---\ncascade: {execute: {seed: 2, kernel: other}}\n---\n",
            "content/s/a.md": "---\nexecute: {seed: 3, parameters: {Rate: 0.1}}\n---\n",
            "content/s/b.md": "---\ntitle: B\n---\n",
            "content/s/c.md": "---\nexecute: false\n---\n",
        },
        "[execute]\ntimeout = 9\n",
    )
    page = at(index, "/s/a").execution
    assert (page.enabled, page.seed, page.kernel) == (True, 3, "other")
    assert page.parameters == {"Rate": 0.1}
    assert page.cell_defaults["timeout"] == 9
    assert (at(index, "/s/b").execution.enabled, at(index, "/s/b").execution.seed) == (None, 2)
    assert at(index, "/s/c").execution.enabled is False


def test_mistake_in_execute_has_its_line(index_site: Index) -> None:
    """An unknown key is reported where `execute` is written; once, though pages inherit it."""
    index = index_site(
        {
            "content/s/_index.md": "---\ntitle: S\ncascade: {execute: {sed: 2}}\n---\n",
            "content/s/a.md": "---\n---\n",
            "content/s/b.md": "---\n---\n",
        }
    )
    assert [(found.code, str(found.location)) for found in index.diagnostics] == [
        ("SG215", "content/s/_index.md:3:11")
    ]


def test_mistake_in_a_cascade_is_reported_once(index_site: Index) -> None:
    """At its place in the `cascade`, however many pages inherit it."""
    index = index_site(
        {
            "content/s/_index.md": "---\ntitle: S\ncascade: {weight: heavy}\n---\n",
            **{f"content/s/{name}.md": "---\n---\n" for name in "abc"},
        }
    )
    assert [(found.code, str(found.location)) for found in index.diagnostics] == [
        ("SG111", "content/s/_index.md:3:11")
    ]
