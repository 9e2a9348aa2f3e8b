"""Titles that no author wrote: of sections, taxonomies and terms, as Hugo makes them."""

from __future__ import annotations

import re
from typing import Final

_SMALL_WORDS: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "en",
        "for",
        "if",
        "in",
        "nor",
        "of",
        "on",
        "or",
        "per",
        "the",
        "to",
        "v",
        "v.",
        "via",
        "vs",
        "vs.",
        "with",
    ]
)
"""Words that AP style leaves in lower case inside a title."""
_WORD: Final = re.compile(r"[^\W_](?:[^\s/\-]*)")
_IRREGULAR: Final = {
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "datum": "data",
    "index": "indices",
    "analysis": "analyses",
    "thesis": "theses",
    "quiz": "quizzes",
    "hero": "heroes",
}
_UNCOUNTABLE: Final = frozenset(
    [
        "about",
        "data",
        "equipment",
        "fish",
        "hardware",
        "information",
        "media",
        "metadata",
        "money",
        "music",
        "news",
        "people",
        "research",
        "rice",
        "series",
        "sheep",
        "software",
        "species",
        "work",
    ]
)


def title_case(text: str) -> str:
    """Each word with a capital but for small words inside: AP style, Hugo's default."""
    words = list(_WORD.finditer(text))
    parts: list[str] = []
    end = 0
    for place, word in enumerate(words):
        parts.append(text[end : word.start()])
        is_inside = 0 < place < len(words) - 1 and not text[: word.start()].rstrip().endswith(":")
        small = word[0].lower() in _SMALL_WORDS and is_inside
        parts.append(word[0].lower() if small else word[0][0].upper() + word[0][1:])
        end = word.end()
    return "".join([*parts, text[end:]])


def pluralize(name: str) -> str:
    """The plural of an English noun, by its ending; of `machine-learning`, that of its last word."""
    head, separator, word = name.rpartition("-")
    lower = word.lower()
    if lower in _IRREGULAR:
        plural = _IRREGULAR[lower]
        return f"{head}{separator}{word[:1]}{plural[1:]}"
    if not lower or lower in _UNCOUNTABLE or (lower.endswith("s") and not lower.endswith(("ss", "us", "is"))):
        return name
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    if lower.endswith("y") and lower[-2:-1] not in tuple("aeiou") and len(lower) > 1:
        return f"{name[:-1]}ies"
    if not lower[-1].isalpha():
        return name
    return f"{name}s"
