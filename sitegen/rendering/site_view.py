"""The site, as templates and shortcodes see it: read-only, every read recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import MenuEntry, SiteIndex
from sitegen.content.resolve import resolve_page
from sitegen.frozen import FrozenDict
from sitegen.rendering.benchmarks import BenchmarkDevice, benchmark_devices
from sitegen.rendering.feed_links import LIST_KINDS
from sitegen.rendering.parts import ConfigView, MenuEntryView, ParamsView
from sitegen.rendering.recorder import NoRecorder, Recorder, recorded
from sitegen.rendering.urls import with_base
from sitegen.rendering.values import PageSummary
from sitegen.rendering.views import PageView
from sitegen.results.ledger import Ledger


class SiteView:
    """The site, as templates and shortcodes read it."""

    __slots__ = (
        "_benchmarks_page",
        "_cache",
        "_contents",
        "_menus",
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
        summaries: FrozenDict[PageKey, PageSummary] | None = None,
        ledger: Ledger | None = None,
        contents: Callable[[PageKey], str] | None = None,
    ) -> None:
        self.index = index
        self.settings = config
        self.recorder: Recorder = recorder or NoRecorder()
        self.summaries: FrozenDict[PageKey, PageSummary] = summaries or FrozenDict()
        self.ledger = ledger
        self._contents = contents
        self._cache: dict[PageKey, PageView] = {}
        self._menus: _Menus | None = None
        self._benchmarks_page: tuple[PageKey | None] | None = None  # looked for once: every page asks

    def _note(self, field: str) -> None:
        self.recorder.read("list", field)

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
        return self.views(self.index.regular)

    @recorded
    def sections(self) -> tuple[PageView, ...]:
        """The top-level sections."""
        return tuple(page for page in self.home.pages if page.is_section) if self.home else ()

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
        return ParamsView(self.settings.params, lambda field: self.recorder.read("setting", field))

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
        self._note(f"page {path}")
        return self.view(resolve_page(self.index, path, PageKey("/")))

    def _menu_entry(self, entry: MenuEntry) -> MenuEntryView:
        return MenuEntryView(
            identifier=entry.identifier,
            name=entry.name,
            title=entry.title,
            url=with_base(self.settings, entry.url),
            page=self.view(entry.page),
            weight=entry.weight,
            pre=entry.pre,
            post=entry.post,
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
