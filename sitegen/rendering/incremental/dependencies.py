"""Which facts a change can have touched: each field of a view with what it depends on, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Flag, auto
from typing import Final

from sitegen.content.document import PageKey
from sitegen.rendering.incremental.link_names import ChangedNames
from sitegen.values import dataclass


class On(Flag):
    """What a value depends on. `OWN_...` is of the page that the fact is of, `ANY_...` of all pages."""

    NOTHING = 0
    OWN_PLACE = auto()
    OWN_SUMMARY = auto()
    OWN_RESULTS = auto()
    """What the ledger says of the page."""
    ANY_PLACE = auto()
    ANY_SUMMARY = auto()
    ANY_RESULTS = auto()
    STRUCTURE = auto()
    """Which pages there are, their kinds, order, parents, neighbours, lists, terms and menus."""
    ADDRESSES = auto()
    """Which pages, static files and files of bundles there are, and their URLs."""
    RELATED = auto()
    """What pages are found to be related by: dates, titles, terms and what else `related` names."""
    SITEMAP = auto()
    """Which pages have an entry in the sitemap, and what it says."""
    STAND_INS = auto()
    """Which pages are published where a static file would be."""
    BIBLIOGRAPHIES = auto()
    """What `.bib` files hold, and which pages name them."""
    SETTINGS = auto()
    CLOCK = auto()
    """Different with every build."""


_PAPERS: Final = On.BIBLIOGRAPHIES | On.STRUCTURE | On.ADDRESSES | On.ANY_PLACE | On.SETTINGS
_SHOWN: Final = On.OWN_PLACE | On.OWN_SUMMARY
_RUN: Final = _SHOWN | On.OWN_RESULTS | On.SETTINGS


def _each(on: On, names: str) -> dict[str, On]:
    return dict.fromkeys(names.split(), on)


PAGE: Final[Mapping[str, On]] = {
    **_each(On.OWN_PLACE, "kind type section layout source_path aliases outputs url permalink canonical_url"),
    **_each(On.OWN_PLACE, "external_url date lastmod publish_date expiry_date draft weight keywords"),
    **_each(On.OWN_PLACE, "taxonomy term params is_searchable"),
    **_each(_SHOWN, "title title_html link_title label description summary is_truncated word_count"),
    **_each(
        _SHOWN,
        "fuzzy_word_count reading_minutes prose_minutes cell_count state state_words feeds content plain",
    ),
    "image": On.OWN_PLACE | On.ADDRESSES,
    "body": _SHOWN,  # images that it has the sizes of are facts of their own
    **_each(On.OWN_PLACE | On.ANY_RESULTS, "resources enclosures"),  # static files are facts of their own
    **_each(_RUN, "provenance metrics runs"),
    **_each(On.NOTHING, "toc table_of_contents features"),  # of other pages always empty
    "downloads": On.SETTINGS,
    **_each(
        On.STRUCTURE, "parent ancestors current_section first_section pages regular_pages sections count"
    ),
    **_each(On.STRUCTURE, "regular_pages_recursive older newer prev_in_section next_in_section prev next"),
    **_each(On.STRUCTURE, "terms"),
    "feed_pages": On.STRUCTURE | On.OWN_PLACE,
    "feed_item": _SHOWN | On.STRUCTURE,
    **_each(_PAPERS, "publications publication papers named_by"),
    "ledger": On.OWN_RESULTS,
    "embedded": On.OWN_PLACE,
    "written": On.OWN_PLACE | On.ANY_RESULTS,
    "related": On.RELATED,
}
"""Field of a page to what it depends on; `related` stands for `related(5)` and `params` for `params.hero`."""

SITE: Final[Mapping[str, On]] = {
    **_each(On.SETTINGS, "title description"),
    **_each(On.NOTHING, "language url permalink"),  # a change of those makes everything again
    **_each(On.CLOCK, "build_date is_over"),
    **_each(On.STRUCTURE, "home pages regular_pages sections taxonomies menus"),
    **_each(On.STRUCTURE | On.ANY_PLACE, "archive benchmarks_page about_project search_page"),
    "selected_publications": _PAPERS,
    "executed_pages": On.STRUCTURE | On.ANY_RESULTS,
    "benchmarks": On.STRUCTURE | On.ANY_PLACE | On.ANY_SUMMARY | On.ANY_RESULTS | On.SETTINGS,
    "sitemap": On.SITEMAP,
    "sitemap_path": On.STRUCTURE,
    "stand_ins": On.STAND_INS,
    "static_files": On.ADDRESSES,
    **_each(On.ANY_RESULTS, "written_files metric_names"),
    "get_page": On.STRUCTURE | On.ADDRESSES,
}
"""Field of the site to what it depends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is known to be different in one world from another, in few words."""

    places: frozenset[PageKey] = frozenset()
    """Pages whose place in the index differs (`facts.place_identity`), new ones and those that are gone."""
    summaries: frozenset[PageKey] = frozenset()
    """Pages whose summary differs, new ones and those that are gone."""
    results: frozenset[PageKey] = frozenset()
    """Pages of which the ledger says something else."""
    is_structure: bool = False
    """`On.STRUCTURE`."""
    is_addresses: bool = False
    """`On.ADDRESSES`."""
    related: frozenset[PageKey] | None = None
    """Pages that may be related to others; None: any. `World.narrowed` looks at the pages that differ and says."""
    is_sitemap: bool = True
    """`On.SITEMAP`, in the same way."""
    is_stand_ins: bool = True
    """`On.STAND_INS`, in the same way."""
    names: ChangedNames | None = None
    """The names by which a link can lead elsewhere; None: any."""
    is_bibliographies: bool = False
    """`On.BIBLIOGRAPHIES`."""
    settings: frozenset[str] = frozenset()
    """Those of `recorder.RECORDED_SETTINGS` that differ."""
    data: frozenset[str] = frozenset()
    """First-level names of `site.data`, new ones and those that are gone."""
    templates: bool = False
    assets: bool = False
    static: frozenset[str] = frozenset()
    """Paths of static files below the output folder: new, gone, another file or another content."""
    files: frozenset[str] | None = None
    """Paths below the root whose content may differ; None: any may."""

    def may_differ(self, subject: str, owner: str, field: str) -> bool:
        """Whether a fact can have another value; False is certain, True is to be looked at."""
        if subject == "page":
            return self._may(PAGE.get(_name(field)), PageKey(owner))
        if subject == "site":
            return self._may(SITE.get(_name(field)), None)
        if subject == "pager":
            return self.is_structure or PageKey(owner) in self.places
        if subject == "setting":
            return bool(self.settings)
        if subject == "data":
            return owner in self.data if owner else bool(self.data)
        if subject == "template":
            return self.templates
        if subject == "asset":
            return self.assets
        if subject == "static":
            return owner in self.static
        if subject == "citation":
            return True  # one look-up in a table; few pages cite
        if subject == "link":
            return self._may_link(owner, field)
        return self.files is None or owner in self.files

    def _may_link(self, owner: str, target: str) -> bool:
        if PageKey(owner) in self.places:
            return True
        if not (self.is_addresses or self.is_structure):
            return False
        return self.names is None or self.names.may_lead_elsewhere(target)

    def owners(self, field: str) -> frozenset[PageKey] | None:
        """The pages of which a field can have another value; None where any page's may, or where others say it."""
        return self.related if PAGE.get(_name(field)) is On.RELATED else None

    def _may(self, on: On | None, key: PageKey | None) -> bool:
        if on is None:
            return True  # a field that the table does not know
        return bool(
            (on & On.OWN_PLACE and key in self.places)
            or (on & On.OWN_SUMMARY and key in self.summaries)
            or (on & On.OWN_RESULTS and key in self.results)
            or (on & On.ANY_PLACE and self.places)
            or (on & On.ANY_SUMMARY and self.summaries)
            or (on & On.ANY_RESULTS and self.results)
            or (on & On.STRUCTURE and (self.is_structure or key in self.places))
            or (on & On.RELATED and (self.related is None or key in self.related))
            or (on & On.SITEMAP and self.is_sitemap)
            or (on & On.STAND_INS and self.is_stand_ins)
            or (on & On.ADDRESSES and self.is_addresses)
            or (on & On.BIBLIOGRAPHIES and self.is_bibliographies)
            or (on & On.SETTINGS and self.settings)
            or on & On.CLOCK
        )


def _name(field: str) -> str:
    """A field's name without what it was asked with."""
    return field.partition(".")[0].partition("(")[0]
