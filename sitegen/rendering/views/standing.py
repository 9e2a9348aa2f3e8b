"""Where a page stands: what is above, below and beside it, as templates see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.rendering.recorder import derived
from sitegen.rendering.recorder import recorded_of_page as recorded

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView
    from sitegen.rendering.views.site_view import SiteView


class Standing:
    """The part of a page's view that asks the index for other pages: a base of PageView alone."""

    __slots__ = ()

    _key: PageKey
    _place: IndexedPage
    _site: SiteView

    def _note(self, field: str) -> None:
        raise NotImplementedError  # PageView knows which of its fields are its own affair

    # --- above

    @recorded
    def parent(self) -> PageView | None:
        """The nearest section; None for home."""
        return self._site.view(self._place.parent)

    @derived
    def ancestors(self) -> tuple[PageView, ...]:
        """From home down to the parent."""
        found: list[PageView] = []
        parent = self.parent
        while parent is not None and parent not in found:
            found.append(parent)
            parent = parent.parent
        return tuple(reversed(found))

    @derived
    def current_section(self) -> PageView | None:
        """The list page that it is in; a list page is its own."""
        kind = self._site.kind_of(self._key)
        return self.parent if kind == "page" else self._site.view(self._key)

    @derived
    def first_section(self) -> PageView | None:
        """The top-level section, or the taxonomy, that it is in; home for what is in none."""
        above = [page for page in (*self.ancestors, self.current_section) if page is not None]
        return next((page for page in above if page.key != "/"), self._site.home)

    def is_ancestor(self, page: PageView) -> bool:
        """Whether `page` lies below it."""
        return any(above.key == self._key for above in page.ancestors)

    def is_descendant(self, page: PageView) -> bool:
        """Whether it lies below `page`."""
        return page in self.ancestors

    # --- below

    @recorded
    def pages(self) -> tuple[PageView, ...]:
        """Hugo's `.Pages`: what a list page lists."""
        return self._site.lists.children(self._key)

    @recorded
    def regular_pages(self) -> tuple[PageView, ...]:
        """Those of `pages` that are regular pages."""
        return self._site.lists.regular_children(self._key)

    @recorded
    def regular_pages_recursive(self) -> tuple[PageView, ...]:
        """Every regular page below it, in the site's order."""
        return self._site.lists.descendants(self._key)

    @recorded
    def sections(self) -> tuple[PageView, ...]:
        """Those of `pages` that are sections."""
        return self._site.lists.sections_of(self._key)

    @recorded
    def count(self) -> int:
        """How many `pages` it has: for a term, the posts that it is given to."""
        return len(self._site.index.children.get(self._key, ()))

    # --- beside

    @recorded
    def older(self) -> PageView | None:
        """The next older page of the section."""
        return self._site.lists.neighbour(self._key, 0)

    @recorded
    def newer(self) -> PageView | None:
        """The next newer page of the section."""
        return self._site.lists.neighbour(self._key, 1)

    @recorded
    def prev_in_section(self) -> PageView | None:
        """Hugo's name of `older`."""
        return self._site.lists.neighbour(self._key, 0)

    @recorded
    def next_in_section(self) -> PageView | None:
        """Hugo's name of `newer`."""
        return self._site.lists.neighbour(self._key, 1)

    @recorded
    def prev(self) -> PageView | None:
        """The page after it in the site's order, which is the older one."""
        return self._site.lists.beside(self._key, 1)

    @recorded
    def next(self) -> PageView | None:
        """The page before it in the site's order, which is the newer one."""
        return self._site.lists.beside(self._key, -1)

    def related(self, count: int | None = None) -> tuple[PageView, ...]:
        """The pages that share most with it, by the configuration's `related`; at most `count`."""
        return self._site.views(self._site.related.of(self._key, count))

    @recorded
    def terms(self) -> Mapping[str, tuple[PageView, ...]]:
        """Taxonomy plural to the page's term pages."""
        return self._site.lists.terms_of(self._key)

    @recorded
    def taxonomy(self) -> str:
        """The plural, for taxonomy and term pages."""
        return self._place.taxonomy

    @recorded
    def term(self) -> str:
        """The term's path below its taxonomy, for term pages."""
        return self._place.term
