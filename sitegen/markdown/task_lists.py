"""`- [ ]` and `- [x]`: a list item's first text that begins with a box."""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_BOX: Final = re.compile(r"\[([\sxX])\][ \t]*\n?")

_FOUND: Final = "has boxes"
"""The key in a text's `env`."""


def task_lists_plugin(md: MarkdownIt) -> None:
    """Tokens `checkbox` at the beginning of a text, with `checked` in `meta`."""
    md.core.ruler.after("block", "find_boxes", _find)
    md.core.ruler.after("inline", "set_boxes", _set)


def _find(state: StateCore) -> None:
    """Boxes out of the text, before it is read as Markdown."""
    tokens = state.tokens
    items = [index for index, token in enumerate(tokens[:-2]) if token.type == "list_item_open"]
    for index in items:
        text = tokens[index + 2]
        if text.type != "inline":
            continue
        match = _BOX.match(text.content)
        if match is not None:
            text.content = text.content[match.end() :]
            text.meta["checked"] = match[1] in "xX"
            state.env[_FOUND] = True


def _set(state: StateCore) -> None:
    if _FOUND not in state.env:
        return
    for token in state.tokens:
        if token.type == "inline" and "checked" in token.meta:
            box = Token("checkbox", "input", 0, meta={"checked": token.meta["checked"]})
            token.children = [box, *(token.children or [])]
