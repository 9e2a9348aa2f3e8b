"""Which pages a later build reads again, and which it takes as they were."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content import sources as module
from sitegen.content.document import Digest
from sitegen.content.folders import walk_content
from sitegen.content.git_dates import GitDates, git_state
from sitegen.content.metadata import PageMeta
from sitegen.content.site import build_index
from sitegen.content.sources import (
    Resource,
    Source,
    dated_by_git,
    depends_on_git,
    discover,
    read_sources,
    same_but_for_bodies,
)
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict

FRONT = "---\ntitle: T\n---\n"
SITE = {
    "content/a.md": FRONT,
    "content/b/index.md": FRONT,
    "content/b/data.csv": "1,2",
    "content/b/note.md": FRONT,
    "content/c.py": "# %%\n1\n",
}


class Known:
    """The sources of a build, offered to the next one."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = {source.path: source for source in sources}

    def get(self, path: PurePosixPath) -> Source | None:
        """By its path below the root."""
        return self._sources.get(path)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths below the root of pages that are read."""
    found: list[str] = []
    read = module._read_source

    def counting(page: Any, config: Config, stale: Source | None) -> Source:
        found.append(str(config.relative_to_root(page.file.file)))
        return read(page, config, stale)

    monkeypatch.setattr(module, "_read_source", counting)
    return found


def _edit(file: Path, text: str) -> None:
    """A change that is seen, however fast the test is."""
    file.write_text(text, encoding="utf-8")
    moment = file.stat().st_mtime_ns + 1_000_000_000
    os.utime(file, ns=(moment, moment))


def test_nothing_changed_reads_nothing(load_site: Callable[..., Config], reads: list[str]) -> None:
    """Each page is the very Source that is known."""
    config = load_site(SITE)
    first = discover(config)
    reads.clear()

    second = discover(config, Known(first))

    assert reads == []
    assert all(new is old for new, old in zip(second, first, strict=True))


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("content/a.md", "content/a.md"),
        ("content/b/index.md", "content/b/index.md"),
        ("content/b/data.csv", "content/b/index.md"),
        ("content/b/note.md", "content/b/index.md"),
        ("content/b/new.csv", "content/b/index.md"),
    ],
)
def test_changed_file_is_read(
    load_site: Callable[..., Config], reads: list[str], path: str, page: str
) -> None:
    """The page of a changed or new file, and no other; what comes out is what a build without a memory finds."""
    config = load_site(SITE)
    first = discover(config)
    _edit(config.root / path, FRONT + "more\n")
    reads.clear()

    second = discover(config, Known(first))

    assert reads == [page]
    assert second == discover(config)


def test_resource_that_is_gone_or_renamed(load_site: Callable[..., Config], reads: list[str]) -> None:
    """A bundle's list of files is part of what is compared; one renamed keeps size and mtime."""
    config = load_site(SITE)
    first = discover(config)
    (config.content_dir / "b" / "data.csv").rename(config.content_dir / "b" / "else.csv")
    reads.clear()

    second = discover(config, Known(first))

    assert reads == ["content/b/index.md"]
    assert [str(found.name) for found in second[-1].resources] == ["else.csv", "note.md"]


def test_page_that_became_another_kind_of_bundle(load_site: Callable[..., Config], reads: list[str]) -> None:
    """The file is as it was, but what it owns is not."""
    config = load_site({"content/index.md": FRONT, "content/x.png": "x"})
    first = discover(config)
    deeper = replace(config, content_dir=config.root)
    reads.clear()

    second = discover(deeper, Known(first))

    assert reads == ["content/index.md"]
    assert (first[0].bundle, second[0].bundle) == ("branch", "leaf")


def test_touched_file_is_as_it_was(load_site: Callable[..., Config]) -> None:
    """With other mtimes and the same bytes no page and no resource is another one."""
    config = load_site(SITE)
    first = discover(config)
    for file in config.content_dir.rglob("*.*"):
        _edit(file, file.read_text(encoding="utf-8"))

    second = discover(config, Known(first))

    assert all(same_but_for_bodies(*pair) for pair in zip(first, second, strict=True))
    assert [source.resources for source in first] == [source.resources for source in second]
    assert [found.mtime_ns for found in first[-1].resources] != [
        found.mtime_ns for found in second[-1].resources
    ]


def test_mtime_counts_where_it_is_a_date(load_site: Callable[..., Config]) -> None:
    """With `:fileModTime` a touched page has another date, and so is another page."""
    config = load_site(SITE, "[frontmatter]\nlastmod = [':fileModTime']\n")
    first = discover(config)
    _edit(config.content_dir / "a.md", FRONT)

    second = discover(config, Known(first))

    same = [same_but_for_bodies(*pair) for pair in zip(first, second, strict=True)]
    assert same == [False, True, True]


def test_chunks_are_the_whole(load_site: Callable[..., Config]) -> None:
    """Pages read in chunks, elsewhere, are those that `discover` reads."""
    config = load_site(SITE)
    pages = walk_content(config).pages

    chunks = (*read_sources(pages[:1], config), *read_sources(pages[1:], config))

    assert dated_by_git(chunks, config) == discover(config)


OTHER: dict[str, object] = {
    "path": PurePosixPath("content/z.md"),
    "file": Path("/z.md"),
    "content_path": PurePosixPath("z.md"),
    "meta": PageMeta(title="other"),
    "body_offset": 7,
    "body_line": 9,
    "bundle": "leaf",
    "format": "html",
    "resources": (Resource(name=PurePosixPath("x"), file=Path("/x"), digest=Digest("1"), size_bytes=1),),
    "git": GitDates(created=datetime(2020, 1, 1), modified=datetime(2020, 1, 1)),
    "diagnostics": (Diagnostic(code="SG110", severity="error", message="x"),),
}
BODY: dict[str, object] = {"digest": Digest("0" * 64), "size_bytes": 1, "mtime_ns": 1}


def test_every_field_of_a_source_is_compared(load_site: Callable[..., Config]) -> None:
    """A field that is added has to be put on one side or the other."""
    (source,) = discover(load_site({"content/a.md": FRONT}))

    assert {known.name for known in fields(Source)} == OTHER.keys() | BODY.keys()
    assert same_but_for_bodies(source, replace(source, **BODY))  # type: ignore[arg-type]
    for name, value in OTHER.items():
        assert not same_but_for_bodies(source, replace(source, **{name: value})), name  # type: ignore[arg-type]


def test_index_of_an_edited_body_is_the_same(load_site: Callable[..., Config]) -> None:
    """Where bodies alone differ, every page's place does, but for its Source, not."""
    config = load_site({**SITE, "content/tags/x/_index.md": FRONT})
    first = discover(config)
    _edit(config.content_dir / "a.md", FRONT + "body\n")

    second = discover(config, Known(first))

    old, new = build_index(first, config), build_index(second, config)
    edited = {key: replace(page, source=new.pages[key].source) for key, page in old.pages.items()}
    assert all(same_but_for_bodies(*pair) for pair in zip(first, second, strict=True))
    assert replace(old, pages=FrozenDict(edited), all_sources=second) == new


# --- git ------------------------------------------------------------------------------------------


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs git in the site; `day` is the day of January 2024 of a commit."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "A")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def run(root: Path, *arguments: str, day: int = 1) -> None:
        date = f"2024-01-{day:02}T00:00:00+00:00"
        environ = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, env=environ)

    return run


@pytest.fixture
def committed(load_site: Callable[..., Config], git: Callable[..., None]) -> Callable[..., Config]:
    """Writes a site and commits it on 1 January 2024."""

    def commit(files: dict[str, str], config: str = "") -> Config:
        loaded = load_site(files, config)
        git(loaded.root, "init", "-q", "-b", "main")
        git(loaded.root, "add", ".")
        git(loaded.root, "commit", "-qm", "one")
        return loaded

    return commit


GIT_INFO = "enableGitInfo = true\n"
UNDATED = {"content/a.md": "# A\n", "content/b.md": FRONT}


def test_history_changes_without_the_file(
    committed: Callable[..., Config], git: Callable[..., None], reads: list[str]
) -> None:
    """A commit of an edited file gives it another date though its bytes and mtime are as they were."""
    config = committed(UNDATED, GIT_INFO)
    _edit(config.content_dir / "a.md", "# B\n")
    first, state = discover(config), git_state(config)
    git(config.root, "commit", "-qam", "two", day=5)
    reads.clear()

    second = discover(config, Known(first))

    assert git_state(config) != state
    assert reads == ["content/a.md"]
    assert second == discover(config)
    assert [str(source.meta.lastmod)[:10] for source in second] == ["2024-01-05", "2024-01-01"]


def test_git_is_not_asked_again_for_the_same_history(
    committed: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edited file has the dates it had: a commit is what changes them."""
    config = committed(UNDATED, GIT_INFO)
    first = discover(config)
    _edit(config.content_dir / "a.md", "# A\n\nmore\n")
    expected = discover(config)
    monkeypatch.setattr(module, "read_git_dates", lambda _folder: pytest.fail("git was started"))

    assert discover(config, Known(first), is_same_history=True) == expected


def test_new_file_asks_for_its_dates(committed: Callable[..., Config], git: Callable[..., None]) -> None:
    """A file that comes back from the history, or that is in none, is new to the build all the same."""
    config = committed({**UNDATED, "content/c.md": "# C\n"})
    text = (config.content_dir / "c.md").read_text()
    (config.content_dir / "c.md").unlink()
    first = discover(config)
    (config.content_dir / "c.md").write_text(text)
    (config.content_dir / "d.md").write_text("# D\n")

    second = discover(config, Known(first), is_same_history=True)

    assert second == discover(config)
    assert [str(source.meta.date)[:10] for source in second] == ["2024-01-01", "None", "2024-01-01", "None"]


def test_page_that_loses_its_front_matter(committed: Callable[..., Config]) -> None:
    """It was not git's to date, and is now."""
    config = committed(UNDATED)
    first = discover(config)
    _edit(config.content_dir / "b.md", "# B\n")

    second = discover(config, Known(first), is_same_history=True)

    assert second == discover(config)
    assert second[1].git is not None


@pytest.mark.parametrize(
    ("files", "config", "expected"),
    [({"content/b.md": FRONT}, "", False), ({"content/b.md": FRONT}, GIT_INFO, True), (UNDATED, "", True)],
)
def test_whether_git_counts(
    committed: Callable[..., Config], files: dict[str, str], config: str, expected: bool
) -> None:
    """Only where the configuration asks for it, or a page has no other date."""
    loaded = committed(files, config)

    assert depends_on_git(discover(loaded), loaded) is expected


def test_state_of_git(
    committed: Callable[..., Config], git: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for an edit and for references that are packed, on a branch or detached; another with each commit."""
    config = committed(UNDATED)
    first = git_state(config)
    (config.content_dir / "a.md").write_text("# X\n")
    monkeypatch.setattr("sitegen.content.git_dates.ask_git", lambda *_: pytest.fail("git was started"))

    assert git_state(config) == first
    git(config.root, "pack-refs", "--all")
    assert git_state(config) == first
    git(config.root, "checkout", "-q", "--detach")
    assert git_state(config) == first
    git(config.root, "checkout", "-q", "main")
    git(config.root, "commit", "-qam", "two", day=2)
    assert git_state(config) != first


def test_state_of_git_in_other_shapes(
    committed: Callable[..., Config], git: Callable[..., None], tmp_path: Path
) -> None:
    """A worktree follows its own branch; without a repository there is a state too; shallow and whole differ."""
    config = committed(UNDATED)
    git(config.root, "commit", "-qm", "two", "--allow-empty", day=2)
    git(config.root, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    git(tmp_path, "clone", "-q", "--depth", "1", config.root.as_uri(), "clone")
    tree, clone = (replace(config, content_dir=tmp_path / name / "content") for name in ("tree", "clone"))
    bare = replace(config, content_dir=tmp_path.parent)
    in_tree, shallow = git_state(tree), git_state(clone)

    git(tmp_path / "tree", "commit", "-qm", "three", "--allow-empty", day=3)
    git(tmp_path / "clone", "fetch", "-q", "--unshallow")

    assert git_state(tree) != in_tree
    assert git_state(clone) != shallow
    assert len({git_state(bare), git_state(tree), git_state(clone)}) == 3
