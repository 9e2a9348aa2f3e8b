"""A page's `parameters` as the Python that gives them to its cells."""

from __future__ import annotations

import json
from collections.abc import Mapping


def parameters_source(parameters: Mapping[str, object]) -> str:
    """Assignments for a page's `parameters`, as papermill injects them."""
    return "\n".join(f"{name} = {_literal(value)}" for name, value in parameters.items())


def _literal(value: object) -> str:
    """Python source of a value from TOML, YAML or JSON."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f"float({str(value)!r})"
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return json.dumps(str(value))  # a date or a time: as its ISO text
