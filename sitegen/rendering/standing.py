"""Where a page stands: what is above, below and beside it, as templates see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sitegen.content.index import IndexedPage
from sitegen.rendering.recorder import recorded

if TYPE_CHECKING:
    from sitegen.rendering.site_view import SiteView
    from sitegen.rendering.views import PageView


class Standing:
    """The part of a page's view that asks the index for other pages: a base of PageView alone."""

    __slots__ = ()

    _place: IndexedPage
    _site: SiteView

    def _note(self, field: str) -> None:
        self._site.recorder.read("page", self._place.key, field)

    # --- above

    @recorded
    def parent(self) -> PageView | None:
        """The nearest section; None for home."""
        return self._site.view(self._place.parent)

    @recorded
    def ancestors(self) -> tuple[PageView, ...]:
        """From home down to the parent."""
        found: list[PageView] = []
        parent = self.parent
        while parent is not None and parent not in found:
            found.append(parent)
            parent = parent.parent
        return tuple(reversed(found))

    @recorded
    def current_section(self) -> PageView | None:
        """The list page that it is in; a list page is its own."""
        return self.parent if self._place.kind == "page" else self._site.view(self._place.key)

    @recorded
    def first_section(self) -> PageView | None:
        """The top-level section, or the taxonomy, that it is in; home for what is in none."""
        above = [page for page in (*self.ancestors, self.current_section) if page is not None]
        return next((page for page in above if not page.is_home), self._site.home)

    def is_ancestor(self, page: PageView) -> bool:
        """Whether `page` lies below it."""
        return any(above.key == self._place.key for above in page.ancestors)

    def is_descendant(self, page: PageView) -> bool:
        """Whether it lies below `page`."""
        return page in self.ancestors

    # --- below

    @recorded
    def pages(self) -> tuple[PageView, ...]:
        """Hugo's `.Pages`: what a list page lists."""
        return self._site.children(self._place.key)

    @recorded
    def regular_pages(self) -> tuple[PageView, ...]:
        """Those of `pages` that are regular pages."""
        return self._site.regular_children(self._place.key)

    @recorded
    def regular_pages_recursive(self) -> tuple[PageView, ...]:
        """Every regular page below it, in the site's order."""
        return self._site.descendants(self._place.key)

    @recorded
    def sections(self) -> tuple[PageView, ...]:
        """Those of `pages` that are sections."""
        return tuple(page for page in self.pages if page.is_section)

    @recorded
    def count(self) -> int:
        """How many `pages` it has: for a term, the posts that it is given to."""
        return len(self.pages)

    # --- beside

    @recorded
    def older(self) -> PageView | None:
        """The next older page of the section."""
        return self._site.view(self._site.index.neighbours.get(self._place.key, (None, None))[0])

    @recorded
    def newer(self) -> PageView | None:
        """The next newer page of the section."""
        return self._site.view(self._site.index.neighbours.get(self._place.key, (None, None))[1])

    @recorded
    def prev_in_section(self) -> PageView | None:
        """Hugo's name of `older`."""
        return self.older

    @recorded
    def next_in_section(self) -> PageView | None:
        """Hugo's name of `newer`."""
        return self.newer

    @recorded
    def prev(self) -> PageView | None:
        """The page after it in the site's order, which is the older one."""
        return self._site.beside(self._place.key, 1)

    @recorded
    def next(self) -> PageView | None:
        """The page before it in the site's order, which is the newer one."""
        return self._site.beside(self._place.key, -1)

    def related(self, count: int | None = None) -> tuple[PageView, ...]:
        """The pages that share most with it, by the configuration's `related`; at most `count`."""
        self._note("related")
        return self._site.views(self._site.related.of(self._place.key, count))

    @recorded
    def terms(self) -> Mapping[str, tuple[PageView, ...]]:
        """Taxonomy plural to the page's term pages."""
        found: dict[str, tuple[PageView, ...]] = {}
        for term in self._site.views(self._site.index.page_terms.get(self._place.key, ())):
            found[term.taxonomy] = (*found.get(term.taxonomy, ()), term)
        return found

    @recorded
    def taxonomy(self) -> str:
        """The plural, for taxonomy and term pages."""
        return self._place.taxonomy

    @recorded
    def term(self) -> str:
        """The term's path below its taxonomy, for term pages."""
        return self._place.term
