"""Where in a JSON text its keys and values stand: read once, when there is something to tell of them."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")

_DEEPEST: Final = 8
"""Of keys and numbers that lead to a value whose place is noted."""

Way = tuple[str | int, ...]
"""Names and numbers that lead to a value."""


class Places:
    """Lines and columns of the keys and values that are not too deep in a text that `json.loads` reads."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._decoder = json.JSONDecoder()
        self._keys: dict[Way, int] = {}
        self._values: dict[Way, int] = {}
        self.twice: list[tuple[Way, tuple[int, int]]] = []
        """Keys that a table has a second time, with the place of that."""
        self._value(self._past_space(0), ())

    def value(self, way: Way) -> tuple[int, int]:
        """Line and column, from 1, of the value that a way leads to; of two with one key, of the last."""
        return self._place(self._values[way])

    def key(self, way: Way) -> tuple[int, int]:
        """The same of its key's opening quote."""
        return self._place(self._keys[way])

    def _place(self, position: int) -> tuple[int, int]:
        line = bisect_right(self._lines, position)
        return line, position - self._lines[line - 1] + 1

    def _past_space(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match is not None else position

    def _value(self, position: int, way: Way) -> int:
        """Notes what stands at a position, and gives where it ends."""
        self._values[way] = position
        sign = self._text[position]
        if sign not in "{[" or len(way) == _DEEPEST:
            return self._decoder.raw_decode(self._text, position)[1]
        number = 0
        position = self._past_space(position + 1)
        while self._text[position] not in "}]":
            name: str | int = number
            if sign == "{":
                start = position
                name, position = self._decoder.raw_decode(self._text, position)
                if (*way, name) in self._keys:
                    self.twice.append(((*way, name), self._place(start)))
                self._keys[(*way, name)] = start
                position = self._past_space(self._past_space(position) + 1)
            position = self._past_space(self._value(position, (*way, name)))
            if self._text[position] == ",":
                position = self._past_space(position + 1)
            number += 1
        return position + 1
