"""What a section says for the pages below it: front matter that fills what they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.execute_options import PageExecution, parse_page_execution
from sitegen.content.globs import matches
from sitegen.content.metadata import PageMeta, fill_missing, read_meta, resolve_dates
from sitegen.content.sources import Source
from sitegen.content.tree import HOME, Place, parent_of
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict

_NOT_FILLED: Final = frozenset({"target", "_target", "cascade", "execute"})
_SITE: Final = SourceLocation(path=PurePosixPath("sitegen.toml"))


@dataclass(frozen=True, slots=True)
class _Rule:
    """One `cascade` table."""

    table: FrozenDict[str, Any]
    location: SourceLocation

    def applies_to(self, place: Place, environment: str) -> bool:
        """Whether the page is among the table's `target`s; all are where it names none."""
        targets = self.table.get("target", self.table.get("_target"))
        if targets is None:
            return True
        tables = targets if isinstance(targets, tuple) else (targets,)
        return any(_fits(target, place, environment) for target in tables)


class Cascade:
    """Applies the cascades of a site; each page's own values win, then the nearest section's."""

    def __init__(self, places: Mapping[PageKey, Place], config: Config) -> None:
        self._places = places
        self._config = config
        self._inherited: dict[PageKey, tuple[_Rule, ...]] = {}
        self._holding: dict[PageKey, tuple[_Rule, ...]] = {}
        self._site_rules = tuple(_Rule(table, _SITE) for table in config.cascade)
        self._filled: dict[tuple[_Rule, frozenset[str]], PageMeta] = {}
        self._executions: dict[tuple[object, ...], PageExecution] = {}
        self.diagnostics: dict[Diagnostic, None] = {}
        """In the order they were found, each once, though many pages inherit one mistake."""

    def meta(self, place: Place) -> PageMeta:
        """The page's front matter with what it inherits, and its dates."""
        meta = place.meta
        for rule in self._rules(place):
            meta = fill_missing(meta, self._read(rule, meta))
        if meta is place.meta:
            return meta
        if place.source is None:
            return replace(meta, date=meta.dates.get("date"), lastmod=meta.dates.get("lastmod"))
        return resolve_dates(meta, place.source.date_origin, self._config)

    def execution(self, place: Place) -> PageExecution:
        """How the page is run: its own `execute` over its sections' over the site's."""
        own = place.meta.execute
        tables = [] if own is None or place.source is None else [(own, _line_of(place.source, "execute"))]
        tables += [
            (rule.table["execute"], rule.location)
            for rule in self._rules(place)
            if isinstance(rule.table.get("execute"), (FrozenDict, bool))
        ]
        if self._config.execute:
            tables.append((self._config.execute, self._config.execute_location or _SITE))
        key = (own is not None, *tables)
        if key not in self._executions:
            execution, diagnostics = parse_page_execution(tables, is_own=own is not None)
            self._executions[key] = execution
            self.diagnostics.update(dict.fromkeys(diagnostics))
        return self._executions[key]

    def _rules(self, place: Place) -> tuple[_Rule, ...]:
        """The tables that hold for a page, nearest first; a section's own hold for itself too."""
        known = self._holding.get(place.key)
        if known is None:
            environment = self._config.environment
            known = tuple(rule for rule in self._at(place) if rule.applies_to(place, environment))
            self._holding[place.key] = known
        return known

    def _at(self, place: Place) -> tuple[_Rule, ...]:
        known = self._inherited.get(place.key)
        if known is None:
            parent = parent_of(place, self._places)
            above = None if parent is None else self._places.get(parent, self._places.get(HOME))
            inherited = self._at(above) if above is not None else self._site_rules
            own = (
                ()
                if place.kind == "page"
                else tuple(_Rule(table, _cascade_location(place)) for table in place.meta.cascade)
            )
            known = self._inherited[place.key] = own + inherited
        return known

    def _read(self, rule: _Rule, meta: PageMeta) -> PageMeta:
        """The values of a table for the keys that a page does not give."""
        names = frozenset(
            name for name in rule.table if name == "params" or name not in meta.given | _NOT_FILLED
        )
        if (rule, names) not in self._filled:
            fields = FrozenDict({name: rule.table[name] for name in rule.table if name in names})
            lines = dict.fromkeys(names, rule.location.line or 1) if rule.location.line else {}
            found, diagnostics = read_meta(fields, path=rule.location.path, lines=lines, config=self._config)
            self._filled[rule, names] = found
            self.diagnostics.update(dict.fromkeys(diagnostics))
        return self._filled[rule, names]


def _fits(target: object, place: Place, environment: str) -> bool:
    if not isinstance(target, FrozenDict):
        return True
    wanted = (
        ("path", str(place.key)),
        ("kind", place.kind),
        ("environment", environment),
    )
    return all(name not in target or matches(str(target[name]), value) for name, value in wanted)


def _cascade_location(place: Place) -> SourceLocation:
    if place.source is None:
        return _SITE
    return _line_of(place.source, "cascade")


def _line_of(source: Source, key: str) -> SourceLocation:
    line = source.meta.lines.get(key)
    cell = source.meta.cell if line else None
    return SourceLocation(path=source.path, line=line, column=1 if line else None, cell=cell)
