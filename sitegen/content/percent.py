r"""A percent-format script (`# %%`) as the cells of a notebook: jupytext's, VS Code's and sphinx-gallery's ways of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from sitegen.content.frontmatter import FrontMatter, split
from sitegen.content.gallery import GalleryText
from sitegen.content.notebooks import (
    Notebook,
    SourceCell,
    SourceKind,
    first_cell_front_matter,
    kernel_of,
    moved,
    without_tool_keys,
)
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict, freeze
from sitegen.values import dataclass

_MARKER: Final = re.compile(r"#[ \t]?%%+(?=[\s\[{]|$)(?P<rest>.*)")
_HAS_MARKER: Final = re.compile(rb"^#[ \t]?%%+(?=[\s\[{]|$)", re.MULTILINE)
_KIND: Final = re.compile(r"\[(markdown|md|raw|code)\]")
_KINDS: Final[dict[str, SourceKind]] = {"markdown": "markdown", "md": "markdown", "raw": "raw"}
_PAIR: Final = re.compile(r"""([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|[^\s,]+)""")
_PREAMBLE: Final = re.compile(r"#!.*|#.*coding[:=].*|\s*")
_HEADER: Final = re.compile(r"#[ \t]*---[ \t]*")
_COMMENT: Final = re.compile(r"#(?!\|)[ \t]?")
_DOCSTRING: Final = re.compile(r"[rRuU]?(\"\"\"|''')")
_RULER: Final = re.compile(r"#{20,}[ \t]*")
"""sphinx-gallery's older sign that a block of text begins."""
_MAGIC: Final = re.compile(
    r"#[ ]?(?=(?:%%?(?:autoreload|bash|capture|cd|conda|config|cython|env|file|html|HTML|javascript|js|latex|load_ext|ls"
    r"|lprun|matplotlib|memit|mkdir|mprun|perl|pip|precision|prun|pwd|pylab|python|python3|R|reload_ext|reset|ruby|run"
    r"|script|set_env|sh|svg|SVG|sx|system|tb|tensorboard|time|timeit|watermark|who|whos|writefile|xmode)"
    r"|![A-Za-z./~])(?:\s|$|[\w./-]))"
)
"""A commented magic or shell line, as jupytext writes them so that the script stays Python."""


def is_percent_script(data: bytes) -> bool:
    """Whether a `.py` file has a `# %%` line."""
    return _HAS_MARKER.search(data) is not None


def read_script(data: bytes, path: PurePosixPath) -> Notebook:
    """The cells of a script; lines count in the file.

    Front matter is jupytext's header, a YAML comment block between `# ---` lines, or stands in a first
    Markdown cell. With a docstring at the top and neither header nor `[markdown]` cells the script is
    one of sphinx-gallery: comments right below a marker are text, in reStructuredText.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Diagnostic(
            code="SG107",
            severity="error",
            message=f"the script cannot be read: byte {data[error.start]:#04x} is not UTF-8 text",
            location=SourceLocation(path=path, line=line),
            hint="save the file as UTF-8",
        )
        return Notebook(diagnostics=(problem,))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, start = _header(lines, path)
    blocks = list(_blocks(lines, start))
    if front is None and _is_gallery(lines, start, blocks):
        cells = tuple(_gallery_cells(lines, start))
    else:
        cells = tuple(_cell(block, lines) for block in blocks)
    cells = tuple(cell for cell in cells if cell.source.strip())
    if front is None:
        found, cells = first_cell_front_matter(cells, path)
        front = found.front
    return Notebook(
        cells=cells,
        front=without_tool_keys(front),
        kernel=kernel_of(front.fields),
        diagnostics=front.diagnostics,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A marker and the lines below it, from 0; the end is excluded."""

    marker: str
    """What stands behind `# %%`."""
    start: int
    end: int


def _header(lines: Sequence[str], path: PurePosixPath) -> tuple[FrontMatter | None, int]:
    """What jupytext writes at the top, and the first line below it; None where there is none."""
    first = next((i for i, line in enumerate(lines) if not _PREAMBLE.fullmatch(line)), len(lines))
    skipped = first if any(line.startswith("#") for line in lines[:first]) else 0
    if first >= len(lines) or not _HEADER.fullmatch(lines[first]):
        return None, skipped
    end = next((i for i in range(first + 1, len(lines)) if _HEADER.fullmatch(lines[i])), None)
    if end is None or not all(line.startswith("#") for line in lines[first:end]):
        return None, skipped
    text = "\n".join(_COMMENT.sub("", line, count=1) for line in lines[first : end + 1])
    return moved(split(text.encode(), path), first), end + 1


def _blocks(lines: Sequence[str], start: int) -> Iterator[_Block]:
    marker, first = "", start
    for number in range(start, len(lines)):
        match = _MARKER.match(lines[number])
        if match is not None:
            yield _Block(marker=marker, start=first, end=number)
            marker, first = match["rest"].strip(), number + 1
    yield _Block(marker=marker, start=first, end=len(lines))


def _cell(block: _Block, lines: Sequence[str]) -> SourceCell:
    kind_match = _KIND.search(block.marker)
    kind: SourceKind = _KINDS.get(kind_match[1], "code") if kind_match else "code"
    start, end = _trimmed(lines, block.start, block.end)
    if kind == "code":
        return replace(_code_cell(lines, start, end), options=_options(block.marker))
    quoted = _quoted(lines, start, end) if start < end and _DOCSTRING.match(lines[start]) else None
    return quoted or replace(_comment_cell(lines, start, end), kind=kind)


def _code_cell(lines: Sequence[str], start: int, end: int) -> SourceCell:
    start, end = _trimmed(lines, start, end)
    offsets = tuple(match.end() if (match := _MAGIC.match(line)) else 0 for line in lines[start:end])
    source = "\n".join(line[offset:] for line, offset in zip(lines[start:end], offsets, strict=True))
    return SourceCell(kind="code", source=source, first_line=start + 1, offsets=offsets)


def _comment_cell(lines: Sequence[str], start: int, end: int) -> SourceCell:
    offsets = tuple(match.end() if (match := _COMMENT.match(line)) else 0 for line in lines[start:end])
    source = "\n".join(line[offset:] for line, offset in zip(lines[start:end], offsets, strict=True))
    return SourceCell(kind="markdown", source=source, first_line=start + 1, offsets=offsets)


def _quoted(lines: Sequence[str], start: int, end: int) -> SourceCell | None:
    """The text of a string literal that begins on line `start`; None where it does not end before `end`."""
    opening = _DOCSTRING.match(lines[start])
    if opening is None:
        return None
    text = "\n".join(lines[start:end])
    close = text.find(opening[1], opening.end())
    if close < 0:
        return None
    body = text[opening.end() : close]
    offsets = (opening.end(), *(0 for _ in range(body.count("\n"))))
    return SourceCell(kind="markdown", source=body, first_line=start + 1, offsets=offsets)


def _trimmed(lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The same without blank lines at both ends."""
    while start < end and not lines[start].strip():
        start += 1
    while start < end and not lines[end - 1].strip():
        end -= 1
    return start, end


def _options(marker: str) -> FrozenDict[str, object]:
    """`tags=["a"] label="train"` of a marker line, or jupytext's older `{"tags": ["a"]}`; its title says nothing."""
    table = marker.find("{")
    if table >= 0 and marker.endswith("}") and "=" not in marker[:table]:
        try:
            return FrozenDict({str(name): freeze(item) for name, item in json.loads(marker[table:]).items()})
        except (ValueError, AttributeError):
            return FrozenDict()
    found: dict[str, object] = {}
    for match in _PAIR.finditer(marker):
        try:
            found[match[1]] = freeze(json.loads(match[2].replace("'", '"')))
        except ValueError:
            found[match[1]] = match[2]
    return FrozenDict({name: value for name, value in found.items() if not name.startswith("jupyter.")})


# --- sphinx-gallery -----------------------------------------------------------------------------------


def _is_gallery(lines: Sequence[str], start: int, blocks: Sequence[_Block]) -> bool:
    first, _ = _trimmed(lines, start, len(lines))
    while first < len(lines) and lines[first].startswith("#") and not _MARKER.match(lines[first]):
        first, _ = _trimmed(lines, first + 1, len(lines))  # the authors, a licence
    has_docstring = first < len(lines) and _DOCSTRING.match(lines[first]) is not None
    return has_docstring and not any(_KIND.search(block.marker) for block in blocks)


def _gallery_cells(lines: Sequence[str], start: int) -> Iterator[SourceCell]:
    """The docstring, then blocks of comments that a marker or a ruler begins, and the code between them."""
    text = GalleryText()
    while start < len(lines) and not _DOCSTRING.match(lines[start]):
        start += 1
    docstring = _quoted(lines, start, len(lines))
    if docstring is not None:
        yield text.as_markdown(docstring)
        start += docstring.source.count("\n") + 1
    code_start = start
    number = start
    while number < len(lines):
        if not (_MARKER.match(lines[number]) or _RULER.fullmatch(lines[number])):
            number += 1
            continue
        yield _code_cell(lines, code_start, number)
        end = number + 1
        while end < len(lines) and lines[end].startswith("#") and not _is_sign(lines[end]):
            if lines[end].startswith("#|"):
                break
            end += 1
        marker = _MARKER.match(lines[number])
        title = marker["rest"].strip() if marker is not None else ""
        if title and end == number + 1:
            yield SourceCell(kind="markdown", source=f"**{title}**", first_line=number + 1)
        yield text.as_markdown(_comment_cell(lines, number + 1, end))
        number = code_start = end
    yield _code_cell(lines, code_start, len(lines))


def _is_sign(line: str) -> bool:
    return _MARKER.match(line) is not None or _RULER.fullmatch(line) is not None
