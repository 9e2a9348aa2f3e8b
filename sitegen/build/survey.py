"""Look at an output folder: which of our files are still ours, and what else is in it."""

from __future__ import annotations

import os
import stat
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sitegen.build.manifest import FileStamp, FolderStamp, Manifest, parents

_SETTLED_NS: Final = 50_000_000
"""A folder's mtime can be trusted when it is older than this: file systems take it from a clock
that ticks every 1 to 10 ms (CONFIG_HZ), so two changes within a tick look like one."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds."""

    intact: dict[str, FileStamp]
    """Files of the manifest that are there, as they were written."""
    foreign: tuple[str, ...]
    """Paths of what we did not write: files, links and whole folders, never anything inside such a folder."""
    folders: dict[str, FolderStamp]
    """For the next manifest: those whose mtime can be trusted."""


def survey(folder: Path, manifest: Manifest, wanted: Iterable[str] = ()) -> Survey:
    """List the folders that changed since `manifest` was made; believe it of the others.

    Args:
        wanted: paths that are about to be written; a foreign folder on the way to one is looked into.

    Raises:
        OSError: a folder cannot be listed.
    """
    return _Walk(folder, manifest, wanted).run()


class _Walk:
    """One pass over an output folder."""

    def __init__(self, folder: Path, manifest: Manifest, wanted: Iterable[str]) -> None:
        self._root = folder
        self._manifest = manifest
        self._ours = parents([*manifest.files, *wanted])
        self._files: dict[str, list[str]] = defaultdict(list)
        self._children: dict[str, list[str]] = defaultdict(list)
        for path in manifest.files:
            self._files[path.rpartition("/")[0]].append(path)
        for path in self._ours - {""}:
            self._children[path.rpartition("/")[0]].append(path)
        self._intact: dict[str, FileStamp] = {}
        self._foreign: list[str] = []
        self._folders: dict[str, FolderStamp] = {}

    def run(self) -> Survey:
        if self._root.is_dir():
            self._look("", self._root.stat())
        return Survey(self._intact, tuple(sorted(self._foreign)), self._folders)

    def _look(self, path: str, status: os.stat_result) -> None:
        known = self._manifest.folders.get(path)
        if known is not None and known.mtime_ns == status.st_mtime_ns:
            self._believe(path, known)
            return
        names = self._list(path)
        if time.time_ns() - status.st_mtime_ns > _SETTLED_NS:
            self._folders[path] = FolderStamp(status.st_mtime_ns, names)

    def _believe(self, path: str, known: FolderStamp) -> None:
        foreign = {_join(path, name) for name in known.foreign}
        for file in self._files.get(path, ()):
            self._intact[file] = self._manifest.files[file]
        self._foreign += foreign - self._ours
        self._folders[path] = known
        for child in self._children.get(path, ()):
            try:
                status = (self._root / child).lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(status.st_mode):
                self._look(child, status)
            elif child in foreign:
                self._foreign.append(child)

    def _list(self, path: str) -> tuple[str, ...]:
        names = []
        with os.scandir(self._root / path) as entries:
            for entry in entries:
                inner = _join(path, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    if inner in self._ours:
                        self._look(inner, entry.stat(follow_symlinks=False))
                        continue
                elif inner in self._manifest.files:
                    stamp = self._manifest.files[inner]
                    if stamp.fits(entry.stat(follow_symlinks=False)):
                        self._intact[inner] = stamp
                    continue
                names.append(entry.name)
                self._foreign.append(inner)
        return tuple(sorted(names))


def folder_stamps(folder: Path, paths: Iterable[str], foreign: Iterable[str]) -> dict[str, FolderStamp]:
    """Stamps of the folders on the way to `paths`, as far as their mtime can be trusted already.

    Args:
        folder: holds `paths` and `foreign`, and nothing else.
        foreign: may lie in folders that are on the way to none of `paths`; these count as foreign, too.
    """
    ours = parents(paths)
    names: dict[str, set[str]] = defaultdict(set)
    for path in foreign:
        parent, _, name = path.rpartition("/")
        while parent not in ours:
            parent, _, name = parent.rpartition("/")
        names[parent].add(name)
    stamps = {}
    now = time.time_ns()
    for path in ours:
        mtime_ns = (folder / path).stat().st_mtime_ns
        if now - mtime_ns > _SETTLED_NS:
            stamps[path] = FolderStamp(mtime_ns, tuple(sorted(names[path])))
    return stamps


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
