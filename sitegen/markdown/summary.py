"""A page's summary: at its divider, from front matter, or its first paragraphs; always with its tags closed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from operator import attrgetter
from typing import Final

from sitegen.content.document import Segment
from sitegen.markdown.body import Body
from sitegen.markdown.dialect import fences
from sitegen.markdown.expansion import Expanded
from sitegen.markdown.holes import Holes, summary_html, without_cells
from sitegen.markdown.inline import MORE
from sitegen.markdown.words import words_of_part
from sitegen.values import dataclass

_PARAGRAPH_END: Final = "</p>"
_TAG: Final = re.compile(
    r"""<!--.*?(?:-->|$)|<(/?)([a-zA-Z][\w-]*)((?:"[^"]*"|'[^']*'|[^'"<>])*)>""", re.DOTALL
)
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What lists and feeds show of a page."""

    segments: tuple[Segment, ...] = ()
    is_truncated: bool = False


def with_divider_alone(expanded: Expanded) -> Expanded:
    """The text with its first `<!--more-->` as a block of its own, as Hugo reads it: it ends what it stands in.

    One inside a fence or a code span is code.
    """
    text = expanded.text
    at = _divider(text)
    if at is None:
        return expanded
    start = text.rfind("\n", 0, at) + 1
    before, after = text[start:at], text[at + len(MORE) :]
    is_behind_blank = not before and (not start or text.endswith("\n\n", 0, start))
    if is_behind_blank and not after.partition("\n")[0].strip():
        return expanded
    line = text.count("\n", 0, at)
    count = text.count("\n") + 1
    known = expanded.lines.lines if expanded.lines.lines is not None else tuple(range(count))
    here = known[min(line, len(known) - 1)] if known else 0
    return replace(
        expanded,
        text=f"{text[:at]}\n\n{MORE}\n\n{after}",
        lines=expanded.lines.expanded((*known[:line], *(here,) * 5, *known[line + 1 :])),
    )


def _divider(text: str) -> int | None:
    """Where the first divider stands that is not code."""
    at = text.find(MORE)
    if at < 0:
        return None
    found = fences(text) if "```" in text or "~~~" in text else []
    ends = iter([(token.map[0], token.map[1]) for token in found if token.map])
    first, last = next(ends, (0, 0))
    line = counted = 0
    while at >= 0:
        line += text.count("\n", counted, at)
        counted = at
        while last and last <= line:
            first, last = next(ends, (0, 0))
        end = at + len(MORE)
        if not first <= line < last and not text[at - 1 : at] == "`" == text[end : end + 1]:
            return at
        at = text.find(MORE, end)
    return None


def summarize(body: Body, holes: Holes, *, least_words: int, by_character: bool = False) -> Summary:
    """The manual summary if the body has a divider, else an automatic one.

    Args:
        body: as rendered.
        holes: of the same document.
        least_words: an automatic summary has at least so many, if the page has.
        by_character: words of Chinese, Japanese and Korean count by character.
    """
    if body.divider is not None:
        end, closing = body.divider
        segments = holes.cut((summary_html(body.pieces[:end]).strip() + closing).strip())
        return Summary(segments=without_cells(segments), is_truncated=_has_content(body.pieces[end:]))
    limit = _limit(body)
    end, part = _automatic_end(body, holes, limit, least_words=least_words, by_character=by_character)
    html = summary_html([*body.pieces[:end], part]).strip()
    rest = body.pieces[end : _content_end(body)]
    is_truncated = _has_content([rest[0][len(part) :], *rest[1:]] if rest else [])
    closing = "" if _is_whole(body, end, part) else _closing(html)
    return Summary(segments=holes.cut(html + closing), is_truncated=is_truncated)


def _is_whole(body: Body, end: int, part: str) -> bool:
    """Whether pieces and a part of the next are blocks without HTML of the author's: then no element is open."""
    if body.has_html or (part and body.pieces[end][len(part) :].strip()):
        return False
    count = end + 1 if part else end
    at = bisect_left(body.blocks, count, key=attrgetter("pieces"))
    return at < len(body.blocks) and body.blocks[at].pieces == count


def _limit(body: Body) -> int:
    """How many pieces an automatic summary may have: whole blocks, none behind the first cell, no footnotes."""
    end = 0
    for block in body.blocks:
        if block.kind == "footnote_block_open":
            break
        if body.first_cell is not None and block.pieces > body.first_cell:
            break
        end = block.pieces
    return end


def _automatic_end(
    body: Body, holes: Holes, limit: int, *, least_words: int, by_character: bool
) -> tuple[int, str]:
    """The pieces before the end of a summary, and what of the next one goes in.

    Hugo's rule: everything counts that stands before the end of a paragraph, wherever that paragraph is, and what is
    open there is taken whole.
    """
    count = 0
    pending: list[str] = []
    for index, piece in enumerate(body.pieces[:limit]):
        position = 0
        while (at := piece.find(_PARAGRAPH_END, position)) >= 0:
            pending.append(piece[position:at])
            count += words_of_part(holes.in_words("".join(pending)), by_character=by_character)
            pending.clear()
            position = at + len(_PARAGRAPH_END)
            if count >= least_words:
                if _is_whole(body, index, piece[:position]):
                    return index, piece[:position]
                return _closed(body.pieces[:limit], index, position)
        pending.append(piece[position:])
    return limit, ""


def _closed(pieces: list[str], index: int, position: int) -> tuple[int, str]:
    """The same place, or the first one behind it where no element is open, if there is one."""
    elements = _Elements()
    for before in (*pieces[:index], pieces[index][:position]):
        elements.read(before)
    if not elements.names:
        return index, pieces[index][:position]
    for number, piece in enumerate(pieces[index:], index):
        start = position if number == index else 0
        end = elements.read(piece[start:], until_closed=True)
        if end is not None:
            return number, piece[: start + end]
    return index, pieces[index][:position]


def _content_end(body: Body) -> int:
    """How many pieces the body has without its footnotes."""
    ends = (block.pieces for block in reversed(body.blocks) if block.kind != "footnote_block_open")
    return next(ends, 0)


def _has_content(pieces: list[str]) -> bool:
    """Whether anything but closing tags follows."""
    return any(piece.strip() and not piece.startswith("</") for piece in pieces)


def _closing(html: str) -> str:
    """The tags that close what is open at the end of the HTML."""
    elements = _Elements()
    elements.read(html)
    return "".join(f"</{name}>" for name in reversed(elements.names))


class _Elements:
    """The elements that are open; a closing tag of nothing is passed over."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._opened: Counter[str] = Counter()

    def read(self, html: str, *, until_closed: bool = False) -> int | None:
        """Go on through a piece of HTML that ends at no tag's middle.

        Args:
            html: what follows.
            until_closed: stop behind the tag that closes the last open element, and say where that is.
        """
        if "<" not in html:
            return None
        for match in _TAG.finditer(html):
            if match[2] is None:
                continue
            name = match[2].lower()
            if not match[1]:
                if name not in _VOID and not match[3].endswith("/"):
                    self.names.append(name)
                    self._opened[name] += 1
            elif self._opened[name]:
                while (closed := self.names.pop()) != name:
                    self._opened[closed] -= 1
                self._opened[name] -= 1
                if until_closed and not self.names:
                    return match.end()
        return None
