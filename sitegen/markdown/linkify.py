"""Bare addresses as links, where goldmark's linkify makes them: after white space, `(`, `*`, `_`, `~` or other markup."""

from __future__ import annotations

import re
from bisect import bisect_right
from string import ascii_letters, digits
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_TAIL: Final = r"[-A-Za-z0-9@:%_+.~#!?&/=();,'\">^{}\[\]`"
"""What may follow a host, as a character class that is still open."""
_URL: Final = re.compile(
    rf"(?:https?|ftp)://[-A-Za-z0-9@:%._+~#=]{{1,256}}\.[a-z]+(?::[0-9]+)?(?:[/#?]{_TAIL}$]*)?"
)
_WWW: Final = re.compile(rf"www\.[-A-Za-z0-9@:%._+~#=]{{1,256}}\.[a-z]+(?:[/#?]{_TAIL}]*)?")
_ENTITY_AT_END: Final = re.compile(r"&[A-Za-z0-9]+;\Z")
_LOCAL_CHARACTERS: Final = frozenset(f"{ascii_letters}{digits}.!#$%&'*+/=?^_`{{|}}~-")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_TRIGGERS: Final = frozenset(" \t\n(*_~`")
_SCHEMES: Final = ("http://", "https://", "ftp://")
_SENTENCE: Final = "?!.,:*_~"
_DEPTH: Final = -10
"""The key in a block's cache (whose own keys are places) of how many `[` are open."""

STOPS: Final = ("https?://", "ftp://", r"www\.")
"""Where text stops because a link may begin."""
BEGINS: Final = ascii_letters + digits
"""What a link begins with: a scheme, `www.` or a name before an `@`."""


def linkify_plugin(md: MarkdownIt, protocol: str) -> None:
    """Tokens of links for `https://`, `ftp://`, `www.` and mail addresses.

    Args:
        md: the parser; its text rule stops at `STOPS` and at `next_mail_address`.
        protocol: of `www.example.org`.
    """

    def address(state: StateInline, silent: bool) -> bool:
        if silent or state.linkLevel > 0 or not may_hold_addresses(state):  # silent: between brackets
            return False
        source, start = state.src, state.pos
        if state.cache.get(_DEPTH, 0) > 0 or not _may_begin(state):
            return False
        end, prefix = _end(state, protocol)
        if end <= start:
            return False
        _push_link(state, prefix, source[start:end])
        state.pos = end
        return True

    md.inline.ruler.before("text", "address", address)
    md.inline.ruler.push("open_bracket", _open_bracket)
    md.inline.ruler.push("closing_bracket", _closing_bracket)


def may_hold_addresses(state: StateInline) -> bool:
    """Whether a block's text has what an address cannot be without; found once."""
    known: bool | None = vars(state).get("may_hold_addresses")
    if known is None:
        known = "://" in state.src or "www." in state.src or "@" in state.src
        vars(state)["may_hold_addresses"] = known
    return known


def next_mail_address(state: StateInline) -> int:
    """Where the next word begins that an `@` ends, from here on; the end where there is none."""
    starts = _local_parts(state)[0]
    index = bisect_right(starts, state.pos)
    return starts[index] if index < len(starts) else state.posMax


def _local_parts(state: StateInline) -> tuple[list[int], list[int]]:
    """Where what may stand before an `@` begins, and where its `@` is; found once for a block's text."""
    known: tuple[list[int], list[int]] | None = vars(state).get("local_parts")
    if known is not None:
        return known
    starts: list[int] = []
    ends: list[int] = []
    behind = 0
    while (end := state.src.find("@", behind)) >= 0:
        start = end
        while start > behind and state.src[start - 1] in _LOCAL_CHARACTERS:
            start -= 1
        if start < end:
            starts.append(start)
            ends.append(end)
        behind = end + 1
    vars(state)["local_parts"] = starts, ends  # the state lives as long as the block is read
    return starts, ends


def _may_begin(state: StateInline) -> bool:
    """Whether a link may begin here: at a line's start, behind markup or behind certain signs."""
    position = state.pos
    if position == 0:
        return True
    before = state.src[position - 1]
    if not state.pending:
        last = state.tokens[-1] if state.tokens else None
        return last is None or last.type != "text_special" or before.isspace()
    return before in _TRIGGERS


def _end(state: StateInline, protocol: str) -> tuple[int, str]:
    """Where the address ends, and what its target begins with; an end at the start: there is none."""
    source, start, limit = state.src, state.pos, state.posMax
    if source.startswith(_SCHEMES, start):
        match, prefix = _URL.match(source, start, limit), ""
    elif source.startswith("www.", start):
        match, prefix = _WWW.match(source, start, limit), f"{protocol}://"
    else:
        match, prefix = None, ""
    if match is not None:
        return start + _without_surplus(match[0]), prefix
    if source[start] in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~":
        return start, ""
    return _mail_end(state), "mailto:"


def _without_surplus(url: str) -> int:
    """The length of a URL without what the sentence has put at its end."""
    kept = url.rstrip(_SENTENCE)
    if kept.endswith(")"):
        return len(kept) - max(0, kept.count(")") - kept.count("("))
    if (entity := _ENTITY_AT_END.search(kept)) is not None:
        return entity.start()
    return len(kept)


def _mail_end(state: StateInline) -> int:
    source, start = state.src, state.pos
    starts, ends = _local_parts(state)
    index = bisect_right(starts, start) - 1
    if index < 0 or start >= ends[index]:
        return start
    domain = _DOMAIN.match(source, ends[index] + 1, state.posMax)
    if domain is None or "." not in domain[0][:-1] or source[domain.end() : domain.end() + 1] in ("-", "_"):
        return start
    return domain.end()


def _push_link(state: StateInline, prefix: str, text: str) -> None:
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": state.md.normalizeLink(prefix + text)}
    opening.info = "auto"
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1).info = "auto"


def _open_bracket(state: StateInline, silent: bool) -> bool:
    """A `[` that is no link's: what follows may be a link's text, and has no links."""
    if silent or state.src[state.pos] != "[":
        return False
    state.cache[_DEPTH] = state.cache.get(_DEPTH, 0) + 1
    state.append_pending("[")
    state.pos += 1
    return True


def _closing_bracket(state: StateInline, silent: bool) -> bool:
    if silent or state.src[state.pos] != "]":
        return False
    state.cache[_DEPTH] = max(0, state.cache.get(_DEPTH, 0) - 1)
    state.append_pending("]")
    state.pos += 1
    return True
