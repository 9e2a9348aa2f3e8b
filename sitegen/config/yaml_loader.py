"""YAML as Hugo reads it: the scalars of version 1.2, so that `no`, `on`, `12:30` and dates are text."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libyaml: slower, the same result
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class YamlLoader(_SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2 and a note of keys given twice.

    Dates stay strings: Hugo's forms are more than YAML's, and a bad one is an error with a line.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[tuple[str, int]] = []
        """Keys that a mapping has twice, with the later one's line from 1."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node; as PyYAML's, and keys that stand twice are noted."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                    self.repeated.append((key.value, key.start_mark.line + 1))
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_yaml_int_1_2(self, node: yaml.ScalarNode) -> int:
        """An integer; `0o17` and `017` are octal, `_` separates digits."""
        digits = str(self.construct_scalar(node)).replace("_", "")
        sign = -1 if digits.startswith("-") else 1
        digits = digits.lstrip("+-").lower()
        for prefix, base in (("0x", 16), ("0o", 8), ("0b", 2)):
            if digits.startswith(prefix):
                return sign * int(digits[2:], base)
        return sign * int(digits, 8 if digits.startswith("0") and len(digits) > 1 else 10)

    def construct_yaml_float_1_2(self, node: yaml.ScalarNode) -> float:
        """A float; `.inf` and `.nan` are YAML's spellings."""
        digits = str(self.construct_scalar(node)).replace("_", "").lower()
        return float(digits.replace(".inf", "inf").replace(".nan", "nan"))


YamlLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9_]*|0o?[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)", "-+0123456789"),
    (
        "float",
        (
            r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*\.[0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
        ),
        "-+0123456789.",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    YamlLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )
YamlLoader.add_constructor("tag:yaml.org,2002:int", YamlLoader.construct_yaml_int_1_2)
YamlLoader.add_constructor("tag:yaml.org,2002:float", YamlLoader.construct_yaml_float_1_2)
