"""The site, as templates and shortcodes see it: read-only, every read recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import MenuEntry, SiteIndex
from sitegen.content.resolve import resolve_page
from sitegen.frozen import FrozenDict
from sitegen.rendering.benchmarks import BenchmarkDevice, benchmark_devices
from sitegen.rendering.feed_links import LIST_KINDS
from sitegen.rendering.feed_text import FeedTexts
from sitegen.rendering.parts import ConfigView, MenuEntryView, ParamsView
from sitegen.rendering.recorder import NoRecorder, Recorder, recorded
from sitegen.rendering.related import RelatedPages
from sitegen.rendering.urls import with_base
from sitegen.rendering.values import PageSummary
from sitegen.rendering.views import PageView
from sitegen.results.ledger import Ledger

if TYPE_CHECKING:
    from sitegen.rendering.feeds import FeedItem


class SiteView:
    """The site, as templates and shortcodes read it."""

    __slots__ = (
        "_archive",
        "_benchmarks_page",
        "_cache",
        "_children",
        "_contents",
        "_descendants",
        "_menus",
        "_order",
        "_places",
        "_regular_children",
        "_regular_pages",
        "_related",
        "_static_files",
        "feed_items",
        "feed_texts",
        "index",
        "ledger",
        "recorder",
        "settings",
        "summaries",
    )

    def __init__(
        self,
        index: SiteIndex,
        config: Config,
        *,
        recorder: Recorder | None = None,
        summaries: Mapping[PageKey, PageSummary] | None = None,
        ledger: Ledger | None = None,
        contents: Callable[[PageKey], str] | None = None,
    ) -> None:
        self.index = index
        self.settings = config
        self.recorder: Recorder = recorder or NoRecorder()
        self.summaries: Mapping[PageKey, PageSummary] = FrozenDict() if summaries is None else summaries
        self.ledger = ledger
        self._contents = contents
        self._cache: dict[PageKey, PageView] = {}
        # each made once, when it is first asked for: many pages ask
        self._children: dict[PageKey, tuple[PageView, ...]] = {}
        self._regular_children: dict[PageKey, tuple[PageView, ...]] = {}
        self._descendants: dict[PageKey, tuple[PageView, ...]] = {}
        self._order: dict[PageKey, int] | None = None
        self._archive: tuple[PageView, ...] | None = None
        self._regular_pages: tuple[PageView, ...] | None = None
        self._places: dict[PageKey, int] | None = None
        self._related: RelatedPages | None = None
        self._static_files: dict[str, Path] | None = None
        self.feed_texts = FeedTexts(config)
        self.feed_items: dict[tuple[PageKey, bool], FeedItem] = {}
        self._menus: _Menus | None = None
        self._benchmarks_page: tuple[PageKey | None] | None = None  # looked for once: every page asks

    def _note(self, field: str) -> None:
        self.recorder.read("site", "", field)

    def view(self, key: PageKey | None) -> PageView | None:
        """The view of a page; None for None and for a page that the site does not have."""
        if key is None or key not in self.index.pages:
            return None
        if key not in self._cache:
            self._cache[key] = PageView(self.index.pages[key], self)
        return self._cache[key]

    def views(self, keys: Iterable[PageKey]) -> tuple[PageView, ...]:
        """The views of several pages."""
        found = (self.view(key) for key in keys)
        return tuple(view for view in found if view is not None)

    def children(self, key: PageKey) -> tuple[PageView, ...]:
        """What a list page lists."""
        if key not in self._children:
            self._children[key] = self.views(self.index.children.get(key, ()))
        return self._children[key]

    def regular_children(self, key: PageKey) -> tuple[PageView, ...]:
        """Those of them that are regular pages."""
        if key not in self._regular_children:
            self._regular_children[key] = tuple(page for page in self.children(key) if page.is_page)
        return self._regular_children[key]

    def descendants(self, key: PageKey) -> tuple[PageView, ...]:
        """The regular pages in a list page and the sections below it, in the site's order."""
        if key not in self._descendants:
            if self.index.pages[key].kind == "home":
                self._descendants[key] = self.regular_pages
            else:
                below = self.children(key)
                nested = [self.descendants(page.key) for page in below if page.is_section]
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
            self._order = {key: number for number, key in enumerate(self.index.pages)}
        return self._order

    def beside(self, key: PageKey, step: int) -> PageView | None:
        """The regular page that many places further in the site's order; None past its ends."""
        if self._places is None:
            self._places = {page: number for number, page in enumerate(self.index.regular)}
        place = self._places.get(key)
        if place is None or not 0 <= place + step < len(self.index.regular):
            return None
        return self.view(self.index.regular[place + step])

    @property
    def related(self) -> RelatedPages:
        """Which pages are related to which."""
        if self._related is None:
            self._related = RelatedPages(
                (self.index.pages[key] for key in self.index.regular),
                self.settings,
                heading_ids=self._heading_ids,
            )
        return self._related

    def _heading_ids(self, key: PageKey) -> tuple[str, ...]:
        summary = self.summaries.get(key)
        return summary.heading_ids if summary is not None else ()

    def static_file(self, path: str) -> Path | None:
        """The static file at a path below the output folder."""
        if self._static_files is None:
            self._static_files = {str(file.output_path): file.file for file in self.index.static_files}
        return self._static_files.get(path)

    def content_of(self, key: PageKey) -> str:
        """Another page's composed content; empty before all pages are composed."""
        return self._contents(key) if self._contents else ""

    @recorded
    def title(self) -> str:
        """The site's."""
        return self.settings.title

    @recorded
    def description(self) -> str:
        """The site's."""
        return self.settings.description

    @recorded
    def language(self) -> str:
        """BCP 47."""
        return self.settings.language

    @recorded
    def url(self) -> str:
        """The home page's, with the base path."""
        return self.settings.base_path

    @recorded
    def permalink(self) -> str:
        """The home page's, absolute where the base URL is."""
        return self.settings.base_url

    @recorded
    def build_date(self) -> datetime:
        """The build's time, UTC; `SOURCE_DATE_EPOCH` where that is set."""
        return self.settings.now

    @recorded
    def home(self) -> PageView | None:
        """The home page."""
        return self.view(PageKey("/"))

    @recorded
    def pages(self) -> tuple[PageView, ...]:
        """Every page with a URL, of every kind that Hugo has."""
        kinds = ("page", *LIST_KINDS)
        return self.views(
            key
            for key, page in self.index.pages.items()
            if page.kind in kinds and page.meta.build.list == "always"
        )

    @recorded
    def regular_pages(self) -> tuple[PageView, ...]:
        """Hugo's `site.RegularPages`."""
        if self._regular_pages is None:  # once: every pager of home asks
            self._regular_pages = self.views(self.index.regular)
        return self._regular_pages

    @recorded
    def archive(self) -> tuple[PageView, ...]:
        """The regular pages with a date, newest first; those of `mainSections`, where these are configured."""
        if self._archive is None:
            main = frozenset(self.settings.main_sections)
            dated = [(page.date, page) for page in self.regular_pages if not main or page.section in main]
            newest_first = sorted(
                ((date, page) for date, page in dated if date is not None),
                key=lambda entry: entry[0],
                reverse=True,
            )
            self._archive = tuple(page for _, page in newest_first)
        return self._archive

    @recorded
    def sections(self) -> tuple[PageView, ...]:
        """The top-level sections."""
        if self.home is not None:
            return self.home.sections
        return self.views(
            key for key, page in self.index.pages.items() if page.kind == "section" and key.count("/") == 1
        )

    @recorded
    def taxonomies(self) -> Mapping[str, tuple[PageView, ...]]:
        """Taxonomy plural to its term pages, each with its `pages`."""
        return {
            page.taxonomy: self.views(self.index.children.get(key, ()))
            for key, page in self.index.pages.items()
            if page.kind == "taxonomy"
        }

    @recorded
    def menus(self) -> Mapping[str, tuple[MenuEntryView, ...]]:
        """Menu name to its entries; a menu that nobody defines is empty."""
        if self._menus is None:  # once: every page's header asks
            self._menus = _Menus(
                {
                    name: tuple(self._menu_entry(entry) for entry in entries)
                    for name, entries in self.index.menus.items()
                }
            )
        return self._menus

    @recorded
    def data(self) -> Mapping[str, object]:
        """The data files, by name."""
        return self.index.data

    @property
    def params(self) -> ParamsView:
        """The configuration's free keys."""
        return ParamsView(self.settings.params, lambda field: self.recorder.read("setting", "", field))

    @recorded
    def benchmarks(self) -> tuple[BenchmarkDevice, ...]:
        """Every number that a page of the site reported in a full run, by device class."""
        return benchmark_devices(self, self.ledger) if self.ledger is not None else ()

    @recorded
    def benchmarks_page(self) -> PageView | None:
        """The first page of type `benchmarks`; None where there is none."""
        if self._benchmarks_page is None:
            keys = (key for key, page in self.index.pages.items() if page.type == "benchmarks" and page.url)
            self._benchmarks_page = (next(keys, None),)
        return self.view(self._benchmarks_page[0])

    def get_page(self, path: str) -> PageView | None:
        """The page that `ref` would find for `path`; None where there is none."""
        self._note(f"get_page({path})")
        return self.view(resolve_page(self.index, path, PageKey("/")))

    def _menu_entry(self, entry: MenuEntry) -> MenuEntryView:
        return MenuEntryView(
            identifier=entry.identifier,
            name=entry.name,
            title=entry.title,
            url=with_base(self.settings, entry.url),
            page=self.view(entry.page),
            weight=entry.weight,
            pre=Markup(entry.pre),  # noqa: S704 - the author's HTML, as in Hugo
            post=Markup(entry.post),  # noqa: S704
            params=ParamsView(entry.params, self._note, f"menu {entry.identifier}"),
            children=tuple(self._menu_entry(child) for child in entry.children),
        )


class _Menus(dict[str, tuple[MenuEntryView, ...]]):
    """Menus by name; one that is not defined is empty, so that a theme need not ask."""

    def __missing__(self, name: str) -> tuple[MenuEntryView, ...]:
        return ()


def config_view(config: Config, recorder: Recorder | None = None) -> ConfigView:
    """What templates may read of the configuration."""
    return ConfigView(config, recorder or NoRecorder())
