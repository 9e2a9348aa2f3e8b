"""A page's text as the cells of a notebook: its prose as written, cut where its code cells stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sitegen.content.document import CellId, CodeCell, NotebookCell
from sitegen.markdown.lines import LineMap

_BLANK: Final = re.compile(r"[\s>]*")
"""What is left around a cell inside an alert."""


def notebook_cells(
    text: str,
    ranges: Sequence[tuple[int, int]],
    cells: Sequence[CodeCell],
    lines: LineMap,
    *,
    boundary: str = "",
) -> tuple[NotebookCell, ...]:
    """The prose and the code cells of a page in order; empty for a page without code cells.

    A cell that stands in no fence of the text (it comes out of a `{{% %}}` shortcode) follows the cell before it.

    Args:
        text: of the body, with its shortcodes.
        ranges: (first line, line after the last) of the fences that are cells, from 0.
        cells: of the page, in the order in which they run.
        lines: of the text.
        boundary: a line that parts two cells of prose.
    """
    if not cells:
        return ()
    places = {(cell.location.cell, cell.location.line): cell.id for cell in cells}
    rows = text.split("\n")
    fences = [(first, last, _cell_in(first, last, lines, places)) for first, last in ranges]
    fences = [fence for fence in fences if fence[2] is not None]
    in_text = {identifier for _, _, identifier in fences}
    found: list[NotebookCell] = []
    waiting = [cell.id for cell in cells]
    position = 0
    for first, last, identifier in fences:
        found += _prose(rows[position:first], boundary)
        position = last
        if identifier in waiting:
            while waiting[0] != identifier and waiting[0] not in in_text:
                found.append(NotebookCell(cell=waiting.pop(0)))
            waiting.remove(identifier)
            found.append(NotebookCell(cell=identifier))
    found += [NotebookCell(cell=identifier) for identifier in waiting]
    found += _prose(rows[position:], boundary)
    return tuple(found)


def _cell_in(
    first: int, last: int, lines: LineMap, places: dict[tuple[int | None, int | None], CellId]
) -> CellId | None:
    """The cell whose code begins in the fence."""
    for row in range(first, last):
        location = lines.location(row)
        if (location.cell, location.line) in places:
            return places[location.cell, location.line]
    return None


def _prose(rows: Sequence[str], boundary: str) -> Iterator[NotebookCell]:
    parts = "\n".join(rows).split(boundary) if boundary else ["\n".join(rows)]
    for part in parts:
        if not _BLANK.fullmatch(part):
            yield NotebookCell(markdown=part.strip("\n").rstrip())
