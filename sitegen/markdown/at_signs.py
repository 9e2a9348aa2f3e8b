"""Where an `@` in prose may begin a citation or a cross-reference: how the rules of both begin."""

from __future__ import annotations

import re
from typing import Final

from markdown_it.rules_inline import StateInline

_NOT_BEFORE: Final = frozenset("_@./+\\")
"""Beside letters and digits: what stands before the `@` of an address or a path."""


def match_at(state: StateInline, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """What `pattern` finds at the parser's place, if that is an `@` in no link and no address."""
    source, start = state.src, state.pos
    if source[start] != "@" or state.linkLevel > 0:
        return None
    before = source[start - 1 : start]
    if before and (before.isalnum() or before in _NOT_BEFORE):
        return None
    return pattern.match(source, start, state.posMax)
