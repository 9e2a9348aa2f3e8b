"""The site, as templates and shortcodes see it: read-only, every read recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.content.resolve import resolve_page
from sitegen.content.tree import HOME
from sitegen.frozen import FrozenDict
from sitegen.rendering.lists.related import RelatedPages, related_pages
from sitegen.rendering.machines.feed_links import LIST_KINDS
from sitegen.rendering.machines.feed_text import FeedTexts, Kept
from sitegen.rendering.page_types.about_projects import pages_about_projects
from sitegen.rendering.pictures.picture_jobs import PutOff
from sitegen.rendering.recorder import NO_RECORDER, Recorder, derived, recorded
from sitegen.rendering.resources import written_files
from sitegen.rendering.results.benchmarks import BenchmarkDevice, benchmark_devices
from sitegen.rendering.static import find_stand_ins
from sitegen.rendering.values import PageSummary
from sitegen.rendering.views.menus import Menus, menus_of
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.parts import ConfigView, DataView, MenuEntryView, ParamsView
from sitegen.rendering.views.site_lists import SiteLists
from sitegen.results.ledger import Ledger

if TYPE_CHECKING:
    from sitegen.rendering.literature.publication_views import PublicationView
    from sitegen.rendering.literature.publications import Shelf
    from sitegen.rendering.machines.feeds import FeedItem
    from sitegen.rendering.pictures.published_pictures import Pictures

_DAY_S: Final = 86_400
_LISTED: Final = frozenset({"page", *LIST_KINDS})
"""Kinds that Hugo has."""


class SiteView:
    """The site, as templates and shortcodes read it."""

    INNER: Final = frozenset(
        {
            "view",
            "views",
            "kind_of",
            "related_pages",
            "left_out_for",
            "is_listed",
            "stand_ins",
            "written",
            "content_of",
            "shelf",
            "pictures",
            "used_pictures",
            "put_off",
        }
    )
    """What is not for templates: nothing is noted there."""
    __slots__ = (
        "_about_projects",
        "_benchmarks",
        "_benchmarks_page",
        "_cache",
        "_contents",
        "_menus",
        "_pictures",
        "_related",
        "_shelf",
        "_static_files",
        "_written",
        "feed_items",
        "feed_texts",
        "index",
        "ledger",
        "lists",
        "put_off",
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
        related: RelatedPages | None = None,
    ) -> None:
        self.index = index
        self.settings = config
        self.recorder: Recorder = recorder or NO_RECORDER
        self.summaries: Mapping[PageKey, PageSummary] = FrozenDict() if summaries is None else summaries
        self.ledger = ledger
        self._pictures: Pictures | None = None
        self.put_off = PutOff()
        self._contents = contents
        self._cache: dict[PageKey, PageView] = {}
        self.lists = SiteLists(self)
        self._about_projects: Mapping[PageKey, tuple[PageKey, ...]] | None = None
        self._related = related
        self._static_files: dict[str, Path] | None = None
        self.feed_texts = FeedTexts(config)
        self.feed_items: Kept[FeedItem] = Kept()
        self._menus: Menus | None = None
        self._written: frozenset[Path] | None = None
        self._shelf: Shelf | None = None
        self._benchmarks: tuple[BenchmarkDevice, ...] | None = None
        self._benchmarks_page: tuple[PageKey | None] | None = None  # looked for once: every page asks

    @property
    def _site(self) -> SiteView:
        return self

    def _note(self, field: str) -> None:
        self.recorder.read("site", "", field)

    def pictures(self) -> Pictures:
        """What makes the forms of pictures."""
        if self._pictures is None:
            from sitegen.rendering.pictures.published_pictures import Pictures  # here: a site may have none

            self._pictures = Pictures(self.settings, self.put_off)
        return self._pictures

    @property
    def used_pictures(self) -> Pictures | None:
        """The same, if it has been asked for."""
        return self._pictures

    def view(self, key: PageKey | None) -> PageView | None:
        """The view of a page; None for None and for a page that the site does not have."""
        if key is None:
            return None
        found = self._cache.get(key)
        if found is None and key in self.index.pages:
            found = self._cache[key] = PageView(key, self)
        return found

    def views(self, keys: Iterable[PageKey]) -> tuple[PageView, ...]:
        """The views of several pages."""
        found = (self.view(key) for key in keys)
        return tuple(view for view in found if view is not None)

    def kind_of(self, key: PageKey) -> str:
        """A page's kind, which needs nothing else of it."""
        return self.index.kinds.get(key) or self.index.pages[key].kind

    @property
    def related(self) -> RelatedView:
        """Which pages are related to which."""
        return RelatedView(self)

    @property
    def related_pages(self) -> RelatedPages:
        """The same, unrecorded."""
        if self._related is None:
            self._related = related_pages(self.index, self.settings, self.summaries)
        return self._related

    def static_file(self, path: str) -> Path | None:
        """The static file at a path below the output folder; noted."""
        self.recorder.read("static", path)
        return self._static().get(path)

    def _static(self) -> Mapping[str, Path]:
        if self._static_files is None:
            self._static_files = {str(file.output_path): file.file for file in self.index.static_files}
        return self._static_files

    def left_out_for(self, path: PurePosixPath) -> Path | None:
        """The static file that is left out where a page is published at `path`; what is noted stands for all of them."""
        self._note("stand_ins")
        return self._static().get(str(path))

    @property
    def stand_ins(self) -> Mapping[PurePosixPath, Path]:
        """Path to file of the static files that are left out, since a page is published there."""
        return find_stand_ins(self.index, self.settings)

    @property
    def written(self) -> frozenset[Path]:
        """The files that runs of pages wrote."""
        if self._written is None:
            self._written = written_files(self.index, self.ledger, self.settings)
        return self._written

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

    def is_over(self, date: datetime | int | None) -> bool:
        """Whether the day of a date had ended when the build began; of no date it had not.

        A fact of its own: a page that asks is made again when the answer changes, not by every build.

        Args:
            date: or seconds since 1970, UTC, by which it is noted.
        """
        if date is None:
            return False
        seconds = date if isinstance(date, int) else int(date.timestamp())
        self._note(f"is_over({seconds})")
        return seconds + _DAY_S <= self.settings.now.timestamp()

    @recorded
    def home(self) -> PageView | None:
        """The home page."""
        return self.view(HOME)

    @recorded
    def pages(self) -> tuple[PageView, ...]:
        """Every page with a URL, of every kind that Hugo has."""
        return self.views(key for key in self.index.pages if self.is_listed(key))

    def is_listed(self, key: PageKey) -> bool:
        """Whether a page of the site is one of its `pages`."""
        return self.kind_of(key) in _LISTED and self.index.pages[key].meta.build.list == "always"

    @recorded
    def regular_pages(self) -> tuple[PageView, ...]:
        """Hugo's `site.RegularPages`."""
        return self.lists.regular()

    @recorded
    def archive(self) -> tuple[PageView, ...]:
        """The regular pages with a date, newest first; those of `mainSections`, where these are configured."""
        return self.lists.archive()

    @recorded
    def sections(self) -> tuple[PageView, ...]:
        """The top-level sections."""
        if HOME in self.index.pages:
            return self.lists.sections_of(HOME)
        return self.views(
            key for key in self.index.pages if key.count("/") == 1 and self.kind_of(key) == "section"
        )

    @recorded
    def taxonomies(self) -> Mapping[str, tuple[PageView, ...]]:
        """Taxonomy plural to its term pages, each with its `pages`."""
        return {
            self.index.pages[key].taxonomy: self.lists.children(key)
            for key in self.index.pages
            if self.kind_of(key) == "taxonomy"
        }

    @property
    def menus(self) -> Mapping[str, tuple[MenuEntryView, ...]]:
        """Menu name to its entries; a menu that nobody defines is empty."""
        if self._menus is None:  # once: every page's header asks
            self._menus = menus_of(self, self._note)
        return self._menus

    @property
    def data(self) -> Mapping[str, object]:
        """The data files, by name."""
        return DataView(self.index.data, lambda name: self.recorder.read("data", name))

    @property
    def params(self) -> ParamsView:
        """The configuration's free keys."""
        return ParamsView(self.settings.params, lambda field: self.recorder.read("setting", "", field))

    @derived
    def benchmarks(self) -> tuple[BenchmarkDevice, ...]:
        """Every number that a page of the site reported in a full run, by device class."""
        if self._benchmarks is None:  # once: a template asks some four times
            self._benchmarks = benchmark_devices(self, self.ledger) if self.ledger is not None else ()
        return self._benchmarks

    @recorded
    def benchmarks_page(self) -> PageView | None:
        """The first page of type `benchmarks`; None where there is none."""
        if self._benchmarks_page is None:
            keys = (key for key, page in self.index.pages.items() if page.type == "benchmarks" and page.url)
            self._benchmarks_page = (next(keys, None),)
        return self.view(self._benchmarks_page[0])

    @recorded
    def search_page(self) -> PageView | None:
        """The page of layout or type `search`; None where there is none: then nothing of search is in the site."""
        return self.view(self.index.search_page)

    @property
    def shelf(self) -> Shelf | None:
        """The papers of its sections; None where there is no such section."""
        known = self.index.publications
        if known is not None and self._shelf is None:
            from sitegen.rendering.literature.publications import Shelf  # here: few sites list papers

            self._shelf = Shelf(self, known)
        return self._shelf

    @property
    def selected_publications(self) -> tuple[PublicationView, ...]:
        """The papers with `selected = {true}`."""
        self._note("selected_publications")
        shelf = self.shelf
        return shelf.asked(shelf.selected) if shelf is not None else ()

    @recorded
    def executed_pages(self) -> tuple[PageView, ...]:
        """The regular pages that show results of a run, in the site's order."""
        ledger = self.ledger
        if ledger is None or not ledger.shown:
            return ()
        return self.views(key for key in self.index.regular if key in ledger.shown and key in ledger.states)

    def get_page(self, path: str) -> PageView | None:
        """The page that `ref` would find for `path`; None where there is none."""
        self._note(f"get_page({path})")
        return self.view(resolve_page(self.index, path, HOME))

    def about_project(self, key: PageKey) -> tuple[PageView, ...]:
        """The regular pages whose front matter's `project` names the page, in the site's order."""
        self._note(f"about_project({key})")
        if self._about_projects is None:  # once: every project asks
            self._about_projects = pages_about_projects(self.index)
        return self.views(self._about_projects.get(key, ()))


class RelatedView:
    """Which pages are related to which, as templates ask for it."""

    __slots__ = ("_site",)

    def __init__(self, site: SiteView) -> None:
        self._site = site

    def of(self, key: PageKey, count: int | None = None) -> tuple[PageKey, ...]:
        """The keys of the pages related to one, the most related first; at most `count`."""
        self._site.recorder.read("page", key, f"related({'' if count is None else count})")
        return self._site.related_pages.of(key, count)


def config_view(config: Config, recorder: Recorder | None = None) -> ConfigView:
    """What templates may read of the configuration."""
    return ConfigView(config, recorder or NO_RECORDER)
