"""With which characters a match of a regular expression can begin: a superset, read from its parse tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, NamedTuple

ASCII: Final = 128
"""Characters below this one have a bit each; all above share one: they are rare in code."""
OTHER: Final = 1 << ASCII
"""The bit of every character that is not ASCII."""
END: Final = OTHER << 1
"""The bit of the end of the text."""
ANYTHING: Final = END - 1
"""Every character."""
ANYWHERE: Final = ANYTHING | END


class Starts(NamedTuple):
    """Where a match can begin: too much is allowed in both fields, too little never."""

    characters: int
    """What it can begin with. Bit c stands for `chr(c)`, bit 128 for every character from U+0080 on."""
    empty_before: int
    """Before which characters, or the end, it can be empty."""

    def include(self, bit: int) -> bool:
        """Whether a match can begin where the character of this bit comes, or the end."""
        return (self.characters | self.empty_before) & bit != 0


UNKNOWN: Final = Starts(ANYTHING, ANYWHERE)
_NEWLINE: Final = 1 << ord("\n")

# The parser is private: it has had these names since Python 3.11, and what is not as expected is `UNKNOWN`.
_PARSER: Final[Any] = import_module("re._parser")


@lru_cache(maxsize=8_192)
def starts_of(expression: str, flags: int) -> Starts:
    """What a match of an expression can begin with; anything, where its tree cannot be read."""
    try:
        tree = _PARSER.parse(expression, flags)
        return _of_sequence(tree, tree.state.flags)
    except (AttributeError, TypeError, ValueError, IndexError, re.error, RecursionError):
        return UNKNOWN


def _of_sequence(nodes: Any, flags: int) -> Starts:
    """Of one node after the other, as long as nothing has been taken."""
    characters, reached = 0, ANYWHERE
    for operator, argument in nodes:
        first = _of_node(str(operator), argument, flags)
        characters |= first.characters & reached
        reached &= first.empty_before
        if not reached:
            break
    return Starts(characters, reached)


def _of_node(operator: str, argument: Any, flags: int) -> Starts:
    match operator:
        case "LITERAL":
            return Starts(_literal(argument, flags), 0)
        case "NOT_LITERAL":
            is_simple = argument < ASCII and not flags & re.IGNORECASE
            return Starts(ANYTHING ^ 1 << argument if is_simple else ANYTHING, 0)
        case "ANY":
            return Starts(ANYTHING if flags & re.DOTALL else ANYTHING ^ _NEWLINE, 0)
        case "IN":
            return Starts(_of_set(argument, flags), 0)
        case "BRANCH":
            return _either([_of_sequence(branch, flags) for branch in argument[1]])
        case "SUBPATTERN":
            _, added, removed, inner = argument
            return _of_sequence(inner, (flags | added) & ~removed)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, inner = argument
            once = _of_sequence(inner, flags)
            return Starts(once.characters, once.empty_before if least else ANYWHERE)
        case "ATOMIC_GROUP":
            return _of_sequence(argument, flags)
        case "ASSERT" | "ASSERT_NOT" | "AT":
            return Starts(0, _allowed_by(operator, argument, flags))
        case _:
            return UNKNOWN  # references to groups, and what a later Python may add


def _allowed_by(operator: str, argument: Any, flags: int) -> int:
    """What may come where a condition holds that takes nothing."""
    if operator == "ASSERT":
        direction, inner = argument
        ahead = _of_sequence(inner, flags)
        return ahead.characters | ahead.empty_before if direction > 0 else ANYWHERE
    if operator == "AT" and str(argument) in ("AT_END", "AT_END_STRING"):
        return _NEWLINE | END
    return ANYWHERE


def _either(branches: Sequence[Starts]) -> Starts:
    characters = empty_before = 0
    for branch in branches:
        characters |= branch.characters
        empty_before |= branch.empty_before
    return Starts(characters, empty_before)


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
