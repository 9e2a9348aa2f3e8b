"""Raw HTML left out, where the site is not `unsafe`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

OMITTED: Final = "<!-- raw HTML omitted -->"
"""What stands in its place, as Hugo writes it."""
_DIVIDER: Final = "<!--more-->"
_CLOSES_ITSELF: Final = re.compile(r"\s*<(?:(?:script|pre|style|textarea)\b|[?!])", re.IGNORECASE)
"""Blocks that end at their closing tag, not at an empty line."""
_RAW: Final = frozenset({"html_block", "html_inline"})


def omitted_html_plugin(md: MarkdownIt) -> None:
    """A comment for each block and each tag of HTML; tokens with an `info` are our own.

    As in Hugo, comments are left out without a word, and the summary's divider is none.
    """
    md.core.ruler.after("inline", "omit_html", _omit)


def _omit(state: StateCore) -> None:
    for block in state.tokens:
        _replace((block,), "\n")
        _replace(block.children or (), "")


def _replace(tokens: Iterable[Token], end: str) -> None:
    for token in tokens:
        if token.type in _RAW and not token.info and token.content.strip() != _DIVIDER:
            token.content = _left(token.content, end)


def _left(html: str, end: str) -> str:
    if html.startswith("<!--"):
        return ""
    has_closing_line = end and _CLOSES_ITSELF.match(html) and "\n" in html.strip()
    return (OMITTED + end) * (2 if has_closing_line else 1)  # goldmark writes the closing line by itself
