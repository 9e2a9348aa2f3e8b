"""What was read, small enough to be kept for every page and file of a site, and quick to be searched."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Final, NamedTuple

from sitegen.rendering.recorder import RawFact
from sitegen.values import dataclass

CLOCK: Final[RawFact] = ("site", "", "build_date")
"""What is never as it was."""
_DAY_S: Final = 86_400
"""`site.is_over` asks of a day's end."""
_SHARED: Final = frozenset({"site", "setting", "data", "template", "asset"})
"""Subjects that many pages read alike: the header, the footer, the templates themselves."""


def reads_clock(shared: Iterable[RawFact], now: datetime) -> bool:
    """Whether time alone can change a file: something read the clock, or asked of a day that is not over yet."""
    for fact in shared:
        if fact == CLOCK:
            return True
        if fact[2].startswith("is_over(") and int(fact[2][8:-1]) + _DAY_S > now.timestamp():
            return True
    return False


class PackedReads(NamedTuple):
    """What one page's composing, or one file's rendering, read."""

    shared: frozenset[RawFact]
    """Facts of the site as a whole; equal for most pages of a kind."""
    marks: bytes
    """Of the facts of pages: eight bytes each."""
    named: tuple[RawFact, ...]
    """Links, files and static files."""


NOTHING_READ: Final = PackedReads(frozenset(), b"", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Every fact that the last build has noted, as far as it is known by name."""

    fields: frozenset[str] = frozenset()
    """Of pages, whichever they were of."""
    shared: frozenset[RawFact] = frozenset()
    named: frozenset[RawFact] = frozenset()


def mark(fact: RawFact) -> bytes:
    """Eight bytes that stand for a fact; two facts that share them cost a page rendered in vain, never a stale one."""
    return blake2b("\0".join(fact).encode("utf-8", "replace"), digest_size=8).digest()


class Marks:
    """Which facts of pages anybody has read: some that nobody has seem to be among them, none is missing.

    Of the facts that a new page could change, which are those of all pages, few are read by anybody; a look here costs
    a fiftieth of finding out what a fact is worth. 16 MiB, whatever the number of pages.
    """

    def __init__(self, marks: Iterable[bytes]) -> None:
        """Take the marks of `PackedReads`."""
        slots = self._slots = bytearray(_SLOTS)
        for each in marks:
            for number in array("Q", each):
                slots[number & _SLOTS - 1] = 1

    def __contains__(self, fact: RawFact) -> bool:
        return bool(self._slots[int.from_bytes(mark(fact), sys.byteorder) & _SLOTS - 1])


_SLOTS: Final = 1 << 24


class Packer:
    """Packs reads; what is shared is one object, so that it is sent and kept once."""

    def __init__(self) -> None:
        self.fields: set[str] = set()
        """Of pages, as they were met."""
        self._marks: dict[RawFact, bytes] = {}
        self._shared: dict[frozenset[RawFact], frozenset[RawFact]] = {}

    def pack(self, facts: Iterable[RawFact]) -> PackedReads:
        """The same reads, packed."""
        shared: list[RawFact] = []
        named: list[RawFact] = []
        marks: list[bytes] = []
        known = self._marks
        for fact in facts:
            subject = fact[0]
            if subject == "page":
                found = known.get(fact)
                if found is None:
                    found = known[fact] = mark(fact)
                    self.fields.add(fact[2])
                marks.append(found)
            elif subject in _SHARED:
                shared.append(fact)
            else:
                named.append(fact)
        if len(known) > _MOST_MARKS:
            known.clear()
        marks.sort()
        common = frozenset(shared)
        return PackedReads(self._shared.setdefault(common, common), b"".join(marks), tuple(sorted(named)))


_MOST_MARKS: Final = 100_000
"""Kept in memory: most facts are read by a few neighbours only."""
