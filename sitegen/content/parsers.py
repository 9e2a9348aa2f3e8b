"""Read TOML, YAML, JSON and Org keywords as plain data, with the line of each top-level key and keys given twice.

Used for front matter and for data files. Lines and columns count from 1 in the text that is given.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sitegen.values import dataclass

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a text holds; `value` is a mapping unless the text is something else altogether."""

    value: Any
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line of each top-level key as written."""
    nested: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Line and column of keys further in, by lower-cased path: `build.list`, `resources.0.src`."""
    repeated: tuple[tuple[str, int], ...] = ()
    """Keys given a second time in one mapping, with that line; the last one counts."""


MAX_NESTED: Final = 2000
"""Keys whose place is remembered: more than any page has that a person wrote."""
_MAX_KEYS_TWICE: Final = 50
"""Keys given twice that are passed over in one TOML text, each with another reading of the whole."""


_MAX_DEPTH: Final = 100
"""Of lists and tables in each other."""
_MAX_ALIASED: Final = 1_000_000
"""Values that aliases stand for in one text; more is an alias bomb."""
_TOO_DEEP: Final = "the values are nested too deeply"
_LONG_NUMBER: Final = "put the number in quotes"


class UnreadableTextError(Exception):
    """A text that is not the format it should be."""

    def __init__(self, message: str, line: int, column: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, line, column, hint)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


def check_size(value: Any) -> None:
    """Refuses what fits neither into memory nor on the stack once aliases are copies.

    Raises:
        UnreadableTextError: it is such a value.
    """
    sizes: dict[int, int] = {}
    repeated = 0

    def size(node: Any, depth: int) -> int:
        nonlocal repeated
        if not isinstance(node, (dict, list)):
            return 1
        if depth > _MAX_DEPTH:
            raise UnreadableTextError(_TOO_DEEP, 1, None, "put less into each other")
        known = sizes.get(id(node))
        if known is None:
            items = node.values() if isinstance(node, dict) else node
            known = sizes[id(node)] = 1 + sum(size(item, depth + 1) for item in items)
        else:
            repeated += known
        if repeated > _MAX_ALIASED:
            raise UnreadableTextError("its aliases stand for too much", 1, None, "write what they stand for")
        return known

    size(value, 0)


# --- TOML -----------------------------------------------------------------------------------------

_TOML_PLACE: Final = re.compile(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)
_TOML_NAME: Final = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_TOML_KEY: Final = re.compile(
    rf"[ \t]*(\[\[?)?[ \t]*({_TOML_NAME}(?:[ \t]*\.[ \t]*{_TOML_NAME})*)[ \t]*[=\]]"
)


def read_toml(text: str) -> Parsed:
    """The table that a TOML document is; of a key given twice the last counts, where each has one line.

    Raises:
        UnreadableTextError: not TOML.
    """
    lines = text.split("\n")
    repeated: list[tuple[str, int]] = []
    while True:
        try:
            value = tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            twice = _given_twice(str(error), lines) if len(repeated) < _MAX_KEYS_TWICE else None
            if twice is None:
                raise _toml_problem(str(error), text) from error
            lines[twice.first] = ""
            repeated.append((twice.name, twice.second + 1))
        except RecursionError as error:
            raise UnreadableTextError(_TOO_DEEP, 1) from error
        except ValueError as error:  # a number of more digits than Python reads
            raise UnreadableTextError(_sentence(str(error)), 1, None, _LONG_NUMBER) from error
        else:
            places = dict(_toml_places("\n".join(lines)))
            return Parsed(
                value=value,
                lines={path[0]: line for path, (line, _) in places.items() if len(path) == 1},
                nested=_by_path((path, place) for path, place in places.items() if len(path) > 1),
                repeated=tuple(repeated),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Twice:
    """A key that two lines of a table give; indices from 0."""

    name: str
    first: int
    second: int


def _given_twice(message: str, lines: list[str]) -> _Twice | None:
    """The two lines of a repeated key; None where one of its values spans lines, or it is another error."""
    place = _TOML_PLACE.match(message)
    if place is None or not place[1].startswith("Cannot overwrite a value"):
        return None
    second = int(place[2]) - 1 if place[2] else len(lines) - 1
    name = _line_key(lines[second])
    for first in range(second - 1, -1, -1):
        if name is None or lines[first].lstrip().startswith("["):
            return None
        if _line_key(lines[first]) == name:
            return _Twice(name=name, first=first, second=second)
    return None


def _line_key(line: str) -> str | None:
    """The key of a line that is a whole `key = value`."""
    try:
        return next(iter(tomllib.loads(line)), None)
    except tomllib.TOMLDecodeError:
        return None


def _toml_problem(message: str, text: str) -> UnreadableTextError:
    place = _TOML_PLACE.match(message)
    if place is None:
        return UnreadableTextError(_sentence(message), 1)
    if place[2] is None:
        last_line = text.rstrip("\n").count("\n") + 1
        return UnreadableTextError(_sentence(place[1]), last_line)
    line, column = int(place[2]), int(place[3])
    if place[1].startswith("Cannot overwrite a value"):
        # tomllib says where the value ends: for most values that is the key's own line.
        written = _TOML_KEY.match(text.split("\n")[min(line, text.count("\n") + 1) - 1])
        name = f"`{written[2]}`" if written else "a key"
        return UnreadableTextError(f"{name} is given twice", line, 1, "remove one of the two")
    return UnreadableTextError(_sentence(place[1]), line, column, _toml_hint(text, line))


def _toml_hint(text: str, line: int) -> str | None:
    """What authors most often mean: a value without quotes, or YAML between `+++`."""
    written = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    if re.match(r"\s*[\w-]+\s*:(\s|$)", written):
        return "TOML has `key = value`; YAML front matter stands between `---` lines"
    if re.match(r"\s*[\w-]+\s*=\s*[A-Za-z]", written):
        return "put text in quotes"
    return None


def _toml_places(text: str) -> Iterator[tuple[tuple[str, ...], tuple[int, int]]]:
    """Keys and table headers by their path, each with line and column; the first mention counts."""
    seen: set[tuple[str, ...]] = set()
    tables: Counter[tuple[str, ...]] = Counter()
    header: tuple[str, ...] = ()
    in_string: str | None = None
    may_span_lines = '"""' in text or "'''" in text
    for number, line in enumerate(text.split("\n"), start=1):
        match = _TOML_KEY.match(line) if in_string is None else None
        if match is not None:
            names = _toml_names(match[2])
            path = names if match[1] else (*header, *names)
            if match[1]:
                header = names
                if match[1].startswith("[["):
                    header = (*names, str(tables[names]))
                    tables[names] += 1
            for depth in range(1, len(path) + 1):
                if path[:depth] not in seen:
                    seen.add(path[:depth])
                    yield path[:depth], (number, match.start(2) + 1)
        for quotes in re.findall(r'"""|\'\'\'', line) if may_span_lines else ():
            if in_string is None:
                in_string = quotes
            elif in_string == quotes:
                in_string = None


def _toml_names(key: str) -> tuple[str, ...]:
    """The parts of a dotted key, quotes taken off."""
    if key[0] not in "\"'" and "." not in key:
        return (key,)
    return tuple(name.strip("\"'") for name in re.findall(_TOML_NAME, key))


# --- YAML -----------------------------------------------------------------------------------------


def read_yaml(text: str) -> Parsed:
    """The first document of a YAML text; scalars by YAML 1.2, so `yes`, `on` and dates are strings.

    Raises:
        UnreadableTextError: not YAML.
    """
    import yaml  # here: 9 ms that a site without YAML does without

    from sitegen.config.yaml_loader import YamlLoader

    loader = YamlLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Parsed(value=None)
        value = loader.construct_document(node)
        if (
            "&" in text or sum(map(text.count, "[{-?:")) >= _MAX_DEPTH
        ):  # else it can be neither large nor deep
            check_size(value)
    except yaml.MarkedYAMLError as error:
        raise _yaml_problem(error, text) from error
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableTextError(_sentence(str(error)), 1) from error
    except RecursionError as error:
        raise UnreadableTextError(_TOO_DEEP, 1) from error
    finally:
        loader.dispose()
    lines = {}
    if isinstance(node, yaml.MappingNode):
        lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    nested = _by_path(_yaml_places(node)) if _has_nested_keys(node) else {}
    return Parsed(value=value, lines=lines, nested=nested, repeated=tuple(loader.repeated))


def _has_nested_keys(node: yaml.Node) -> bool:
    """Whether a document has a key below its top level: most front matter has none."""
    import yaml

    inner = [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else [node]
    collections = [each.value for each in inner if not isinstance(each, yaml.ScalarNode)]
    return any(not isinstance(item, yaml.ScalarNode) for items in collections for item in items)


def _yaml_places(root: yaml.Node) -> Iterator[tuple[tuple[str, ...], tuple[int, int]]]:
    """Keys below the top level with line and column; what an alias repeats is told once."""
    import yaml

    known: set[int] = set()
    waiting: list[tuple[tuple[str, ...], yaml.Node]] = [((), root)]
    while waiting:
        parents, node = waiting.pop()
        if id(node) in known:
            continue
        known.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                path = (*parents, str(key.value))
                if parents:
                    yield path, (key.start_mark.line + 1, key.start_mark.column + 1)
                if isinstance(value, yaml.CollectionNode):
                    waiting.append((path, value))
        elif isinstance(node, yaml.SequenceNode):
            waiting += [
                ((*parents, str(number)), item)
                for number, item in enumerate(node.value)
                if isinstance(item, yaml.CollectionNode)
            ]


def _yaml_problem(error: yaml.MarkedYAMLError, text: str) -> UnreadableTextError:
    mark = error.problem_mark or error.context_mark
    message, context = error.problem or "not YAML", error.context or ""
    hint = None
    lines = text.split("\n")
    before = lines[mark.line][: mark.column + 1] if mark and mark.line < len(lines) else ""
    if before.strip(" ").startswith("\t"):
        message, hint = "a tab cannot indent YAML", "indent with spaces"
    elif "mapping values are not allowed" in message and ":" not in before[:-1]:  # the line's first key
        message, hint = "a key is indented as no key above it", "indent it as the keys that it belongs to"
    elif "mapping values are not allowed" in message:
        hint = "put a value that has `: ` in it in quotes"
    elif "quoted scalar" in context:
        mark, message, hint = error.context_mark, "a quote is not closed", "close the quote on its line"
    elif "alias" in context or "anchor" in context or "alias" in message:
        hint = "put a value that begins with `*` or `&` in quotes"
    elif "cannot start any token" in message:
        hint = "put a value that begins with `%`, `@` or a backtick in quotes"
    if mark is None:
        return UnreadableTextError(_sentence(message), 1, None, hint)
    return UnreadableTextError(_sentence(message), mark.line + 1, mark.column + 1, hint)


# --- JSON -----------------------------------------------------------------------------------------

_JSON_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)


def read_json(text: str) -> Parsed:
    """The value that a JSON text is.

    Raises:
        UnreadableTextError: not JSON.
    """
    repeated: list[str] = []

    def note_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            repeated.extend(name for name in table if counts[name] > 1)
        return table

    try:
        value = json.loads(text, object_pairs_hook=note_repeated)
    except json.JSONDecodeError as error:
        raise UnreadableTextError(_sentence(error.msg), error.lineno, error.colno) from error
    except RecursionError as error:
        raise UnreadableTextError(_TOO_DEEP, 1) from error
    except ValueError as error:  # as in TOML
        raise UnreadableTextError(_sentence(str(error)), 1, None, _LONG_NUMBER) from error
    places = dict(_json_places(text)) if isinstance(value, dict) else {}
    lines = {path[0]: line for path, (line, _) in places.items() if len(path) == 1}
    return Parsed(
        value=value,
        lines=lines,
        nested=_by_path((path, place) for path, place in places.items() if len(path) > 1),
        repeated=tuple((name, lines.get(name, 1)) for name in repeated),
    )


def _json_places(text: str) -> Iterator[tuple[tuple[str, ...], tuple[int, int]]]:
    """Every key by its path, with line and column; of a key given twice the last."""
    path: list[str] = []
    is_list: list[bool] = []
    expects_key = False
    line, line_start, counted_to = 1, 0, 0
    for token in _JSON_TOKEN.finditer(text):
        sign = token[0]
        if sign in "{[":
            is_list.append(sign == "[")
            path.append("0")
            expects_key = sign == "{"
        elif sign in "}]":
            is_list.pop()
            path.pop()
        elif sign == ",":
            expects_key = not is_list[-1]
            if is_list[-1]:
                path[-1] = str(int(path[-1]) + 1)
        elif sign == ":":
            expects_key = False
        elif expects_key:
            newlines = text.count("\n", counted_to, token.start())
            if newlines:
                line, line_start = line + newlines, text.rindex("\n", counted_to, token.start()) + 1
            counted_to = token.start()
            path[-1] = json.loads(sign)
            yield tuple(path), (line, token.start() - line_start + 1)


def _by_path(
    places: Iterable[tuple[tuple[str, ...], tuple[int, int]]],
) -> dict[str, tuple[int, int]]:
    """The first places, their paths as one lower-cased text each."""
    return {".".join(path).lower(): place for path, place in islice(places, MAX_NESTED)}


# --- Org ------------------------------------------------------------------------------------------

_ORG_KEYWORD: Final = re.compile(r"#\+([^\s:]+):(?:[ \t]+(.*?))?[ \t\r]*")
_ORG_DATES: Final = frozenset({"date", "lastmod", "publishdate", "expirydate"})
_ORG_STAMP: Final = re.compile(r"[<\[](\d{4}-\d\d-\d\d)[^>\]]*[>\]]")


def read_org(text: str) -> Parsed:
    """The keywords of an Org file as Hugo reads them: `#+tags[]: a b` and `#+filetags: :a:b:` are lists."""
    value: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        keyword = _ORG_KEYWORD.fullmatch(line)
        if keyword is None:
            continue
        name, written = keyword[1].lower(), keyword[2] or ""
        item: Any = written
        if name.endswith("[]"):
            name, item = name[:-2], written.split()
        elif name == "filetags":
            item = written.strip(":").split(":")
        elif name in _ORG_DATES and (stamp := _ORG_STAMP.match(written)):
            item = stamp[1]
        elif isinstance(value.get(name), list):
            item = value[name]
            item.append(written)
        elif name in value:
            item = [value[name], written]
        value[name] = item
        lines.setdefault(name, number)
    return Parsed(value=value, lines=lines)


def _sentence(message: str) -> str:
    """A library's message in our form: lower case at the start, no full stop."""
    message = " ".join(message.split()).rstrip(".")
    return message[:1].lower() + message[1:]


READERS: Final[Mapping[str, Callable[[str], Parsed]]] = {
    "toml": read_toml,
    "yaml": read_yaml,
    "json": read_json,
    "org": read_org,
}
