"""What is shown while cells run."""

from __future__ import annotations

import io

import pytest

from sitegen.cli.progress import LiveProgress, describe, format_seconds, make_progress
from sitegen.content.document import CellId, PageKey
from sitegen.execution.events import CellFinished, CellStarted, Event, PageFinished, PageQueued, PageStarted

PAGE = PageKey("/posts/ppo")
EVENTS: tuple[Event, ...] = (
    PageQueued(page=PAGE, cells=2),
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
