"""What was published: the files with their digests, and the journal of an exchange; kept as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from sitegen.files import write_atomic

VERSION: Final = 1
"""Of the two file formats below; a file of another version counts as missing."""

_T = TypeVar("_T", "Manifest", "Journal")


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A file that we wrote, and how to tell that it is still that file."""

    digest: str
    """Of its bytes, SHA-256."""
    size_bytes: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path, digest: str) -> FileStamp:
        """The stamp of the file at `path`, whose digest is known."""
        status = path.lstat()
        return cls(digest, status.st_size, status.st_mtime_ns, status.st_ino)

    def fits(self, status: os.stat_result) -> bool:
        """Whether a file of that status is that very file, unwritten since."""
        found = (status.st_size, status.st_mtime_ns, status.st_ino)
        return found == (self.size_bytes, self.mtime_ns, self.inode)


@dataclass(frozen=True, slots=True)
class FolderStamp:
    """A folder as it was when it was last listed."""

    mtime_ns: int
    """Changes when an entry comes or goes; while it does not, `foreign` holds."""
    foreign: tuple[str, ...] = ()
    """Names in it that we did not write."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one folder holds. Paths are relative to it, with `/`; the folder itself is an empty path."""

    files: dict[str, FileStamp] = field(default_factory=dict)
    folders: dict[str, FolderStamp] = field(default_factory=dict)
    """Folders on the way to our files; one that is missing here is listed."""
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Journal:
    """An exchange that has begun: with it the next command can tell whether it took place, and finish it."""

    old_inode: int
    """Of the output folder before; 0 where there was none."""
    new_inode: int
    """Of the folder that takes its place."""
    old: Manifest
    new: Manifest
    version: int = VERSION


def load(path: Path, kind: type[_T]) -> _T | None:
    """What is stored at `path`; None where there is nothing, or nothing that this version can read."""
    try:
        value = msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
    return value if value.version == VERSION else None


def save(path: Path, value: Manifest | Journal) -> None:
    """Store a value, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    write_atomic(path, msgspec.json.encode(value))


def parents(paths: Iterable[str]) -> set[str]:
    """Every folder on the way to `paths`, the empty path included."""
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
