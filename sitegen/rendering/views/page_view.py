"""What templates and shortcodes see of a page, and above all what it says: read-only, every read recorded.

What is around it is in `standing.py`, how it lists pages in `listing.py`, what belongs to it in `belongings.py`, where its
results come from in `page_results.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from sitegen.content.document import PageKey
from sitegen.markdown.words import fuzzy_word_count, reading_minutes
from sitegen.rendering.incremental.dependencies import PAGE, On
from sitegen.rendering.lists.pagination import PagerRun, pager_url
from sitegen.rendering.on_screen import on_screen
from sitegen.rendering.page_links import canonical_url, external_url, image_url, image_written
from sitegen.rendering.recorder import recorded_of_page as recorded
from sitegen.rendering.results.badges import ProvenanceView
from sitegen.rendering.results.metric_views import MetricView
from sitegen.rendering.text import first_words, plain_text
from sitegen.rendering.urls import absolute, make_portable, with_base
from sitegen.rendering.values import Page, PageSummary, TocEntry
from sitegen.rendering.views.belongings import Belongings, FoundEnclosures
from sitegen.rendering.views.listing import Listing
from sitegen.rendering.views.page_results import ShownResults
from sitegen.rendering.views.parts import ParamsView
from sitegen.rendering.views.standing import Standing

if TYPE_CHECKING:
    from sitegen.rendering.views.site_view import SiteView


_OWN: Final = frozenset(
    {"downloads", *(field for field, on in PAGE.items() if not on & ~(On.OWN_PLACE | On.OWN_SUMMARY))}
)
"""What the page being rendered says of itself: its files are made again anyway when that changes."""
_NONE: Final = frozenset[str]()


class PageView(Standing, Listing, Belongings, ShownResults):
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
        self._enclosures: FoundEnclosures | None = None

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
        self._note_unless_own("image", bool(image_written(self._place.meta.params)))
        return image_url(self._place, self._site.index, self._site.settings)

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
        """Plain text; of a paper without one the first words of its abstract."""
        summary = self._summary
        return (summary.description if summary is not None else "") or self._place.meta.description

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


def _nothing_noted(field: str) -> None:
    """For what a page says of itself."""
