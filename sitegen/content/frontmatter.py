"""Split front matter from a body: TOML between `+++`, YAML between `---`, a JSON object, or Org's `#+` lines.

The bytes decide, as in Hugo: a byte order mark and blank lines may come first, the closing line is
the first that begins with the delimiter. Unlike Hugo, a body that begins with a list item,
a rule or a shortcode and has no front matter is a body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from sitegen.content.parsers import READERS, UnreadableTextError
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

Format = Literal["toml", "yaml", "json", "org"]

MAX_VALUES: Final = 100_000
"""Values in one front matter with its aliases expanded; more is an alias bomb, not a page."""
MAX_DEPTH: Final = 50

_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = re.compile(rb"[ \t\r\n\f\v]*")
_NEWLINE: Final = re.compile(rb"(?:\r\n|\n|\r)?")
_OPENING: Final = re.compile(
    rb"(\+\+\+|---)(?:[ \t]*(?:\r\n|\n|\r|\Z)"
    rb"|(?=(?<=-)(?:[ \t]+#|[ \t]*[\"']?\w[\w.-]*[\"']?[ \t]*:[ \t\r\n]))|(?=(?<=\+)[ \t]*(?:#|[\"'\w.-]+[ \t]*=)))"
)
"""The first key may stand beside the delimiter, as in `--- title: A post`; other text there makes it a body."""
_CLOSING: Final[Mapping[bytes, re.Pattern[bytes]]] = {
    b"+++": re.compile(rb"(?:(?<=[\r\n]))\+\+\+(?:\r\n|\n|\r)?"),
    b"---": re.compile(rb"(?:(?<=[\r\n]))---(?:\r\n|\n|\r)?"),
}
_ORG_LINES: Final = re.compile(rb"(?:#\+[^\r\n]*(?:\r\n|\n|\r|\Z))*")
_FORMATS: Final[Mapping[bytes, Format]] = {b"+++": "toml", b"---": "yaml"}
_HINTS: Final[Mapping[Format, str]] = {
    "toml": "mend it there: a key is one word or in quotes, a text is in quotes that close on its line",
    "yaml": "mend it there or above: indent with spaces, and close each bracket and quote",
    "json": "mend it there: names and texts are in double quotes, with commas between",
    "org": "write `#+key: value` lines",
}
"""For what the reader of a format has no better word."""
_YAML_KEY: Final = re.compile(rb"""\s*["']?[\w.-]+["']?[ \t]*:""")
_JSON_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}]', re.DOTALL)
"""A string that nothing closes goes to the end of the file: looked for once, not at each quote in it."""
_KEEPS_CASE: Final = frozenset({("execute", "parameters"), ("execute", "expect")})
_LISTS_OF_FIELDS: Final = frozenset({"cascade", "execute", "resources"})
_AUTHORS: Final = "\0author's"
"""Stands in a path of keys for everything below one of those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What stands before a body, keys lower-cased at every depth, and where the body starts.

    Names the author chose keep their case: keys below `execute.parameters` and `execute.expect`.
    Other keys below `execute` have `-` for `_`. Dates of YAML and JSON are strings.
    """

    format: Format | None = None
    """None: the file has no front matter."""
    fields: FrozenDict[str, Any] = field(default_factory=FrozenDict)
    lines: FrozenDict[str, int] = field(default_factory=FrozenDict)
    """The line in the file of each top-level key."""
    nested: FrozenDict[str, tuple[int, int]] = field(default_factory=FrozenDict)
    """Line and column in the file of keys further in, by path: `build.list`, `resources.0.src`."""
    text_at: tuple[int, int] = (0, 0)
    """Where the text between the delimiters begins and ends, in bytes."""
    body_offset: int = 0
    """Bytes before the body."""
    body_line: int = 1
    """The body's first line in the file."""
    diagnostics: tuple[Diagnostic, ...] = ()


def split(data: bytes, path: PurePosixPath) -> FrontMatter:
    """The front matter of a content file, and where its body starts.

    Args:
        data: the whole file.
        path: relative to the site's root, for diagnostics.

    Returns:
        With an SG110 error and no fields where the front matter cannot be read; the body
        then starts behind it, or at the end of the file where no line closes it.
    """
    bom_bytes = len(_BOM) if data.startswith(_BOM) else 0
    start = _end(_BLANK, data, bom_bytes)
    if data.startswith(b"{", start) and not data.startswith((b"{{", b"{%"), start):
        end = _object_end(data, start)
        if end is None:
            return _unclosed(data, start, path, format_="json", closing="}")
        body_offset = _end(_NEWLINE, data, end)
        return _read(data, path, format_="json", text_at=(start, end), body_offset=body_offset)
    if data.startswith(b"#+", start):
        end = _end(_ORG_LINES, data, start)
        return _read(data, path, format_="org", text_at=(start, end), body_offset=end)
    opening = _OPENING.match(data, start)
    if opening is None:
        return FrontMatter(body_offset=bom_bytes)
    closing = _CLOSING[opening[1]].search(data, opening.end())
    if closing is not None:
        text_at = (opening.end(), closing.start())
        return _read(data, path, format_=_FORMATS[opening[1]], text_at=text_at, body_offset=closing.end())
    if opening[1] == b"---" and _YAML_KEY.match(data, opening.end()) is None:
        return FrontMatter(body_offset=bom_bytes)  # a thematic break
    return _unclosed(data, start, path, format_=_FORMATS[opening[1]], closing=opening[1].decode())


def written(data: bytes, front: FrontMatter) -> Mapping[Any, Any]:
    """The table as its author wrote it: keys in their case, TOML's dates; empty where it cannot be read (SG110).

    Args:
        data: the whole file.
        front: what `split` gave for it.
    """
    if front.format is None or any(problem.code == "SG110" for problem in front.diagnostics):
        return {}
    text = data[slice(*front.text_at)].decode("utf-8", errors="replace")
    return READERS[front.format](text).value or {}


def lower_keys(fields: Mapping[Any, Any]) -> FrozenDict[str, Any]:
    """Front matter as a value: frozen, keys lower-cased but where they are the author's names.

    As in Hugo, tables inside lists of parameters keep theirs too.

    Raises:
        UnreadableTextError: so many or so deep values that only aliases of aliases can mean them.
    """
    frozen: FrozenDict[str, Any] = _Lowering().mapping(fields, ())
    return frozen


class _Lowering:
    """Copies values and counts them: until they are copied, YAML aliases are one shared object."""

    def __init__(self) -> None:
        self._values_left = MAX_VALUES

    def mapping(self, table: Mapping[Any, Any], parents: tuple[str, ...]) -> FrozenDict[str, Any]:
        keeps_case = parents[-2:] in _KEEPS_CASE or parents[-1:] == (_AUTHORS,)
        lowered = {}
        for key, value in table.items():
            name = _key_name(key)
            if keeps_case:
                lowered[name] = self._value(value, (*parents, _AUTHORS))
                continue
            name = name.lower()
            if parents[-1:] == ("execute",):
                name = name.replace("_", "-")
            lowered[name] = self._value(value, (*parents, name))
        return FrozenDict(lowered)

    def _value(self, value: Any, parents: tuple[str, ...]) -> Any:
        self._values_left -= 1
        if self._values_left < 0 or len(parents) > MAX_DEPTH:
            raise UnreadableTextError("it has too many values", 1, None, "remove repeated aliases")
        if isinstance(value, Mapping):
            return self.mapping(value, parents)
        if isinstance(value, (list, tuple)):
            is_ours = parents[-1] != _AUTHORS and parents[0] in _LISTS_OF_FIELDS
            inside = (*parents, "" if is_ours else _AUTHORS)
            return tuple(self._value(item, inside) for item in value)
        return value


def _key_name(key: object) -> str:
    """A key as text: YAML's `1:` and `true:` are written so."""
    if isinstance(key, bool):
        return str(key).lower()
    return "" if key is None else str(key)


def _read(
    data: bytes,
    path: PurePosixPath,
    *,
    format_: Format,
    text_at: tuple[int, int],
    body_offset: int,
) -> FrontMatter:
    """Parse the text that stands at these two offsets."""
    first_line = data.count(b"\n", 0, text_at[0]) + 1
    fields: FrozenDict[str, Any] = FrozenDict()
    lines: FrozenDict[str, int] = FrozenDict()
    nested: FrozenDict[str, tuple[int, int]] = FrozenDict()
    diagnostics: list[Diagnostic] = []
    try:
        text = data[slice(*text_at)].decode("utf-8", errors="replace")
        parsed = READERS[format_](text)
        if parsed.value is not None and not isinstance(parsed.value, Mapping):
            hint = "write one `key: value` on each line" if format_ == "yaml" else None
            line = 1 + text[: len(text) - len(text.lstrip())].count("\n")
            raise UnreadableTextError("it is not a mapping of keys to values", line, 1, hint)
        fields = lower_keys(parsed.value or {})
        lines = FrozenDict({key.lower(): line + first_line - 1 for key, line in parsed.lines.items()})
        nested = FrozenDict(
            {key: (line + first_line - 1, column) for key, (line, column) in parsed.nested.items()}
        )
        repeated = sorted(
            (*parsed.repeated, *_repeated_in_other_case(parsed.lines)), key=lambda found: found[1]
        )
        diagnostics += [_repeated(path, key, line + first_line - 1) for key, line in repeated]
    except UnreadableTextError as problem:
        diagnostics.append(
            Diagnostic(
                code="SG110",
                severity="error",
                message=f"the front matter cannot be read as {format_.upper()}: {problem.message}",
                location=SourceLocation(path=path, line=problem.line + first_line - 1, column=problem.column),
                hint=problem.hint or _HINTS[format_],
            )
        )
    return FrontMatter(
        format=format_,
        fields=fields,
        lines=lines,
        nested=nested,
        text_at=text_at,
        body_offset=body_offset,
        body_line=data.count(b"\n", 0, body_offset) + 1,
        diagnostics=tuple(diagnostics),
    )


def _unclosed(data: bytes, start: int, path: PurePosixPath, *, format_: Format, closing: str) -> FrontMatter:
    """The rest of the file is front matter that no line closes."""
    problem = Diagnostic(
        code="SG110",
        severity="error",
        message=f"the front matter has no closing `{closing}`",
        location=SourceLocation(path=path, line=data.count(b"\n", 0, start) + 1, column=1),
        hint=f"write `{closing}` on a line of its own below the last key",
    )
    return FrontMatter(
        format=format_,
        body_offset=len(data),
        body_line=data.count(b"\n") + 1,
        diagnostics=(problem,),
    )


def _repeated(path: PurePosixPath, key: str, line: int) -> Diagnostic:
    return Diagnostic(
        code="SG113",
        severity="warning",
        message=f"`{key}` is given twice; the last one counts",
        location=SourceLocation(path=path, line=line, column=1),
        hint="remove the other one",
    )


def _repeated_in_other_case(lines: Mapping[str, int]) -> list[tuple[str, int]]:
    """Top-level keys that differ only in case from one before them."""
    if len({key.lower() for key in lines}) == len(lines):
        return []
    first: dict[str, str] = {}
    return [(key, line) for key, line in lines.items() if first.setdefault(key.lower(), key) != key]


def _object_end(data: bytes, start: int) -> int | None:
    """One past the `}` that closes the object at `start`; braces inside strings do not count."""
    depth = 0
    for token in _JSON_TOKEN.finditer(data, start):
        if token[0] == b"{":
            depth += 1
        elif token[0] == b"}":
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    """Where a pattern that always matches ends."""
    match = pattern.match(data, start)
    return match.end() if match else start
