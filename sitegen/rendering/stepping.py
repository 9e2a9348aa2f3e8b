"""Regular expressions that step over markup in which a pass over HTML has nothing to do.

A post with highlighted code has some 900 elements, nearly all `<span class="...">`. A pass that looks at every tag in
Python costs 1.5 ms for it, one that steps over plain tags 0.2 ms (measured in CPU on posts of 28 kB). What is stepped
over is only what such a pass would have left as it is: the tests hold both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

RAW_TEXT: Final = frozenset({"script", "style", "textarea", "title", "xmp"})
"""Elements whose content is no markup: never stepped over, since a pass skips them as a whole."""


@lru_cache(maxsize=32)
def stepper(
    *, values: str, stops: frozenset[str] = frozenset(), ends: frozenset[str] = frozenset()
) -> re.Pattern[str]:
    """Matches, at any place between two tags, everything up to the next `<` that a pass must look at; maybe nothing.

    Args:
        values: of an attribute that is stepped over, with its name: a regular expression without groups, such as
            `class="[^"]*+"`. It ends where the attribute does.
        stops: lower-case names of elements whose opening tags are looked at, whatever their attributes.
        ends: the same of closing tags.
    """
    looked_at = _names(stops | RAW_TEXT)
    closed = rf"(?!{_names(ends)}[\s>])" if ends else ""
    return re.compile(
        r"(?:[^<]++"
        rf"|</{closed}[a-zA-Z][^<>\"']*+>"
        rf"|<(?!{looked_at}[\s/>])[a-zA-Z][a-zA-Z0-9]*+(?: (?:{values}))*+ ?+/?+>"
        r")*+"
    )


def _names(names: Iterable[str]) -> str:
    return f"(?i:{'|'.join(sorted(names))})"
