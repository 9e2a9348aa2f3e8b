"""`docs/configuration.md` lists the settings that there are, with their types and defaults."""

from __future__ import annotations

import re
from dataclasses import is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_origin

from sitegen.config import Budget, Config
from sitegen.config.budget_forms import NO_LIMIT
from sitegen.config.known_keys import UNHONOURED
from sitegen.config.settings import all_settings
from sitegen.frozen import FrozenDict

TYPES = {
    "author": "text or table",
    "bibliography": "text or list",
    **{f"budget.{name}": "size" for name in ("js", "css", "html", "images", "figures")},
    **{f"budget.{name}": "whole number" for name in ("fonts", "requests", "thirdParty")},
    "cascade": "table or list",
    "images.formats": "text or list",
    "images.widths": "list of numbers",
    "permalinks": "table or list",
    "pygmentsOptions": "text",
    "staticDir": "text or list",
}
"""Of what may be written in several forms, of which the code has the last."""
DEFAULTS = {"frontmatter", "related", "author", "permalinks", "module.mounts", "pygmentsOptions"}
"""Whose defaults are tables of their own, or none."""


def test_every_setting_is_in_the_table(repository: Path) -> None:
    """The table has a row for each setting, and no other; its type and its default are the code's."""
    text = (repository / "docs/configuration.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| ([^|]+) \| ([^|]*) \|", text, flags=re.MULTILINE)

    assert {title: (kind, default) for title, kind, default in rows} == described()
    assert len(rows) == len(described())


def test_what_is_not_honoured_is_named(repository: Path) -> None:
    """Each setting of Hugo's that is known and has no effect is in the document."""
    text = (repository / "docs/configuration.md").read_text("utf-8")
    named = {name.lower() for name in re.findall(r"`([\w.]+)`", text.partition("## Not honoured")[2])}

    assert UNHONOURED - named == set()


def described() -> dict[str, tuple[str, str]]:
    """Each setting's type and default, in the words of the table."""
    settings = all_settings("production")
    return {
        title: (
            TYPES.get(title) or _type(setting.type),
            ""
            if title in DEFAULTS
            else _default(setting.field, is_opposite=title.endswith(".disable") and "markup" in title),
        )
        for title, setting in sorted(settings.items(), key=lambda pair: pair[0].lower())
        if not re.fullmatch(r"staticDir\d+", title)
    }


def _type(kind: Any) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    if is_dataclass(kind) or get_origin(kind) is FrozenDict:
        return "table"
    if get_origin(kind) is tuple:
        return "list of " + {str: "texts"}.get(get_args(kind)[0], "tables" if not _is_pair(kind) else "pairs")
    return {True: "truth value or text", False: "text"}[bool in get_args(kind)]


_WORDS: dict[Any, str] = {
    str: "text",
    bool: "truth value",
    int: "whole number",
    float: "number",
    bool | tuple[str, ...]: "truth value or table",
}


def _is_pair(kind: Any) -> bool:
    return get_origin(get_args(kind)[0]) is tuple


def _default(field: str, *, is_opposite: bool) -> str:
    value: Any = Config(root=Path(), now=datetime(2026, 1, 1, tzinfo=UTC), budget=Budget())
    for part in field.split("."):
        value = getattr(value, part, None)
    if value == NO_LIMIT and field.startswith("budget."):
        return "`false`"
    return "" if value is None else _written(not value if is_opposite else value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(str(item) if isinstance(item, int) else f'"{item}"' for item in value) + "]`"
    if isinstance(value, FrozenDict):
        return "`{" + ", ".join(f'{key} = "{item}"' for key, item in value.items()) + "}`"
    return (
        f"`{value:g}`"
        if isinstance(value, float)
        else f"`{value}`"
        if isinstance(value, int)
        else f'`"{value}"`'
    )
