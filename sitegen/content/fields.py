"""Read front-matter values as the types they should have, leniently as Hugo, with a diagnostic where they cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

from sitegen.config.value_forms import describe
from sitegen.content.dates import DATE_FORMS, parse_date
from sitegen.errors import Diagnostic, Severity, SourceLocation
from sitegen.frozen import FrozenDict

T = TypeVar("T")
_TRUE: Final = frozenset({"true", "t", "1"})
_FALSE: Final = frozenset({"false", "f", "0", ""})
_NO_TABLE: Final[FrozenDict[str, Any]] = FrozenDict()
_NO_PLACES: Final[FrozenDict[str, tuple[int, int]]] = FrozenDict()


class Fields:
    """A table of front matter, read key by key; what is wrong gathers in `diagnostics`.

    A key that is missing or null gives the type's empty value. One with a wrong type too: with
    an SG111 error at the key's place where Hugo refuses the page, with a warning where it goes on
    as if nothing were there. An empty list or table says nothing, as in blogdown's `slug: []`.
    """

    def __init__(
        self,
        table: Mapping[str, Any],
        *,
        path: PurePosixPath,
        lines: Mapping[str, int],
        nested: Mapping[str, tuple[int, int]] = _NO_PLACES,
        parents: str = "",
    ) -> None:
        """Args:
        table: keys lower-cased.
        path: of the file, for diagnostics.
        lines: of the file's top-level keys.
        nested: line and column of keys further in, by path from the top.
        parents: the path of the table itself, with a `.` at its end.
        """
        self.table = table
        self.diagnostics: list[Diagnostic] = []
        self._path = path
        self._lines = lines
        self._nested = nested
        self._parents = parents

    def text(self, key: str) -> str:
        """A string; numbers, booleans and dates as they are written."""
        value = self.table.get(key)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        written = as_text(value)
        return self._odd(key, value, "text", "") if written is None else written

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; a single one stands for a list of one."""
        return self._texts(key, as_text)

    def names(self, key: str) -> tuple[str, ...]:
        """The same where an item may be a table, of which the `name` counts."""
        return self._texts(key, _name)

    def _texts(self, key: str, text_of: Callable[[Any], str | None]) -> tuple[str, ...]:
        value = self.table.get(key)
        if value is None:
            return ()
        items = value if isinstance(value, tuple) else (value,)
        written = tuple(text_of(item) for item in items if item is not None)
        if None in written:
            return self._odd(key, value, "a list of texts", ())
        return tuple(text.strip() for text in written if text and text.strip())

    def integer(self, key: str) -> int:
        """A whole number; as text or as a float too."""
        value = self.table.get(key)
        if value is None or value == "":
            return 0
        try:
            return int(value) if isinstance(value, (int, float)) else int(str(value).strip())
        except (ValueError, OverflowError):
            return self._odd(key, value, "a whole number", 0)

    def boolean(self, key: str) -> bool | None:
        """A boolean; `"true"` and 0 too, other numbers are true. None where the key is missing."""
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, (bool, int, float)):
            return bool(value)
        written = value.strip().lower() if isinstance(value, str) else None
        if written in _TRUE | _FALSE:
            return written in _TRUE
        return self._odd(key, value, "`true` or `false`", None)

    def date(self, key: str, zone: tzinfo) -> datetime | None:
        """A date; SG112 where it cannot be read."""
        value = self.table.get(key)
        if value is None or value == "":
            return None
        found = parse_date(value, zone)
        if found is None:
            self._add(
                "SG112", key, f"`{key}` is no date: {describe(value)}", f"write it as one of {DATE_FORMS}"
            )
        return found

    def sub_table(self, key: str) -> FrozenDict[str, Any]:
        """A table."""
        value = self.table.get(key)
        if value is None:
            return FrozenDict()
        return value if isinstance(value, FrozenDict) else self._wrong(key, value, "a table", _NO_TABLE)

    def sub_tables(self, key: str) -> tuple[FrozenDict[str, Any], ...]:
        """A list of tables; a single one stands for a list of one."""
        value = self.table.get(key)
        if value is None:
            return ()
        tables = value if isinstance(value, tuple) else (value,)
        if all(isinstance(table, FrozenDict) for table in tables):
            return tables
        return self._wrong(key, value, "a table or a list of tables", ())

    def choice(self, key: str, choices: tuple[str, ...]) -> Any:
        """One of some words; booleans stand for `always` and `never`, the first word for any other."""
        value = self.table.get(key)
        if value is None or value == "":
            return choices[0]
        word = ("always" if value else "never") if isinstance(value, (bool, int)) else value
        if word in choices:
            return word
        wanted = " or ".join(f"`{choice}`" for choice in choices)
        if isinstance(value, (FrozenDict, tuple)):
            return self._wrong(key, value, wanted, choices[0])
        return self._odd(key, value, wanted, choices[0])

    def nested(self, key: str) -> Fields:
        """A table, to be read key by key; what is wrong in it is reported at its own keys."""
        inner = Fields(
            self.sub_table(key),
            path=self._path,
            lines=self._lines,
            nested=self._nested,
            parents=f"{self._parents}{key}.",
        )
        inner.diagnostics = self.diagnostics
        return inner

    def wrong(self, key: str, value: object, expected: str) -> None:
        """Reports a value that no page can have."""
        self._wrong(key, value, expected, None)

    def place(self, key: str) -> SourceLocation:
        """Where a key of the table is written; the table around it where that is all that is known."""
        path = self._parents + key
        if path in self._nested:
            line, column = self._nested[path]
            return SourceLocation(path=self._path, line=line, column=column)
        line_of_top = self._lines.get(path.partition(".")[0])
        return SourceLocation(path=self._path, line=line_of_top, column=1 if line_of_top else None)

    def _wrong(self, key: str, value: object, expected: str, instead: T) -> T:
        self._add("SG111", key, f"`{key}` is {describe(value)}, not {expected}", f"give `{key}` {expected}")
        return instead

    def _odd(self, key: str, value: object, expected: str, instead: T) -> T:
        """A value that Hugo passes over: a warning, or nothing where it is empty."""
        if not isinstance(value, (tuple, Mapping)) or value:
            message = f"`{key}` is {describe(value)}, not {expected}; it is left out"
            self._add("SG111", key, message, f"give `{key}` {expected}", severity="warning")
        return instead

    def _add(self, code: str, key: str, message: str, hint: str, severity: Severity = "error") -> None:
        self.diagnostics.append(
            Diagnostic(code=code, severity=severity, message=message, location=self.place(key), hint=hint)
        )


def _name(value: object) -> str | None:
    """A text, or what a table gives as its `name`."""
    return as_text(value.get("name")) if isinstance(value, Mapping) else as_text(value)


def as_text(value: object) -> str | None:
    """A scalar as an author writes it; None for a list or a table."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return None
