"""The search index of a site: what is in it, when it is made again, and what is told where it cannot be made."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitegen.build import pagefind, search_index
from sitegen.build.build import build
from sitegen.build.pagefind import IndexedText, PagefindError
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.rendering.machines import search_text
from sitegen.results.store import open_store

FILES = {
    "sitegen.toml": 'baseURL = "https://example.org/blog/"\ntitle = "A site"\ncontentSecurityPolicy = true\n',
    "content/search.md": '+++\ntitle = "Search"\nlayout = "search"\n+++\n',
    "content/about.md": '+++\ntitle = "About"\n+++\n\nWho I am.\n',
    "content/posts/_index.md": '+++\ntitle = "Writing"\n+++\n\nAn introduction.\n',
    "content/posts/a.md": '+++\ntitle = "Alpha"\ndate = 2026-01-02\ntags = ["x"]\n+++\n\nProse.\n\n```python\ndef zephyr_step(): ...\n```\n\n'
    '![A](a.svg "A quokka in a caption.")\n',
    "content/posts/a.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>unread</text></svg>',
    "content/posts/b.md": '+++\ntitle = "Beta"\ndate = 2026-01-03\ntags = ["x"]\n+++\n\nMore prose.\n',
    "content/posts/quiet.md": '+++\ntitle = "Quiet"\nsearch = false\n+++\n\nNot to be found.\n',
}


@dataclass(slots=True)
class Searched:
    """A site that is built again and again, and what Pagefind was given."""

    root: Path
    given: list[list[IndexedText]] = field(default_factory=list)

    def write(self, path: str, text: str) -> None:
        """A file of the site."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def change(self, path: str, old: str, new: str) -> None:
        """A text in the place of another."""
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def build(self, options: BuildOptions | None = None) -> BuildResult:
        """One build, without a process of its own."""
        config = load_config(self.root, environ={}, now=datetime(2026, 5, 1, tzinfo=UTC))
        options = options or BuildOptions(policy=ExecutionPolicy(allowed=False))
        return build(config, options, backend=LocalBackend(config), store=open_store(config))

    def published(self) -> dict[str, bytes]:
        """Path to bytes of the index."""
        folder = self.root / "public/pagefind"
        return {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Searched:
    """The site above, with a Pagefind of no weight: its index is what it was given."""
    found = Searched(tmp_path / "site")
    for path, text in FILES.items():
        found.write(path, text)

    def index_files(_: Path, texts: Iterable[IndexedText]) -> Mapping[str, bytes]:
        found.given.append(list(texts))
        content = {url: re.sub(r"<[^>]*>", " ", html).split() for url, html in found.given[-1]}
        return {"pagefind-entry.json": json.dumps(content).encode(), f"index/{len(content)}.pf_index": b"i"}

    monkeypatch.setattr(search_index, "find_program", lambda: Path("pagefind"))
    monkeypatch.setattr(search_index, "index_files", index_files)
    return found


def test_pages_are_indexed_by_their_addresses_below_the_base_path(site: Searched) -> None:
    """Those that want it, each with its text; code and captions are text, words in drawings and lists are not."""
    site.build()

    texts = dict(site.given[0])
    assert list(texts) == ["/about/", "/posts/a/", "/posts/b/"]
    post = texts["/posts/a/"]
    assert "zephyr_step" in post
    assert "A quokka in a caption." in post
    assert "unread" not in post
    assert "Beta" not in post
    assert 'data-kind="Writing"' in post
    assert 'data-kind="Pages"' in texts["/about/"]


def test_a_site_without_a_search_page_pays_nothing(site: Searched) -> None:
    """Neither its pages nor its files tell of search, and Pagefind is not asked."""
    (site.root / "content/search.md").unlink()
    site.build()

    assert site.given == []
    files = [file for file in (site.root / "public").rglob("*") if file.is_file()]
    assert not [file for file in files if "search" in file.name or "pagefind" in file.parts]
    assert not [
        file for file in files if b"search" in file.read_bytes().lower() and file.suffix in (".html", ".xml")
    ]


def test_an_edit_of_a_body_changes_the_index(site: Searched) -> None:
    """The whole index is made of the pages as they are, those that were not rendered again included."""
    site.build()
    site.change("content/posts/b.md", "More prose.", "Something axolotl.")
    site.build()

    assert len(site.given) == 2
    assert [url for url, _ in site.given[1]] == ["/about/", "/posts/a/", "/posts/b/"]
    assert b"axolotl" in site.published()["pagefind-entry.json"]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("sitegen.toml", "A site", "Another title"),
        ("content/posts/_index.md", "An introduction.", "Another introduction."),
        ("content/posts/quiet.md", "Not to be found.", "Nor this."),
        ("content/posts/b.md", "2026-01-03", "2026-01-04"),
        ("content/posts/b.md", 'tags = ["x"]', 'tags = ["y"]'),
    ],
)
def test_what_is_not_searched_makes_no_index_again(site: Searched, path: str, old: str, new: str) -> None:
    """A header, a list, a date, tags and the related pages that follow from them: the pages are made, the index stays."""
    site.build()
    before = site.published()
    site.change(path, old, new)
    result = site.build()

    assert result.published is not None
    assert result.published.changed
    assert len(site.given) == 1
    assert site.published() == before


def test_pages_that_come_and_go_change_the_index(site: Searched) -> None:
    """One that is new, one that is gone, one that wants to be found no more; no file of the older index stays."""
    site.build()
    (site.root / "content/about.md").unlink()
    site.build()
    site.write("content/posts/c.md", "+++\ntitle = 'C'\n+++\n")
    site.write("content/posts/d.md", "+++\ntitle = 'D'\n+++\n")
    site.build()
    site.change("content/posts/c.md", "'C'", "'C'\nsearch = false")
    site.build()

    assert [len(given) for given in site.given] == [3, 2, 4, 3]
    assert set(site.published()) == {"pagefind-entry.json", "index/3.pf_index"}


def test_a_file_that_somebody_removed_comes_back(site: Searched) -> None:
    """The index is whole after each build."""
    site.build()
    before = site.published()
    (site.root / "public/pagefind/pagefind-entry.json").unlink()
    site.build()

    assert site.published() == before


def test_a_list_that_grows_gets_its_next_pager(site: Searched) -> None:
    """What each pager names, such as the dialog's style and script, is of its part and is no pager more."""
    site.write("sitegen.toml", FILES["sitegen.toml"] + "[pagination]\npagerSize = 1\n")
    site.build()
    site.write("content/posts/c.md", "+++\ntitle = 'C'\n+++\n")
    site.build()

    pagers = {path.parent.name for path in (site.root / "public/posts/page").glob("*/index.html")}
    assert pagers == {"1", "2", "3", "4"}


def test_a_search_page_that_goes_takes_the_index_with_it(site: Searched) -> None:
    """And brings it back."""
    site.build()
    before = site.published()
    (site.root / "content/search.md").rename(site.root / "search.md")
    site.build()
    assert site.published() == {}
    assert not (site.root / "public/opensearch.xml").exists()
    (site.root / "search.md").rename(site.root / "content/search.md")
    site.build()

    assert site.published() == before


def test_a_build_that_does_not_need_the_newest_index_keeps_the_older(site: Searched) -> None:
    """As a preview at each save; the next build that does makes it."""
    any_will_do = BuildOptions(search="any", policy=ExecutionPolicy(allowed=False))
    site.build(any_will_do)
    site.change("content/posts/b.md", "More prose.", "Something axolotl.")
    site.build(any_will_do)
    assert len(site.given) == 1
    site.change("content/posts/a.md", "Prose.", "Words.")
    site.build()

    assert len(site.given) == 2
    assert b"axolotl" in site.published()["pagefind-entry.json"]


def test_without_the_extra_the_page_is_published_with_a_note(
    site: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, in each build, with what to do; the list of all pages is there."""
    monkeypatch.setattr(search_index, "find_program", lambda: None)

    for number in range(2):
        (told,) = site.build().diagnostics
        assert (told.code, told.severity) == ("SG410", "info")
        assert told.hint is not None
        assert 'pip install "sitegen-ml[search]"' in told.hint
        site.write(f"content/posts/n{number}.md", "New.")
    page = (site.root / "public/search/index.html").read_text("utf-8")
    assert re.findall(r'<li><a href="([^"]*)"', page.partition("search-all")[2].partition("</main>")[0]) == [
        *("/blog/posts/b/", "/blog/posts/a/", "/blog/posts/n0/", "/blog/about/"),
    ]


def test_an_indexer_that_fails_is_an_error(site: Searched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is published with an index of other pages."""

    def fails(*_: object) -> Mapping[str, bytes]:
        raise PagefindError("no memory")

    monkeypatch.setattr(search_index, "index_files", fails)
    result = site.build()

    assert [(told.code, told.message) for told in result.diagnostics] == [
        ("SG412", "Pagefind could not make the search index: no memory")
    ]
    assert result.published is None


def test_what_pagefind_makes_of_a_site_is_the_same_in_each_clean_build(
    site: Searched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, with the real program; after an edit it is what a build has that knows nothing."""
    if pagefind.find_program() is None:
        pytest.skip("Pagefind is not installed (the extra `search`)")
    monkeypatch.setattr(search_index, "find_program", pagefind.find_program)
    monkeypatch.setattr(search_index, "index_files", pagefind.index_files)
    site.build()
    site.change("content/posts/b.md", "More prose.", "Something axolotl.")
    site.build()
    other = Searched(tmp_path / "other")
    for path in FILES:
        other.write(path, (site.root / path).read_text("utf-8"))
    other.build()

    assert site.published() == other.published()
    fragments = [
        gzip.decompress(content) for path, content in site.published().items() if path.startswith("fragment")
    ]
    assert any(b"axolotl" in each and b'"kind":["Writing"]' in each for each in fragments)
    assert any(b"zephyr_step" in each for each in fragments)


@pytest.mark.parametrize(
    ("front", "is_search"), [('layout = "search"', True), ('type = "search"', True), ("", False)]
)
def test_which_page_is_for_searching(site: Searched, front: str, is_search: bool) -> None:
    """By its front matter; a page in a folder of that name is none."""
    (site.root / "content/search.md").unlink()
    site.write("content/search/find.md", f'+++\ntitle = "Find"\n{front}\n+++\n')
    site.build()

    assert (site.root / "public/opensearch.xml").exists() is is_search
    assert ("search-all" in (site.root / "public/search/find/index.html").read_text("utf-8")) is is_search


def test_work_is_linear_in_the_pages(site: Searched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is read once to be compared and once to be indexed; after an edit, only what was edited is compared."""
    read: list[str] = []
    searched = search_text.searched_text

    def counted(html: str) -> str:
        read.append(html)
        return searched(html)

    monkeypatch.setattr(search_index, "searched_text", counted)
    counts: list[int] = []
    for many in (5, 20):
        for number in range(many):
            site.write(f"content/docs/p{number}.md", f"+++\ntitle = 'P{number}'\n+++\n")
        site.build()
        counts.append(len(read))
        read.clear()
    site.change("content/posts/quiet.md", "Not to be found.", "Nor this.")
    site.build()

    assert counts[1] - counts[0] <= 3 * 15 + 20
    assert len(read) <= 3
