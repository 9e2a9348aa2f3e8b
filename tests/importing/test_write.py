"""An imported site on disk: all or nothing, never over what somebody wrote."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from sitegen.errors import SiteError
from sitegen.importing.report import REPORT_NAME, REPORT_SIGN
from sitegen.importing.values import ImportedFile
from sitegen.importing.write import check_target, write_site

REPORT = ImportedFile(path=PurePosixPath(REPORT_NAME), content=f"# Imported\n\n{REPORT_SIGN}\n".encode())


def _file(path: str, text: str) -> ImportedFile:
    return ImportedFile(path=PurePosixPath(path), content=text.encode())


def _tree(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text("utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with one old file."""
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"picture")
    os.utime(folder / "a.png", (1_000_000_000, 1_000_000_000))
    return folder


def test_copy_keeps_its_time(source: Path, tmp_path: Path) -> None:
    """What git does not know of a picture, its time may say."""
    copied = ImportedFile(path=PurePosixPath("static/a.png"), copy_of=source / "a.png")

    write_site((copied,), tmp_path / "new")

    assert (tmp_path / "new/static/a.png").read_bytes() == b"picture"
    assert (tmp_path / "new/static/a.png").stat().st_mtime == 1_000_000_000


def test_empty_folder_stays_the_same_folder(source: Path, tmp_path: Path) -> None:
    """Whoever calls the command with `.` still stands in it; its `.git` stays too."""
    target = tmp_path / "new"
    (target / ".git").mkdir(parents=True)
    before = target.stat().st_ino

    check_target(source, target, force=False)
    write_site((_file("content/a.md", "a"),), target)

    assert target.stat().st_ino == before
    assert sorted(entry.name for entry in target.iterdir()) == [".git", "content"]


def test_failure_leaves_nothing(source: Path, tmp_path: Path) -> None:
    """A file that cannot be read: no half site, and nothing beside it."""
    files = (_file("content/a.md", "a"), ImportedFile(path=PurePosixPath("b"), copy_of=source / "gone"))

    with pytest.raises(SiteError) as caught:
        write_site(files, tmp_path / "new")

    assert caught.value.diagnostic.code == "SG805"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["old"]


def test_failure_leaves_an_earlier_import_whole(source: Path, tmp_path: Path) -> None:
    """The second import fails at its last file: the first one is as it was."""
    write_site((_file("content/a.md", "first"), REPORT), tmp_path / "new")
    files = (_file("content/a.md", "second"), ImportedFile(path=PurePosixPath("b"), copy_of=source / "gone"))

    with pytest.raises(SiteError):
        write_site(files, tmp_path / "new")

    assert _tree(tmp_path / "new")["content/a.md"] == "first"


@pytest.mark.parametrize("name", ["", "inner", ".."])
def test_source_and_target_in_each_other_are_refused(source: Path, name: str) -> None:
    """Neither the new site in the old nor the old in the new."""
    with pytest.raises(SiteError) as caught:
        check_target(source, source / name, force=True)

    assert caught.value.diagnostic.code == "SG804"


def test_folder_with_files_is_refused_even_with_force(source: Path, tmp_path: Path) -> None:
    """`--force` is for earlier imports, not for somebody's site."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new/mine.md").write_text("mine", encoding="utf-8")

    with pytest.raises(SiteError) as caught:
        check_target(source, tmp_path / "new", force=True)

    assert caught.value.diagnostic.code == "SG803"


def test_force_writes_again_and_leaves_other_files(source: Path, tmp_path: Path) -> None:
    """An earlier import is written over only where that is said; what the author added stays."""
    target = tmp_path / "new"
    check_target(source, target, force=False)
    write_site((_file("content/a.md", "first"), REPORT), target)
    (target / "content/mine.md").write_text("mine", encoding="utf-8")

    with pytest.raises(SiteError) as caught:
        check_target(source, target, force=False)
    check_target(source, target, force=True)
    write_site((_file("content/a.md", "second"), REPORT), target)

    assert caught.value.diagnostic.code == "SG803"
    assert _tree(target) == {
        REPORT_NAME: f"# Imported\n\n{REPORT_SIGN}\n",
        "content/a.md": "second",
        "content/mine.md": "mine",
    }


def test_path_that_leaves_the_target_is_a_bug(tmp_path: Path) -> None:
    """An importer that names `../x` writes nothing."""
    with pytest.raises(ValueError, match="leaves its folder"):
        write_site((_file("../x", "x"),), tmp_path / "new")

    assert list(tmp_path.iterdir()) == []
