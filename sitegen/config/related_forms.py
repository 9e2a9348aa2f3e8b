"""Hugo's `related`, brought into the form of its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sitegen.config.forms import FormError, Unknown
from sitegen.config.text import plain_key

_KEYS: Final = {"threshold": "threshold", "includenewer": "include_newer", "tolower": "to_lower"}
_INDEX_KEYS: Final = {
    "name": "name",
    "weight": "weight",
    "pattern": "pattern",
    "tolower": "to_lower",
    "cardinalitythreshold": "cardinality_threshold",
    "type": "type",
    "applyfilter": "apply_filter",
}


def related(value: object, unknown: Unknown) -> object:
    """A table of its own has none of Hugo's defaults: no indices, and a threshold of 0."""
    if not isinstance(value, Mapping):
        return value
    fields: dict[str, object] = {"threshold": 0, "indices": []}
    indices: object = []
    for key, item in value.items():
        plain = plain_key(key)
        if plain == "indices":
            indices = item
        elif plain not in _KEYS:
            unknown((key,), ("threshold", "includeNewer", "toLower", "indices"))
        elif item is not None:
            fields[_KEYS[plain]] = item
    if not isinstance(indices, (list, tuple)):
        raise FormError(("indices",), "must be a list", "write each index below `[[related.indices]]`")
    is_lower = fields.get("to_lower", False)
    fields["indices"] = [_index(position, item, is_lower, unknown) for position, item in enumerate(indices)]
    return fields


def _index(position: int, item: object, is_lower: object, unknown: Unknown) -> dict[str, object]:
    if not isinstance(item, Mapping):
        raise FormError(("indices", position), "must be a table", "write `name` and `weight` in it")
    fields: dict[str, object] = {}
    for key, value in item.items():
        field = _INDEX_KEYS.get(plain_key(key))
        if field is None:
            unknown(("indices", position, key), ("name", "weight", "type", "pattern"))
        elif value is not None:
            fields[field] = value
    if str(fields.pop("type", "basic")).lower() == "fragments":
        fields["name"] = "fragments"
    if not isinstance(fields.get("name", 0), str):
        raise FormError(("indices", position), "must have a `name`", "name a front-matter key")
    fields["name"] = str(fields["name"]).lower()
    fields.setdefault("to_lower", is_lower)
    return fields
