"""The several forms in which Hugo's structured settings may be written, each brought into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

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
_OLD_KINDS = {"taxonomyterm": "taxonomy"}


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


def kinds(value: object, _unknown: Unknown) -> object:
    """A list of kinds of page; from the environment, commas or spaces part them."""
    items = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        return items
    return [_OLD_KINDS.get(str(item).lower(), str(item).lower()) for item in items if item is not None]


def outputs(value: object, _unknown: Unknown) -> object:
    """Kind of page to its output formats, all in lower case."""
    if not isinstance(value, Mapping):
        return value
    return {
        _OLD_KINDS.get(str(kind).lower(), str(kind).lower()): kinds(formats, _unknown)
        for kind, formats in value.items()
        if formats is not None
    }


def ugly_urls(value: object, _unknown: Unknown) -> object:
    """Whether all URLs end in `.html`, or a table of the sections whose URLs do."""
    if not isinstance(value, Mapping):
        return value
    return [str(section).lower() for section, is_ugly in value.items() if str(is_ugly).lower() == "true"]


def line_numbers(value: object, _unknown: Unknown) -> object:
    """Whether lines are numbered, or how: `table` or `inline`."""
    if isinstance(value, str) and value.lower() not in {"table", "inline", "true", "false", "0", "1"}:
        return True  # Hugo takes any text but `false` for yes
    return value.lower() if isinstance(value, str) else value


def pygments_options(value: object, _unknown: Unknown) -> object:
    """Hugo's older `key=value,key=value`, as fields of Highlight."""
    if not isinstance(value, str):
        raise FormError((), "must be text", 'write it as in `"linenos=table,tabwidth=2"`')
    fields: dict[str, object] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        key, sign, text = (piece.strip() for piece in part.partition("="))
        if not sign:
            raise FormError((), f"`{part}` is no option", "write `key=value`, parted by commas")
        field = _PYGMENTS.get(plain_key(key))
        if field is not None:
            fields[field] = _pygments_value(field, text)
    return fields


_PYGMENTS = {
    "linenos": "line_numbers",
    "linenostart": "first_line_number",
    "hllines": "highlighted_lines",
    "tabwidth": "tab_width",
    "anchorlinenos": "anchor_line_numbers",
    "lineanchors": "line_anchors",
    "guesssyntax": "guess_syntax",
}


def _pygments_value(field: str, text: str) -> object:
    if field == "line_numbers":
        return text if text in {"table", "inline"} else text.lower() != "false"
    if field in {"first_line_number", "tab_width"}:
        if not text.isascii() or not text.isdigit():
            raise FormError((), f"`{text}` is no whole number", "write it as in `4`")
        return int(text[:9])
    return text if field in {"highlighted_lines", "line_anchors"} else text.lower() in {"true", "1"}


def mounts(value: object, unknown: Unknown) -> object:
    """Hugo's mounts: `source` and `target` of each, and its languages, parted by commas, where it names some."""
    if isinstance(value, Mapping):
        value = [value]  # one stands for a list of one
    if not isinstance(value, (list, tuple)):
        return value
    found = []
    for position, mount in enumerate(value):
        if not isinstance(mount, Mapping):
            raise FormError((position,), "must be a table", "write `source` and `target` in it")
        keys = {plain_key(key): item for key, item in mount.items()}
        for key in mount:
            if plain_key(key) not in _MOUNT_KEYS:
                unknown((position, str(key)), _MOUNT_KEYS)
        fields = {key: str(keys.get(key) or "") for key in ("source", "target", "lang")}
        found.append(fields | {"lang": (_matrix_languages(keys.get("sites")) or fields["lang"]).lower()})
    return found


def _matrix_languages(sites: object) -> str:
    """What Hugo 0.153 has in the place of `lang`: `sites.matrix.languages`."""
    for name in ("matrix", "languages"):
        sites = _lowered(sites)
        sites = sites.get(name) if isinstance(sites, dict) else None
    return ",".join(str(key) for key in sites) if isinstance(sites, list) else str(sites or "")


_MOUNT_KEYS = ("source", "target", "lang", "files", "includefiles", "excludefiles", "disablewatch", "sites")


def delimiters(value: object, _unknown: Unknown) -> object:
    """Pairs of an opening and a closing text; what has only one text has it for both."""
    if not isinstance(value, (list, tuple)):
        return value
    return [[item, item] if isinstance(item, str) else item for item in value]


def dropped(_value: object) -> object:
    """A value that Hugo does not understand either, and leaves: the default holds."""
    return None


def lower_text(value: object, _unknown: Unknown) -> object:
    """A word that is compared without case."""
    return value.lower() if isinstance(value, str) else value


def author(value: object, unknown: Unknown) -> object:
    """The author's name, or a table of name, email and url."""
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, Mapping):
        return value
    if not any(plain_key(key) in _AUTHOR_KEYS for key in value):
        return {}
    for key in value:
        if plain_key(key) not in _AUTHOR_KEYS:
            unknown((key,), _AUTHOR_KEYS)
    return {plain_key(key): item for key, item in value.items() if plain_key(key) in _AUTHOR_KEYS}


def lower_keys(value: object, _unknown: Unknown) -> object:
    """The same data with keys in lower case at every depth."""
    return _lowered(value)


def taxonomies(value: object, unknown: Unknown) -> object:
    """Singular to plural, both in lower case, as front matter's keys are.

    A list or table is a setting of the site that stands below `[taxonomies]` by mistake: tables of TOML end late.
    """
    if not isinstance(value, Mapping):
        return value
    named = {key: item for key, item in value.items() if not isinstance(item, (list, tuple, Mapping))}
    for key in value:
        if key not in named:
            unknown((str(key),), ())
    return {
        str(key).lower(): item.lower() if isinstance(item, str) else item
        for key, item in named.items()
        if item is not None
    }


def date_sources(value: object, unknown: Unknown) -> object:
    """A table of lists of names and `:tokens`, in lower case; one text stands for a list of one."""
    if not isinstance(value, Mapping):
        return value
    return {
        str(key).lower(): [item] if isinstance(item, int) else lower_list(item, unknown)
        for key, item in value.items()
        if item is not None
    }


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
    return {
        str(name).lower(): _menu(str(name), items, unknown)
        for name, items in value.items()
        if items is not None
    }


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
        elif item is not None:
            fields[field] = _lowered(item) if field == "params" else item
    return fields


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
