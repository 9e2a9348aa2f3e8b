"""Taxonomies and their terms: which pages carry a term, and the list pages that this calls for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import PurePosixPath

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.metadata import PageMeta
from sitegen.content.project_categories import TAXONOMY, categories_of
from sitegen.content.titles import title_case
from sitegen.content.tree import Place, key_of, taxonomy_path, term_path
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Every term of the site with its pages."""

    places: tuple[Place, ...]
    """Taxonomy and term pages that no file stands for."""
    pages: Mapping[PageKey, tuple[tuple[int, PageKey], ...]]
    """A term's pages, each with its `<plural>_weight`, in the order of paths."""
    of_page: Mapping[PageKey, tuple[PageKey, ...]]
    """A page's terms, in the order it names them."""


@dataclass(slots=True)
class _Found:
    """A term while pages are being read."""

    taxonomy: str
    written: str
    """As the first page spells it."""
    pages: dict[PageKey, int] = field(default_factory=dict)


def gather_terms(metas: Mapping[PageKey, PageMeta], places: Mapping[PageKey, Place], config: Config) -> Terms:
    """The terms that pages name; spellings with one path are one term, titled by the first.

    Args:
        metas: of the pages that are built, in the order of paths.
        places: of the same pages, among them the `_index.md` of taxonomies and terms.
        config: of the site.
    """
    found: dict[PageKey, _Found] = {}
    keys: dict[tuple[str, str], PageKey] = {}  # one text for all pages that name a term
    of_page: dict[PageKey, tuple[PageKey, ...]] = {}
    taxonomies = [(plural.lower(), taxonomy_path(plural)) for plural in config.taxonomies.values()]
    for key, meta in metas.items():
        if not meta.terms or meta.build.render == "never":
            continue
        named: dict[PageKey, None] = {}
        for plural, taxonomy in taxonomies:
            weight = meta.term_weights.get(plural, 0)
            for written in meta.terms.get(plural, ()):
                path = term_path(written, config)
                if not path:
                    continue
                term = keys.get((taxonomy, path))
                if term is None:
                    term = keys[taxonomy, path] = PageKey(f"/{taxonomy}/{path}")
                if term not in found:
                    found[term] = _Found(taxonomy=taxonomy, written=written)
                found[term].pages.setdefault(key, weight)
                named[term] = None
        of_page[key] = tuple(named)
    for key, written, path in categories_of(metas, places, config):
        term = PageKey(f"/{TAXONOMY}/{path}")
        category = found.setdefault(term, _Found(taxonomy=TAXONOMY, written=written))
        category.pages[key] = 0
        of_page[key] = (*of_page.get(key, ()), term)
    return Terms(
        places=tuple(_automatic_places(found, places, config)),
        pages={
            term: tuple((weight, page) for page, weight in entry.pages.items())
            for term, entry in found.items()
        },
        of_page=of_page,
    )


def _automatic_places(
    found: Mapping[PageKey, _Found], places: Mapping[PageKey, Place], config: Config
) -> list[Place]:
    """Taxonomies, used or not, and terms, where `content/tags/ml/_index.md` does not stand for them."""
    made = []
    for plural in config.taxonomies.values():
        key = key_of(plural)
        if key not in places:
            title = _taxonomy_title(plural, config)
            made.append(_list_place(key, taxonomy_path(plural), PurePosixPath(plural), title=title))
    if any(entry.taxonomy == TAXONOMY for entry in found.values()):
        made.append(
            _list_place(
                key_of(TAXONOMY), TAXONOMY, PurePosixPath(TAXONOMY), title=config.words("page.categories")
            )
        )
    for key, entry in found.items():
        if key not in places:
            parts = entry.written.strip(" /").replace(" ", "-").split("/")
            folder = PurePosixPath(entry.taxonomy, *(part for part in parts if part not in ("", ".", "..")))
            title = entry.written if entry.taxonomy == TAXONOMY else _term_title(entry.written, config)
            made.append(_list_place(key, entry.taxonomy, folder, title=title))
    return made


def _list_place(key: PageKey, taxonomy: str, folder: PurePosixPath, *, title: str) -> Place:
    term = key[len(taxonomy) + 2 :]
    return Place(
        key=key,
        kind="term" if term else "taxonomy",
        source=None,
        folder=folder,
        name="",
        section=taxonomy.partition("/")[0],
        taxonomy=taxonomy,
        term=term,
        meta=PageMeta(title=title),
    )


def _term_title(term: str, config: Config) -> str:
    return title_case(term, config.title_case_style) if config.capitalize_list_titles else term


def _taxonomy_title(plural: str, config: Config) -> str:
    return _term_title(plural.rpartition("/")[2], config).replace("-", " ")
