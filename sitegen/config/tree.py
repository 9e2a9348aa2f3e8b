"""The settings of all layers as one tree: tables laid over tables, each value with the place it is from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Final

from sitegen.config.text import KeyPath, SettingsFile, plain_key
from sitegen.errors import SourceLocation
from sitegen.values import dataclass

Names = tuple[str, ...]
"""The way to a key from the root, each part in the form in which it is compared."""

FREE: Final = frozenset(
    {
        *("params", "execute", "cascade", "taxonomies", "permalinks", "menus", "outputs", "check"),
        *("author", "uglyurls", "frontmatter", "social"),
    }
)
"""Tables whose keys are an author's own: compared as Hugo does, without case only."""
_AS_WRITTEN: Final = frozenset({"parameters", "expect"})
MERGE_KEY: Final = "_merge"
"""Hugo's key that says how a table is laid over another; no setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a key stands."""

    written: str
    """The key as it is written there."""
    file: SettingsFile | None = None
    """None for what the environment gives."""
    path: KeyPath = ()
    """In its file."""
    variable: str = ""
    """The environment variable's name."""
    layer: int = 0
    """The higher wins."""
    is_own: bool = True
    """Not of Hugo's files, where keys that we do not know are no errors."""
    is_of_language: bool = False
    """Of the default language, whose settings lie over the site's."""

    def locate(self, inner: KeyPath = (), *, value: bool = False) -> SourceLocation | None:
        """The place of the key, of its value, or of what `inner` names inside it."""
        if self.file is None:
            return None
        parts = (part if isinstance(part, int) else plain_key(part) for part in inner)
        return self.file.locate((*self.path, *parts), value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A value that is no table."""

    value: object
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: its keys, in the form in which they are compared, with what each holds."""

    entries: Mapping[str, Leaf | Table]
    origin: Origin
    merge: str = ""
    """What the table's `_merge` says."""

    def find(self, names: Names) -> Leaf | Table | None:
        """What a way of keys leads to."""
        found: Leaf | Table | None = self
        for name in names:
            found = found.entries.get(name) if isinstance(found, Table) else None
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """A key that one table of a file has in two spellings."""

    title: str
    origin: Origin


@dataclass(slots=True)
class _Reading:
    """What is the same for every table of a file."""

    origin: Origin
    repeated: list[Twice] = field(default_factory=list)


def compared(path: Names, key: str) -> str:
    """A key of the table at `path` in the form in which it is compared.

    Names of settings are found without case, `_` and `-`; keys of an author's own without case;
    names of a run's parameters and metrics are what they are.
    """
    if path[:1] == ("languages",):
        if len(path) == 1:
            return key.lower()
        path = path[2:]
    if path and path[0] in FREE:
        below_execute = path[0] == "execute" or path[:2] == ("cascade", "execute")
        return key if below_execute and path[-1] in _AS_WRITTEN else key.lower()
    return plain_key(key)


def read_table(
    tree: Mapping[str, object], path: Names, *, file: SettingsFile, layer: int, is_own: bool
) -> tuple[Table, list[Twice]]:
    """A file's tree as a table.

    Args:
        tree: what the file holds.
        path: where in the site's settings that belongs: `()`, or `("params",)` for `params.toml`.
    """
    reading = _Reading(origin=Origin(written="", file=file, layer=layer, is_own=is_own))
    table = _table(tree, path, (), reading)
    for name in reversed(path):
        named = replace(table, origin=replace(table.origin, written=name))
        table = Table(entries={name: named}, origin=reading.origin)
    return table, reading.repeated


def _table(tree: Mapping[str, object], path: Names, place: KeyPath, reading: _Reading) -> Table:
    entries: dict[str, Leaf | Table] = {}
    merge = ""
    for key, value in tree.items():
        written = str(key)
        if written.lower() == MERGE_KEY and isinstance(value, str):
            merge = value.lower()
            continue
        name = compared(path, written)
        where = (*place, plain_key(written))
        origin = replace(reading.origin, written=written, path=where)
        if name == "menu" and (not path or (path[0] == "languages" and len(path) == 2)):
            name = "menus"  # the older name; Hugo, too, takes it where a file has both
        elif name in entries:
            if name == "menus" and entries[name].origin.written.lower() == "menu":
                continue
            reading.repeated.append(Twice(title=written, origin=origin))
        if isinstance(value, Mapping):
            table = _table(value, (*path, name), where, reading)
            entries[name] = replace(table, origin=origin)
        else:
            entries[name] = Leaf(value=value, origin=origin)
    return Table(entries=entries, origin=replace(reading.origin, path=place), merge=merge)


def laid_over(low: Table, high: Table) -> Table:
    """`high` laid over `low`, tables key by key at every depth; lists and values are replaced."""
    entries = dict(low.entries)
    for name, value in high.entries.items():
        below = entries.get(name)
        if isinstance(value, Leaf) and value.value is None:
            entries.setdefault(name, value)  # a key without a value says nothing
        elif isinstance(below, Table) and isinstance(value, Table):
            entries[name] = laid_over(below, value)
        else:
            entries[name] = value
    return Table(entries=entries, origin=high.origin, merge=high.merge or low.merge)


def with_entry(table: Table, names: Names, make: Callable[[Leaf | Table | None], Leaf]) -> Table:
    """`table` with the leaf at `names` that `make` gives for what is there now."""
    name, rest = names[0], names[1:]
    below = table.entries.get(name)
    if not rest:
        return replace(table, entries={**table.entries, name: make(below)})
    if not isinstance(below, Table):
        below = Table(entries={}, origin=replace(make(None).origin, written=name))
    return replace(table, entries={**table.entries, name: with_entry(below, rest, make)})


def as_data(node: Leaf | Table) -> object:
    """Plain data: keys as they are written where they are set last."""
    if isinstance(node, Leaf):
        return node.value
    return {inner.origin.written: as_data(inner) for inner in node.entries.values()}


def place_in(node: Leaf | Table, inner: KeyPath, *, value: bool) -> SourceLocation | None:
    """Where `inner`, keys of `as_data(node)`, stands: in the file that sets it last."""
    for position, part in enumerate(inner):
        if isinstance(node, Leaf):
            return node.origin.locate(inner[position:], value=value)
        names = (str(part), str(part).lower(), plain_key(part))
        child = next((node.entries[name] for name in names if name in node.entries), None)
        if child is None:
            break
        node = child
    return node.origin.locate(value=value)
