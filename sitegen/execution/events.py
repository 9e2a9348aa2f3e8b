"""What happens in a run, as typed values that the terminal and a preview listen to.

A listener is called from the threads that drive the kernels, one call at a time, and must return quickly. Contents of
outputs are not in here: they leave a worker only when they are scrubbed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sitegen.content.document import CellId, CellStatus, PageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQueued:
    """A page is to be executed."""

    page: PageKey
    cells: int
    """How many of its cells run."""
    why: tuple[str, ...] = ()
    """In words, as `sitegen why` says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStarted:
    """The page's kernel is being started."""

    page: PageKey
    device: str
    """`cpu` or the CUDA device's name."""


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


Event = PageQueued | PageStarted | CellStarted | OutputReceived | ProgressMade | CellFinished | PageFinished
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The listener that does nothing."""
