"""How a page lists others: its pagers and its feeds, as templates see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.rendering.lists.pagination import PagerRun, Paginator, pager_size, paginate
from sitegen.rendering.machines.feed_links import feed_links
from sitegen.rendering.recorder import recorded_of_page as recorded
from sitegen.rendering.views.parts import FeedLink

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView
    from sitegen.rendering.views.site_view import SiteView

T = TypeVar("T")


class Listing:
    """The part of a page's view that cuts lists into pagers: a base of PageView alone."""

    __slots__ = ()

    _key: PageKey
    _place: IndexedPage
    _pager: PagerRun[PageView] | None
    _site: SiteView

    def _address(self) -> str:
        raise NotImplementedError  # PageView keeps it

    def _title(self) -> str:
        raise NotImplementedError  # PageView knows what composing has made of it

    @property
    def pager_number(self) -> int:
        """Of the pager being rendered, from 1."""
        return self._pager.number if self._pager is not None else 1

    @recorded
    def feeds(self) -> tuple[FeedLink, ...]:
        """The feeds of a list page."""
        return feed_links(self._place, self._site.settings, title=self._title(), url=self._address())

    def paginator(
        self, pages: Iterable[PageView] | None = None, size: int | None = None
    ) -> Paginator[PageView]:
        """Cuts a list into pagers; the first call in a template decides for the page.

        Args:
            pages: what to list; else the regular pages (home: the site's; a taxonomy: its terms).
            size: items a pager; else the page's own `pagerSize`, else the configured one.
        """
        run: PagerRun[PageView] = self._pager or PagerRun()
        if pages is None:
            self._site.recorder.read("pager", self._key, f"{run.number},{size or 0}")
        if run.chosen is None:
            run.chosen = self.pager(run.number, size or 0) if pages is None else self._cut(pages, run, size)
        return run.chosen

    def pager(self, number: int, size: int) -> Paginator[PageView]:
        """One pager of what Hugo's `.Paginator` cuts, by its number; for `paginator` and the facts of it.

        The site's regular pages on home, a taxonomy's or a term's pages. Pages that another pager lists are not asked for.

        Args:
            number: from 1.
            size: items a pager; 0: as the page or the configuration says.
        """
        site = self._site
        kind = site.kind_of(self._key)
        if kind == "home":
            keys: Sequence[PageKey] = site.index.regular
        elif kind in ("taxonomy", "term"):
            keys = site.index.children.get(self._key, ())
        else:
            keys = site.lists.regular_keys(self._key)
        found = self._paginate(keys, number, size)
        return replace(found, pages=site.views(found.pages))  # type: ignore[arg-type, return-value]

    def _cut(
        self, pages: Iterable[PageView], run: PagerRun[PageView], size: int | None
    ) -> Paginator[PageView]:
        return self._paginate(tuple(pages), run.number, size or 0)

    def _paginate(self, items: Sequence[T], number: int, size: int) -> Paginator[T]:
        settings = self._site.settings.pagination
        return paginate(
            items,
            number=number,
            size=size or pager_size(self._place.meta.params) or settings.pager_size,
            url=self._address(),
            path=settings.path,
        )
