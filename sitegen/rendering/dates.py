"""Dates with the names that months and days have in the site's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date as date_type
from typing import Final

from sitegen.config.words import Words
from sitegen.rendering.templating.filters import date as english_date

DateText = Callable[..., str]
"""Takes a date, or none, and a pattern of `strftime`."""
_NAMES: Final = re.compile(r"%(OB|[BbhAa]|%)")
_TABLES: Final = {
    "B": "month.in_date",
    "OB": "month.alone",
    "b": "month.short",
    "h": "month.short",
    "A": "day.names",
    "a": "day.short",
}
_ENGLISH_NAMES: Final = frozenset(_TABLES.values())


def date_in(words: Words) -> DateText:
    """The filter `date` of a language: as `filters.date`, which it is for English."""
    if words.base == "en" and _ENGLISH_NAMES.isdisjoint(words.own):
        return english_date

    def date(value: date_type | None, pattern: str | None = None) -> str:
        if not value:
            return ""
        written = words("date.long") if pattern is None else pattern

        def name(match: re.Match[str]) -> str:
            table = _TABLES.get(match[1])
            if table is None:
                return "%%"
            number = value.month - 1 if table.startswith("month") else value.weekday()
            return words(table).split()[number].replace("%", "%%")

        return english_date(value, _NAMES.sub(name, written))

    return date
