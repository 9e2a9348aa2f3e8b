"""An object store as the place of the store's files, through fsspec."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NoReturn

from sitegen.errors import ConfigError, Diagnostic
from sitegen.results.files import FileEntry

_AT_A_TIME: Final = 200
"""Objects asked for in one go: some memory, and few enough for one pool of connections."""
_COUNTS_AS_NEW_S: Final = 30 * 60
"""An object older than this is written again rather than relied on: `prune` spares what is younger than an hour."""
_STAMPS: Final = ("ETag", "etag", "LastModified", "last_modified", "updated", "mtime", "modified", "created")
"""What the file systems of fsspec call what changes when an object does."""
_TIMES: Final = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")


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
