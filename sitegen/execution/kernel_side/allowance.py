"""In the kernel: what of a cell's outputs may still be sent, what waits for the cell's end, and what is left out.

What is counted is what is left on the page: a line that a carriage return starts again gives its text back, `clear_output` all of it.
Beyond the limits nothing more is sent while the cell runs; what its last updates and its last clearing leave is sent when it ends.
"""

from __future__ import annotations

import re
from typing import Any

DATA_BYTES = 96 * 1024 * 1024
"""Data of a cell's displays together: the largest that we make ourselves is a film of 64 MiB, in base64 a third more."""
_SENT = 20
"""How many times the limit may be sent in all where most of it is overwritten: drawing lines anew in a loop must end, too."""
_MARKS = re.compile(r"(\n|\r|\x1b\[\d*[AB])")
_ROWS = 64
"""Lines above the cursor that a progress bar may go back to."""
_TAIL = 4096
"""Characters of a long text in which they are."""


class Written:
    """One stream of a cell: the lengths of its last lines."""

    def __init__(self) -> None:
        self.rows = [0]
        self.row = 0
        self.is_at_start = False

    def add(self, text: str) -> int:
        """Take note of text; how much longer, or shorter, what is on the page has become."""
        if (
            "\r" not in text
            and "\x1b[" not in text
            and self.row == len(self.rows) - 1
            and not self.is_at_start
        ):
            first, *others = text[-_TAIL:].split("\n")
            self.rows[-1] += len(first)
            self.rows = [*self.rows, *map(len, others)][-_ROWS:] if others else self.rows
            self.row = len(self.rows) - 1
            return len(text)
        before = after = 0
        for mark in _MARKS.split(text.replace("\r\n", "\n")):
            if mark == "\n":
                after += self.row == len(self.rows) - 1
                self._down(1)
            elif mark == "\r":
                self.is_at_start = True
            elif mark[:2] == "\x1b[" and mark[-1] in "AB":
                lines = int(mark[2:-1] or 1)
                self.row = max(0, self.row - lines) if mark[-1] == "A" else self.row
                self._down(lines if mark[-1] == "B" else 0)
                self.is_at_start = True
            elif mark:
                if self.is_at_start:
                    before += self.rows[self.row]
                    self.rows[self.row] = 0
                    self.is_at_start = False
                self.rows[self.row] += len(mark)
                after += len(mark)
        return after - before

    def _down(self, lines: int) -> None:
        self.row += lines
        while self.row >= len(self.rows):
            self.rows.append(0)
        if len(self.rows) > _ROWS:
            gone = len(self.rows) - _ROWS
            del self.rows[:gone]
            self.row = max(0, self.row - gone)
        self.is_at_start = self.rows[self.row] > 0


class Cell:
    """The outputs of the cell that runs: what it may still send, what waits for its end, what was left out."""

    def __init__(self, name: str, text: int, displays: int) -> None:
        self.name = name
        self.text = text
        self.displays = displays
        self.all_text_left = text * _SENT
        self.is_cleared = False
        """All was cleared after a limit had been passed: what came after it waits."""
        self.waiting: list[tuple[Any, ...]] = []
        self.updates: dict[str, tuple[Any, Any]] = {}
        """The last state of each display that was updated when no more could be sent."""
        self.cuts: dict[str, dict[str, Any]] = {}
        self.notices: dict[str, str] = {}
        """Display ids, by what was cut."""
        self.displays_left = displays
        self._refill()

    def _refill(self) -> None:
        self.text_left = self.text
        self.data_left = DATA_BYTES
        self.written: dict[str, Written] = {}

    def take_text(self, stream: Any, text: str) -> str:
        """What of the text is to be sent now; counts the rest."""
        if self.text_left <= 0 or (self.all_text_left <= 0 and not self.is_cleared):
            kept = ""
        else:
            self.text_left -= self.written.setdefault(stream.name, Written()).add(text)
            kept = text[: self.text_left] if self.text_left < 0 else text
        if len(kept) < len(text):
            self.cut("text", len(text) - len(kept), stream.name)
        if self.is_cleared and kept:
            self.waiting.append((stream, kept))
            return ""
        return kept

    def take_display(self, size: int, arguments: Any, options: Any) -> bool:
        """Whether a display is to be sent now; what is to be sent later waits, and the rest is counted."""
        name = str((options["transient"] or {}).get("display_id"))
        is_room = self.displays_left > 0 and size <= self.data_left
        if size > DATA_BYTES:
            self.cut("data", size)
        elif is_room:
            self.displays_left -= 1
            self.data_left -= size
            if self.is_cleared:
                self.waiting.append((None, arguments, options))
            else:
                self.updates.pop(name, None)
                return True
        elif options["update"] and (name in self.updates or len(self.updates) < self.displays):
            self.updates[name] = (arguments, options)
        elif self.displays_left <= 0:
            self.cut("displays", 1)
        else:
            self.cut("data", size)
        return False

    def clear(self) -> bool:
        """All is given back; whether the clearing itself is to be sent now."""
        is_full = min(self.text_left, self.all_text_left, self.displays_left - 1) <= 0
        if is_full:
            self.is_cleared = True
            self.displays_left = self.displays
        else:
            self.displays_left -= 1
        for each in (self.waiting, self.updates, self.cuts, self.notices):
            each.clear()
        self._refill()
        return not self.is_cleared

    def cut(self, kind: str, count: int, stream: str = "stdout") -> None:
        """Count what is left out."""
        limit = {"text": self.text, "displays": self.displays}.get(kind, DATA_BYTES)
        found = self.cuts.setdefault(kind, {"kind": kind, "count": 0, "limit": limit, "stream": stream})
        found["count"] += count

    def unsaid(self) -> list[str]:
        """What has been cut and not yet been said at its place."""
        return [] if self.is_cleared else [kind for kind in self.cuts if kind not in self.notices]


def size(value: Any) -> int:
    """About how long it is as JSON."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + size(each) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(each, (int, float)) for each in value[:8]):
            return 8 * len(value)
        return sum(size(each) for each in value)
    return 8
