"""Markdown with shortcodes to Markdown without: `{{% %}}` expanded, `{{< >}}` as placeholders that survive Markdown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.content.document import PageKey, Segment, ShortcodeCall, ShortcodeHole
from sitegen.content.shortcodes import Shortcodes
from sitegen.errors import ContentError, Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.markdown.lines import LineMap
from sitegen.markdown.shortcodes import Erroneous, error_html, parse_shortcodes
from sitegen.values import dataclass

LONE_RETURN: Final = "\f"
"""White space, but no line end, for Markdown."""
_PREFIX: Final = "sitegenhole"
_LINE_END: Final = re.compile(r"(?<!\r)\r+\n")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
"""Control characters that HTML does not allow; two of them are the marks of `holes.py`."""
_FORBIDDEN_BYTES: Final = bytes(code for code in range(0x20) if _FORBIDDEN.match(chr(code)))
_LINE_START: Final = re.compile(r"(?<=\n)(?=.|\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholders:
    """Stand-ins for what is filled in after Markdown; letters and digits, as Hugo's, so that no rule takes them apart."""

    prefix: str
    """Occurs nowhere else in the text."""
    contents: tuple[ShortcodeHole | Erroneous, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds a placeholder; group 1 is its index in `contents`."""
        return re.compile(self.prefix + "([0-9]+)x")

    def of(self, index: int) -> str:
        """The text that stands for `contents[index]`."""
        return f"{self.prefix}{index}x"

    def segment(self, index: int) -> Segment | str:
        """The hole, or the HTML of an error."""
        content = self.contents[index]
        return error_html(content) if isinstance(content, Erroneous) else content


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A body that is ready for Markdown."""

    text: str
    lines: LineMap
    placeholders: Placeholders
    files: FrozenDict[PurePosixPath, bytes | Path] = field(default_factory=FrozenDict)
    """What expanded calls need beside the page."""
    diagnostics: tuple[Diagnostic, ...] = ()


def expand(
    text: str,
    *,
    page: PageKey,
    lines: LineMap,
    protected: Sequence[tuple[int, int]],
    shortcodes: Shortcodes,
) -> Expanded:
    """The text with its shortcodes taken out; as it is where it has none.

    Args:
        text: the body, with LF line ends.
        page: whose body it is.
        lines: of the text as it is.
        protected: ascending (start line, end line), from 0 and end excluded, of executable cells.
        shortcodes: expands `{{% %}}`.
    """
    if not may_hold_shortcodes(text):
        return Expanded(text=text, lines=lines, placeholders=Placeholders(prefix=_PREFIX))
    prefix = _unused(_PREFIX, text)
    offsets = _LineOffsets(text)

    def locate(offset: int) -> SourceLocation:
        line = offsets.line(offset)
        return lines.location(line, offset - offsets.start(line) + 1)

    known: dict[str, bool | None] = {}

    def uses_inner(name: str) -> bool | None:
        if name not in known:
            known[name] = shortcodes.uses_inner(name)
        return known[name]

    ranges = [(offsets.start(first), offsets.start(last)) for first, last in protected]
    parsed = parse_shortcodes(text, ranges, uses_inner, locate)
    writer = _Writer(prefix)
    indentation = ""
    for piece in parsed.pieces:
        line = offsets.line(piece.start)
        if isinstance(piece.node, str):
            writer.add_text(piece.node, line)
            indentation = _indentation(piece.node)
            continue
        if isinstance(piece.node, ShortcodeCall) and piece.node.is_markdown:
            writer.add_expansion(piece.node, line, page, shortcodes, indentation=indentation)
        elif isinstance(piece.node, ShortcodeCall):
            writer.add_hole(ShortcodeHole(call=piece.node), line)
        else:
            writer.add_hole(piece.node, line)
        indentation = ""
    return Expanded(
        text="".join(writer.parts),
        lines=lines.expanded(tuple(writer.line_numbers)),
        placeholders=Placeholders(prefix=prefix, contents=tuple(writer.contents)),
        files=FrozenDict(writer.files),
        diagnostics=(*map(_diagnostic, parsed.errors), *writer.diagnostics),
    )


def may_hold_shortcodes(text: str) -> bool:
    """Whether a tag begins anywhere."""
    return "{" in text and "{{" in text and ("{{<" in text or "{{%" in text)


def printable(text: str) -> str:
    """The text with control characters replaced by U+FFFD and LF line ends.

    A carriage return inside a line ends none, as in goldmark; `LONE_RETURN` stands for it until the HTML is there.
    """
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
        text = text.replace("\r", LONE_RETURN if "\n" in text.rstrip("\n") else "\n")
    data = text.encode("utf-8", "surrogatepass")
    if len(data) == len(
        data.translate(None, _FORBIDDEN_BYTES)
    ):  # a fifth of the time of a search in the text
        return text
    return _FORBIDDEN.sub("�", text)


class _Writer:
    """The expanded text as it grows, with the body's line of each of its lines."""

    def __init__(self, prefix: str) -> None:
        self._placeholders = Placeholders(prefix=prefix)
        self.parts: list[str] = []
        self.line_numbers: list[int] = []
        self.contents: list[ShortcodeHole | Erroneous] = []
        self.files: dict[PurePosixPath, bytes | Path] = {}
        self.diagnostics: list[Diagnostic] = []
        self._at_line_start = True
        self._line_has_text = False

    def add_text(self, text: str, line: int) -> None:
        """Text of the body that begins on body line `line`; a line that a call began is then the text's."""
        begins_line = not self._at_line_start and not self._line_has_text
        if begins_line and text.partition("\n")[0].strip():
            self.line_numbers[-1] = line
        self._add(text, (line + index for index in range(text.count("\n") + 1)))
        self._line_has_text = self._line_has_text or bool(text.rpartition("\n")[2].strip())

    def add_hole(self, content: ShortcodeHole | Erroneous, line: int) -> None:
        """A placeholder; however many lines the call has, it stands on the first."""
        self._add(self._placeholders.of(len(self.contents)), iter((line,)))
        self.contents.append(content)

    def add_expansion(
        self, call: ShortcodeCall, line: int, page: PageKey, shortcodes: Shortcodes, *, indentation: str
    ) -> None:
        """What a `{{% %}}` call gives; lines that it took over from its inner text keep their place.

        Where it encloses nothing, its further lines are indented as it is: it stays in its list item.
        """
        try:
            expansion = shortcodes(call, page)
        except ContentError as error:
            location = error.diagnostic.location or call.location
            diagnostic = replace(error.diagnostic, location=location)
            self.diagnostics.append(diagnostic)
            erroneous = Erroneous(code=diagnostic.code, message=diagnostic.message, location=location)
            self.add_hole(erroneous, line)
            return
        self.files |= expansion.files
        self.diagnostics += expansion.diagnostics
        result = printable(expansion.text)
        if indentation and not call.inner:
            result = _LINE_START.sub(indentation, result)
        self._add(result, iter(_expanded_lines(result, call, line)))

    def _add(self, text: str, lines: Iterator[int]) -> None:
        if not text:
            return
        self.parts.append(text)
        first, *rest = lines
        if self._at_line_start:
            self.line_numbers.append(first)
        self.line_numbers.extend(rest)
        self._at_line_start = text.endswith("\n")
        if "\n" in text:
            self._line_has_text = False
        if self._at_line_start:
            self.line_numbers.pop()


def _indentation(text: str) -> str:
    """The white space that the last line of a text consists of; empty where it holds anything else."""
    last = text.rpartition("\n")[2]
    return "" if last.strip() else last


def _expanded_lines(result: str, call: ShortcodeCall, line: int) -> list[int]:
    """The body's line of each line of what a call gave: its inner text's where it is found, else the call's."""
    placed: dict[int, int] = {}
    position = 0
    for text, text_line in _inner_texts(call, line):
        core = text.strip("\n")
        found = result.find(core, position) if core.strip() else -1
        if found < 0:
            continue
        before = result.count("\n", 0, found)
        lead = len(text) - len(text.lstrip("\n"))
        for index in range(core.count("\n") + 1):
            placed.setdefault(before + index, text_line + lead + index)
        position = found + len(core)
    return [placed.get(index, line) for index in range(result.count("\n") + 1)]


def _inner_texts(call: ShortcodeCall, line: int) -> Iterator[tuple[str, int]]:
    """The texts that a call and those inside it enclose, each with the body's line it begins on.

    A tag that goes over several lines inside another call counts as one line: its lines are not known any more.
    """
    for part in call.inner or ():
        if isinstance(part, str):
            yield part, line
            line += part.count("\n")
        else:
            nested = list(_inner_texts(part, line))
            yield from nested
            line += sum(text.count("\n") for text, _ in nested)


class _LineOffsets:
    """Lines (from 0) of a text by offset."""

    def __init__(self, text: str) -> None:
        lengths = (len(line) + 1 for line in text.split("\n"))
        self._starts = [0, *accumulate(lengths)]

    def line(self, offset: int) -> int:
        """The line that holds the character at `offset`."""
        return bisect_right(self._starts, offset) - 1

    def start(self, line: int) -> int:
        """The offset of a line's first character; the text's end for lines beyond it."""
        return self._starts[min(line, len(self._starts) - 1)]


def _diagnostic(error: Erroneous) -> Diagnostic:
    return Diagnostic(
        code=error.code,
        severity=error.severity,
        message=error.message,
        location=error.location,
        hint=error.hint,
    )


def _unused(prefix: str, text: str) -> str:
    """A word that begins with `prefix` and does not occur in the text."""
    while prefix in text:
        prefix += "q"
    return prefix
