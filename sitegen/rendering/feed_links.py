"""Which pages have feeds, and where these are."""

from __future__ import annotations

from typing import Final

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.rendering.parts import FeedLink

LIST_KINDS: Final = ("home", "section", "taxonomy", "term")
_FEEDS: Final = (
    ("RSS", "application/rss+xml", "index.xml"),
    ("Atom", "application/atom+xml", "feed.xml"),
    ("JSON Feed", "application/feed+json", "feed.json"),
)
"""Name, media type and file name of each list page's feeds."""


def feed_links(place: IndexedPage, config: Config, *, title: str, url: str) -> tuple[FeedLink, ...]:
    """The feeds of a list page; none where it has none.

    Args:
        place: the page.
        config: the site's.
        title: of the page.
        url: of the page, with the base path.
    """
    if not has_feeds(place, config):
        return ()
    folder = url if url.endswith("/") else url.removesuffix(".html") + "/"
    return tuple(
        FeedLink(title=f"{title} ({name})", type=media_type, url=folder + file)
        for name, media_type, file in _FEEDS
    )


def has_feeds(place: IndexedPage, config: Config) -> bool:
    """Whether a page has feeds: Hugo's list kinds, unless its `outputs` leaves them out."""
    if place.kind not in LIST_KINDS or not place.url:
        return False
    if any(kind.lower() == "rss" for kind in config.disable_kinds):
        return False
    outputs = tuple(output.lower() for output in place.meta.outputs)
    return not outputs or "rss" in outputs
