"""In the kernel: the log of what was seen, one file to which other processes append too, and what its events come to."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from typing import Any

_paths: Any = None
_log = -1
_log_path = ""
_logged: set[tuple[str, str]] = set()
_start = ""
"""The page's folder."""


def install(paths: Any, log: str = "") -> None:
    """Open the log: a new one, or that of the process whose path is given."""
    global _paths, _log, _log_path, _start
    _paths, _start = paths, os.getcwd()
    if log:
        _log, _log_path = os.open(log, os.O_WRONLY | os.O_APPEND), log
        return
    kernel = sys.modules.get("ipykernel.connect")
    folder = os.path.dirname(kernel.get_connection_file()) if kernel is not None else ""
    # the build's own folder for this kernel, which it removes; elsewhere nobody would
    is_kept = os.path.basename(folder).startswith("sg-")
    number, path = tempfile.mkstemp(prefix="seen-", dir=folder if is_kept else None)
    os.close(number)
    _log = os.open(path, os.O_RDWR | os.O_APPEND)
    _log_path = path if is_kept else ""
    if not is_kept:
        with contextlib.suppress(OSError):  # Windows: it is open
            os.unlink(path)


def path() -> str:
    """By which a process that multiprocessing starts anew can open the log; empty where it cannot."""
    return _log_path


def tell(kind: str, path: str, *more: object) -> None:
    """Append to the log, once for each kind and path."""
    if (kind, path) not in _logged:
        _logged.add((kind, path))
        os.write(_log, (json.dumps([kind, path, *more]) + "\n").encode("utf-8", "surrogateescape"))


def events() -> list[list[Any]]:
    """All that was told, in order: kind, path and more."""
    parts: list[bytes] = []
    os.lseek(_log, 0, os.SEEK_SET)
    while True:
        part = os.read(_log, 1 << 20)
        if not part:
            return [json.loads(line) for line in b"".join(parts).splitlines()]
        parts.append(part)


def classified(
    events: list[list[Any]], modules: list[str], missing: list[str], imported: list[str]
) -> dict[str, Any]:
    """The log's events, each path by what happened to it first.

    Args:
        events: of the log.
        modules: files of imported modules that no package installed.
        missing: top-level names of modules that were not found.
        imported: those that the page's own code imported.
    """
    read: dict[str, list[int] | None] = {}
    written: dict[str, None] = {}
    appended: dict[str, list[int]] = {}
    absent: dict[str, None] = {}
    folders: dict[str, list[str]] = {}
    unseen: dict[str, int] = {}
    trees: tuple[str, ...] = ()
    for kind, path, *more in events:
        is_ours = path in written or path.startswith(trees)
        if kind in ("write", "tree"):
            written[path] = None
            trees += (path + os.sep,) if kind == "tree" else ()
        elif kind == "append" and not is_ours and path not in absent:
            appended.setdefault(path, more[0])
        elif kind == "read" and path in appended:  # with what was in it before
            read.setdefault(path, appended[path])
        elif kind == "read" and path in absent:  # made meanwhile, by a program or a library
            written[path] = None
        elif kind == "read" and not is_ours:
            read.setdefault(path, more[0])
        elif kind == "argument" and not is_ours:
            if _paths.stamp(path) == more[0]:  # else it is what the program wrote
                read.setdefault(path, more[0])
        elif kind == "absent" and not is_ours:
            absent[path] = None
        elif kind == "list":
            folders.setdefault(path, more[0])
        elif kind == "unseen":
            unseen.setdefault(path, more[0])
    for path in modules:
        if path not in written:
            read.setdefault(path, None)
    written.update(dict.fromkeys(appended))
    for name in missing:
        absent.update(dict.fromkeys(_places_of_module(name)))
    for name in imported:
        absent.update(dict.fromkeys(_shadows(name)))
    return {
        "files": sorted(read),
        "times": [[path, *stamp] for path, stamp in sorted(read.items()) if stamp is not None],
        "folders": sorted(folders.items()),
        "absent": sorted(path for path in absent if path not in written),
        "missing": missing,
        "written": sorted(written),
        "unseen": list(unseen),
        "unseen_cells": list(unseen.values()),
    }


def _places_of_module(name: str) -> list[str]:
    """Where a module of the site would lie."""
    folders = (_start, _paths.root())
    found = [os.path.join(folder, part) for folder in folders for part in (name, name + ".py")]
    return [path for path in found if _paths.site_path(path) and not os.path.lexists(path)]


def _shadows(name: str) -> list[str]:
    """Files that would be imported under that name instead: the folder in which the kernel began comes first."""
    found = []
    for file in (os.path.join(_start, name, "__init__.py"), os.path.join(_start, name + ".py")):
        if os.path.lexists(file):
            break
        if _paths.site_path(file):
            found.append(file)
    return found
