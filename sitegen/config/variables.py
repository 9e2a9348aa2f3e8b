"""Settings from environment variables, laid over those of the files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sitegen.config.known_keys import ALIASES
from sitegen.config.text import plain_key
from sitegen.config.tree import FREE, Leaf, Names, Origin, Table, compared, with_entry
from sitegen.values import dataclass

_VARIABLE = re.compile(r"(?:HUGO|SITEGEN)(?P<separator>_|x)(?P<rest>.+)", re.DOTALL)
_OPEN: Final = FREE | {"languages"}
"""Tables whose keys a variable may name although no setting has that name."""
_OF_LANGUAGES: Final = ("defaultcontentlanguage", "defaultcontentlanguageinsubdir", "disablelanguages")
"""Settings that `languages.py` settles, before others are read."""
_EXECUTE_TABLES: Final = ("parameters", "expect")
_HIGHEST: Final = 1_000


def with_variables(root: Table, environ: Mapping[str, str], titles: Mapping[str, str]) -> Table:
    """`root` with what variables say laid over it, `HUGO_` before `SITEGEN_`, which wins.

    `SITEGEN_BASEURL` and `SITEGEN_BASE_URL` name `baseURL`; a `_` also goes down into a table
    (`SITEGEN_PAGINATION_PAGERSIZE`, `SITEGEN_PARAMS_FOO`). As in Hugo, another separator can
    stand for it, so that a name may hold a `_`: `SITEGENxPARAMSxAPI_KEY`. Other variables with these
    beginnings (`HUGO_VERSION` of a host's build image) are none of ours.

    Args:
        titles: every known setting: its plain name to its name in the documentation.
    """
    compact = {name.replace(".", ""): name for name in titles}
    compact |= {name: name for name in _OF_LANGUAGES}
    compact |= {alias.replace(".", ""): name for alias, name in ALIASES.items() if name in titles}
    for layer, variable in enumerate(sorted(environ), start=_HIGHEST):
        match = _VARIABLE.fullmatch(variable)
        names = _names(match, compact, root) if match else ()
        if match and names:
            origin = Origin(written=variable, variable=variable, layer=layer)
            given = _Variable(names=names, text=environ[variable], origin=origin)
            root = with_entry(root, names, given.leaf)
    return root


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variable:
    """A variable, with the way to the setting that it names."""

    names: Names
    text: str
    origin: Origin

    def leaf(self, existing: Leaf | Table | None) -> Leaf:
        """What stands there now: a value of the same kind as was there."""
        if len(self.names) == 1 or self.names[0] not in ("params", "execute"):
            return Leaf(value=structured(self.text), origin=replace(self.origin, written=self.names[-1]))
        written = self.names[-1] if existing is None else existing.origin.written
        return Leaf(value=self._free_value(existing), origin=replace(self.origin, written=written))

    def _free_value(self, existing: Leaf | Table | None) -> object:
        was = existing.value if isinstance(existing, Leaf) else {} if existing is not None else None
        if isinstance(was, str) or (was is None and self.origin.variable.startswith("HUGO")):
            return self.text
        return structured(self.text) if isinstance(was, (list, dict)) else scalar(self.text)


def _names(match: re.Match[str], compact: Mapping[str, str], root: Table) -> Names:
    """The way to the setting that a variable names; none where it is no setting of ours."""
    separator, rest = match["separator"], match["rest"]
    name = compact.get(plain_key(rest.replace(separator, "_")))
    if name is not None:
        return tuple(name.split("."))
    first, _, inner = rest.partition(separator)
    if first.lower() not in _OPEN or not inner.strip(separator):
        return ()
    names: Names = (first.lower(),)
    for part in _parts(first.lower(), inner, separator):
        table = root.find(names)
        known = table.entries if isinstance(table, Table) else {}
        # names of a run's parameters have a case, which a variable may not keep
        spelt = next((key for key in known if key.lower() == part.lower()), compared(names, part.lower()))
        names = (*names, spelt)
    return names


def _parts(table: str, inner: str, separator: str) -> list[str]:
    parts = [part for part in inner.split(separator) if part]
    if table == "execute" and separator == "_":
        # all names in there are flat but for these tables: `SITEGEN_EXECUTE_PAGE_TIMEOUT`
        head, rest = parts[0].lower(), "_".join(parts[1:])
        return [head, rest] if head in _EXECUTE_TABLES and rest else ["-".join(parts)]
    return parts


def scalar(text: str) -> object:
    """The value that a variable's text stands for: JSON where it is JSON, else the text.

    `1.10` stays text: it is a version, and as a number it would be another one.
    """
    if re.fullmatch(r"-?\d+\.\d+0", text):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def structured(text: str) -> object:
    """The list or table that a text in brackets or braces stands for, else the text."""
    if not re.match(r"\s*[\[{]", text):
        return text
    import yaml  # here: few variables hold lists or tables

    from sitegen.config.yaml_loader import YamlLoader

    try:
        value = _with_text_keys(yaml.load(text, Loader=YamlLoader))  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    return value if isinstance(value, (list, dict)) else text


def _with_text_keys(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value
