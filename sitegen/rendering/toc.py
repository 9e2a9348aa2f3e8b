"""Headings in order -> the tree of the table of contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sitegen.config import TableOfContents
from sitegen.rendering.values import TocEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatHeading:
    """A heading with its title filled in."""

    level: int
    id: str
    html: str


def toc_entries(headings: Sequence[FlatHeading], levels: TableOfContents) -> tuple[TocEntry, ...]:
    """The headings of the configured levels, nested; one that skips a level hangs on the nearest above it."""
    listed = [heading for heading in headings if levels.start_level <= heading.level <= levels.end_level]
    entries, _ = _siblings(listed, 0, above=0)
    return entries


def _siblings(headings: Sequence[FlatHeading], start: int, *, above: int) -> tuple[tuple[TocEntry, ...], int]:
    """The entries from `start` that lie below a heading of level `above`, and where they end."""
    entries: list[TocEntry] = []
    position = start
    while position < len(headings) and headings[position].level > above:
        heading = headings[position]
        children, position = _siblings(headings, position + 1, above=heading.level)
        entries.append(TocEntry(level=heading.level, id=heading.id, html=heading.html, children=children))
    return tuple(entries), position
