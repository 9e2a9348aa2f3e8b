"""What is found in `content/`, and what each file says before it is parsed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sitegen.config import Config
from sitegen.content.site import build_index
from sitegen.content.sources import Source, discover

ReadSources = Callable[..., dict[str, Source]]
FRONT = "---\ntitle: T\n---\n"


def test_leaf_bundle_owns_all_below_it(read_sources: ReadSources) -> None:
    """Files at any depth below `index.md` are resources; Markdown among them is not published."""
    sources = read_sources(
        {
            "content/posts/ppo/index.md": FRONT,
            "content/posts/ppo/data/run.csv": "a,b",
            "content/posts/ppo/notes.md": FRONT,
            "content/posts/ppo/plot.html": "<p>x</p>",
        }
    )
    assert list(sources) == ["posts/ppo/index.md"]
    assert sources["posts/ppo/index.md"].bundle == "leaf"
    assert [(str(found.name), found.is_content) for found in sources["posts/ppo/index.md"].resources] == [
        ("notes.md", True),
        ("plot.html", False),
        ("data/run.csv", False),
    ]


def test_branch_bundle_owns_files_down_to_the_next_bundle(read_sources: ReadSources) -> None:
    """Pages below `_index.md` are pages; other files are its resources."""
    sources = read_sources(
        {
            "content/posts/_index.md": FRONT,
            "content/posts/cover.png": "x",
            "content/posts/img/a.png": "x",
            "content/posts/a.md": FRONT,
            "content/posts/leaf/index.md": FRONT,
            "content/posts/leaf/own.png": "x",
        }
    )
    assert [str(found.name) for found in sources["posts/_index.md"].resources] == ["cover.png", "img/a.png"]
    assert [str(found.name) for found in sources["posts/leaf/index.md"].resources] == ["own.png"]
    assert sources["posts/a.md"].bundle is None


def test_index_at_the_root_is_the_home_page(read_sources: ReadSources) -> None:
    """`content/index.md` does not swallow the site as its resources."""
    sources = read_sources({"content/index.md": FRONT, "content/about.md": FRONT})
    assert sources["index.md"].bundle == "branch"
    assert "about.md" in sources


@pytest.mark.parametrize("name", [".hidden.md", "#draft.md", "draft.md~", ".git/x.md"])
def test_hidden_and_backup_files_are_no_content(read_sources: ReadSources, name: str) -> None:
    """What editors and git leave behind is passed over."""
    assert read_sources({f"content/{name}": FRONT}) == {}


def test_ignored_files(read_sources: ReadSources) -> None:
    """`ignoreFiles` are regular expressions over paths below `content/`."""
    files = {"content/a.md": FRONT, "content/drafts/b.md": FRONT, "content/c.tmp.md": FRONT}
    assert list(read_sources(files, "ignoreFiles = ['^drafts/', '\\.tmp\\.md$']\n")) == ["a.md"]


def test_content_folder_that_is_the_root(read_sources: ReadSources) -> None:
    """With `contentDir = "."` the site's own folders are no content."""
    files = {
        "decisions.md": FRONT,
        "public/x.md": FRONT,
        "results/x.md": FRONT,
        ".sitegen/x.md": FRONT,
        "templates/x.html": "x",
        "static/x.md": FRONT,
        "data/x.md": FRONT,
    }
    assert list(read_sources(files, 'contentDir = "."\n')) == ["decisions.md"]


def test_where_the_body_starts(read_sources: ReadSources) -> None:
    """A source knows the byte and the line of its body, never its text."""
    source = read_sources({"content/a.md": "---\ntitle: Ü\n---\nBody\n"})["a.md"]
    assert source.file.read_bytes()[source.body_offset :] == b"Body\n"
    assert (source.body_line, str(source.path), len(source.digest)) == (4, "content/a.md", 64)


def test_page_without_front_matter(read_sources: ReadSources) -> None:
    """The title is the first heading, the date that of the `Posted:` line."""
    meta = read_sources({"content/a.md": "# My *title*\n\n*Posted: July 1, 2024*\n"})["a.md"].meta
    assert (meta.title, meta.title_is_heading, meta.posted_line) == ("My *title*", True, 3)
    assert str(meta.date)[:10] == str(meta.publish_date)[:10] == "2024-07-01"


def test_date_of_a_file_name_without_front_matter(read_sources: ReadSources) -> None:
    """Where no line says it, the name of the file or of the bundle's folder does; the URL keeps it."""
    sources = read_sources(
        {"content/2024-07-02-x.md": "# X\n", "content/2024-07-03-y/index.md": "# Y\n", "content/z.md": FRONT}
    )
    assert str(sources["2024-07-02-x.md"].meta.date)[:10] == "2024-07-02"
    assert str(sources["2024-07-03-y/index.md"].meta.date)[:10] == "2024-07-03"
    assert sources["2024-07-02-x.md"].meta.slug == ""


def test_front_matter_without_title_has_none(read_sources: ReadSources) -> None:
    """As in Hugo: only a page without any front matter is named by its heading."""
    meta = read_sources({"content/a.md": "---\ndraft: false\n---\n# Heading\n"})["a.md"].meta
    assert (meta.title, meta.title_is_heading) == ("", False)


def test_not_utf_8(load_site: Callable[..., Config]) -> None:
    """A file in another encoding is an error at the line of its first bad byte."""
    config = load_site({})
    (config.content_dir / "a.md").write_bytes("# Größe\n\nÄ".encode("latin-1"))
    (source,) = discover(config)
    assert [(found.code, str(found.location)) for found in source.diagnostics] == [
        ("SG114", "content/a.md:1")
    ]


def test_missing_content_folder(load_site: Callable[..., Config]) -> None:
    """A site without content has no sources."""
    config = load_site({})
    config.content_dir.rmdir()
    assert discover(config) == ()


def test_link_that_leads_up_ends(load_site: Callable[..., Config]) -> None:
    """A folder linked into itself is not walked for ever."""
    config = load_site({"content/posts/a.md": FRONT})
    (config.content_dir / "posts" / "again").symlink_to(config.content_dir)
    assert [str(source.content_path) for source in discover(config)] == ["posts/a.md"]


# --- git ------------------------------------------------------------------------------------------


def _git(folder: Path, *arguments: str, date: str = "2023-01-01T00:00:00+00:00") -> None:
    environment = {
        **os.environ,
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": "2025-01-01T00:00:00+00:00",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    identity = ("-c", "user.name=Your Name", "-c", "user.email=you@example.org")
    subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )


@pytest.fixture
def committed(load_site: Callable[..., Config]) -> Callable[..., Config]:
    """Writes a site and commits it, then changes every page and commits again."""

    def commit(files: dict[str, str], config: str = "") -> Config:
        loaded = load_site(files, config)
        _git(loaded.root, "init", "-q")
        _git(loaded.root, "add", ".")
        _git(loaded.root, "commit", "-qm", "one", date="2021-02-03T00:00:00+00:00")
        for file in loaded.content_dir.rglob("*.md"):
            file.write_text(file.read_text() + "\nmore\n")
        _git(loaded.root, "commit", "-qam", "two", date="2022-03-04T00:00:00+00:00")
        return loaded

    return commit


def test_git_dates_what_nothing_else_does(committed: Callable[..., Config]) -> None:
    """A page without front matter has the author date of its first commit; others are left alone."""
    config = committed(
        {
            "content/späť.md": "# X\n",
            "content/b.md": FRONT,
            "content/c.md": "# C\n\nDate: 2020-01-01\n",
            "notebooks/n.ipynb": '{"nbformat": 4, "metadata": {}, "cells": []}',
            "notebooks/s.py": "# %%\n1\n",
        }
    )
    dates = {source.content_path.name: source.meta.date for source in discover(config)}
    assert {name: str(date)[:10] for name, date in dates.items()} == {
        "späť.md": "2021-02-03",
        "b.md": "None",
        "c.md": "2020-01-01",
        "n.ipynb": "2021-02-03",
        "s.py": "2021-02-03",
    }


def test_git_info_gives_the_last_change(committed: Callable[..., Config]) -> None:
    """With `enableGitInfo` every page's `lastmod` is its last commit."""
    config = committed({"content/b.md": "---\ndate: 2020-01-01\n---\n"}, "enableGitInfo = true\n")
    (source,) = discover(config)
    assert (str(source.meta.lastmod)[:10], str(source.meta.date)[:10]) == ("2022-03-04", "2020-01-01")


def test_shallow_clone_gives_no_dates(committed: Callable[..., Config], tmp_path: Path) -> None:
    """The oldest commit of a shallow clone is not when its files were written."""
    from sitegen.content.git_dates import read_git_dates

    config = committed({"content/a.md": "# X\n"})
    _git(tmp_path, "clone", "-q", "--depth", "1", config.root.as_uri(), "clone")
    assert read_git_dates(tmp_path / "clone" / "content") == {}
    assert len(read_git_dates(config.content_dir)) == 1


def test_missing_history_is_told_once(committed: Callable[..., Config], tmp_path: Path) -> None:
    """Where `enableGitInfo` finds a shallow clone or no repository, one warning says what to do."""
    config = committed({"content/a.md": FRONT, "content/b.md": FRONT}, "enableGitInfo = true\n")
    _git(tmp_path, "clone", "-q", "--depth", "1", config.root.as_uri(), "clone")
    shutil.copytree(config.root / "content", tmp_path / "bare" / "content")

    shallow = replace(config, root=tmp_path / "clone", content_dir=tmp_path / "clone" / "content")
    bare = replace(config, root=tmp_path / "bare", content_dir=tmp_path / "bare" / "content")

    assert _told(config) == []
    assert [message for message in _told(shallow) if "shallow clone" in message] == _told(shallow) != []
    assert [message for message in _told(bare) if "no git repository" in message] == _told(bare) != []


def _told(config: Config) -> list[str]:
    index = build_index(discover(config), config)
    return [found.message for found in index.diagnostics if found.code == "SG127"]


def test_untracked_page_has_no_date(committed: Callable[..., Config]) -> None:
    """A page that is not committed yet is dated by nothing."""
    config = committed({"content/a.md": "# X\n"})
    (config.content_dir / "new.md").write_text("# New\n")
    dates = {source.content_path.name: source.meta.date for source in discover(config)}
    assert dates["new.md"] is None
