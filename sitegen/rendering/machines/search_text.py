"""What search reads of a finished page, and which pages it finds: the element marked `data-pagefind-body` without what is no text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from sitegen.content.index import IndexedPage

BODY: Final = " data-pagefind-body"
"""The attribute of what is searched."""
_ELEMENTS: Final = (
    "nav",
    "footer",
    "form",
    "script",
    "style",
    "template",
    "dialog",
    "button",
    "svg",
    "img",
    "annotation",
)
"""Never searched: what leads around, and drawings, whose captions say what they show."""
_CLASSES: Final = (
    *("meta", "links", "badge", "provenance", "provenance-none", "downloads", "toc", "history"),
    *("sidenote", "ln", "lnt", "code-mark", "plot-note", "slide-home", "slide-number", "footnote-backref"),
)
"""Of elements of the theme that are not searched: what is said of a page on every page, line numbers, a note's second copy."""
_VOID: Final = frozenset({"img", "br", "hr", "input", "source", "wbr"})
_DROPPED: Final = re.compile(
    rf"<(?:({'|'.join(_ELEMENTS)})(?=[\s/>])"
    r"|(\w+)\s[^<>]*?(?:\bdata-pagefind-ignore\b"
    rf'|\bclass="(?:[^"<>]* )?(?:{"|".join(_CLASSES)})[ "]))',
    re.IGNORECASE,
)
_HTML: Final = re.compile(r"<html\b[^<>]*>", re.IGNORECASE)
_NEVER_FOUND: Final = frozenset({"search", "archives", "archive"})
"""Types and layouts of pages that say what others say."""
_SECTIONS_FOUND: Final = frozenset({"publications", "cv"})
"""Types of sections with a text that stands nowhere else."""


def is_searchable(place: IndexedPage) -> bool:
    """Whether search finds a page: a regular one, a list of papers or a CV, unless it says `search = false` or is in no list."""
    meta = place.meta
    if meta.params.get("search") is False or meta.build.list == "never":
        return False
    if place.kind == "section":
        return place.type in _SECTIONS_FOUND
    return place.kind == "page" and _NEVER_FOUND.isdisjoint(
        (meta.type.lower(), meta.layout.removesuffix(".html"))
    )


def searched_text(html: str) -> str:
    """The part of a finished page that is searched, as a page of its own; empty where there is none.

    What is cut out here changes no index: a post that is listed beside this one, a run whose numbers are the same.
    """
    at = html.find(BODY)
    if at < 0:
        return ""
    root = _HTML.search(html)
    parts = [root[0] if root is not None else "<html>", "<body>"]
    while at >= 0:
        start = html.rfind("<", 0, at)
        name = _name(html, start)
        end = _end(html, name, html.find(">", at) + 1)
        parts += _kept(html[start : end if end >= 0 else len(html)])
        at = html.find(BODY, end) if end >= 0 else -1
    text = "".join(parts).replace("</th>", "</th> ")  # Pagefind would join the words of a table's head
    return f"{text}</body></html>\n"


def _kept(html: str) -> Iterator[str]:
    """The HTML in parts, without what is not searched."""
    unclosed: set[str] = set()
    position = 0
    while (dropped := _DROPPED.search(html, position)) is not None:
        yield html[position : dropped.start()]
        name = (dropped[1] or dropped[2]).lower()
        position = html.find(">", dropped.end()) + 1 or len(html)
        if name in _VOID or html[position - 2] == "/" or name in unclosed:
            continue
        end = _end(html, name, position)
        if end < 0:
            unclosed.add(name)  # not looked for again: a page of such tags is read in one pass all the same
        else:
            position = end
    yield html[position:]


def _name(html: str, start: int) -> str:
    found = re.compile(r"<(\w+)").match(html, start)
    return found[1].lower() if found is not None else "html"


def _end(html: str, name: str, position: int) -> int:
    """Where the element ends whose opening tag has ended at `position`; -1 where it does not."""
    depth = 1
    for tag in _tags(name).finditer(html, position):
        depth += -1 if tag[1] else not tag[0].endswith("/>")
        if depth == 0:
            return tag.end()
    return -1


@lru_cache(maxsize=64)
def _tags(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(/?){re.escape(name)}(?=[\s/>])[^<>]*>", re.IGNORECASE)
