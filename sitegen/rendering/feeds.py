"""The feeds of a list page: RSS and Atom from templates, JSON Feed 1.1, all with absolute URLs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from sitegen.config import Config
from sitegen.content.permalinks import leaves_site
from sitegen.rendering.feed_text import feed_html, without_controls
from sitegen.rendering.site_view import SiteView
from sitegen.rendering.urls import absolute
from sitegen.rendering.views import PageView

FULL_TEXT_ITEMS = 50
"""Items that carry their whole text; older ones carry their summary: a reader that comes back
within fifty posts misses nothing, and a feed of a thousand posts stays readable."""

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Atom wants a date of every entry (RFC 4287, 4.1.2); the clock would change the file with every build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """An entry of a feed, as the feed templates read it. All URLs are absolute where the site's is."""

    page: PageView
    id: str
    """Stable: the permalink; a URN where the base URL has no host."""
    title: str
    url: str
    date: datetime | None
    """When it was published."""
    updated: datetime
    summary: str
    """HTML."""
    content: str
    """HTML without scripts; the summary where the whole text is not to be given."""
    is_full: bool
    tags: tuple[str, ...]


def feed_files(
    page: PageView,
    site: SiteView,
    config: Config,
    render_template: Callable[[str, Mapping[str, object]], str],
) -> tuple[tuple[str, str], ...]:
    """File name and text of each feed of a list page.

    Args:
        render_template: renders a template by name with variables.

    Raises:
        TemplateError: a feed's template failed.
    """
    items = _items(page, config)
    urls = {feed.type: absolute(config, feed.url) for feed in page.feeds}
    title = config.title if page.is_home or not config.title else f"{page.title} on {config.title}"
    updated = max((item.updated for item in items), default=page.lastmod or page.date or UNDATED)

    def variables(media_type: str) -> dict[str, object]:
        return {
            "page": page,
            "items": items,
            "feed_title": title,
            "feed_url": urls[media_type],
            "feed_id": stable_id(page.permalink),
            "updated": updated,
        }

    return (
        (
            "index.xml",
            without_controls(render_template("feeds/rss.xml", variables("application/rss+xml"))),
        ),
        (
            "feed.xml",
            without_controls(render_template("feeds/atom.xml", variables("application/atom+xml"))),
        ),
        ("feed.json", _json_feed(page, items, title, urls["application/feed+json"], site, config)),
    )


def stable_id(permalink: str) -> str:
    """A feed or entry id (RFC 4287, 4.2.6: an absolute IRI): the permalink, else a URN made from it."""
    return permalink if leaves_site(permalink) else uuid.uuid5(uuid.NAMESPACE_URL, permalink).urn


def _items(page: PageView, config: Config) -> tuple[FeedItem, ...]:
    listed = page.regular_pages if page.is_home or page.is_section else page.pages
    shown = tuple(item for item in listed if item.url)
    if config.rss_limit >= 0:
        shown = shown[: config.rss_limit]
    return tuple(_item(item, number, config) for number, item in enumerate(shown))


def _item(page: PageView, number: int, config: Config) -> FeedItem:
    is_full = config.feed_full_text and number < FULL_TEXT_ITEMS
    summary = feed_html(page.summary, config, page.url) or Markup.escape(page.description)
    return FeedItem(
        page=page,
        id=stable_id(page.permalink),
        title=page.title,
        url=page.permalink,
        date=page.publish_date or page.date,
        updated=page.lastmod or page.date or UNDATED,
        summary=summary,
        content=feed_html(page.content, config, page.url) if is_full else summary,
        is_full=is_full,
        tags=tuple(term.title for terms in page.terms.values() for term in terms),
    )


def _json_feed(
    page: PageView, items: Sequence[FeedItem], title: str, feed_url: str, site: SiteView, config: Config
) -> str:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1): empty members are left out."""
    author = {"name": config.author.name, "url": config.author.url}
    authors = [{name: value for name, value in author.items() if value}] if config.author.name else []
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title or page.permalink,
        "home_page_url": page.permalink,
        "feed_url": feed_url,
        "description": page.description or site.description,
        "authors": authors,
        "language": config.language,
        "items": [_json_item(item) for item in items],
    }
    kept = {name: value for name, value in feed.items() if value or name == "items"}
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def _json_item(item: FeedItem) -> dict[str, object]:
    members: dict[str, object] = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.content or str(Markup.escape(item.title)),
        "summary": item.page.description,
        "date_published": item.date.isoformat() if item.date else "",
        "date_modified": item.updated.isoformat() if item.date else "",
        "tags": list(item.tags),
    }
    return {name: value for name, value in members.items() if value}
