"""Where a block of raw HTML begins: CommonMark's rule to the letter, and `<meta>` as goldmark has it."""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block

_END_OF_TEXT: Final = re.compile(r"</(?:script|pre|style|textarea)\s*>\s*\Z", re.IGNORECASE)
"""These end what they began: alone they begin nothing. Tables that pandas prints have a `</style>` behind a blank line."""
_META: Final = re.compile(r"</?meta(?=\s|/?>|\Z)", re.IGNORECASE)


def html_blocks_plugin(md: MarkdownIt) -> None:
    """The library's rule, but for the tags that it takes for others than goldmark does."""
    md.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})


def _html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("<", first) or state.is_code_block(start):
        return False
    line = state.src[first : state.eMarks[start]]
    if _END_OF_TEXT.match(line):
        return False
    if not _META.match(line):
        return html_block(state, start, end, silent)
    if not silent:
        behind = start + 1
        while behind < end and not state.isEmpty(behind) and state.sCount[behind] >= state.blkIndent:
            behind += 1
        state.line = behind
        token = state.push("html_block", "", 0)
        token.map = [start, behind]
        token.content = state.getLines(start, behind, state.blkIndent, True)
    return True
