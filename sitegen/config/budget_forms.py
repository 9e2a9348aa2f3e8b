"""The limits of `[budget]`, as a site and a page write them: sizes and counts, `false` for none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sitegen.config.forms import FormError

NO_LIMIT: Final = -1
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kKmM]i?[bB]|[bB])?")
_UNITS: Final = {"b": 1, "kb": 1_000, "mb": 1_000_000, "kib": 1_024, "mib": 1_048_576}


def byte_size(value: object) -> int:
    """A limit in bytes: `6000`, `"6 kB"`, `"1.5 MiB"`.

    Raises:
        FormError: it is no size.
    """
    if str(value).lower() == "false":
        return NO_LIMIT
    if isinstance(value, int) and value is not True and value >= 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        hint = 'write bytes, or text as in `"6 kB"`; `false` is no limit'
        raise FormError((), f"{_written(value)} is no size", hint)
    return round(float(match[1]) * _UNITS[(match[2] or "b").lower()])


def item_count(value: object) -> int:
    """A limit of how many: `0`, `3`; text from the environment too.

    Raises:
        FormError: it is no count.
    """
    if str(value).lower() == "false":
        return NO_LIMIT
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    if not isinstance(value, int) or value is True or value < 0:
        raise FormError((), f"{_written(value)} is no count", "write a whole number; `false` is no limit")
    return value


def _written(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "a table"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


LIMITS: Final[Mapping[str, tuple[str, Callable[[object], int]]]] = {
    "js": ("js", byte_size),
    "css": ("css", byte_size),
    "html": ("html", byte_size),
    "images": ("images", byte_size),
    "figures": ("figures", byte_size),
    "fonts": ("fonts", item_count),
    "requests": ("requests", item_count),
    "thirdParty": ("third_party", item_count),
}
"""Name of a limit to its field of `Budget`, and what reads it."""
