"""Which parts of a Markdown file are prose: not front matter, code, comments, equations, shortcode tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sitegen.content.frontmatter import split
from sitegen.content.sources import Source

_FENCE: Final = re.compile(r"(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*(`{3,}|~{3,})([^\n]*)")
_TICKS: Final = re.compile(r"`+")
_MARKED: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|\{\{[<%].{0,4000}?[>%]\}\}|\$\$.{0,4000}?\$\$|\\\[.{0,4000}?\\\]|\\\(.{0,1000}?\\\)"
    r"|(?<![\\\w$])\$[^\s$](?:[^$\n]*[^\s$\\])?\$(?![\w$])|<(script|style)\b.{0,20000}?</\1>",
    re.DOTALL | re.IGNORECASE,
)
"""Each with a longest length, so that many that are never closed cost no more than the text is long."""

Span = tuple[int, int]
"""First character and the one after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownText:
    """A file's text with what of it is no prose; all spans in order and apart from each other."""

    text: str
    body: int
    """Where the body begins."""
    code: tuple[Span, ...]
    """Fences with their content, and inline code."""
    marked: tuple[Span, ...]
    """Comments, equations, shortcode tags, scripts."""

    def is_code(self, offset: int) -> bool:
        """Whether a character stands in code."""
        return _holds(self.code, offset)

    def is_prose(self, offset: int) -> bool:
        """Whether a character is read as prose."""
        return offset >= self.body and not _holds(self.code, offset) and not _holds(self.marked, offset)


def read_markdown(data: bytes, source: Source | None) -> MarkdownText:
    """The text of a Markdown file. A byte that is not UTF-8 is U+FFFD, so offsets still count characters.

    Args:
        data: the whole file.
        source: where the front matter ends; None to look for it.
    """
    offset = source.body_offset if source is not None else _body_offset(data)
    body = len(data[:offset].decode("utf-8", "replace"))
    text = data.decode("utf-8", "replace")
    code = tuple(code_spans(text, body))
    marked = tuple(match.span() for match in _MARKED.finditer(text, body) if not _holds(code, match.start()))
    return MarkdownText(text=text, body=body, code=code, marked=marked)


def code_spans(text: str, start: int = 0) -> Iterator[Span]:
    """Fenced blocks and inline code from `start` on, in order; in time linear in the text."""
    fence: str | None = None
    opened = paragraph = position = start
    while position < len(text):
        line_end = text.find("\n", position)
        line_end = len(text) if line_end < 0 else line_end
        match = _FENCE.match(text, position, line_end)
        if fence is not None:
            is_end = match is not None and match[1].startswith(fence) and not match[2].strip()
            if is_end:
                yield opened, line_end
                fence, paragraph = None, line_end + 1
        elif match is not None and not (match[1][0] == "`" and "`" in match[2]):
            yield from _inline_code(text, paragraph, position)
            fence, opened = match[1], position
        elif not text[position:line_end].strip():
            yield from _inline_code(text, paragraph, position)
            paragraph = line_end + 1
        position = line_end + 1
    if fence is not None:
        yield opened, len(text)
    else:
        yield from _inline_code(text, paragraph, len(text))


def _inline_code(text: str, start: int, end: int) -> Iterator[Span]:
    """Code between runs of backticks of one length, in one paragraph."""
    runs = [match.span() for match in _TICKS.finditer(text, start, end)]
    following: dict[int, int] = {}
    closing: list[int | None] = [None] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        length = runs[number][1] - runs[number][0]
        closing[number] = following.get(length)
        following[length] = number
    number = 0
    while number < len(runs):
        close = closing[number]
        if close is None:
            number += 1
            continue
        yield runs[number][0], runs[close][1]
        number = close + 1


def _body_offset(data: bytes) -> int:
    from pathlib import PurePosixPath

    return split(data, PurePosixPath()).body_offset


def _holds(spans: tuple[Span, ...], offset: int) -> bool:
    from bisect import bisect_right

    place = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return place >= 0 and spans[place][0] <= offset < spans[place][1]
