"""Writing files: whole or not at all, and only where they belong."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath

import pytest

from sitegen import files
from sitegen.files import (
    ExchangeUnsupportedError,
    copy_atomic,
    digest_bytes,
    digest_file,
    exchange,
    link_or_copy,
    remove_tree,
    safe_join,
    write_atomic,
)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    """Files and bytes are digested alike, as SHA-256."""
    path = tmp_path / "a"
    path.write_bytes(b"abc")

    assert digest_file(path) == digest_bytes(b"abc")
    assert digest_bytes(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_write_makes_folders_and_leaves_no_temporary(tmp_path: Path) -> None:
    """Parents are made; the folder holds the file and nothing else."""
    write_atomic(tmp_path / "a/b/c.txt", b"one")

    assert (tmp_path / "a/b/c.txt").read_bytes() == b"one"
    assert _names(tmp_path / "a/b") == ["c.txt"]


def test_write_is_never_in_place(tmp_path: Path) -> None:
    """A hard link to the old file keeps the old bytes."""
    path, other = tmp_path / "a", tmp_path / "b"
    write_atomic(path, b"old")
    os.link(path, other)

    write_atomic(path, b"new")

    assert (path.read_bytes(), other.read_bytes()) == (b"new", b"old")


def test_written_file_has_the_mode_that_umask_gives(tmp_path: Path) -> None:
    """A page can be read by a web server that runs as somebody else."""
    previous = os.umask(0o022)
    try:
        write_atomic(tmp_path / "a", b"")
    finally:
        os.umask(previous)

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


def test_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last step fails, the temporary file is gone."""
    path = tmp_path / "a"
    write_atomic(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="full"):
        write_atomic(path, b"new")

    assert path.read_bytes() == b"old"
    assert _names(tmp_path) == ["a"]


def test_copy_replaces_the_target(tmp_path: Path) -> None:
    """A copy has the bytes and an inode of its own."""
    source, target = tmp_path / "a", tmp_path / "x/b"
    source.write_bytes(b"1")

    copy_atomic(source, target)

    assert target.read_bytes() == b"1"
    assert target.stat().st_ino != source.stat().st_ino


def test_link_shares_the_inode_and_replaces(tmp_path: Path) -> None:
    """The target becomes the same file; linking again changes nothing and leaves nothing."""
    source, target = tmp_path / "a", tmp_path / "x/b"
    source.write_bytes(b"1")
    write_atomic(target, b"2")

    link_or_copy(source, target)
    link_or_copy(source, target)

    assert target.stat().st_ino == source.stat().st_ino
    assert _names(tmp_path / "x") == ["b"]


def test_link_falls_back_to_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system has no hard links, the bytes are copied."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "other file system")

    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"1")
    monkeypatch.setattr(os, "link", refuse)

    link_or_copy(source, target)

    assert target.read_bytes() == b"1"
    assert target.stat().st_ino != source.stat().st_ino


@pytest.mark.parametrize("path", ["../a", "a/../../b", "/etc/passwd", "", "a/\0", "C:/x"])
def test_paths_that_escape_are_refused(tmp_path: Path, path: str) -> None:
    """Only relative paths without a way up are joined."""
    with pytest.raises(ValueError, match="`"):
        safe_join(tmp_path, PurePosixPath(path))


def test_safe_path_is_joined(tmp_path: Path) -> None:
    """A plain path lands below its root, dots in names included."""
    assert safe_join(tmp_path, PurePosixPath("a/..b/c.")) == tmp_path / "a" / "..b" / "c."


def test_removal_does_not_follow_links(tmp_path: Path) -> None:
    """Files, folders and links go; what a link points to stays; a missing path is fine."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "folder/deep").mkdir(parents=True)

    for name in ("link", "folder", "missing"):
        remove_tree(tmp_path / name)

    assert _names(tmp_path) == ["kept"]
    assert (tmp_path / "kept/file").exists()


def test_exchange_swaps_two_folders(tmp_path: Path) -> None:
    """After the call each name has the other's content."""
    write_atomic(tmp_path / "a/one", b"")
    write_atomic(tmp_path / "b/two", b"")

    try:
        exchange(tmp_path / "a", tmp_path / "b")
    except ExchangeUnsupportedError:
        pytest.skip("this file system cannot exchange folders")

    assert (_names(tmp_path / "a"), _names(tmp_path / "b")) == (["two"], ["one"])


def test_exchange_says_what_is_missing(tmp_path: Path) -> None:
    """A missing side is an error that names it, not a silent rename."""
    (tmp_path / "a").mkdir()

    with pytest.raises(OSError, match=r"No such file|not implemented"):
        exchange(tmp_path / "a", tmp_path / "b")


def test_exchange_without_the_call_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without the call raises the error that publishing has an answer to."""
    monkeypatch.setattr(files, "_exchange_call", lambda: None)

    with pytest.raises(ExchangeUnsupportedError):
        exchange(tmp_path / "a", tmp_path / "b")
