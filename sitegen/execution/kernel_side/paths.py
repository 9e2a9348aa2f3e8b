"""In the kernel: what a path that the page's code used is called from the site's folder, if it lies there and counts."""

from __future__ import annotations

import os
import sys
from typing import Any

_NOT_COUNTED = ("site-packages", "dist-packages", "__pycache__")

_roots: tuple[str, ...] = ()
"""The site's folder as it was given, and without symbolic links."""
_prefixes: tuple[str, ...] = ()
"""Where the interpreter and its packages lie."""
_inner: tuple[str, ...] = ()
"""Those of them that are below the site's folder."""
_elsewhere: set[str] = set()
"""Paths that were found to lie outside, since to look costs a call for each folder above."""
_REMEMBERED = 100_000
"""Of them: some ten megabytes."""


def install(root: str) -> None:
    """Take note of the site's folder."""
    global _roots, _prefixes, _inner
    _roots = tuple(dict.fromkeys((os.path.abspath(root), os.path.realpath(root))))
    own = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    _prefixes = tuple(
        prefix + os.sep for prefix in sorted(own | {os.path.realpath(prefix) for prefix in own})
    )
    _inner = tuple(
        prefix for prefix in _prefixes if prefix.startswith(tuple(root + os.sep for root in _roots))
    )


def root() -> str:
    """The site's folder as it was given, absolute."""
    return _roots[0]


def absolute(path: Any, folder: int | None = None) -> str | None:
    """An absolute path; None for what is no path.

    Args:
        path: as the call was given it.
        folder: the number of an open folder that it is relative to.
    """
    if isinstance(path, int):
        return _path_of_number(path)
    text: Any = os.fspath(path)
    text = os.fsdecode(text) if isinstance(text, bytes) else text
    if not os.path.isabs(text):
        base = os.getcwd() if folder is None else _path_of_number(folder)
        if base is None:
            return None
        text = os.path.join(base, text)
    if os.pardir in text.split(os.sep):  # after a link it leads elsewhere than it looks
        text = os.path.join(os.path.realpath(os.path.dirname(text)), os.path.basename(text))
    return str(os.path.normpath(text))


def _path_of_number(number: int) -> str | None:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            path = os.readlink(f"{folder}/{number}")
        except OSError:
            continue
        return path if os.path.isabs(path) else None
    return None


def site_path(path: str) -> str | None:
    """An absolute path as it is called from the site's folder as given; None outside of it, or where it is not counted."""
    below = _below(path)
    if below is None:
        if path in _elsewhere or path.startswith(_prefixes):
            return None
        below = _below(os.path.realpath(path))
        if below is None:
            if len(_elsewhere) > _REMEMBERED:
                _elsewhere.clear()
            _elsewhere.add(path)
            return None
    if path.startswith(_inner) or any(
        part.startswith(".") or part in _NOT_COUNTED for part in below.split(os.sep)
    ):
        return None
    return os.path.join(_roots[0], below) if below else _roots[0]


def _below(path: str) -> str | None:
    for root in _roots:
        if path == root:
            return ""
        if path.startswith(root + os.sep):
            return path[len(root) + 1 :]
    return None


def stamp(path: str) -> list[int] | None:
    """Modification time (ns), size and inode of a file; None where there is none."""
    try:
        now = os.stat(path)
    except OSError:
        return None
    return [now.st_mtime_ns, now.st_size, now.st_ino]
