"""One error for a shortcode that is missing or a stub, however often it is called: a site of many pages stays readable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from sitegen.errors import Diagnostic

_OF_SHORTCODES: Final = frozenset({"SG202", "SG206"})
"""Unknown; not translated yet."""
_MOST_PLACES: Final = 10


def gather_missing(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with one for each shortcode without a template: its first places, and how many there are."""
    found = tuple(diagnostics)
    calls: dict[str, list[Diagnostic]] = {}
    for diagnostic in found:
        if diagnostic.code in _OF_SHORTCODES:
            calls.setdefault(diagnostic.message, []).append(diagnostic)
    return tuple(_one_of_each(found, calls))


def _one_of_each(found: Iterable[Diagnostic], calls: dict[str, list[Diagnostic]]) -> Iterator[Diagnostic]:
    for diagnostic in found:
        if diagnostic.code not in _OF_SHORTCODES:
            yield diagnostic
        elif (same := calls.pop(diagnostic.message, None)) is not None:
            yield _gathered(same)


def _gathered(calls: list[Diagnostic]) -> Diagnostic:
    first = calls[0]
    if len(calls) == 1:
        return first
    places = tuple(call.location for call in calls if call.location is not None)
    pages = len({place.path for place in places})
    where = "one file" if pages == 1 else f"{pages} files"
    return replace(
        first,
        message=f"{first.message}, called {len(calls)} times in {where}",
        related=places[1:_MOST_PLACES],
    )
