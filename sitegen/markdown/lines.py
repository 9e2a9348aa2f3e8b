"""Where a line of the text that Markdown reads stands in the file that somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from sitegen.errors import SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMap:
    """From lines of the expanded text (from 0) to lines of the file (from 1)."""

    path: PurePosixPath
    first_line: int = 1
    """The file's line of the text's first one."""
    lines: tuple[int, ...] | None = None
    """The body's line (from 0) of each text line; None where the text is the body as it is."""

    def line(self, index: int) -> int:
        """The file's line for text line `index`; beyond the end, the last one's."""
        if self.lines is None:
            return self.first_line + max(index, 0)
        if not self.lines:
            return self.first_line
        return self.first_line + self.lines[min(max(index, 0), len(self.lines) - 1)]

    def location(self, index: int, column: int | None = None) -> SourceLocation:
        """The place of text line `index`; `column` counts from 1."""
        return SourceLocation(path=self.path, line=self.line(index), column=column)
