"""What runs, while it runs: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, TextIO

import click

from sitegen.execution.events import (
    CellStarted,
    Event,
    PageFinished,
    PageQueued,
    PageStarted,
    ProgressMade,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

_REFRESHES_PER_SECOND: Final = 4


class Progress(Protocol):
    """A context that listens to the events of a build."""

    def __call__(self, event: Event) -> None:
        """Note an event; called from the threads that drive kernels, one call at a time."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def make_progress(stream: TextIO | None = None, *, is_quiet: bool = False) -> Progress:
    """The display for a stream (stderr): live on a terminal, else lines; none where quiet is asked for."""
    stream = stream or sys.stderr
    if is_quiet:
        return PlainProgress(_say_nothing)
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        return LiveProgress(stream)
    return PlainProgress(lambda line: click.echo(line, file=stream))


def describe(event: Event) -> str | None:
    """An event as a line; None for one that is not worth a line."""
    name = str(event.page).strip("/") or "home"
    if isinstance(event, PageQueued):
        return f"to execute {name}: {'; '.join(event.why)}" if event.why else None
    if isinstance(event, CellStarted):
        return f"executing {name}: {_cell(event)}"
    if isinstance(event, PageFinished):
        outcome = f"executed {name} in" if event.ok else f"failed {name} after"
        return f"{outcome} {format_seconds(event.seconds)}"
    return None


def format_seconds(seconds: float) -> str:
    """A duration to be read: `0.8 s`, `41.2 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def describe_bars(bars: Sequence[ProgressMade]) -> str:
    """Loops inside each other, outermost first: `3/10 › 412/1000 (41%)`."""
    counts = [f"{bar.done}/{bar.total}" if bar.total is not None else str(bar.done) for bar in bars]
    if bars and bars[-1].total:
        counts[-1] += f" ({min(1.0, bars[-1].done / bars[-1].total):.0%})"
    return " › ".join(counts)


def _bars_after(bars: tuple[ProgressMade, ...], event: ProgressMade) -> tuple[ProgressMade, ...]:
    """The loops that are going once the event is known: what is inside a loop ends with its step."""
    outer = tuple(bar for bar in bars if bar.level < event.level and bar.bar != event.bar)
    inner = tuple(bar for bar in bars if bar.level > event.level) if not event.ended else ()
    return (*outer, *inner) if event.ended else (*outer, event, *inner)


def _say_nothing(line: str) -> None:
    del line


def _cell(event: CellStarted) -> str:
    label = f" `{event.label}`" if event.label else ""
    line = f", line {event.line}" if event.line is not None else ""
    return f"cell {event.number}/{event.cells}{label}{line}"


class PlainProgress:
    """One line for each cell that starts and each page that ends."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def __call__(self, event: Event) -> None:
        """Write the event's line."""
        line = describe(event)
        if line is not None:
            self._write(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """A page whose kernel is at work."""

    started: float
    """By `time.monotonic`."""
    cell: str = "starting the kernel"
    cell_started: float
    bars: tuple[ProgressMade, ...] = ()
    """The loops under `lab.progress` that are going, outermost first."""


class LiveProgress:
    """A line for each page at work, with its cell and how long it has run; pages that ended scroll above."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._queued: set[str] = set()
        self._running: dict[str, _Running] = {}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            live, self._live = self._live, None
            self._queued.clear()
            self._running.clear()
        if live is not None:
            live.stop()

    def __call__(self, event: Event) -> None:
        """Take the event into the table."""
        with self._lock:
            self._note(event)
            live = self._live = self._live or self._start()
        line = describe(event) if isinstance(event, (PageQueued, PageFinished)) else None
        if line is not None:
            live.console.print(line, highlight=False, markup=False)

    def bars(self, page: str) -> tuple[ProgressMade, ...]:
        """The loops under `lab.progress` that are going on a page, outermost first."""
        with self._lock:
            running = self._running.get(page)
        return () if running is None else running.bars

    def _note(self, event: Event) -> None:
        name = str(event.page).strip("/") or "home"
        now = time.monotonic()
        if isinstance(event, PageQueued):
            self._queued.add(name)
        elif isinstance(event, PageStarted):
            self._queued.discard(name)
            self._running[name] = _Running(started=now, cell_started=now)
        elif isinstance(event, CellStarted) and name in self._running:
            self._running[name] = replace(self._running[name], cell=_cell(event), cell_started=now, bars=())
        elif isinstance(event, ProgressMade) and name in self._running:
            page = self._running[name]
            self._running[name] = replace(page, bars=_bars_after(page.bars, event))
        elif isinstance(event, PageFinished):
            self._running.pop(name, None)

    def _start(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        live = Live(
            console=Console(file=self._stream),
            get_renderable=self._table,
            refresh_per_second=_REFRESHES_PER_SECOND,
            transient=True,
        )
        live.start()
        return live

    def _table(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            running, waiting = dict(self._running), len(self._queued)
        now = time.monotonic()
        table = Table.grid(padding=(0, 2))
        for name, page in running.items():
            table.add_row(
                Text("executing", style="cyan"),
                Text(name, style="bold"),
                Text(": ".join(part for part in (page.cell, describe_bars(page.bars)) if part)),
                Text(format_seconds(now - page.cell_started)),
                Text(f"(page {format_seconds(now - page.started)})", style="dim"),
            )
        rest = [Text(f"{waiting} more wait for a kernel", style="dim")] if waiting else []
        return Group(table, *rest)
