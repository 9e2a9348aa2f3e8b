"""Columns of numbers in Markdown's tables stand at the right, where their author says nothing of how a column stands."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_ROW: Final = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_CELL: Final = re.compile(r"<t[hd][^<>]*>(.*?)</t[hd]>", re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]*>")
_NONE: Final = frozenset({"", "-", "–", "—", "n/a", "N/A"})
"""What stands in a column of numbers where there is none."""
_DIGITS: Final = r"[+\-−]?\.?\d[\d.,'’\u00a0\u202f]*(?:[eE][+\-−]?\d+|\s?[×·]\s?10[^\s()]*)?"
_NUMBER: Final = re.compile(
    rf"[≈~<>≤≥±$€£]?\s?{_DIGITS}(?:\s?(?:±|\+/-|–|/)\s?{_DIGITS})?(?:\s?[^\s\d()!?.,:;]{{1,12}})?(?:\s?\([^()]{{1,24}}\))?"
)
"""A number with what may go with it: a sign before it, its spread or another number, a unit, an aside such as `(n=3)`."""

_LONGEST: Final = 80
"""Characters: what is longer is read, not compared."""


def with_numeric_columns(table: str) -> str:
    """The table with `class="numeric"` on the cells of each column that has numbers and nothing else.

    Args:
        table: as Markdown writes it. Each cell of it is looked at once.
    """
    head, *rows = _ROW.findall(table)
    cells = [_CELL.findall(row) for row in rows]
    columns = {
        number
        for number, tag in enumerate(re.findall(r"<th[^<>]*>", head))
        if tag == "<th>" and _are_numbers([row[number] for row in cells if number < len(row)])
    }
    return _ROW.sub(lambda row: _marked(row[0], columns), table) if columns else table


def _are_numbers(column: list[str]) -> bool:
    texts = [unescape(_TAG.sub("", cell)).strip() for cell in column]
    said = [text for text in texts if text not in _NONE]
    return bool(said) and all(len(text) <= _LONGEST and _NUMBER.fullmatch(text) for text in said)


def _marked(row: str, columns: set[int]) -> str:
    numbers = iter(range(row.count("<th") + row.count("<td")))
    return re.sub(
        r"<(t[hd])([^<>]*)>",
        lambda tag: f'<{tag[1]} class="numeric">' if next(numbers) in columns and not tag[2] else tag[0],
        row,
    )
