"""With which characters a match of a regular expression can begin: a superset, read from its parse tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

ASCII: Final = 128
"""Characters below this one have a bit each; all above share one: they are rare in code."""
OTHER: Final = 1 << ASCII
"""The bit of every character that is not ASCII."""
ANYTHING: Final = (OTHER << 1) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """What a match can begin with; too much is allowed in both fields, too little never."""

    characters: int
    """Bit c stands for `chr(c)`, bit 128 for every character from U+0080 on."""
    is_optional: bool
    """A match may be empty, so it may stand before any character, and at the end of the text."""


UNKNOWN: Final = Starts(characters=ANYTHING, is_optional=True)
_ZERO_WIDTH: Final = Starts(characters=0, is_optional=True)
_NEVER: Final = Starts(characters=0, is_optional=False)
_NEWLINE: Final = 1 << ord("\n")

# The parser is private: it has had these names since Python 3.11, and what is not as expected is `UNKNOWN`.
_PARSER: Final[Any] = import_module("re._parser")


def starts_of(pattern: re.Pattern[str]) -> Starts:
    """What a match of `pattern` can begin with; anything, where its tree cannot be read."""
    try:
        return _of_sequence(_PARSER.parse(pattern.pattern, pattern.flags), pattern.flags)
    except (AttributeError, TypeError, ValueError, IndexError, re.error, RecursionError):
        return UNKNOWN


def _of_sequence(nodes: Any, flags: int) -> Starts:
    """Of one node after the other: the first that must take a character ends it."""
    characters = 0
    for operator, argument in nodes:
        first = _of_node(str(operator), argument, flags)
        characters |= first.characters
        if not first.is_optional:
            return Starts(characters=characters, is_optional=False)
    return Starts(characters=characters, is_optional=True)


def _of_node(operator: str, argument: Any, flags: int) -> Starts:
    match operator:
        case "LITERAL":
            return _one_of(_literal(argument, flags))
        case "NOT_LITERAL":
            return _one_of(
                ANYTHING if flags & re.IGNORECASE or argument >= ASCII else ANYTHING ^ 1 << argument
            )
        case "ANY":
            return _one_of(ANYTHING if flags & re.DOTALL else ANYTHING ^ _NEWLINE)
        case "IN":
            return _one_of(_of_set(argument, flags))
        case "BRANCH":
            return _either([_of_sequence(branch, flags) for branch in argument[1]])
        case "SUBPATTERN":
            _, added, removed, inner = argument
            return _of_sequence(inner, (flags | added) & ~removed)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, inner = argument
            once = _of_sequence(inner, flags)
            return Starts(characters=once.characters, is_optional=once.is_optional or least == 0)
        case "ATOMIC_GROUP":
            return _of_sequence(argument, flags)
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return _ZERO_WIDTH  # nothing is taken: what follows it decides
        case _:
            return UNKNOWN  # references to groups, and what a later Python may add


def _one_of(characters: int) -> Starts:
    return Starts(characters=characters, is_optional=False)


def _either(branches: Sequence[Starts]) -> Starts:
    characters = 0
    for branch in branches:
        characters |= branch.characters
    return Starts(characters=characters, is_optional=any(branch.is_optional for branch in branches))


def _literal(code: int, flags: int) -> int:
    if code >= ASCII:  # without case it may be an ASCII letter: U+212A is a `k`
        return ANYTHING if flags & re.IGNORECASE else OTHER
    if not flags & re.IGNORECASE:
        return 1 << code
    letter = chr(code)
    return 1 << code | 1 << ord(letter.lower()) | 1 << ord(letter.upper()) | OTHER


def _of_set(items: Any, flags: int) -> int:
    """The members of `[...]`."""
    is_negated = str(items[0][0]) == "NEGATE"
    if is_negated and flags & re.IGNORECASE:
        return ANYTHING
    characters = 0
    for operator, argument in items[1:] if is_negated else items:
        match str(operator):
            case "LITERAL":
                characters |= _literal(argument, flags)
            case "RANGE":
                low, high = argument
                characters |= _of_range(low, high, flags)
            case "CATEGORY":
                characters |= _of_category(str(argument), flags & re.ASCII)
            case _:
                return ANYTHING
    # a set that holds some characters above ASCII does not hold them all
    return (ANYTHING ^ characters) | OTHER if is_negated else characters


def _of_range(low: int, high: int, flags: int) -> int:
    characters = OTHER if high >= ASCII else 0
    for code in range(low, min(high, ASCII - 1) + 1):
        characters |= _literal(code, flags)
    if flags & re.IGNORECASE and high >= ASCII:
        return ANYTHING
    return characters


@lru_cache(maxsize=32)
def _of_category(name: str, ascii_only: int) -> int:
    """The members of the classes of digits, of letters and of space, and of their opposites: `re` itself is asked."""
    kind = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[name.rpartition("_")[2]]
    is_opposite = "_NOT_" in name
    pattern = re.compile(kind.upper() if is_opposite else kind, ascii_only)
    characters = 0 if ascii_only and not is_opposite else OTHER
    for code in range(ASCII):
        if pattern.match(chr(code)):
            characters |= 1 << code
    return characters
