"""Hugo's forms of `permalinks`, brought into one list of rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from sitegen.config.forms import FormError, Unknown
from sitegen.config.text import KeyPath, plain_key

_KINDS: Final = ("home", "page", "section", "taxonomy", "term")


def permalinks(environment: str) -> Callable[[object, Unknown], object]:
    """Hugo's three forms of `permalinks` as one list of rules, the first that fits wins.

    - `posts = "/:year/:slug/"`: pages of a section and, as it once was, terms of a taxonomy;
    - `[permalinks.page] posts = "..."`: by kind;
    - `[[permalinks]] pattern = "..."` with a `target` of `path`, `kind` and `environment`.

    Tables have no order in Hugo: where two of their rules fit, it takes any. Here the one that names the kind
    stands before the one that does not, and the deeper section before the one around it.
    """

    def form(value: object, unknown: Unknown) -> object:
        if isinstance(value, Mapping):
            rules = [rule for key, item in value.items() for rule in _by_section(str(key), item)]
            return sorted(rules, key=lambda rule: (len(rule["kinds"]) > 1, -rule["section"].count("/")))
        if isinstance(value, (list, tuple)):
            return [
                rule
                for position, item in enumerate(value)
                if (rule := _with_target(position, item, environment, unknown)) is not None
            ]
        return value

    return form


def _by_section(key: str, value: object) -> list[dict[str, Any]]:
    if isinstance(value, Mapping):
        if key.lower() not in _KINDS:
            raise FormError((key,), f"`{key}` is no kind of page", "kinds: " + ", ".join(_KINDS))
        return [
            _rule(pattern, (key.lower(),), str(section), (key, str(section)))
            for section, pattern in value.items()
            if pattern is not None
        ]
    return [] if value is None else [_rule(value, ("page", "term"), key, (key,))]


def _with_target(position: int, item: object, environment: str, unknown: Unknown) -> dict[str, Any] | None:
    if not isinstance(item, Mapping):
        raise FormError((position,), "a permalink rule must be a table", "write `pattern` and `target` in it")
    fields = {plain_key(key): value for key, value in item.items()}
    for key in item:
        if plain_key(key) not in {"pattern", "target"}:
            unknown((position, str(key)), ("pattern", "target"))
    target = fields.get("target") or {}
    if not isinstance(target, Mapping):
        raise FormError((position, "target"), "`target` must be a table", "write `path` or `kind` in it")
    wanted = {plain_key(key): str(value) for key, value in target.items() if value}
    if not fnmatchcase(environment, wanted.get("environment", "*")):
        return None
    kinds = [kind for kind in _KINDS if _fits(wanted.get("kind", "*").lower(), kind)]
    rule = _rule(fields.get("pattern"), tuple(kinds), "*", (position, "pattern"))
    path = wanted.get("path", "").lower()
    section = _section(path)
    return rule | {"section": section or "*", "path": "" if section else path}


def _rule(pattern: object, kinds: tuple[str, ...], section: str, path: KeyPath) -> dict[str, Any]:
    if not isinstance(pattern, str):
        raise FormError(path, "a permalink's pattern must be text", 'write it as in `"/:year/:slug/"`')
    return {
        "pattern": pattern,
        "kinds": list(kinds),
        "section": section.lower().strip("/") or "/",
        "at": list(path),
    }


def _fits(glob: str, kind: str) -> bool:
    alternatives = glob.strip("{}").split(",") if glob.startswith("{") else [glob]
    return any(fnmatchcase(kind, alternative.strip()) for alternative in alternatives)


def _section(glob: str) -> str | None:
    """The section that Hugo's usual globs name: `/posts/**`, `{/posts,/posts/**}`, `/{posts,posts/**}`."""
    if not glob or glob == "/**":
        return "*"
    match = re.fullmatch(r"(?:\{/(.+),/(.+)/\*\*\}|/\{(.+),(.+)/\*\*\})", glob)
    if match is None:
        return None
    names = {name for name in match.groups() if name}
    name = names.pop()
    return None if names or re.search(r"[*?\[\]{},\\]", name) else name
