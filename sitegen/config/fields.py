"""Typed values of settings -> the fields of Config: paths absolute, parts of a field gathered, fallbacks filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sitegen.config.values import (
    Author,
    Budget,
    Config,
    Diagrams,
    Highlight,
    Images,
    Markup,
    Pagination,
    Related,
    Sitemap,
    TableOfContents,
)
from sitegen.frozen import FrozenDict

_PATHS: Final = (
    "content_dir",
    "notebooks_dir",
    "data_dir",
    "templates_dir",
    "publish_dir",
    "results_dir",
    "state_dir",
)
_MORE_STATIC: Final = re.compile(r"static_dir_(\d+)")


def config_fields(root: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of Config.

    Args:
        values: by name of the field; `pagination.path` is a field of a field.
    """
    fields = {name: value for name, value in values.items() if "." not in name}
    groups: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        group, _, inner = name.partition(".")
        if inner:
            groups.setdefault(group, {})[inner] = value
    for group, make in _GROUPS.items():
        if group in groups:
            fields[group] = make(groups[group])
    if isinstance(fields.get("ugly_urls"), tuple):
        fields["ugly_sections"] = fields.pop("ugly_urls")
    fields |= _mounted(fields.pop("mounts", ()), fields.get("default_language", "en"))
    fields |= _results_url(fields.pop("results_dir", None))
    fields |= _static_dirs(root, fields)
    defaults = {known.name: known.default for known in dataclass_fields(Config)}
    for name in _PATHS:
        fields[name] = absolute(root, fields.get(name, defaults[name]))
    if fields.get("front_matter_schema") is not None:
        fields["front_matter_schema"] = absolute(root, fields["front_matter_schema"])
    if "taxonomies" in fields and "tag" not in fields["taxonomies"]:
        fields.setdefault("related", _without_tags(Related()))
    return {**_fallbacks(fields), **fields, **_params_first(fields)}


def absolute(root: Path, path: str | Path) -> Path:
    """A path of the configuration, which is relative to the site's root."""
    return Path(os.path.abspath(root / path))  # noqa: PTH100 - `resolve` follows links


def _markup(values: dict[str, Any]) -> Markup:
    extras = frozenset(
        name.partition(".")[2] for name, value in values.items() if name.startswith("extras.") and value
    )
    signs = {name.partition(".")[2]: value for name, value in values.items() if name.startswith("signs.")}
    plain = {name: value for name, value in values.items() if name in _MARKUP}
    found = replace(Markup(), **plain, extras=extras, typographer_signs=FrozenDict(signs))
    if "cjk" in values:
        found = replace(found, east_asian_line_breaks=values["cjk"] and values.get("cjk_line_breaks", False))
    if "passthrough" in values:
        is_on = values["passthrough"]
        blocks = tuple((*pair, "block") for pair in values.get("block_delimiters", ()))
        inline = tuple((*pair, "inline") for pair in values.get("inline_delimiters", ()))
        found = replace(found, math=is_on, math_delimiters=(*blocks, *inline) if is_on else ())
    return found


_MARKUP: Final = frozenset(known.name for known in dataclass_fields(Markup))


def _highlight(values: dict[str, Any]) -> Highlight:
    options = values.pop("pygments_options", {})
    merged = {**values, **options}
    if isinstance(merged.get("line_numbers"), str):  # `table` or `inline`, which beats `lineNumbersInTable`
        merged["line_numbers_in_table"] = merged["line_numbers"] == "table"
        merged["line_numbers"] = True
    return replace(Highlight(), **merged)


def _budget(*, is_kept: bool = True, **limits: int) -> Budget | None:
    """The limits; none where the table is `false`."""
    return replace(Budget(), **limits) if is_kept else None


def _without_tags(related: Related) -> Related:
    return replace(related, indices=tuple(index for index in related.indices if index.name != "tags"))


_GROUPS: Final[Mapping[str, Callable[[dict[str, Any]], object]]] = {
    "pagination": lambda values: replace(Pagination(), **values),
    "highlight": _highlight,
    "table_of_contents": lambda values: replace(TableOfContents(), **values),
    "markup": _markup,
    "sitemap": lambda values: replace(Sitemap(), **values),
    "images": lambda values: replace(Images(), **values),
    "diagrams": lambda values: replace(Diagrams(), **values),
    "budget": lambda values: _budget(**values),
    "feed_names": lambda values: FrozenDict({name: text for name, text in values.items() if text}),
}


def _mounted(mounts: tuple[Mapping[str, str], ...], language: str) -> dict[str, Any]:
    """The folders that Hugo's mounts name for content, data and static files, in the place of the settings'."""
    sources: dict[str, list[str]] = {}
    for mount in mounts:
        target = mount["target"].strip("/")
        if mount["source"] and language in (mount["lang"] or language).split(","):
            sources.setdefault(target, []).append(mount["source"])
    found: dict[str, Any] = {}
    if "static" in sources:
        found["static_dirs"] = tuple(sources["static"])
    for target, field in (("content", "content_dir"), ("data", "data_dir")):
        if target in sources:
            found[field] = sources[target][0]
    return found


def _static_dirs(root: Path, fields: dict[str, Any]) -> dict[str, Any]:
    """`staticDir`, then Hugo's `staticDir0` to `staticDir10`, in that order."""
    numbered = sorted((int(match[1]), name) for name in fields if (match := _MORE_STATIC.fullmatch(name)))
    more = [folder for _, name in numbered for folder in fields.pop(name)]
    folders = fields.get("static_dirs", ("static",))
    return {"static_dirs": tuple(absolute(root, path) for path in (*folders, *more) if path)}


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
    match params.get("author"):
        case str() as name:
            found["author"] = Author(name=name)
        case Mapping() as table:
            known = {key: str(table[key]) for key in ("name", "email", "url") if key in table}
            found["author"] = Author(**known)
    return found


def _params_first(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`params.mainSections`, its place before Hugo 0.112, which Hugo still puts first."""
    match fields.get("params", FrozenDict()).get("mainsections"):
        case tuple() as sections:
            return {"main_sections": tuple(str(section) for section in sections)}
        case str() as section:
            return {"main_sections": (section,)}
    return {}
