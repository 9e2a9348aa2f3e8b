"""Entries of all layers -> typed values by name of the field; wrong values become diagnostics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

import msgspec

from sitegen.config.forms import FormError, Unknown
from sitegen.config.layers import Entry, scalar
from sitegen.config.text import KeyPath
from sitegen.errors import ConfigError, Diagnostic, did_you_mean
from sitegen.frozen import FrozenDict, freeze

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
    is_merged: bool = False
    """A higher layer's table lies over a lower one's key by key, and does not replace it."""


def convert_settings(
    entries: Iterable[Entry], settings: Mapping[str, Setting]
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """The final value of each field that some layer sets; later entries win.

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
            diagnostics.append(_wrong(entry, error.path, str(error), error.hint))
            continue
        if setting.is_merged and setting.field in values:
            value = merged(values[setting.field], value, is_text=entry.file is None)
        elif setting.is_merged and entry.file is None:
            value = merged(FrozenDict(), value, is_text=True)
        values[setting.field] = value
    return values, diagnostics


def _convert(entry: Entry, setting: Setting, diagnostics: list[Diagnostic]) -> Any:
    def unknown(path: KeyPath, known: Iterable[str]) -> None:
        diagnostics.append(
            Diagnostic(
                code="SG102" if entry.is_own else "SG104",
                severity="error" if entry.is_own else "warning",
                message=f"unknown key `{path[-1]}` in `{entry.title}`",
                location=entry.locate(path, value=False),
                hint=did_you_mean(str(path[-1]), known),
            )
        )

    value = typed(setting.form(entry.value, unknown), setting.type, is_text=entry.file is None)
    return setting.check(value) if setting.check else value


def typed(value: object, kind: Any, *, is_text: bool = False, path: KeyPath = ()) -> Any:
    """`value` as a `kind`, frozen at every depth.

    Args:
        is_text: `"10"` and `"true"` stand for what they say, as in an environment variable.
        path: of the value, for the error.

    Raises:
        FormError: it is something else.
    """
    if get_origin(kind) is FrozenDict:
        if not isinstance(value, Mapping):
            raise FormError(path, "must be a table", _WORDS["object"][1])
        inner = get_args(kind)[1]
        return FrozenDict(
            {key: typed(item, inner, is_text=is_text, path=(*path, str(key))) for key, item in value.items()}
        )
    if kind is object:
        return freeze(value)
    try:
        return msgspec.convert(value, kind, strict=not is_text, dec_hook=_frozen_table)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise FormError((*path, *_key_path(where)), *_in_words(message)) from error


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


def merged(low: object, high: object, *, is_text: bool = False) -> Any:
    """`high` laid over `low`, tables key by key at every depth.

    Args:
        is_text: `high` is of environment variables: keys are found without regard to case, and a text
            becomes a number or truth value unless it replaces a text.
    """
    if not isinstance(high, Mapping):
        return scalar(high) if is_text and isinstance(high, str) and not isinstance(low, str) else high
    result = dict(low) if isinstance(low, Mapping) else {}
    for key, value in high.items():
        spelt = next((known for known in result if known.lower() == key), key) if is_text else key
        result[spelt] = merged(result.get(spelt), value, is_text=is_text)
    return freeze(result)


def _wrong(entry: Entry, path: KeyPath, problem: str, hint: str) -> Diagnostic:
    inner = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    title = entry.title if entry.file is None else f"{entry.title}{inner}"
    subject = f"environment variable `{title}`" if entry.file is None else f"`{title}`"
    is_phrase = problem.startswith("must be")
    return Diagnostic(
        code="SG103",
        severity="error",
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
