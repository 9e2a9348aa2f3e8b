"""What a section says for the pages below it: front matter that fills what they leave out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.execute_options import PageExecution, parse_page_execution
from sitegen.content.globs import matches
from sitegen.content.metadata import DateOrigin, PageMeta, fill_missing, read_meta, resolve_dates
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
    places: FrozenDict[str, tuple[int, int]] = field(default_factory=FrozenDict)
    """Line and column of the table's keys, by their path in it."""

    def place(self, key: str) -> SourceLocation:
        """Where a key of the table is written, as far as that is known."""
        line, column = self.places.get(key, (self.location.line, self.location.column))
        return replace(self.location, line=line, column=column)

    def applies_to(self, place: Place, config: Config) -> bool:
        """Whether the page is among the table's `target`s; all are where it names none."""
        targets = self.table.get("target", self.table.get("_target"))
        if targets is None:
            return True
        tables = targets if isinstance(targets, tuple) else (targets,)
        return any(_fits(target, place, config) for target in tables)


class Cascade:
    """Applies the cascades of a site; each page's own values win, then the nearest section's."""

    def __init__(self, places: Mapping[PageKey, Place], config: Config) -> None:
        self._places = places
        self._config = config
        self._inherited: dict[PageKey, tuple[_Rule, ...]] = {}
        self._holding: dict[PageKey, tuple[_Rule, ...]] = {}
        self._site_rules = tuple(_Rule(table, config.cascade_location or _SITE) for table in config.cascade)
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
        origin = place.source.date_origin if place.source is not None else DateOrigin()
        return resolve_dates(meta, origin, self._config)

    def execution(self, place: Place) -> PageExecution:
        """How the page is run: its own `execute` over its sections' over the site's."""
        own = place.meta.execute
        tables = [] if own is None or place.source is None else [(own, _line_of(place.source, "execute"))]
        tables += [
            (rule.table["execute"], rule.place("execute"))
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
            known = tuple(rule for rule in self._at(place) if rule.applies_to(place, self._config))
            self._holding[place.key] = known
        return known

    def _at(self, place: Place) -> tuple[_Rule, ...]:
        known = self._inherited.get(place.key)
        if known is None:
            parent = parent_of(place, self._places)
            above = None if parent is None else self._places.get(parent, self._places.get(HOME))
            inherited = self._at(above) if above is not None else self._site_rules
            own = tuple(_own_rules(place))
            known = self._inherited[place.key] = own + inherited
        return known

    def _read(self, rule: _Rule, meta: PageMeta) -> PageMeta:
        """The values of a table for the keys that a page does not give."""
        names = frozenset(
            name for name in rule.table if name == "params" or name not in meta.given | _NOT_FILLED
        )
        if (rule, names) not in self._filled:
            fields = FrozenDict({name: rule.table[name] for name in rule.table if name in names})
            lines = dict.fromkeys(fields, rule.location.line) if rule.location.line else {}
            found, diagnostics = read_meta(
                fields, path=rule.location.path, lines=lines, nested=rule.places, config=self._config
            )
            self._filled[rule, names] = found
            self.diagnostics.update(dict.fromkeys(diagnostics))
        return self._filled[rule, names]


def _fits(target: object, place: Place, config: Config) -> bool:
    if not isinstance(target, FrozenDict):
        return True
    language = (config.default_language or config.language.partition("-")[0]).lower()
    wanted = (
        ("path", str(place.key)),
        ("kind", place.kind),
        ("environment", config.environment),
        ("lang", language),
    )
    return all(
        name not in target or matches(str(target[name]), value) for name, value in wanted
    ) and _has_language(target.get("sites"), language, config.other_languages)


def _has_language(sites: object, language: str, others: Iterable[str]) -> bool:
    """Whether `sites.matrix.languages`, where a target has it, names the language or none that there is."""
    matrix = sites.get("matrix") if isinstance(sites, FrozenDict) else None
    names = matrix.get("languages") if isinstance(matrix, FrozenDict) else None
    if names is None:
        return True
    patterns = [str(name) for name in (names if isinstance(names, tuple) else (names,))]
    if any(matches(pattern, language) for pattern in patterns):
        return True
    return not any(matches(pattern, other) for pattern in patterns for other in others)


def _own_rules(place: Place) -> Iterator[_Rule]:
    """The tables of a page's own `cascade`, each with the places of its keys."""
    if not place.meta.cascade or place.source is None:
        return
    location = _line_of(place.source, "cascade")
    for number, table in enumerate(place.meta.cascade):
        inside = {}
        for path, where in place.meta.nested.items():
            for prefix in (f"cascade.{number}.", "cascade."):
                if path.startswith(prefix):
                    inside[path.removeprefix(prefix)] = where
                    break
        yield _Rule(table, location, FrozenDict(inside))


def _line_of(source: Source, key: str) -> SourceLocation:
    line = source.meta.lines.get(key)
    cell = source.meta.cell if line else None
    return SourceLocation(path=source.path, line=line, column=1 if line else None, cell=cell)
