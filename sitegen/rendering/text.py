"""HTML to plain text."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_HIDDEN = re.compile(r"<(script|style|annotation)\b(?:.*?</\1\s*>|.*)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<!--(?:.*?-->|.*)|</?[a-zA-Z][^<>]*>", re.DOTALL)
"""What nothing closes goes to the end, as in a browser: its end is looked for once."""
_SPACE = re.compile(r"[ \t\n\r\f]+")
"""HTML's white space: a no-break space is none."""
_PARAGRAPH = re.compile(r"<p>(.*?)(?:</p>|\Z)", re.DOTALL)
"""As Markdown writes one; a note's or a box's own have a class."""
_FIGURE = re.compile(r"<figure[ >](?:.*?</figure>|.*)", re.DOTALL)


_MOST_LETTERS: Final = 16
"""That words have on average: with more of them the text is of a language without spaces."""
_LETTERS: Final = 4
"""That stand for a word there."""


def first_words(text: str, count: int) -> str:
    """The first words of a text, with three dots where there are more; of a language without spaces the first letters."""
    words = text.split(maxsplit=count)
    first = " ".join(words[:count])
    if len(first) > count * _MOST_LETTERS:
        return first[: count * _LETTERS].rstrip() + "..."
    return first + ("..." if len(words) > count else "")


def plain_text(html: str) -> str:
    """The text of HTML on one line: no tags, no scripts, no TeX beside MathML, references resolved."""
    if "<" in html:
        html = _TAG.sub("", _HIDDEN.sub("", html))
    return _SPACE.sub(" ", unescape(html)).strip(" ")


def prose_text(html: str) -> str:
    """The text of the paragraphs alone, on one line: no code, no table, no caption; all of it where nothing is a paragraph."""
    paragraphs = _PARAGRAPH.findall(_FIGURE.sub("", html)) if "<p>" in html else ()
    return plain_text(" ".join(paragraphs) if paragraphs else html)
