"""Where the store's files lie: a folder, or an object store through fsspec, behind one protocol.

Paths are relative to the store, with `/`. Every file is written whole under a name that says what it holds, so a file
is never changed, and two writers of one name write the same bytes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final, NoReturn, Protocol

from sitegen.errors import ConfigError, Diagnostic
from sitegen.files import TEMPORARY_PREFIX, safe_join, write_atomic

_AT_A_TIME: Final = 200
"""Objects asked for in one go: some memory, and few enough for one pool of connections."""
_COUNTS_AS_NEW_S: Final = 30 * 60
"""An object older than this is written again rather than relied on: `prune` spares what is younger than an hour."""
_STAMPS: Final = ("ETag", "etag", "LastModified", "last_modified", "updated", "mtime", "modified", "created")
"""What the file systems of fsspec call what changes when an object does."""
_TIMES: Final = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")


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
            return _file_entry(path, self._at(path).stat())
        except FileNotFoundError:
            return None

    def read(self, path: str) -> bytes:
        """As the protocol says."""
        return self._at(path).read_bytes()

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
            write_atomic(self._at(path), content)
        except FileNotFoundError:  # `remove` took the empty folder between its making and the file's
            write_atomic(self._at(path), content)

    def keep(self, path: str, content: bytes) -> None:
        """As the protocol says."""
        file = self._at(path)
        try:
            if file.read_bytes() == content:
                os.utime(file)
                return
        except OSError:  # not there, or not ours to touch: written anew
            pass
        self.write(path, content)

    def move(self, path: str, to: str) -> None:
        """As the protocol says."""
        target = self._at(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._at(path).replace(target)

    def remove(self, path: str) -> None:
        """As the protocol says; the folder of a key goes with its last record."""
        file = self._at(path)
        file.unlink(missing_ok=True)
        if path.startswith("runs/"):
            with contextlib.suppress(OSError):  # not empty, or gone already
                file.parent.rmdir()

    def left_behind(self) -> list[FileEntry]:
        """Half-written files of processes that were killed."""
        found = self._root.rglob(f"{TEMPORARY_PREFIX}*") if self._root.is_dir() else ()
        return [_file_entry(file.relative_to(self._root).as_posix(), file.stat()) for file in found]

    def _at(self, path: str) -> Path:
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


class ObjectFiles:
    """A prefix of an object store, or of whatever else fsspec reaches by URL."""

    is_remote: Final = True

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._known: tuple[Any, str] | None = None

    @property
    def name(self) -> str:
        """The URL."""
        return self._url

    def listing(self, folder: str) -> list[FileEntry]:
        """As the protocol says."""
        system, root = self._system()
        base = f"{root}/{folder}"
        try:
            system.invalidate_cache()
            found: Mapping[str, Mapping[str, Any]] = system.find(base, detail=True)
        except FileNotFoundError:
            return []
        except Exception as error:  # the border to fsspec's plug-ins, which raise what they like
            _unreachable(error)
        entries = (self._entry(info, root) for info in found.values())
        return sorted(
            (entry for entry in entries if not _is_hidden(entry.path)), key=lambda entry: entry.path
        )

    def entry(self, path: str) -> FileEntry | None:
        """As the protocol says."""
        system, root = self._system()
        try:
            system.invalidate_cache()
            return self._entry(system.info(f"{root}/{path}"), root)
        except FileNotFoundError:
            return None
        except Exception as error:  # see `listing`
            _unreachable(error)

    def read(self, path: str) -> bytes:
        """As the protocol says."""
        system, root = self._system()
        try:
            return bytes(system.cat_file(f"{root}/{path}"))
        except FileNotFoundError as error:
            raise _not_there(path) from error
        except Exception as error:  # see `listing`
            _unreachable(error)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """As the protocol says; many at a time, since one costs a journey."""
        waiting = list(paths)
        if not waiting:
            return
        try:
            system, root = self._system()
        except OSError as error:
            yield from ((path, error) for path in waiting)
            return
        for start in range(0, len(waiting), _AT_A_TIME):
            batch = waiting[start : start + _AT_A_TIME]
            try:
                got: Mapping[str, Any] = system.cat([f"{root}/{path}" for path in batch], on_error="return")
            except Exception as error:  # see `listing`
                yield from ((path, _as_os_error(error)) for path in batch)
                continue
            for path in batch:
                content = got.get(f"{root}/{path}", _not_there(path))
                if isinstance(content, BaseException):
                    is_gone = isinstance(content, FileNotFoundError)
                    yield path, _not_there(path) if is_gone else _as_os_error(content)
                else:
                    yield path, bytes(content)

    def write(self, path: str, content: bytes) -> None:
        """As the protocol says: an object is put in one request, or not at all."""
        system, root = self._system()
        try:
            system.pipe_file(f"{root}/{path}", content)
        except Exception as error:  # see `listing`
            _unreachable(error)

    def keep(self, path: str, content: bytes) -> None:
        """As the protocol says, by size and age: its bytes are not fetched to be compared."""
        there = self.entry(path)
        is_new = there is not None and time.time() - there.modified_s < _COUNTS_AS_NEW_S
        if there is None or there.size_bytes != len(content) or not is_new:
            self.write(path, content)

    def move(self, path: str, to: str) -> None:
        """As the protocol says, in two steps: an object store has no renaming."""
        content = self.read(path)
        self.write(to, content)
        self.remove(path)

    def remove(self, path: str) -> None:
        """As the protocol says."""
        system, root = self._system()
        try:
            system.rm_file(f"{root}/{path}")
        except FileNotFoundError:
            pass
        except Exception as error:  # see `listing`
            _unreachable(error)

    def _system(self) -> tuple[Any, str]:
        """The file system and the prefix in it.

        Raises:
            ConfigError: fsspec, or what it needs for this protocol, is not installed.
        """
        if self._known is None:
            try:
                from fsspec.core import url_to_fs

                system, root = url_to_fs(self._url, use_listings_cache=False)
            except (ImportError, ValueError) as error:  # ValueError: a protocol that fsspec does not know
                raise ConfigError(_not_installed(self._url, error)) from error
            except Exception as error:  # see `listing`
                _unreachable(error)
            self._known = (system, str(root).rstrip("/"))
        return self._known

    def _entry(self, info: Mapping[str, Any], root: str) -> FileEntry:
        size = int(info.get("size") or 0)
        stamp = next((str(info[name]) for name in _STAMPS if info.get(name)), "")
        return FileEntry(
            path=str(info["name"]).removeprefix(root).lstrip("/"),
            size_bytes=size,
            stamp=f"{size}-{stamp}",
            modified_s=next((_seconds(info[name]) for name in _TIMES if info.get(name)), 0.0),
        )


def _not_installed(url: str, error: Exception) -> Diagnostic:
    protocol = url.partition("://")[0]
    return Diagnostic(
        code="SG103",
        severity="error",
        message=f"the results store `{url}` cannot be opened: {str(error).rstrip('.')}",
        hint='pip install "sitegen-ml[store]"'
        if protocol in ("s3", "s3a", "memory")
        else f"install what fsspec needs for `{protocol}://`, or name a folder as `resultsDir`",
    )


def _not_there(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


def _unreachable(error: Exception) -> NoReturn:
    raise _as_os_error(error) from error


def _as_os_error(error: BaseException) -> OSError:
    """Any failure of a plug-in as one that says in one line what happened."""
    if not isinstance(error, Exception):
        raise error
    if isinstance(error, OSError) and error.strerror:
        return error
    words = str(error).strip().splitlines() or [type(error).__name__]
    kind = type(error) if isinstance(error, OSError) else OSError
    return kind(getattr(error, "errno", None) or 0, words[0])


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _seconds(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return 0.0
    return float(value)
