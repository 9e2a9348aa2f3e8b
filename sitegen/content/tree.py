"""The tree of pages: the key, kind and section of each file, and the list pages that no file stands for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.folders import format_rank, own_language, page_name
from sitegen.content.index import Kind
from sitegen.content.metadata import PageMeta
from sitegen.content.permalinks import lower_case, sanitize
from sitegen.content.sources import Source
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.values import dataclass

HOME = PageKey("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page stands in the tree, before anything is said of its URL or its neighbours."""

    key: PageKey
    kind: Kind
    source: Source | None
    folder: PurePosixPath
    """The folder of its URL below the root, as it is spelt on disk; of a list page, its own."""
    name: str
    """The last part of its default URL as spelt on disk; empty for a list page."""
    section: str
    """The top-level section as spelt in keys."""
    taxonomy: str = ""
    term: str = ""
    meta: PageMeta
    """Its own front matter; the cascade is not applied yet."""


def place_pages(
    sources: Iterable[Source], config: Config
) -> tuple[dict[PageKey, Place], tuple[Diagnostic, ...]]:
    """A place for each file and for home and the top-level sections, in the order of paths.

    Of two files with one key one keeps it (Hugo takes now one and now the other); the other is an SG115 error,
    or a warning where the two are one page in two formats, such as `post.md` and the `post.html` made of it.
    """
    places: dict[PageKey, Place] = {}
    diagnostics: list[Diagnostic] = []
    for source in sources:
        place = _place(source, config)
        taken = places.setdefault(place.key, place)
        if taken is not place:
            kept = min(taken, place, key=_precedence)
            places[place.key] = kept
            diagnostics.append(_same_key(place if kept is taken else taken, kept))
    taxonomies = {taxonomy_path(plural) for plural in config.taxonomies.values()}
    for place in list(places.values()):
        if place.taxonomy or not place.section or place.section in taxonomies:
            continue
        if f"/{place.section}" not in places:
            section = _automatic_section(place)
            places[section.key] = section
    if HOME not in places:
        root = PurePosixPath()
        home = Place(key=HOME, kind="home", source=None, folder=root, name="", section="", meta=PageMeta())
        places[HOME] = home
    return places, tuple(diagnostics)


def parent_of(place: Place, places: Mapping[PageKey, Place]) -> PageKey | None:
    """The nearest section above a page; of a term its taxonomy."""
    if place.kind == "home":
        return None
    if place.kind == "term":
        return PageKey(f"/{place.taxonomy}")
    path = place.key
    while path := PageKey(path.rpartition("/")[0]):
        above = places.get(path)
        if above is not None and above.kind in ("section", "taxonomy", "term"):
            return path
    return HOME


def ancestors_of(place: Place, places: Mapping[PageKey, Place]) -> tuple[Place, ...]:
    """Every list page above a page, nearest first, home last."""
    found = []
    key = parent_of(place, places)
    while key is not None and key in places:
        found.append(places[key])
        key = parent_of(places[key], places)
    return tuple(found)


def key_of(path: str) -> PageKey:
    """The logical path of a path on disk: lower case, `-` for spaces, composed Unicode."""
    return PageKey("/" + lower_case(unicodedata.normalize("NFC", path).strip("/")).replace(" ", "-"))


def taxonomy_path(plural: str) -> str:
    """A taxonomy's path: `book-authors` of `Book Authors`."""
    return key_of(plural)[1:]


def term_path(term: str, config: Config) -> str:
    """A term's path below its taxonomy, by which spellings of one term are merged."""
    return _term_path(term, config.remove_path_accents)


@lru_cache(maxsize=4096)
def _term_path(term: str, remove_accents: bool) -> str:
    lowered = lower_case(unicodedata.normalize("NFC", term).strip(" /")).replace(" ", "-")
    parts = sanitize(lowered, remove_accents=remove_accents).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _place(source: Source, config: Config) -> Place:
    if source.bundle == "branch":
        return _place_branch(source, config)
    folder, _, name = str(source.content_path).rpartition("/")
    if source.bundle == "leaf":
        folder, _, name = folder.rpartition("/")
        key = key_of(f"{folder}/{name}")
    else:
        name = page_name(name, own_language(config))
        key = key_of(f"{folder}/{name}")
    section = key.split("/")[1] if folder else ""
    return Place(
        key=key,
        kind="page",
        source=source,
        folder=_folder(folder),
        name=name,
        section=section,
        meta=source.meta,
    )


@lru_cache(maxsize=4096)
def _folder(path: str) -> PurePosixPath:
    """One path for all pages of a folder."""
    return PurePosixPath(path)


def _place_branch(source: Source, config: Config) -> Place:
    folder = source.content_path.parent
    key = key_of("" if folder == PurePosixPath() else str(folder))
    section = key.split("/")[1]
    kind: Kind = "section" if section else "home"
    taxonomy = term = ""
    for path in map(taxonomy_path, config.taxonomies.values()):
        if f"{key}/".startswith(f"/{path}/"):
            taxonomy = path
            kind = "taxonomy" if key == f"/{path}" else "term"
            if kind == "term":
                below = folder.parts[path.count("/") + 1 :]
                term = term_path("/".join(below), config)
                key = PageKey(f"/{taxonomy}/{term}")
            break
    return Place(
        key=key,
        kind=kind,
        source=source,
        folder=folder,
        name="",
        section=section,
        taxonomy=taxonomy,
        term=term,
        meta=source.meta,
    )


def _automatic_section(place: Place) -> Place:
    folder = PurePosixPath(place.folder.parts[0])
    return Place(
        key=PageKey(f"/{place.section}"),
        kind="section",
        source=None,
        folder=folder,
        name="",
        section=place.section,
        meta=PageMeta(),
    )


def _precedence(place: Place) -> tuple[object, ...]:
    """Bundles go before single files, `.md` before other formats."""
    assert place.source is not None  # noqa: S101 - only files are compared
    rank = {"leaf": 0, "branch": 1, None: 2}[place.source.bundle]
    path = place.source.content_path
    return (rank, *format_rank(path)) if place.source.bundle is None else (rank,)


def _same_key(place: Place, taken: Place) -> Diagnostic:
    assert place.source is not None  # noqa: S101 - only files are compared
    assert taken.source is not None  # noqa: S101
    is_twin = place.source.path.with_suffix("") == taken.source.path.with_suffix("")
    return Diagnostic(
        code="SG115",
        severity="warning" if is_twin else "error",
        message=f"`{place.source.path}` and `{taken.source.path}` are one page, `{place.key}`",
        location=SourceLocation(path=place.source.path),
        hint="rename or remove one of the two",
        related=(SourceLocation(path=taken.source.path),),
    )
