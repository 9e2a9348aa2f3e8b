"""What the sitemap and `robots.txt` list; a site of more pages than one sitemap may hold has an index of several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from sitegen.content.document import PageKey
from sitegen.content.permalinks import leaves_site
from sitegen.rendering.languages import alternates_of
from sitegen.rendering.page_links import is_canonical_elsewhere
from sitegen.rendering.recorder import unrecorded
from sitegen.rendering.urls import absolute, url_of_output
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.site_view import SiteView
from sitegen.values import dataclass

MAX_URLS: Final = 50_000
MAX_BYTES: Final = 50 * 1024 * 1024
"""Of one sitemap, uncompressed (sitemaps.org/protocol.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """A page in the sitemap, or a sitemap in the index; empty strings and None are left out."""

    url: str
    """Absolute where the site's is."""
    lastmod: datetime | None
    changefreq: str = ""
    priority: str = ""
    alternates: tuple[tuple[str, str], ...] = ()
    """Languages of the page, itself among them, with absolute addresses."""


def sitemap_entries(site: SiteView) -> tuple[SitemapEntry, ...]:
    """Every page that has a URL, in the site's order, but for those that ask to be left out.

    These are pages with `sitemap.disable`, and those whose canonical address is on another site.
    """
    site.recorder.read("site", "", "sitemap")
    with unrecorded(site):
        return _entries(site)


def sitemap_entry(site: SiteView, key: PageKey) -> SitemapEntry | None:
    """A page's entry, unrecorded; None for one that is not listed, or that the site does not have."""
    view = site.view(key)
    if view is None or not (site.is_listed(key) or key in generated_pages(site)):
        return None
    with unrecorded(site):
        return _entry(view, site)


def _entries(site: SiteView) -> tuple[SitemapEntry, ...]:
    generated = generated_pages(site)
    views = (
        (*site.pages, *site.views(key for key in site.index.pages if key in generated))
        if generated
        else site.pages
    )
    found = (_entry(view, site) for view in views)
    return tuple(entry for entry in found if entry is not None)


def generated_pages(site: SiteView) -> frozenset[PageKey]:
    """Pages of papers and of parts of a list of papers, which stand in none of the site's lists."""
    known = site.index.publications
    return known.generated if known is not None else frozenset()


def _entry(view: PageView, site: SiteView) -> SitemapEntry | None:
    defaults = site.settings.sitemap
    place = site.index.pages[view.key]
    settings = place.meta.sitemap
    if not view.url or settings.get("disable", defaults.disable) is True:
        return None
    if is_canonical_elsewhere(place, site.settings):
        return None
    frequency = settings.get("changefreq")
    return SitemapEntry(
        url=view.permalink,
        lastmod=view.lastmod,
        changefreq=defaults.change_frequency if frequency is None else str(frequency),
        priority=_priority(settings.get("priority", defaults.priority)),
        alternates=alternates_of(place.meta.params, view.permalink, site.settings)
        if "translations" in place.meta.params
        else (),
    )


def sitemap_files(
    path: PurePosixPath,
    site: SiteView,
    render_template: Callable[[str, Mapping[str, object]], str],
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The sitemap; where one may not hold all pages, an index at its path and `sitemap-1.xml` and so on beside it.

    Args:
        path: of the sitemap.
        site: what is listed.
        render_template: renders a template by name with variables.

    Raises:
        TemplateError: a template failed.
    """
    parts = list(_parts(sitemap_entries(site), render_template))
    if len(parts) == 1:
        yield path, parts[0][1]
        return
    listed: list[SitemapEntry] = []
    for number, (entries, content) in enumerate(parts, start=1):
        part = path.with_name(f"{path.stem}-{number}{path.suffix}")
        yield part, content
        newest = max((entry.lastmod for entry in entries if entry.lastmod), default=None)
        listed.append(
            SitemapEntry(
                url=absolute(site.settings, url_of_output(site.settings, part)),
                lastmod=newest,
            )
        )
    yield path, render_template("sitemapindex.xml", {"entries": listed}).encode()


def _parts(
    entries: Sequence[SitemapEntry], render_template: Callable[[str, Mapping[str, object]], str]
) -> Iterator[tuple[Sequence[SitemapEntry], bytes]]:
    """The entries of each sitemap with its text; what is too long as a text is cut in two."""
    for start in range(0, max(len(entries), 1), MAX_URLS):
        part = entries[start : start + MAX_URLS]
        content = render_template("sitemap.xml", {"entries": part}).encode()
        if len(content) <= MAX_BYTES or len(part) < 2:
            yield part, content
        else:
            middle = len(part) // 2
            yield from _parts(part[:middle], render_template)
            yield from _parts(part[middle:], render_template)


def robots_variables(site: SiteView) -> dict[str, object]:
    """`sitemap_url`: empty where there is no sitemap, or no host that it could be named with."""
    site.recorder.read("site", "", "sitemap_path")
    path = sitemap_path(site)
    url = absolute(site.settings, url_of_output(site.settings, path)) if path else ""
    return {"sitemap_url": url if leaves_site(url) else ""}


def sitemap_path(site: SiteView) -> PurePosixPath | None:
    """Where the sitemap is published, below the output folder; None where there is none."""
    found = (site.index.pages[key].output_path for key in site.index.pages if site.kind_of(key) == "sitemap")
    return next((path for path in found if path is not None), None)


def _priority(value: object) -> str:
    """Hugo's: below 0 is none; other than a number is none, and so is NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return ""
    return f"{value:g}"
