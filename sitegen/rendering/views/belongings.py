"""What belongs to a page, as templates see it: files of its bundle, downloads, enclosures, papers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic
from sitegen.rendering.machines.enclosures import KEYS as ENCLOSURE_KEYS
from sitegen.rendering.machines.enclosures import Enclosure, page_enclosures
from sitegen.rendering.machines.search_text import is_searchable
from sitegen.rendering.recorder import recorded_of_page as recorded
from sitegen.rendering.resources import resource_views
from sitegen.rendering.results.open_links import BINDER_FILES, SETTINGS, DownloadLink, download_links
from sitegen.rendering.values import Page
from sitegen.rendering.views.parts import ResourceView

if TYPE_CHECKING:
    from sitegen.rendering.literature.publication_views import PublicationList, PublicationView
    from sitegen.rendering.literature.publications import Shelf
    from sitegen.rendering.views.page_view import PageView
    from sitegen.rendering.views.site_view import SiteView

T = TypeVar("T")


class Belongings:
    """The part of a page's view that tells of what goes with it: a base of PageView alone."""

    if not TYPE_CHECKING:  # the slots are PageView's
        __slots__ = ()

    _key: PageKey
    _place: IndexedPage
    _site: SiteView
    _composed: Page | None
    _enclosures: FoundEnclosures | None

    def _note(self, field: str) -> None:
        raise NotImplementedError  # PageView knows which of its fields are its own affair

    def _note_unless_own(self, field: str, has_any: bool) -> None:
        raise NotImplementedError

    @property
    def resources(self) -> tuple[ResourceView, ...]:
        """The files of its bundle."""
        self._note_unless_own("resources", bool(self._place.resources))
        return self._resources()

    @recorded
    def downloads(self) -> tuple[DownloadLink, ...]:
        """Its notebook and script, and services that open them; for the page being rendered, where it is executed."""
        if self._composed is None:
            return ()
        found = download_links(frozenset(self._composed.files), self._place, self._site.settings)
        for name in SETTINGS if found else ():
            self._site.recorder.read("setting", "", f"params.{name}")
        for name in BINDER_FILES if found else ():
            self._site.recorder.read("file", name)
        return found

    @property
    def enclosures(self) -> tuple[Enclosure, ...]:
        """The audio, video and other files that the front matter names for players and podcast readers."""
        self._note_unless_own("enclosures", bool(self._place.resources))
        return self._found_enclosures().files

    @property
    def enclosure_problems(self) -> tuple[Diagnostic, ...]:
        """What is wrong with them; for the build, not for templates."""
        return self._found_enclosures().problems

    def _found_enclosures(self) -> FoundEnclosures:
        if self._enclosures is None:
            self._enclosures = self._find_enclosures()
        for path in self._enclosures.looked_up:
            self._site.recorder.read("static", path)
        return self._enclosures

    def _find_enclosures(self) -> FoundEnclosures:
        if not any(key in self._place.meta.params for key in ENCLOSURE_KEYS):
            return _NONE
        looked_up: list[str] = []

        def static_file(path: str) -> Path | None:
            looked_up.append(path)
            return self._site.static_file(path)

        found, problems = page_enclosures(self._place, self._resources(), static_file, self._site.settings)
        return FoundEnclosures(found, problems, tuple(looked_up))

    def _resources(self) -> tuple[ResourceView, ...]:
        return resource_views(self._place, self._site.settings, self._site.written)

    @recorded
    def is_searchable(self) -> bool:
        """Whether search finds it, on a site with a search page."""
        return is_searchable(self._place)

    # --- papers

    @property
    def publications(self) -> PublicationList | None:
        """Of a section of papers, or a page that narrows its list: what is listed; None for any other page."""
        return self._asked_shelf("publications", lambda shelf: shelf.list_of(self._key), None)

    @property
    def publication(self) -> PublicationView | None:
        """The paper whose page it is."""
        return self._asked_shelf("publication", lambda shelf: shelf.of_page(self._key), None)

    @property
    def papers(self) -> tuple[PublicationView, ...]:
        """The papers that its front matter names by their keys, as `paper` or `publication`."""
        return self._asked_shelf("papers", lambda shelf: shelf.named_by(self._key), ())

    @property
    def named_by(self) -> tuple[PageView, ...]:
        """Of a paper's page: the pages that name the paper."""
        return self._asked_shelf("named_by", lambda shelf: shelf.naming(self._key), ())

    def _asked_shelf(self, field: str, ask: Callable[[Shelf], T], otherwise: T) -> T:
        """What the site's papers say of the page: one fact, with the pictures whose size is in it."""
        self._site.recorder.read("page", self._key, field)
        shelf = self._site.shelf
        return otherwise if shelf is None else shelf.asked(lambda: ask(shelf))


class FoundEnclosures(NamedTuple):
    """What the front matter names for players, and where it was looked for."""

    files: tuple[Enclosure, ...]
    problems: tuple[Diagnostic, ...]
    looked_up: tuple[str, ...]
    """Paths below the output folder that a static file was looked for at."""


_NONE: Final = FoundEnclosures((), (), ())
