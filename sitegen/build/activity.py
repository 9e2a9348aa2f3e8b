"""What a build really executed, from the events of its run: time, memory and device of each page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from sitegen.content.document import CellId, PageKey
from sitegen.content.executed import CellStatus
from sitegen.execution.events import (
    CellFinished,
    CellStarted,
    Event,
    MemorySampled,
    PageFinished,
    PageQueued,
    PageStarted,
)
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CellActivity:
    """A cell that was sent to a kernel."""

    cell: CellId
    line: int | None
    label: str | None
    status: CellStatus | None = None
    """None: it has not come to its end."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageActivity:
    """A page that this build executed, or was about to."""

    page: PageKey
    path: PurePosixPath | None
    """Of its file, relative to the site's root, where that was told."""
    cells: int
    """How many of its cells run."""
    has_started: bool = False
    device: str = ""
    cuda: tuple[int, ...] = ()
    """Numbers of its CUDA devices."""
    is_warm: bool = False
    ok: bool | None = None
    """None: it has not come to its end."""
    seconds: float = 0.0
    """From the start of its kernel to the end of it."""
    memory_bytes: int | None = None
    """The most that its kernel and the processes below it had in use; None where nobody looked."""
    runs: tuple[CellActivity, ...] = ()


class Activity:
    """A listener that keeps what reports tell of a build; it may be asked while the build goes on."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pages: dict[PageKey, PageActivity] = {}
        self._first: float | None = None
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        """Note an event."""
        with self._lock:
            if isinstance(event, PageQueued) or event.page in self._pages:
                self._note(event)

    def __iter__(self) -> Iterator[PageActivity]:
        """The pages whose kernel was started, in the order in which they were queued."""
        with self._lock:
            pages = tuple(self._pages.values())
        return (page for page in pages if page.has_started)

    @property
    def kernel_seconds(self) -> float:
        """What the pages that have ended took, one after the other."""
        return sum((page.seconds for page in self), 0.0)

    @property
    def wall_seconds(self) -> float:
        """From the start of the first kernel to the end of the last one so far."""
        return 0.0 if self._first is None else max(0.0, self._last - self._first)

    def _note(self, event: Event) -> None:
        if isinstance(event, PageQueued):
            self._pages[event.page] = PageActivity(page=event.page, path=event.path, cells=event.cells)
        elif isinstance(event, PageStarted):
            self._first = self._clock() if self._first is None else self._first
            self._change(
                event.page, has_started=True, device=event.device, cuda=event.cuda, is_warm=event.is_warm
            )
        elif isinstance(event, CellStarted):
            started = CellActivity(cell=event.cell, line=event.line, label=event.label)
            self._change(event.page, runs=(*self._pages[event.page].runs, started))
        elif isinstance(event, CellFinished):
            *before, last = self._pages[event.page].runs or (None,)
            if last is not None and last.cell == event.cell:
                ended = replace(last, status=event.status, seconds=event.seconds)
                self._change(event.page, runs=(*before, ended))
        elif isinstance(event, MemorySampled):
            most = max(event.rss_bytes, self._pages[event.page].memory_bytes or 0)
            self._change(event.page, memory_bytes=most)
        elif isinstance(event, PageFinished):
            self._last = self._clock()
            peak = max(event.peak_rss_bytes or 0, self._pages[event.page].memory_bytes or 0) or None
            warm = self._pages[event.page].is_warm if event.is_warm is None else event.is_warm
            self._change(event.page, ok=event.ok, seconds=event.seconds, memory_bytes=peak, is_warm=warm)

    def _change(self, page: PageKey, **values: object) -> None:
        self._pages[page] = replace(self._pages[page], **values)  # type: ignore[arg-type]
