"""What templates and shortcodes see of a page: read-only, every read recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from markupsafe import Markup

from sitegen.content.document import PageKey
from sitegen.errors import Diagnostic
from sitegen.markdown.words import fuzzy_word_count, reading_minutes
from sitegen.rendering.badges import ProvenanceView, state_slug, state_words
from sitegen.rendering.dependencies import PAGE, On
from sitegen.rendering.enclosures import KEYS as ENCLOSURE_KEYS
from sitegen.rendering.enclosures import Enclosure, page_enclosures
from sitegen.rendering.feed_links import feed_links
from sitegen.rendering.history import RunView, run_views
from sitegen.rendering.metric_views import MetricView, metric_view
from sitegen.rendering.on_screen import on_screen
from sitegen.rendering.open_links import BINDER_FILES, SETTINGS, DownloadLink, download_links
from sitegen.rendering.page_links import canonical_url, external_url, image_url
from sitegen.rendering.page_results import entries_of, page_provenance
from sitegen.rendering.pagination import PagerRun, Paginator, pager_size, pager_url, paginate
from sitegen.rendering.parts import FeedLink, ParamsView, ResourceView
from sitegen.rendering.provenance import commit_url
from sitegen.rendering.recorder import recorded_of_page as recorded
from sitegen.rendering.resources import resource_views
from sitegen.rendering.standing import Standing
from sitegen.rendering.text import first_words, plain_text
from sitegen.rendering.urls import absolute, make_portable, with_base
from sitegen.rendering.values import Page, PageSummary, TocEntry
from sitegen.results.ledger import LedgerEntry

if TYPE_CHECKING:
    from sitegen.rendering.publication_views import PublicationList, PublicationView
    from sitegen.rendering.publications import Shelf
    from sitegen.rendering.site_view import SiteView


T = TypeVar("T")
_OWN: Final = frozenset(
    {"downloads", *(field for field, on in PAGE.items() if not on & ~(On.OWN_PLACE | On.OWN_SUMMARY))}
)
"""What the page being rendered says of itself: its files are made again anyway when that changes."""
_NONE: Final = frozenset[str]()


class PageView(Standing):
    """A page, as templates and shortcodes read it.

    Before `gather` (in a shortcode) it knows what the front matter says; after, what was composed. It holds a key: the
    page's place is looked up when something of it is first asked for, so that a list of ten thousand costs no more
    than the ten that are shown.
    """

    INNER: Final = frozenset({"pager", "is_of"})
    """What is not for templates: nothing is noted there."""
    __slots__ = (
        "_composed",
        "_enclosures",
        "_key",
        "_metrics",
        "_own",
        "_pager",
        "_permalink",
        "_place",
        "_provenance",
        "_site",
        "_url",
    )

    def __init__(
        self,
        key: PageKey,
        site: SiteView,
        *,
        composed: Page | None = None,
        pager: PagerRun[PageView] | None = None,
    ) -> None:
        self._key = key
        self._site = site
        self._composed = composed
        self._pager = pager
        self._own = _NONE if composed is None else _OWN
        # made once: templates ask many times
        self._url: str | None = None
        self._permalink: str | None = None
        self._provenance: ProvenanceView | None = None
        self._metrics: tuple[MetricView, ...] | None = None
        self._enclosures: _Enclosures | None = None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            if name != "_place":
                raise AttributeError(f"'PageView' object has no attribute '{name}'")
            self._place = place = self._site.index.pages[self._key]
            return place

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PageView) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)

    def _note(self, field: str) -> None:
        if field not in self._own:
            self._site.recorder.read("page", self._key, field)

    def _note_unless_own(self, field: str, has_any: bool) -> None:
        """Where the page being rendered has nothing of it, only what it is itself could change that."""
        if has_any or self._composed is None:
            self._note(field)

    def __repr__(self) -> str:
        return f"PageView({self._key!r})"

    @property
    def _summary(self) -> PageSummary | None:
        if self._composed is not None:
            return self._composed.summary
        return self._site.summaries.get(self._key)

    def is_of(self, site: SiteView) -> bool:
        """Whether it is what every page of the site sees of it, and not the page being rendered."""
        return self._site is site and self._composed is None and self._pager is None

    # --- what it is

    @property
    def key(self) -> PageKey:
        """The logical path: `/posts/ppo`."""
        return self._key

    @recorded
    def kind(self) -> str:
        """Hugo's: home, section, page, taxonomy, term."""
        return self._site.kind_of(self._key)

    @property
    def is_home(self) -> bool:
        """Whether it is the home page."""
        return self.kind == "home"

    @property
    def is_section(self) -> bool:
        """Whether it is a section."""
        return self.kind == "section"

    @property
    def is_page(self) -> bool:
        """Whether it is a regular page."""
        return self.kind == "page"

    @recorded
    def type(self) -> str:
        """The front matter's, else the top-level folder's name."""
        return self._place.type

    @recorded
    def section(self) -> str:
        """The top-level folder's name."""
        return self._place.section

    @recorded
    def layout(self) -> str:
        """The front matter's."""
        return self._place.meta.layout

    @recorded
    def source_path(self) -> str:
        """The file behind it, relative to the site's root; empty where there is none."""
        return str(self._place.source.path) if self._place.source else ""

    @recorded
    def aliases(self) -> tuple[str, ...]:
        """Paths of the redirects to it."""
        return tuple(str(alias) for alias in self._place.aliases)

    @recorded
    def outputs(self) -> tuple[str, ...]:
        """Hugo's output formats, as the front matter names them."""
        return self._place.meta.outputs

    @recorded
    def url(self) -> str:
        """With the base path; empty for a page that is not published."""
        return self._address()

    @recorded
    def permalink(self) -> str:
        """Absolute, where the base URL is."""
        if self._permalink is None:
            self._permalink = absolute(self._site.settings, self._address())
        return self._permalink

    @recorded
    def canonical_url(self) -> str:
        """The permalink, of a pager its own; what the front matter's `canonical` names where the text is from there."""
        if self.pager_number > 1:
            settings = self._site.settings
            return absolute(settings, pager_url(self._address(), settings.pagination.path, self.pager_number))
        return canonical_url(self._place, self._site.settings)

    @recorded
    def external_url(self) -> str:
        """What a link post is about (`link`, `externalURL`): where its title leads in lists and feeds; else empty."""
        return external_url(self._place)

    @property
    def image(self) -> str:
        """The URL of the picture that stands for it in cards and shared links; empty where there is none."""
        self._note_unless_own("image", bool(self._place.meta.params.get("image")))
        return image_url(self._place, self._site.index, self._site.settings)

    @property
    def pager_number(self) -> int:
        """Of the pager being rendered, from 1."""
        return self._pager.number if self._pager is not None else 1

    # --- what it says

    @recorded
    def title(self) -> str:
        """Plain text."""
        return self._title()

    @recorded
    def title_html(self) -> Markup:
        """With code spans and inline values; with math too where it is the body's first heading."""
        summary = self._summary
        if summary is not None:
            return Markup(summary.title_html)  # noqa: S704 -- composed by us
        return Markup.escape(self._place.title)

    @recorded
    def link_title(self) -> str:
        """The shorter title where there is one; plain text."""
        shorter = self._place.meta.link_title
        return shorter if shorter and shorter != self._place.meta.title else self._title()

    @recorded
    def label(self) -> str:
        """What to call it where something must stand: the title, else its first words, else its address."""
        return self._title() or first_words(plain_text(self._summary_html()), 10) or self._address()

    @recorded
    def description(self) -> str:
        """Plain text."""
        summary = self._summary
        return summary.description if summary is not None else self._place.meta.description

    @recorded
    def summary(self) -> Markup:
        """HTML."""
        return self._summary_html()

    @recorded
    def is_truncated(self) -> bool:
        """Whether the content goes on after the summary."""
        summary = self._summary
        return summary.is_summary_truncated if summary is not None else False

    @recorded
    def content(self) -> Markup:
        """The body's HTML; of another page it is loaded when asked for."""
        return self._content()

    @recorded
    def body(self) -> Markup:
        """The content with what a screen needs: tables that scroll, images that load late and keep their place."""
        site = self._site
        content = self._content() if self._composed is None else self._composed.content
        html = on_screen(
            content,
            self._place,
            site.index,
            site.settings,
            site.recorder,
            pictures=site.pictures,
            files=self._composed.files if self._composed is not None else None,
        )
        if 'role="doc-endnotes"' in html:
            from sitegen.rendering.sidenotes import in_margin  # here: most pages have none

            html = in_margin(html, self._place, site.settings, site.recorder)
        return Markup(html)  # noqa: S704 -- composed by us

    @recorded
    def plain(self) -> str:
        """The content without tags."""
        return plain_text(self._content())

    @recorded
    def toc(self) -> tuple[TocEntry, ...]:
        """The table of contents of the page being rendered; empty for others."""
        return self._composed.toc if self._composed else ()

    @recorded
    def table_of_contents(self) -> Markup:
        """The same as HTML, a `<nav>` as Hugo's `.TableOfContents`; an empty one for other pages."""
        html = self._composed.toc_html if self._composed else ""
        return Markup(html)  # noqa: S704 -- composed by us

    @recorded
    def features(self) -> frozenset[str]:
        """What the content needs a style for: `math`, `code`, ...; empty for other pages."""
        return self._composed.features if self._composed else frozenset()

    @recorded
    def word_count(self) -> int:
        """Words of the text, its code among them; characters on a page in Chinese, Japanese or Korean."""
        summary = self._summary
        return summary.word_count if summary is not None else 0

    @recorded
    def fuzzy_word_count(self) -> int:
        """The words, up to the next hundred."""
        summary = self._summary
        return fuzzy_word_count(summary.word_count if summary is not None else 0)

    @recorded
    def reading_minutes(self) -> int:
        """Rounded up."""
        summary = self._summary
        if summary is None:
            return reading_minutes(0, by_character=False)
        return reading_minutes(summary.word_count, by_character=summary.counts_characters)

    @recorded
    def prose_minutes(self) -> int:
        """What the text without its code takes to be read; of a page without cells as `reading_minutes`."""
        summary = self._summary
        words = 0 if summary is None else summary.prose_word_count or summary.word_count
        return reading_minutes(words, by_character=summary is not None and summary.counts_characters)

    @recorded
    def cell_count(self) -> int:
        """How many code cells it has."""
        summary = self._summary
        return summary.cell_count if summary is not None else 0

    @recorded
    def date(self) -> datetime | None:
        """Its own, or a list page's newest."""
        return self._place.date

    @recorded
    def lastmod(self) -> datetime | None:
        """When it was last changed."""
        return self._place.lastmod

    @recorded
    def publish_date(self) -> datetime | None:
        """The front matter's."""
        return self._place.meta.publish_date

    @recorded
    def expiry_date(self) -> datetime | None:
        """The front matter's."""
        return self._place.meta.expiry_date

    @recorded
    def draft(self) -> bool:
        """Whether it is a draft."""
        return self._place.meta.draft

    @recorded
    def weight(self) -> int:
        """The front matter's; 0 where there is none."""
        return self._place.meta.weight

    @recorded
    def keywords(self) -> tuple[str, ...]:
        """The front matter's."""
        return self._place.meta.keywords

    @property
    def params(self) -> ParamsView:
        """The front matter's free keys."""
        note = self._note if self._composed is None else _nothing_noted
        return ParamsView(self._place.meta.params, note)

    # --- what belongs to it

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

    def _found_enclosures(self) -> _Enclosures:
        if self._enclosures is None:
            self._enclosures = self._find_enclosures()
        for path in self._enclosures.looked_up:
            self._site.recorder.read("static", path)
        return self._enclosures

    def _find_enclosures(self) -> _Enclosures:
        if not any(key in self._place.meta.params for key in ENCLOSURE_KEYS):
            return _NO_ENCLOSURES
        looked_up: list[str] = []

        def static_file(path: str) -> Path | None:
            looked_up.append(path)
            return self._site.static_file(path)

        found, problems = page_enclosures(self._place, self._resources(), static_file, self._site.settings)
        return _Enclosures(found, problems, tuple(looked_up))

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
            keys = site.regular_keys(self._key)
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

    # --- where its results come from

    @recorded
    def state(self) -> str:
        """`reproduced`, `stale`, `not-run`, ...: of the page's run; empty for a page without cells."""
        summary = self._summary
        return state_slug(summary.state) if summary is not None and summary.state else ""

    @recorded
    def state_words(self) -> str:
        """The state in words; empty for a page without cells."""
        summary = self._summary
        if summary is None or summary.state is None:
            return ""
        return state_words(summary.state, summary.provenance)

    @property
    def provenance(self) -> ProvenanceView | None:
        """Of the results that the page shows; None where there are none."""
        summary = self._summary
        self._note_unless_own("provenance", summary is not None and summary.state is not None)
        if summary is None or summary.state is None:
            return None
        if self._provenance is None:
            self._provenance = page_provenance(summary, self._place, self._site.ledger, self._site.settings)
        return self._provenance

    @property
    def metrics(self) -> tuple[MetricView, ...]:
        """What its cells reported, in order."""
        summary = self._summary
        self._note_unless_own("metrics", summary is not None and bool(summary.metrics))
        if self._metrics is None:
            commit = partial(commit_url, self._site.settings)
            self._metrics = tuple(metric_view(entry.metric, entry, commit) for entry in self._entries())
        return self._metrics

    @recorded
    def runs(self) -> tuple[RunView, ...]:
        """Its last runs, newest first, each with the values of its metrics; none where there is only one."""
        ledger, summary = self._site.ledger, self._summary
        runs = ledger.runs.get(self._key, ()) if ledger else ()
        shown = summary.provenance if summary else None
        return run_views(runs, self._entries(), shown, partial(commit_url, self._site.settings))

    def _entries(self) -> tuple[LedgerEntry, ...]:
        return entries_of(self._summary, self._site.ledger) if self._summary is not None else ()

    # --- the same, unrecorded: for what is recorded under another name

    def _address(self) -> str:
        if self._url is None:
            self._url = with_base(self._site.settings, self._place.url)
        return self._url

    def _title(self) -> str:
        summary = self._summary
        return summary.title if summary is not None else self._place.title

    def _summary_html(self) -> Markup:
        summary = self._summary
        if summary is not None:
            return Markup(summary.summary_html)  # noqa: S704 -- composed by us
        return Markup.escape(self._place.meta.summary)

    def _content(self) -> Markup:
        if self._composed is not None:
            return Markup(self._composed.content)  # noqa: S704 -- composed by us
        html = self._site.content_of(self._key)
        here = with_base(self._site.settings, self._place.url or "/")
        return Markup(make_portable(html, here))  # noqa: S704 -- composed by us

    def _resources(self) -> tuple[ResourceView, ...]:
        return resource_views(self._place, self._site.settings, self._site.written)


class _Enclosures(NamedTuple):
    """What the front matter names for players, and where it was looked for."""

    files: tuple[Enclosure, ...]
    problems: tuple[Diagnostic, ...]
    looked_up: tuple[str, ...]
    """Paths below the output folder that a static file was looked for at."""


_NO_ENCLOSURES: Final = _Enclosures((), (), ())


def _nothing_noted(field: str) -> None:
    """For what a page says of itself."""
