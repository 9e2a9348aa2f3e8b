"""The several forms in which Hugo's structured settings may be written, each brought into one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

from sitegen.config.text import KeyPath, plain_key

Unknown = Callable[[KeyPath, Iterable[str]], None]
"""Is told of a key that a table does not have, with the keys it could have."""

_KEEP_CASE = frozenset({"parameters", "expect"})
_MENU_KEYS = {
    plain_key(key): key
    for key in (
        "name", "identifier", "page_ref", "url", "title", "parent", "weight", "pre", "post", "params"
    )
}  # fmt: skip
_AUTHOR_KEYS = ("name", "email", "url")
_KINDS = ("home", "page", "section", "taxonomy", "term")


class FormError(ValueError):
    """A value has a form that no rule reads."""

    def __init__(self, path: KeyPath, message: str, hint: str) -> None:
        super().__init__(message)
        self.path = path
        self.hint = hint


def as_list(value: object, _unknown: Unknown) -> object:
    """A single text stands for a list of one; from the environment, commas part the items."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def one_or_many(value: object, _unknown: Unknown) -> object:
    """A single value stands for a list of one."""
    return [value] if isinstance(value, (str, Mapping)) else value


def lower_list(value: object, unknown: Unknown) -> object:
    """A list of names that are compared without case."""
    items = as_list(value, unknown)
    return (
        [item.lower() if isinstance(item, str) else item for item in items]
        if isinstance(items, list)
        else items
    )


def lower_text(value: object, _unknown: Unknown) -> object:
    """A word that is compared without case."""
    return value.lower() if isinstance(value, str) else value


def author(value: object, unknown: Unknown) -> object:
    """The author's name, or a table of name, email and url."""
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, Mapping):
        return value
    for key in value:
        if plain_key(key) not in _AUTHOR_KEYS:
            unknown((key,), _AUTHOR_KEYS)
    return {plain_key(key): item for key, item in value.items()}


def lower_keys(value: object, _unknown: Unknown) -> object:
    """The same data with keys in lower case at every depth."""
    return _lowered(value)


def taxonomies(value: object, _unknown: Unknown) -> object:
    """Singular to plural, both in lower case, as front matter's keys are."""
    if not isinstance(value, Mapping):
        return value
    return {str(key).lower(): item.lower() if isinstance(item, str) else item for key, item in value.items()}


def date_sources(value: object, unknown: Unknown) -> object:
    """`[frontmatter]`: names and `:tokens` in lower case, one text for a list of one."""
    if not isinstance(value, Mapping):
        return value
    return {str(key).lower(): lower_list(item, unknown) for key, item in value.items()}


def cascade(value: object, _unknown: Unknown) -> object:
    """A table or a list of tables; `_target` is the older name of `target`."""
    tables = [value] if isinstance(value, Mapping) else value
    if not isinstance(tables, (list, tuple)):
        return value
    lowered = [_lowered(table, _KEEP_CASE) for table in tables]
    return [
        {("target" if key == "_target" else key): item for key, item in table.items()}
        if isinstance(table, dict)
        else table
        for table in lowered
    ]


def execute(value: object, _unknown: Unknown) -> object:
    """`[execute]`: names with `-`; keys below `parameters` and `expect` as written. `true` is short for `enabled`."""
    if isinstance(value, bool):
        return {"enabled": value}
    if not isinstance(value, Mapping):
        return value
    return {str(key).lower().replace("_", "-"): item for key, item in value.items()}


def menus(value: object, unknown: Unknown) -> object:
    """Menu name to its entries; a single entry needs no list."""
    if not isinstance(value, Mapping):
        return value
    return {str(name).lower(): _menu(str(name), items, unknown) for name, items in value.items()}


def _menu(name: str, items: object, unknown: Unknown) -> object:
    entries = [items] if isinstance(items, Mapping) else items
    if not isinstance(entries, (list, tuple)):
        return items
    return [
        _menu_entry((name, position), entry, unknown) if isinstance(entry, Mapping) else entry
        for position, entry in enumerate(entries)
    ]


def _menu_entry(path: KeyPath, entry: Mapping[str, object], unknown: Unknown) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, item in entry.items():
        field = _MENU_KEYS.get(plain_key(key))
        if field is None:
            unknown(
                (*path, key), ("name", "pageRef", "identifier", "url", "title", "parent", "weight", "params")
            )
        else:
            fields[field] = _lowered(item) if field == "params" else item
    return fields


def permalinks(environment: str) -> Callable[[object, Unknown], object]:
    """Hugo's three forms of `permalinks` as one list of rules, the first that fits wins.

    - `posts = "/:year/:slug/"`: pages of a section and, as it once was, terms of a taxonomy;
    - `[permalinks.page] posts = "..."`: by kind;
    - `[[permalinks]] pattern = "..."` with a `target` of `path`, `kind` and `environment`.
    """

    def form(value: object, unknown: Unknown) -> object:
        if isinstance(value, Mapping):
            return [rule for key, item in value.items() for rule in _permalink_table(str(key), item)]
        if isinstance(value, (list, tuple)):
            rules = [
                _permalink_item(position, item, environment, unknown) for position, item in enumerate(value)
            ]
            return [rule for rule in rules if rule is not None]
        return value

    return form


def _permalink_table(key: str, value: object) -> list[object]:
    if isinstance(value, Mapping):
        if key.lower() not in _KINDS:
            raise FormError((key,), f"`{key}` is no kind of page", "kinds: " + ", ".join(_KINDS))
        return [_rule(pattern, (key.lower(),), section, (key, section)) for section, pattern in value.items()]
    return [_rule(value, ("page", "term"), key, (key,))]


def _permalink_item(
    position: int, item: object, environment: str, unknown: Unknown
) -> dict[str, object] | None:
    if not isinstance(item, Mapping):
        raise FormError((position,), "a permalink rule must be a table", "write `pattern` and `target` in it")
    fields = {plain_key(key): value for key, value in item.items()}
    for key in item:
        if plain_key(key) not in {"pattern", "target"}:
            unknown((position, key), ("pattern", "target"))
    target = fields.get("target", {})
    if not isinstance(target, Mapping):
        raise FormError((position, "target"), "`target` must be a table", "write `path` or `kind` in it")
    wanted = {plain_key(key): str(value) for key, value in target.items()}
    if not fnmatchcase(environment, wanted.get("environment", "*")):
        return None
    section = _section_of(wanted.get("path", ""), (position, "target", "path"))
    kinds = [kind for kind in _KINDS if fnmatchcase(kind, _braces_out(wanted.get("kind", "page")))]
    return _rule(fields.get("pattern"), tuple(kinds), section, (position, "pattern"))


def _rule(pattern: object, kinds: tuple[str, ...], section: str, path: KeyPath) -> dict[str, object]:
    if not isinstance(pattern, str):
        raise FormError(path, "a permalink's pattern must be text", 'write it as in `"/:year/:slug/"`')
    return {"pattern": pattern, "kinds": list(kinds), "section": section.lower().strip("/") or "/"}


def _section_of(glob: str, path: KeyPath) -> str:
    """The section that Hugo's usual globs name: `/posts/**`, `{/posts,/posts/**}`, `/{posts,posts/**}`."""
    if not glob:
        return "*"
    names = {
        re.sub(r"/?\*\*?$", "", part).strip("/") or "*"
        for part in glob.replace("{", "").strip("}").split(",")
    }
    if len(names) != 1 or any(sign in name.strip("*") for name in names for sign in "*?[/"):
        raise FormError(path, f"`{glob}` names no single section", "write it as in `/posts/**`")
    return names.pop()


def _braces_out(glob: str) -> str:
    return "*" if "{" in glob else glob.lower()


def _lowered(value: object, keep: frozenset[str] = frozenset()) -> object:
    """`value` with keys in lower case; what is below a key of `keep` stays as written."""
    if isinstance(value, Mapping):
        return {
            str(key).lower(): item if str(key).lower() in keep else _lowered(item, keep)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_lowered(item, keep) for item in value]
    return value
