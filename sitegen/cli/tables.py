"""Rows as a person or a pipe reads them: a table on a terminal, aligned columns elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

_WHOLE: Final = frozenset(("record", "started"))
"""Columns that are copied from, or compared: never broken, however narrow the terminal."""


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print rows to stdout.

    Args:
        columns: names; a name that ends in `>` is of a column of numbers, set to the right.
        rows: as many texts each.
        title: a line above the table.
    """
    names = [column.rstrip(">") for column in columns]
    if sys.stdout.isatty():
        _print_rich(columns, rows, title)
        return
    widths = [max(len(row[place]) for row in (names, *rows)) for place in range(len(names))]
    if title:
        click.echo(title)
    for row in (names, *rows):
        cells = (
            text.rjust(width) if column.endswith(">") else text.ljust(width)
            for text, width, column in zip(row, widths, columns, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def print_json(value: Any) -> None:
    """Print a value as one JSON document to stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _print_rich(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, title=Text(title) if title else None, title_justify="left")
    for column in columns:
        table.add_column(
            Text(column.rstrip(">")),
            justify="right" if column.endswith(">") else "left",
            overflow="fold",
            no_wrap=column in _WHOLE,
        )
    for row in rows:
        table.add_row(*(Text(text) for text in row))
    Console().print(table)
