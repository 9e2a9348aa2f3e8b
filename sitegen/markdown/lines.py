"""Where a line of the text that Markdown reads stands in the file that somebody wrote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from sitegen.errors import SourceLocation
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line of a text that was put together from cells stands."""

    line: int
    """From 1: in the notebook's cell, or in the script."""
    cell: int | None = None
    """Of a notebook, from 1."""
    offset: int | None = 0
    """Characters that stand before it in the file; None where the line is ours and no column of it is anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMap:
    """From lines of the expanded text (from 0) to lines of the file (from 1)."""

    path: PurePosixPath
    first_line: int = 1
    """The file's line of the text's first one."""
    lines: tuple[int, ...] | None = None
    """The body's line (from 0) of each text line; None where the text is the body as it is."""
    places: tuple[Place, ...] = ()
    """Of each line of the body, where that is made of cells; then `first_line` is 1."""

    def line(self, index: int) -> int:
        """The line for text line `index`, in a file or in a body made of cells; beyond the end, the last one's."""
        if self.lines is None:
            return self.first_line + max(index, 0)
        if not self.lines:
            return self.first_line
        return self.first_line + self.lines[min(max(index, 0), len(self.lines) - 1)]

    def location(self, index: int, column: int | None = None) -> SourceLocation:
        """The place of text line `index`; `column` counts from 1."""
        line = self.line(index)
        if not self.places:
            return SourceLocation(path=self.path, line=line, column=column)
        place = self.places[min(line, len(self.places)) - 1]
        shifted = None if column is None or place.offset is None else column + place.offset
        return SourceLocation(path=self.path, line=place.line, column=shifted, cell=place.cell)

    def expanded(self, lines: tuple[int, ...]) -> LineMap:
        """The map of a text that was made from this one's; `lines` has the line here of each of its own."""
        return replace(self, lines=lines)
