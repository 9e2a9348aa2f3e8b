"""What was published: the files with their digests, the folders, and the journal of an exchange; kept as MessagePack."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import msgspec

from sitegen.files import write_atomic

VERSION: Final = 2
"""Of the two file formats below; a file of another version counts as missing."""

Stamp: TypeAlias = tuple[str, int, int, int]
"""A file that we wrote, and how to tell that it is still that file: SHA-256 of its bytes, size in bytes, mtime in
nanoseconds, inode. A plain tuple: a site has a hundred thousand of them, and decoding is all that most builds do."""

FolderStamps: TypeAlias = dict[str, tuple[int, int]]
"""For each folder on the way to our files: mtime in nanoseconds and inode from when it held these files and folders and
nothing else, or `UNKNOWN`. While both are the same, so is what it holds. The folder itself is the empty path."""

UNKNOWN: Final = (0, 0)
"""The stamp of a folder that has to be listed: it changed a moment ago, or holds entries that are not ours."""

_STORED: Final = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of the output folder and of its twin: the same paths in both."""

    output: FolderStamps = field(default_factory=dict)
    twin: FolderStamps = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the output folder holds, and so does its twin. Paths are relative to it, with `/`."""

    files: dict[str, Stamp] = field(default_factory=dict)
    copies: dict[str, Stamp] = field(default_factory=dict)
    """Those files of the twin that could not be made as links, as they are there."""
    stored_folders: bytes = b""
    """Most builds never look at them: decoded by `folders`."""
    generation: str = ""
    """Another one with every change: a build that finds the one that it left need not compare digests."""
    version: int = VERSION

    @property
    def folders(self) -> Folders:
        """The folders, decoded anew at each call."""
        if not self.stored_folders:
            return Folders()
        return msgspec.msgpack.decode(self.stored_folders, type=Folders)

    @classmethod
    def made(cls, files: dict[str, Stamp], folders: Folders, copies: dict[str, Stamp]) -> Manifest:
        """The manifest of a site that has just changed."""
        return cls(files, copies, _STORED.encode(folders), os.urandom(16).hex())


@dataclass(frozen=True, slots=True)
class Journal:
    """An exchange that has begun: with it the next command can tell whether it took place, and finish it."""

    old_inode: int
    """Of the output folder before; 0 where there was none."""
    new_inode: int
    """Of the folder that takes its place."""
    written: dict[str, Stamp]
    """Files that the new folder has and the old one has not."""
    removed: list[str]
    version: int = VERSION

    def after(self, files: dict[str, Stamp]) -> dict[str, Stamp]:
        """The published files when the exchange is done."""
        gone = set(self.removed)
        return {path: stamp for path, stamp in files.items() if path not in gone} | self.written


_T = TypeVar("_T", Manifest, Journal)


def load(path: Path, kind: type[_T]) -> _T | None:
    """What is stored at `path`; None where there is nothing, or nothing that this version can read."""
    try:
        value = msgspec.msgpack.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
    return value if value.version == VERSION else None


def save(path: Path, value: Manifest | Journal) -> None:
    """Store a value, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    write_atomic(path, _STORED.encode(value))


def parents(paths: Iterable[str]) -> set[str]:
    """Every folder on the way to `paths`, the empty path included."""
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
