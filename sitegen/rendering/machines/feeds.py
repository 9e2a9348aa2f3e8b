"""The feeds of a list page: RSS and Atom from templates, JSON Feed 1.1, all with absolute URLs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from markupsafe import Markup

from sitegen.config import Config
from sitegen.config.words import ENGLISH, Words
from sitegen.content.permalinks import leaves_site
from sitegen.rendering.authors import authors_of
from sitegen.rendering.machines.enclosures import Enclosure
from sitegen.rendering.machines.feed_links import FeedFormat, feed_formats
from sitegen.rendering.machines.feed_text import without_controls
from sitegen.rendering.recorder import unrecorded
from sitegen.rendering.urls import absolute
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.parts import ConfigView
from sitegen.rendering.views.site_view import SiteView, config_view
from sitegen.values import dataclass

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
    """Never empty: the first words of a post without a title."""
    url: str
    """Where the title leads: the permalink; of a link post, what it is about."""
    permalink: str
    external_url: str
    """Empty but for link posts."""
    date: datetime | None
    """When it was published."""
    updated: datetime
    summary: str
    """HTML."""
    content: str
    """HTML without scripts; the summary where the whole text is not to be given."""
    is_full: bool
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    """Names that the post itself gives (`author`, `authors`); empty where it is the site's author."""
    enclosures: tuple[Enclosure, ...]
    """Audio, video and other files that go with it."""
    language: str
    """Its own; empty where it is the site's."""


def feed_files(
    page: PageView,
    site: SiteView,
    config: Config,
    render_template: Callable[[str, Mapping[str, object]], str],
) -> tuple[tuple[str, str], ...]:
    """File name and text of each feed of a list page.

    Args:
        page: the list page.
        site: whose texts of pages are shared by all feeds.
        config: the site's.
        render_template: renders a template by name with variables.

    Raises:
        TemplateError: a feed's template failed.
    """
    formats = feed_formats(site.index.pages[page.key], config)
    items = _items(page, site, config)
    settings = config_view(config, site.recorder)
    urls = {feed.type: absolute(config, feed.url) for feed in page.feeds}
    updated = max((item.updated for item in items), default=page.lastmod or page.date or UNDATED)

    def text(feed: FeedFormat) -> str:
        url = urls[feed.media_type]
        if feed.output == "jsonfeed":
            return _json_feed(page, items, url, site, settings)
        variables = {
            "page": page,
            "items": items,
            "feed_title": feed_title(page, settings, config.words),
            "feed_url": url,
            "feed_id": stable_id(page.permalink),
            "updated": updated,
            "full_text": config.rss_full_text if feed.output == "rss" else config.feed_full_text,
        }
        return without_controls(render_template(f"feeds/{feed.output}.xml", variables))

    return tuple((feed.file, text(feed)) for feed in formats)


def feed_title(page: PageView, config: ConfigView, words: Words = ENGLISH) -> str:
    """Hugo's: `Posts on My site`, also for a home page with a title of its own; else the site's title."""
    title = config.title
    if not title or page.title in ("", title):
        return title or page.title
    return words("feed.title_on", title=page.title, site=title)


def stable_id(permalink: str) -> str:
    """A feed or entry id (RFC 4287, 4.2.6: an absolute IRI): the permalink, else a URN made from it."""
    return permalink if leaves_site(permalink) else uuid.uuid5(uuid.NAMESPACE_URL, permalink).urn


def _items(page: PageView, site: SiteView, config: Config) -> tuple[FeedItem, ...]:
    """Hugo's: a section's own regular pages, the whole site's for home, a taxonomy's terms."""
    site.recorder.read("page", page.key, "feed_pages")
    with unrecorded(site):
        shown = feed_pages(page, site, config)
    return tuple(_item(item, number, site, config) for number, item in enumerate(shown))


def feed_pages(page: PageView, site: SiteView, config: Config) -> tuple[PageView, ...]:
    """The pages that the feeds of a list page have entries of."""
    listed = site.regular_pages if page.is_home else page.regular_pages if page.is_section else page.pages
    published = (item for item in listed if item.url)
    return tuple(islice(published, config.rss_limit if config.rss_limit >= 1 else None))


def _item(page: PageView, number: int, site: SiteView, config: Config) -> FeedItem:
    """The entry of a page: made once with its whole text and once without, for all the lists that it is in."""
    is_full = (config.feed_full_text or config.rss_full_text) and number < FULL_TEXT_ITEMS
    site.recorder.read("page", page.key, "feed_item(1)" if is_full else "feed_item(0)")
    for term in site.index.page_terms.get(page.key, ()):
        site.recorder.read("page", term, "title")
    found = site.feed_items.get((page.key, is_full))
    if found is None:
        with unrecorded(site):
            made = feed_item(page, site, is_full=is_full)
        length = len(made.summary) + (len(made.content) if is_full else 0)
        found = site.feed_items.keep((page.key, is_full), made, length)
    if page.enclosure_problems or found.enclosures:  # notes where they were looked for
        site.recorder.read("page", page.key, "enclosures")
    return found


def feed_item(page: PageView, site: SiteView, *, is_full: bool) -> FeedItem:
    """The entry of a page; `feed_files` takes each from `site.feed_items`, and notes it as one fact."""
    summary = site.feed_texts.summary(page)
    external = page.external_url
    return FeedItem(
        page=page,
        id=stable_id(page.permalink),
        title=page.label,
        url=external or page.permalink,
        permalink=page.permalink,
        external_url=external,
        date=page.publish_date or page.date,
        updated=page.lastmod or page.date or UNDATED,
        summary=summary,
        content=site.feed_texts.content(page) if is_full else summary,
        is_full=is_full,
        tags=tuple(term.title for terms in page.terms.values() for term in terms),
        authors=authors_of(page),
        enclosures=page.enclosures,
        language=lang if isinstance(lang := page.params.get("lang"), str) else "",
    )


def _json_feed(
    page: PageView, items: Sequence[FeedItem], feed_url: str, site: SiteView, config: ConfigView
) -> str:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1): empty members are left out."""
    author = {"name": config.author.name, "url": config.author.url}
    authors = [{name: value for name, value in author.items() if value}] if config.author.name else []
    with unrecorded(site):  # what an item is made of is noted where it is made
        entries = [_json_item(item, site.settings) for item in items]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed_title(page, config, site.settings.words) or page.permalink,
        "home_page_url": page.permalink,
        "feed_url": feed_url,
        "description": page.description or site.description,
        "authors": authors,
        "language": config.language,
        "items": entries,
    }
    kept = {name: value for name, value in feed.items() if value or name == "items"}
    return without_controls(json.dumps(kept, ensure_ascii=False, indent=1)) + "\n"


def _json_item(item: FeedItem, config: Config) -> dict[str, object]:
    content = item.content if config.feed_full_text else item.summary
    members: dict[str, object] = {
        "id": item.id,
        "url": item.permalink,
        "external_url": item.external_url,
        "title": item.page.title,
        "content_html": content or str(Markup.escape(item.title)),
        "summary": item.page.description,
        "date_published": item.date.isoformat() if item.date else "",
        "date_modified": item.updated.isoformat() if item.date else "",
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.tags),
        "language": item.language,
        "attachments": [_attachment(enclosure) for enclosure in item.enclosures],
    }
    return {name: value for name, value in members.items() if value}


def _attachment(enclosure: Enclosure) -> dict[str, object]:
    members: dict[str, object] = {
        "url": enclosure.permalink,
        "mime_type": enclosure.type,
        "title": enclosure.title,
        "size_in_bytes": enclosure.size_bytes,
        "duration_in_seconds": enclosure.duration_s,
    }
    return {name: value for name, value in members.items() if value}
