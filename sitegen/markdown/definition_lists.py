"""Definition lists: a paragraph whose lines are terms, and below it descriptions that begin with `:`."""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

_MARK: Final = re.compile(r":(?=[ \t])")
_WIDEST: Final = 8
"""Columns behind the mark from which on the description begins with code."""


def definition_lists_plugin(md: MarkdownIt) -> None:
    """Tokens `dl`, `dt` and `dd`; the first paragraph of a tight description is hidden."""
    md.block.ruler.before(
        "lheading", "description", _description, {"alt": ["paragraph", "reference", "blockquote"]}
    )


def _description(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """One description, with the terms that stand before it; it joins the list that it follows."""
    first = state.bMarks[start] + state.tShift[start]
    if not _MARK.match(state.src, first, state.eMarks[start]):
        return False
    begins = state.sCount[start] == state.blkIndent
    if silent:
        # The next description of a list that this block is in ends it, too.
        return state.sCount[start] == state.ddIndent or (begins and state.parentType == "paragraph")
    if not begins or not _open_list(state, start):
        return False
    opening = state.push("dd_open", "dd", 1)
    is_tight = not state.isEmpty(start - 1)
    index = len(state.tokens)
    _content(state, start, end)
    opening.map = [start, state.line]
    if is_tight:
        _hide_paragraph(state.tokens, index, state.level)
    state.push("dd_close", "dd", -1)
    state.push("dl_close", "dl", -1)
    return True


def _open_list(state: StateBlock, line: int) -> bool:
    """Open a list or the last one again, and put the terms into it; False where nothing could be a term."""
    tokens = state.tokens
    if not tokens or tokens[-1].level != state.level:
        return False
    if tokens[-1].type == "dl_close":
        tokens.pop()
        state.level += 1
        return True
    if tokens[-1].type != "paragraph_close" or tokens[-2].type != "inline":
        return False
    inline = tokens[-2]
    del tokens[-3:]
    if tokens and tokens[-1].type == "dl_close" and tokens[-1].level == state.level:
        tokens.pop()
        state.level += 1
    else:
        state.push("dl_open", "dl", 1).map = [inline.map[0] if inline.map else line, line]
    first = inline.map[0] if inline.map else line
    for index, term in enumerate(inline.content.split("\n")):
        place = [first + index, first + index + 1]
        state.push("dt_open", "dt", 1).map = place
        text = state.push("inline", "", 0)
        text.content, text.map, text.children = term.strip(), place, []
        state.push("dt_close", "dt", -1)
    return True


def _content(state: StateBlock, line: int, end: int) -> None:
    """The blocks of a description, from behind its mark on."""
    text = state.bMarks[line] + state.tShift[line] + 1
    column = mark = state.sCount[line] + 1
    while text < state.eMarks[line] and state.src[text] in " \t":
        column += 4 - column % 4 if state.src[text] == "\t" else 1
        text += 1
    width = column - mark
    kept = state.blkIndent, state.ddIndent, state.tShift[line], state.sCount[line]
    kept_type, kept_tight = state.parentType, state.tight
    state.ddIndent = mark - 1
    state.blkIndent = mark + (5 if width >= _WIDEST else width)
    state.tShift[line], state.sCount[line] = text - state.bMarks[line], column
    state.parentType = "deflist"
    state.md.block.tokenize(state, line, end)
    state.blkIndent, state.ddIndent, state.tShift[line], state.sCount[line] = kept
    state.parentType, state.tight = kept_type, kept_tight


def _hide_paragraph(tokens: list[Token], first: int, level: int) -> None:
    """Hide the first paragraph that stands right in a description: goldmark leaves the later ones."""
    for index in range(first, len(tokens)):
        if tokens[index].level == level and tokens[index].type == "paragraph_open":
            tokens[index].hidden = tokens[index + 2].hidden = True
            return
