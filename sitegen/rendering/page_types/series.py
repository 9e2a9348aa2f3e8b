"""The parts of a series, in their order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView


def in_series(pages: Iterable[PageView]) -> tuple[PageView, ...]:
    """The parts by their front matter's `series_part`, a number; those without one by their date, the oldest first.

    Parts with a number come before those without; equals keep the order given, the last one first, as lists have the
    newest page first.
    """
    oldest_first = tuple(pages)[::-1]
    return tuple(sorted(oldest_first, key=_place))


def _place(page: PageView) -> tuple[bool, float, bool, float]:
    part = page.params.get("series_part")
    is_numbered = isinstance(part, (int, float)) and not isinstance(part, bool)
    date = page.date
    return (
        not is_numbered,
        float(part) if isinstance(part, (int, float)) and is_numbered else 0.0,
        date is None,
        date.timestamp() if date is not None else 0.0,
    )
