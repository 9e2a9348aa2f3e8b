"""What the first lines of a body say where there is no front matter: a title and a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final

from sitegen.content.dates import date_in_posted_line
from sitegen.values import dataclass

POSTED_WITHIN_LINES: Final = 20
"""Lines with text, from the top, among which a `Posted:` line is looked for."""

_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_ATX: Final = re.compile(r" {0,3}#(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE: Final = re.compile(r" {0,3}=+[ \t]*$")
_ATTRIBUTES: Final = re.compile(r"[ \t]*\{[ \t]*[#.][^{}]*\}$")
_NO_PARAGRAPH: Final = re.compile(r" {0,3}(?:[-+*>][ \t]|\d{1,9}[.)][ \t]|#{1,6}(?:[ \t]|$)|\|)| {4}|\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A title and a date that the body itself shows."""

    title: str = ""
    """The first H1 as written, Markdown included; empty: there is none."""
    date: datetime | None = None
    posted_line: int | None = None
    """The date's line in the body, from 1; None where the line says more than the date."""


def read_opening(body: str, zone: tzinfo) -> Opening:
    """The first H1 outside fences and comments, and the date of a `Posted:` line near the top."""
    title: str | None = None
    date: datetime | None = None
    posted_line: int | None = None
    previous = ""
    lines_with_text = 0
    for number, line in _prose_lines(body):
        if title is None:
            title = _heading(previous, line)
        if line.strip():
            lines_with_text += 1
            if date is None and lines_with_text <= POSTED_WITHIN_LINES:
                posted = date_in_posted_line(line, zone)
                if posted is not None:
                    date = posted.date
                    posted_line = number if posted.is_whole_line else None
        if title is not None and (date is not None or lines_with_text >= POSTED_WITHIN_LINES):
            break
        previous = line
    return Opening(title=title or "", date=date, posted_line=posted_line)


def _heading(previous: str, line: str) -> str | None:
    """The text of an H1 that ends with this line, else None."""
    match = _ATX.match(line)
    if match is not None:
        return _ATTRIBUTES.sub("", (match[1] or "").strip()) or None
    is_setext = _UNDERLINE.match(line) and previous.strip() and _NO_PARAGRAPH.match(previous) is None
    return _ATTRIBUTES.sub("", previous.strip()) if is_setext else None


def _prose_lines(body: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1; those of fences and comments are left out."""
    fence: str | None = None
    in_comment = False
    for number, written in enumerate(body.split("\n"), start=1):
        line = written.rstrip("\r")
        if fence is not None:
            if re.fullmatch(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*", line):
                fence = None
            continue
        if in_comment:
            in_comment = "-->" not in line
            continue
        opened = _FENCE.match(line)
        if opened is not None:
            fence = opened[1]
        elif line.lstrip().startswith("<!--"):
            in_comment = "-->" not in line
        else:
            yield number, line
