"""The papers of a site as templates read them: rows with buttons, lists narrowed by type and topic, and who names a paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sitegen.config.words import Words
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.content.publication_links import button_labels
from sitegen.content.publications import Publication, Publications, is_preprint, slug_of
from sitegen.content.theme_names import NAMING, texts_of
from sitegen.markdown.dialect import percent_encoded
from sitegen.rendering.literature.own_names import OwnNames
from sitegen.rendering.literature.publication_texts import (
    badge_of,
    bibtex_of,
    citation_meta,
    json_ld_of,
    short_of,
    venue_of,
)
from sitegen.rendering.literature.publication_views import (
    AuthorView,
    FilterLink,
    PublicationGroup,
    PublicationLink,
    PublicationList,
    PublicationView,
    Thumbnail,
)
from sitegen.rendering.pictures.images import file_size_px
from sitegen.rendering.recorder import unrecorded
from sitegen.rendering.resources import resource_url
from sitegen.rendering.urls import absolute, with_base

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView
    from sitegen.rendering.views.site_view import SiteView

T = TypeVar("T")


class Shelf:
    """The papers of one state of the site; each section's are made once, when they are first asked for."""

    def __init__(self, site: SiteView, publications: Publications) -> None:
        self._site = site
        self._known = publications
        self._made: dict[PageKey, tuple[PublicationView, ...]] = {}
        self._pictures: dict[str, None] = {}
        self._of_page: dict[PageKey, dict[str, PublicationView]] = {}
        self._narrowed: dict[PageKey, dict[tuple[str, str], list[PublicationView]]] = {}
        self._by_key: dict[str, PublicationView] | None = None
        self._naming: dict[str, list[PageKey]] | None = None
        config = site.settings
        self._own = OwnNames(config.author.name, texts_of(config.params.get("author_aliases")))
        self._buttons = button_labels(config)

    def asked(self, ask: Callable[[], T]) -> T:
        """What `ask` gives, with nothing noted but the pictures whose size rows have: its caller has noted it by name."""
        with unrecorded(self._site):
            found = ask()
        for picture in self._pictures:
            self._site.recorder.read("file", picture)
        return found

    def list_of(self, key: PageKey) -> PublicationList | None:
        """What a section, or a page that narrows its list, shows; None for any other page."""
        chosen = self._known.filters.get(key)
        section = chosen.section if chosen is not None else key
        if section not in self._known.of_section or section not in self._site.index.pages:
            return None
        papers = self._of(section)
        shown = papers if chosen is None else self._parts(section).get((chosen.kind, chosen.slug), ())
        place = self._site.index.pages[section]
        return PublicationList(
            groups=tuple(_by_year(shown, self._site.settings.words)),
            count=len(shown),
            total=len(papers),
            title=place.title,
            all_url=with_base(self._site.settings, place.url),
            current=chosen.title if chosen is not None else "",
            words=_in_words(
                len(shown),
                len(papers),
                chosen.kind if chosen else "",
                chosen.title if chosen else "",
                self._site.settings.words,
            ),
            types=tuple(self._filters(section, "type", key)),
            topics=tuple(self._filters(section, "topic", key)),
        )

    def of_page(self, key: PageKey) -> PublicationView | None:
        """The paper whose page it is."""
        section, name = self._known.papers.get(key, (None, ""))
        if section is None or section not in self._site.index.pages:
            return None
        if section not in self._of_page:
            self._of_page[section] = {view.key: view for view in self._of(section)}
        return self._of_page[section].get(name)

    def named_by(self, key: PageKey) -> tuple[PublicationView, ...]:
        """The papers that a page's front matter names, by their keys."""
        params = self._site.index.pages[key].meta.params
        names = (name for field in NAMING for name in texts_of(params.get(field)))
        found = {paper.key: paper for name in names if (paper := self.paper(name)) is not None}
        return tuple(found.values())

    def naming(self, page: PageKey) -> tuple[PageView, ...]:
        """The pages that name the paper which a page is of, in the site's order."""
        if self._naming is None:
            self._naming = {}
            for key in self._site.index.regular:
                params = self._site.index.pages[key].meta.params
                if params.keys().isdisjoint(NAMING):
                    continue
                for named in self.named_by(key):
                    self._naming.setdefault(named.key, []).append(key)
        _, paper = self._known.papers.get(page, (None, ""))
        return self._site.views(key for key in self._naming.get(paper, ()) if key != page)

    def paper(self, key: str) -> PublicationView | None:
        """The paper of a key, which may be its preprint's."""
        if self._by_key is None:
            self._by_key = {}
            for section, papers in self._known.of_section.items():
                for paper, view in zip(papers, self._of(section), strict=True):
                    for name in paper.keys:
                        self._by_key.setdefault(name, view)
        return self._by_key.get(key)

    def selected(self) -> tuple[PublicationView, ...]:
        """Those with `selected = {true}`, newest first in each section."""
        return tuple(
            view for section in self._known.of_section for view in self._of(section) if view.is_selected
        )

    def _parts(self, section: PageKey) -> Mapping[tuple[str, str], Sequence[PublicationView]]:
        """The papers of each type and topic, by the kind and the slug of its filter."""
        if section not in self._narrowed:
            parts = self._narrowed[section] = {}
            for paper, view in zip(self._known.of_section[section], self._of(section), strict=True):
                parts.setdefault(("type", paper.type), []).append(view)
                for slug in dict.fromkeys(map(slug_of, paper.topics)):
                    parts.setdefault(("topic", slug), []).append(view)
        return self._narrowed[section]

    # --- one section

    def _of(self, section: PageKey) -> tuple[PublicationView, ...]:
        if section not in self._made:
            place = self._site.index.pages.get(section)
            papers = self._known.of_section[section] if place is not None else ()
            anchors = _anchors(papers)
            self._made[section] = tuple(
                self._view(paper, anchor, place)
                for paper, anchor in zip(papers, anchors, strict=True)
                if place is not None
            )
        return self._made[section]

    def _view(self, paper: Publication, anchor: str, section: IndexedPage) -> PublicationView:
        site, entry = self._site, paper.entry
        page = site.view(paper.page) if paper.page is not None and paper.page in site.index.pages else None
        if page is not None and not site.index.pages[page.key].url:
            page = None
        list_url = with_base(site.settings, section.url)
        url = (
            with_base(site.settings, site.index.pages[page.key].url)
            if page is not None
            else f"{list_url}#{anchor}"
        )
        title = site.index.pages[page.key].title if page is not None else entry.title or entry.key
        links = tuple(self._links(paper, section))
        pdf = next((link.url for link in links if link.field == "pdf"), "")
        permalink = absolute(site.settings, url)
        return PublicationView(
            key=entry.key,
            anchor=anchor,
            title=title,
            url=url,
            page=page,
            list_page=site.view(section.key),
            authors=tuple(
                AuthorView(name=name.text, is_own=self._own.is_one(name))
                for name in entry.authors or entry.editors
            ),
            has_more_authors=entry.has_more_authors,
            short=short_of(entry, site.settings.words),
            type=self._site.settings.words(f"papers.{paper.type}"),
            badge=badge_of(paper),
            venue=venue_of(paper, site.settings.words),
            year=str(entry.year) if entry.year else entry.text("year", "pubstate"),
            award=paper.text("award"),
            note=paper.text("note") if not is_preprint(entry) else "",
            abstract=paper.text("abstract"),
            bibtex=bibtex_of(paper, self._buttons),
            links=links,
            topics=paper.topics,
            is_selected=paper.text("selected").lower() in ("true", "yes", "1"),
            preview=self._preview(paper, section),
            citation=citation_meta(paper, title, permalink, absolute(site.settings, pdf) if pdf else ""),
            json_ld=json_ld_of(paper, title, permalink),
        )

    def _links(self, paper: Publication, section: IndexedPage) -> Iterator[PublicationLink]:
        """Buttons, each address once: what the DOI and arXiv lead to has no second one."""
        seen: set[str] = set()
        for field, label in self._buttons.items():
            url = self._target(field, paper, section)
            if url and url not in seen:
                seen.add(url)
                yield PublicationLink(field=field, label=label, url=url)

    def _target(self, field: str, paper: Publication, section: IndexedPage) -> str:
        if field == "doi":
            return paper.entry.doi_url
        if field == "arxiv":
            return f"https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else ""
        value = paper.text(field)
        if field == "url" and _is_known(value, paper):
            return ""
        if value.startswith(("https://", "http://")):
            return percent_encoded(value)
        found = self._file(value, section) if value else None
        return found[0] if found is not None else ""

    def _file(self, name: str, section: IndexedPage) -> tuple[str, Path] | None:
        """A file of the section's bundle, else of `static/`: its address and where it lies."""
        wanted = name.removeprefix("./").lstrip("/")
        for resource in section.resources:
            if str(resource.name) == wanted and not name.startswith("/"):
                return resource_url(resource, section, self._site.settings), resource.file
        file = self._site.static_file(wanted)
        return None if file is None else (with_base(self._site.settings, f"/{wanted}"), file)

    def _preview(self, paper: Publication, section: IndexedPage) -> Thumbnail | None:
        name = paper.text("preview")
        found = self._file(name, section) if name else None
        if found is None:
            return None
        self._pictures[str(self._site.settings.relative_to_root(found[1]))] = None
        size = file_size_px(found[1])
        if size is None:
            return None
        return Thumbnail(url=found[0], width=size[0], height=size[1])

    def _filters(self, section: PageKey, kind: str, current: PageKey) -> Iterator[FilterLink]:
        parts = self._parts(section)
        for key, each in self._known.filters.items():
            place = self._site.index.pages.get(key)
            if each.section == section and each.kind == kind and place is not None and place.url:
                yield FilterLink(
                    title=each.title,
                    url=with_base(self._site.settings, place.url),
                    count=len(parts.get((kind, each.slug), ())),
                    is_current=key == current,
                )


def _anchors(papers: Iterable[Publication]) -> list[str]:
    """Ids of rows: of two papers whose keys differ in signs or case alone, the second has a number."""
    taken: dict[str, None] = {}
    for paper in papers:
        wanted = anchor = slug_of(paper.entry.key) or "paper"
        number = 2
        while anchor in taken:
            anchor, number = f"{wanted}-{number}", number + 1
        taken[anchor] = None
    return [*taken]


def _is_known(url: str, paper: Publication) -> bool:
    """Whether an address is the DOI's or arXiv's, which have buttons of their own."""
    doi, arxiv = paper.entry.doi, paper.arxiv
    is_doi = bool(doi) and "doi.org/" in url and doi.lower() in url.lower()
    return is_doi or (bool(arxiv) and "arxiv.org/" in url and arxiv in url)


def _by_year(papers: Iterable[PublicationView], words: Words) -> Iterator[PublicationGroup]:
    for year, group in groupby(papers, key=lambda paper: paper.year):
        anchor = f"y-{slug_of(year or 'Undated')}"
        yield PublicationGroup(title=year or words("list.undated"), anchor=anchor, papers=tuple(group))


def _in_words(count: int, total: int, kind: str, title: str, words: Words) -> str:
    if not kind:
        return words("papers.all", count=total) if total > 1 else ""
    key = {"type": "papers.of_type", "topic": "papers.on_topic"}[kind]
    return words(key, shown=count, count=total, title=title)
