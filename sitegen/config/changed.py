"""Which settings differ between two configurations, by the names that an author gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from sitegen.config.values import Config


def differing_settings(before: Config, now: Config) -> tuple[str, ...]:
    """The names of the settings that differ, sorted: `baseURL`, `pagination.pagerSize`."""
    from sitegen.config.settings import all_settings  # here: only who asks why needs the table

    named = {setting.field: name for name, setting in all_settings(now.environment).items()}
    return tuple(sorted({_name(path, named) for path in _differing(before, now, "")}))


def _differing(before: object, now: object, above: str) -> Iterator[str]:
    """The paths of the fields that differ, as deep as both are values of one class."""
    if not (is_dataclass(now) and type(before) is type(now)):
        yield above
        return
    for field in fields(now):
        old, new = getattr(before, field.name), getattr(now, field.name)
        if old != new:
            yield from _differing(old, new, f"{above}.{field.name}" if above else field.name)


def _name(path: str, named: dict[str, str]) -> str:
    """The setting's name; of a field that several settings make, the field's own."""
    if path.endswith(("words.own", "words.language")):
        return "locale" if path.endswith("language") else "templates/strings"
    found = path
    while found not in named and "." in found:
        found = found.rpartition(".")[0]
    return named.get(found, path)
