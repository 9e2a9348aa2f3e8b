"""A page's summary: at its divider, from front matter, or its first blocks; cut where the HTML is balanced."""

from __future__ import annotations

from dataclasses import dataclass

from sitegen.content.document import Segment
from sitegen.markdown.holes import BodyOnly, Holes, summary_html, without_cells
from sitegen.markdown.html import BlockEnd, Body

_NO_PLACE_TO_END = frozenset({"heading_open", "hr", "html_block"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What lists and feeds show of a page."""

    segments: tuple[Segment, ...] = ()
    is_truncated: bool = False


def summarize(body: Body, holes: Holes, *, least_words: int) -> Summary:
    """The manual summary if the body has a divider, else an automatic one.

    Args:
        body: as rendered.
        holes: of the same document.
        least_words: an automatic summary has at least so many, if the page has.
    """
    if body.divider is not None:
        end, closing = body.divider
        segments = holes.cut((summary_html(body.pieces[:end]).strip() + closing).strip())
        return Summary(segments=without_cells(segments), is_truncated=_has_content(body.pieces[end:]))
    end = _automatic_end(body, least_words)
    segments = holes.cut(summary_html(body.pieces[:end]).strip())
    return Summary(segments=segments, is_truncated=end < _content_end(body))


def _automatic_end(body: Body, least_words: int) -> int:
    """How many pieces the summary has: whole blocks, none behind the first cell, no footnotes."""
    end = 0
    for block in body.blocks:
        if block.kind == "footnote_block_open" or _holds_cell(body, end, block):
            return end
        end = block.pieces
        if block.words >= least_words and block.kind not in _NO_PLACE_TO_END:
            return end
    return end


def _holds_cell(body: Body, start: int, block: BlockEnd) -> bool:
    pieces = body.pieces[start : block.pieces]
    return any(isinstance(piece, BodyOnly) and piece.startswith("\x02") for piece in pieces)


def _content_end(body: Body) -> int:
    """How many pieces the body has without its footnotes."""
    ends = [block.pieces for block in body.blocks if block.kind != "footnote_block_open"]
    return ends[-1] if ends else 0


def _has_content(pieces: list[str]) -> bool:
    """Whether anything but closing tags follows."""
    return any(piece.strip() and not piece.startswith("</") for piece in pieces)
