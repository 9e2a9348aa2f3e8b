"""Hugo's reserved front-matter fields as one value: PageMeta; dates and cascade."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sitegen.frozen import FrozenDict


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """Hugo's `build` table."""

    list: Literal["always", "never", "local"] = "always"
    render: Literal["always", "never", "link"] = "always"
    publish_resources: bool = True


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
    build: BuildOptions = field(default_factory=BuildOptions)
    cascade: tuple[FrozenDict[str, object], ...] = ()
    resources: tuple[FrozenDict[str, object], ...] = ()
    sitemap: FrozenDict[str, object] = field(default_factory=FrozenDict)
    execute: FrozenDict[str, object] | bool | None = None
    """As written: `execute = true` or the table."""
    params: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Every key that is not reserved, lower-cased, with `params` merged on top."""
    given: frozenset[str] = frozenset()
    """Lower-cased names of all keys that the front matter has: a cascade fills only the others."""
    lines: FrozenDict[str, int] = field(default_factory=FrozenDict)
    """The line in the file of each top-level key, lower-cased."""
