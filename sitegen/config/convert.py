"""Entries of all layers -> typed values by name of the field; wrong values become diagnostics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass, replace
from functools import lru_cache
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from sitegen.config.forms import FormError, Unknown
from sitegen.config.layers import Entry
from sitegen.config.text import KeyPath
from sitegen.errors import ConfigError, Diagnostic, did_you_mean
from sitegen.frozen import FrozenDict, freeze
from sitegen.values import dataclass

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "int": ("a whole number", "write it as in `10`"),
    "float": ("a number", "write it as in `0.5`"),
    "str": ("text", "put it in quotes"),
    "bool": ("`true` or `false`", "write `true` or `false`, without quotes"),
    "array": ("a list", 'write it as in `["a", "b"]`'),
    "object": ("a table", "write `key = value` pairs below a `[table]` line"),
    "null": ("nothing", ""),
}
"""msgspec's names of types in an author's words, each with what to do."""


_TRUTHS: Final = {
    **dict.fromkeys(("true", "t", "1", "yes", "y", "on"), True),
    **dict.fromkeys(("false", "f", "0", "no", "n", "off", ""), False),
}
"""Hugo's, and what YAML took for truth values before version 1.2 and Hugo 0.152."""


def _same(value: object, _unknown: Unknown) -> object:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a setting is read."""

    field: str
    """Of Config; `pagination.pager_size` is a field of a field."""
    type: Any
    """Of the value, as msgspec converts it; `FrozenDict[str, X]` for a table."""
    form: Callable[[object, Unknown], object] = _same
    """Brings the forms that the value may have into one."""
    check: Callable[[Any], Any] | None = None
    """The final value for a converted one; raises `FormError`."""
    is_open: bool = False
    """In Hugo's files the table may have keys of an author's own."""
    lenient: Callable[[object], object] | None = None
    """What Hugo makes of a value that is none; None stands for the default. Only for files of Hugo's."""

    def of(self, field: str) -> Setting:
        """The same reading for another field."""
        return replace(self, field=field)


def convert_settings(
    entries: Iterable[Entry], settings: Mapping[str, Setting]
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """The final value of each field that is set.

    Args:
        settings: by plain name, as `Entry.name` has it.
    """
    values: dict[str, Any] = {}
    diagnostics: list[Diagnostic] = []
    for entry in entries:
        setting = settings[entry.name]
        try:
            value = _convert(entry, setting, diagnostics)
        except FormError as error:
            is_warning = setting.lenient is not None and not entry.is_own
            diagnostics.append(_wrong(entry, error.path, str(error), error.hint, is_warning=is_warning))
            value = setting.lenient(entry.value) if setting.lenient is not None else None
        if value is not None:
            values[setting.field] = value
    return values, diagnostics


def _convert(entry: Entry, setting: Setting, diagnostics: list[Diagnostic]) -> Any:
    def unknown(path: KeyPath, known: Iterable[str]) -> None:
        if setting.is_open and not entry.is_own:
            return
        diagnostics.append(
            Diagnostic(
                code="SG102" if entry.is_own else "SG104",
                severity="error" if entry.is_own else "warning",
                message=f"unknown key `{path[-1]}` in `{entry.title}`",
                location=entry.locate(path, value=False),
                hint=did_you_mean(str(path[-1]), known),
            )
        )

    value = typed(setting.form(entry.value, unknown), setting.type, is_weak=entry.is_text or not entry.is_own)
    return setting.check(value) if setting.check else value


def typed(value: object, kind: Any, *, is_weak: bool = False, path: KeyPath = ()) -> Any:
    """`value` as a `kind`, frozen at every depth.

    Args:
        is_weak: as Hugo reads its files and variables: `"10"` and `"true"` stand for what they say, a number for
            text, one value for a list of one.
        path: of the value, for the error.

    Raises:
        FormError: it is something else.
    """
    if get_origin(kind) is FrozenDict:
        if not isinstance(value, Mapping):
            raise FormError(path, "must be a table", _WORDS["object"][1])
        inner = get_args(kind)[1]
        return FrozenDict(
            {key: typed(item, inner, is_weak=is_weak, path=(*path, str(key))) for key, item in value.items()}
        )
    if kind is object:
        return freeze(value)
    if get_origin(kind) is Literal and isinstance(value, str) and value not in get_args(kind):
        raise FormError(path, f"`{value}` is none of its values", did_you_mean(value, get_args(kind)))
    try:
        return msgspec.convert(
            weakly(value, kind) if is_weak else value, kind, strict=not is_weak, dec_hook=_frozen_table
        )
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise FormError((*path, *_key_path(where)), *_in_words(message)) from error


def weakly(value: object, kind: Any) -> object:
    """`value` brought near to a `kind` by the rules of Hugo's weak decoding."""
    if kind is str:
        return _as_text(value)
    if kind is bool:
        return _TRUTHS.get(value.lower(), value) if isinstance(value, str) else _as_truth(value)
    if kind is int and isinstance(value, (bool, float)) and value == value and abs(value) < 2**63:
        return int(value)
    if get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis:
        items = value if isinstance(value, (list, tuple)) else [value]
        return [weakly(item, get_args(kind)[0]) for item in items if item is not None]
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        hints = _hints(kind)
        return {key: weakly(item, hints.get(str(key), object)) for key, item in value.items()}
    if isinstance(kind, UnionType) and bool in get_args(kind) and value in ("true", "false"):
        return value == "true"
    return value


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) if isinstance(value, (int, float)) else value


def _as_truth(value: object) -> object:
    return value != 0 if isinstance(value, (int, float)) else value


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _frozen_table(kind: Any, value: object) -> object:
    if get_origin(kind) is FrozenDict and isinstance(value, Mapping):
        return freeze(value)
    raise msgspec.ValidationError("Expected `object`")


def _key_path(where: str) -> KeyPath:
    """A path from msgspec's `` `$[0].weight` ``."""
    parts = re.findall(r"\[(\d+)\]|\.([^.\[\]`]+)", where)
    return tuple(int(position) if position else name for position, name in parts)


def _in_words(message: str) -> tuple[str, str]:
    """What must be there, and what to do, for msgspec's ``Expected `int`, got `str` ``."""
    expected = re.match(r"Expected `([^`]+)`", message)
    if expected is None:
        return message[:1].lower() + message[1:], "write one of the values that the documentation lists"
    names = [name.strip() for name in expected[1].split("|") if name.strip() != "null"]
    words = " or ".join(_WORDS.get(name, (name, ""))[0] for name in names)
    return f"must be {words}", _WORDS.get(names[0], ("", ""))[1] or f"write {words}"


def merged(low: object, high: object) -> Any:
    """`high` laid over `low`, tables key by key at every depth."""
    if not isinstance(high, Mapping):
        return high
    result = dict(low) if isinstance(low, Mapping) else {}
    for key, value in high.items():
        result[key] = merged(result.get(key), value)
    return freeze(result)


def _wrong(entry: Entry, path: KeyPath, problem: str, hint: str, *, is_warning: bool = False) -> Diagnostic:
    inner = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    title = entry.title if entry.is_text else f"{entry.title}{inner}"
    subject = f"environment variable `{title}`" if entry.is_text else f"`{title}`"
    is_phrase = problem.startswith("must be")
    return Diagnostic(
        code="SG103",
        severity="warning" if is_warning else "error",
        message=f"{subject} {problem}" if is_phrase else f"{subject}: {problem}",
        location=entry.locate(path),
        hint=hint or None,
    )


def raise_first_error(diagnostics: Iterable[Diagnostic]) -> None:
    """Raise the first error, with the others in its details.

    Raises:
        ConfigError: there is one.
    """
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    if not errors:
        return
    others = "\n".join(
        f"{error.location}: {error.message}" if error.location else error.message for error in errors[1:]
    )
    first = errors[0]
    raise ConfigError(
        Diagnostic(
            code=first.code,
            severity="error",
            message=first.message,
            location=first.location,
            hint=first.hint,
            details=f"also wrong:\n{others}" if others else None,
        )
    )
