"""What `sitemap.xml` and `robots.txt` list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sitegen.rendering.site_view import SiteView
from sitegen.rendering.urls import absolute, with_base


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """A page in the sitemap; empty strings and None are left out."""

    url: str
    """Absolute where the site's is."""
    lastmod: datetime | None
    changefreq: str
    priority: str


def sitemap_variables(site: SiteView) -> dict[str, object]:
    """`entries`: every page that has a URL and does not ask to be left out (`[sitemap] disable`)."""
    entries: list[SitemapEntry] = []
    for view in site.pages:
        settings = site.index.pages[view.key].meta.sitemap
        if not view.url or settings.get("disable") is True:
            continue
        priority = settings.get("priority")
        has_priority = isinstance(priority, (int, float)) and priority >= 0
        entries.append(
            SitemapEntry(
                url=view.permalink,
                lastmod=view.lastmod or view.date,
                changefreq=str(settings.get("changefreq", "")),
                priority=str(priority) if has_priority else "",
            )
        )
    return {"entries": entries}


def robots_variables(site: SiteView) -> dict[str, object]:
    """`sitemap_url`: empty where there is no sitemap, or no host that it could be named with."""
    has_sitemap = any(page.kind == "sitemap" and page.output_path for page in site.index.pages.values())
    return {
        "sitemap_url": absolute(site.settings, with_base(site.settings, "/sitemap.xml"))
        if has_sitemap
        else ""
    }
