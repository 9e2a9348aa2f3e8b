"""Where the store's files lie: the protocol of a place, and a folder of the disk as one.

Paths are relative to the store, with `/`. Every file is written whole under a name that says what it holds, so a file
is never changed, and two writers of one name write the same bytes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from sitegen.files import safe_join, write_atomic
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file of the store as a listing tells it."""

    path: str
    size_bytes: int
    stamp: str
    """Changes when the file's bytes do, as far as the system can tell without reading them."""
    modified_s: float
    """Seconds since 1970; 0 where the system does not say."""


class Files(Protocol):
    """The files of a store."""

    @property
    def name(self) -> str:
        """The place as it is named in messages: `results`, `s3://bucket/prefix`."""
        ...

    @property
    def is_remote(self) -> bool:
        """Whether reading costs a journey, so that a copy is kept."""
        ...

    def listing(self, folder: str) -> list[FileEntry]:
        """Every file below a folder by path, but for hidden ones; none where there is no such folder.

        Raises:
            OSError: the place cannot be reached or read.
        """
        ...

    def entry(self, path: str) -> FileEntry | None:
        """One file as a listing tells it; None where it is not there.

        Raises:
            OSError: the place cannot be reached or read.
        """
        ...

    def read(self, path: str) -> bytes:
        """A file's bytes.

        Raises:
            OSError: it is not there, or the place cannot be reached or read.
        """
        ...

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """The bytes of several files, or why one cannot be read."""
        ...

    def write(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        ...

    def keep(self, path: str, content: bytes) -> None:
        """Write a file unless it is there whole; one that is there counts as just written.

        Raises:
            OSError: it cannot be written.
        """
        ...

    def move(self, path: str, to: str) -> None:
        """Give a file another name.

        Raises:
            OSError: it is not there, or cannot be moved.
        """
        ...

    def remove(self, path: str) -> None:
        """Remove a file; a missing one is no error.

        Raises:
            OSError: it cannot be removed.
        """
        ...


class FolderFiles:
    """A folder of the disk; it is made with the first file."""

    is_remote: Final = False

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._name = name

    @property
    def name(self) -> str:
        """The folder, relative to the site where it lies below it."""
        return self._name

    def listing(self, folder: str) -> list[FileEntry]:
        """As the protocol says."""
        found: list[FileEntry] = []
        self._walk(self._root / folder, folder, found)
        return sorted(found, key=lambda entry: entry.path)

    def entry(self, path: str) -> FileEntry | None:
        """As the protocol says."""
        try:
            return _file_entry(path, self.file(path).stat())
        except FileNotFoundError:
            return None

    def read(self, path: str) -> bytes:
        """As the protocol says."""
        return self.file(path).read_bytes()

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """As the protocol says."""
        for path in paths:
            try:
                yield path, self.read(path)
            except OSError as error:
                yield path, error

    def write(self, path: str, content: bytes) -> None:
        """As the protocol says."""
        try:
            write_atomic(self.file(path), content)
        except FileNotFoundError:  # `remove` took the empty folder between its making and the file's
            write_atomic(self.file(path), content)

    def keep(self, path: str, content: bytes) -> None:
        """As the protocol says."""
        file = self.file(path)
        try:
            if file.read_bytes() == content:
                os.utime(file)
                return
        except OSError:  # not there, or not ours to touch: written anew
            pass
        self.write(path, content)

    def move(self, path: str, to: str) -> None:
        """As the protocol says."""
        target = self.file(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.file(path).replace(target)

    def remove(self, path: str) -> None:
        """As the protocol says; the folder of a key goes with its last record."""
        file = self.file(path)
        file.unlink(missing_ok=True)
        if path.startswith("runs/"):
            with contextlib.suppress(OSError):  # not empty, or gone already
                file.parent.rmdir()

    def file(self, path: str) -> Path:
        """Where a file lies on the disk."""
        return safe_join(self._root, PurePosixPath(path))

    def _walk(self, folder: Path, path: str, found: list[FileEntry]) -> None:
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:  # never made, or pruned meanwhile
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            below = f"{path}/{entry.name}"
            try:
                if entry.is_dir():
                    self._walk(folder / entry.name, below, found)
                else:
                    found.append(_file_entry(below, entry.stat()))
            except FileNotFoundError:  # moved or removed by another process since it was listed
                continue


def _file_entry(path: str, status: os.stat_result) -> FileEntry:
    return FileEntry(
        path=path,
        size_bytes=status.st_size,
        # the inode too: two files written within one tick of a coarse clock differ in it
        stamp=f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}",
        modified_s=status.st_mtime,
    )
