"""The configuration of a site, from its files, the environment and the flags."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sitegen.config.convert import convert_settings, merged, raise_first_error
from sitegen.config.fields import config_fields
from sitegen.config.forms import FormError
from sitegen.config.known_keys import ALIASES, QUIET, UNHONOURED
from sitegen.config.languages import Languages, settle_languages
from sitegen.config.layers import Entry, entries_of, plain_names
from sitegen.config.notices import missing_words, notices
from sitegen.config.settings import all_settings, base_url
from sitegen.config.sources import read_sources
from sitegen.config.values import Config, Markup
from sitegen.config.variables import with_variables
from sitegen.config.words import own_words
from sitegen.errors import ConfigError, Diagnostic
from sitegen.frozen import FrozenDict


def load_config(
    root: Path,
    *,
    environment: str = "production",
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Config:
    """The configuration of the site in `root`; what is wrong but harmless is in its `diagnostics`.

    The layers are one tree of settings, each with the place that it is from: Hugo's files, `sitegen.*` over
    them, variables over both. Then the default language's settings are laid over the site's, and
    what is there is converted.

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
    settings = all_settings(environment)
    titles = dict(plain_names(settings))
    sources = read_sources(root, environment, _keys_of_root(titles))
    languages = settle_languages(with_variables(sources.tree, environ, titles))
    entries, problems = entries_of(languages.tree, titles, sources.repeated)
    diagnostics = [*sources.diagnostics, *languages.diagnostics, *problems]
    values, problems = convert_settings(entries, {plain: settings[title] for plain, title in titles.items()})
    diagnostics += problems
    diagnostics += notices(root, entries, values, language=languages.default)
    raise_first_error(diagnostics)

    values |= _located(entries, values)
    values |= _of_languages(languages, values)
    values |= _flags(values, overrides or {})
    places = {
        entry.name: entry.locate(value=False) for entry in entries if entry.name in ("cascade", "execute")
    }
    fields = config_fields(root, values)
    words = own_words(fields["language"], fields["templates_dir"], root)
    diagnostics += missing_words(words, entries)
    return Config(
        root=root,
        now=_build_time(environ) if now is None else now,
        environment=environment,
        diagnostics=tuple(diagnostics),
        cascade_location=places.get("cascade"),
        execute_location=places.get("execute"),
        words=words,
        **{**fields, "markup": replace(fields.get("markup", Markup()), words=words)},
    )


def _keys_of_root(titles: Iterable[str]) -> frozenset[str]:
    """Every key that the root of a configuration may have."""
    return frozenset(name.partition(".")[0] for name in (*titles, *ALIASES, *QUIET, *UNHONOURED, "menu"))


def _located(entries: Iterable[Entry], values: Mapping[str, Any]) -> dict[str, Any]:
    """Menus and permalinks with the place of each entry, for messages about pages that they name."""
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.name == "menus" and "menus" in values:
            found["menus"] = FrozenDict(
                {
                    menu: tuple(
                        replace(item, location=entry.locate((menu, position)))
                        for position, item in enumerate(items)
                    )
                    for menu, items in values["menus"].items()
                }
            )
        elif entry.name == "permalinks" and "permalinks" in values:
            found["permalinks"] = tuple(
                replace(rule, location=entry.locate(rule.at)) for rule in values["permalinks"]
            )
    return found


def _of_languages(languages: Languages, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "default_language": languages.default,
        "other_languages": languages.others,
        "languages_in_subdir": languages.in_subdir,
        "language": values.get("language") or languages.tag,
    }


def _flags(values: Mapping[str, Any], overrides: Mapping[str, object]) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    for name in given.keys() & {"execute", "params"}:
        given[name] = merged(values.get(name), given[name])
    if "base_url" in given:
        try:
            given["base_url"] = base_url(given["base_url"])
        except FormError as error:
            raise ConfigError(
                Diagnostic(code="SG103", severity="error", message=f"base URL: {error}", hint=error.hint)
            ) from error
    return given


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
