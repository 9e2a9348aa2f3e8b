"""The order in which what is wrong with a site is told."""

from __future__ import annotations

from collections.abc import Iterable

from sitegen.errors import Diagnostic


def in_order_of_lines(groups: Iterable[tuple[Diagnostic, ...]]) -> tuple[Diagnostic, ...]:
    """All diagnostics once each, by file and line."""

    def place(diagnostic: Diagnostic) -> tuple[str, int, int, int]:
        where = diagnostic.location
        if where is None:
            return ("", 0, 0, 0)
        return (str(where.path), where.cell or 0, where.line or 0, where.column or 0)

    return tuple(sorted(dict.fromkeys(diagnostic for group in groups for diagnostic in group), key=place))
