"""Titles and dates that pages have from the site: a list page without a date has the newest of the pages below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.locations import Entry
from sitegen.content.metadata import PageMeta
from sitegen.content.titles import pluralize, title_case
from sitegen.content.tree import HOME, Place
from sitegen.frozen import with_fields


def dated_entries(
    places: Mapping[PageKey, Place],
    metas: Mapping[PageKey, PageMeta],
    term_pages: Mapping[PageKey, tuple[tuple[int, PageKey], ...]],
    parents: Mapping[PageKey, PageKey | None],
    config: Config,
) -> dict[PageKey, Entry]:
    """The pages with final dates: a list page without one has the newest of the pages below it."""
    lists = [key for key, place in places.items() if place.kind != "page"]
    newest = {key: _Newest(metas[key].date, metas[key].lastmod, metas[key].publish_date) for key in lists}
    dateless = {key for key in lists if not _has_date(metas[key])}
    with_all_below = {key: _Newest() for key in lists}
    now = config.now
    # Deepest first, so that a section has its dates before they count for the one above it; terms
    # before taxonomies by the same rule.
    for key in sorted(places, key=lambda key: (key != HOME) * (1 + key.count("/")), reverse=True):
        if key in dateless:
            for _, page in term_pages.get(key, ()):
                if page in metas and page != HOME:
                    newest[key].take(newest.get(page) or metas[page], now)
        below: PageMeta | _Newest = metas[key]
        if key in newest:
            # a section with a date of its own keeps it, but hides nothing below it from the one above
            with_all_below[key].take(newest[key], now)
            below = with_all_below[key]
        parent = parents[key]
        if parent is not None and parent in with_all_below and not (parent == HOME and places[key].taxonomy):
            with_all_below[parent].take(below, now)
            if parent in dateless:
                newest[parent].take(below, now)
    return {key: _entry(place, metas[key], newest.get(key), config) for key, place in places.items()}


def entry_alone(place: Place, meta: PageMeta, config: Config) -> Entry:
    """A list page that is not built, below which nothing is looked for: without dates."""
    return _entry(place, meta, _Newest(), config)


def _entry(place: Place, meta: PageMeta, newest: _Newest | None, config: Config) -> Entry:
    """The page with its title and, of a list page, its dates; most pages have both already, and keep the one value."""
    title = _automatic_title(place, meta, config)
    if newest is not None:
        dates = {"date": newest.date, "lastmod": newest.lastmod, "publish_date": newest.publish_date}
        meta = with_fields(meta, link_title=meta.link_title or title, **dates)
    elif not meta.link_title and title:
        meta = with_fields(meta, link_title=title)
    return Entry(place=place, meta=meta, title=title, date=meta.date, lastmod=meta.lastmod)


def _automatic_title(place: Place, meta: PageMeta, config: Config) -> str:
    """The title of a list page without a file; a file without a title has none, as in Hugo."""
    if meta.title or place.source is not None:
        return meta.title
    if place.kind == "home":
        return config.title
    name = place.folder.name
    name = pluralize(name) if config.pluralize_list_titles else name
    return title_case(name, config.title_case_style) if config.capitalize_list_titles else name


@dataclass(slots=True)
class _Newest:
    """The newest dates of some pages, while they are gathered."""

    date: datetime | None = None
    lastmod: datetime | None = None
    publish_date: datetime | None = None

    def take(self, below: PageMeta | _Newest, now: datetime) -> None:
        """Those of a page below too; a day of publishing that is still to come says nothing of the list."""
        # of two that are one moment in two time zones the first stays
        if below.date is not None and (self.date is None or below.date > self.date):
            self.date = below.date
        if below.lastmod is not None and (self.lastmod is None or below.lastmod > self.lastmod):
            self.lastmod = below.lastmod
        published = below.publish_date
        if published is None or published >= now:
            return
        if self.publish_date is None or published > self.publish_date:
            self.publish_date = published


def _has_date(meta: PageMeta) -> bool:
    return any((meta.date, meta.lastmod, meta.publish_date, meta.expiry_date))
