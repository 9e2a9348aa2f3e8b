"""Watch a site's folder: what an editor does becomes one set of changed paths."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

QUIET_S: Final = 0.08
"""A change is reported when nothing else changed for so long: editors write a file in several steps."""
LONGEST_S: Final = 1.0
"""... or when the first of the changes is this old: a program that keeps writing must not hide a save."""

_CHANGES: Final = frozenset(
    {
        EVENT_TYPE_CLOSED,
        EVENT_TYPE_CREATED,
        EVENT_TYPE_DELETED,
        EVENT_TYPE_MODIFIED,
        EVENT_TYPE_MOVED,
    }
)
"""Without `opened` and `closed_no_write`: a build reads every file, and would start the next build."""

_TEMPORARY: Final = re.compile(
    r"""
    ^\..*               # hidden: .git, .venv, .sitegen, Vim's .x.swp, Emacs' .#x
    | ~$                # backups of Emacs, gedit, Kate
    | ^\#.*\#$          # Emacs' auto-saves
    | ^4913$            # Vim's probe for a writable folder
    | \.(sw[a-z]|tmp|temp|bak|part|crdownload|kate-swp|pyc)$
    | ___jb_(tmp|old)___$  # JetBrains
    | ^(__pycache__|node_modules|venv)$
    """,
    re.VERBOSE,
)


class Watcher:
    """A context in which changes below a folder are reported, from a thread of its own."""

    def __init__(
        self,
        root: Path,
        on_change: Callable[[frozenset[Path]], None],
        *,
        also: Iterable[Path] = (),
        ignored: Iterable[Path] = (),
    ) -> None:
        """Prepare to watch.

        Args:
            root: absolute; also the root of a site that cannot be configured yet.
            on_change: called with the paths that changed, absolute; files and moved folders.
            also: folders outside the root that the site is made of; those that are missing are left out.
            ignored: folders whose content never counts: the output folder, the results.
        """
        self._root = root.resolve()
        self._outside = [folder for folder in also if not folder.is_relative_to(self._root)]
        self._ignored = frozenset(folder.resolve() for folder in ignored)
        self._observer = Observer()
        self._debouncer = Debouncer(on_change)
        self._watches: dict[Path, ObservedWatch] = {}

    def __enter__(self) -> Self:
        handler = _Handler(self._seen)
        # each folder at the top on its own: a recursive watch of the root would put one on every
        # folder of a virtual environment
        self._observer.schedule(handler, str(self._root), recursive=False)
        for folder in (*self._root.iterdir(), *self._outside):
            self._watch_folder(folder)
        self._debouncer.start()
        self._observer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._observer.stop()
        self._observer.join()
        self._debouncer.stop()

    def is_ignored(self, path: Path) -> bool:
        """Whether a change of the path is none of the site's."""
        if any(folder == path or folder in path.parents for folder in self._ignored):
            return True
        for root in (self._root, *self._outside):
            if path.is_relative_to(root):
                return any(_TEMPORARY.search(part) for part in path.relative_to(root).parts)
        return True

    def _watch_folder(self, folder: Path) -> None:
        if folder in self._watches or not folder.is_dir() or self.is_ignored(folder):
            return
        if (folder / "pyvenv.cfg").exists():
            return
        self._watches[folder] = self._observer.schedule(_Handler(self._seen), str(folder), recursive=True)

    def _unwatch_folder(self, folder: Path) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None:
            self._observer.unschedule(watch)

    def _seen(self, path: Path, *, is_folder: bool) -> None:
        if self.is_ignored(path):
            return
        if is_folder and path.parent == self._root:
            if path.is_dir():
                self._watch_folder(path)
            else:
                self._unwatch_folder(path)
        self._debouncer.add(path)


class Debouncer:
    """Gathers paths and hands them on when it has been quiet for a moment."""

    def __init__(
        self,
        deliver: Callable[[frozenset[Path]], None],
        *,
        quiet_s: float = QUIET_S,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._deliver = deliver
        self._quiet_s = quiet_s
        self._longest_s = longest_s
        self._condition = threading.Condition()
        self._pending: set[Path] = set()
        self._additions = 0
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="sitegen-debounce", daemon=True)

    def start(self) -> None:
        """Start to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is pending is dropped."""
        with self._condition:
            self._is_stopped = True
            self._condition.notify_all()
        self._thread.join()

    def add(self, path: Path) -> None:
        """Note a change."""
        with self._condition:
            self._pending.add(path)
            self._additions += 1
            self._condition.notify_all()

    def _run(self) -> None:
        while (paths := self._next()) is not None:
            self._deliver(paths)

    def _next(self) -> frozenset[Path] | None:
        """The next set, waited for; None at the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._pending or self._is_stopped)
            deadline = time.monotonic() + self._longest_s
            while not self._is_stopped and self._has_more(deadline):
                continue
            if self._is_stopped:
                return None
            paths, self._pending = frozenset(self._pending), set()
            return paths

    def _has_more(self, deadline: float) -> bool:
        """Whether another change comes within the quiet time and before the deadline; waits for it."""
        seen = self._additions
        timeout_s = min(self._quiet_s, deadline - time.monotonic())
        return timeout_s > 0 and self._condition.wait_for(
            lambda: self._additions != seen or self._is_stopped, timeout=timeout_s
        )


class _Handler(FileSystemEventHandler):
    """Turns watchdog's events into paths."""

    def __init__(self, seen: Callable[..., None]) -> None:
        self._seen = seen

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Report the paths of a change; a folder counts when it comes, goes or moves."""
        if event.event_type not in _CHANGES:
            return
        if event.is_directory and event.event_type == EVENT_TYPE_MODIFIED:
            return
        for raw in (event.src_path, event.dest_path):
            if raw:
                self._seen(Path(_text(raw)), is_folder=event.is_directory)


def _text(path: bytes | str) -> str:
    return path.decode(errors="surrogateescape") if isinstance(path, bytes) else path
