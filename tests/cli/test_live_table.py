"""The table of what runs, drawn for terminals of several sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from sitegen.cli.live_table import LiveTable, describe_bars, text_width
from sitegen.content.document import CellId, PageKey
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

PPO, LONG, WIDE, HOME = (
    PageKey(key)
    for key in (
        "/posts/ppo",
        "/posts/a-very-long-name/that-goes-on/for-ever",
        "/projects/日本語のページ",
        "/",
    )
)
CELL = CellId("cell-1")


def bar(name: str, done: int, total: int | None, *, level: int = 0, ended: bool = False) -> ProgressMade:
    """A step of a loop under `lab.progress`."""
    return ProgressMade(page=PPO, cell=CELL, bar=name, done=done, total=total, level=level, ended=ended)


def started(
    page: PageKey, *, expected_s: float | None = None, cuda: tuple[int, ...] = ()
) -> tuple[Event, ...]:
    """A page that is queued and then starts."""
    return (
        PageQueued(page=page, cells=5, expected_s=expected_s),
        PageStarted(page=page, device="H200" if cuda else "cpu", cuda=cuda),
    )


def cell(page: PageKey, label: str | None) -> CellStarted:
    """Its second cell starts."""
    return CellStarted(page=page, cell=CELL, number=2, cells=5, line=41, label=label)


def table_of(events: Iterable[Event], *, at: float = 0.0) -> LiveTable:
    """The table after some events at one time."""
    table = LiveTable()
    for event in events:
        table.note(event, at)
    return table


def texts(table: LiveTable, width: int = 80, height: int = 40, now: float = 68.4) -> list[str]:
    """Its lines without their styles."""
    return ["".join(text for text, _ in line) for line in table.lines(width, height, now)]


BUSY: tuple[Event, ...] = (
    *started(PPO, expected_s=300.0, cuda=(0,)),
    cell(PPO, "train"),
    bar("epochs", 3, 10),
    bar("batches", 412, 1000, level=1),
    MemorySampled(page=PPO, rss_bytes=1200 << 20, cuda_bytes=9 << 30),
    MetricReported(page=PPO, cell=CELL, name="loss", value=0.314159, unit="nats"),
    *started(LONG, expected_s=100.0),
    cell(LONG, None),
    MemorySampled(page=LONG, rss_bytes=300 << 20),
    *started(WIDE, cuda=(1, 2)),
    cell(WIDE, "evaluate-it-all-on-each-of-the-test-sets"),
    MetricReported(page=WIDE, cell=CELL, name="cartpole.return.of.the.best.seed", value=475.0, unit=None),
    *started(HOME, expected_s=20.0),
    PageWaiting(page=HOME, what="the machine alone"),
    *(PageQueued(page=PageKey(f"/w/{number}"), cells=1, expected_s=30.0) for number in range(4)),
    *(PageWaiting(page=PageKey(f"/w/{number}"), what="a free core") for number in range(3)),
    PageWaiting(page=PageKey("/w/3"), what="2 CUDA devices"),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_table_fits_the_terminal(width: int, same_as_snapshot: Callable[[str, str], None]) -> None:
    """Columns go where there is no room, names are cut, times and sizes never."""
    lines = texts(table_of(BUSY), width)

    assert max(map(text_width, lines)) <= width
    same_as_snapshot(f"live-table-{width}", "\n".join(lines))


@pytest.mark.parametrize("width", [1, 5, 17, 33])
def test_narrowest_terminal_has_lines_of_its_width(width: int) -> None:
    """However narrow it is, no line wraps: wrapped lines are not erased by the next drawing."""
    assert max(map(text_width, texts(table_of(BUSY), width))) <= width


@pytest.mark.parametrize("height", [4, 10, 24])
def test_hundreds_of_pages_fit_the_terminal(height: int) -> None:
    """Those that run longest are shown, the others counted."""
    pages = [PageKey(f"/posts/{number}") for number in range(300)]
    table = table_of([event for page in pages for event in started(page)])
    table.note(PageQueued(page=PageKey("/last"), cells=1), 0.0)

    lines = texts(table, height=height)

    assert len(lines) <= height
    assert lines[1].startswith("posts/0 ")
    assert lines[-2:] == [f"and {300 - (len(lines) - 3)} more", "1 waits"]


def test_what_has_ended_is_forgotten() -> None:
    """A build of any length needs the memory of what runs and waits; a page may end that never started."""
    table = table_of([*BUSY, *(PageQueued(page=PageKey("/refused"), cells=1),)])
    ended = {event.page for event in BUSY} | {PageKey("/refused")}

    for page in ended:
        table.note(PageFinished(page=page, ok=True, seconds=1.0), 2.0)

    assert texts(table) == []


def test_next_cell_ends_a_wait_and_the_loops() -> None:
    """What is said of a page is of its cell."""
    table = table_of(
        [*started(PPO), cell(PPO, "train"), bar("a", 1, 4), PageWaiting(page=PPO, what="the machine")]
    )
    before = texts(table)[1]

    table.note(cell(PPO, "plot"), 60.0)

    assert "waits for the machine" in before
    assert texts(table)[1].split() == ["posts/ppo", "2/5", "plot", "8.4s", "1m08s", "cpu"]


def test_columns_stand_still_while_numbers_change() -> None:
    """What stands beside a loop does not move with its digits, nor when the loop ends."""
    table = table_of([*started(PPO), cell(PPO, "train"), bar("a", 100, 200)])
    before = texts(table)

    table.note(bar("a", 2, 200), 1.0)
    after = texts(table)
    table.note(bar("a", 200, 200, ended=True), 2.0)
    ended = texts(table)

    assert before[1].index("1m08s") == after[1].index("1m08s") == ended[1].index("1m08s")


def test_a_kernel_cannot_steer_the_terminal() -> None:
    """Names come from cells: escapes and line breaks in them are shown, not obeyed."""
    evil = MetricReported(page=PPO, cell=CELL, name="a\x1b[2J\nb\u202e", value=1.0, unit="\r")

    lines = texts(table_of([*started(PPO), evil]))

    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("running", "waiting", "left"),
    [
        ([], [], None),
        ([None], [None], None),
        ([100.0], [], (40.0, False)),
        ([100.0, 80.0], [30.0, 10.0], (50.0, False)),
        ([100.0], [None], (40.0, True)),
        ([30.0], [], (0.0, True)),
    ],
    ids=["nothing", "never ran", "one", "two at a time", "one unknown", "longer than ever"],
)
def test_time_left_is_that_of_the_last_runs(
    running: list[float | None], waiting: list[float | None], left: tuple[float, bool] | None
) -> None:
    """The rest of what runs, then the longest of what waits, by who is ready first."""
    table = table_of(
        [
            *(
                event
                for n, each in enumerate(running)
                for event in started(PageKey(f"/r/{n}"), expected_s=each)
            ),
            *(
                PageQueued(page=PageKey(f"/w/{n}"), cells=1, expected_s=each)
                for n, each in enumerate(waiting)
            ),
        ]
    )

    assert table.left_s(60.0) == left


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1s"), (41.3, "41s"), (184.0, "3m00s"), (3700.0, "1h02m")]
)
def test_estimate_claims_no_more_than_it_knows(seconds: float, text: str) -> None:
    """Seconds below a minute, tens of them below ten minutes, then minutes."""
    table = table_of([PageQueued(page=PPO, cells=1, expected_s=seconds)])

    (line,) = texts(table)

    assert line == f"1 waits; about {text} left"


@pytest.mark.parametrize(
    ("bars", "text"),
    [
        ((bar("a", 3, 10),), "3/10 (30%)"),
        ((bar("a", 3, 10), bar("b", 7, None, level=1)), "3/10 › 7"),
        ((bar("a", 0, 0),), "0/0"),
        ((), ""),
    ],
)
def test_loops_are_shown_outermost_first(bars: tuple[ProgressMade, ...], text: str) -> None:
    """A loop of unknown length shows its count alone."""
    assert describe_bars(bars) == text


def test_inner_loops_end_with_their_step() -> None:
    """Loops stand behind the cell while they go; an inner one leaves when it ends, all with the next cell."""
    table = table_of([*started(PPO), cell(PPO, "train")])
    seen = []

    for event in (
        bar("epochs", 1, 4),
        bar("batches", 5, 9, level=1),
        bar("batches", 9, 9, level=1, ended=True),
        bar("epochs", 2, 4),
        cell(PPO, None),
    ):
        table.note(event, 1.0)
        seen.append(describe_bars(table.bars(PPO)))

    assert seen == ["1/4 (25%)", "1/4 › 5/9 (56%)", "1/4 (25%)", "2/4 (50%)", ""]
