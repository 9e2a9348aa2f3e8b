"""What is shown while cells run."""

from __future__ import annotations

import io

import pytest

from sitegen.cli.progress import LiveProgress, describe, describe_bars, format_seconds, make_progress
from sitegen.content.document import CellId, PageKey
from sitegen.execution.events import (
    CellFinished,
    CellStarted,
    Event,
    PageFinished,
    PageQueued,
    PageStarted,
    ProgressMade,
)

PAGE = PageKey("/posts/ppo")
EVENTS: tuple[Event, ...] = (
    PageQueued(page=PAGE, cells=2, why=("seed 1 -> 2", "numpy 2.4.5 -> 2.4.6")),
    PageQueued(page=PageKey("/"), cells=1),
    PageStarted(page=PAGE, device="cpu"),
    CellStarted(page=PAGE, cell=CellId("cell-1"), number=1, cells=2, line=41, label="train"),
    CellFinished(page=PAGE, cell=CellId("cell-1"), status="ok", seconds=41.0),
    CellStarted(page=PAGE, cell=CellId("cell-2"), number=2, cells=2, line=None, label=None),
    CellFinished(page=PAGE, cell=CellId("cell-2"), status="ok", seconds=0.2),
    PageFinished(page=PAGE, ok=True, seconds=41.23),
    PageFinished(page=PageKey("/"), ok=False, seconds=0.5),
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_plain_lines_name_page_cell_and_time() -> None:
    """Without a terminal each step is a line, as a log wants it."""
    stream = io.StringIO()

    with make_progress(stream) as progress:
        for event in EVENTS:
            progress(event)

    assert stream.getvalue().splitlines() == [
        "to execute posts/ppo: seed 1 -> 2; numpy 2.4.5 -> 2.4.6",
        "executing posts/ppo: cell 1/2 `train`, line 41",
        "executing posts/ppo: cell 2/2",
        "executed posts/ppo in 41.2 s",
        "failed home after 0.5 s",
    ]


def test_quiet_prints_nothing() -> None:
    """`--quiet` is quiet about progress."""
    stream = io.StringIO()

    with make_progress(stream, is_quiet=True) as progress:
        for event in EVENTS:
            progress(event)

    assert stream.getvalue() == ""


def test_terminal_shows_what_runs_and_keeps_what_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The live display names page and cell; ended pages stay as lines."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()

    with make_progress(stream) as progress:
        for event in EVENTS:
            progress(event)

    assert isinstance(progress, LiveProgress)
    assert "executed posts/ppo in 41.2 s" in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (185, "3 min 05 s"), (3720, "1 h 02 min")],
)
def test_durations_are_readable(seconds: float, text: str) -> None:
    """Two units at most."""
    assert format_seconds(seconds) == text


def test_steps_that_say_nothing_have_no_line() -> None:
    """A finished cell is not worth a line of its own."""
    assert describe(EVENTS[4]) is None


def bar(name: str, done: int, total: int | None, *, level: int = 0, ended: bool = False) -> ProgressMade:
    """A step of a loop under `lab.progress`."""
    return ProgressMade(
        page=PAGE, cell=CellId("cell-1"), bar=name, done=done, total=total, level=level, ended=ended
    )


@pytest.mark.parametrize(
    ("bars", "text"),
    [
        ((bar("a", 3, 10),), "3/10 (30%)"),
        (
            (bar("a", 3, 10), bar("b", 7, None, level=1)),
            "3/10 \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} 7",
        ),
        ((bar("a", 0, 0),), "0/0"),
        ((), ""),
    ],
)
def test_loops_are_shown_outermost_first(bars: tuple[ProgressMade, ...], text: str) -> None:
    """A loop of unknown length shows its count alone."""
    assert describe_bars(bars) == text


def test_terminal_shows_the_loops_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops stand behind the cell while they go; an inner one leaves when it ends, all with the next cell."""
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    seen = []
    steps: tuple[Event, ...] = (
        bar("epochs", 1, 4),
        bar("batches", 5, 9, level=1),
        bar("batches", 9, 9, level=1, ended=True),
        bar("epochs", 2, 4),
        EVENTS[5],
    )

    with make_progress(stream) as progress:
        assert isinstance(progress, LiveProgress)
        for event in (*EVENTS[2:4], *steps):
            progress(event)
            seen.append(describe_bars(progress.bars("posts/ppo")))

    inner = "1/4 \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} 5/9 (56%)"
    assert seen == ["", "", "1/4 (25%)", inner, "1/4 (25%)", "2/4 (50%)", ""]
