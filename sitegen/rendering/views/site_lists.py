"""The lists of a site's pages: each made once, when it is first asked for, since many pages ask. Nothing is noted here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sitegen.content.document import PageKey

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView
    from sitegen.rendering.views.site_view import SiteView


class SiteLists:
    """The lists of one site."""

    __slots__ = (
        "_archive",
        "_children",
        "_descendants",
        "_index",
        "_order",
        "_places",
        "_regular",
        "_regular_children",
        "_regular_keys",
        "_sections",
        "_site",
    )

    def __init__(self, site: SiteView) -> None:
        self._site = site
        self._index = site.index
        self._children: dict[PageKey, tuple[PageView, ...]] = {}
        self._regular_children: dict[PageKey, tuple[PageView, ...]] = {}
        self._regular_keys: dict[PageKey, tuple[PageKey, ...]] = {}
        self._sections: dict[PageKey, tuple[PageView, ...]] = {}
        self._descendants: dict[PageKey, tuple[PageView, ...]] = {}
        self._order: dict[PageKey, int] | None = None
        self._archive: tuple[PageView, ...] | None = None
        self._regular: tuple[PageView, ...] | None = None
        self._places: dict[PageKey, int] | None = None

    def children(self, key: PageKey) -> tuple[PageView, ...]:
        """What a list page lists."""
        if key not in self._children:
            self._children[key] = self._site.views(self._index.children.get(key, ()))
        return self._children[key]

    def regular_keys(self, key: PageKey) -> tuple[PageKey, ...]:
        """Those of them that are regular pages, by their keys."""
        if key not in self._regular_keys:
            below = self._index.children.get(key, ())
            self._regular_keys[key] = tuple(page for page in below if self._site.kind_of(page) == "page")
        return self._regular_keys[key]

    def regular_children(self, key: PageKey) -> tuple[PageView, ...]:
        """Those of them that are regular pages."""
        if key not in self._regular_children:
            self._regular_children[key] = self._site.views(self.regular_keys(key))
        return self._regular_children[key]

    def sections_of(self, key: PageKey) -> tuple[PageView, ...]:
        """Those of them that are sections."""
        if key not in self._sections:  # once: every page's header asks for those of home
            below = self._index.children.get(key, ())
            self._sections[key] = self._site.views(
                page for page in below if self._site.kind_of(page) == "section"
            )
        return self._sections[key]

    def terms_of(self, key: PageKey) -> Mapping[str, tuple[PageView, ...]]:
        """Taxonomy plural to a page's terms."""
        found: dict[str, tuple[PageView, ...]] = {}
        for term in self._site.views(self._index.page_terms.get(key, ())):
            plural = self._index.pages[term.key].taxonomy
            found[plural] = (*found.get(plural, ()), term)
        return found

    def neighbour(self, key: PageKey, side: int) -> PageView | None:
        """The next older (0) or newer (1) page of the section."""
        return self._site.view(self._index.neighbours.get(key, (None, None))[side])

    def descendants(self, key: PageKey) -> tuple[PageView, ...]:
        """The regular pages in a list page and the sections below it, in the site's order."""
        if key not in self._descendants:
            if self._site.kind_of(key) == "home":
                self._descendants[key] = self.regular()
            else:
                nested = [self.descendants(page.key) for page in self.sections_of(key)]
                own = self.regular_children(key)
                found = dict.fromkeys(page for pages in (own, *nested) for page in pages)
                order = self.order
                self._descendants[key] = (
                    tuple(sorted(found, key=lambda page: order[page.key])) if nested else own
                )
        return self._descendants[key]

    @property
    def order(self) -> Mapping[PageKey, int]:
        """Each page's number in the site's default order."""
        if self._order is None:
            self._order = {key: number for number, key in enumerate(self._index.pages)}
        return self._order

    def beside(self, key: PageKey, step: int) -> PageView | None:
        """The regular page that many places further in the site's order; None past its ends."""
        if self._places is None:
            self._places = {page: number for number, page in enumerate(self._index.regular)}
        place = self._places.get(key)
        if place is None or not 0 <= place + step < len(self._index.regular):
            return None
        return self._site.view(self._index.regular[place + step])

    def regular(self) -> tuple[PageView, ...]:
        """The site's regular pages."""
        if self._regular is None:  # once: every pager of home asks
            self._regular = self._site.views(self._index.regular)
        return self._regular

    def archive(self) -> tuple[PageView, ...]:
        """Those with a date, newest first; of `mainSections` alone, where these are configured."""
        if self._archive is None:
            main = frozenset(self._site.settings.main_sections)
            places = (self._index.pages[key] for key in self._index.regular)
            dated = [(page.date, page.key) for page in places if not main or page.section in main]
            newest_first = sorted(
                ((date, key) for date, key in dated if date is not None),
                key=lambda entry: entry[0],
                reverse=True,
            )
            self._archive = self._site.views(key for _, key in newest_first)
        return self._archive
