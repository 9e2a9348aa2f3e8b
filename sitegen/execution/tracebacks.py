"""From the frames that the kernel reports to lines of the page's file; the author's frames only."""

from __future__ import annotations

import linecache
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

import sitegen
from sitegen.content.document import CodeCell, source_digest
from sitegen.content.executed import ErrorOutput
from sitegen.errors import SourceLocation
from sitegen.execution.jobs import Job
from sitegen.values import dataclass

_FRAMES_SHOWN: Final = 20
"""Of a deep recursion the first and last halves are shown."""
_OURS: Final = Path(sitegen.__file__).resolve().parent
_PLACE_IN_CELL: Final = re.compile(r" \([^()\s]*\.py, line \d+\)$")
"""What a SyntaxError's text ends in: IPython's file name, and a line that counts from the cell's first."""
_TIMED: Final = "<timed exec>"
"""The file name that IPython gives to the body of a `%%time` cell: one line shorter than the cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One step of a traceback in the author's own code."""

    location: SourceLocation
    function: str
    """Empty at the top level of a cell or module."""
    text: str
    """The line."""
    in_cell: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception that a cell raised, in the author's terms."""

    name: str
    value: str
    location: SourceLocation
    """The statement in the Markdown file that failed: the innermost frame that lies in a cell."""
    details: str
    """Frames, outermost first, and the exception."""

    @property
    def summary(self) -> str:
        """``ZeroDivisionError: division by zero``, in one line."""
        first = self.value.strip().splitlines()[0] if self.value.strip() else ""
        return f"{self.name}: {first}" if first else self.name

    def as_output(self) -> ErrorOutput:
        """What the page shows where the exception was expected."""
        return ErrorOutput(name=self.name, value=self.value, traceback=self.details)


def explain(job: Job, cell: CodeCell, name: str, value: str, reported: Mapping[str, Any] | None) -> Raised:
    """The exception with its frames mapped to the author's files.

    Args:
        job: whose cells the frames may lie in.
        cell: the one that was running.
        name: the exception's class.
        value: its text.
        reported: what `kernel_side.session.last_error` said; None where the kernel could not be asked.
    """
    reported = reported or {}
    value = _PLACE_IN_CELL.sub("", value)
    found = [_frame(job, cell, frame) for frame in reported.get("frames", [])]
    frames = [frame for frame in found if frame is not None]
    in_cells = [frame for frame in frames if frame.in_cell]
    location = in_cells[-1].location if in_cells else cell.location
    lines = [line for frame in _shortened(frames) for line in _lines(frame)]
    lines += [f"caused by {_PLACE_IN_CELL.sub('', cause)}" for cause in reported.get("causes", [])]
    lines.append(f"{name}: {value}" if value else name)
    return Raised(name=name, value=value, location=location, details="\n".join(lines))


def line_of(cell: CodeCell, line: int, column: int | None = None) -> SourceLocation:
    """The place in the author's file of a line of a cell, both from 1.

    Args:
        cell: whose first line's place is known.
        line: in the cell's source.
        column: from 0, as Python counts.
    """
    start = cell.location
    return SourceLocation(
        path=start.path,
        line=None if start.line is None else start.line + line - 1,
        column=None if column is None else column + (start.column or 1),
        cell=start.cell,
    )


def _frame(job: Job, running: CodeCell, reported: Mapping[str, Any]) -> Frame | None:
    line = int(reported["line"])
    column = reported["column"]
    function = str(reported["function"])
    cell: CodeCell | None = None
    if reported["cell"] is not None:
        cell = _cell_of(job, running, reported["cell"])
        if cell is None:  # a cell magic ran the rest of the cell: count from the end
            cell = running
            line += running.source.count("\n") + 1 - int(reported["cell_lines"])
    elif reported["file"] == _TIMED:
        cell, line = running, line + 1
    if cell is not None:
        lines = cell.source.splitlines()
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return Frame(location=line_of(cell, line, column), function=function, text=text, in_cell=True)
    path = _authors_file(job, str(reported["file"]))
    if path is None:
        return None
    location = SourceLocation(path=path, line=line, column=None if column is None else column + 1)
    text = linecache.getline(str(job.root / path), line).strip()
    return Frame(location=location, function=function, text=text, in_cell=False)


def _cell_of(job: Job, running: CodeCell, digest: str) -> CodeCell | None:
    """The cell with that code; of several the running one, else the first."""
    return next((cell for cell in (running, *job.cells) if source_digest(cell.source) == digest), None)


def _authors_file(job: Job, file: str) -> PurePosixPath | None:
    """The file relative to the site's root; None for installed packages, hidden folders and all that lies outside."""
    path = Path(file).resolve()
    if path.is_relative_to(_OURS) or not path.is_relative_to(job.root.resolve()):
        return None
    relative = path.relative_to(job.root.resolve())
    if any(part.startswith(".") or part in ("site-packages", "dist-packages") for part in relative.parts):
        return None
    return PurePosixPath(relative.as_posix())


def _shortened(frames: list[Frame]) -> list[Frame | int]:
    """At most `_FRAMES_SHOWN` frames, with the number of those left out between."""
    if len(frames) <= _FRAMES_SHOWN:
        return list(frames)
    half = _FRAMES_SHOWN // 2
    return [*frames[:half], len(frames) - 2 * half, *frames[-half:]]


def _lines(frame: Frame | int) -> list[str]:
    if isinstance(frame, int):
        return [f"... {frame} more frames"]
    place = str(replace(frame.location, column=None))
    head = f"{place} in {frame.function}" if frame.function else place
    return [head, f"    {frame.text}"] if frame.text else [head]
