"""`[check]` of the site's configuration, read into one value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sitegen.checking.places import config_texts
from sitegen.config import Config
from sitegen.errors import CODES, Diagnostic, Severity, SourceLocation, did_you_mean
from sitegen.frozen import FrozenDict

_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """What a site says of its check."""

    ignore: frozenset[str] = frozenset()
    """Codes of findings that are not told."""
    ignore_urls: tuple[re.Pattern[str], ...] = ()
    """Addresses that are not checked, here or on other sites."""
    ignore_files: tuple[str, ...] = ()
    """Patterns of files that nothing need name, from the site's folder."""
    accept: frozenset[int] = frozenset()
    """Status codes of other sites that are as good as 200."""
    timeout_s: float = 15.0
    """Of one request."""
    per_host: int = 2
    """Requests to one host at a time."""
    delay_s: float = 0.25
    """Between two requests to one host."""
    retries: int = 2
    """After the first try, where a failure may pass."""
    max_age_s: float = 7 * _DAY_S
    """For which a good answer is believed; a bad one only for hours."""
    fragments: bool = False
    """Whether parts of pages of other sites are looked for."""
    private: bool = False
    """Whether addresses of private networks are asked, too."""
    schema: Path | None = None
    """A JSON Schema of every page's front matter."""
    schemas: FrozenDict[str, Path] = field(default_factory=FrozenDict)
    """Top-level section to the schema of its pages."""


class _Wrong(Exception):  # noqa: N818 - it is caught in this module
    """A value is not what its key takes."""


def read_settings(config: Config) -> tuple[CheckSettings, tuple[Diagnostic, ...]]:
    """The settings; a key or value that cannot be used is an SG717 error, and its default holds."""
    table: dict[str, object] = {key.replace("_", "-"): value for key, value in config.check.items()}
    readers = {
        "ignore": ("ignore", _codes),
        "ignore-urls": ("ignore_urls", _patterns),
        "ignore-files": ("ignore_files", _texts),
        "accept": ("accept", _statuses),
        "timeout-s": ("timeout_s", _positive),
        "per-host": ("per_host", _count),
        "delay-s": ("delay_s", _seconds),
        "retries": ("retries", _whole),
        "max-age-days": ("max_age_s", lambda value: _seconds(value) * _DAY_S),
        "fragments": ("fragments", _switch),
        "private": ("private", _switch),
        "schema": ("schema", lambda value: config.root / _text(value)),
        "schemas": ("schemas", lambda value: _schemas(value, config.root)),
    }
    values: dict[str, object] = {"schema": config.front_matter_schema}
    problems = []
    for key, value in table.items():
        if key not in readers:
            message, hint = f"unknown key `{key}` in `[check]`", did_you_mean(key, readers)
            problems.append(_problem(config, key, message, hint))
            continue
        name, read = readers[key]
        try:
            values[name] = read(value)
        except _Wrong as wrong:
            message = f"`{key}` in `[check]` is not {wrong}"
            problems.append(_problem(config, key, message, f"give `{key}` {wrong}"))
    return CheckSettings(**values), tuple(problems)  # type: ignore[arg-type]


def _problem(config: Config, key: str, message: str, hint: str, severity: Severity = "error") -> Diagnostic:
    return Diagnostic(
        code="SG717", severity=severity, message=message, location=key_location(config, key), hint=hint
    )


def key_location(config: Config, key: str) -> SourceLocation | None:
    """Where a key of `[check]` stands in the configuration."""
    for text in config_texts(config):
        table = re.search(
            r"^[ \t]*(\[check\b|check\s*:|\"check\"\s*:)", text.text, re.MULTILINE | re.IGNORECASE
        )
        if table is not None:
            name = re.escape(key).replace(r"\-", "[-_]")
            pattern = re.compile(rf"""^[ \t]*["']?({name})\b""", re.MULTILINE | re.IGNORECASE)
            found = pattern.search(text.text, table.end())
            offset = found.start(1) if found is not None else table.start(1)
            return text.location(offset)
    return None


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(each, str) for each in values):
        raise _Wrong("a list of texts")
    return tuple(str(each) for each in values)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong("a path")
    return value


def _codes(value: object) -> frozenset[str]:
    codes = frozenset(code.upper() for code in _texts(value))
    if codes - CODES.keys():
        raise _Wrong(f"a list of codes: there is no `{min(codes - CODES.keys())}`")
    return codes


def _patterns(value: object) -> tuple[re.Pattern[str], ...]:
    patterns = []
    for text in _texts(value):
        try:
            patterns.append(re.compile(text))
        except re.error as error:
            raise _Wrong(f"a list of regular expressions: `{text}`: {error}") from error
    return tuple(patterns)


def _statuses(value: object) -> frozenset[int]:
    values = value if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(each, int) and 100 <= each <= 999 for each in values):
        raise _Wrong("a list of status codes, such as `[403, 429]`")
    return frozenset(int(each) for each in values)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("a number")
    return float(value)


def _seconds(value: object) -> float:
    if _number(value) < 0:
        raise _Wrong("a number from 0 on")
    return _number(value)


def _positive(value: object) -> float:
    if _number(value) <= 0:
        raise _Wrong("a number above 0")
    return _number(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _Wrong("a whole number from 0 on")
    return value


def _count(value: object) -> int:
    if _whole(value) < 1:
        raise _Wrong("a whole number from 1 on")
    return _whole(value)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("`true` or `false`")
    return value


def _schemas(value: object, root: Path) -> FrozenDict[str, Path]:
    if not isinstance(value, Mapping):
        raise _Wrong("a table of sections with their schemas")
    return FrozenDict(
        {str(section).strip("/").lower(): root / _text(path) for section, path in value.items()}
    )
