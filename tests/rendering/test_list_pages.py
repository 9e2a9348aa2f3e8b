"""List pages of the theme: groups, order, archives, link posts, and what goes with a post."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.config import Config, load_config
from sitegen.errors import Diagnostic
from sitegen.rendering.values import RenderedFile

POSTS = {
    "content/posts/a.md": "---\ntitle: Heavy\ndate: 2020-05-01\nweight: 1\ntags: [One, two]\n---\n",
    "content/posts/b.md": "---\ntitle: Newest\ndate: 2022-03-09\ntags: [two]\n---\n",
    "content/posts/c.md": "---\ntitle: Same year\ndate: 2020-05-02\ntags: [two, émile]\n---\n",
    "content/posts/d.md": "---\ntitle: Undated\n---\n",
    "content/docs/e.md": "---\ntitle: Doc\ndate: 2021-01-01\n---\n",
    "content/archive.md": "---\ntitle: Archive\nlayout: archives\n---\nAll of it.\n",
}
Render = Callable[..., dict[str, RenderedFile]]


@pytest.fixture
def render(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> Render:
    """Renders the posts with other files and settings."""

    def make(files: dict[str, str] | None = None, **settings: Any) -> dict[str, RenderedFile]:
        root = write_site({"sitegen.toml": 'title = "T"\n', **POSTS, **(files or {})})
        config = replace(load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), environ={}), **settings)
        return render_content(config)

    return make


def _page(files: dict[str, RenderedFile], path: str) -> LexborHTMLParser:
    return LexborHTMLParser((files[path].content or b"").decode())


def _texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def test_a_list_groups_by_year_whatever_its_order(render: Render) -> None:
    """A year has one group, in the place of its first page: weights do not tear it apart."""
    page = _page(render(), "posts/index.html")
    ids = [node.attributes["id"] for node in page.css("[id]")]

    assert _texts(page, ".group h2") == ["2020", "2022", "Undated"]
    assert _texts(page, ".row h3") == ["Heavy", "Same year", "Newest", "Undated"]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("asked", "headings"),
    [
        ("month", ["May 2020", "March 2022", "Undated"]),
        ("none", ["Pages"]),
        ("what", ["2020", "2022", "Undated"]),
    ],
)
def test_a_list_chooses_its_groups(render: Render, asked: str, headings: list[str]) -> None:
    """`group_by` in its front matter."""
    files = render({"content/posts/_index.md": f"---\ntitle: Posts\ngroup_by: {asked}\n---\n"})

    assert _texts(_page(files, "posts/index.html"), ".group h2") == headings


def test_terms_by_name_or_by_count(render: Render) -> None:
    """By name, accents and case aside; with `order: count` the most used first."""
    by_count = render({"content/tags/_index.md": "---\ntitle: Tags\norder: count\n---\n"})

    assert _texts(_page(by_count, "tags/index.html"), ".term-list li") == ["Two 3", "Émile 1", "One 1"]
    by_name = render({"content/tags/_index.md": "---\ntitle: Tags\n---\n"})
    assert _texts(_page(by_name, "tags/index.html"), ".term-list li") == ["Émile 1", "One 1", "Two 3"]
    assert _texts(_page(by_name, "categories/index.html"), ".list-empty") == [
        "Nothing is published here yet."
    ]


def test_the_archive_lists_every_dated_post_by_month(render: Render) -> None:
    """Newest first, whatever their weights; those of `mainSections`, where these are configured."""
    page = _page(render(), "archive/index.html")

    assert _texts(page, ".group h2") == ["2022", "2021", "2020"]
    assert _texts(page, ".group h3") == ["March", "January", "May"]
    assert _texts(page, ".archive a") == ["Newest", "Doc", "Same year", "Heavy"]
    assert _texts(page, ".prose") == ["All of it."]
    main = _page(render(main_sections=("docs",)), "archive/index.html")
    assert _texts(main, ".archive a") == ["Doc"]


@pytest.mark.parametrize("front", ["type: archives", "type: archive", "layout: archive"])
def test_other_names_of_the_archive(render: Render, front: str) -> None:
    """As themes have them; a folder that is called so has none of it."""
    files = render(
        {"content/old.md": f"---\ntitle: Old\n{front}\n---\n", "content/archive/x.md": "---\ntitle: X\n---\n"}
    )

    assert _texts(_page(files, "old/index.html"), ".archive a")
    assert not _texts(_page(files, "archive/x/index.html"), ".archive a")


def test_a_copy_names_its_first_place(render: Render) -> None:
    """Its canonical address is there, said to people too; the pages beside it have their own."""
    files = render(
        {
            "content/posts/b.md": "---\ntitle: B\ndate: 2022-01-01\ncanonicalURL: https://first.example/b\n---\n"
        },
        base_url="https://example.org/",
    )
    copy, other = (_page(files, f"posts/{name}/index.html") for name in "bc")

    assert [link.attributes["href"] for link in copy.css("link[rel=canonical]")] == [
        "https://first.example/b"
    ]
    assert "First published at first.example" in " ".join(_texts(copy, ".meta li"))
    assert [link.attributes["href"] for link in other.css("link[rel=canonical]")] == [
        "https://example.org/posts/c/"
    ]


@pytest.mark.parametrize("written", ["/posts/", "posts/x", "mailto:a@b.example", "https://[", "[1]", "true"])
def test_only_a_web_address_makes_a_link_post(render: Render, written: str) -> None:
    """`link` means many things in front matter."""
    files = render({"content/posts/b.md": f"---\ntitle: B\ndate: 2022-01-01\nlink: '{written}'\n---\n"})

    assert _page(files, "posts/index.html").css_first(".permalink") is None


def test_a_missing_enclosure_is_told_with_its_line(render: Render) -> None:
    """SG405, once; the page and the feeds leave it out. What is neither audio nor video, or a switch, is no enclosure."""
    files = render(
        {
            "content/posts/b.md": "---\ntitle: B\ndate: 2022-01-01\nenclosure: gone.mp3\n"
            "video: https://youtube.example/watch?v=1\naudio: true\npodcast: {length: 5}\n---\n"
        }
    )

    found: list[Diagnostic] = [problem for file in files.values() for problem in file.diagnostics]
    assert [(problem.code, problem.severity, problem.message) for problem in found] == [
        ("SG405", "warning", "`enclosure` names the file `gone.mp3`, which is not there")
    ]
    assert found[0].location is not None
    assert (str(found[0].location.path), found[0].location.line) == ("content/posts/b.md", 4)
    assert b"<enclosure" not in (files["posts/index.xml"].content or b"")
    assert _page(files, "posts/b/index.html").css_first(".enclosures") is None


def test_a_page_stands_in_for_a_static_file_of_its_path(render: Render) -> None:
    """SG406 for a page, a feed and the sitemap; other static files are published."""
    names = ("index.html", "posts/index.xml", "sitemap.xml", "posts/x.txt")
    files = render({f"static/{name}": "mine" for name in names})

    told = {
        path: [problem.code for problem in file.diagnostics]
        for path, file in files.items()
        if file.diagnostics
    }
    assert told == {name: ["SG406"] for name in names[:3]}
    assert b"mine" not in b"".join(files[name].content or b"mine" for name in names[:3])
    assert files["posts/x.txt"].file is not None


def test_a_post_without_a_title_has_a_name_everywhere(render: Render) -> None:
    """Its first words where others link to it, its date as its own heading."""
    files = render({"content/posts/b.md": "---\ndate: 2022-03-09\ntags: [two]\n---\nA short <b>note</b>.\n"})
    own, other = (_page(files, f"posts/{name}/index.html") for name in "bc")

    assert "A short note." in _texts(_page(files, "posts/index.html"), ".row h3")
    assert "A short note." in " ".join(_texts(other, ".neighbours a"))
    assert (_texts(own, "h1"), _texts(own, "title")) == (["9 March 2022"], ["A short note. · T"])


def test_related_pages_are_listed_under_a_post(render: Render) -> None:
    """Those that share most; as many as the page asks for."""
    files = render()
    none = render(
        {"content/posts/b.md": "---\ntitle: B\ndate: 2022-03-09\ntags: [two]\nrelated_shown: 0\n---\n"}
    )

    assert _texts(_page(files, "posts/b/index.html"), ".related a") == ["Same year", "Heavy"]
    assert _page(none, "posts/b/index.html").css_first(".related") is None


def test_home_names_the_generator_unless_told_not_to(render: Render) -> None:
    """Once, on the home page only, as Hugo does."""
    named = {path for path, file in render().items() if b'name="generator"' in (file.content or b"")}
    unnamed = render(disable_generator_meta=True)

    assert named == {"index.html"}
    assert b'name="generator"' not in (unnamed["index.html"].content or b"")


@pytest.mark.parametrize(
    "kind", ["home", "section", "taxonomy", "term", "page", "404", "sitemap", "robotstxt"]
)
def test_any_kind_may_be_left_out(render: Render, kind: str) -> None:
    """`disableKinds`: what is left still stands, without links to what is not there."""
    files = render(disable_kinds=(kind,))
    links = {
        str(link.attributes["href"])
        for path, file in files.items()
        if path.endswith(".html")
        for link in LexborHTMLParser((file.content or b"").decode()).css("a[href]")
    }
    targets = {unquote(re.sub(r"#.*", "", link)).lstrip("/") for link in links}

    assert [problem for file in files.values() for problem in file.diagnostics] == []
    assert len(files) > 10
    assert {
        target for target in targets if target.endswith("/") and f"{target}index.html" not in files
    } == set()


def test_the_header_of_a_site_without_a_menu_has_the_first_sections(render: Render) -> None:
    """Twelve, by weight; the link behind them leads to all, on the home page. With twelve there is none."""
    sections = {
        f"content/s{number:02}/_index.md": f"---\ntitle: S{number:02}\nweight: {20 - number}\n---\n"
        for number in range(14)
    }
    few, many = render(dict(list(sections.items())[:10])), render(sections)  # in one folder
    header = _texts(_page(many, "posts/a/index.html"), ".site-nav li")
    home = _page(many, "index.html")

    assert header == [*(f"S{number:02}" for number in range(13, 1, -1)), "All sections"]
    assert "#list-sections" in (home.css(".site-nav a")[-1].attributes["href"] or "")
    assert len(home.css("[aria-labelledby=list-sections] li")) == 16  # those of POSTS are two
    assert len(_texts(_page(few, "posts/a/index.html"), ".site-nav li")) == 12
    assert not _page(few, "index.html").css("#list-sections")


def test_the_home_page_asks_only_for_what_it_shows(
    write_site: Callable[[dict[str, str]], Path], home_asks: Callable[[Config], set[str]]
) -> None:
    """Of a site without a section of posts, three posts' summaries, however many there are."""
    front = "---\ntitle: P\ndate: 2022-03-{:02}\n---\n"
    asked = []
    for length in (5, 20):
        files = {f"content/p{number}.md": front.format(number + 1) for number in range(length)}
        root = write_site({"sitegen.toml": 'title = "T"\n', **files})
        asked.append(home_asks(load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), environ={})))

    assert asked == [
        {"/", *(f"/p{number}" for number in (4, 3, 2))},
        {"/", *(f"/p{number}" for number in (19, 18, 17))},
    ]
