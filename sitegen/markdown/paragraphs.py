"""Paragraphs and headings: where they end, what of their white space counts, and their tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock, lheading
from markdown_it.token import Token

from sitegen.markdown.block_parser import UNDERLINE_ENDS, may_reach

BRACES: Final = "headings in braces"
"""The key in a text's `env` that says that a heading ends with a brace."""
_INDENT: Final = re.compile(r"(?<=\n)[ \t]+")
_UNDERLINE: Final = re.compile(r"(?:=+|-+)[ \t]*")
_SIGNS: Final = re.compile(r"#{1,6}(?![^ \t])")
_LAST_LEVELS: Final = 4
_BLANKS: Final = " \t\n"
"""What Markdown takes away at both ends; a no-break space stays."""


def paragraphs_plugin(md: MarkdownIt) -> None:
    """Paragraphs and headings that keep the no-break spaces at their ends, which the library's rules take away."""
    md.block.ruler.at("paragraph", _paragraph)
    md.block.ruler.at("heading", _heading, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("lheading", _underlined_heading)
    md.block.ruler.before("code", "too_deep", _too_deep)


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Far inside lists and quotations all is text: the parser would leave out what is deeper still."""
    return state.level >= state.md.options.maxNesting - _LAST_LEVELS and _paragraph(state, start, end, silent)


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001 - a rule's signature
    if silent:
        return False
    behind = end_of_paragraph(state, start, ends_at_underline=False)
    push_paragraph(state, paragraph_text(state, start, behind), start, behind)
    state.line = behind
    return True


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001 - a rule's signature
    first = state.bMarks[start] + state.tShift[start]
    match = _SIGNS.match(state.src, first, state.eMarks[start])
    if match is None or state.is_code_block(start):
        return False
    if silent:
        return True
    text = state.src[match.end() : state.eMarks[start]].strip(" \t")
    kept = text.rstrip("#")
    has_closing_signs = not kept or kept.endswith((" ", "\t"))
    place, signs = [start, start + 1], match[0]
    opening = state.push("heading_open", f"h{len(signs)}", 1)
    inline = state.push("inline", "", 0)
    closing = state.push("heading_close", f"h{len(signs)}", -1)
    opening.markup = closing.markup = signs
    opening.map = inline.map = place
    inline.content, inline.children = kept.rstrip(" \t") if has_closing_signs else text, []
    _note_braces(state, inline)
    state.line = start + 1
    return True


def _underlined_heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not may_reach(state, start, UNDERLINE_ENDS):
        if not state.is_code_block(start):
            state.parentType = "paragraph"  # as the library's rule leaves it
        return False
    if not lheading(state, start, end, silent):
        return False
    inline = state.tokens[-2]
    inline.content = _INDENT.sub("", paragraph_text(state, start, state.line - 1))
    _note_braces(state, inline)
    return True


def _note_braces(state: StateBlock, heading: Token) -> None:
    """Remember that a heading may have attributes: the tokens of most texts need not be looked through for them."""
    if heading.content.endswith("}"):
        state.env[BRACES] = True


def end_of_paragraph(state: StateBlock, start: int, *, ends_at_underline: bool) -> int:
    """The line behind a paragraph: an empty one, or one where another block may begin.

    Args:
        state: of the parser.
        start: its first line.
        ends_at_underline: a heading's underline ends it, too.
    """
    rules = state.md.block.ruler.getRules("paragraph")
    kept, state.parentType = state.parentType, "paragraph"
    line, last = start + 1, state.lineMax
    while line < last and not state.isEmpty(line):
        # Indented code cannot interrupt a paragraph, nor what would be indented code outside of the list; a negative
        # indent is a lazy line of a quotation.
        if (
            0 <= state.sCount[line] <= state.blkIndent + 3
            and not _is_code_behind_list(state, line)
            and (
                _begins_block(state, line, last, rules) or (ends_at_underline and _is_underline(state, line))
            )
        ):
            break
        line += 1
    state.parentType = kept
    return line


def _begins_block(state: StateBlock, line: int, last: int, rules: Sequence[RuleFuncBlockType]) -> bool:
    for rule in rules:  # noqa: SIM110 - it is one, and `any` costs more than its look at the line
        if rule(state, line, last, True):
            return True
    return False


def paragraph_text(state: StateBlock, start: int, behind: int) -> str:
    """The Markdown of lines, without the indent of what they are in."""
    return state.getLines(start, behind, state.blkIndent, False).strip(_BLANKS)


def push_paragraph(state: StateBlock, text: str, first: int, behind: int) -> None:
    """The three tokens of a paragraph; its lines begin with their text."""
    place = [first, behind]
    state.push("paragraph_open", "p", 1).map = place
    inline = state.push("inline", "", 0)
    inline.content = _INDENT.sub("", text) if "\n" in text else text
    inline.map, inline.children = place, []
    state.push("paragraph_close", "p", -1)


def _is_code_behind_list(state: StateBlock, line: int) -> bool:
    """Whether a line belongs to no item, and is indented as code is there."""
    return 0 <= state.listIndent <= state.sCount[line] - 4 < state.blkIndent - 4


def _is_underline(state: StateBlock, line: int) -> bool:
    first = state.bMarks[line] + state.tShift[line]
    return (
        state.sCount[line] >= state.blkIndent
        and _UNDERLINE.fullmatch(state.src, first, state.eMarks[line]) is not None
    )
