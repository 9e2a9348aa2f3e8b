"""GFM tables as goldmark finds them: a paragraph one of whose lines is a row of dashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from sitegen.markdown.block_parser import ROW_ENDS, may_reach
from sitegen.markdown.paragraphs import end_of_paragraph, paragraph_text, push_paragraph
from sitegen.markdown.tokens import Piece, fixed

_DELIMITER_ROW: Final = re.compile(r" {0,3}[|:-][ \t|:-]*")
_DASHES: Final = re.compile(r"[|:][ \t]*-|-[ \t]*[|:]")
_COLUMN: Final = re.compile(r"\s*(:?)-+(:?)\s*")
_PIPE: Final = re.compile(r"(?<!\\)\|")
_ESCAPED_PIPE: Final = re.compile(r"(?<!\\)\\\|")
_LISTS: Final = {"bullet_list_close": "bullet_list_open", "ordered_list_close": "ordered_list_open"}
_NESTED: Final = "nested tables"
"""The key in a text's `env` that says that a list or a quotation holds one."""
_MOST_EMPTY_CELLS: Final = 0x10000
"""Cells that a table gets beyond those that are written: else its size is the square of its text's."""


def tables_plugin(md: MarkdownIt) -> None:
    """Tables with what stands above them in their paragraph, before it could be a heading."""
    md.block.ruler.before("lheading", "table_below_text", _table)
    md.core.ruler.after("block", "lists_of_tables", _lists_of_tables)


@dataclass(slots=True)
class _List:
    """What decides whether a list is tight; lives for one pass over a text's tokens."""

    has_table: bool = False
    is_loose: bool = False
    paragraphs: list[Token] = field(default_factory=list)
    """The tokens of those that stand right in an item."""


def _lists_of_tables(state: StateCore) -> None:
    """Lists in which only tables have an empty line before them are tight: goldmark does not count that line."""
    if _NESTED not in state.env:
        return
    lines = state.src.split("\n")
    lists: list[_List] = []
    parents: list[str] = []
    is_first = False
    for token in state.tokens:
        if token.nesting < 0:
            parents.pop()
            is_first = False
            if token.type in _LISTS:
                found = lists.pop()
                if found.has_table and not found.is_loose:
                    for paragraph in found.paragraphs:
                        paragraph.hidden = True
            elif token.type == "paragraph_close" and parents[-1:] == ["list_item_open"]:
                lists[-1].paragraphs.append(token)
            continue
        parent = parents[-1] if parents else ""
        if parent in {"list_item_open", *_LISTS.values()}:
            _note_block(lists[-1], token, lines, is_first=is_first)
        if token.nesting > 0:
            parents.append(token.type)
        if token.type in _LISTS.values():
            lists.append(_List())
        is_first = token.type == "list_item_open" or token.type in _LISTS.values()


def _note_block(found: _List, token: Token, lines: Sequence[str], *, is_first: bool) -> None:
    """What an item, or a block of one, means for its list."""
    if token.type == "table_open":
        found.has_table = True
        return
    if token.type == "paragraph_open":
        found.paragraphs.append(token)
    above = token.map[0] - 1 if token.map else -1
    found.is_loose = found.is_loose or (not is_first and above >= 0 and not lines[above].strip("> \t"))


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001 - a rule's signature
    if silent or not may_reach(state, start, ROW_ENDS) or not _may_hold_tables(state):
        return False
    behind = end_of_paragraph(state, start, ends_at_underline=True)
    lines = paragraph_text(state, start, behind).split("\n")
    place = _delimiter_row(lines)
    if place is None:
        return False
    row, alignments = place
    if row > 1:
        push_paragraph(state, "\n".join(lines[: row - 1]).strip(), start, start + row - 1)
    _push_table(state, lines[row - 1 :], start + row - 1, alignments)
    state.line = behind
    return True


def _may_hold_tables(state: StateBlock) -> bool:
    """Whether there is a row of dashes anywhere: else no paragraph is looked at."""
    key = "may_hold_tables"
    if key not in state.env:
        state.env[key] = _DASHES.search(state.src) is not None
    return bool(state.env[key])


def _delimiter_row(lines: Sequence[str]) -> tuple[int, Sequence[str]] | None:
    """Which line is a row of dashes below a row with no more cells, and how its columns are aligned."""
    for index in range(1, len(lines)):
        alignments = _alignments(lines[index])
        if alignments:
            return (index, alignments) if len(_cells(lines[index - 1])) <= len(alignments) else None
    return None


def _alignments(line: str) -> list[str]:
    """How each column is aligned; none where the line is no row of dashes."""
    if _DELIMITER_ROW.fullmatch(line) is None or not line.strip("-"):
        return []
    columns = line.split("|")
    if not columns[0].strip():
        columns = columns[1:]
    if columns and not columns[-1].strip():
        columns = columns[:-1]
    found: list[str] = []
    for column in columns:
        match = _COLUMN.fullmatch(column)
        if match is None:
            return []
        found.append({"::": "center", ":": "left" if match[1] else "right", "": ""}[match[1] + match[2]])
    return found


def _cells(line: str) -> list[str]:
    line = line.strip(" \t")
    first = 1 if line.startswith("|") else 0
    last = len(line) - 1 if line.endswith("|") else len(line)
    if first >= last:
        return []
    has_escapes = "\\" in line
    cells = _PIPE.split(line[first:last]) if has_escapes else line[first:last].split("|")
    if not cells[-1] and len(cells) > 1:
        cells.pop()
    if has_escapes:
        return [_ESCAPED_PIPE.sub("|", cell.strip(" \t")) for cell in cells]
    return [cell.strip(" \t") for cell in cells]


def _push_table(state: StateBlock, lines: Sequence[str], first: int, alignments: Sequence[str]) -> None:
    """The tokens of a table whose lines are a header, a row of dashes and the body."""
    if state.level:
        state.env[_NESTED] = True
    state.push("table_open", "table", 1).map = [first, first + len(lines)]
    state.push("thead_open", "thead", 1).map = [first, first + 1]
    header = _cells(lines[0])
    push_header = _row_pusher(state, alignments, "th")
    push_header(first, header, len(alignments) - len(header))
    state.push("thead_close", "thead", -1)
    state.push("tbody_open", "tbody", 1).map = [first + 2, first + len(lines)]
    push_row = _row_pusher(state, alignments, "td")
    left = _MOST_EMPTY_CELLS
    for index, line in enumerate(lines[2:], first + 2):
        cells = _cells(line)
        missing = min(max(0, len(alignments) - len(cells)), left)
        left -= missing
        push_row(index, cells, missing)
    state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)


def _row_pusher(
    state: StateBlock, alignments: Sequence[str], tag: str
) -> Callable[[int, Sequence[str], int], None]:
    """What adds the tokens of a row: its line, its cells, and how many empty ones follow them."""
    tokens, level = state.tokens, state.level
    begin = fixed(f"{tag}_open", tag, 1, level + 1)
    close, close_row = fixed(f"{tag}_close", tag, -1, level + 1), fixed("tr_close", "tr", -1, level)
    styles = [f"text-align:{alignment}" if alignment else "" for alignment in alignments]

    def push(line: int, cells: Sequence[str], missing: int) -> None:
        place = [line, line + 1]
        tokens.append(Piece("tr_open", "tr", 1, level, "", True, None, place))
        for cell, style in (*zip(cells, styles, strict=False), *[("", "")] * missing):
            tokens.append(
                Piece(f"{tag}_open", tag, 1, level + 1, "", True, {"style": style}) if style else begin
            )
            tokens.append(Piece("inline", "", 0, level + 2, cell, True, None, place, []))
            tokens.append(close)
        tokens.append(close_row)

    return push
