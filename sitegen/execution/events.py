"""What happens in a run, as typed values that the terminal and a preview listen to.

A listener is called from the threads that drive the kernels, one call at a time, and must return quickly. Contents of
outputs are not in here: they leave a worker only when they are scrubbed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from sitegen.content.document import CellId, PageKey
from sitegen.content.executed import CellStatus
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQueued:
    """A page is to be executed."""

    page: PageKey
    cells: int
    """How many of its cells run."""
    why: tuple[str, ...] = ()
    """In words, as `sitegen why` says it."""
    path: PurePosixPath | None = None
    """The page's file, relative to the site's root."""
    expected_s: float | None = None
    """What its last run took; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWaiting:
    """A page waits for something before it starts, or before its next cell; told when that changes, not again and again."""

    page: PageKey
    what: str
    """For what, in words that go on from "waits for": `a free kernel`, `4.0 GiB of memory`, `2 CUDA devices`, `the machine
    alone`, `a benchmark to end`. Empty once a page that has started goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStarted:
    """The page's kernel is being started."""

    page: PageKey
    device: str
    """`cpu` or the CUDA device's name."""
    cuda: tuple[int, ...] = ()
    """Numbers of the CUDA devices that the page has, among those that torch sees."""
    is_warm: bool = False
    """Its kernel is to be forked from a process that has imported some of what the page imports; `PageFinished` says whether it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStarted:
    """A cell was sent to the kernel."""

    page: PageKey
    cell: CellId
    number: int
    """From 1, among the page's cells that run."""
    cells: int
    line: int | None
    """The cell's first line in the file."""
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputReceived:
    """A cell printed, displayed or cleared something."""

    page: PageKey
    cell: CellId
    kind: str
    """Jupyter's message type: `stream`, `display_data`, `update_display_data`, `execute_result`, `error`,
    `clear_output`."""
    size_characters: int
    """Of printed text; 0 for the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressMade:
    """A loop under `lab.progress` has come further, or to its end; told a few times a second at most."""

    page: PageKey
    cell: CellId
    bar: str
    """Names the loop among those of the cell."""
    done: int
    """Steps."""
    total: int | None
    """None where the loop cannot say."""
    level: int
    """0 for the outermost loop."""
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricReported:
    """A cell has reported a number with `lab.metric` or `lab.benchmark`."""

    page: PageKey
    cell: CellId
    name: str
    value: float
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySampled:
    """How much memory the page's kernel has in use, with all processes below it; told when it has changed."""

    page: PageKey
    rss_bytes: int
    cuda_bytes: int | None = None
    """Of the page's CUDA devices together; None on the CPU, and where the driver does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFinished:
    """A cell has come to its end, one way or another."""

    page: PageKey
    cell: CellId
    status: CellStatus
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFinished:
    """The page's kernel is gone."""

    page: PageKey
    ok: bool
    """Every cell ran to its end as expected."""
    seconds: float
    peak_rss_bytes: int | None = None
    """As in `Run`."""
    is_warm: bool | None = None
    """Its kernel was forked from a process that had imported some of what the page imports; None where there was no kernel."""


Event = (
    PageQueued
    | PageWaiting
    | PageStarted
    | CellStarted
    | OutputReceived
    | ProgressMade
    | MetricReported
    | MemorySampled
    | CellFinished
    | PageFinished
)
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The listener that does nothing."""
