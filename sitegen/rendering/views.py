"""What templates and shortcodes see of a page: read-only, every read recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic
from sitegen.markdown.words import fuzzy_word_count, reading_minutes
from sitegen.rendering.badges import ProvenanceView, state_slug, state_words
from sitegen.rendering.enclosures import KEYS as ENCLOSURE_KEYS
from sitegen.rendering.enclosures import Enclosure, page_enclosures
from sitegen.rendering.feed_links import feed_links
from sitegen.rendering.history import RunView, run_views
from sitegen.rendering.metric_views import MetricView, metric_view
from sitegen.rendering.on_screen import on_screen
from sitegen.rendering.open_links import DownloadLink, download_links
from sitegen.rendering.page_links import canonical_url, external_url, image_url
from sitegen.rendering.page_results import entries_of, page_provenance
from sitegen.rendering.pagination import PagerRun, Paginator, pager_size, pager_url, paginate
from sitegen.rendering.parts import FeedLink, ParamsView, ResourceView
from sitegen.rendering.provenance import commit_url
from sitegen.rendering.recorder import recorded
from sitegen.rendering.resources import resource_views, written_files
from sitegen.rendering.standing import Standing
from sitegen.rendering.text import first_words, plain_text
from sitegen.rendering.urls import absolute, joined, rewrite_urls, with_base
from sitegen.rendering.values import Page, PageSummary, TocEntry
from sitegen.results.ledger import LedgerEntry

if TYPE_CHECKING:
    from sitegen.rendering.site_view import SiteView


class PageView(Standing):
    """A page, as templates and shortcodes read it.

    Before `gather` (in a shortcode) it knows what the front matter says; after, what was composed.
    """

    __slots__ = ("_composed", "_enclosures", "_metrics", "_pager", "_place", "_provenance", "_site")

    def __init__(
        self,
        place: IndexedPage,
        site: SiteView,
        *,
        composed: Page | None = None,
        pager: PagerRun[PageView] | None = None,
    ) -> None:
        self._place = place
        self._site = site
        self._composed = composed
        self._pager = pager
        # made once, with the metrics: templates ask many times
        self._provenance: ProvenanceView | None = None
        self._metrics: tuple[MetricView, ...] | None = None
        self._enclosures: tuple[tuple[Enclosure, ...], tuple[Diagnostic, ...]] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PageView) and other._place.key == self._place.key

    def __hash__(self) -> int:
        return hash(self._place.key)

    def __repr__(self) -> str:
        return f"PageView({self._place.key!r})"

    @property
    def _summary(self) -> PageSummary | None:
        if self._composed is not None:
            return self._composed.summary
        return self._site.summaries.get(self._place.key)

    # --- what it is

    @property
    def key(self) -> PageKey:
        """The logical path: `/posts/ppo`."""
        return self._place.key

    @property
    def kind(self) -> str:
        """Hugo's: home, section, page, taxonomy, term."""
        return self._place.kind

    @property
    def is_home(self) -> bool:
        """Whether it is the home page."""
        return self._place.kind == "home"

    @property
    def is_section(self) -> bool:
        """Whether it is a section."""
        return self._place.kind == "section"

    @property
    def is_page(self) -> bool:
        """Whether it is a regular page."""
        return self._place.kind == "page"

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
        return with_base(self._site.settings, self._place.url)

    @recorded
    def permalink(self) -> str:
        """Absolute, where the base URL is."""
        return absolute(self._site.settings, with_base(self._site.settings, self._place.url))

    @recorded
    def canonical_url(self) -> str:
        """The permalink, of a pager its own; what the front matter's `canonical` names where the text is from there."""
        if self.pager_number > 1:
            settings = self._site.settings
            return absolute(settings, pager_url(self.url, settings.pagination.path, self.pager_number))
        return canonical_url(self._place, self._site.settings)

    @recorded
    def external_url(self) -> str:
        """What a link post is about (`link`, `externalURL`): where its title leads in lists and feeds; else empty."""
        return external_url(self._place)

    @recorded
    def image(self) -> str:
        """The URL of the picture that stands for it in cards and shared links; empty where there is none."""
        return image_url(self._place, self._site.index, self._site.settings)

    @property
    def pager_number(self) -> int:
        """Of the pager being rendered, from 1."""
        return self._pager.number if self._pager is not None else 1

    # --- what it says

    @recorded
    def title(self) -> str:
        """Plain text."""
        return self._summary.title if self._summary else self._place.title

    @recorded
    def title_html(self) -> Markup:
        """With code spans and inline values; with math too where it is the body's first heading."""
        if self._summary:
            return Markup(self._summary.title_html)  # noqa: S704 -- composed by us
        return Markup.escape(self._place.title)

    @recorded
    def link_title(self) -> str:
        """The shorter title where there is one; plain text."""
        shorter = self._place.meta.link_title
        return shorter if shorter and shorter != self._place.meta.title else self.title

    @recorded
    def label(self) -> str:
        """What to call it where something must stand: the title, else its first words, else its address."""
        return self.title or first_words(plain_text(self.summary), 10) or self.url

    @recorded
    def description(self) -> str:
        """Plain text."""
        return self._summary.description if self._summary else self._place.meta.description

    @recorded
    def summary(self) -> Markup:
        """HTML."""
        if self._summary:
            return Markup(self._summary.summary_html)  # noqa: S704 -- composed by us
        return Markup.escape(self._place.meta.summary)

    @recorded
    def is_truncated(self) -> bool:
        """Whether the content goes on after the summary."""
        return self._summary.is_summary_truncated if self._summary else False

    @recorded
    def content(self) -> Markup:
        """The body's HTML; of another page it is loaded when asked for."""
        if self._composed is not None:
            return Markup(self._composed.content)  # noqa: S704 -- composed by us
        html = self._site.content_of(self._place.key)
        here = with_base(self._site.settings, self._place.url or "/")
        return Markup(rewrite_urls(html, partial(joined, here)))  # noqa: S704 -- composed by us

    @recorded
    def body(self) -> Markup:
        """The content with what a screen needs: tables that scroll, images that load late and keep their place."""
        html = on_screen(self.content, self._place, self._site.index, self._site.settings)
        return Markup(html)  # noqa: S704 -- composed by us

    @recorded
    def plain(self) -> str:
        """The content without tags."""
        return plain_text(self.content)

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
        return self._summary.word_count if self._summary else 0

    @recorded
    def fuzzy_word_count(self) -> int:
        """The words, up to the next hundred."""
        return fuzzy_word_count(self.word_count)

    @recorded
    def reading_minutes(self) -> int:
        """Rounded up."""
        by_character = self._summary.counts_characters if self._summary else False
        return reading_minutes(self.word_count, by_character=by_character)

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
        return ParamsView(self._place.meta.params, self._note)

    # --- what belongs to it

    @recorded
    def resources(self) -> tuple[ResourceView, ...]:
        """The files of its bundle."""
        site = self._site
        written = written_files(site.index, site.ledger, site.settings)
        return resource_views(self._place, site.settings, written)

    @recorded
    def downloads(self) -> tuple[DownloadLink, ...]:
        """Its notebook and script, and services that open them; for the page being rendered, where it is executed."""
        if self._composed is None:
            return ()
        return download_links(frozenset(self._composed.files), self._place, self._site.settings)

    @recorded
    def enclosures(self) -> tuple[Enclosure, ...]:
        """The audio, video and other files that the front matter names for players and podcast readers."""
        return self._found_enclosures()[0]

    @property
    def enclosure_problems(self) -> tuple[Diagnostic, ...]:
        """What is wrong with them; for the build, not for templates."""
        return self._found_enclosures()[1]

    def _found_enclosures(self) -> tuple[tuple[Enclosure, ...], tuple[Diagnostic, ...]]:
        if self._enclosures is None:
            has_any = any(key in self._place.meta.params for key in ENCLOSURE_KEYS)
            self._enclosures = (
                page_enclosures(self._place, self.resources, self._site.static_file, self._site.settings)
                if has_any
                else ((), ())
            )
        return self._enclosures

    @recorded
    def feeds(self) -> tuple[FeedLink, ...]:
        """The feeds of a list page."""
        return feed_links(self._place, self._site.settings, title=self.title, url=self.url)

    def paginator(
        self, pages: Iterable[PageView] | None = None, size: int | None = None
    ) -> Paginator[PageView]:
        """Cuts a list into pagers; the first call in a template decides for the page.

        Args:
            pages: what to list; else the regular pages (home: the site's; a taxonomy: its terms).
            size: items a pager; else the page's own `pagerSize`, else the configured one.
        """
        run: PagerRun[PageView] = self._pager or PagerRun()
        if run.chosen is None:
            settings = self._site.settings.pagination
            run.chosen = paginate(
                tuple(pages) if pages is not None else self._paginated,
                number=run.number,
                size=size or pager_size(self._place.meta.params) or settings.pager_size,
                url=self.url,
                path=settings.path,
            )
        return run.chosen

    @property
    def _paginated(self) -> tuple[PageView, ...]:
        """What Hugo's `.Paginator` cuts: the site's regular pages on home, a taxonomy's or a term's pages."""
        if self.is_home:
            return self._site.regular_pages
        return self.pages if self.kind in ("taxonomy", "term") else self.regular_pages

    # --- where its results come from

    @recorded
    def state(self) -> str:
        """`reproduced`, `stale`, `not-run`, ...: of the page's run; empty for a page without cells."""
        return state_slug(self._summary.state) if self._summary and self._summary.state else ""

    @recorded
    def state_words(self) -> str:
        """The state in words; empty for a page without cells."""
        if self._summary is None or self._summary.state is None:
            return ""
        return state_words(self._summary.state, self._summary.provenance)

    @recorded
    def provenance(self) -> ProvenanceView | None:
        """Of the results that the page shows; None where there are none."""
        summary = self._summary
        if summary is None:
            return None
        if self._provenance is None:
            self._provenance = page_provenance(summary, self._place, self._site.ledger, self._site.settings)
        return self._provenance

    @recorded
    def metrics(self) -> tuple[MetricView, ...]:
        """What its cells reported, in order."""
        if self._metrics is None:
            commit = partial(commit_url, self._site.settings)
            self._metrics = tuple(metric_view(entry.metric, entry, commit) for entry in self._entries())
        return self._metrics

    @recorded
    def runs(self) -> tuple[RunView, ...]:
        """Its last runs, newest first, each with the values of its metrics; none where there is only one."""
        ledger, summary = self._site.ledger, self._summary
        runs = ledger.runs.get(self.key, ()) if ledger else ()
        shown = summary.provenance if summary else None
        return run_views(runs, self._entries(), shown, partial(commit_url, self._site.settings))

    def _entries(self) -> tuple[LedgerEntry, ...]:
        return entries_of(self._summary, self._site.ledger) if self._summary is not None else ()
