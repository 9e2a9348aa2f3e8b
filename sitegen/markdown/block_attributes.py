"""`{.class #id name=value}` on the line after a block: the block's attributes, where the site has them switched on."""

from __future__ import annotations

from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from sitegen.markdown.fences import attributes_of

_RULE: Final = "block_attributes"
_MOST_LINES: Final = 20
"""Of one attribute list; more are text."""
_TAKERS: Final = frozenset(
    {
        "paragraph_open",
        "heading_open",
        "hr",
        "bullet_list_open",
        "ordered_list_open",
        "blockquote_open",
        "table_open",
    }
    | {"dl_open"}
)
"""What takes attributes; code has its own, and HTML has them in its tags."""


def block_attributes_plugin(md: MarkdownIt) -> None:
    """Lists are found as blocks of their own, then handed to the block before them."""
    md.block.ruler.before(
        "fence", _RULE, _attribute_list, {"alt": ["paragraph", "reference", "blockquote", "list", "table"]}
    )
    md.core.ruler.after("block", _RULE, _hand_over)


def _attribute_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("{", first):
        return False
    line = start
    while line < min(end, start + _MOST_LINES) and not state.isEmpty(line):
        text = state.src[first : state.eMarks[line]].rstrip()
        if text.endswith("}"):
            attributes = attributes_of(text[1:-1].replace("\n", " "))
            if attributes is None:
                return False
            if not silent:
                token = state.push(_RULE, "", 0)
                token.map = [start, line + 1]
                token.meta = {"attributes": attributes}
                state.line = line + 1
            return True
        line += 1
    return False


def _hand_over(state: StateCore) -> None:
    """Each list's attributes to the block right above it; one that stands alone is dropped."""
    if not any(token.type == _RULE for token in state.tokens):
        return
    lines = state.src.split("\n")
    kept: list[Token] = []
    before: list[Token | None] = [None]  # of each container that is open: the last block in it
    opened: list[Token] = []
    for token in state.tokens:
        if token.type == _RULE:
            target = before[-1]
            line = token.map[0] if token.map else 0
            if target is not None and line and lines[line - 1].strip(" \t>"):
                _give(target, token)
            continue
        kept.append(token)
        if token.nesting > 0:
            opened.append(token)
            before.append(None)
        elif token.nesting < 0:
            before.pop()
            before[-1] = opened.pop()
        else:
            before[-1] = token
    state.tokens = kept


def _give(target: Token, token: Token) -> None:
    if target.type in _TAKERS:
        given = target.meta.get("attributes", ())
        target.meta = {**target.meta, "attributes": (*given, *token.meta["attributes"])}
