"""Headings in order -> the table of contents: as a tree for templates, and as the HTML that Hugo makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from sitegen.config import TableOfContents
from sitegen.rendering.values import TocEntry
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatHeading:
    """A heading with its title filled in."""

    level: int
    id: str
    html: str


def toc_entries(headings: Sequence[FlatHeading], levels: TableOfContents) -> tuple[TocEntry, ...]:
    """The headings of the configured levels, nested; one that skips a level hangs on the nearest above it."""
    listed = [heading for heading in headings if _is_listed(heading.level, levels)]
    entries, _ = _siblings(listed, 0, above=0)
    return entries


def _is_listed(level: int, levels: TableOfContents) -> bool:
    """Whether the tree has headings of a level; an end of -1 is none."""
    return levels.start_level <= level and (levels.end_level == -1 or level <= levels.end_level)


def _siblings(headings: Sequence[FlatHeading], start: int, *, above: int) -> tuple[tuple[TocEntry, ...], int]:
    """The entries from `start` that lie below a heading of level `above`, and where they end."""
    entries: list[TocEntry] = []
    position = start
    while position < len(headings) and headings[position].level > above:
        heading = headings[position]
        children, position = _siblings(headings, position + 1, above=heading.level)
        entries.append(TocEntry(level=heading.level, id=heading.id, html=heading.html, children=children))
    return tuple(entries), position


def toc_html(headings: Sequence[FlatHeading], levels: TableOfContents) -> str:
    """Hugo's `.TableOfContents`: a level that is skipped is an item without text; without headings an empty `<nav>`."""
    tag = "ol" if levels.ordered else "ul"
    pieces = ['<nav id="TableOfContents">']
    _write(_tree(headings), 1, levels, tag, pieces)
    return "".join((*pieces, "</nav>"))


@dataclass(slots=True)
class _Node:
    """A place in Hugo's tree: one level below its parent, whatever the heading's own level is."""

    heading: FlatHeading | None = None
    children: list[_Node] = field(default_factory=list)


def _tree(headings: Sequence[FlatHeading]) -> list[_Node]:
    """The top level; an H1 begins a new part, and what comes before the first one hangs on a place without text."""
    parts: list[_Node] = []
    for heading in headings:
        if heading.level == 1:
            parts.append(_Node(heading))
            continue
        if not parts:
            parts.append(_Node())
        parent = parts[-1]
        for _ in range(heading.level - 2):
            if not parent.children:
                parent.children.append(_Node())
            parent = parent.children[-1]
        parent.children.append(_Node(heading))
    return parts


def _write(nodes: Sequence[_Node], level: int, levels: TableOfContents, tag: str, pieces: list[str]) -> None:
    if level < levels.start_level:
        for node in nodes:
            _write(node.children, level + 1, levels, tag, pieces)
        return
    if not nodes or (levels.end_level != -1 and level > levels.end_level):
        return
    pieces.append(f"\n<{tag}>\n")
    for node in nodes:
        pieces.append("<li>")
        if node.heading is not None:
            pieces.append(f'<a href="#{node.heading.id}">{node.heading.html}</a>')
        _write(node.children, level + 1, levels, tag, pieces)
        pieces.append("</li>\n")
    pieces.append(f"</{tag}>\n")
