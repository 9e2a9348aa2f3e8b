"""A notebook as Markdown whose cells run: prose as it is, code as fences with options, nothing of its outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.content.notebooks import SourceCell
from sitegen.errors import SourceLocation
from sitegen.frozen import thaw
from sitegen.importing.cell_options import convert_cell, is_ours, option_line
from sitegen.importing.prose import LineIndex, escape_shortcodes, in_prose
from sitegen.importing.values import Note, NoteKind
from sitegen.markdown.headings import heading_id

_BACKTICKS: Final = re.compile(r"`{3,}")
_HEADING: Final = re.compile(r"^(?P<marks>#{1,6})[ \t]+(?P<text>.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_SPACED_MATH: Final = re.compile(
    r"(?<![\\$])\$[ ]+(?P<latex>[^$\n]{0,1000}?[\\^_=][^$\n]{0,1000}?)[ ]*\$(?![\d$])|(?<![\\$])\$(?P<other>\S[^$\n]{0,1000}?[\\^_=][^$\n]{0,1000}?)[ ]+\$(?![\d$])"
)
_TARGET: Final = re.compile(
    r"""(?P<before>!?\[[^\[\]\n]{0,500}\]\(|(?:src|href)=["'])(?P<target>[^)\s"'<>]{1,1000})"""
)
_LINK_END: Final = re.compile(r"\A(?P<before>\]\()(?P<target>[^)\s\"'<>]{1,1000})")
_CELL_FENCE: Final = re.compile(r"^([ \t]*(?:`{3,}|~{3,}))\{([A-Za-z][\w+-]*)\}[ \t]*$", re.MULTILINE)
_HTML_TYPES: Final = frozenset({"", "text/html", "html"})
_SIGNS: Final[tuple[tuple[re.Pattern[str], NoteKind, str, str, str], ...]] = (
    (
        re.compile(r"^[ \t]*(?:!|%)[ \t]*(?:python3? -m )?(?:pip3?|conda|mamba|uv|apt(?:-get)?)\b.*", re.MULTILINE),
        "look", "installations", "installs packages each time it runs",
        "put packages into a requirements file, and remove the line",
    ),
    (
        re.compile(r"^[ \t]*(?:from|import) google\.colab\b.*", re.MULTILINE),
        "look", "Colab", "works only in Colab", "read files from the page's folder",
    ),
    (
        re.compile(r"^[ \t]*%matplotlib (?:notebook|widget|qt).*", re.MULTILINE),
        "look", "live figures", "shows a picture on a page", "remove the line, or use plotly",
    ),
    (
        re.compile(r"^[ \t]*%%?(?:time|timeit|prun|memit)\b.*", re.MULTILINE),
        "kept", "timings", "prints another number each time it runs", "`benchmark: true` gives the cell the machine for itself",
    ),
    (
        re.compile(r"\b(?:input|getpass\.getpass|getpass)\(\s*[\"')]"),
        "look", "questions", "waits for an answer that nobody gives", "write the value into the code, or take it from `env`",
    ),
)  # fmt: skip
"""What a build meets otherwise than somebody at a notebook: pattern, kind, topic, message, hint."""


@dataclass(slots=True)
class NotebookPage:
    """One notebook's conversion, and what was found on the way."""

    path: PurePosixPath
    """In the source."""
    language: str = "python"
    linked: Callable[[str], str | None] = field(default=lambda _target: None)
    """The new target of a link or picture; None: as it is written. Notes the file for copying."""
    notes: list[Note] = field(default_factory=list)
    attachments: dict[str, bytes] = field(default_factory=dict)
    """Name in the bundle to content."""

    def note(
        self, kind: NoteKind, topic: str, message: str, cell: SourceCell, line: int, hint: str | None = None
    ) -> None:
        """Add a note at a line of a cell, both from 1."""
        location = SourceLocation(path=self.path, line=line, cell=cell.number)
        self.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))


def notebook_markdown(cells: Iterable[SourceCell], page: NotebookPage) -> str:
    """The cells as one Markdown text."""
    cells = tuple(cells)
    anchors = _anchors(cells)
    parts = []
    for cell in cells:
        if not cell.source.strip():
            continue
        if cell.kind == "code":
            parts.append(_code(cell, page))
        elif cell.kind == "markdown":
            parts.append(_prose(cell, page, anchors))
        elif cell.raw_type in _HTML_TYPES:
            parts.append(escape_shortcodes(cell.source.strip("\n")))
            page.note("look", "raw cells", "its text stands in the page as HTML", cell, 1)
        else:
            page.note(
                "lost", "raw cells", f"a raw cell of `{cell.raw_type}` is no part of a web page", cell, 1
            )
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def title_of(cells: Iterable[SourceCell]) -> tuple[str, SourceCell | None, int]:
    """The first heading of the prose, its cell, and its level; an empty text where there is none."""
    for cell in cells:
        if cell.kind != "markdown":
            continue
        for match in _HEADING.finditer(cell.source):
            return _plain(match["text"]), cell, len(match["marks"])
    return "", None, 0


def without_title(source: str) -> str:
    """A cell's text without its first heading."""
    return _HEADING.sub("", source, count=1).lstrip("\n")


def _code(cell: SourceCell, page: NotebookPage) -> str:
    header = convert_cell(cell.source.strip("\n").split("\n"))
    for written in header.lost:
        page.note("lost", "cell options", f"`{written[:80]}` has no effect here", cell, 1)
    for written in header.converted:
        page.note("converted", "cell options", written, cell, 1)
    lines = [*_metadata_options(cell, header.lines), *header.lines]
    code = "\n".join(header.code).strip("\n")
    _note_signs(code, cell, page)
    longest = max((len(run[0]) for run in _BACKTICKS.finditer(code)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join([f"{fence}{{{page.language}}}", *lines, code, fence])


def _note_signs(code: str, cell: SourceCell, page: NotebookPage) -> None:
    """What of the code a build meets otherwise."""
    lines = LineIndex(code)
    first = cell.source.count("\n", 0, max(0, cell.source.find(code))) + 1
    for pattern, kind, topic, message, hint in _SIGNS:
        for match in pattern.finditer(code):
            shown = match[0].strip()[:60]
            page.note(kind, topic, f"`{shown}` {message}", cell, first + lines.of(match.start()), hint)


def _metadata_options(cell: SourceCell, written: list[str]) -> list[str]:
    """Options that stand in the cell's metadata, as lines at its top."""
    given = {line.removeprefix("#|").strip().partition(":")[0] for line in written}
    made = []
    for name, value in cell.options.items():
        plain = thaw(value)
        if name in given or not is_ours(name, plain):
            continue
        text = json.dumps(plain, ensure_ascii=False) if isinstance(plain, (list, dict)) else None
        made.append(option_line(name, plain) if text is None else f"#| {name}: {text}")
    return made


def _prose(cell: SourceCell, page: NotebookPage, anchors: Mapping[str, str]) -> str:
    def target(match: re.Match[str]) -> str:
        written = match["target"]
        if written.startswith("attachment:"):
            name = unquote(written.removeprefix("attachment:"))
            if name in cell.attachments:
                return f"{match['before']}{_attached(page, name, cell.attachments[name])}"
        if written.startswith("#"):
            return f"{match['before']}#{anchors.get(unquote(written[1:]), written[1:])}"
        return f"{match['before']}{page.linked(written) or written}"

    def convert(text: str) -> str:
        if "$" in text:
            text = _SPACED_MATH.sub(lambda match: f"${(match['latex'] or match['other']).strip()}$", text)
        return _TARGET.sub(target, _LINK_END.sub(target, text))

    text = cell.source.strip("\n")
    if "{" in text:
        text = _CELL_FENCE.sub(r"\1\2", text)  # prose that shows a cell: it is none
    return escape_shortcodes(in_prose(text, convert))


def _attached(page: NotebookPage, name: str, content: bytes) -> str:
    """The name in the bundle of an attachment; two cells may have two of one name."""
    safe = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "attachment"
    made, number = safe, 2
    while page.attachments.get(made, content) != content:
        stem = PurePosixPath(safe)
        made, number = f"{stem.stem}-{number}{stem.suffix}", number + 1
    page.attachments[made] = content
    return made


def _anchors(cells: Iterable[SourceCell]) -> dict[str, str]:
    """Jupyter's anchors of headings (`My-Title`) to ours (`my-title`)."""
    found = {}
    for cell in cells:
        if cell.kind == "markdown":
            for match in _HEADING.finditer(cell.source):
                text = _plain(match["text"])
                found[text.replace(" ", "-")] = heading_id(text)
    return found


def _plain(text: str) -> str:
    """A heading's text without Markdown's signs."""
    text = re.sub(r"<[^<>]{0,300}>", "", text)
    text = re.sub(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,500}\)", r"\1", text)
    return re.sub(r"(?<!\\)[*`]|(?<!\w)_|_(?!\w)", "", text).strip()
