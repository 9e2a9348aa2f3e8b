"""The text of a configuration file (TOML, YAML, JSON) as plain data, with the place of every key and value in it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path, PurePosixPath

from sitegen.errors import ConfigError, Diagnostic, SourceLocation
from sitegen.values import dataclass

KeyPath = tuple[str | int, ...]
"""Names in the form of `plain_key`, and positions in lists from 0."""
Place = tuple[int, int]
"""Line and column, both from 1."""

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r]+) | (?P<comment>\#[^\n]*) | (?P<newline>\n)
  | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
  | (?P<sign>[\[\]{}=,.:])
  | (?P<bare>[^\s\[\]{}=,.:"'#]+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Where keys and values are written."""

    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    repeated: list[tuple[str, Place]] = field(default_factory=list)
    """Keys that a YAML or JSON table holds twice; TOML itself refuses them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """A configuration file that was read."""

    path: PurePosixPath
    """As it is named in messages."""
    tree: dict[str, object]
    marks: Marks

    def locate(self, path: KeyPath, *, value: bool = False) -> SourceLocation:
        """The place of a key, or of its value; of the nearest known table around it where it has none."""
        marks = self.marks.values if value else self.marks.keys
        for end in range(len(path), 0, -1):
            place = marks.get(path[:end]) or self.marks.keys.get(path[:end])
            if place is not None:
                return SourceLocation(path=self.path, line=place[0], column=place[1])
        return SourceLocation(path=self.path)


def plain_key(key: object) -> str:
    """A key as it is compared: without case, `_` and `-`."""
    return str(key).casefold().replace("_", "").replace("-", "")


def read_settings(file: Path, path: PurePosixPath) -> SettingsFile:
    """Read a configuration file; its suffix says the format.

    Args:
        path: how the file is named in messages.

    Raises:
        ConfigError: it cannot be read (SG101), or is not a table (SG103).
    """
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise unreadable(path, "not UTF-8 text", (line, 1), "save it as UTF-8") from error
    except OSError as error:
        raise unreadable(path, error.strerror or str(error), None, "check its permissions") from error
    parse = {".toml": _parse_toml, ".json": _parse_json}.get(file.suffix.lower(), _parse_yaml)
    try:
        tree, marks = parse(text, path)
    except RecursionError as error:
        raise unreadable(
            path, "the values are nested too deeply", (1, 1), "put less into each other"
        ) from error
    if not isinstance(tree, dict):
        raise ConfigError(
            Diagnostic(
                code="SG103",
                severity="error",
                message="the file is not a table of settings",
                location=SourceLocation(path=path, line=1, column=1),
                hint="write one setting a line, such as `title = ...`",
            )
        )
    return SettingsFile(path=path, tree=tree, marks=marks)


def unreadable(path: PurePosixPath, problem: str, place: Place | None, hint: str) -> ConfigError:
    """SG101: what is wrong with the text, where, and what to do."""
    line, column = place or (None, None)
    return ConfigError(
        Diagnostic(
            code="SG101",
            severity="error",
            message=f"the configuration cannot be read: {problem}",
            location=SourceLocation(path=path, line=line, column=column),
            hint=hint,
        )
    )


def _parse_toml(text: str, path: PurePosixPath) -> tuple[object, Marks]:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # "Invalid value (at line 3, column 9)", or "(at end of document)"; attributes only from 3.14 on
        problem, _, where = str(error).rpartition(" (at ")
        numbers = [int(number) for number in re.findall(r"\d+", where)]
        place = (numbers[0], numbers[1]) if len(numbers) == 2 else _end(text)
        problem = problem[:1].lower() + problem[1:]
        raise unreadable(path, problem, place, "mend the TOML there; text stands in quotes") from error
    except ValueError as error:  # a number of more digits than Python reads
        raise unreadable(path, sentence(error), (1, 1), "write a shorter number") from error
    return tree, _MarkScanner(text).toml()


def _parse_json(text: str, path: PurePosixPath) -> tuple[object, Marks]:
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        problem = error.msg[:1].lower() + error.msg[1:]
        raise unreadable(path, problem, (error.lineno, error.colno), "mend the JSON there") from error
    except ValueError as error:
        raise unreadable(path, sentence(error), (1, 1), "write a shorter number") from error
    return tree, _MarkScanner(text).json()


def _parse_yaml(text: str, path: PurePosixPath) -> tuple[object, Marks]:
    from sitegen.config.yaml_text import parse_yaml  # here: most sites have no YAML among their settings

    return parse_yaml(text, path)


def sentence(error: Exception) -> str:
    """An error in one line that begins with a small letter."""
    message = " ".join(str(error).split())
    return message[:1].lower() + message[1:]


def _end(text: str) -> Place:
    lines = text.splitlines() or [""]
    return len(lines), len(lines[-1]) + 1


class _MarkScanner:
    """Finds the keys in TOML or JSON that a real parser has already accepted; so it need not check."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_significant(text))
        self._next = 0
        self._marks = Marks()
        self._lengths: dict[KeyPath, int] = {}

    def json(self) -> Marks:
        """Marks of a JSON text."""
        self._skip_newlines()
        self._value(())
        return self._marks

    def toml(self) -> Marks:
        """Marks of a TOML text."""
        table: KeyPath = ()
        while self._next < len(self._tokens):
            text, place = self._tokens[self._next]
            if text == "\n":
                self._next += 1
            elif text == "[":
                table = self._header(place)
            else:
                path = self._key(table)
                self._next += 1  # the sign between key and value
                self._value(path)
        return self._marks

    def _header(self, place: Place) -> KeyPath:
        is_array = self._tokens[self._next + 1][0] == "["
        self._next += 2 if is_array else 1
        path = self._key((), at=place)
        self._next += 2 if is_array else 1
        if is_array:
            position = self._lengths.get(path, 0)
            self._lengths[path] = position + 1
            path = (*path, position)
        self._marks.values.setdefault(path, place)
        return path

    def _key(self, table: KeyPath, *, at: Place | None = None) -> KeyPath:
        """Read a dotted key; every table on the way gets a mark, below the last element of an array."""
        path = table
        while True:
            text, place = self._tokens[self._next]
            self._next += 1
            path = (*path, plain_key(_unquoted(text)))
            self._marks.keys.setdefault(path, at or place)
            if self._next >= len(self._tokens) or self._tokens[self._next][0] != ".":
                return path
            self._next += 1
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)

    def _value(self, path: KeyPath) -> None:
        text, place = self._tokens[self._next]
        self._marks.values[path] = place
        self._next += 1
        if text == "[":
            self._list(path)
        elif text == "{":
            self._table(path)
        else:  # `1.5`, `2024-01-01 10:00` and the like are several tokens
            while self._next < len(self._tokens) and self._tokens[self._next][0] not in {",", "]", "}", "\n"}:
                self._next += 1

    def _list(self, path: KeyPath) -> None:
        position = 0
        while self._skip_newlines() != "]":
            if self._tokens[self._next][0] == ",":
                position += 1
                self._next += 1
            else:
                self._value((*path, position))
        self._next += 1

    def _table(self, path: KeyPath) -> None:
        seen: set[KeyPath] = set()
        while self._skip_newlines() != "}":
            if self._tokens[self._next][0] == ",":
                self._next += 1
                continue
            text, place = self._tokens[self._next]
            inner = self._key(path)
            if inner in seen:
                self._marks.repeated.append((_unquoted(text), place))
            seen.add(inner)
            self._skip_newlines()
            self._next += 1  # the sign between key and value
            self._skip_newlines()
            self._value(inner)
        self._next += 1

    def _skip_newlines(self) -> str:
        while self._tokens[self._next][0] == "\n":
            self._next += 1
        return self._tokens[self._next][0]


def _significant(text: str) -> Iterator[tuple[str, Place]]:
    line, start = 1, 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match.lastgroup not in {"space", "comment"}:
            yield token, (line, match.start() - start + 1)
        breaks = token.count("\n")
        if breaks:
            line += breaks
            start = match.start() + token.rindex("\n") + 1


def _unquoted(token: str) -> str:
    if token[:1] == "'":
        return token[1:-1]
    if token[:1] == '"':
        try:
            return str(json.loads(token))
        except json.JSONDecodeError:  # TOML's `\U0001F600` and `\e`, which JSON lacks
            return token[1:-1]
    return token
