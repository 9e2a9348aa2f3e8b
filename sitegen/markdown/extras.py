"""`~~deleted~~`, `++inserted++`, `==marked==`, `~sub~` and `^sup^`: pairs of signs that work like emphasis."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from sitegen.markdown.inline_parser import push_delimiters
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A sign that stands before and behind what it is about."""

    sign: str
    least: int
    """How many of the sign begin it."""
    tag: str


_STRIKETHROUGH: Final = Pair(sign="~", least=1, tag="del")
_EXTRAS: Final[Mapping[str, Pair]] = {
    "delete": Pair(sign="~", least=2, tag="del"),
    "insert": Pair(sign="+", least=2, tag="ins"),
    "mark": Pair(sign="=", least=2, tag="mark"),
    "superscript": Pair(sign="^", least=1, tag="sup"),
    "subscript": Pair(sign="~", least=1, tag="sub"),
}
"""By Hugo's names."""
_MOST: Final = 2
"""More signs in a row are text."""


def extras_plugin(md: MarkdownIt, extras: Collection[str], *, strikethrough: bool) -> list[str]:
    """Pairs of signs; where two begin with the same sign, the first that can begin is meant.

    Args:
        md: the parser.
        extras: names of `Markup.extras`.
        strikethrough: `~~x~~` and `~x~` are deleted.

    Returns:
        Patterns of the signs, at which the parser's text rule has to stop.
    """
    pairs = [pair for name, pair in _EXTRAS.items() if name in extras]
    if strikethrough:
        # Behind `delete`, before `subscript`: so a single tilde strikes through where both are on.
        pairs.insert(1 if "delete" in extras else 0, _STRIKETHROUGH)
    signs: dict[str, list[Pair]] = {}
    for pair in pairs:
        signs.setdefault(pair.sign, []).append(pair)

    def sign(state: StateInline, silent: bool) -> bool:
        candidates = signs.get(state.src[state.pos])
        return not silent and candidates is not None and _sign(state, candidates)

    def tags(state: StateInline) -> None:
        _tags(state, state.delimiters, signs)
        for meta in state.tokens_meta:
            if meta and "delimiters" in meta:
                _tags(state, meta["delimiters"], signs)

    if signs:
        md.inline.ruler.before("emphasis", "pairs", sign)
        md.inline.ruler2.before("emphasis", "pairs", tags)
    return [re.escape(name) for name in signs]


def _sign(state: StateInline, candidates: Sequence[Pair]) -> bool:
    position, sign = state.pos, state.src[state.pos]
    scanned = state.scanDelims(position, True)
    pair = next((pair for pair in candidates if scanned.length >= pair.least), None)
    follows_sign = state.src[position - 1 : position] == sign  # an escaped one
    if scanned.length > _MOST or pair is None or follows_sign:
        state.append_pending(sign * scanned.length)
        state.pos += scanned.length
        return True
    push_delimiters(state, sign, scanned, pair.tag)
    state.pos += scanned.length
    return True


def _tags(state: StateInline, delimiters: Sequence[Delimiter], signs: Mapping[str, object]) -> None:
    """Signs that found each other become tags; two beside each other are one."""
    index = len(delimiters) - 1
    while index >= 0:
        opener = delimiters[index]
        if opener.end < 0 or chr(opener.marker) not in signs:
            index -= 1
            continue
        closer = delimiters[opener.end]
        tag = state.tokens[opener.token].info
        is_double = (
            index > 0
            and delimiters[index - 1].end == opener.end + 1
            and delimiters[index - 1].marker == opener.marker
            and delimiters[index - 1].token == opener.token - 1
            and delimiters[opener.end + 1].token == closer.token + 1
        )
        first, last = state.tokens[opener.token], state.tokens[closer.token]
        first.type, first.nesting, last.type, last.nesting = f"{tag}_open", 1, f"{tag}_close", -1
        for token in (first, last):
            token.tag, token.content, token.info = tag, "", ""
        if is_double:
            state.tokens[delimiters[index - 1].token].content = ""
            state.tokens[delimiters[opener.end + 1].token].content = ""
            index -= 1
        index -= 1
