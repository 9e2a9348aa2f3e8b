"""Build again at each change, in a thread of its own, whatever goes wrong."""

from __future__ import annotations

import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sitegen.serve.live import Live

_LEAVE_S: Final = 5.0
"""How long the end waits for kernels to be stopped; then the process goes anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one build went."""

    is_published: bool
    """There is a site to be served."""
    is_changed: bool = True
    """It differs from the last one."""
    problems: str = ""
    """The errors as text for the browser; empty where there is none."""


class Builder(Protocol):
    """What a preview builds with."""

    def build(self, changed: frozenset[Path]) -> Outcome:
        """Build once; errors that an author can act on are part of the outcome.

        Args:
            changed: what changed since the last build; empty for the first one.
        """
        ...

    def is_interrupted_by(self, changed: frozenset[Path]) -> bool:
        """Whether the build that is going on has become pointless; asked from another thread."""
        ...

    def is_own_writing(self, path: Path) -> bool:
        """Whether a cell of this build or the last one wrote the file: that is no reason to build again."""
        ...

    def cancel(self) -> None:
        """End the build that is going on, soon; called from another thread."""
        ...


class Preview:
    """Builds when told that something changed; one build at a time, the newest change wins."""

    def __init__(self, builder: Builder, live: Live) -> None:
        self._builder = builder
        self._live = live
        self._condition = threading.Condition()
        self._changed: set[Path] = set()
        self._is_wanted = True  # the first build needs no change
        self._is_building = False
        self._is_cancelled = False
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="sitegen-preview", daemon=True)

    def start(self) -> None:
        """Build for the first time, then wait for changes."""
        self._thread.start()

    def stop(self) -> None:
        """End, a running build as well."""
        with self._condition:
            self._is_stopped = True
            is_building = self._is_building
            self._condition.notify_all()
        if is_building:
            self._builder.cancel()
        self._thread.join(_LEAVE_S)

    def change(self, paths: frozenset[Path]) -> None:
        """Note that files changed: build now, or, where it cannot be interrupted, after this build."""
        with self._condition:
            self._changed |= {path for path in paths if not self._builder.is_own_writing(path)}
            self._is_wanted = self._is_wanted or bool(self._changed)
            is_cancelled = self._is_building and not self._is_cancelled
            is_cancelled = is_cancelled and self._builder.is_interrupted_by(paths)
            self._is_cancelled = self._is_cancelled or is_cancelled
            self._condition.notify_all()
        if is_cancelled:
            self._builder.cancel()

    def _run(self) -> None:
        while (changed := self._next()) is not None:
            self._live.busy("building")
            outcome = self._build(changed)
            if self._finish():
                self._live.finished(
                    has_site=outcome.is_published, problems=outcome.problems, is_changed=outcome.is_changed
                )

    def _next(self) -> frozenset[Path] | None:
        """What to build for, waited for; None at the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_wanted or self._is_stopped)
            if self._is_stopped:
                return None
            changed, self._changed = frozenset(self._changed), set()
            self._is_wanted, self._is_building, self._is_cancelled = False, True, False
            return changed

    def _build(self, changed: frozenset[Path]) -> Outcome:
        try:
            return self._builder.build(changed)
        except Exception:  # the border: a bug of ours must not end the preview
            report = traceback.format_exc()
            sys.stderr.write(report)
            return Outcome(
                is_published=False, problems=f"{report}\nthis is a bug in sitegen: please report it"
            )

    def _finish(self) -> bool:
        """Whether the outcome counts: nobody waits for that of a cancelled build."""
        with self._condition:
            self._is_building = False
            return not self._is_stopped and not self._is_cancelled
