"""The cells of a notebook or script as one Markdown text with the place of each line, so that it goes every page's road."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import field, replace
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from markdown_it.token import Token

from sitegen.content.document import CellId, CodeCell
from sitegen.content.execute_options import PageExecution
from sitegen.content.index import IndexedPage
from sitegen.content.notebooks import DEFAULT_LANGUAGE, Notebook, SourceCell, kernel_of, read_notebook
from sitegen.content.percent import read_script
from sitegen.content.sources import Source
from sitegen.frozen import FrozenDict, thaw
from sitegen.markdown.cells import is_cell, kernel_languages
from sitegen.markdown.fences import parse_info
from sitegen.markdown.headings import heading_id
from sitegen.markdown.inline import plain_text
from sitegen.markdown.lines import LineMap, Place
from sitegen.values import dataclass

BOUNDARY: Final = "<!-- end of a notebook's cell -->"
"""Stands between two cells of prose, so that a list or a table of one does not go on in the next."""
_RAW: Final = "raw-html"
_HTML_TYPES: Final = frozenset({"", "text/html", "html"})
"""Raw cells that are HTML of the page: what nbconvert's HTML exporter passes on."""
_DEFAULT_KERNELS: Final = {"r": "ir", "bash": "bash", "julia": "julia", "typescript": "deno", "rust": "rust"}
_ATTACHMENT: Final = re.compile(r"attachment:([^\s)\"'<>]+)")
_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")
_ANCHOR: Final = re.compile(r"""\b(?:id|name)\s*=\s*["']([^"']+)["']""")
_BACKTICKS: Final = re.compile(r"`{3,}")
_UNSAFE: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookText:
    """A notebook as a body."""

    text: str
    places: tuple[Place, ...]
    cell_lines: tuple[tuple[int, int], ...] = ()
    """(first line, line after the last), from 0, of the fences that stand for code cells."""
    raw_lines: tuple[tuple[int, int], ...] = ()
    """The same of the fences that stand for raw HTML."""
    attachments: FrozenDict[str, bytes] = field(default_factory=FrozenDict)
    """By the name that the text links to."""
    notebook: Notebook = field(default_factory=Notebook)

    def line_map(self, path: PurePosixPath) -> LineMap:
        """The text's lines in the file."""
        return LineMap(path=path, places=self.places)

    @property
    def protected(self) -> tuple[tuple[int, int], ...]:
        """The lines in which nothing is a shortcode."""
        return tuple(sorted((*self.cell_lines, *self.raw_lines)))

    def settle(self, tokens: list[Token], lines: LineMap, execution: PageExecution) -> list[Token]:
        """The tokens with raw cells as HTML, no marks between cells, and no fence a cell but those of code cells."""
        cells = {first for first, _ in self.cell_lines}
        raw = {first for first, _ in self.raw_lines}
        kept = []
        for token in tokens:
            if token.type == "html_block" and token.content.strip() == BOUNDARY:
                continue
            if token.type == "fence" and token.map is not None:
                first = lines.line(token.map[0]) - 1
                if first in raw:
                    token.type = "html_block"
                elif first not in cells:
                    _as_static(token, execution)
            kept.append(token)
        _mend_fragments(kept)
        return kept

    def with_ids(self, cells: Sequence[CodeCell]) -> tuple[CodeCell, ...]:
        """The page's cells with the ids that they have in the notebook."""
        ids = {cell.number: cell.id for cell in self.notebook.cells if cell.id}
        return tuple(
            replace(cell, notebook_id=ids[cell.location.cell]) if cell.location.cell in ids else cell
            for cell in cells
        )

    def saved(self, cells: Sequence[CodeCell]) -> FrozenDict[CellId, tuple[object, ...]]:
        """The outputs that the page's cells were saved with."""
        outputs = {cell.number: cell.outputs for cell in self.notebook.cells if cell.outputs}
        return FrozenDict(
            {cell.id: outputs[cell.location.cell] for cell in cells if cell.location.cell in outputs}
        )


def read_cells(source: Source, execution: PageExecution) -> Notebook:
    """The cells of a page that is a notebook or a script; its outputs only where it is not run.

    Raises:
        OSError: the file cannot be read any more.
    """
    data = source.file.read_bytes()
    if source.format == "percent":
        return read_script(data, source.path)
    return read_notebook(data, source.path, with_outputs=execution.enabled is False)


def execution_of(page: IndexedPage, notebook: Notebook | None) -> PageExecution:
    """How the page is run: a notebook by the kernel that it was saved with, its code cells alone.

    MyST's and Quarto's pages name their kernel in front matter as a notebook does in its metadata.
    """
    execution = page.execution
    if notebook is not None:
        execution = replace(execution, enabled=False if execution.enabled is False else None)
    said = page.meta.execute
    if isinstance(said, FrozenDict) and "kernel" in said:
        return execution
    language = notebook.language if notebook is not None else DEFAULT_LANGUAGE
    name = notebook.kernel if notebook is not None else kernel_of(page.meta.params)
    if language not in kernel_languages(name or execution.kernel):
        name = _DEFAULT_KERNELS.get(language, name)
    return replace(execution, kernel=name, kernel_language=language) if name else execution


def notebook_text(notebook: Notebook, execution: PageExecution) -> NotebookText:
    """The cells as Markdown: code as fences longer than any inside, prose as it is, raw HTML as fences of its own.

    Args:
        notebook: as read.
        execution: of its page, from `execution_of`.
    """
    writer = _Writer(notebook.language, execution)
    for cell in notebook.cells:
        writer.add(cell)
    return NotebookText(
        text="\n".join(writer.lines) + "\n",
        places=tuple(writer.places),
        cell_lines=tuple(writer.cell_lines),
        raw_lines=tuple(writer.raw_lines),
        attachments=FrozenDict(writer.attachments),
        notebook=notebook,
    )


class _Writer:
    """The text as it grows."""

    def __init__(self, language: str, execution: PageExecution) -> None:
        self._is_run = language in kernel_languages(execution.kernel)
        self._language = language
        self._last_kind = ""
        self.lines: list[str] = []
        self.places: list[Place] = []
        self.cell_lines: list[tuple[int, int]] = []
        self.raw_lines: list[tuple[int, int]] = []
        self.attachments: dict[str, bytes] = {}

    def add(self, cell: SourceCell) -> None:
        """One cell; empty ones leave nothing, nor do raw ones of other formats."""
        if not cell.source.strip():
            return
        if cell.kind == "raw":
            if cell.raw_type.lower() in _HTML_TYPES:
                self.raw_lines.append(self._fence(cell, _RAW, header=None))
        elif cell.kind == "markdown":
            self._prose(cell)
        elif self._is_run:
            self.cell_lines.append(self._fence(cell, f"{{code-cell}} {self._language}", header=cell.options))
        else:
            self._fence(cell, self._language, header=None)
        self._last_kind = cell.kind

    def _prose(self, cell: SourceCell) -> None:
        if self._last_kind == "markdown":
            self._ours((BOUNDARY, ""), cell, 1)
        text = self._with_attachments(cell) if cell.attachments else cell.source
        lines = text.split("\n")
        self._add(lines, cell)
        closing = _open_at_end(lines)
        self._ours((closing, "") if closing else ("",), cell, len(lines))

    def _with_attachments(self, cell: SourceCell) -> str:
        """The text with links to attachments as links to files of the page, since each cell has its own names."""

        def rename(match: re.Match[str]) -> str:
            known = next((name for name in (match[1], unquote(match[1])) if name in cell.attachments), None)
            if known is None:
                return match[0]
            name = f"attachment-{cell.number or cell.first_line}-{_UNSAFE.sub('-', known)}"
            self.attachments[name] = cell.attachments[known]
            return name

        return _ATTACHMENT.sub(rename, cell.source)

    def _fence(
        self, cell: SourceCell, info: str, *, header: FrozenDict[str, object] | None
    ) -> tuple[int, int]:
        """The cell as a fence with its options in a YAML header; where it stands."""
        start = len(self.lines)
        lines = cell.source.split("\n")
        ticks = "`" * max(3, *(len(found) + 1 for found in _BACKTICKS.findall(cell.source)), 3)
        self._ours((ticks + info,), cell, 1)
        if header is not None:  # also where it is empty: a first line such as `---` is then code
            options = json.dumps(thaw(header), ensure_ascii=False, default=str) if header else ""
            self._ours(("---", options, "---"), cell, 1)
        self._add(lines, cell)
        self._ours((ticks, ""), cell, len(lines))
        return start, len(self.lines) - 1

    def _add(self, lines: Sequence[str], cell: SourceCell) -> None:
        offsets = cell.offsets or (0,) * len(lines)
        self.lines += lines
        self.places += [
            Place(cell.first_line + index, cell.number, offsets[index] if index < len(offsets) else 0)
            for index in range(len(lines))
        ]

    def _ours(self, lines: Sequence[str], cell: SourceCell, line: int) -> None:
        """Lines that nobody wrote, at line `line` of the cell."""
        self.lines += lines
        self.places += [Place(cell.first_line + line - 1, cell.number, None)] * len(lines)


def _as_static(token: Token, execution: PageExecution) -> None:
    """A fence in prose: shown, as in Jupyter, where a page of Markdown would run it."""
    fence = parse_info(token.info)
    if is_cell(fence, execution):
        token.info = fence.language or DEFAULT_LANGUAGE


def _mend_fragments(tokens: Sequence[Token]) -> None:
    """Links to headings as Jupyter names them (`#My-Title`), to the ids that ours have; other anchors stay."""
    inside = [child for token in tokens for child in token.children or ()]
    links = [
        child
        for child in inside
        if child.type == "link_open" and str(child.attrs.get("href")).startswith("#")
    ]
    if not links:
        return
    ids = {
        heading_id(plain_text(inline.children or ()))
        for opening, inline in pairwise(tokens)
        if opening.type == "heading_open"
    }
    html = "".join(each.content for each in (*tokens, *inside) if each.type in ("html_block", "html_inline"))
    anchors = set(_ANCHOR.findall(html))
    for link in links:
        fragment = unquote(str(link.attrs["href"])[1:])
        if fragment not in ids | anchors and heading_id(fragment) in ids:
            link.attrs["href"] = f"#{heading_id(fragment)}"


def _open_at_end(lines: Sequence[str]) -> str:
    """What closes a fence or a comment that the text leaves open, which in Jupyter ends with its cell."""
    fence = ""
    in_comment = False
    for line in lines:
        match = _FENCE.match(line)
        if fence:
            if match is not None and match[1].startswith(fence) and not match[2].strip():
                fence = ""
        elif in_comment:
            in_comment = "-->" not in line
        elif match is not None:
            fence = match[1]
        elif line.lstrip().startswith("<!--"):
            in_comment = "-->" not in line
    return fence or ("-->" if in_comment else "")
