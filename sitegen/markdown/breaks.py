"""What becomes of a line's end in a paragraph: `hardWraps`, and no space between East Asian characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

LINE_ENDS: Final = "line ends"
"""The key in a text's `env` that says that some may have been taken away."""
_EAST_ASIAN: Final = re.compile("[぀-ヿㇰ-ㇿ㐀-䶿一-鿿豈-﫿가-힯ᄀ-ᇿｦ-ﾟ　-〿\U00020000-\U0003ffff]")
"""Kana, Han, Hangul and CJK punctuation; full-width Latin letters are words with spaces."""


def breaks_plugin(md: MarkdownIt, *, hard_wraps: bool, east_asian: bool) -> None:
    """Line ends of paragraphs as they are to be shown.

    Args:
        md: the parser.
        hard_wraps: each is a `<br>`.
        east_asian: there is none behind an East Asian character but before other text.
    """

    def line_ends(state: StateCore) -> None:
        state.env[LINE_ENDS] = True
        for block in state.tokens:
            if block.type == "inline" and block.children and "\n" in block.content:
                if hard_wraps:
                    _harden(block.children)
                else:
                    block.children = _joined(block.children)

    if hard_wraps or east_asian:
        md.core.ruler.after("inline", "line_ends", line_ends)


def _harden(children: Sequence[Token]) -> None:
    for token in children:
        if token.type == "softbreak":
            token.type = "hardbreak"


def _joined(children: Sequence[Token]) -> list[Token]:
    """The tokens without line ends between East Asian characters that stand right at them."""
    kept: list[Token] = []
    for index, token in enumerate(children):
        before = children[index - 1] if index else None
        after = children[index + 1] if index + 1 < len(children) else None
        if (
            token.type == "softbreak"
            and before is not None
            and after is not None
            and before.type == "text"
            and _is_east_asian(before.content[-1:])
            and (after.type != "text" or _is_east_asian(after.content[:1]))
        ):
            continue
        kept.append(token)
    return kept


def _is_east_asian(character: str) -> bool:
    return bool(character) and (
        _EAST_ASIAN.match(character) is not None or unicodedata.category(character) == "Lm"
    )
