"""The configuration of a site, from its files, the environment and the flags."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sitegen.config import forms
from sitegen.config.convert import Setting, convert_settings, merged, raise_first_error
from sitegen.config.forms import FormError
from sitegen.config.layers import Entry, environment_entries, file_entries, plain_names
from sitegen.config.text import SettingsFile, read_settings
from sitegen.config.values import (
    Author,
    Config,
    Highlight,
    MenuItem,
    Pagination,
    PermalinkRule,
    TableOfContents,
)
from sitegen.errors import ConfigError, Diagnostic, did_you_mean
from sitegen.frozen import FrozenDict

_OWN = "sitegen"
_HUGO = ("hugo", "config")
"""Hugo reads `config.*`, the older name, only where there is no `hugo.*`."""
_SUFFIXES = (".toml", ".yaml", ".yml", ".json")
_NOT_YET = {
    "enableemoji": ("enable_emoji", False),
    "hascjklanguage": ("has_cjk_language", False),
    "markup.highlight.guesssyntax": ("highlight.guess_syntax", False),
    "markup.highlight.tabwidth": ("highlight.tab_width", 4),
}
"""Settings that are read and checked and that nothing heeds yet: the field, and the value that is heeded."""
_PATHS = (
    "content_dir",
    "notebooks_dir",
    "data_dir",
    "templates_dir",
    "publish_dir",
    "results_dir",
    "state_dir",
)


def _base_url(value: str) -> str:
    """The base URL with a trailing slash.

    Raises:
        FormError: it is neither absolute nor a path.
    """
    url = value.strip()
    if url in {"", "/"}:
        return "/"
    is_path = url.startswith("/") and not url.startswith("//")
    if not is_path and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]", url):
        raise FormError(
            (), f"`{value}` is not a URL", "write it with its scheme, as in `https://example.org/blog/`"
        )
    if re.search(r"[?#\s]", url):
        raise FormError(
            (), f"`{value}` has a query, a fragment or a space", "write only scheme, host and path"
        )
    return url.rstrip("/") + "/"


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FormError(
            (), f"`{value}` is no time zone", did_you_mean(value, available_timezones() or {"UTC"})
        ) from error
    return value


def _expressions(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for position, pattern in enumerate(patterns):
        try:
            re.compile(pattern)
        except re.error as error:
            raise FormError(
                (position,), f"`{pattern}` is no regular expression: {error}", "mend the expression"
            ) from error
    return patterns


def _at_least(minimum: int) -> Callable[[int], int]:
    def check(value: int) -> int:
        if value < minimum:
            raise FormError((), f"must be at least {minimum}", f"write {minimum} or more")
        return value

    return check


def _settings(environment: str) -> dict[str, Setting]:
    """Every setting that a file may have, by its name in the documentation."""
    names = tuple[str, ...]
    texts = {
        "title": "title", "description": "description", "copyright": "copyright", "locale": "language",
        "sectionPagesMenu": "section_pages_menu", "refLinksNotFoundURL": "ref_links_not_found_url",
        "contentDir": "content_dir", "notebooksDir": "notebooks_dir", "dataDir": "data_dir",
        "templatesDir": "templates_dir", "publishDir": "publish_dir", "resultsDir": "results_dir",
        "pagination.path": "pagination.path",
    }  # fmt: skip
    switches = {
        "buildDrafts": "build_drafts", "buildFuture": "build_future", "buildExpired": "build_expired",
        "relativeURLs": "relative_urls", "uglyURLs": "ugly_urls", "disablePathToLower": "disable_path_to_lower",
        "removePathAccents": "remove_path_accents", "enableGitInfo": "enable_git_info",
        "enableRobotsTXT": "enable_robots_txt", "enableEmoji": "enable_emoji", "disableAliases": "disable_aliases",
        "hasCJKLanguage": "has_cjk_language", "pluralizeListTitles": "pluralize_list_titles",
        "capitalizeListTitles": "capitalize_list_titles", "feedFullText": "feed_full_text",
        "markup.highlight.lineNos": "highlight.line_numbers",
        "markup.highlight.guessSyntax": "highlight.guess_syntax",
    }  # fmt: skip
    numbers = {
        "summaryLength": ("summary_length", 0), "pagination.pagerSize": ("pagination.pager_size", 1),
        "services.rss.limit": ("rss_limit", -1), "markup.highlight.tabWidth": ("highlight.tab_width", 1),
        "markup.tableOfContents.startLevel": ("table_of_contents.start_level", 1),
        "markup.tableOfContents.endLevel": ("table_of_contents.end_level", 1),
    }  # fmt: skip
    table = FrozenDict[str, object]
    return {
        **{title: Setting(field=name, type=str) for title, name in texts.items()},
        **{title: Setting(field=name, type=bool) for title, name in switches.items()},
        **{
            title: Setting(field=name, type=int, check=_at_least(minimum))
            for title, (name, minimum) in numbers.items()
        },
        "baseURL": Setting(field="base_url", type=str, check=_base_url),
        "author": Setting(field="author", type=Author, form=forms.author),
        "timeZone": Setting(field="time_zone", type=str, check=_time_zone),
        "staticDir": Setting(field="static_dirs", type=names, form=forms.as_list),
        "disableKinds": Setting(field="disable_kinds", type=names, form=forms.lower_list),
        "mainSections": Setting(field="main_sections", type=names, form=forms.as_list),
        "ignoreFiles": Setting(field="ignore_files", type=names, form=forms.one_or_many, check=_expressions),
        "refLinksErrorLevel": Setting(
            field="ref_links_error_level", type=Literal["error", "warning"], form=forms.lower_text
        ),
        "taxonomies": Setting(field="taxonomies", type=FrozenDict[str, str], form=forms.taxonomies),
        "permalinks": Setting(
            field="permalinks", type=tuple[PermalinkRule, ...], form=forms.permalinks(environment)
        ),
        "menus": Setting(
            field="menus", type=FrozenDict[str, tuple[MenuItem, ...]], form=forms.menus, is_merged=True
        ),
        "cascade": Setting(field="cascade", type=tuple[table, ...], form=forms.cascade),
        "frontmatter": Setting(
            field="frontmatter_dates", type=FrozenDict[str, names], form=forms.date_sources
        ),
        "params": Setting(field="params", type=table, form=forms.lower_keys, is_merged=True),
        "execute": Setting(field="execute", type=table, form=forms.execute, is_merged=True),
    }


def load_config(
    root: Path,
    *,
    environment: str = "production",
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Config:
    """The configuration of the site in `root`; what is wrong but harmless is in its `diagnostics`.

    Args:
        overrides: from flags, by the names of Config's fields; None stands for a flag not given.
            A relative path is relative to `root`. `execute` and `params` are laid over key by key.
        environ: the process's variables, unless given.
        now: the build's time; else `SOURCE_DATE_EPOCH`, else the clock.

    Raises:
        ConfigError: the first of what is wrong, with the others in its details.
    """
    root = Path(os.path.abspath(root))  # noqa: PTH100 - `resolve` follows links
    environ = os.environ if environ is None else environ
    settings = _settings(environment)
    titles = dict(plain_names(settings))
    entries: list[Entry] = []
    diagnostics: list[Diagnostic] = []
    for file, is_own in _read_files(root):
        found, problems = file_entries(file, titles, is_own=is_own)
        entries += found
        diagnostics += problems
    entries += environment_entries(environ, titles)
    values, problems = convert_settings(entries, {plain: settings[title] for plain, title in titles.items()})
    diagnostics += problems
    diagnostics += _without_effect(entries, values)
    _check_content_dir(root, entries, values, diagnostics)
    raise_first_error(diagnostics)

    values |= _flags(values, overrides or {})
    places = [entry.locate(value=False) for entry in entries if entry.name == "execute" and entry.file]
    return Config(
        root=root,
        now=_build_time(environ) if now is None else now,
        environment=environment,
        diagnostics=tuple(diagnostics),
        execute_location=places[-1] if places else None,
        **_fields(root, values),
    )


def _read_files(root: Path) -> list[tuple[SettingsFile, bool]]:
    """The site's configuration files, Hugo's first; with whether a file is our own.

    Raises:
        ConfigError: one cannot be read, or there is none and no content either.
    """
    found = []
    for family in (_HUGO, (_OWN,)):
        names = (f"{stem}{suffix}" for stem in family for suffix in _SUFFIXES)
        name = next((name for name in names if (root / name).is_file()), None)
        if name is not None:
            found.append((read_settings(root / name, PurePosixPath(name)), family == (_OWN,)))
    if not found and not (root / "content").is_dir():
        problem = "there is no site here" if root.is_dir() else "the folder does not exist"
        raise ConfigError(
            Diagnostic(
                code="SG105",
                severity="error",
                message=f"{problem}: `{root}` has neither `sitegen.toml` nor a `content` folder",
                hint="make one with `sitegen new site`, or name the site's folder with `--source`",
            )
        )
    return found


def _without_effect(entries: list[Entry], values: Mapping[str, object]) -> list[Diagnostic]:
    """A warning for each setting that asks for what this version does not do."""
    return [
        Diagnostic(
            code="SG104",
            severity="warning",
            message=f"sitegen does not honour Hugo's setting `{entry.title}` yet",
            location=entry.locate(value=False),
            hint="remove it, or leave it for Hugo",
        )
        for entry in {entry.name: entry for entry in entries if entry.name in _NOT_YET}.values()
        if values.get(_NOT_YET[entry.name][0], _NOT_YET[entry.name][1]) != _NOT_YET[entry.name][1]
    ]


def _check_content_dir(
    root: Path, entries: list[Entry], values: Mapping[str, object], diagnostics: list[Diagnostic]
) -> None:
    named = [entry for entry in entries if entry.name == "contentdir"]
    folder = values.get("content_dir")
    if named and isinstance(folder, str) and not (root / folder).is_dir():
        diagnostics.append(
            Diagnostic(
                code="SG105",
                severity="error",
                message=f"the folder `{folder}` that `{named[-1].title}` names does not exist",
                location=named[-1].locate(),
                hint="make the folder, or name another",
            )
        )


def _flags(values: Mapping[str, Any], overrides: Mapping[str, object]) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    for name in given.keys() & {"execute", "params"}:
        given[name] = merged(values.get(name), given[name])
    return given


def _fields(root: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of Config: paths absolute, fields of fields gathered, fallbacks from `params` filled in."""
    fields: dict[str, Any] = dict(values)
    groups: dict[str, Any] = {
        "pagination": Pagination(),
        "highlight": Highlight(),
        "table_of_contents": TableOfContents(),
    }
    for name in values:
        group, _, inner = name.partition(".")
        if inner:
            groups[group] = replace(groups[group], **{inner: fields.pop(name)})
    fields |= _results_url(fields.pop("results_dir", None))
    defaults = {known.name: known.default for known in dataclass_fields(Config)}
    for name in _PATHS:
        fields[name] = _absolute(root, fields.get(name, defaults[name]))
    fields["static_dirs"] = tuple(_absolute(root, path) for path in fields.get("static_dirs", ("static",)))
    if "base_url" in fields:
        try:
            fields["base_url"] = _base_url(fields["base_url"])
        except FormError as error:  # a flag's: those of files are checked
            raise ConfigError(
                Diagnostic(code="SG103", severity="error", message=f"base URL: {error}", hint=error.hint)
            ) from error
    return {**groups, **_fallbacks(fields), **fields}


def _results_url(place: str | Path | None) -> dict[str, Any]:
    """`resultsDir` as the field that it sets: a URL, or a folder (`file://` is one too)."""
    if place is None:
        return {}
    if isinstance(place, str) and re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", place):
        if place.lower().startswith("file://"):
            from urllib.request import url2pathname  # here: it brings an HTTP client, which few sites need

            return {"results_dir": url2pathname(place[len("file://") :])}
        return {"results_url": place.rstrip("/")}
    return {"results_dir": place}


def _fallbacks(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What Hugo's themes read from `params` by convention, where the setting itself is missing."""
    params = fields.get("params", FrozenDict())
    found: dict[str, Any] = {}
    if isinstance(params.get("description"), str):
        found["description"] = params["description"]
    if isinstance(params.get("mainsections"), tuple):
        found["main_sections"] = tuple(str(section) for section in params["mainsections"])
    match params.get("author"):
        case str() as name:
            found["author"] = Author(name=name)
        case Mapping() as table:
            known = {key: str(table[key]) for key in ("name", "email", "url") if key in table}
            found["author"] = Author(**known)
    return found


def _absolute(root: Path, path: str | Path) -> Path:
    return Path(os.path.abspath(root / path))  # noqa: PTH100 - `resolve` follows links


def _build_time(environ: Mapping[str, str]) -> datetime:
    epoch = environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(
            Diagnostic(
                code="SG103",
                severity="error",
                message=f"environment variable `SOURCE_DATE_EPOCH` is `{epoch}`",
                hint="set it to seconds since 1970, as in `git log -1 --format=%ct`",
            )
        ) from error
