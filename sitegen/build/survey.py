"""Look at a published folder: which of our files are still ours, which folders have changed, what else is in them.

Files are looked at one by one (2 microseconds each), so an edit in place is seen as well as a removal. Folders are
listed only where their mtime is not the one that we know: that finds what others have put there.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sitegen.build.manifest import FolderStamps, Stamp

_SETTLED_NS: Final = 50_000_000
"""A folder's mtime can be trusted when it is older than this: file systems take it from a clock
that ticks every 1 to 10 ms (CONFIG_HZ), so two changes within a tick look like one."""


_PAST_NS: Final = 3_000_000_000
"""The coarsest clock for mtimes is that of FAT: two seconds."""


def stamp_of(path: str, digest: str) -> Stamp:
    """The stamp of the file at `path`, whose digest is known.

    Raises:
        OSError: it is not there.
    """
    status = os.lstat(path)
    return (digest, status.st_size, status.st_mtime_ns, status.st_ino)


def intact(folder: str, files: Mapping[str, Stamp]) -> dict[str, Stamp]:
    """Those of `files` that are in `folder` as they were written."""
    if not os.path.isdir(folder):
        return {}
    prefix, lstat = f"{folder}/", os.lstat
    found = {}
    for path, stamp in files.items():
        try:
            status = lstat(prefix + path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if status.st_mtime_ns == stamp[2] and status.st_ino == stamp[3] and status.st_size == stamp[1]:
            found[path] = stamp
    return found


def doubtful(folder: str, stamps: FolderStamps) -> set[str]:
    """Folders that have changed since `stamps` were taken, or are gone."""
    if not os.path.isdir(folder):
        return set(stamps)
    prefix, lstat = f"{folder}/", os.lstat
    found = set()
    for path, stamp in stamps.items():
        try:
            status = lstat(prefix + path)
        except (FileNotFoundError, NotADirectoryError):
            found.add(path)
            continue
        if status.st_mtime_ns != stamp[0] or status.st_ino != stamp[1]:
            found.add(path)
    return found


def settle(folder: str, paths: Iterable[str]) -> FolderStamps:
    """Stamps of folders that we have just changed, and nobody else looks at yet.

    A folder that has changed a moment ago is given an mtime of seconds ago, so that no later change can leave it with
    the same one, however coarse the clock of the file system.

    Args:
        folder: what they are below.
        paths: folders that hold what they should, and nothing else.

    Returns:
        Without those whose mtime cannot be set.
    """
    prefix, now, lstat = f"{folder}/", time.time_ns(), os.lstat
    found = {}
    for path in paths:
        status = lstat(prefix + path)
        if now - status.st_mtime_ns <= _SETTLED_NS:
            with suppress(OSError):
                os.utime(prefix + path, ns=(status.st_atime_ns, now - _PAST_NS))
                status = lstat(prefix + path)  # as the file system has rounded it
        if now - status.st_mtime_ns > _SETTLED_NS:
            found[path] = (status.st_mtime_ns, status.st_ino)
    return found


@dataclass(frozen=True, slots=True)
class Strangers:
    """What is in some folders besides our files."""

    paths: tuple[str, ...]
    """Files, links and whole folders, never anything inside such a folder; sorted."""
    clean: FolderStamps
    """Of the folders that hold nothing foreign, as far as their mtime can be trusted."""


def strangers(
    folder: str, listed: Iterable[str], *, files: Container[str], folders: Container[str]
) -> Strangers:
    """List some of our folders below `folder`.

    Args:
        listed: their paths; missing ones are passed over.
        files: paths that are ours, whatever is in them.
        folders: paths of our folders.

    Raises:
        OSError: a folder cannot be listed.
    """
    found: set[str] = set()
    clean: FolderStamps = {}
    closed: set[str] = set()
    for path in sorted(listed) if os.path.isdir(folder) else ():
        if path.rpartition("/")[0] in closed and path:
            closed.add(path)
            continue
        try:
            status = os.lstat(f"{folder}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            continue
        if not stat.S_ISDIR(status.st_mode):
            closed.add(path)  # nothing behind a link is ours
            if path not in files:
                found.add(path)
            continue
        foreign = _foreign_entries(folder, path, files, folders)
        found.update(foreign)
        if not foreign and time.time_ns() - status.st_mtime_ns > _SETTLED_NS:
            clean[path] = (status.st_mtime_ns, status.st_ino)
    return Strangers(tuple(sorted(found)), clean)


def _foreign_entries(folder: str, path: str, files: Container[str], folders: Container[str]) -> list[str]:
    inside = f"{path}/" if path else ""
    with os.scandir(f"{folder}/{path}") as entries:
        return [
            inner
            for entry in entries
            if (inner := inside + entry.name)
            not in (folders if entry.is_dir(follow_symlinks=False) else files)
        ]
