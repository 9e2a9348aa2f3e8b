"""What a build says at its end of what it executed."""

from __future__ import annotations

from dataclasses import replace

from sitegen.build.report import BuildReport, CellReport, PageReport
from sitegen.cli.executed import describe_executed
from sitegen.content.executed import RunState


def page(name: str, state: RunState, seconds: float, *, ran: bool = True, cells: int = 2) -> PageReport:
    """A page with cells of halves of a second."""
    return PageReport(
        page=f"/{name}",
        path=f"content/{name}.md",
        cells=cells,
        state=state,
        seconds=seconds,
        device="cpu (some model)",
        record=None,
        cell_runs=tuple(
            CellReport(
                label="train" if number == 0 else None,
                line=10 * number + 10,
                status="ok",
                seconds=seconds / 2**number,
            )
            for number in range(cells)
        ),
        ran=ran,
        kernel_seconds=seconds + 0.5 if ran else None,
        memory_bytes=(100 << 20) + int(seconds),
        is_warm=ran,
    )


def lines(*pages: PageReport) -> list[str]:
    """Of a build of the pages."""
    report = BuildReport(
        published=True, seconds=90.0, kernel_seconds=125.0, wall_seconds=61.0, executed=pages
    )
    return list(describe_executed(report))


def test_nothing_ran_nothing_said() -> None:
    """A build of cached pages ends as it always did."""
    assert lines(page("a", "cached", 3.0, ran=False)) == []


def test_pages_by_state_and_the_slowest() -> None:
    """At most eleven lines, however many pages ran; cached ones are none of them."""
    pages = [page(f"p{number}", "fresh", float(number)) for number in range(1, 30)]
    long = replace(page("x", "drifted", 40.0), path="content/" + "long/" * 20 + "x.md", cuda=(0, 1))

    said = lines(*pages, page("b", "failed", 2.0), long, page("c", "cached", 99.0, ran=False))

    assert said[:9] == [
        "executed 31 pages with 62 cells: 2 min 05 s of kernels in 1 min 01 s, 31 of them started warm",
        "  drifted   1      40.5 s  at most 100 MiB",
        "  failed    1       2.5 s  at most 100 MiB",
        "  fresh    29  7 min 30 s  at most 100 MiB",
        "slowest pages:",
        "  …long/long/long/long/long/long/long/long/long/long/long/x.md  40.5 s  100 MiB  cuda:0, cuda:1",
        "  content/p29.md                                                29.5 s  100 MiB  cpu",
        "  content/p28.md                                                28.5 s  100 MiB  cpu",
        "slowest cells:",
    ]
    assert [line.split()[-2:] for line in said[9:]] == [["40.0", "s"], ["29.0", "s"], ["28.0", "s"]]


def test_one_page_of_one_cell_needs_no_lists() -> None:
    """What there is one of is the slowest."""
    said = lines(page("a", "fresh", 3.0, cells=1))

    assert len(said) == 2


def test_cells_that_took_no_time_are_not_listed() -> None:
    """They would all be `0.0 s`."""
    said = lines(page("a", "fresh", 0.04))

    assert "slowest cells:" not in said
