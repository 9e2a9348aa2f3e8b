"""Footnotes beside the text: a copy of each short note behind its mark, which wide screens show in the margin."""

from __future__ import annotations

import re
from typing import Final

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.rendering.recorder import Recorder

_NOTE: Final = re.compile(
    r'<li id="([^"]*fn:([0-9]+))">\n((?:<p>(?:(?!</?p>|<li\b|<div\b|<pre\b|<table\b).)*</p>\n)+)</li>',
    re.DOTALL,
)
"""A note of nothing but paragraphs: what else there is has no place inside a paragraph."""
_LIST: Final = '<div class="footnotes" role="doc-endnotes">'
_BACK: Final = re.compile(r'(?:&#160;)?<a href="[^"]*" class="footnote-backref"[^>]*>.*?</a>', re.DOTALL)
_ITEM: Final = re.compile(r'<li id="([^"]*fn:([0-9]+))">')
_INNER_MARK: Final = re.compile(r'<sup id="[^"]*fnref[0-9]*:[0-9]+">(.*?)</sup>')
_PLACE: Final = re.compile(
    r'<sup id="(?P<prefix>[^"]*)fnref:(?P<number>[0-9]+)"><a [^>]*class="footnote-ref"[^>]*>[^<]*</a></sup>'
    r"|<(?P<closes>/?)(?P<tag>td|th|dt|figure|caption|h[1-6]|details|div|aside)\b(?P<rest>[^>]*)>"
)
_PLAIN_BOX: Final = re.compile(r'class="(?:cell|cell-output|output|output-markdown)[ "]')
"""Boxes as wide as the text."""


def in_margin(html: str, place: IndexedPage, config: Config, recorder: Recorder) -> str:
    """The body with its footnotes beside the text, unless the page or the site wants them at the end.

    The page's `footnotes`, else the site's `params.footnotes`, may be `end`; `margin` is the default.
    """
    wanted = place.meta.params.get("footnotes")
    if wanted is None:
        recorder.read("setting", "", "params.footnotes")
        wanted = config.params.get("footnotes")
    return html if wanted == "end" else with_sidenotes(html)


def with_sidenotes(html: str) -> str:
    """The body with a copy of each note behind its first mark, which only wide screens show.

    A note that has more than paragraphs stays in the list at the end alone, and so does one whose mark stands in a table, a
    figure, a heading or a box.
    """
    body, opening, listed = html.rpartition(_LIST)
    notes = {match[1]: _inline(match[3]) for match in _NOTE.finditer(listed)}
    if not opening or not notes:
        return html
    shown: set[str] = set()
    boxes: list[bool] = []  # of each element that is open: whether a note in it has no margin beside it
    inside = 0

    def place(match: re.Match[str]) -> str:
        nonlocal inside
        if match["tag"]:
            if match["closes"]:
                inside -= boxes.pop() if boxes else 0
            elif not match["rest"].endswith("/"):
                boxes.append(match["tag"] != "div" or _PLAIN_BOX.search(match["rest"]) is None)
                inside += boxes[-1]
            return match[0]
        identifier = f"{match['prefix']}fn:{match['number']}"
        if inside or identifier in shown or identifier not in notes:
            return match[0]
        shown.add(identifier)
        number = f'<span class="sidenote-number">{match["number"]}</span>'
        return f'{match[0]}<span class="sidenote" role="note" data-pagefind-ignore>{number} {notes[identifier]}</span>'

    body = _PLACE.sub(place, body)
    if not shown:
        return html
    if all(match[1] in shown for match in _ITEM.finditer(listed)):
        opening = opening.replace('class="footnotes"', 'class="footnotes footnotes-aside"')
        return f"{body}{opening}{listed}"

    def number_item(match: re.Match[str]) -> str:
        name = ' class="noted"' if match[1] in shown else ""
        return f'<li id="{match[1]}"{name} value="{match[2]}">'

    return f"{body}{opening}{_ITEM.sub(number_item, listed)}"


def _inline(paragraphs: str) -> str:
    """A note's paragraphs as what may stand inside one; ids and ways back are the list's."""
    text = _BACK.sub("", paragraphs).strip()
    text = text.removeprefix("<p>").removesuffix("</p>").replace("</p>\n<p>", "<br>")
    text = _INNER_MARK.sub(r"<sup>\1</sup>", text)
    return re.sub(r'(<a\b[^>]*?)\sid="[^"]*"', r"\1", text)
