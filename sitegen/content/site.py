"""The site without bodies: URLs, sections, taxonomies, menus and order, from every page's front matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.content.cascade import Cascade
from sitegen.content.data_files import read_data
from sitegen.content.document import PageKey
from sitegen.content.events import next_event
from sitegen.content.execute_options import PageExecution
from sitegen.content.folders import ContentFiles, walk_content
from sitegen.content.git_dates import missing_history
from sitegen.content.index import (
    IndexedPage,
    Kind,
    MenuEntry,
    PagesBySource,
    SiteIndex,
    Skipped,
    StaticFile,
)
from sitegen.content.list_dates import dated_entries, entry_alone
from sitegen.content.locations import Entry, Location, allot
from sitegen.content.menus import build_menus
from sitegen.content.metadata import PageMeta
from sitegen.content.order import children_of, default_order, neighbours_of
from sitegen.content.resolve import resolve_page
from sitegen.content.resources import describe_resources
from sitegen.content.site_problems import with_problems
from sitegen.content.sources import Source, depends_on_git
from sitegen.content.static_files import find_static_files
from sitegen.content.taxonomies import Terms, gather_terms
from sitegen.content.tree import HOME, Place, parent_of, place_pages
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict, with_fields

if TYPE_CHECKING:
    from sitegen.content.bibliographies import Bibliographies
    from sitegen.content.bibliography import Bibliography
    from sitegen.content.publications import Publications

__all__ = [
    "IndexedPage",
    "Kind",
    "MenuEntry",
    "SiteIndex",
    "Skipped",
    "StaticFile",
    "build_index",
    "resolve_page",
]

_NONE_KNOWN: Final[Mapping[PurePosixPath, Bibliography]] = FrozenDict()
_STANDALONE: Final[tuple[tuple[Kind, str], ...]] = (
    ("404", "/404.html"),
    ("sitemap", "/sitemap.xml"),
    ("robotstxt", "/robots.txt"),
    ("llmstxt", "/llms.txt"),
    ("hostheaders", "/_headers"),
    ("opensearch", "/opensearch.xml"),
    ("assets", ""),
    ("static", ""),
    ("searchindex", ""),
)
"""Kind and URL of what no list page and no file stands for."""


def build_index(
    sources: Iterable[Source],
    config: Config,
    *,
    files: ContentFiles | None = None,
    known_bibliographies: Mapping[PurePosixPath, Bibliography] = _NONE_KNOWN,
) -> SiteIndex:
    """Every page's place in the site: cascade, dates, URLs, lists, order, terms and menus.

    Of two pages with one URL the first in the order of paths is kept; the other is an SG115 error.

    Args:
        sources: all that `discover` gives.
        config: of the site.
        files: what the content and notebook folders hold, where that is known already.
        known_bibliographies: by path below the root, those that an earlier build has read and that are as they were.
    """
    sources = tuple(sources)
    diagnostics = [problem for source in sources for problem in source.diagnostics]
    diagnostics += [*_unread_formats(sources), *missing_history(config)]
    placed, same_keys = place_pages(sources, config)
    library = _library(placed, known_bibliographies, config)
    placed |= library.places
    cascade = Cascade(placed, config)
    built = _built(placed, library, cascade, config)
    places, terms = built.places, built.terms
    parents = {key: parent_of(place, places) for key, place in places.items()}
    entries = dated_entries(places, built.metas, terms.pages, parents, config)
    skipped_sections = {
        key: entry_alone(place, cascade.meta(place), config)
        for key, place in placed.items()
        if key not in places and place.kind == "section"
    }
    pages, problems = _indexed(entries, skipped_sections, parents, cascade, config)
    diagnostics += [*same_keys, *cascade.diagnostics, *problems]

    in_order = sorted(pages, key=default_order)
    listed_by = _listed_by(places, placed, parents)
    by_key = {page.key: page for page in in_order}
    regular = [page for page in in_order if page.kind == "page" and page.meta.build.list != "never"]
    menus = build_menus(by_key, config)
    data, data_problems = read_data(config)
    static_files = find_static_files(config, _section_folders(pages, places), files or walk_content(config))
    search_page = _search_page(in_order)
    all_pages = by_key | {
        page.key: page for page in _standalone(by_key, config, has_search=search_page is not None)
    }
    index = SiteIndex(
        pages=FrozenDict(all_pages),
        kinds=FrozenDict({key: page.kind for key, page in all_pages.items()}),
        depends_on_git=depends_on_git(sources, config),
        next_event=built.next_event,
        by_source=PagesBySource(
            {str(page.source.path): page.key for page in in_order if page.source is not None}
        ),
        children=FrozenDict(children_of(in_order, terms.pages, listed_by)),
        regular=tuple(page.key for page in regular if page.meta.build.list == "always"),
        page_terms=FrozenDict(
            {
                page: tuple(term for term in named if term in by_key)
                for page, named in terms.of_page.items()
                if page in by_key
            }
        ),
        neighbours=FrozenDict(neighbours_of(regular, listed_by)),
        menus=menus.entries,
        data=data,
        static_files=static_files,
        skipped=built.skipped,
        all_sources=sources,
        by_name=FrozenDict(_by_name(in_order)),
        bibliographies=library.bibliographies,
        publications=library.publications,
        search_page=search_page,
        diagnostics=(*diagnostics, *menus.diagnostics, *data_problems, *library.diagnostics),
    )
    return with_problems(index, placed, config)


@dataclass(slots=True)
class _Library:
    """What a site's bibliographies add to it."""

    bibliographies: Bibliographies | None = None
    publications: Publications | None = None
    places: dict[PageKey, Place] = field(default_factory=dict)
    """Pages of papers and of lists of papers: new ones, and those of files with what the entry says."""
    diagnostics: tuple[Diagnostic, ...] = ()

    def dated(self, metas: Mapping[PageKey, PageMeta]) -> dict[PageKey, PageMeta]:
        """Those pages with the dates of their papers, which a cascade knows nothing of."""
        return {
            key: with_fields(metas[key], date=metas[key].date or place.meta.date)
            for key, place in self.places.items()
            if metas[key].date is None
        }


def _library(
    placed: Mapping[PageKey, Place], known: Mapping[PurePosixPath, Bibliography], config: Config
) -> _Library:
    """The bibliographies that the configuration, a page or a section of papers names."""
    if not config.bibliography and not any(
        "bibliography" in place.meta.params
        or (place.kind == "section" and "publications" in (place.meta.type, place.section))
        for place in placed.values()
    ):
        return _Library()
    from sitegen.content.bibliographies import find_bibliographies  # here: few sites have one
    from sitegen.content.publications import find_publications

    found = find_bibliographies(placed, config, known)
    publications, places = find_publications(placed, found, config)
    problems = found.diagnostics
    return _Library(found, publications, places, problems)


def _unread_formats(sources: Iterable[Source]) -> Iterator[Diagnostic]:
    """One SG125 warning for all files whose bodies are shown as they are written."""
    found = [source for source in sources if source.format == "foreign"]
    if found:
        suffixes = ", ".join(f"`{suffix}`" for suffix in sorted({source.path.suffix for source in found}))
        pages = "a page is" if len(found) == 1 else f"{len(found)} pages are"
        yield Diagnostic(
            code="SG125",
            severity="warning",
            message=f"{pages} in a format that sitegen does not read ({suffixes}): shown as written",
            location=SourceLocation(path=found[0].path),
            hint="convert them to Markdown, for example with `pandoc -t gfm`",
            related=tuple(SourceLocation(path=source.path) for source in found[1:]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Built:
    """The pages that are built: those of files that are neither drafts nor out of their time, and those of terms."""

    places: Mapping[PageKey, Place]
    metas: Mapping[PageKey, PageMeta]
    terms: Terms
    skipped: Skipped
    next_event: datetime | None
    """When there are others."""


def _built(placed: Mapping[PageKey, Place], library: _Library, cascade: Cascade, config: Config) -> _Built:
    metas = {key: cascade.meta(place) for key, place in placed.items()}
    metas |= library.dated(metas)
    kept, skipped = _without_skipped(placed, metas, config)
    kept = {key: meta for key, meta in kept.items() if placed[key].kind not in config.disable_kinds}
    terms = gather_terms(kept, placed, config)
    places = {key: placed[key] for key in kept} | {place.key: place for place in terms.places}
    places = {key: place for key, place in places.items() if place.kind not in config.disable_kinds}
    return _Built(
        places=places,
        metas={key: kept[key] if key in kept else cascade.meta(place) for key, place in places.items()},
        terms=terms,
        skipped=skipped,
        next_event=next_event(metas.values(), config),
    )


def _listed_by(
    places: Mapping[PageKey, Place],
    placed: Mapping[PageKey, Place],
    parents: Mapping[PageKey, PageKey | None],
) -> Mapping[PageKey, PageKey | None]:
    """The list page that shows each page: a section that is not built, such as a draft, keeps its pages out of those above."""
    if all(place.kind == "page" or key in places for key, place in placed.items()):
        return parents
    with_skipped = {**placed, **places}
    return {key: parent_of(place, with_skipped) for key, place in places.items()}


def _without_skipped(
    places: Mapping[PageKey, Place], metas: Mapping[PageKey, PageMeta], config: Config
) -> tuple[dict[PageKey, PageMeta], Skipped]:
    """The pages that are built, and how many are not: drafts, then future, then expired ones."""
    kept: dict[PageKey, PageMeta] = {}
    drafts = future = expired = 0
    for key in places:
        meta = metas[key]
        if meta.draft and not config.build_drafts:
            drafts += 1
        elif meta.publish_date and meta.publish_date > config.now and not config.build_future:
            future += 1
        elif meta.expiry_date and meta.expiry_date <= config.now and not config.build_expired:
            expired += 1
        else:
            kept[key] = meta
    return kept, Skipped(drafts=drafts, future=future, expired=expired)


# --- pages ----------------------------------------------------------------------------------------


def _indexed(
    entries: Mapping[PageKey, Entry],
    skipped: Mapping[PageKey, Entry],
    parents: Mapping[PageKey, PageKey | None],
    cascade: Cascade,
    config: Config,
) -> tuple[list[IndexedPage], tuple[Diagnostic, ...]]:
    """The pages that have a URL of their own, or none at all."""
    locations, diagnostics = allot(entries, skipped, config)
    pages = [_page(entries[key], location, cascade, parents[key]) for key, location in locations.items()]
    return pages, diagnostics


def _page(entry: Entry, location: Location, cascade: Cascade, parent: PageKey | None) -> IndexedPage:
    place, meta = entry.place, entry.meta
    resources = place.source.resources if place.source is not None else ()
    return IndexedPage(
        key=place.key,
        kind=place.kind,
        type=meta.type or place.section or "page",
        section=place.section,
        source=place.source,
        meta=meta,
        execution=cascade.execution(place),
        title=entry.title,
        url=location.url,
        output_path=location.output_path,
        target_path=location.target_path,
        aliases=location.aliases,
        parent=parent,
        date=entry.date,
        lastmod=entry.lastmod,
        taxonomy=place.taxonomy,
        term=place.term,
        resources=describe_resources(resources, meta),
    )


def _search_page(pages: Iterable[IndexedPage]) -> PageKey | None:
    """The first page that is one for searching: by its front matter, a folder `search/` of posts is none."""
    return next(
        (
            page.key
            for page in pages
            if (page.meta.layout.removesuffix(".html") == "search" or page.meta.type.lower() == "search")
            and page.kind in ("page", "section")
            and page.output_path is not None
        ),
        None,
    )


def _standalone(
    pages: Mapping[PageKey, IndexedPage], config: Config, *, has_search: bool
) -> list[IndexedPage]:
    """404, sitemap, robots.txt, llms.txt, _headers, opensearch.xml, and what carries assets, static files and the
    search index, as pages of their own.

    A page of the author's at one of these addresses (`url: /404.html`) is it.
    """
    taken = {page.output_path for page in pages.values()}
    asked: Mapping[Kind, bool] = {
        "robotstxt": config.enable_robots_txt,
        "llmstxt": config.enable_llms_txt,
        "hostheaders": config.content_security_policy,
        "opensearch": has_search,
        "searchindex": has_search,
    }
    made = []
    for kind, default_url in _STANDALONE:
        url = f"/{config.sitemap.filename.lstrip('/')}" if kind == "sitemap" else default_url
        if kind in config.disable_kinds or not asked.get(kind, True):
            continue
        key = PageKey(url or f"/:{kind}")
        path = PurePosixPath(url[1:]) if url else None
        if key not in pages and (path is None or path not in taken):
            title = f"404 {config.words('missing.title')}" if kind == "404" else ""
            made.append(
                IndexedPage(
                    key=key,
                    kind=kind,
                    type="page",
                    section="",
                    source=None,
                    meta=PageMeta(title=title),
                    execution=PageExecution(),
                    title=title,
                    url=url,
                    output_path=path,
                    parent=HOME if HOME in pages else None,
                )
            )
    return made


def _section_folders(
    pages: Iterable[IndexedPage], places: Mapping[PageKey, Place]
) -> dict[str, PurePosixPath]:
    """Of sections that no file stands for: their folder on disk to that in the output."""
    return {
        places[page.key].folder.name: page.output_path.parent
        for page in pages
        if page.kind == "section" and page.source is None and page.output_path is not None
    }


def _by_name(pages: Iterable[IndexedPage]) -> dict[str, tuple[PageKey, ...]]:
    names: dict[str, list[PageKey]] = {}
    for page in pages:
        names.setdefault(page.key.rpartition("/")[2], []).append(page.key)
    return {name: tuple(keys) for name, keys in names.items()}
