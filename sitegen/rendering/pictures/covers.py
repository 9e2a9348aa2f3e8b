"""The picture that stands for a page (`image`), in lists: with its size and its forms, as pictures of a body have them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from sitegen.rendering.views.page_view import PageView

if TYPE_CHECKING:
    from sitegen.rendering.views.site_view import SiteView


def cover(page: PageView, site: SiteView, alt: str, *, is_first: bool = False) -> Markup:
    """The picture as HTML; empty where the page has none.

    Args:
        page: whose it is.
        site: of the page being rendered.
        alt: what it shows, in words; where it is empty, the `alt` of a table `cover` in the front matter counts.
        is_first: it is the first of its page, and loaded at once.
    """
    url = page.image
    if not url:
        return Markup("")
    from sitegen.rendering.pictures.screen_pictures import with_pictures  # here: most lists have none

    table = page.params.get("cover")
    if not alt and isinstance(table, Mapping):
        alt = str(table.get("alt") or "")
    tag = f'<img class="column-card" src="{escape(url)}" alt="{escape(alt)}" data-zoom="false">'
    html = with_pictures(
        tag,
        site.index.pages[page.key],
        site.index,
        site.settings,
        pictures=site.pictures(),
        recorder=site.recorder,
        is_first=is_first,
    )
    return Markup(html.replace(' class="column-card"', "", 1))  # noqa: S704 -- made by us
