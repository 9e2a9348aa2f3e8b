"""Liquid in a Markdown text: its tags and outputs with their places, told apart from code.

Jekyll runs Liquid before Markdown, in code too; what stands in code was mostly meant to be seen, so it is code here, but for
`{% raw %}` and its end, which nobody ever saw.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from sitegen.importing.prose import FENCE

TokenKind = Literal["text", "code", "raw", "block", "tag", "output"]

_NEXT: Final = re.compile(rf"^{FENCE.pattern}$|(?P<span>`+)|(?P<tag>\{{%)|(?P<output>\{{\{{)", re.MULTILINE)
_TAG: Final = re.compile(r"\{%-?\s*([\w-]*)\s*(.*?)\s*-?%\}", re.DOTALL)
_RAW: Final = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_BLOCKS: Final = ("raw", "highlight", "comment")
"""Tags whose inner text is not Liquid."""
_LONGEST: Final = 4000
"""Characters of a tag or an output; a longer one is text, and no text is searched for its end again and again."""
_PAIR: Final = re.compile(r"""([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"',]+)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A stretch of the text; the `source` of all tokens together is the text."""

    kind: TokenKind
    source: str
    start: int
    name: str = ""
    """Of a tag or block."""
    markup: str = ""
    """What stands behind a tag's name; an output's expression."""
    inner: str = ""
    """Of a block."""


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in linear time; a tag or an output that is not closed is text."""
    ends = {name: [match.span() for match in _end_tag(name).finditer(text)] for name in _BLOCKS}
    position = text_start = 0
    while (match := _NEXT.search(text, position)) is not None:
        token = _token(text, match, ends)
        if token is None:
            position = match.end() if match["mark"] is None else match.end("mark")
            continue
        if token.start > text_start:
            yield Token(kind="text", source=text[text_start : token.start], start=text_start)
        yield token
        position = text_start = token.start + len(token.source)
    if text_start < len(text):
        yield Token(kind="text", source=text[text_start:], start=text_start)


def without_raw(code: str) -> str:
    """Code as Jekyll showed it: without the tags around what was not to be Liquid."""
    return _RAW.sub("", code) if "{%" in code else code


def pairs(markup: str) -> dict[str, str]:
    """`a="b" c=d` of a tag; quotes around a value stay, since without them it is a variable."""
    return {match[1]: match[2] for match in _PAIR.finditer(markup)}


def unquoted(value: str) -> str | None:
    """The text of a quoted value, a number, or a switch; None for a variable."""
    if value[:1] in ("'", '"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value if re.fullmatch(r"true|false|-?[\d.]+", value) else None


def _token(text: str, match: re.Match[str], ends: dict[str, list[tuple[int, int]]]) -> Token | None:
    start = match.start()
    if match["mark"] is not None:
        return _fence(text, match)
    if match["span"] is not None:
        return _span(text, match)
    if match["output"] is not None:
        end = text.find("}}", start, start + _LONGEST)
        if end < 0 or text[start + 2 : start + 3] in ("<", "%"):
            return None
        inner = text[start + 2 : end].strip("-").strip()
        if "{%" in inner or "\n\n" in inner:
            return None
        return Token(kind="output", source=text[start : end + 2], start=start, markup=inner)
    end = text.find("%}", start, start + _LONGEST)
    tag = _TAG.match(text, start, end + 2) if end >= 0 else None
    if tag is None or not tag[1]:
        return None
    if tag[1] in _BLOCKS:
        return _block(text, tag, ends[tag[1]])
    return Token(kind="tag", source=tag[0], start=start, name=tag[1], markup=tag[2])


def _block(text: str, tag: re.Match[str], ends: list[tuple[int, int]]) -> Token:
    """A block with its inner text; one that is not closed is a tag."""
    place = bisect_left(ends, (tag.end(), 0))
    if place == len(ends):
        return Token(kind="tag", source=tag[0], start=tag.start(), name=tag[1], markup=tag[2])
    inner_end, end = ends[place]
    return Token(
        kind="raw" if tag[1] == "raw" else "block",
        source=text[tag.start() : end],
        start=tag.start(),
        name=tag[1],
        markup=tag[2],
        inner=text[tag.end() : inner_end],
    )


def _fence(text: str, match: re.Match[str]) -> Token | None:
    mark = match["mark"]
    if mark[0] == "`" and "`" in match["info"]:
        return None  # a code span at the start of a line
    closing = _closing_fence(mark[0], len(mark)).search(text, match.end())
    end = closing.end() if closing else len(text)
    return Token(kind="code", source=text[match.start() : end], start=match.start())


def _span(text: str, match: re.Match[str]) -> Token | None:
    length = match.end() - match.start()
    until = text.find("\n\n", match.end())
    closing = _run(length).search(text, match.end(), until if until >= 0 else len(text))
    if closing is None:
        return None
    return Token(kind="code", source=text[match.start() : closing.end()], start=match.start())


@lru_cache(maxsize=64)
def _closing_fence(character: str, length: int) -> re.Pattern[str]:
    return re.compile(rf"^[ \t>]*{character}{{{length},}}[ \t]*$", re.MULTILINE)


@lru_cache(maxsize=64)
def _run(length: int) -> re.Pattern[str]:
    return re.compile(rf"(?<!`)`{{{length}}}(?!`)")


@lru_cache(maxsize=8)
def _end_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}")
