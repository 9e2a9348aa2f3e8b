"""Raw HTML left out, where the site is not `unsafe`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

OMITTED: Final = "<!-- raw HTML omitted -->"
"""What stands in its place, as Hugo writes it."""
_DIVIDER: Final = "<!--more-->"
_RAW: Final = frozenset({"html_block", "html_inline"})


def omitted_html_plugin(md: MarkdownIt) -> None:
    """A comment for each block and each tag of HTML but the summary's divider; tokens with an `info` are our own."""
    md.core.ruler.after("inline", "omit_html", _omit)


def _omit(state: StateCore) -> None:
    for block in state.tokens:
        _replace((block,), "\n")
        _replace(block.children or (), "")


def _replace(tokens: Iterable[Token], end: str) -> None:
    for token in tokens:
        if token.type in _RAW and not token.info and token.content.strip() != _DIVIDER:
            token.content = OMITTED + end
