"""What a renderer writes: pieces of HTML, and what is found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sitegen.content.document import CodeCell, Heading, Segment


class BlockEnd(NamedTuple):
    """The end of a block at the top level: a place where a summary may end."""

    pieces: int
    """How many pieces come before it."""
    kind: str
    """The type of the block's first token."""


@dataclass(slots=True, kw_only=True)
class Body:
    """What a renderer has written."""

    pieces: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    cells: list[CodeCell] = field(default_factory=list)
    blocks: list[BlockEnd] = field(default_factory=list)
    has_html: bool = False
    """HTML of the author's stands in it, in which anything may be open."""
    first_cell: int | None = None
    """Pieces before the first code cell."""
    divider: tuple[int, str] | None = None
    """Pieces before the first `<!--more-->`, and the tags to close there."""
    dropped_title: tuple[Segment, ...] | None = None
    """The first H1, where it is the page's title."""
