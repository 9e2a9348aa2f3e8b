"""What runs, while it runs: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, TextIO

import click

from sitegen.execution.events import CellStarted, Event, PageFinished, PageQueued

if TYPE_CHECKING:
    from sitegen.cli.live_table import LiveTable

_REDRAWN_EVERY_S: Final = 0.25
_PATIENCE_S: Final = 2.0
"""For the last drawing, on a terminal that takes nothing."""
_QUEUED_LINES: Final = 20
"""Pages that are named with the reason why they run, on a terminal; the others are counted."""


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
    name = page_name(event)
    if isinstance(event, PageQueued):
        return f"to execute {name}: {'; '.join(event.why)}" if event.why else None
    if isinstance(event, CellStarted):
        return f"executing {name}: {_cell(event)}"
    if isinstance(event, PageFinished):
        outcome = f"executed {name} in" if event.ok else f"failed {name} after"
        return f"{outcome} {format_seconds(event.seconds)}"
    return None


def page_name(event: Event) -> str:
    """The page's key as people name it: `posts/ppo`, `home`."""
    return printable(str(event.page).strip("/")) or "home"


def format_seconds(seconds: float) -> str:
    """A duration to be read: `0.8 s`, `41.2 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def printable(text: str) -> str:
    """The text without what a terminal would act on: a kernel may name a metric as it likes."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


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


class LiveProgress:
    """The table of what runs, redrawn in place; what ended scrolls above it.

    Who tells of an event only notes it: a thread of its own draws, so a terminal that stands still (Ctrl-S) keeps no kernel
    waiting.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._table: LiveTable | None = None
        self._lines: list[str] = []
        """To be printed above the table; a line or two for each page of the build."""
        self._queued = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    def __call__(self, event: Event) -> None:
        """Take the event into the table."""
        with self._lock:
            if self._table is None:
                from sitegen.cli.live_table import LiveTable  # a build that executes nothing draws nothing

                self._table = LiveTable()
            self._table.note(event, self._clock())
            self._note_line(event)
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._draw, name="live table", daemon=True)
                self._thread.start()

    def _note_line(self, event: Event) -> None:
        if isinstance(event, PageQueued):
            self._queued += bool(event.why)
            if self._queued > _QUEUED_LINES:
                return
        elif self._queued:
            if self._queued > _QUEUED_LINES:
                self._lines.append(f"and {self._queued - _QUEUED_LINES} more to execute")
            self._queued = 0
        if isinstance(event, (PageQueued, PageFinished)):
            line = describe(event)
            if line is not None:
                self._lines.append(printable(line))

    def _draw(self) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        console = Console(file=self._stream)

        def table() -> Text:
            with self._lock:
                # the last column stays free: terminals differ in what they do when it is written to
                board, now = self._table, self._clock()
                lines = board.lines(console.width - 1, console.height - 1, now) if board else ()
            parts = [Text.assemble(*line, no_wrap=True, overflow="crop") for line in lines]
            return Text("\n", no_wrap=True, overflow="crop").join(parts)

        def scroll() -> None:
            with self._lock:
                lines, self._lines = self._lines, []
            if lines:
                console.print(Text("\n".join(lines)), soft_wrap=True)

        try:
            with Live(console=console, get_renderable=table, auto_refresh=False, transient=True) as live:
                is_over = False
                while not is_over:
                    scroll()
                    live.refresh()
                    is_over = self._ended.wait(_REDRAWN_EVERY_S)
                scroll()
        except (OSError, ValueError):  # the terminal is gone, or the stream is closed
            pass
