"""Quotes, dashes, ellipses and guillemets as goldmark's typographer sets them, as Unicode."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Container, Mapping
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from sitegen.markdown.linkify import may_hold_addresses

SIGNS: Final[Mapping[str, str]] = {
    "leftsinglequote": "‘",
    "rightsinglequote": "’",
    "leftdoublequote": "“",
    "rightdoublequote": "”",
    "endash": "–",
    "emdash": "—",
    "ellipsis": "…",
    "leftanglequote": "«",
    "rightanglequote": "»",
    "apostrophe": "’",
}
"""Hugo's names of the signs, lower-cased, and what stands for each by default."""
_RUNS: Final = (
    ("---", "emdash"),
    ("--", "endash"),
    ("...", "ellipsis"),
    ("<<", "leftanglequote"),
    (">>", "rightanglequote"),
)
_SINGLE: Final = "open single quotes"
_DOUBLE: Final = "open double quotes"
"""Keys in a text's `env`: goldmark counts through the whole text, so that a quotation may go over paragraphs."""
_RUN: Final = -13
"""The key in a block's cache (whose own keys are places) of where the last run of quotes ends."""

STOPS: Final = ("'", '"', "--", r"\.\.\.", ">>")
"""Where text stops because a sign may have to be set."""


def typography_plugin(md: MarkdownIt, signs: Mapping[str, str]) -> None:
    """The last rule for text: what no other rule takes is set.

    Args:
        md: the parser; its text rule stops at `STOPS`.
        signs: instead of `SIGNS`, HTML; an empty one takes the sign away, as Hugo does.
    """
    chosen = {name: html.unescape(signs.get(name, default)) for name, default in SIGNS.items()}
    plain = frozenset(text for text in chosen.values() if text.strip() == text != "" and "<" not in text)
    runs = {sign: tuple((run, chosen[name]) for run, name in _RUNS if run[0] == sign) for sign in "-.<>"}

    def sign(state: StateInline, silent: bool) -> bool:
        character = state.src[state.pos]
        if silent or character not in "'\"-.<>":
            return False
        if character in "'\"":
            name = _single_quote(state) if character == "'" else _double_quote(state)
            if name is None:
                return False
            _push(state, chosen[name], 1, plain)
            return True
        for run, text in runs[character]:
            if state.src.startswith(run, state.pos, state.posMax):
                _push(state, text, len(run), plain)
                return True
        return False

    md.inline.ruler.push("typography", sign)


def _push(state: StateInline, text: str, length: int, plain: Container[str]) -> None:
    """A sign as a token; as text like any other where it is no blank or HTML, and no address may begin behind it."""
    if text in plain and not may_hold_addresses(state):
        state.append_pending(text)
    else:
        token = state.push("html_inline" if "<" in text else "text", "", 0)
        token.content, token.info = text, "sign" if "<" in text else ""
    state.pos += length


def _single_quote(state: StateInline) -> str | None:
    """The name of the sign for a `'`; None where it stays."""
    source, position = state.src, state.pos
    if position and source[position - 1].isalnum() and source[position + 1 : position + 2].isalpha():
        return "apostrophe"  # as nearly all: it's
    before, after = _around(state)
    can_open, can_close = _flanking(before, _behind_run(state))
    if _is_apostrophe(before, after, opens=can_open and not can_close):
        return "apostrophe"
    if can_open and not can_close:
        if _is_contraction(after):
            return "rightsinglequote"
        state.env[_SINGLE] = state.env.get(_SINGLE, 0) + 1
        return "leftsinglequote"
    if (len(after) > 1 or not after.isascii()) and not after[0].isdigit():
        return "rightsinglequote"  # doin', the Smiths'; at a block's end it stays
    if _closes(state, _SINGLE, after, can_open=can_open, can_close=can_close):
        return "rightsinglequote"
    return None


def _is_apostrophe(before: str, after: str, *, opens: bool) -> bool:
    if opens and after[:2].isdigit() and after[2:3] == "s" and not _is_word(after[3:4]):
        return True  # '90s
    if (before.isspace() or _is_mark(before)) and after[:1] in ("t", "e", "n", "l"):
        return True  # 'twas, 'em, 'net
    return before.isalnum() and after[:1].isalpha()


def _is_contraction(after: str) -> bool:
    return (after[:1] in ("s", "m", "t", "d") and not _is_word(after[1:2])) or (
        after[:2] in ("ve", "ll", "re") and not _is_word(after[2:3])
    )


def _double_quote(state: StateInline) -> str | None:
    """The name of the sign for a `"`; None where it stays."""
    before, after = _around(state)
    can_open, can_close = _flanking(before, _behind_run(state))
    if can_open and not can_close:
        state.env[_DOUBLE] = state.env.get(_DOUBLE, 0) + 1
        return "leftdoublequote"
    if after[:1] == '"' and before.isdigit():
        return None  # inches, as in `Monitor 21""`
    if _closes(state, _DOUBLE, after, can_open=can_open, can_close=can_close):
        return "rightdoublequote"
    return None


def _closes(state: StateInline, key: str, after: str, *, can_open: bool, can_close: bool) -> bool:
    """Whether a quote closes one that is open; one that could also open does where punctuation and a break follow."""
    if not can_close or state.env.get(key, 0) <= 0:
        return False
    if can_open and not (_is_mark(after[:1]) and (len(after) < 2 or not _is_word(after[1]))):
        return False
    state.env[key] -= 1
    return True


def _around(state: StateInline) -> tuple[str, str]:
    """The character before a quote, and up to four of its line behind it, with the line's end."""
    position = state.pos
    before = state.src[position - 1] if position else "\n"
    after, line_end, _ = state.src[position + 1 : position + 5].partition("\n")
    return before, after + line_end


def _behind_run(state: StateInline) -> str:
    """The character behind the quote and all that are like it and stand next to it."""
    source, end = state.src, state.pos
    if state.cache.get(_RUN, 0) > end:  # inside a run that has been measured
        end = state.cache[_RUN]
    while end < len(source) and source[end] == source[state.pos]:
        end += 1
    state.cache[_RUN] = end
    return source[end] if end < len(source) else " "


def _flanking(before: str, after: str) -> tuple[bool, bool]:
    """Whether a quote may open and may close: CommonMark's left- and right-flanking."""
    space_before, space_after = before.isspace(), after.isspace()
    mark_before, mark_after = _is_punctuation(before), _is_punctuation(after)
    is_left = not space_after and (not mark_after or space_before or mark_before)
    is_right = not space_before and (not mark_before or space_after or mark_after)
    return is_left, is_right


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _is_mark(character: str) -> bool:
    """Punctuation without symbols."""
    return bool(character) and unicodedata.category(character)[0] == "P"


def _is_word(character: str) -> bool:
    """Neither white space nor punctuation of ASCII."""
    return (
        bool(character)
        and not character.isspace()
        and not (character.isascii() and _is_punctuation(character))
    )
