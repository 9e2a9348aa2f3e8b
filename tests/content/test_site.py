"""The index of a site: kinds, sections, lists, order, dates, URLs."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

import pytest

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.folders import walk_content
from sitegen.content.site import SiteIndex, build_index
from sitegen.content.sources import discover

NOTEBOOK = '{"nbformat": 4, "metadata": {}, "cells": []}'
Index = Callable[..., SiteIndex]


def page(**fields: object) -> str:
    """A page with these fields in its front matter."""
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "---\nBody\n"


def keys(index: SiteIndex, key: str) -> list[str]:
    """A list page's pages."""
    return list(index.children[PageKey(key)])


def codes(index: SiteIndex) -> list[str]:
    """The codes of what is wrong."""
    return [found.code for found in index.diagnostics]


TREE: Mapping[str, str] = {
    "content/_index.md": page(title="Home"),
    "content/about/index.md": page(title="About"),
    "content/contact.md": page(title="Contact"),
    "content/posts/a.md": page(title="A", date="2024-01-01"),
    "content/posts/sub/deep/b.md": page(title="B", date="2024-02-01"),
    "content/docs/_index.md": page(title="Docs"),
    "content/docs/guide/_index.md": page(title="Guide"),
    "content/docs/guide/c.md": page(title="C"),
}


def test_kinds_and_sections(index_site: Index) -> None:
    """Top-level folders are sections, deeper ones only with `_index.md`, a leaf bundle is a page."""
    index = index_site(TREE)
    found = {key: (entry.kind, entry.section, entry.type) for key, entry in index.pages.items()}
    assert found[PageKey("/")] == ("home", "", "page")
    assert found[PageKey("/about")] == ("page", "", "page")
    assert found[PageKey("/posts")] == ("section", "posts", "posts")
    assert found[PageKey("/docs/guide")] == ("section", "docs", "docs")
    assert found[PageKey("/posts/sub/deep/b")] == ("page", "posts", "posts")
    assert "/posts/sub" not in index.pages


def test_parents_and_children(index_site: Index) -> None:
    """A page belongs to the nearest section above it; home has its pages and the top-level sections."""
    index = index_site(TREE)
    assert index.pages[PageKey("/posts/sub/deep/b")].parent == "/posts"
    assert index.pages[PageKey("/docs/guide/c")].parent == "/docs/guide"
    assert keys(index, "/posts") == ["/posts/sub/deep/b", "/posts/a"]
    assert keys(index, "/docs") == ["/docs/guide"]
    assert keys(index, "/") == ["/posts", "/about", "/contact", "/docs"]


def test_urls_and_outputs(index_site: Index) -> None:
    """A page is a folder with an index file."""
    index = index_site(TREE)
    found = index.pages[PageKey("/posts/sub/deep/b")]
    assert (found.url, found.output_path) == (
        "/posts/sub/deep/b/",
        PurePosixPath("posts/sub/deep/b/index.html"),
    )
    assert index.pages[PageKey("/")].output_path == PurePosixPath("index.html")


def test_automatic_titles(index_site: Index) -> None:
    """List pages without a file are named by folder and configuration; a file without a title has none."""
    index = index_site(
        {"content/video-game/a.md": page(draft="false"), "content/lab/_index.md": page(weight=1)}
    )
    assert index.pages[PageKey("/")].title == "Site"
    assert index.pages[PageKey("/video-game")].title == "Video-Games"
    assert index.pages[PageKey("/tags")].title == "Tags"
    assert index.pages[PageKey("/lab")].title == ""
    assert index.pages[PageKey("/video-game/a")].title == ""


def test_order(index_site: Index) -> None:
    """Weight before none, then the newest, then titles without regard to case and accents, then paths."""
    index = index_site(
        {
            "content/p/heavy.md": page(weight=10),
            "content/p/light.md": page(weight=-1),
            "content/p/new.md": page(date="2024-02-01", title="z"),
            "content/p/old.md": page(date="2023-02-01", title="a"),
            "content/p/b.md": page(title="banana"),
            "content/p/e.md": page(title="Éclair"),
            "content/p/f.md": page(title="fig"),
            "content/p/a2.md": page(title="Apple"),
            "content/p/a1.md": page(title="Apple"),
        }
    )
    assert [key.removeprefix("/p/") for key in keys(index, "/p")] == [
        *("light", "heavy", "new", "old", "a1", "a2", "b", "e", "f"),
    ]


def test_neighbours(index_site: Index) -> None:
    """(older, newer) within the section; the ends have none."""
    index = index_site({f"content/p/{year}.md": page(date=f"{year}-01-01") for year in (2021, 2022, 2023)})
    assert index.neighbours[PageKey("/p/2022")] == ("/p/2021", "/p/2023")
    assert index.neighbours[PageKey("/p/2023")] == ("/p/2022", None)
    assert index.neighbours[PageKey("/p/2021")] == (None, "/p/2022")


def test_list_dates_are_their_newest_pages(index_site: Index) -> None:
    """A list page without a date has the newest below it; one with a date keeps it, and hides nothing below it."""
    index = index_site(
        {
            "content/a/_index.md": page(title="A"),
            "content/a/sub/_index.md": page(title="Sub"),
            "content/a/sub/x.md": page(date="2024-03-01", tags="[t]"),
            "content/b/_index.md": page(date="2000-01-01"),
            "content/b/y.md": page(date="2024-05-01"),
            "content/c/z.md": page(title="no date"),
        }
    )
    dates = {
        key: str(index.pages[PageKey(key)].date)[:10]
        for key in ("/", "/a", "/a/sub", "/b", "/c", "/tags/t", "/tags")
    }
    assert dates == {
        "/": "2024-05-01",
        "/a": "2024-03-01",
        "/a/sub": "2024-03-01",
        "/b": "2000-01-01",
        "/c": "None",
        "/tags/t": "2024-03-01",
        "/tags": "2024-03-01",
    }


def test_skipped_pages_are_counted(index_site: Index) -> None:
    """Drafts, future and expired pages are left out; a page counts once; all sources stay known."""
    files = {
        "content/a.md": page(draft="true", date="2030-01-01"),
        "content/b.md": page(date="2030-01-01"),
        "content/c.md": page(expiryDate="2025-01-01"),
        "content/d.md": page(expiryDate="2030-01-01"),
    }
    index = index_site(files)
    assert (index.skipped.drafts, index.skipped.future, index.skipped.expired) == (1, 1, 1)
    assert list(index.regular) == ["/d"]
    assert len(index.all_sources) == 4
    everything = index_site(files, "buildDrafts = true\nbuildFuture = true\nbuildExpired = true\n")
    assert len(everything.regular) == 4


def test_draft_section_leaves_its_pages(index_site: Index) -> None:
    """The section's page is gone, its pages stay where they are and belong to the section above."""
    index = index_site({"content/s/_index.md": page(draft="true"), "content/s/a.md": page(title="A")})
    assert "/s" not in index.pages
    assert (index.pages[PageKey("/s/a")].parent, index.pages[PageKey("/s/a")].url) == ("/", "/s/a/")


def test_headless_page(index_site: Index) -> None:
    """Neither rendered nor listed, but there."""
    index = index_site({"content/p/x/index.md": page(headless="true", tags="[t]"), "content/p/y.md": page()})
    found = index.pages[PageKey("/p/x")]
    assert (found.url, found.output_path) == ("", None)
    assert keys(index, "/p") == ["/p/y"]
    assert "/tags/t" not in index.pages
    assert "/p/x" not in index.regular


def test_build_options(index_site: Index) -> None:
    """`render: link` has a URL and no file; `list: local` is in its section's list alone."""
    index = index_site(
        {
            "content/p/link.md": page(build="{render: link}"),
            "content/p/local.md": page(build="{list: local}"),
        }
    )
    link = index.pages[PageKey("/p/link")]
    assert (link.url, link.output_path) == ("/p/link/", None)
    assert "/p/local" in keys(index, "/p")
    assert "/p/local" not in index.regular


def test_two_pages_with_one_url(index_site: Index) -> None:
    """The error names both; the first keeps the URL and only it is rendered."""
    index = index_site({"content/a.md": page(slug="x"), "content/b.md": page(title="B", slug="x")})
    assert codes(index) == ["SG115"]
    assert "`content/a.md` and `content/b.md`" in index.diagnostics[0].message
    assert str(index.diagnostics[0].location) == "content/b.md:3:1"
    assert index.pages[PageKey("/a")].output_path == PurePosixPath("x/index.html")
    assert index.pages[PageKey("/b")].output_path is None


def test_two_files_that_are_one_page(index_site: Index) -> None:
    """A file and a bundle of the same name are one key."""
    index = index_site({"content/a.md": page(title="file"), "content/a/index.md": page(title="bundle")})
    assert codes(index) == ["SG115"]
    assert len([key for key in index.pages if key == "/a"]) == 1


def test_section_slugs_reach_all_below(index_site: Index) -> None:
    """A section's slug is its folder's name in every URL below it."""
    index = index_site(
        {
            "content/a/_index.md": page(slug="a-slug"),
            "content/a/b/_index.md": page(slug="b-slug"),
            "content/a/b/p.md": page(title="P", tags="[q]"),
            "content/tags/_index.md": page(slug="topics"),
        }
    )
    urls = {key: index.pages[PageKey(key)].url for key in ("/a", "/a/b", "/a/b/p", "/tags/q")}
    assert urls == {
        "/a": "/a-slug/",
        "/a/b": "/a-slug/b-slug/",
        "/a/b/p": "/a-slug/b-slug/p/",
        "/tags/q": "/topics/q/",
    }


def test_ugly_urls(index_site: Index) -> None:
    """Pages and terms are files, lists stay folders, aliases follow."""
    index = index_site(
        {"content/p/a.md": page(tags="[t]", aliases="[/old]")},
        "uglyURLs = true\n",
    )
    found = {
        key: str(index.pages[PageKey(key)].output_path) for key in ("/", "/p", "/p/a", "/tags", "/tags/t")
    }
    assert found == {
        "/": "index.html",
        "/p": "p/index.html",
        "/p/a": "p/a.html",
        "/tags": "tags/index.html",
        "/tags/t": "tags/t.html",
    }
    assert index.pages[PageKey("/p/a")].aliases == (PurePosixPath("old.html"),)


def test_permalink_patterns(index_site: Index) -> None:
    """By kind and section; `/` is for pages at the root; terms take theirs."""
    index = index_site(
        {
            "content/blog/_index.md": page(slug="bh"),
            "content/blog/x.md": page(title="My Post", date="2024-07-01", tags="[ML]"),
            "content/x.md": page(title="Root"),
        },
        "[permalinks.page]\nblog = '/:year/:title/'\n'/' = '/root/:slug/'\n"
        "[permalinks.section]\nblog = '/b/:slug/'\n[permalinks.term]\ntags = '/topics/:slug/'\n",
    )
    urls = {key: index.pages[PageKey(key)].url for key in ("/blog", "/blog/x", "/x", "/tags/ml")}
    assert urls == {
        "/blog": "/b/bh/",
        "/blog/x": "/2024/my-post/",
        "/x": "/root/root/",
        "/tags/ml": "/topics/ml/",
    }


def test_unknown_permalink_token(index_site: Index) -> None:
    """An error that lists the tokens; the page keeps its default URL."""
    index = index_site({"content/p/a.md": page()}, "[permalinks.page]\np = '/:foo/'\n")
    assert codes(index) == ["SG116"]
    assert index.pages[PageKey("/p/a")].url == "/p/a/"


def test_unusable_url_and_aliases(index_site: Index) -> None:
    """Addresses elsewhere are errors at their lines."""
    index = index_site({"content/a.md": page(url="https://example.org/", aliases="[/, /ok]")})
    assert [(found.code, str(found.location)) for found in index.diagnostics] == [
        ("SG117", "content/a.md:2:1"),
        ("SG117", "content/a.md:3:1"),
    ]
    assert index.pages[PageKey("/a")].aliases == (PurePosixPath("ok/index.html"),)


def test_addresses_too_long_for_a_file(index_site: Index) -> None:
    """A slug, a term or an alias that can be no file's name is told at its line; all other pages are published."""
    index = index_site(
        {
            "content/a.md": page(slug="é" * 128, aliases=f"[/{'y' * 256}/, /old/]"),
            "content/b.md": page(slug="x" * 255, tags=f"[{'t' * 256}]"),
        }
    )

    found = {(each.code, str(each.location)) for each in index.diagnostics}
    assert found == {("SG117", "content/a.md:2:1"), ("SG117", "content/a.md:3:1"), ("SG117", "None")}
    assert index.pages[PageKey("/a")].output_path is None
    assert index.pages[PageKey("/b")].output_path == PurePosixPath("x" * 255, "index.html")


def test_no_page_takes_the_place_of_the_home_page(index_site: Index) -> None:
    """A page without a title has the site's root where a pattern has titles alone: an error, and home stays."""
    index = index_site(
        {"content/posts/a.md": "---\ndraft: false\n---\n"}, "[permalinks]\nposts = '/:title/'\n"
    )

    assert [(found.code, found.severity) for found in index.diagnostics] == [("SG115", "error")]
    assert index.pages[PageKey("/")].output_path == PurePosixPath("index.html")
    assert index.pages[PageKey("/posts/a")].output_path is None


def test_own_address_as_alias(index_site: Index) -> None:
    """It asks for nothing: no redirect, and nothing to tell."""
    index = index_site({"content/a.md": page(aliases="[/a/, /old/]")})

    assert index.diagnostics == ()
    assert index.pages[PageKey("/a")].aliases == (PurePosixPath("old/index.html"),)


def test_alias_that_is_a_page(index_site: Index) -> None:
    """A redirect never replaces a page; of two redirects from one place the last page's counts, as in Hugo."""
    index = index_site(
        {
            "content/a.md": page(aliases="[/b, /old]"),
            "content/b.md": page(title="B"),
            "content/c.md": page(aliases="[/old]"),
        }
    )
    assert [(found.code, found.severity) for found in index.diagnostics] == [("SG115", "warning")] * 2
    assert {str(found.location) for found in index.diagnostics} == {"content/a.md:2:1"}
    assert index.pages[PageKey("/a")].aliases == ()
    assert index.pages[PageKey("/c")].aliases == (PurePosixPath("old/index.html"),)


def test_aliases_can_be_turned_off(index_site: Index) -> None:
    """Hugo's `disableAliases`."""
    index = index_site({"content/a.md": page(aliases="[/old]")}, "disableAliases = true\n")
    assert index.pages[PageKey("/a")].aliases == ()


def test_standalone_pages(index_site: Index) -> None:
    """404, sitemap, robots.txt, assets and static files join the line as pages of no list."""
    index = index_site({"content/a.md": page()})
    found = {entry.kind: (entry.url, entry.output_path) for entry in index.pages.values()}
    assert found["404"] == ("/404.html", PurePosixPath("404.html"))
    assert found["sitemap"] == ("/sitemap.xml", PurePosixPath("sitemap.xml"))
    assert found["robotstxt"] == ("/robots.txt", PurePosixPath("robots.txt"))
    assert found["assets"] == found["static"] == ("", None)


def test_disabled_kinds(index_site: Index) -> None:
    """Pages of a kind that is turned off are not there."""
    config = 'disableKinds = ["taxonomy", "term", "404", "sitemap"]\nenableRobotsTXT = false\nenableLlmsTxt = false\n'
    index = index_site({"content/p/a.md": page(tags="[t]")}, config)
    assert {entry.kind for entry in index.pages.values()} == {"home", "section", "page", "assets", "static"}
    assert index.page_terms[PageKey("/p/a")] == ()


def test_language_suffix(index_site: Index) -> None:
    """The site's own language in a file's name is no part of the URL; other dots are."""
    index = index_site(
        {"content/a.en.md": page(), "content/v1.2.3-notes.md": page(), "content/b.de.md": page()}
    )
    assert {"/a", "/v1.2.3-notes", "/b.de"} <= set(index.pages)


def test_notebooks_that_cannot_be_read_are_named(index_site: Index) -> None:
    """A file that is no notebook is an error and keeps its place; beside a leaf bundle's page it is a resource."""
    index = index_site(
        {
            "content/lone.ipynb": "{}",
            "notebooks/ppo.ipynb": "{}",
            "content/posts/a/index.md": "# A",
            "content/posts/a/own.ipynb": "{}",
        }
    )
    named = {(found.code, str(found.location)) for found in index.diagnostics}
    assert named == {("SG107", "content/lone.ipynb"), ("SG107", "notebooks/ppo.ipynb")}
    assert {"/lone", "/notebooks/ppo"} <= set(index.pages)
    assert [str(resource.name) for resource in index.pages[PageKey("/posts/a")].resources] == ["own.ipynb"]


def test_the_notebook_folder(index_site: Index) -> None:
    """Notebooks and percent scripts are pages of its section, at any depth; of other files only media are published."""
    index = index_site(
        {
            "notebooks/ppo.ipynb": NOTEBOOK,
            "notebooks/rl/sac.py": "# %%\n1\n",
            "notebooks/rl/helper.py": "x = 1\n",
            "notebooks/rl/data.csv": "1",
            "notebooks/plot.png": "",
            "notebooks/README.md": "# No page",
            "notebooks/_index.md": "+++\ntitle = 'Mine'\n+++",
            "notebooks/bundle/index.ipynb": NOTEBOOK,
            "notebooks/bundle/data.csv": "1",
        }
    )
    keys = {key for key in index.pages if key.startswith("/notebooks")}
    assert keys == {"/notebooks", "/notebooks/ppo", "/notebooks/rl/sac", "/notebooks/bundle"}
    assert index.pages[PageKey("/notebooks")].title == "Mine"
    assert index.pages[PageKey("/notebooks/ppo")].url == "/notebooks/ppo/"
    assert [str(resource.name) for resource in index.pages[PageKey("/notebooks")].resources] == ["plot.png"]
    assert index.static_files == ()
    bundle = index.pages[PageKey("/notebooks/bundle")]
    assert [str(resource.name) for resource in bundle.resources] == ["data.csv"]


def test_scripts_in_content(index_site: Index) -> None:
    """A `.py` file is a page by its `# %%` line, and never inside a leaf bundle."""
    index = index_site(
        {
            "content/posts/a.py": "# %%\n1\n",
            "content/posts/plain.py": "1\n",
            "content/posts/b/index.md": "# B",
            "content/posts/b/train.py": "# %%\n1\n",
        }
    )
    assert {"/posts/a", "/posts/b"} == {key for key in index.pages if key.startswith("/posts/")}
    assert [str(file.output_path) for file in index.static_files] == ["posts/plain.py"]
    assert [str(resource.name) for resource in index.pages[PageKey("/posts/b")].resources] == ["train.py"]


def test_static_files(index_site: Index) -> None:
    """`static/` and lone files of `content/` are published as they are; `static/` wins."""
    index = index_site(
        {
            "static/CNAME": "example.org",
            "static/.well-known/x": "y",
            "static/docs/plain.txt": "static",
            "content/docs/plain.txt": "content",
            "content/docs/other.txt": "content",
            "content/docs/a.md": page(),
        }
    )
    files = {str(static.output_path): static.file.parts[-3:] for static in index.static_files}
    assert sorted(files) == [".well-known/x", "CNAME", "docs/other.txt", "docs/plain.txt"]
    assert files["docs/plain.txt"][0] == "static"


def test_a_link_to_nowhere_is_no_static_file(load_site: Callable[..., Config]) -> None:
    """As in the content folder; the others are published."""
    config = load_site({"static/here.txt": "x"})
    (config.root / "static/gone.txt").symlink_to("nowhere")

    index = build_index(discover(config), config)

    assert [str(static.output_path) for static in index.static_files] == ["here.txt"]


def test_data_files(index_site: Index) -> None:
    """Nested by folder and name; one that cannot be read is an error with its line."""
    index = index_site(
        {
            "data/cv/jobs.yaml": "- Name: x\n",
            "data/cv/more.json": '{"A": 1}',
            "data/site.toml": "b = 1\n",
            "data/bad.json": '{\n  "a" 1}',
            "data/table.csv": "a,b",
        }
    )
    assert index.data == {"cv": {"jobs": ({"Name": "x"},), "more": {"A": 1}}, "site": {"b": 1}, "bad": None}
    assert [(found.code, str(found.location)) for found in index.diagnostics] == [
        ("SG118", "data/bad.json:2:7")
    ]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("self.yaml", "a: &a [*a]\n", "nested too deeply"),
        ("deep.yaml", "[" * 200 + "]" * 200, "nested too deeply"),
        ("deep.json", "[" * 600 + "]" * 600, "nested too deeply"),
        ("deep.xml", "<a>" * 3000 + "</a>" * 3000, "nested too deeply"),
        ("bomb.yaml", "a0: &a0 [x]\n" + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
        ), "aliases stand for too much"),
        ("long.toml", "a = " + "9" * 5000, "exceeds the limit"),
        ("long.json", "9" * 5000, "exceeds the limit"),
    ],
)  # fmt: skip
def test_odd_data_files_are_errors(index_site: Index, name: str, text: str, problem: str) -> None:
    """What no memory or stack holds is an error in its file, and ends no build."""
    index = index_site({f"data/{name}": text})

    (found,) = index.diagnostics
    assert (found.code, found.severity) == ("SG118", "error")
    assert problem in found.message


def test_data_of_xml_repeats_elements_as_a_list(index_site: Index) -> None:
    """One element is its text; three of a name are a list, in order."""
    index = index_site({"data/a.xml": "<r><i>1</i><one>x</one><i>2</i><i>3</i></r>"})

    assert index.data["a"] == {"i": ("1", "2", "3"), "one": "x"}


def test_resources_are_described(index_site: Index) -> None:
    """`resources` tables give names, titles and parameters by pattern; the first name wins."""
    front = (
        "---\nresources:\n- {src: '*.png', name: 'pic-:counter', title: 'T :counter', params: {a: 1}}\n"
        "- {src: 'b.png', name: other, params: {b: 2}}\n---\n"
    )
    index = index_site(
        {"content/p/index.md": front, "content/p/a.png": "x", "content/p/b.png": "x", "content/p/c.txt": "x"}
    )
    found = {
        str(item.name): (item.label, item.title, dict(item.params))
        for item in index.pages[PageKey("/p")].resources
    }
    assert found == {
        "a.png": ("pic-1", "T 1", {"a": 1}),
        "b.png": ("pic-2", "T 2", {"a": 1, "b": 2}),
        "c.txt": ("", "", {}),
    }


def test_home_alone(index_site: Index) -> None:
    """A site without content has a home page and its taxonomies."""
    index = index_site({})
    listed = {key for key, entry in index.pages.items() if entry.kind in ("home", "section", "taxonomy")}
    assert listed == {"/", "/tags", "/categories"}
    assert codes(index) == []


def test_index_survives_pickling(index_site: Index) -> None:
    """Worker processes are sent the index."""
    index = index_site(TREE)
    assert pickle.loads(pickle.dumps(index)) == index


def test_files_of_one_page(index_site: Index) -> None:
    """A bundle goes before a file, `.md` before other formats; two formats of one page are only a warning."""
    index = index_site(
        {
            "content/a.md": page(title="single"),
            "content/a/index.md": page(title="bundle"),
            "content/b.html": page(title="html"),
            "content/b.md": page(title="md"),
            "content/c.md": page(title="single"),
            "content/c/_index.md": page(title="branch"),
            "content/d/index.md": page(title="leaf"),
            "content/d/_index.md": page(title="branch"),
            "content/d/index.html": page(title="html"),
        }
    )
    titles = {str(key): index.pages[PageKey(key)].title for key in ("/a", "/b", "/c", "/d")}
    assert titles == {"/a": "bundle", "/b": "md", "/c": "branch", "/d": "leaf"}
    told = {str(found.location): found.severity for found in index.diagnostics if found.code == "SG115"}
    assert told == {"content/a.md": "error", "content/b.html": "warning", "content/c.md": "error"}
    assert index.pages[PageKey("/d")].resources == ()


def test_menu_entries_given_twice(index_site: Index) -> None:
    """The configuration's entry stays, and both that and a parent that is none are told."""
    index = index_site(
        {
            "content/a.md": page(title="A", menu="main"),
            "content/b.md": page(title="B", menus="{main: {parent: x}}"),
        },
        config="[[menus.main]]\nname = 'A'\nurl = '/first/'\n",
    )
    assert [(entry.name, entry.url) for entry in index.menus["main"]] == [("A", "/first/"), ("B", "/b/")]
    assert [(found.code, str(found.location)) for found in index.diagnostics] == [
        ("SG126", "content/a.md:3:1"),
        ("SG126", "content/b.md:3:16"),
    ]


def test_formats_that_are_not_read(index_site: Index) -> None:
    """Org files and their like are pages with front matter; that their bodies are not read is said once."""
    index = index_site(
        {
            "content/a.org": "#+title: An Org page\n#+date: <2024-01-02 Tue>\n#+tags[]: x y\n\n* Heading\n",
            "content/b.rst": page(title="Rest"),
        }
    )
    found = index.pages[PageKey("/a")]
    assert (found.title, str(found.date)[:10], found.meta.terms["tags"]) == (
        "An Org page",
        "2024-01-02",
        ("x", "y"),
    )
    assert index.pages[PageKey("/b")].title == "Rest"
    assert [(problem.code, len(problem.related)) for problem in index.diagnostics] == [("SG125", 1)]


def test_pages_by_source(index_site: Index) -> None:
    """A mapping from paths, also when it has crossed a process border; equal where its pairs are."""
    index = index_site({"content/a.md": page(), "content/s/b.md": page()})
    a, b = PurePosixPath("content/a.md"), PurePosixPath("content/s/b.md")

    read = pickle.loads(pickle.dumps(index.by_source))

    assert dict(read) == {a: "/a", b: "/s/b"} == index.by_source
    assert (read, hash(read)) == (index.by_source, hash(index.by_source))
    assert (a in read, PurePosixPath("a.md") in read, "content/a.md" in read) == (True, False, False)
    assert read.get(PurePosixPath("a.md")) is None
    assert read != {a: "/a"}


def test_kinds_are_those_of_the_pages(index_site: Index) -> None:
    """In the order of the pages, those that no file stands for too."""
    index = index_site({"content/s/a.md": page(tags="[x]")})

    assert list(index.kinds.items()) == [(key, found.kind) for key, found in index.pages.items()]


def test_page_shares_with_its_source(index_site: Index) -> None:
    """What is one value stays one in a pickle: a page's front matter, where no cascade changes it, is its Source's."""
    files = {
        "content/s/_index.md": page(cascade="{foo: 1}"),
        "content/s/a.md": page(tags="[x]"),
        "content/b.md": page(),
    }
    index = index_site(files, "[[menus.main]]\nname = 'B'\npageRef = '/b'\n")

    read = pickle.loads(pickle.dumps(index, protocol=5))

    assert read == index
    assert read.pages["/b"].source in read.all_sources
    assert read.pages["/b"].meta is read.pages["/b"].source.meta


def test_content_folder_is_walked_once(
    load_site: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of the folders need not be looked for again: pages, resources and lone files."""
    config = load_site(
        {"content/a.md": page(), "content/b/index.md": page(), "content/b/x.png": "x", "content/y.png": "y"}
    )
    files = walk_content(config)
    expected = build_index(discover(config), config)
    for module in ("sources", "site"):
        monkeypatch.setattr(f"sitegen.content.{module}.walk_content", lambda _: pytest.fail("walked again"))

    assert build_index(discover(config, files=files), config, files=files) == expected
