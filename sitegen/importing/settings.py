"""`sitegen.toml` of an imported site, from the settings that are known of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def settings_bytes(settings: Mapping[str, Any], *, opening: str) -> bytes:
    """Settings as TOML: values first, then a table for each mapping, both in the order given.

    Args:
        settings: values that TOML has; None, and mappings and lists without anything in them, are left out.
        opening: a comment for the first line.
    """
    return ("\n".join([f"# {opening}", *_lines(settings, ())]).rstrip("\n") + "\n").encode()


def _lines(settings: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    kept = {str(key): value for key, value in settings.items() if value is not None and value not in ({}, [])}
    tables = {key: value for key, value in kept.items() if _is_table(value)}
    lists = {key: value for key, value in kept.items() if _is_list_of_tables(value)}
    for key, value in kept.items():
        if key not in tables and key not in lists:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in tables.items():
        inner = list(_lines(value, (*path, key)))
        is_only_tables = not inner or inner[0] == ""
        if not is_only_tables:
            yield ""
            yield f"[{'.'.join(map(_key, (*path, key)))}]"
        yield from inner
    for key, value in lists.items():
        for item in value:
            yield ""
            yield f"[[{'.'.join(map(_key, (*path, key)))}]]"
            yield from _lines(item, (*path, key))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(_is_table, value))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # TOML has `inf` and `nan`
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(item) for item in value if item is not None)}]"
    if isinstance(value, Mapping):
        pairs = (f"{_key(str(key))} = {_value(item)}" for key, item in value.items() if item is not None)
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    return _text(str(value))


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")
