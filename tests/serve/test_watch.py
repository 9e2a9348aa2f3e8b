"""What the watcher reports, and what it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest

from sitegen.serve.watch import Debouncer, Watcher

DEADLINE_S = 20
Changes = Queue[frozenset[Path]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site's folder with content, an output folder and a virtual environment."""
    for folder in ("content/posts", "public", ".sitegen", "env/lib", "results"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "env/pyvenv.cfg").touch()
    (tmp_path / "content/posts/a.md").write_text("a", encoding="utf-8")
    return tmp_path


@pytest.fixture
def changes(root: Path) -> Iterator[Changes]:
    """The sets that a running watcher reports."""
    reported: Changes = Queue()
    with Watcher(root, reported.put, ignored=[root / "public", root / "results"]):
        yield reported


def _until(changes: Changes, wanted: Path) -> frozenset[Path]:
    """Everything reported up to and with the set that holds the wanted path."""
    seen: frozenset[Path] = frozenset()
    while wanted not in seen:
        seen |= changes.get(timeout=DEADLINE_S)
    return seen


def test_saved_page_is_reported(root: Path, changes: Changes) -> None:
    """A write below content is a change."""
    (root / "content/posts/a.md").write_text("b", encoding="utf-8")

    assert _until(changes, root / "content/posts/a.md") == {root / "content/posts/a.md"}


def test_atomic_save_is_reported(root: Path, changes: Changes) -> None:
    """Editors that write beside and rename are seen under the final name only."""
    temporary = root / "content/posts/a.md.tmp"
    temporary.write_text("b", encoding="utf-8")
    temporary.replace(root / "content/posts/a.md")

    assert temporary not in _until(changes, root / "content/posts/a.md")


def test_outputs_and_hidden_folders_are_not_reported(root: Path, changes: Changes) -> None:
    """What a build writes, and what an environment holds, starts no build."""
    for noise in ("public/index.html", ".sitegen/state", "env/lib/x.py", "results/r.json"):
        (root / noise).write_text("x", encoding="utf-8")
    (root / "sitegen.toml").write_text("", encoding="utf-8")

    assert _until(changes, root / "sitegen.toml") == {root / "sitegen.toml"}


def test_reading_is_no_change(root: Path, changes: Changes) -> None:
    """A build that reads every file does not start the next one."""
    (root / "content/posts/a.md").read_text(encoding="utf-8")
    (root / "sitegen.toml").write_text("", encoding="utf-8")

    assert _until(changes, root / "sitegen.toml") == {root / "sitegen.toml"}


def test_new_top_folder_is_watched(root: Path, changes: Changes) -> None:
    """A `templates/` made while the preview runs counts from then on, also when made twice."""
    for _ in range(2):
        (root / "templates").mkdir()
        _until(changes, root / "templates")
        (root / "templates/page.html").write_text("x", encoding="utf-8")
        _until(changes, root / "templates/page.html")
        (root / "templates/page.html").unlink()
        _until(changes, root / "templates/page.html")
        (root / "templates").rmdir()
        _until(changes, root / "templates")


@pytest.mark.parametrize(
    "name",
    [".a.md.swp", "a.md~", "#a.md#", ".#a.md", "4913", "a.md.tmp", "a.md___jb_tmp___", "__pycache__/a.pyc"],
)
def test_editor_files_are_ignored(root: Path, name: str) -> None:
    """What editors leave beside a file while it is saved is none of the site's."""
    watcher = Watcher(root, lambda _: None)

    assert watcher.is_ignored(root / "content" / name)


def test_content_outside_the_root_is_watched(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`contentDir = "../notes"` is part of the site."""
    notes = tmp_path_factory.mktemp("notes")
    reported: Changes = Queue()
    with Watcher(root, reported.put, also=[notes]):
        (notes / "a.md").write_text("a", encoding="utf-8")

        assert notes / "a.md" in _until(reported, notes / "a.md")


@pytest.fixture
def debounced() -> Iterator[Callable[[float], tuple[Debouncer, Changes]]]:
    """Makes started debouncers of a longest time."""
    started: list[Debouncer] = []

    def make(longest_s: float) -> tuple[Debouncer, Changes]:
        reported: Changes = Queue()
        debouncer = Debouncer(reported.put, quiet_s=5, longest_s=longest_s)
        debouncer.start()
        started.append(debouncer)
        return debouncer, reported

    yield make
    for debouncer in started:
        debouncer.stop()


def test_stopping_does_not_wait_for_quiet(debounced: Callable[[float], tuple[Debouncer, Changes]]) -> None:
    """The end of the preview drops what is pending."""
    debouncer, reported = debounced(60)
    debouncer.add(Path("/a"))

    debouncer.stop()

    assert reported.empty()


def test_writer_that_never_rests_does_not_hide_a_save(
    debounced: Callable[[float], tuple[Debouncer, Changes]],
) -> None:
    """The first change is delivered after the longest time, whatever follows."""
    debouncer, reported = debounced(0.01)

    debouncer.add(Path("/a"))

    assert Path("/a") in reported.get(timeout=DEADLINE_S)
