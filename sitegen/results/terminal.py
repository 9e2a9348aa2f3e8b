"""What is left on a terminal when carriage returns, backspaces and the cursor's moves have done their work."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from sitegen.content.executed import Output, StreamOutput

_MOVES: Final = re.compile(r"(\n|\r|\x08+|\x1b\[\d*[ABJK])")
_CURSOR: Final = re.compile(r"\x1b\[(\d*)([ABJK])")
_SGR: Final = re.compile(r"\x1b\[[\d;]*m")
"""Colours, which take no place in a line."""


def settled(outputs: Iterable[Output]) -> tuple[Output, ...]:
    """A cell's outputs with each stream as a terminal shows it in the end, and neighbours of one stream merged.

    A line that is drawn again stands where it was drawn last, whatever the cell showed in between.
    """
    outputs = tuple(outputs)
    texts: dict[int, str] = {}
    for name in ("stdout", "stderr"):
        pieces = {
            place: output.text
            for place, output in enumerate(outputs)
            if isinstance(output, StreamOutput) and output.name == name
        }
        if any(_MOVES.search(text.replace("\n", "")) for text in pieces.values()):
            texts |= _Screen().show(pieces)
    merged: list[Output] = []
    for place, output in enumerate(outputs):
        if not isinstance(output, StreamOutput):
            merged.append(output)
            continue
        text = texts.get(place, output.text)
        last = merged[-1] if merged else None
        if not text:
            continue
        if isinstance(last, StreamOutput) and last.name == output.name:
            merged[-1] = replace(last, text=last.text + text)
        else:
            merged.append(replace(output, text=text))
    return tuple(merged)


def last_states(text: str) -> str:
    """One text as a terminal shows it in the end.

    A carriage return starts the line again: what was drawn before stays only if nothing, or less than it in
    blanks, comes after it.
    """
    if not _MOVES.search(text.replace("\n", "")):
        return text
    return _Screen().show({0: text})[0]


@dataclass(slots=True)
class _Row:
    """One line of the screen: its text in parts, each with the piece that it came with."""

    parts: list[tuple[int, str]] = field(default_factory=list)
    newline: int | None = None
    """The piece that ended the line; None while it is open."""

    def width(self) -> int:
        """How many characters it shows."""
        return sum(len(_SGR.sub("", text)) for _, text in self.parts)


class _Screen:
    """The lines of one stream while its pieces are written."""

    def __init__(self) -> None:
        self._rows = [_Row()]
        self._row = 0
        self._at_start = False
        """The cursor is at the start of a line that has text."""

    def show(self, pieces: dict[int, str]) -> dict[int, str]:
        """What each piece has on the screen in the end."""
        for place, text in pieces.items():
            for mark in _MOVES.split(text.replace("\r\n", "\n")):
                if mark:
                    self._write(mark, place)
        shown = dict.fromkeys(pieces, "")
        for row in self._rows:
            for place, text in row.parts:
                shown[place] += text
            if row.newline is not None:
                owner = row.parts[-1][0] if row.parts else row.newline
                shown[owner] += "\n"
        return shown

    def _write(self, mark: str, place: int) -> None:
        row = self._rows[self._row]
        if mark == "\n":
            if row.newline is None:
                row.newline = place
            self._move(1, place)
        elif mark == "\r":
            self._at_start = True
        elif mark[0] == "\b":
            self._erase(len(mark))
        elif (cursor := _CURSOR.fullmatch(mark)) is not None:
            self._command(cursor[2], cursor[1], place)
        elif self._at_start and not mark.strip(" "):  # blanks over a line: tqdm clears its bar so
            if len(mark) >= row.width():
                row.parts.clear()
        else:
            if self._at_start:
                row.parts.clear()
                self._at_start = False
            row.parts.append((place, mark))

    def _command(self, letter: str, number: str, place: int) -> None:
        if letter == "A":
            self._move(-int(number or 1), place)
        elif letter == "B":
            self._move(int(number or 1), place)
        elif letter == "K" and (self._at_start or number == "2"):
            self._rows[self._row].parts.clear()

    def _move(self, lines: int, place: int) -> None:
        self._row = max(0, self._row + lines)
        while self._row >= len(self._rows):
            if self._rows[-1].newline is None:
                self._rows[-1].newline = place
            self._rows.append(_Row())
        self._at_start = bool(self._rows[self._row].parts)

    def _erase(self, count: int) -> None:
        """Take characters from the end of the line."""
        parts = self._rows[self._row].parts
        while count and parts:
            place, text = parts.pop()
            kept = text[:-count] if count < len(text) else ""
            count -= len(text) - len(kept)
            if kept:
                parts.append((place, kept))
