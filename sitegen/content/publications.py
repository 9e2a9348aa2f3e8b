"""A section of papers: the entries of its bibliography as publications, and the pages that no file stands for.

These are the page of each paper that has an abstract, and a page for each type and topic by which the list can be
narrowed. They are places like any other, so URLs, permalinks, cascades and collisions are what they are for all pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.content.bibliographies import Bibliographies, is_publications
from sitegen.content.dates import time_zone
from sitegen.content.document import PageKey
from sitegen.content.metadata import BuildOptions, PageMeta
from sitegen.content.permalinks import sanitize
from sitegen.content.tree import Place
from sitegen.frozen import FrozenDict, with_fields
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.content.bibliography import Bibliography, Entry

FilterKind = Literal["type", "topic"]

TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("article", "suppperiodical", "periodical"), "article"),
    **dict.fromkeys(("inproceedings", "conference"), "conference"),
    **dict.fromkeys(("incollection", "inbook", "suppbook", "suppcollection"), "chapter"),
    **dict.fromkeys(("book", "mvbook", "booklet", "collection", "proceedings"), "book"),
    **dict.fromkeys(("phdthesis", "mastersthesis", "thesis"), "thesis"),
    **dict.fromkeys(("techreport", "report"), "report"),
    "software": "software",
    "dataset": "dataset",
    "patent": "patent",
    "preprint": "preprint",
}
"""Kind of entry to the last part of the type's URL; the heading is a string of that name (`papers.article`). `preprint` is
no kind of BibTeX: see `is_preprint`."""
OTHER: Final = "other"
_PREPRINT_KINDS: Final = frozenset(
    {"article", "misc", "online", "unpublished", "techreport", "report", "preprint"}
)
_NOT_A_VENUE: Final = re.compile(r"\s*(arxiv\b.*|corr|computing research repository.*)?\s*", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+")
_DESCRIPTION: Final = 200
"""Characters of an abstract that stand for it where a page is told of in short."""
_LEFT_OUT: Final = BuildOptions(list="never")
_LOCAL: Final = BuildOptions(list="local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One paper: an entry, and the entries of the same paper that stand in one row with it."""

    entry: Entry
    """What is shown of it: its published version, where there is one."""
    preprints: tuple[Entry, ...] = ()
    """Of the same title and first author."""
    page: PageKey | None = None
    """The page of its own; None: it has none."""

    @property
    def key(self) -> str:
        """That of the entry."""
        return self.entry.key

    @property
    def keys(self) -> tuple[str, ...]:
        """All that it can be named by."""
        return (self.entry.key, *(entry.key for entry in self.preprints))

    def text(self, *names: str) -> str:
        """The first of these fields that is not empty: of the entry, else of a preprint."""
        return next((text for each in (self.entry, *self.preprints) if (text := each.text(*names))), "")

    @property
    def arxiv(self) -> str:
        """Its number, also where only the preprint has it."""
        return next((each.arxiv for each in (self.entry, *self.preprints) if each.arxiv), "")

    @property
    def type(self) -> str:
        """The last part of the URL of its type."""
        return TYPES["preprint"] if is_preprint(self.entry) else TYPES.get(self.entry.kind, OTHER)

    @property
    def topics(self) -> tuple[str, ...]:
        """As the `keywords` field lists them, with commas or semicolons between."""
        parts = re.split(r"[,;]", self.text("keywords"))
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A page that shows a part of the list."""

    section: PageKey
    kind: FilterKind
    slug: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publications:
    """The papers of a site's sections, and the pages that are made for them."""

    of_section: FrozenDict[PageKey, tuple[Publication, ...]] = field(default_factory=FrozenDict)
    """Newest first; those without a year last."""
    papers: FrozenDict[PageKey, tuple[PageKey, str]] = field(default_factory=FrozenDict)
    """Page of a paper to its section and the paper's key, whether a file stands for the page or not."""
    filters: FrozenDict[PageKey, Filter] = field(default_factory=FrozenDict)
    generated: frozenset[PageKey] = frozenset()
    """Pages without a file: in the site's lists they do not stand, but in the sitemap."""


def find_publications(
    places: Mapping[PageKey, Place], known: Bibliographies, config: Config
) -> tuple[Publications | None, dict[PageKey, Place]]:
    """The papers of every section of type `publications`, with the places of their pages.

    A page that has a file keeps what its front matter says, and gets the rest from the entry.

    Args:
        places: every page that a file stands for, with its own front matter.
        known: the site's bibliographies.
        config: of the site.

    Returns:
        The papers, None where no section lists any, and the places that are new or have been filled.
    """
    made: dict[PageKey, Place] = {}
    of_section: dict[PageKey, tuple[Publication, ...]] = {}
    papers: dict[PageKey, tuple[PageKey, str]] = {}
    filters: dict[PageKey, Filter] = {}
    for section in [place for place in places.values() if is_publications(place)]:
        paths = known.of_page.get(section.key) or known.of_site
        if not paths or _is_left_out(section.meta, config):
            continue
        listed = []
        for paper in _publications(known.files[path] for path in paths):
            page = _paper_page(paper, section, places, config)
            if page is not None and page.key not in papers:
                made[page.key] = page
                papers[page.key] = (section.key, paper.key)
                fields = {**paper.entry.fields, **_given_fields(page.meta)}
                entry = with_fields(paper.entry, fields=FrozenDict(fields))
                paper = with_fields(paper, page=page.key, entry=entry)
            listed.append(paper)
        of_section[section.key] = tuple(listed)
        for each in _filters(listed, section, config.words):
            place = _filter_page(each, section)
            if place.key not in places:
                made[place.key] = place
                filters[place.key] = each
    if not of_section:
        return None, {}
    found = Publications(
        of_section=FrozenDict(of_section),
        papers=FrozenDict(papers),
        filters=FrozenDict(filters),
        generated=frozenset(key for key in made if key not in places),
    )
    return found, made


def is_preprint(entry: Entry) -> bool:
    """Whether it is on arXiv and nowhere else, as far as the entry says."""
    return (
        entry.kind in _PREPRINT_KINDS
        and bool(entry.arxiv)
        and _NOT_A_VENUE.fullmatch(entry.text("journal", "journaltitle", "booktitle")) is not None
    )


def slug_of(text: str) -> str:
    """The last part of a URL for a key or a topic: `DBLP:conf/nips/X` is `dblp-conf-nips-x`."""
    plain = unicodedata.normalize("NFC", text).lower().replace("/", "-").replace(":", "-")
    return re.sub(r"-{2,}", "-", sanitize(plain.replace(" ", "-")).replace("/", "-")).strip("-.")


# --- papers -----------------------------------------------------------------------------------


def _publications(bibliographies: Iterable[Bibliography]) -> list[Publication]:
    entries: dict[str, Entry] = {}
    for bibliography in bibliographies:
        for key, entry in bibliography.entries.items():
            entries.setdefault(key, entry)
    named = {entry.text("crossref") for entry in entries.values()}
    shown = [entry for key, entry in entries.items() if not (key in named and not entry.authors)]
    return sorted(_merged(shown), key=_newest_first)


def _merged(entries: Iterable[Entry]) -> Iterator[Publication]:
    """One row for a paper and its preprint: the same title and first author, one of them only on arXiv."""
    same: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        same.setdefault(_identity(entry), []).append(entry)
    for group in same.values():
        published = [entry for entry in group if not is_preprint(entry)]
        preprints = [entry for entry in group if is_preprint(entry)]
        if not published or not preprints:
            yield from (Publication(entry=entry) for entry in group)
            continue
        first, *others = published
        yield Publication(entry=first, preprints=tuple(preprints))
        yield from (Publication(entry=entry) for entry in others)


def _identity(entry: Entry) -> tuple[str, str]:
    first = entry.authors[0] if entry.authors else None
    title = bare(entry.title)
    if not title or first is None:
        return entry.key, ""  # nothing to tell it by: it stands alone
    return title, bare(first.family or first.literal)


def bare(text: str) -> str:
    """Letters and digits in lower case, without accents and signs: what two spellings have in common."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(_WORD.findall(letters.casefold()))


_LETTERS: Final = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "AE", "œ": "oe"}
)
"""Letters that Unicode does not take apart."""


def _newest_first(paper: Publication) -> tuple[object, ...]:
    date = paper.entry.date
    if not date:
        is_to_come = bool(paper.entry.text("year", "pubstate"))  # `in press`
        return (0 if is_to_come else 2, 0, 0, 0)
    year, month, day = (*date, 0, 0)[:3]
    return (1, -year, -month, -day)


# --- pages ------------------------------------------------------------------------------------


def _is_left_out(meta: PageMeta, config: Config) -> bool:
    """Whether the section itself is not built: then no page is made below it."""
    return (
        (meta.draft and not config.build_drafts)
        or (meta.publish_date is not None and meta.publish_date > config.now and not config.build_future)
        or (meta.expiry_date is not None and meta.expiry_date <= config.now and not config.build_expired)
        or meta.build.render == "never"
    )


def _paper_page(
    paper: Publication, section: Place, places: Mapping[PageKey, Place], config: Config
) -> Place | None:
    """The page of a paper that has a file or an abstract."""
    slugs = [slug for key in paper.keys if (slug := slug_of(key))]
    for slug in slugs:
        own = places.get(PageKey(f"{section.key}/{slug}"))
        if own is not None and own.kind == "page":
            return with_fields(own, meta=_filled(own.meta, paper, config))
    if not slugs or not paper.text("abstract"):
        return None
    if f"{section.key}/{slugs[0]}" in places:  # a section of that name
        return None
    return _place(section, slugs[0], _filled(PageMeta(build=_LOCAL), paper, config))


def _filled(meta: PageMeta, paper: Publication, config: Config) -> PageMeta:
    """What a page's front matter says, over what the entry does."""
    title = meta.title or paper.entry.title or paper.key
    date = meta.date or _moment(paper.entry, config)
    return with_fields(
        meta,
        title=title,
        link_title=meta.link_title or title,
        date=date,
        lastmod=meta.lastmod or date,
        description=meta.description or _short(paper.text("abstract")),
        type=meta.type or "publications",
        given=meta.given | {"title", "type", "description"},
    )


def _given_fields(meta: PageMeta) -> dict[str, str]:
    """Front matter by the names of BibTeX's fields; a list of keywords as BibTeX writes one."""
    found = {"title": meta.title} if meta.title else {}
    if meta.keywords:
        found["keywords"] = ", ".join(meta.keywords)
    for name, value in meta.params.items():
        if isinstance(value, bool):
            found[name] = "true" if value else ""
        elif isinstance(value, (str, int)):
            found[name] = str(value)
    return found


def _short(text: str) -> str:
    """The first words of an abstract."""
    if len(text) <= _DESCRIPTION:
        return text
    start = text[:_DESCRIPTION]  # of a language without spaces all of it
    return (start.rpartition(" ")[0] or start).rstrip(",;:") + "…"


def _moment(entry: Entry, config: Config) -> datetime | None:
    if not entry.date:
        return None
    year, month, day = (*entry.date, 1, 1)[:3]
    try:
        return datetime(year, month, day, tzinfo=time_zone(config.time_zone))
    except ValueError:  # the 31st of June
        return datetime(year, month, 1, tzinfo=time_zone(config.time_zone))


def _filters(papers: Iterable[Publication], section: Place, words: Words) -> Iterator[Filter]:
    """Of each type, where there is more than one, and of each topic."""
    types = dict.fromkeys(paper.type for paper in papers)
    if len(types) > 1:
        for slug in types:
            yield Filter(section=section.key, kind="type", slug=slug, title=words(f"papers.{slug}"))
    topics: dict[str, str] = {}
    for paper in papers:
        for topic in paper.topics:
            topics.setdefault(slug_of(topic), topic)
    for slug, title in sorted(topics.items()):
        if slug:
            yield Filter(section=section.key, kind="topic", slug=slug, title=title)


def _filter_page(each: Filter, section: Place) -> Place:
    title = f"{section.meta.title or section.folder.name}: {each.title}"
    meta = PageMeta(
        title=title,
        link_title=each.title,
        type="publications",
        layout="filter",
        build=_LEFT_OUT,
        given=frozenset({"title", "type", "layout", "build"}),
    )
    return _place(section, each.slug, meta, folder=each.kind)


def _place(section: Place, name: str, meta: PageMeta, *, folder: str = "") -> Place:
    above = PurePosixPath(section.folder, folder) if folder else section.folder
    key = "/".join(part for part in (section.key, folder, name) if part)
    return Place(
        key=PageKey(key),
        kind="page",
        source=None,
        folder=above,
        name=name,
        section=section.section,
        meta=meta,
    )
