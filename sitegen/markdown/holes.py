"""HTML as it is written, with marks where something is filled in later; its cut into segments, and these as HTML again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from sitegen.content.document import CellHole, Html, Segment
from sitegen.markdown.expansion import LONE_RETURN, Placeholders

_MARK: Final = re.compile(r"\x02([0-9]+)\x03()")
"""Of a hole; it begins with a character that no text has, which makes the search fast."""


class BodyOnly(str):
    """HTML that stands on the page but not in a summary or a table of contents: ids, footnotes, cells."""

    __slots__ = ()


class LinkPart(str):
    """The tag of a link: left out where a heading is shown as a link itself."""

    __slots__ = ()


class Holes:
    """The holes of a document; a mark in the HTML names each one by its number."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._segments: list[Segment] = []
        self.placeholders = placeholders
        self.placeholder: re.Pattern[str] | None = placeholders.pattern if placeholders.contents else None
        self._marks = (
            re.compile(rf"\x02([0-9]+)\x03|{placeholders.prefix}([0-9]+)x")
            if placeholders.contents
            else _MARK
        )

    def mark(self, segment: Segment) -> str:
        """The text that stands for `segment` until the HTML is cut."""
        self._segments.append(segment)
        return f"\x02{len(self._segments) - 1}\x03"

    def holds_placeholder(self, text: str) -> bool:
        """Whether a shortcode stands in the text."""
        return self.placeholder is not None and self.placeholder.search(text) is not None

    def without_placeholders(self, text: str) -> str:
        """The text without the shortcodes in it."""
        return self.placeholder.sub("", text) if self.placeholder is not None else text

    def in_words(self, html: str) -> str:
        """The HTML with what is known of each shortcode's text in its place."""
        if self.placeholder is None:
            return html
        return self.placeholder.sub(lambda match: _inner(self.placeholders.segment(int(match[1]))), html)

    def cut(self, html: str) -> tuple[Segment, ...]:
        """The HTML as segments; neighbouring HTML is one segment."""
        if self._marks is _MARK and "\x02" not in html:
            return (Html(text=html.replace(LONE_RETURN, "\r")),) if html else ()
        segments: list[Segment] = []
        texts: list[str] = []
        position = 0
        for match in self._marks.finditer(html):
            texts.append(html[position : match.start()])
            position = match.end()
            segment = self._segment(match)
            if isinstance(segment, str):
                texts.append("" if _is_in_tag(html, match.start()) else segment)
                continue
            _flush(texts, segments)
            segments.append(segment)
        texts.append(html[position:])
        _flush(texts, segments)
        return tuple(segments)

    def _segment(self, match: re.Match[str]) -> Segment | str:
        if match[1] is not None:
            return self._segments[int(match[1])]
        index = int(match[2])
        return self.placeholders.segment(index) if index < len(self.placeholders.contents) else match[0]


def _inner(segment: Segment | str) -> str:
    """The text that a shortcode encloses; of one that encloses none, a word."""
    call = getattr(segment, "call", None)
    if call is None or call.inner is None:
        return "shortcode"
    return "".join(part for part in call.inner if isinstance(part, str))


def _is_in_tag(html: str, position: int) -> bool:
    """Whether a place is between `<` and `>`: a message would break the attribute that it stands in."""
    return html.rfind("<", 0, position) > html.rfind(">", 0, position)


def _flush(texts: list[str], segments: list[Segment]) -> None:
    text = "".join(texts).replace(LONE_RETURN, "\r")
    if text:
        segments.append(Html(text=text))
    texts.clear()


def fill(segments: Iterable[Segment], values: Callable[[Segment], str]) -> str:
    """The segments as one HTML text; `values` gives what goes into each hole."""
    return "".join(segment.text if isinstance(segment, Html) else values(segment) for segment in segments)


def summary_html(pieces: Iterable[str]) -> str:
    """The pieces of a body that a summary shows."""
    return "".join(piece for piece in pieces if not isinstance(piece, BodyOnly))


def without_paragraph(html: str) -> str:
    """HTML that is one paragraph, without its tags."""
    stripped = html.strip()
    inner = stripped.removeprefix("<p>").removesuffix("</p>")
    is_single = stripped.startswith("<p>") and stripped.endswith("</p>") and "<p>" not in inner
    return inner if is_single else stripped


def title_html(pieces: Iterable[str]) -> str:
    """The pieces of a heading that a table of contents shows."""
    return "".join(piece for piece in pieces if not isinstance(piece, (BodyOnly, LinkPart)))


def without_cells(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments but the cells."""
    return tuple(segment for segment in segments if not isinstance(segment, CellHole))
