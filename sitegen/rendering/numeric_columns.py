"""Columns of numbers in Markdown's tables stand at the right, where their author says nothing of how a column stands."""

from __future__ import annotations

import re
from html import unescape
from itertools import count
from typing import Final

_ROW: Final = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_CELL: Final = re.compile(r"<t[hd][^<>]*>(.*?)</t[hd]>", re.DOTALL)
_HEAD: Final = re.compile(r"<th[^<>]*>")
_OPENED: Final = re.compile(r"<(t[hd])([^<>]*)>")
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
        table: as Markdown writes it. Each cell is looked at once at most.
    """
    head, *rows = _ROW.findall(table)
    free = [number for number, tag in enumerate(_HEAD.findall(head)) if tag == "<th>"]
    numbers: set[int] = set()
    for row in rows:
        cells = _CELL.findall(row)
        kinds = {number: _kind(cells[number]) for number in free if number < len(cells)}
        free = [number for number in free if kinds.get(number) is not False]
        if not free:  # of words alone, as most tables are: their first row shows it
            return table
        numbers.update(number for number in free if kinds.get(number))
    columns = numbers.intersection(free)
    return _ROW.sub(lambda row: _marked(row[0], columns), table) if columns else table


def _kind(cell: str) -> bool | None:
    """Whether a cell holds a number; None where it holds nothing."""
    text = unescape(_TAG.sub("", cell)).strip()
    if text in _NONE:
        return None
    return len(text) <= _LONGEST and _NUMBER.fullmatch(text) is not None


def _marked(row: str, columns: set[int]) -> str:
    numbers = count()
    return _OPENED.sub(
        lambda tag: f'<{tag[1]} class="numeric">' if next(numbers) in columns and not tag[2] else tag[0], row
    )
