"""Hugo's reserved front-matter fields as one value, PageMeta, and how it is read from plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath
from sys import intern
from typing import Any, Final, Literal

from sitegen.config import Config
from sitegen.content.dates import (
    DATE_KEYS,
    date_chains,
    date_in_file_name,
    parse_date,
    time_zone,
)
from sitegen.content.fields import Fields
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict, compact, with_fields
from sitegen.values import dataclass


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """Hugo's `build` table."""

    list: Literal["always", "never", "local"] = "always"
    render: Literal["always", "never", "link"] = "always"
    publish_resources: bool = True


_USUAL: Final = BuildOptions()
"""Of nearly every page, which a pickle so leaves out."""


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class PageMeta:
    """What a page says of itself before its body: front matter, else what its first lines give.

    Strings are as written. Dates are aware; None where there is none.
    """

    title: str = ""
    title_is_heading: bool = False
    """The title is the body's first H1, which is then not shown a second time."""
    link_title: str = ""
    """Falls back to `title`."""
    date: datetime | None = None
    publish_date: datetime | None = None
    lastmod: datetime | None = None
    expiry_date: datetime | None = None
    posted_line: int | None = None
    """The line of a `*Posted: July 1, 2024*` from which the date is taken, else None; it is not shown again."""
    dates: FrozenDict[str, datetime] = field(default_factory=FrozenDict)
    """The front matter's date keys as written (`pubdate`, `modified`, ...), of which the four above are made."""
    draft: bool = False
    slug: str = ""
    url: str = ""
    aliases: tuple[str, ...] = ()
    weight: int = 0
    summary: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    type: str = ""
    layout: str = ""
    terms: FrozenDict[str, tuple[str, ...]] = field(default_factory=FrozenDict)
    """Taxonomy plural to the page's terms as written."""
    term_weights: FrozenDict[str, int] = field(default_factory=FrozenDict)
    """`<plural>_weight`, by taxonomy plural."""
    menus: FrozenDict[str, FrozenDict[str, object]] = field(default_factory=FrozenDict)
    """Menu name to the entry's fields."""
    outputs: tuple[str, ...] = ()
    build: BuildOptions = _USUAL
    cascade: tuple[FrozenDict[str, object], ...] = ()
    resources: tuple[FrozenDict[str, object], ...] = ()
    sitemap: FrozenDict[str, object] = field(default_factory=FrozenDict)
    execute: FrozenDict[str, object] | bool | None = None
    """As written: `execute = true` or the table."""
    params: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Every key that has no field here, lower-cased, with `params` merged on top."""
    given: frozenset[str] = frozenset()
    """Lower-cased names of all keys that the front matter has: a cascade fills only the others."""
    lines: FrozenDict[str, int] = field(default_factory=FrozenDict)
    """The line in the file of each top-level key, lower-cased; in a notebook, in the cell of the next field."""
    nested: FrozenDict[str, tuple[int, int]] = field(default_factory=FrozenDict)
    """Line and column of keys further in, by path: `build.list`, `cascade.0.draft`."""
    cell: int | None = None
    """The notebook's cell in which the front matter stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateOrigin:
    """What a file itself says of its dates, for the tokens `:filename`, `:git` and `:fileModTime`."""

    name: str = ""
    """The file's name without extension; of a leaf bundle, its folder's."""
    git: datetime | None = None
    """The author date of the file's last commit, where git is asked."""
    modified: datetime | None = None


_NO_PLACES: Final[FrozenDict[str, tuple[int, int]]] = FrozenDict()


def read_meta(
    fields: FrozenDict[str, Any],
    *,
    path: PurePosixPath,
    lines: Mapping[str, int],
    config: Config,
    nested: Mapping[str, tuple[int, int]] = _NO_PLACES,
) -> tuple[PageMeta, tuple[Diagnostic, ...]]:
    """A table of front matter as a value; unknown keys are parameters, never an error.

    The date fields are still empty: `resolve_dates` makes them of `dates`, when every key is known.

    Args:
        fields: keys lower-cased.
        path: of the file, for diagnostics.
        lines: the line of each key.
        config: for the time zone and the names of the taxonomies.
        nested: line and column of keys further in.
    """
    read = Fields(dict(fields.items()), path=path, lines=lines, nested=nested)
    zone = time_zone(config.time_zone)
    plurals = [plural.lower() for plural in config.taxonomies.values()]
    given_dates = {key: read.date(key, zone) for key in fields if _is_date_key(key, fields)}
    params = {
        key: value
        for key, value in fields.items()
        if key not in RESERVED and key not in given_dates and (key not in plurals or _has_tables(value))
    }
    title = read.text("title")
    meta = PageMeta(
        title=title,
        link_title=read.text("linktitle") or title,
        dates=FrozenDict({key: value for key, value in given_dates.items() if value is not None}),
        draft=_is_draft(read),
        slug=read.text("slug").strip("-"),
        url=read.text("url"),
        aliases=read.texts("aliases"),
        weight=read.integer("weight"),
        summary=read.text("summary"),
        description=read.text("description"),
        keywords=read.texts("keywords"),
        type=read.text("type"),
        layout=read.text("layout"),
        terms=_terms(read, plurals),
        term_weights=FrozenDict(
            {plural: read.integer(f"{plural}_weight") for plural in plurals if f"{plural}_weight" in fields}
        ),
        menus=_menus(read),
        outputs=tuple(name.lower() for name in read.texts("outputs")),
        build=_build_options(read),
        cascade=read.sub_tables("cascade"),
        resources=read.sub_tables("resources"),
        sitemap=read.sub_table("sitemap"),
        execute=_execute(read),
        params=FrozenDict({**params, **read.sub_table("params")}),
        given=_given(tuple(fields)),
        lines=_places(tuple(lines.items())),
        nested=FrozenDict(nested),
    )
    return meta, tuple(read.diagnostics)


def resolve_dates(meta: PageMeta, origin: DateOrigin, config: Config) -> PageMeta:
    """The same with its four dates, taken from the keys and tokens that the configuration names."""
    zone = time_zone(config.time_zone)
    chains = date_chains(config.frontmatter_dates)
    in_name = date_in_file_name(origin.name, zone) if chains.ask_name else None
    tokens = {
        ":filename": in_name.date if in_name else None,
        ":git": origin.git,
        ":filemodtime": origin.modified,
    }
    # As in Hugo, each of the four, once found, stands for its key in the chains that follow.
    found: dict[str, datetime] = {}
    slug = meta.slug
    dates, params = meta.dates, meta.params
    for name, sources in chains.sources:
        for source in sources:
            moment = (
                tokens.get(source)
                or dates.get(source)
                or (parse_date(params[source], zone) if source in params else None)
                or (found.get(source) if source not in meta.given else None)
            )
            if moment is not None:
                found[name] = moment
                if source == ":filename" and in_name is not None and not slug:
                    slug = in_name.slug
                break
    return with_fields(
        meta,
        slug=slug,
        date=found.get("date"),
        lastmod=found.get("lastmod"),
        publish_date=found.get("publishdate"),
        expiry_date=found.get("expirydate"),
    )


def fill_missing(meta: PageMeta, other: PageMeta) -> PageMeta:
    """`meta` with the values of `other` for what it does not give itself; dates are to be resolved again.

    Args:
        meta: what is nearer to the page.
        other: read from the keys alone that `meta` does not give, but for `params`.
    """
    filled = {
        name: value for name in _SIMPLE_FIELDS if (value := getattr(other, name)) != getattr(_EMPTY, name)
    }
    if meta.link_title and "linktitle" not in other.given:
        filled.pop("link_title", None)  # it is only the other's title
    return replace(
        meta,
        **filled,
        dates=FrozenDict({**other.dates, **meta.dates}),
        terms=FrozenDict({**other.terms, **meta.terms}),
        term_weights=FrozenDict({**other.term_weights, **meta.term_weights}),
        params=FrozenDict({**other.params, **meta.params}),
        given=meta.given | other.given,
        lines=FrozenDict({**other.lines, **meta.lines}),
    )


_EMPTY: Final = PageMeta()
_SIMPLE_FIELDS: Final = (
    "title",
    "link_title",
    "draft",
    "slug",
    "url",
    "aliases",
    "weight",
    "summary",
    "description",
    "keywords",
    "type",
    "layout",
    "menus",
    "outputs",
    "build",
    "resources",
    "sitemap",
)
RESERVED: Final = frozenset(
    {
        "title", "linktitle", "draft", "slug", "url", "aliases", "weight", "summary", "description",
        "keywords", "type", "layout", "menu", "menus", "outputs", "build", "_build", "headless",
        "cascade", "resources", "sitemap", "execute", "params",
    }
)  # fmt: skip


def _is_date_key(key: str, fields: Mapping[str, Any]) -> bool:
    """`published: true` is no date but the opposite of `draft`."""
    return key in DATE_KEYS and not (key == "published" and isinstance(fields[key], bool))


# Posts written after one another's pattern have the same keys on the same lines: 0.5 kB a page.


@lru_cache(maxsize=4096)
def _given(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


@lru_cache(maxsize=4096)
def _places(lines: tuple[tuple[str, int], ...]) -> FrozenDict[str, int]:
    return FrozenDict(lines)


def _is_draft(read: Fields) -> bool:
    draft = read.boolean("draft")
    if draft is None and isinstance(read.table.get("published"), bool):
        return not read.table["published"]
    return bool(draft)


def _has_tables(value: object) -> bool:
    """Whether a taxonomy's value says more than its terms: authors with their affiliations."""
    return isinstance(value, tuple) and any(isinstance(item, FrozenDict) for item in value)


def _terms(read: Fields, plurals: Iterable[str]) -> FrozenDict[str, tuple[str, ...]]:
    """The terms of each taxonomy that the page names, at the top or below `params`, which goes before it."""
    below = read.nested("params") if isinstance(read.table.get("params"), FrozenDict) else None
    found = {}
    for plural in plurals:
        source = below if below is not None and plural in below.table else read
        if plural in source.table:
            found[plural] = tuple(map(intern, source.names(plural)))  # a term is on many pages
    return FrozenDict(found)


def _menus(read: Fields) -> FrozenDict[str, FrozenDict[str, object]]:
    """`menus: main`, a list of names, or a table of entries."""
    key = "menus" if "menus" in read.table else "menu"
    value = read.table.get(key)
    if value is None:
        return FrozenDict()
    if not isinstance(value, FrozenDict):
        if isinstance(value, tuple) and any(isinstance(name, (FrozenDict, tuple)) for name in value):
            read.wrong(key, value, "the name of a menu, a list of names or a table of entries")
            return FrozenDict()
        return FrozenDict({name: FrozenDict() for name in read.texts(key)})
    entries = read.nested(key)
    return FrozenDict({name: entries.sub_table(name) for name in value})


def _build_options(read: Fields) -> BuildOptions:
    """The `build` table, once `_build`; booleans mean `always` and `never`, `headless` means no page."""
    if read.boolean("headless"):
        return BuildOptions(list="never", render="never")
    if "build" not in read.table and "_build" not in read.table:
        return _USUAL
    table = read.nested("build" if "build" in read.table else "_build")
    publish_resources = table.boolean("publishresources")
    return BuildOptions(
        list=table.choice("list", ("always", "never", "local")),
        render=table.choice("render", ("always", "never", "link")),
        publish_resources=publish_resources is not False,
    )


def _execute(read: Fields) -> FrozenDict[str, object] | bool | None:
    """`execute = true` or its table, checked later by `content/execute_options.py`."""
    if isinstance(read.table.get("execute"), FrozenDict):
        return read.sub_table("execute")
    if isinstance(read.table.get("execute"), tuple):
        read.wrong("execute", read.table["execute"], "`true`, `false` or a table")
        return None
    return read.boolean("execute")
