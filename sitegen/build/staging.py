"""New files wait here, in the layout of the site, until they are published: one plain write each, also by worker processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sitegen.files import StrPath, copy_plain, digest_file, remove_tree, write_plain

_PREFIX: Final = "staging-"
_MADE: Final[set[str]] = set()
"""Folders that this process has made, or seen made, below staging folders; a worker asks for each once."""


class StagingError(OSError):
    """The file system refuses a file of the new site: known from other failures of a worker by its class."""


def stage(folder: str, path: str, content: bytes, twin: str = "") -> None:
    """Write a file to be published; workers call it, each for files of its own.

    Of two paths one of which would have to be a folder of the other, only the first is written: `publish`
    refuses them, and names both owners (SG502).

    Args:
        folder: the staging folder.
        path: below the output folder, with `/`; checked by `publish`, which takes it from there.
        content: all bytes.
        twin: another such folder, where the file is to be as well, by a link; what cannot be linked is left out.

    Raises:
        StagingError: it cannot be written.
    """
    place = f"{folder}/{path}"
    try:
        with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
            _make_folder(place.rpartition("/")[0])
            write_plain(place, content)
            if twin:
                _link(place, f"{twin}/{path}")
    except OSError as error:
        raise StagingError(error.errno, error.strerror, error.filename) from error


def stage_copy(folder: str, path: str, source: StrPath, digest: str) -> str:
    """Copy a file to be published; as `stage`.

    Copied, never linked: an author edits it in place, and the published site must not change with it.

    Args:
        folder: the staging folder.
        path: below the output folder, with `/`.
        source: the file.
        digest: of its bytes, when it was last read.

    Returns:
        The digest of what was copied: the file may have changed since.

    Raises:
        OSError: one of the two cannot be read or written.
    """
    place = f"{folder}/{path}"
    with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
        _make_folder(place.rpartition("/")[0])
        copy_plain(source, place)
        return digest_file(place)
    return digest


def _link(place: str, other: str) -> None:
    with suppress(OSError):
        _make_folder(other.rpartition("/")[0])
        os.link(place, other)


def _make_folder(path: str) -> None:
    """Make a folder and those above it; one that this process has made already costs nothing."""
    if path in _MADE:
        return
    try:
        os.mkdir(path)
    except FileNotFoundError:
        os.makedirs(path, exist_ok=True)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
    _MADE.add(path)


@contextmanager
def opened(state: Path) -> Iterator[str]:
    """A new, empty folder for files to be published; what is left of it at the end is removed.

    While it is open it is locked, so that another build of the same site leaves it alone.
    """
    remove_leftovers(state)
    folder, descriptor = _made_and_locked(state)
    try:
        yield folder
    finally:
        remove_tree(folder)
        if descriptor is not None:
            os.close(descriptor)
        _MADE.difference_update([path for path in _MADE if path.startswith(folder)])


def remove_leftovers(state: Path) -> None:
    """Remove the folders of builds that were killed."""
    with suppress(FileNotFoundError), os.scandir(state) as entries:
        for entry in [entry for entry in entries if entry.name.startswith(_PREFIX)]:
            with suppress(BlockingIOError, FileNotFoundError):
                descriptor = _lock(entry.path)
                remove_tree(entry.path)
                if descriptor is not None:
                    os.close(descriptor)


def _made_and_locked(state: Path) -> tuple[str, int | None]:
    while True:
        folder = f"{state}/{_PREFIX}{os.urandom(6).hex()}"
        os.makedirs(folder)
        with suppress(BlockingIOError, FileNotFoundError):  # another build took it for a leftover just now
            return folder, _lock(folder)


def _lock(folder: str) -> int | None:
    """The folder, locked until the descriptor is closed; None where folders cannot be locked.

    Raises:
        BlockingIOError: somebody holds it.
    """
    if os.name != "posix":
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
