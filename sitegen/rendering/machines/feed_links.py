"""In which formats a page is published: as HTML, and which feeds stand beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.rendering.views.parts import FeedLink
from sitegen.values import dataclass

LIST_KINDS: Final = ("home", "section", "taxonomy", "term")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFormat:
    """A kind of feed."""

    output: str
    """As `outputs` names it."""
    name: str
    media_type: str
    file: str


FEED_FORMATS: Final = (
    FeedFormat(output="rss", name="RSS", media_type="application/rss+xml", file="index.xml"),
    FeedFormat(output="atom", name="Atom", media_type="application/atom+xml", file="feed.xml"),
    FeedFormat(output="jsonfeed", name="JSON Feed", media_type="application/feed+json", file="feed.json"),
)
_KNOWN: Final = frozenset({"html", *(feed.output for feed in FEED_FORMATS)})


def feed_links(place: IndexedPage, config: Config, *, title: str, url: str) -> tuple[FeedLink, ...]:
    """The feeds of a list page; none where it has none.

    Args:
        place: the page.
        config: the site's.
        title: of the page.
        url: of the page, with the base path.
    """
    folder = url if url.endswith("/") else url.removesuffix(".html") + "/"
    return tuple(
        FeedLink(title=f"{title} ({feed.name})", type=feed.media_type, url=folder + feed.file)
        for feed in feed_formats(place, config)
    )


def feed_formats(place: IndexedPage, config: Config) -> tuple[FeedFormat, ...]:
    """The feeds of a page: those that its `outputs` names, else the site's for its kind, else all for a list page.

    `disableKinds = ["RSS"]`, as once in Hugo, leaves only the others that are named.
    """
    if place.kind not in LIST_KINDS or not place.url:
        return ()
    named = _named(place, config)
    is_off = "rss" in config.disable_kinds
    if named is None:
        return () if is_off else _formats(config)
    return tuple(
        feed for feed in _formats(config) if feed.output in named and not (is_off and feed.output == "rss")
    )


def _formats(config: Config) -> tuple[FeedFormat, ...]:
    """Every feed with its file; of two that a site gives one file, the first."""
    if not config.feed_names:
        return FEED_FORMATS
    formats: dict[str, FeedFormat] = {}
    for feed in FEED_FORMATS:
        name = config.feed_names.get(feed.output, feed.file.rpartition(".")[0])
        file = f"{name}.{feed.file.rpartition('.')[2]}"
        formats.setdefault(file, replace(feed, file=file))
    return tuple(formats.values())


def is_html(place: IndexedPage, config: Config) -> bool:
    """Whether a page is published as HTML: unless its formats are named, and only feeds are among them."""
    named = _named(place, config)
    return named is None or "html" in named or not _KNOWN.intersection(named)


def _named(place: IndexedPage, config: Config) -> tuple[str, ...] | None:
    """The formats that the page, else the site for its kind, names; None where nobody does."""
    return place.meta.outputs or config.outputs.get(place.kind)
