"""What of a Markdown text is code and what is prose, so that a conversion never changes code."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

FENCE: Final = re.compile(
    r"(?P<before>(?:[ \t]*>)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<mark>`{3,}|~{3,})(?P<info>.*)"
)
"""A fence's first line, in quotations and list items too."""
_LIST_ITEM: Final = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_RUN: Final = re.compile(r"`+")
_BLANK_LINE: Final = re.compile(r"\n[ \t>]*(?=\n)")
_CLOSINGS: Final = {"<": ">}}", "%": "%}}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text; all pieces together are the text."""

    text: str
    start: int
    """Of its first character."""
    is_code: bool = False


class LineIndex:
    """The lines of a text by position: each question costs a bisection, not a count from the start."""

    def __init__(self, text: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def of(self, position: int) -> int:
        """The line, from 0, of the character at a position."""
        return bisect_left(self._ends, position)


def code_fences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each fence and each indented code block, ends of lines included."""
    position, open_mark, start = 0, "", 0
    was_blank, in_list, is_indented = True, False, False
    lines = text.splitlines(keepends=True) if "\r" not in text else text.split("\n")
    for line in lines:
        end = position + len(line)
        bare = line.strip()
        if open_mark:
            marks = bare.lstrip("> \t")
            if len(marks) >= len(open_mark) and not marks.strip(open_mark[0]):
                yield start, end
                open_mark = ""
            was_blank = False
        elif (match := FENCE.match(line)) and not ("`" in match["info"] and match["mark"][0] == "`"):
            open_mark, start = match["mark"], position
            is_indented = False
        elif not bare:
            was_blank = True
        elif line.startswith(("    ", "\t")) and not in_list and (was_blank or is_indented):
            yield position, end
            is_indented, was_blank = True, False
        else:
            is_indented = False
            in_list = _LIST_ITEM.match(line) is not None or (in_list and line[:1] in " \t>")
            was_blank = False
        position = end
    if open_mark:
        yield start, len(text)


def code_spans(text: str, offset: int = 0) -> Iterator[tuple[int, int]]:
    """Start and end of each code span of a text without fences; a span does not cross a blank line."""
    runs = [(match.start(), match.end()) for match in _RUN.finditer(text)]
    if not runs:
        return
    breaks = [match.start() for match in _BLANK_LINE.finditer(text)]
    by_length: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(runs):
        by_length.setdefault(end - start, []).append(index)
    index = 0
    while index < len(runs):
        start, end = runs[index]
        same = by_length[end - start]
        place = bisect_right(same, index)
        is_escaped = start > 0 and text[start - 1] == "\\"
        if place == len(same) or is_escaped:
            index += 1
            continue
        closing = same[place]
        until = (
            breaks[bisect_right(breaks, start)] if bisect_right(breaks, start) < len(breaks) else len(text)
        )
        if runs[closing][0] > until:
            index += 1
            continue
        yield offset + start, offset + runs[closing][1]
        index = closing + 1


def pieces(text: str) -> list[Piece]:
    """The text as prose and code (fences, indented code, code spans), in its order."""
    found: list[Piece] = []
    position = 0
    for start, end in [*code_fences(text), (len(text), len(text))]:
        found += _with_spans(text[position:start], position)
        if end > start:
            found.append(Piece(text=text[start:end], start=start, is_code=True))
        position = end
    return found


def _with_spans(text: str, offset: int) -> Iterator[Piece]:
    position = 0
    for start, end in code_spans(text):
        if start > position:
            yield Piece(text=text[position:start], start=offset + position)
        yield Piece(text=text[start:end], start=offset + start, is_code=True)
        position = end
    if position < len(text):
        yield Piece(text=text[position:], start=offset + position)


def in_prose(text: str, convert: Callable[[str], str]) -> str:
    """The text with its prose converted, piece by piece, and its code as it was."""
    return "".join(piece.text if piece.is_code else convert(piece.text) for piece in pieces(text))


def escape_shortcodes(text: str) -> str:
    """The text with calls of shortcodes written so that they are shown: `{{</* x */>}}`."""
    parts: list[str] = []
    position = 0
    last = {mark: text.rfind(closing) for mark, closing in _CLOSINGS.items()}
    while (start := text.find("{{", position)) >= 0:
        mark = text[start + 2 : start + 3]
        if mark not in _CLOSINGS or text.startswith("/*", start + 3) or last[mark] < start:
            parts.append(text[position : start + 2])
            position = start + 2
            continue
        end = text.index(_CLOSINGS[mark], start + 3)
        parts.append(f"{text[position:start]}{{{{{mark}/*{text[start + 3 : end]}*/{_CLOSINGS[mark]}")
        position = end + 3
    return "".join(parts) + text[position:]
