"""A page's body as slides: cut at rules and at headings, each with its notes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from sitegen.values import dataclass

_VOID: Final = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
"""Elements without an end (HTML, 13.1.2)."""
_HEADING: Final = re.compile(r"h([1-6])")
_OPENING_TAG: Final = re.compile(r"<h[1-6]([^<>]*)>")
_ID: Final = re.compile(r'\s+id="([^"]*)"')
_CLASS: Final = re.compile(r'\s+class="([^"]*)"')
_TAGS: Final = re.compile(r"<[^<>]*>|\s+")
DEFAULT_LEVEL: Final = 2
"""Headings of this level, and of those above it, begin a slide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One slide of a deck."""

    id: str
    """That of its heading, else `slide-3`."""
    classes: str
    """Those of its heading: `{.center}` behind it."""
    html: Markup


def cut_slides(body: str, level: object = DEFAULT_LEVEL) -> tuple[Slide, ...]:
    """The slides of a body, those without anything to see left out.

    A rule (`---`) begins a slide, and so does a heading, unless it is the first thing behind a rule. Only what stands at the
    top level of the body cuts it.

    Args:
        body: HTML, as composed.
        level: headings up to this level begin a slide; anything else than 0 to 6 is the default.
    """
    deepest = level if isinstance(level, int) and 0 <= level <= 6 else DEFAULT_LEVEL
    cutter = _Cutter(body, deepest)
    cutter.feed(body)
    cutter.close()
    starts = [0, *cutter.cuts, len(body)]
    parts = [body[start:end] for start, end in pairwise(starts)]
    taken = {match[1] for match in _ID.finditer(body)}
    slides: list[Slide] = []
    for part in parts:
        text = re.sub(r"^\s*<hr\b[^<>]*>", "", part).strip()
        if _TAGS.sub("", text) or re.search(r"<(?:img|svg|video|picture|math|canvas|iframe)\b", text):
            slides.append(_slide(text, len(slides) + 1, taken))
    return tuple(slides)


def _slide(html: str, number: int, taken: set[str]) -> Slide:
    """A slide with the id and the classes of the heading that it begins with, which then has neither."""
    identifier, classes = "", ""
    opening = _OPENING_TAG.match(html)
    if opening is not None:
        found, named = _ID.search(opening[1]), _CLASS.search(opening[1])
        identifier = found[1] if found is not None else ""
        classes = named[1] if named is not None else ""
        rest = _CLASS.sub("", _ID.sub("", opening[0]))
        html = rest + html[opening.end() :]
    if not identifier:
        identifier = f"slide-{number}"
        while identifier in taken:
            identifier += "-"
    return Slide(id=identifier, classes=classes, html=Markup(html))  # noqa: S704 -- composed by us


class _Cutter(HTMLParser):
    """Finds where slides begin: what is open is counted, so that only the top level is looked at."""

    def __init__(self, body: str, deepest: int) -> None:
        super().__init__(convert_charrefs=True)
        self.cuts: list[int] = []
        self._deepest = deepest
        self._open: list[str] = []
        self._is_behind_rule = False
        self._lines = [0, *(match.end() for match in re.finditer("\n", body))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the library's
        """One element begins."""
        if not self._open:
            heading = _HEADING.fullmatch(tag)
            line, column = self.getpos()
            is_cut = tag == "hr" or (heading is not None and int(heading[1]) <= self._deepest)
            if is_cut and not (heading is not None and self._is_behind_rule):
                self.cuts.append(self._lines[line - 1] + column)
            self._is_behind_rule = tag == "hr"
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<hr />`, and what SVG and MathML have."""
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """What is open inside the element is closed with it; an end without a beginning is none."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Text that stands alone behind a rule is a slide's, too."""
        if not self._open and data.strip():
            self._is_behind_rule = False
