"""Lists of pages in groups and in other orders than the site's: filters of templates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sitegen.content.order import collated
from sitegen.rendering.dates import DateText
from sitegen.rendering.templating.filters import date as date_text
from sitegen.rendering.views.page_view import PageView
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGroup:
    """Pages of one year, or of one month."""

    key: str
    """The date as the pattern writes it; empty for pages without one."""
    date: datetime | None
    """Of the group's first page."""
    pages: tuple[PageView, ...]


def by_date(
    pages: Iterable[PageView], pattern: str = "%Y", *, write: DateText = date_text
) -> tuple[PageGroup, ...]:
    """Pages by what `pattern` makes of their date, groups in the order in which they first come.

    Args:
        pages: in the order that they keep within their group.
        pattern: as of `strftime`: `%Y`, `%B %Y`.
        write: the filter `date` of the site's language.
    """
    groups: dict[str, list[PageView]] = {}
    for page in pages:
        groups.setdefault(write(page.date, pattern), []).append(page)
    return tuple(
        PageGroup(key=key, date=members[0].date, pages=tuple(members)) for key, members in groups.items()
    )


def by_count(terms: Iterable[PageView]) -> tuple[PageView, ...]:
    """List pages by how many pages they have, the most first; equals by their title."""
    return tuple(sorted(terms, key=lambda term: (-term.count, *collated(term.link_title))))


def alphabetical(pages: Iterable[PageView]) -> tuple[PageView, ...]:
    """Pages by their title; case and accents count only between what is equal without them."""
    return tuple(sorted(pages, key=lambda page: collated(page.link_title)))
