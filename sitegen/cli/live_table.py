"""The table of what runs: kept from events, drawn for a width and a height; knows nothing of terminals."""

from __future__ import annotations

import heapq
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sitegen.cli.progress import page_name, printable
from sitegen.execution.events import (
    CellStarted,
    Event,
    MemorySampled,
    MetricReported,
    PageFinished,
    PageQueued,
    PageStarted,
    PageWaiting,
    ProgressMade,
)
from sitegen.rendering.results.numbers import bytes_text, duration_text
from sitegen.values import dataclass

Line = tuple[tuple[str, str], ...]
"""Texts with their styles in rich's words, from left to right."""

_GAP: Final = 2
"""Columns between two columns."""
_STARTING: Final = "starting the kernel"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of the table."""

    title: str
    style: str = ""
    is_right: bool = False
    narrowest: int | None = None
    """It may be cut to so many columns; None: never cut."""
    keeps_end: bool = False
    """Of a text that is cut the end stays, and not the beginning."""
    rank: int
    """Which go first where the terminal is narrow: the highest."""


_COLUMNS: Final = (
    _Column(title="page", style="bold", narrowest=12, keeps_end=True, rank=0),
    _Column(title="cell", narrowest=14, rank=1),
    _Column(title="time", is_right=True, rank=2),
    _Column(title="of page", style="dim", is_right=True, rank=5),
    _Column(title="memory", is_right=True, rank=3),
    _Column(title="device", style="cyan", narrowest=6, rank=4),
    _Column(title="metric", style="green", narrowest=12, rank=6),
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in its column."""

    text: str
    more: str = ""
    """Follows where all of it has room."""
    instead: str = ""
    """Follows in place of `more` where that has none; before it the text is cut."""

    @property
    def width(self) -> int:
        """Columns that all of it takes."""
        return text_width(self.text + self.more)

    def fit(self, width: int, *, keeps_end: bool) -> str:
        """What has room."""
        if self.width <= width:
            return self.text + self.more
        tail = self.instead if len(self.instead) < width // 2 else ""
        return _cut(self.text, width - len(tail), keeps_end=keeps_end) + tail


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """A page whose kernel is at work."""

    name: str
    started: float
    """As all times here: by the caller's clock, seconds."""
    device: str
    place: str = ""
    """`2/5`: which of its cells."""
    cell: str = _STARTING
    cell_started: float
    bars: tuple[ProgressMade, ...] = ()
    """The loops under `lab.progress` that are going, outermost first."""
    waits_for: str = ""
    rss_bytes: int | None = None
    cuda_bytes: int | None = None
    metric: str = ""
    """The newest one."""
    expected_s: float | None

    def texts(self, now: float) -> tuple[_Text, ...]:
        """The texts of `_COLUMNS`."""
        where = f"waits for {self.waits_for}" if self.waits_for else f"{self.place} {self.cell}".strip()
        loops, done = describe_bars(self.bars), _done(self.bars)
        on_device = f" {bytes_text(self.cuda_bytes)}" if self.cuda_bytes else ""
        return (
            _Text(self.name),
            _Text(where, f" {loops}" if loops else "", "" if done is None else f" {done:.0%}"),
            _Text(duration_text(max(0.0, now - self.cell_started))),
            _Text(duration_text(max(0.0, now - self.started))),
            _Text(bytes_text(self.rss_bytes) if self.rss_bytes else ""),
            _Text(self.device, on_device),
            _Text(self.metric),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A page that is to be executed."""

    expected_s: float | None
    what: str = ""
    """For what it waits, where that was told."""


class LiveTable:
    """What runs and what waits. Not safe for threads: its owner calls one method at a time."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._running: dict[str, _Running] = {}
        self._widest = [0] * len(_COLUMNS)
        """Of each column since a page began or ended: columns that jump with each number cannot be read."""

    def note(self, event: Event, now: float) -> None:
        """Take an event into the table.

        Args:
            event: of a run.
            now: seconds by a clock that never goes back.
        """
        page = str(event.page)
        if isinstance(event, (PageStarted, PageFinished)):
            self._widest = [0] * len(_COLUMNS)
        if isinstance(event, PageQueued):
            self._waiting[page] = _Waiting(expected_s=event.expected_s)
        elif isinstance(event, PageStarted):
            waited = self._waiting.pop(page, None)
            self._running[page] = _Running(
                name=page_name(event),
                started=now,
                cell_started=now,
                device="cuda:" + ",".join(map(str, event.cuda)) if event.cuda else "cpu",
                expected_s=None if waited is None else waited.expected_s,
            )
        elif isinstance(event, PageFinished):
            self._waiting.pop(page, None)
            self._running.pop(page, None)
        elif isinstance(event, PageWaiting) and page in self._waiting:
            self._waiting[page] = replace(self._waiting[page], what=printable(event.what))
        elif page in self._running:
            self._running[page] = _after(self._running[page], event, now)

    def bars(self, page: str) -> tuple[ProgressMade, ...]:
        """The loops under `lab.progress` that are going on a page, outermost first."""
        running = self._running.get(page)
        return () if running is None else running.bars

    def lines(self, width: int, height: int, now: float) -> tuple[Line, ...]:
        """The table in so many columns and lines, at most; empty where nothing runs or waits.

        Pages that run longest stand first. Columns that a narrow terminal has no room for are left out.
        """
        foot = self._foot(now)
        room = height - 1 - bool(foot)
        pages = list(self._running.values())
        if len(pages) > room - 1:
            pages = pages[: max(1, room - 2)]
        rows = [page.texts(now) for page in pages]
        self._widest = [
            max(before, *(row[place].width for row in rows)) if rows else 0
            for place, before in enumerate(self._widest)
        ]
        lines = _table(rows, self._widest, width) if rows else []
        more = len(self._running) - len(pages)
        if more:
            lines.append(((_cut(f"and {more} more", width), "dim"),))
        if foot:
            lines.append(((_cut(foot, width), "dim"),))
        return tuple(lines)

    def left_s(self, now: float) -> tuple[float, bool] | None:
        """An estimate of the seconds until all is done, and whether it is only what it will take at least.

        By the last runs of the pages: those that run have their rest before them, and each that waits is taken by
        who is ready first, the longest first.

        Returns:
            None where no page that is left has run before.
        """
        expected = [page.expected_s for page in self._running.values()]
        expected += [page.expected_s for page in self._waiting.values()]
        if all(each is None for each in expected):
            return None
        at_least = any(each is None for each in expected)
        ready = []
        for page in self._running.values():
            rest = (page.expected_s or 0.0) - (now - page.started)
            at_least |= rest < 0
            ready.append(max(0.0, rest))
        ready = ready or [0.0]
        heapq.heapify(ready)
        for seconds in sorted((page.expected_s or 0.0 for page in self._waiting.values()), reverse=True):
            heapq.heapreplace(ready, ready[0] + seconds)
        return max(ready), at_least

    def _foot(self, now: float) -> str:
        parts = []
        if self._waiting:
            parts.append(f"{len(self._waiting)} {'waits' if len(self._waiting) == 1 else 'wait'}")
        left = self.left_s(now)
        if left is not None:
            seconds, at_least = left
            if seconds or not at_least:
                parts.append(f"{'at least' if at_least else 'about'} {_estimate(seconds)} left")
        reasons = Counter(page.what for page in self._waiting.values() if page.what)
        if reasons:
            parts.append(", ".join(f"{count} for {what}" for what, count in reasons.most_common()))
        return "; ".join(parts)


def describe_bars(bars: Sequence[ProgressMade]) -> str:
    """Loops inside each other, outermost first: `3/10 › 412/1000 (41%)`."""
    counts = [f"{bar.done}/{bar.total}" if bar.total is not None else str(bar.done) for bar in bars]
    if bars and bars[-1].total:
        counts[-1] += f" ({min(1.0, bars[-1].done / bars[-1].total):.0%})"
    return " › ".join(counts)


def _done(bars: Sequence[ProgressMade]) -> float | None:
    """How much of all loops is done, 0 to 1, an inner one as a part of its outer one's step; None where none has an end."""
    done: float | None = None
    for bar in reversed(bars):
        if bar.total:
            done = min(1.0, (bar.done + (done or 0.0)) / bar.total)
    return done


def _after(page: _Running, event: Event, now: float) -> _Running:
    """The page once the event is known."""
    if isinstance(event, CellStarted):
        where = event.label or ("" if event.line is None else f"line {event.line}")
        place = f"{event.number}/{event.cells}"
        return replace(page, place=place, cell=printable(where), cell_started=now, bars=(), waits_for="")
    if isinstance(event, PageWaiting):
        return replace(page, waits_for=printable(event.what))
    if isinstance(event, ProgressMade):
        return replace(page, bars=_bars_after(page.bars, event))
    if isinstance(event, MemorySampled):
        return replace(page, rss_bytes=event.rss_bytes, cuda_bytes=event.cuda_bytes)
    if isinstance(event, MetricReported):
        unit = f" {event.unit}" if event.unit else ""
        return replace(page, metric=printable(f"{event.name} {event.value:.4g}{unit}"))
    return page


def _bars_after(bars: tuple[ProgressMade, ...], event: ProgressMade) -> tuple[ProgressMade, ...]:
    """The loops that are going once the event is known: what is inside a loop ends with its step."""
    outer = tuple(bar for bar in bars if bar.level < event.level and bar.bar != event.bar)
    inner = tuple(bar for bar in bars if bar.level > event.level) if not event.ended else ()
    return (*outer, *inner) if event.ended else (*outer, event, *inner)


# --- layout -----------------------------------------------------------------------------------------


def _table(rows: Sequence[tuple[_Text, ...]], widest: Sequence[int], width: int) -> list[Line]:
    """A head and the rows, none wider than `width`; a column in which nothing stands is left out."""
    shown = [place for place, size in enumerate(widest) if size]
    natural = [max(size, len(column.title)) for size, column in zip(widest, _COLUMNS, strict=True)]
    widths = _widths(shown, natural, width)
    head = _line([_Text(_COLUMNS[place].title) for place in widths], widths, ["dim"] * len(widths))
    styles = [_COLUMNS[place].style for place in widths]
    return [head, *(_line([row[place] for place in widths], widths, styles) for row in rows)]


def _widths(shown: list[int], natural: Sequence[int], width: int) -> dict[int, int]:
    """The columns that there is room for, with their widths."""
    least = {place: min(natural[place], _COLUMNS[place].narrowest or natural[place]) for place in shown}
    while len(least) > 1 and sum(least.values()) + _GAP * (len(least) - 1) > width:
        del least[max(least, key=lambda place: _COLUMNS[place].rank)]
    least = {place: max(1, min(size, width)) for place, size in least.items()}
    spare = width - sum(least.values()) - _GAP * (len(least) - 1)
    while spare > 0:  # one by one, so that no long text takes all from the others
        wanting = [place for place, size in least.items() if size < natural[place]]
        if not wanting:
            break
        for place in wanting[:spare]:
            least[place] += 1
            spare -= 1
    return least


def _line(texts: Sequence[_Text], widths: dict[int, int], styles: Sequence[str]) -> Line:
    segments = []
    last = max(widths)
    for text, (place, width), style in zip(texts, widths.items(), styles, strict=True):
        column = _COLUMNS[place]
        shown = text.fit(width, keeps_end=column.keeps_end)
        pad = " " * (width - text_width(shown))
        gap = "" if place == last else " " * _GAP
        if column.is_right:
            segments += [(pad + shown, style), (gap, "")]
        else:
            segments += [(shown, style), ((pad + gap) if gap else "", "")]
    while segments and not segments[-1][0].strip():
        segments.pop()
    return tuple((text, style) for text, style in segments if text)


def _cut(text: str, width: int, *, keeps_end: bool = False) -> str:
    """As much of the text as has room, with an ellipsis where some is missing."""
    if text_width(text) <= width:
        return text
    characters = list(reversed(text) if keeps_end else text)
    kept, left = [], width - 1
    for character in characters:
        left -= text_width(character)
        if left < 0:
            break
        kept.append(character)
    return "…" + "".join(reversed(kept)) if keeps_end else "".join(kept) + "…"


def text_width(text: str) -> int:
    """Columns that the text takes in a terminal: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _estimate(seconds: float) -> str:
    """What an estimate can claim: seconds below a minute, then tens of them, then minutes."""
    step = 1 if seconds < 60 else 10 if seconds < 600 else 60
    whole = max(1, round(seconds / step) * step)
    return f"{whole}s" if whole < 60 else duration_text(whole)
