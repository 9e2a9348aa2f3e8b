"""The values of the site's index: pages with their places, menus, static files; made in `site.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from sitegen.content.document import PageKey
from sitegen.content.execute_options import PageExecution
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict, compact
from sitegen.values import dataclass

if TYPE_CHECKING:  # here they are only named: what reads files is imported by who reads
    from sitegen.content.bibliographies import Bibliographies
    from sitegen.content.metadata import PageMeta
    from sitegen.content.publications import Publications
    from sitegen.content.sources import Resource, Source

Kind = Literal[
    "home",
    "section",
    "page",
    "taxonomy",
    "term",
    "404",
    "sitemap",
    "robotstxt",
    "llmstxt",
    "hostheaders",
    "opensearch",
    "assets",
    "static",
    "searchindex",
]
"""Hugo's kinds; `assets` (the theme's and the site's styles and scripts), `static` and `searchindex` join the line as pages too."""


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPage:
    """A page's place in the site; with or without a file behind it."""

    key: PageKey
    kind: Kind
    type: str
    """Front matter's `type`, else the top-level section, else `page`."""
    section: str
    """The top-level section's folder name; empty at the root."""
    source: Source | None
    """None for a list page that no `_index.md` stands for."""
    meta: PageMeta
    """With the cascade applied and dates resolved."""
    execution: PageExecution
    title: str
    """`meta.title`, or the automatic title of a list page."""
    url: str
    """Site-absolute, percent-encoded, without the base path: `/posts/ppo/`. Empty: not rendered."""
    output_path: PurePosixPath | None
    """Below the output folder: `posts/ppo/index.html`; None: not rendered."""
    target_path: PurePosixPath | None = None
    """Its `output_path`, or what that would be if it were rendered: the files of its bundle are published beside it.
    None where another page has that path."""
    aliases: tuple[PurePosixPath, ...] = ()
    """Output paths of redirects to this page."""
    parent: PageKey | None = None
    """The nearest section; for a term its taxonomy; None for home."""
    date: datetime | None = None
    """Its own, or for a list page without one the newest of its descendants; aware."""
    lastmod: datetime | None = None
    taxonomy: str = ""
    """The plural, for kinds taxonomy and term."""
    term: str = ""
    """The term's path below its taxonomy, for kind term."""
    resources: tuple[Resource, ...] = ()


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """A menu entry with its children, from configuration or front matter."""

    identifier: str
    name: str
    title: str
    url: str
    """Site-absolute without the base path, or with a scheme."""
    page: PageKey | None
    weight: int
    pre: str = ""
    post: str = ""
    params: FrozenDict[str, object] = field(default_factory=FrozenDict)
    children: tuple[MenuEntry, ...] = ()


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A file that is published as it is: from `static/`, or a lone non-page file in `content/`."""

    output_path: PurePosixPath
    file: Path


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """How many pages were left out, and why."""

    drafts: int = 0
    future: int = 0
    expired: int = 0


class PagesBySource(Mapping[PurePosixPath, PageKey]):
    """`Source.path` to the page.

    Kept as texts: 10,000 paths take 40 ms to be read from a pickle, their texts 2.
    """

    __slots__ = ("_keys",)

    def __init__(self, pages: Mapping[str, PageKey]) -> None:
        """Args:
        pages: by the path's text.
        """
        self._keys = dict(pages)

    def __getitem__(self, path: PurePosixPath) -> PageKey:
        return self._keys[str(path)]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, PurePosixPath) and str(path) in self._keys

    def __iter__(self) -> Iterator[PurePosixPath]:
        return map(PurePosixPath, self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __eq__(self, other: object) -> bool:
        return self._keys == other._keys if isinstance(other, PagesBySource) else super().__eq__(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._keys.items()))

    def __repr__(self) -> str:
        return f"PagesBySource({self._keys!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (PagesBySource, (self._keys,))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteIndex:
    """Every page's place, before any body is read. All sequences are in Hugo's default order."""

    pages: Mapping[PageKey, IndexedPage]
    """In a build that has the index of an earlier one, a page is read when it is asked for."""
    by_source: PagesBySource
    """`Source.path` to the page."""
    children: Mapping[PageKey, tuple[PageKey, ...]]
    """Hugo's `.Pages` of home, sections, taxonomies (their terms) and terms (their pages)."""
    regular: tuple[PageKey, ...]
    """Hugo's `site.RegularPages`."""
    page_terms: Mapping[PageKey, tuple[PageKey, ...]]
    """The term pages of a regular page, in the order it names them."""
    neighbours: Mapping[PageKey, tuple[PageKey | None, PageKey | None]]
    """(older, newer) among the regular pages of the same section: Hugo's PrevInSection, NextInSection."""
    menus: FrozenDict[str, tuple[MenuEntry, ...]]
    data: FrozenDict[str, object]
    static_files: tuple[StaticFile, ...]
    skipped: Skipped
    all_sources: tuple[Source, ...]
    """Including those skipped: for `sitegen list` and `sitegen check`. In a build that has the index of an earlier
    one, only those of files that are no page: what else a build asks of Sources, it asks of its pages."""
    by_name: Mapping[str, tuple[PageKey, ...]] = field(default_factory=FrozenDict)
    """The last part of a page's key to the pages that have it: for references by name alone."""
    kinds: Mapping[PageKey, Kind] = field(default_factory=FrozenDict)
    """The kind of each of `pages`, in their order: so none of them need be read for it."""
    depends_on_git: bool = False
    """Whether a commit alone can make it another one: only then `git_state` counts."""
    next_event: datetime | None = None
    """The first moment at which the index will be another one though no file has changed; None: there is none."""
    bibliographies: Bibliographies | None = None
    """The `.bib` files and which pages cite from which; None: the site names none."""
    publications: Publications | None = None
    """The papers of sections of type `publications` and the pages made for them; None: there is no such section."""
    search_page: PageKey | None = None
    """The page of layout or type `search`; without one nothing of search is in the site."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Of sources and of the index."""
