"""Diagnostics as a person, a program or GitHub reads them: text, JSON, workflow commands."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TextIO

import click

from sitegen.errors import CODES, Diagnostic, SourceLocation

Format = Literal["text", "json", "github"]
FORMATS: Final[tuple[Format, ...]] = ("text", "json", "github")

_INDENT = "    "
_TAB_WIDTH = 4
_EXCERPT_WIDTH = 100
"""Characters shown of a long source line; a terminal of 80 to 120 columns is usual."""
_COLORS: Final = {"error": "red", "warning": "yellow", "info": "cyan"}
_GITHUB_COMMANDS: Final = {"error": "error", "warning": "warning", "info": "notice"}


def print_diagnostics(diagnostics: Sequence[Diagnostic], root: Path, form: Format) -> None:
    """Print them all: text to stderr, where logs go; what a program reads to stdout.

    JSON is one document, an array, also where nothing is wrong.

    Args:
        diagnostics: in the order they are to be read.
        root: the site's folder, from which excerpts are read.
        form: one of `FORMATS`.
    """
    if form == "json":
        click.echo(format_json(diagnostics, root))
    elif not diagnostics:
        return
    elif form == "github":
        click.echo(format_github(diagnostics, root, _workspace()))
    else:
        text = format_text(diagnostics, root, color=use_color(sys.stderr))
        click.echo(text + "\n", err=True, color=True)  # a blank line before what follows


def format_text(diagnostics: Sequence[Diagnostic], root: Path, *, color: bool = False) -> str:
    """One paragraph each: where and what, the source line, details, what to do."""
    return "\n\n".join(_paragraph(diagnostic, root, color) for diagnostic in diagnostics)


def format_json(diagnostics: Sequence[Diagnostic], root: Path) -> str:
    """An array of objects: those of the build report, each with its code's meaning and the source line."""
    return json.dumps(
        [_as_json(diagnostic, root) for diagnostic in diagnostics], indent=2, ensure_ascii=False
    )


def format_github(diagnostics: Sequence[Diagnostic], root: Path, workspace: Path) -> str:
    """Workflow commands, one a line, which GitHub shows beside the lines of a pull request.

    Args:
        diagnostics: in the order they are to be read.
        root: the site's folder.
        workspace: the checkout, to which GitHub wants the paths relative.

    Source: docs.github.com, "Workflow commands for GitHub Actions", setting an error message; the
    escapes are those of the runner's `ActionCommand`.
    """
    return "\n".join(_workflow_command(diagnostic, root, workspace) for diagnostic in diagnostics)


def tally(diagnostics: Sequence[Diagnostic]) -> str:
    """How many of each severity in words: `2 errors, 1 warning`; empty where there is none."""
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    words = ((counts["error"], "error"), (counts["warning"], "warning"))
    return ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in words if count)


def use_color(stream: TextIO) -> bool:
    """Whether escapes are wanted there: a terminal, and nobody said no (no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


# --- text -----------------------------------------------------------------------------------------


def _paragraph(diagnostic: Diagnostic, root: Path, color: bool) -> str:
    def style(text: str, **how: object) -> str:
        return click.style(text, **how) if color else text  # type: ignore[arg-type]

    label = style(f"{diagnostic.severity} {diagnostic.code}", fg=_COLORS[diagnostic.severity], bold=True)
    where = style(f"{diagnostic.location}", bold=True) + ": " if diagnostic.location else ""
    lines = [f"{where}{label}: {_printable(diagnostic.message)}"]
    if diagnostic.location:
        excerpt = _excerpt(diagnostic.location, root)
        if excerpt is not None:
            source, caret = excerpt
            lines.append(_INDENT + source)
            if caret:
                lines.append(_INDENT + style(caret, fg="green", bold=True))
    lines += [f"see also: {location}" for location in diagnostic.related]
    if diagnostic.details:
        lines += [_INDENT + _printable(line) for line in diagnostic.details.splitlines()]
    if diagnostic.hint:
        lines.append(f"{style('hint', bold=True)}: {_printable(diagnostic.hint)}")
    return "\n".join(line.rstrip() for line in lines)


def _excerpt(location: SourceLocation, root: Path) -> tuple[str, str] | None:
    """The source line and a line with a caret below it (empty without a column)."""
    line = _source_line(location, root)
    if line is None:
        return None
    if location.column is None or location.column > len(line) + 1:
        return _shorten(_printable(line), 0)[0].strip(), ""
    before = _printable(line[: location.column - 1])
    whole = before + _printable(line[location.column - 1 :])
    indent = len(whole) - len(whole.lstrip())
    if indent <= len(before):
        whole, before = whole[indent:], before[indent:]
    shown, column = _shorten(whole, len(before))
    return shown, " " * _width(shown[:column]) + "^"


def _source_line(location: SourceLocation, root: Path) -> str | None:
    if location.line is None:
        return None
    file = root / location.path
    try:
        status = file.stat()
        lines = _lines(file, (status.st_mtime_ns, status.st_size, status.st_ino), location.cell)
    except OSError:
        return None
    return lines[location.line - 1] if 0 < location.line <= len(lines) else None


@lru_cache(maxsize=1)
def _lines(file: Path, version: tuple[int, int, int], cell: int | None) -> tuple[str, ...]:
    """The lines of a file or of a notebook's cell: messages come in the order of files, and one may have thousands."""
    del version  # with another time, size or inode the text is another
    data = file.read_bytes()
    if cell is None:
        text: str | None = data.decode("utf-8", errors="replace")
    else:
        from sitegen.content.notebooks import cell_text  # needed for few messages

        text = cell_text(data, cell)
    if text is None:
        return ()
    # str.splitlines also splits at form feeds
    return tuple(line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n"))


def _shorten(line: str, column: int) -> tuple[str, int]:
    """At most `_EXCERPT_WIDTH` characters of the line around the column (from 0), and where it then is."""
    if len(line) <= _EXCERPT_WIDTH:
        return line, column
    start = max(0, min(column - _EXCERPT_WIDTH // 2, len(line) - _EXCERPT_WIDTH))
    shown = line[start : start + _EXCERPT_WIDTH]
    if start + _EXCERPT_WIDTH < len(line):
        shown = shown[:-1] + "…"
    if start:
        shown = "…" + shown[1:]
    return shown, column - start


def _width(text: str) -> int:
    """Columns that the text takes in a terminal: wide characters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _printable(text: str) -> str:
    """The text without what a terminal would act on: escapes in content are shown, not obeyed."""
    expanded = text.replace("\t", " " * _TAB_WIDTH)
    return "".join(
        character if character == "\n" or unicodedata.category(character) != "Cc" else "\ufffd"
        for character in expanded
    )


# --- for programs -----------------------------------------------------------------------------------


def _as_json(diagnostic: Diagnostic, root: Path) -> dict[str, object]:
    from sitegen.build.report import diagnostic_fields  # not needed for text

    location = diagnostic.location
    return diagnostic_fields(diagnostic) | {
        "meaning": CODES.get(diagnostic.code),
        "source": _source_line(location, root) if location else None,
    }


def _workflow_command(diagnostic: Diagnostic, root: Path, workspace: Path) -> str:
    properties: dict[str, object] = {}
    location = diagnostic.location
    if location is not None:
        properties["file"] = _below(root / location.path, workspace)
        if location.cell is None:  # lines of a notebook's cells are no lines of its file
            properties["line"] = location.line
            properties["col"] = location.column
    properties["title"] = f"{diagnostic.code}: {CODES.get(diagnostic.code, diagnostic.severity)}"
    where = str(location) if location is not None and location.cell is not None else None
    parts = [
        where,
        diagnostic.message,
        diagnostic.details,
        f"hint: {diagnostic.hint}" if diagnostic.hint else None,
    ]
    message = "\n".join(part for part in parts if part)
    written = ",".join(
        f"{name}={_escape_property(str(value))}" for name, value in properties.items() if value is not None
    )
    return f"::{_GITHUB_COMMANDS[diagnostic.severity]} {written}::{_escape_data(message)}"


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def _below(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()


def _workspace() -> Path:
    return Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
