"""What a build has executed, in a few lines for its end: pages by state, the slowest pages and cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sitegen.cli.progress import format_seconds

if TYPE_CHECKING:
    from sitegen.build.report import BuildReport, CellReport, PageReport

_SLOWEST: Final = 3
"""With one line of all, three states and two headings: eleven lines."""
_TELLING_S: Final = 0.05
"""A cell that took less would be shown as `0.0 s`."""
_LONGEST_NAME: Final = 60


def describe_executed(report: BuildReport) -> Iterator[str]:
    """The lines, eleven at most; none where nothing ran. The rest is in `.sitegen/report.json`."""
    pages = [page for page in report.executed if page.ran]
    if not pages:
        return
    cells = sum(cell.status not in ("none", "skipped") for page in pages for cell in page.cell_runs)
    kernels, wall = format_seconds(report.kernel_seconds), format_seconds(report.wall_seconds)
    yield (
        f"executed {_count(len(pages), 'page')} with {_count(cells, 'cell')}: "
        f"{kernels} of kernels in {wall}{_warm(pages)}"
    )
    states = sorted({page.state for page in pages})
    rows = [_state_row(state, [page for page in pages if page.state == state]) for state in states]
    yield from _columns(rows, "<>><")
    if len(pages) > 1:
        yield "slowest pages:"
        slowest = sorted(pages, key=lambda page: -(page.kernel_seconds or 0.0))[:_SLOWEST]
        yield from _columns([_page_row(page) for page in slowest], "<>><")
    found = sorted(
        ((page, cell) for page in pages for cell in page.cell_runs if cell.seconds >= _TELLING_S),
        key=lambda each: -each[1].seconds,
    )
    if len(found) > 1:
        yield "slowest cells:"
        yield from _columns([_cell_row(page, cell) for page, cell in found[:_SLOWEST]], "<>")


def _state_row(state: str, pages: Sequence[PageReport]) -> tuple[str, ...]:
    seconds = sum(page.kernel_seconds or 0.0 for page in pages)
    peak = max((page.memory_bytes or 0 for page in pages), default=0)
    return (state, str(len(pages)), format_seconds(seconds), _memory(peak, "at most "))


def _page_row(page: PageReport) -> tuple[str, ...]:
    numbers = ", ".join(f"cuda:{number}" for number in page.cuda)
    device = numbers or ("cpu" if (page.device or "").startswith("cpu") else page.device or "")
    return (
        _short(page.path),
        format_seconds(page.kernel_seconds or 0.0),
        _memory(page.memory_bytes or 0),
        device,
    )


def _cell_row(page: PageReport, cell: CellReport) -> tuple[str, ...]:
    place = f"cell {cell.cell}" if cell.cell is not None else "" if cell.line is None else str(cell.line)
    name = f" `{cell.label}`" if cell.label else ""
    return (f"{_short(page.path)}:{place}{name}", format_seconds(cell.seconds))


def _columns(rows: Sequence[tuple[str, ...]], sides: str) -> Iterator[str]:
    """Aligned, each column to its side: `<` or `>`."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{text:{side}{width}}" for text, side, width in zip(row, sides, widths, strict=True))
        yield "  ".join(("", *cells)).rstrip()


def _warm(pages: Sequence[PageReport]) -> str:
    warm = sum(page.is_warm is True for page in pages)
    return f", {warm} of them started warm" if warm else ""


def _memory(size_bytes: int, before: str = "") -> str:
    from sitegen.rendering.results.numbers import bytes_text

    return before + bytes_text(size_bytes) if size_bytes else ""


def _short(name: str) -> str:
    """The end of a long path says more than its beginning."""
    return name if len(name) <= _LONGEST_NAME else "…" + name[-_LONGEST_NAME + 1 :]


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
