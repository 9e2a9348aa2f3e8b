"""The tree of all layers -> one entry a setting, and what is to be said of other keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sitegen.config.known_keys import ALIASES, QUIET, SHORT_FORMS, UNHONOURED, WITHOUT_EFFECT
from sitegen.config.text import KeyPath, plain_key
from sitegen.config.tree import Leaf, Table, Twice, as_data, place_in
from sitegen.errors import Diagnostic, SourceLocation, did_you_mean
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One setting, as the highest layers give it."""

    name: str
    """Of the setting, its parts in the form of `plain_key`: `pagination.pagersize`."""
    value: object
    title: str
    """As written: `paginate`, or the name of an environment variable."""
    node: Leaf | Table
    """Where it is from."""
    is_alias: bool = False
    """Written by an older name."""

    @property
    def is_own(self) -> bool:
        """Not from a file of Hugo's, where keys that we do not know are no errors."""
        return self.node.origin.is_own

    @property
    def is_text(self) -> bool:
        """From an environment variable: `"10"` stands for a number where one is wanted."""
        return self.node.origin.variable != ""

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """The entry of the highest rank holds, where a setting has several names."""
        return (self.node.origin.layer, self.node.origin.is_of_language, not self.is_alias)

    def locate(self, inner: KeyPath = (), *, value: bool = True) -> SourceLocation | None:
        """The place of the setting's value, or of what `inner` names inside it."""
        return place_in(self.node, inner, value=value)


def entries_of(
    root: Table, titles: Mapping[str, str], repeated: Iterable[Twice]
) -> tuple[list[Entry], list[Diagnostic]]:
    """The settings that the tree has, each once, and what is to be said of its other keys.

    Args:
        titles: every known setting: its plain name to its name in the documentation.
        repeated: keys that tables have in two spellings.
    """
    walk = _Walk(titles)
    walk.table(root, (), ())
    twice = [
        _twice(found.title, found.origin.locate(value=True), is_own=found.origin.is_own) for found in repeated
    ]
    return list(walk.entries.values()), [*twice, *walk.diagnostics]


class _Walk:
    """One pass over the tables."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._titles = titles
        self._prefixes = {
            name[:end] for name in (*titles, *QUIET, *ALIASES) for end, sign in enumerate(name) if sign == "."
        }
        self.entries: dict[str, Entry] = {}
        self.diagnostics: list[Diagnostic] = []

    def table(self, table: Table, path: tuple[str, ...], written: tuple[str, ...]) -> None:
        for key, node in table.entries.items():
            self._setting(node, (*path, plain_key(key)), (*written, node.origin.written))

    def _setting(self, node: Leaf | Table, path: tuple[str, ...], written: tuple[str, ...]) -> None:
        plain = ".".join(path)
        title = node.origin.variable or ".".join(written)
        name = ALIASES.get(plain, plain)
        if isinstance(node, Leaf) and node.value is None:
            return  # a key without a value says nothing, as in Hugo
        if name in self._titles:
            self._add(Entry(name=name, value=as_data(node), title=title, node=node, is_alias=name != plain))
        elif name in SHORT_FORMS and isinstance(node, Leaf) and str(node.value).lower() in ("true", "false"):
            key, is_opposite = SHORT_FORMS[name]
            value = (str(node.value).lower() == "true") is not is_opposite
            self._add(Entry(name=f"{name}.{key}", value=value, title=title, node=node, is_alias=True))
        elif name in QUIET:
            return
        elif name in self._prefixes:
            if isinstance(node, Table):
                self.table(node, path, written)
            else:
                self.diagnostics.append(_no_table(title, node.origin.locate(value=True)))
        elif as_data(node) not in ("", [], {}, WITHOUT_EFFECT.get(name)) or not _is_unhonoured(name):
            self.diagnostics.append(self._unknown(name, title, node))

    def _add(self, entry: Entry) -> None:
        other = self.entries.get(entry.name)
        if other is None or entry.rank >= other.rank:
            self.entries[entry.name] = entry

    def _unknown(self, name: str, title: str, node: Leaf | Table) -> Diagnostic:
        location = node.origin.locate()
        if _is_unhonoured(name):
            return Diagnostic(
                code="SG104",
                severity="warning",
                message=f"sitegen does not honour Hugo's setting `{title}`",
                location=location,
                hint="remove it, or leave it for Hugo",
            )
        prefix = name.rpartition(".")[0]
        start = f"{prefix}." if prefix else ""
        depth = start.count(".")
        known = {shown.split(".")[depth] for plain, shown in self._titles.items() if plain.startswith(start)}
        is_own = node.origin.is_own
        return Diagnostic(
            code="SG102" if is_own else "SG104",
            severity="error" if is_own else "warning",
            message=f"unknown configuration key `{title}`",
            location=location,
            hint=_unknown_hint(title.rpartition(".")[2], known, is_top=not prefix),
        )


def _is_unhonoured(name: str) -> bool:
    parents = (name.rsplit(".", cut)[0] for cut in range(1, name.count(".") + 1))
    return name in UNHONOURED or not UNHONOURED.isdisjoint(parents)


def _unknown_hint(key: str, known: set[str], *, is_top: bool) -> str:
    if not known:
        return "write tables as tables, or put values of your own below `[params]`"
    hint = did_you_mean(key, known)
    if is_top and not hint.startswith("did you mean"):
        return f"values of your own go below `[params]`: `params.{key}`"
    return hint


def _twice(title: str, location: SourceLocation | None, *, is_own: bool) -> Diagnostic:
    return Diagnostic(
        code="SG103",
        severity="error" if is_own else "warning",
        message=f"`{title}` is set twice in one file",
        location=location,
        hint="keep one of the two" if is_own else "the last one counts; keep one of the two",
    )


def _no_table(title: str, location: SourceLocation | None) -> Diagnostic:
    return Diagnostic(
        code="SG103",
        severity="error",
        message=f"`{title}` must be a table",
        location=location,
        hint=f"write `[{title}]` and its settings below it",
    )


def plain_names(titles: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Settings' names in the documentation, each with its plain form before it."""
    for title in titles:
        yield ".".join(plain_key(part) for part in title.split(".")), title
