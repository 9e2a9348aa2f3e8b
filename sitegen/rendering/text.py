"""HTML to plain text."""

from __future__ import annotations

import re
from html import unescape

_HIDDEN = re.compile(r"<(script|style|annotation)\b(?:.*?</\1\s*>|.*)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<!--(?:.*?-->|.*)|</?[a-zA-Z][^<>]*>", re.DOTALL)
"""What nothing closes goes to the end, as in a browser: its end is looked for once."""
_SPACE = re.compile(r"[ \t\n\r\f]+")
"""HTML's white space: a no-break space is none."""


def first_words(text: str, count: int) -> str:
    """The first words of a text, with three dots where there are more."""
    words = text.split(maxsplit=count)
    return " ".join(words[:count]) + ("..." if len(words) > count else "")


def plain_text(html: str) -> str:
    """The text of HTML on one line: no tags, no scripts, no TeX beside MathML, references resolved."""
    if "<" in html:
        html = _TAG.sub("", _HIDDEN.sub("", html))
    return _SPACE.sub(" ", unescape(html)).strip(" ")
