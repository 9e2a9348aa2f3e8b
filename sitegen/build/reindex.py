"""The index of this build, with what of it is not as it was: the last one where only bodies were edited, else made anew."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sitegen.build.bodies import ReadLater
from sitegen.build.last import Last
from sitegen.build.read_ahead import Ahead
from sitegen.build.stock import ABSENT, Stock
from sitegen.config import Config
from sitegen.content.cited import has_bibliography
from sitegen.content.document import PageKey
from sitegen.content.folders import ContentFiles, FoundFile, FoundPage, walk_content
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.site import build_index
from sitegen.content.sources import Source, dated_by_git, discover, read_sources, same_but_for_bodies
from sitegen.frozen import with_fields
from sitegen.rendering.incremental.facts import place_identity
from sitegen.rendering.links import published_files
from sitegen.rendering.lists.related import RelatedPages, related_by_front_matter
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.content.bibliography import Bibliography


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindexed:
    """The site's index, beside the last build's."""

    index: SiteIndex
    keys: tuple[PageKey, ...]
    """Of its pages, in order."""
    rendered: int
    """How many of them have a file."""
    is_made_anew: bool
    """It is not the last build's with other bodies."""
    touched: frozenset[PageKey] = frozenset()
    """Pages whose place or source differs, or how it is read; new ones and those that are gone."""
    moved: frozenset[PageKey] = frozenset()
    """Those of them where more than the body differs."""
    is_structure: bool = False
    """Which pages there are, their order, lists, terms and menus."""
    is_addresses: bool = False
    """Where pages, static files and files of bundles are published."""
    unlisted: tuple[Source, ...] = ()
    """Sources of files that are no page of the site."""
    related: RelatedPages | None = None
    """Which pages are related to which, where front matter alone says that."""
    files: Mapping[str, str] | None = None
    """`rendering.links.published_files` of the index, where they are known."""


def reindex(
    config: Config,
    last: Last,
    stock: Stock,
    differing: set[str],
    *,
    must_be_made: bool,
    ahead: Ahead | None = None,
) -> Reindexed:
    """The index, and what of it differs.

    Args:
        config: of the site.
        last: what the last build left.
        stock: of this build.
        differing: paths of files that are not as they were.
        must_be_made: something else that the index is made of may differ: settings, the date, git.
        ahead: the content, where another process has begun to read it.
    """
    before = last.index
    if before is not None and not must_be_made:
        edited = _only_bodies(config, last, before, stock, differing)
        if edited is not None:
            return edited
    files, sources = _discovered(config, last, stock, differing, ahead)
    index = build_index(
        sources, config, files=files, known_bibliographies=_known_bibliographies(before, config, differing)
    )
    placed = {page.source.path for page in index.pages.values() if page.source is not None}
    unlisted = tuple(source for source in sources if source.path not in placed)
    made = Reindexed(
        index=index,
        keys=tuple(index.pages),
        rendered=sum(1 for page in index.pages.values() if page.output_path is not None),
        is_made_anew=True,
        unlisted=unlisted,
        related=related_by_front_matter(index, config),
        files=published_files(index),
    )
    return made if before is None else _beside(made, before, last)


def _discovered(
    config: Config, last: Last, stock: Stock, differing: set[str], ahead: Ahead | None
) -> tuple[ContentFiles, tuple[Source, ...]]:
    """The content files and their sources; what an earlier build knows is not read."""
    if ahead is not None:
        files, read = ahead.read()
        return files, dated_by_git(read, config)
    files = walk_content(config)
    known = None if last.index is None else _Known(last, last.index, stock, differing)
    return files, discover(config, known, files=files)


def _beside(made: Reindexed, before: SiteIndex, last: Last) -> Reindexed:
    """The same with what differs from the last build's index."""
    index, unlisted = made.index, made.unlisted
    old, new = before.pages, index.pages
    touched = {key for key in made.keys if key not in old or old[key] != new[key]}
    gone = old.keys() - new.keys()
    moved = {key for key in touched if key not in old or place_identity(old[key]) != place_identity(new[key])}
    return replace(
        made,
        touched=frozenset(touched | gone | _read_otherwise(before, index)),
        moved=frozenset(moved | gone),
        is_structure=tuple(old) != made.keys or _lists(before) != _lists(index),
        is_addresses=bool(gone)
        or before.static_files != index.static_files
        or _paths(last.unlisted) != _paths(unlisted)  # a hint names what is left out
        or any(key not in old or _address(old[key]) != _address(new[key]) for key in touched),
    )


def _only_bodies(
    config: Config, last: Last, before: SiteIndex, stock: Stock, differing: set[str]
) -> Reindexed | None:
    """The last build's index with new sources, where nothing that it was made of has changed; else None."""
    edited: dict[PageKey, IndexedPage] = {}
    indexed = (config.content_dir, config.notebooks_dir, config.data_dir, *config.static_dirs)
    folders = tuple(os.fspath(folder) + os.sep for folder in indexed)
    cited = before.bibliographies.looked_for if before.bibliographies is not None else ()
    if any(os.fspath(config.root / path) in differing for path in cited):
        return None
    templates = os.fspath(config.templates_dir) + os.sep
    if any(path.startswith(templates) and _has(stock, path) != _has(last.stock, path) for path in differing):
        return None  # a page's type that the site has templates for is no slip
    below = [path for path in sorted(differing) if path.startswith(folders)]
    if not all(_has(stock, path) or not _has(last.stock, path) for path in below):
        return None  # before any page is read, of whose bundle a file may be gone
    for path in sorted(differing):
        if not path.startswith(folders):
            continue  # what is in a template or an asset: no part of the index
        key = before.by_source.get(config.relative_to_root(Path(path)))
        is_there = _has(stock, path) and _has(last.stock, path)
        if key is None or not is_there:
            if is_there and _is_static(path, config):
                continue  # another content at the same address
            return None
        place = before.pages[key]
        source = place.source
        if source is None or source.format in ("notebook", "percent"):
            return None
        (now,) = read_sources((_found(source, path, stock),), config)
        now = replace(now, git=source.git)
        if not same_but_for_bodies(source, now):
            return None
        edited[key] = replace(place, source=now)
    pages: Mapping[PageKey, IndexedPage] = ReadLater(
        {key: last.refs[key] for key in before.pages}, last.state.bodies.place, edited
    )
    return Reindexed(
        index=replace(before, pages=pages),
        keys=tuple(before.pages),
        rendered=last.outcome.pages if last.outcome is not None else 0,
        is_made_anew=False,
        touched=frozenset(key for key, place in edited.items() if place != before.pages[key]),
        unlisted=last.unlisted,
        related=last.related,
        files=last.files,
    )


def _known_bibliographies(
    before: SiteIndex | None, config: Config, differing: set[str]
) -> Mapping[PurePosixPath, Bibliography]:
    """Those of the last build whose files are as they were."""
    if before is None or before.bibliographies is None:
        return {}
    files = before.bibliographies.files
    return {path: known for path, known in files.items() if os.fspath(config.root / path) not in differing}


def _has(stock: Stock, path: str) -> bool:
    """Whether there is such a file: one that was asked for in vain is in stock too, without size and time."""
    return stock.files.get(path, ABSENT) != ABSENT


def _is_static(path: str, config: Config) -> bool:
    return any(path.startswith(os.fspath(folder) + os.sep) for folder in config.static_dirs)


def _found(source: Source, path: str, stock: Stock) -> FoundPage:
    """The page's file as walking the content folder would find it."""

    def file(place: Path, content_path: PurePosixPath) -> FoundFile:
        size, changed = stock.files.get(os.fspath(place), (0, 0))
        return FoundFile(file=place, content_path=content_path, size_bytes=size, mtime_ns=changed)

    folder = source.content_path.parent
    return FoundPage(
        file=file(Path(path), source.content_path),
        bundle=source.bundle,
        format=source.format,
        resources=tuple(file(resource.file, folder / resource.name) for resource in source.resources),
    )


def _read_otherwise(before: SiteIndex, now: SiteIndex) -> set[PageKey]:
    """Pages where `@key` was text and may now be a citation, or the other way: a bibliography has come or gone."""
    if before.bibliographies == now.bibliographies:
        return set()
    return {key for key in now.pages if has_bibliography(before, key) != has_bibliography(now, key)}


def _lists(index: SiteIndex) -> tuple[object, ...]:
    return (
        index.children,
        index.regular,
        index.page_terms,
        index.neighbours,
        index.menus,
        index.by_source,
    )


def _paths(sources: tuple[Source, ...]) -> set[PurePosixPath]:
    return {source.path for source in sources}


def _address(place: IndexedPage) -> tuple[object, ...]:
    names = tuple((resource.name, resource.label) for resource in place.resources)
    return place.kind, place.url, place.output_path, place.target_path, names


class _Known:
    """The sources of the last build whose files are as they were: they need not be read."""

    def __init__(self, last: Last, before: SiteIndex, stock: Stock, differing: set[str]) -> None:
        self._before = before
        self._stock = stock.files
        self._differing = differing
        self._unlisted = {source.path: source for source in last.unlisted}

    def get(self, path: PurePosixPath) -> Source | None:
        """The source of a file, by its path below the root; None where the file, or one of its bundle, differs."""
        key = self._before.by_source.get(path)
        source = self._before.pages[key].source if key is not None else self._unlisted.get(path)
        if source is None or os.fspath(source.file) in self._differing:
            return None
        if any(os.fspath(resource.file) in self._differing for resource in source.resources):
            return None
        return with_fields(
            source,
            mtime_ns=self._changed(source.file),
            resources=tuple(
                with_fields(resource, mtime_ns=self._changed(resource.file)) for resource in source.resources
            ),
        )

    def _changed(self, file: Path) -> int:
        """When it was changed: a file can have been touched since its page was made, and be as it was."""
        return self._stock.get(os.fspath(file), ABSENT)[1]
