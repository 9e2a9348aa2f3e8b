"""What a build executed, gathered from its events."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import PurePosixPath

from sitegen.build.activity import Activity
from sitegen.build.report import CellReport, PageReport, pages_so_far, with_activity
from sitegen.content.document import CellId, PageKey
from sitegen.execution.events import (
    CellFinished,
    CellStarted,
    Event,
    MemorySampled,
    PageFinished,
    PageQueued,
    PageStarted,
)

ONE, TWO, THREE = (PageKey(f"/{name}") for name in ("one", "two", "three"))


def cell_of(page: PageKey, number: int) -> tuple[CellStarted, CellFinished]:
    """A cell that starts and ends."""
    cell = CellId(f"cell-{number}")
    return (
        CellStarted(page=page, cell=cell, number=number, cells=2, line=number * 10, label=None),
        CellFinished(page=page, cell=cell, status="ok", seconds=number / 2),
    )


EVENTS: tuple[Event, ...] = (
    PageQueued(page=ONE, cells=2, path=PurePosixPath("content/one.md")),
    PageQueued(page=TWO, cells=2, path=PurePosixPath("content/two.md")),
    PageQueued(page=THREE, cells=1),
    PageStarted(page=ONE, device="H200", cuda=(1,)),
    PageStarted(page=TWO, device="cpu"),
    *cell_of(ONE, 1),
    MemorySampled(page=ONE, rss_bytes=300),
    MemorySampled(page=ONE, rss_bytes=200),
    *cell_of(ONE, 2),
    PageFinished(page=ONE, ok=True, seconds=4.0, peak_rss_bytes=250, is_warm=True),
    cell_of(TWO, 1)[0],
)


def activity_after(*events: Event) -> Activity:
    """Told of the events, one a second."""
    ticks: Iterator[int] = count()
    activity = Activity(clock=lambda: float(next(ticks)))
    for event in events:
        activity(event)
    return activity


def test_times_are_those_of_kernels_and_of_the_clock() -> None:
    """Kernels side by side take more seconds than pass; a page that was only queued is none."""
    activity = activity_after(*EVENTS, PageFinished(page=TWO, ok=False, seconds=2.5))

    assert [page.page for page in activity] == [ONE, TWO]
    assert activity.kernel_seconds == 6.5
    assert activity.wall_seconds == 2.0  # asked for the time at the first start and at each end


def test_page_of_a_build_that_ran_has_what_its_events_say() -> None:
    """Peak memory is the most that anybody saw; a page that did not run stays as it is."""
    pages = tuple(
        PageReport(
            page=key,
            path="p.md",
            cells=2,
            state="fresh",
            seconds=1.5,
            device="cpu",
            record=None,
            memory_bytes=100,
        )
        for key in (ONE, PageKey("/cached"))
    )

    ran, cached = with_activity(pages, activity_after(*EVENTS))

    assert (ran.ran, ran.kernel_seconds, ran.memory_bytes, ran.cuda, ran.is_warm) == (
        True,
        4.0,
        300,
        (1,),
        True,
    )
    assert cached == pages[1]


def test_build_that_was_ended_tells_of_the_pages_so_far() -> None:
    """Cells with their state; the page that was at work says that it did not end."""
    one, two = pages_so_far(activity_after(*EVENTS))

    assert (one.path, one.state, one.seconds) == ("content/one.md", "fresh", 1.5)
    assert (two.path, two.state, two.why) == (
        "content/two.md",
        "not run",
        ("the build was ended before the page was",),
    )
    assert two.cell_runs == (CellReport(label=None, line=10, end_line=10, status="none", seconds=0.0),)


def test_strange_events_are_no_trouble() -> None:
    """A listener that raised would end the build: of a page that was never queued nothing is kept."""
    activity = activity_after(*EVENTS[5:], PageFinished(page=ONE, ok=True, seconds=1.0))

    assert list(activity) == []
    assert activity.wall_seconds == 0.0
