"""What is shown while cells run."""

from __future__ import annotations

import io
import re
import threading

import pytest

from sitegen.cli.progress import LiveProgress, describe, format_seconds, make_progress
from sitegen.content.document import CellId, PageKey
from sitegen.execution.events import (
    CellFinished,
    CellStarted,
    Event,
    PageFinished,
    PageQueued,
    PageStarted,
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
    """A stream that says it is a terminal, and knows what would be on its screen."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = threading.Event()
        self.may_write.set()

    def isatty(self) -> bool:
        """It is one."""
        return True

    def write(self, text: str) -> int:
        """Take the text; not before it may."""
        if not self.may_write.wait(30):
            raise TimeoutError
        return super().write(text)

    def screen(self) -> str:
        """What has been written, with the cursor's moves and the erased lines done."""
        lines, row = [""], 0
        for part in re.findall(r"\x1b\[[?\d;]*[a-zA-Z]|\r|\n|[^\x1b\r\n]+", self.getvalue()):
            if part == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif part.endswith("A") and part.startswith("\x1b"):
                row -= int(part[2:-1] or 1)
            elif part == "\x1b[2K":
                lines[row] = ""
            elif not part.startswith(("\x1b", "\r")):
                lines[row] += part
        return "\n".join(lines).rstrip("\n")


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


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of 70 columns and 20 lines, with colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "70", "LINES": "20"}.items():
        monkeypatch.setenv(name, value)
    return Terminal()


def test_terminal_shows_what_runs_and_keeps_what_ended(terminal: Terminal) -> None:
    """The table names page and cell while they run; what is left at the end are the lines of what was done."""
    with make_progress(terminal) as progress:
        for event in EVENTS[:4]:
            progress(event)
    during = terminal.getvalue()
    with make_progress(terminal) as progress:
        for event in EVENTS:
            progress(event)

    assert isinstance(progress, LiveProgress)
    assert "1/2 train" in during
    assert terminal.screen().splitlines() == [
        "to execute posts/ppo: seed 1 -> 2; numpy 2.4.5 -> 2.4.6",
        "to execute posts/ppo: seed 1 -> 2; numpy 2.4.5 -> 2.4.6",
        "executed posts/ppo in 41.2 s",
        "failed home after 0.5 s",
    ]


def test_interrupt_leaves_the_terminal_clean(terminal: Terminal) -> None:
    """After Ctrl-C the table is gone, and the cursor is there."""

    def build() -> None:
        with make_progress(terminal) as progress:
            for event in EVENTS[1:4]:
                progress(event)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build()

    assert "1/2 train" in terminal.getvalue()
    assert terminal.screen().strip() == ""
    assert terminal.getvalue().rfind("\x1b[?25h") > terminal.getvalue().rfind("\x1b[?25l")


def test_terminal_that_stands_still_keeps_nobody_waiting(terminal: Terminal) -> None:
    """Events come from the threads that drive kernels: they never wait for a terminal (Ctrl-S)."""
    terminal.may_write.clear()

    with make_progress(terminal) as progress:
        for event in EVENTS:  # would not come back if it were written here
            progress(event)
        terminal.may_write.set()

    assert "executed posts/ppo in 41.2 s" in terminal.screen()


def test_many_queued_pages_are_counted(terminal: Terminal) -> None:
    """A build of hundreds of pages does not push its beginning off the screen."""
    queued = [PageQueued(page=PageKey(f"/p/{n}"), cells=1, why=("new",)) for n in range(300)]

    with make_progress(terminal) as progress:
        for event in queued:
            progress(event)
        progress(PageStarted(page=queued[0].page, device="cpu"))

    lines = terminal.screen().splitlines()
    assert (len(lines), lines[-1]) == (21, "and 280 more to execute")


def test_no_colour_where_none_is_wanted(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """`NO_COLOR` leaves bold and faint letters."""
    with make_progress(terminal) as coloured:
        coloured(EVENTS[2])
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    with make_progress(plain) as progress:
        progress(EVENTS[2])

    def colours(text: str) -> set[str]:
        codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", text) for code in found.split(";")}
        return {code for code in codes if re.fullmatch("[349][0-7]|38|48", code)}

    assert colours(terminal.getvalue()) != set()
    assert colours(plain.getvalue()) == set()


def test_dumb_terminal_gets_lines(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """`TERM=dumb`: a terminal that cannot move its cursor is a log."""
    monkeypatch.setenv("TERM", "dumb")

    with make_progress(terminal) as progress:
        for event in EVENTS[2:4]:
            progress(event)

    assert terminal.getvalue() == "executing posts/ppo: cell 1/2 `train`, line 41\n"


def test_closed_stream_ends_the_table_alone(terminal: Terminal) -> None:
    """The build goes on when its terminal is gone."""
    with make_progress(terminal) as progress:
        terminal.close()
        for event in EVENTS:
            progress(event)

    assert terminal.closed


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
