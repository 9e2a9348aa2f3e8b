"""Readers of single option values: what an author wrote -> the value, or what it should have been.

A reader takes a value as TOML, YAML or an attribute gives it (there everything is text) and raises
ValueError with words that end the sentence "must be ...".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sitegen.content.conditions import FORMS, parse_condition
from sitegen.frozen import FrozenDict, freeze

Reader = Callable[[object], object]

_SECONDS: Final[dict[str, float]] = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_POWERS: Final[dict[str, int]] = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def switch(value: object) -> bool:
    """`true` or `false`, as text too."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    raise ValueError("`true` or `false`")


def is_switch(value: object) -> bool:
    """Whether `switch` takes it."""
    return isinstance(value, bool) or str(value).strip().lower() in {"true", "false"}


def switch_or(*words: str) -> Reader:
    """`true`, `false` or one of `words`."""
    choices = ", ".join(f"`{word}`" for word in words)

    def read(value: object) -> object:
        if isinstance(value, str) and value.strip().lower() in words:
            return value.strip().lower()
        try:
            return switch(value)
        except ValueError:
            raise ValueError(f"`true`, `false` or {choices}") from None

    return read


def one_of(*words: str) -> Reader:
    """One of `words`, without regard to case."""
    choices = ", ".join(f"`{word}`" for word in words)

    def read(value: object) -> object:
        if isinstance(value, str) and value.strip().lower() in words:
            return value.strip().lower()
        raise ValueError(f"one of {choices}")

    return read


def text(value: object) -> str:
    """Text; a number stands for its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError("text")


def identifier(value: object) -> str:
    """A label: text without spaces that can be an anchor."""
    name = text(value).strip()
    if not name or re.search(r"[\s\"'<>`#%]", name):
        raise ValueError("a name without spaces and quotes, such as `fig-curve`")
    return name


def whole_number(minimum: int) -> Reader:
    """A whole number of at least `minimum`."""

    def read(value: object) -> object:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", value) else value
        if isinstance(number, bool) or not isinstance(number, int) or number < minimum:
            raise ValueError(f"a whole number, {minimum} or more")
        return number

    return read


def positive(value: object) -> float:
    """A number above 0."""
    try:
        number = 0.0 if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError("a number above 0")
    return number


def inches(value: object) -> float:
    """A length in inches, with or without its unit."""
    try:
        return positive(re.sub(r"\s*in$", "", value) if isinstance(value, str) else value)
    except ValueError:
        raise ValueError("a number of inches above 0, such as `6.5`") from None


def duration(value: object) -> float:
    """Seconds: a number, or text such as `90s`, `10m`, `12h`, `30d`, `2w`."""
    match = (
        re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", value.lower()) if isinstance(value, str) else None
    )
    try:
        return positive(match[1]) * _SECONDS[match[2]] if match else positive(value)
    except ValueError:
        raise ValueError("a time: seconds, or a number with s, m, h, d or w, such as `30d`") from None


def size(value: object) -> int:
    """Bytes: a number, or text such as `512MB` (powers of 1000) or `8GiB` and `8G` (powers of 1024)."""
    match = (
        re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(ib|b|)\s*", value.lower())
        if isinstance(value, str)
        else None
    )
    try:
        if match is None:
            return int(positive(value))
        base = 1000 if match[3] == "b" else 1024
        return int(positive(match[1]) * base ** _POWERS[match[2]])
    except ValueError:
        raise ValueError("a size such as `8GB`") from None


def names(value: object) -> tuple[str, ...]:
    """A list of texts; one text is parted at commas."""
    if isinstance(value, str):
        return tuple(part.strip(" \"'") for part in value.strip("[] ").split(",") if part.strip(" \"'"))
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError('a list of texts, such as `["a", "b"]`')


def texts(value: object) -> tuple[str, ...]:
    """A list of texts, none of them parted; one text is a list of one."""
    if isinstance(value, (list, tuple)):
        return tuple(text(item) for item in value)
    return (text(value),)


def lines(value: object) -> str:
    """A text, or a list of texts as its lines."""
    return "\n".join(texts(value))


def line_ranges(value: object) -> str:
    """Lines and ranges of lines from 1 as `1,3-5`, from text, a number or a list."""
    items = value if isinstance(value, (list, tuple)) else re.split(r"[,\s]+", text(value).strip("[] "))
    ranges = [str(item).strip(" \"'") for item in items if str(item).strip(" \"'")]
    for item in ranges:
        match = re.fullmatch(r"([1-9]\d*)(?:-([1-9]\d*))?", item)
        if match is None or (match[2] and int(match[2]) < int(match[1])):
            raise ValueError('lines from 1, such as `"1,3-5"`')
    return ",".join(ranges)


def folding(value: object) -> bool | int:
    """`true`, `false` or a number of lines."""
    try:
        return switch(value)
    except ValueError:
        pass
    try:
        return int(str(whole_number(1)(value)))
    except ValueError:
        raise ValueError("`true`, `false` or a number of lines") from None


def conditions(value: object) -> FrozenDict[str, str]:
    """Metric to condition; a number alone stands for its digits."""
    if not isinstance(value, Mapping):
        raise ValueError('a table of metric and condition, such as `{return: ">= 475"}`')
    found = {}
    for name, item in value.items():
        try:
            found[str(name)] = text(item)
            parse_condition(found[str(name)])
        except ValueError:
            raise ValueError(f"a condition for each metric: for `{name}` one such as {FORMS}") from None
    return FrozenDict(found)


def table(value: object) -> FrozenDict[str, object]:
    """A table, with keys as written."""
    if not isinstance(value, Mapping):
        raise ValueError("a table")
    return FrozenDict({str(key): freeze(item) for key, item in value.items()})
