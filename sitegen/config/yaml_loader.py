"""YAML as Hugo reads it: the scalars of version 1.2, so that `no`, `on`, `12:30` and dates are text."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

import yaml

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libyaml: slower, the same result
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

YAML_1_1: Final = _SafeLoader
"""The fastest safe loader that is there, for what follows YAML 1.1; `YamlLoader` follows 1.2."""

_SURROGATES: Final = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A sign beyond U+FFFF as JSON escapes it, which Hugo reads in YAML too."""


def _joined(match: re.Match[str]) -> str:
    high, low = int(match[1], 16), int(match[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"


_STR: Final = "tag:yaml.org,2002:str"
_SEQ: Final = "tag:yaml.org,2002:seq"
_MAP: Final = "tag:yaml.org,2002:map"
_MOST_PLAIN: Final = 40
"""Levels of a document that is made directly."""


class _NotPlainError(Exception):
    """A document has what PyYAML's own way is needed for."""


class YamlLoader(_SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2 and a note of keys given twice.

    Dates stay strings: Hugo's forms are more than YAML's, and a bad one is an error with a line.
    """

    def __init__(self, text: str) -> None:
        super().__init__(_SURROGATES.sub(_joined, text) if "\\u" in text else text)
        self.repeated: list[tuple[str, int]] = []
        """Keys that a mapping has twice, with the later one's line from 1."""
        self._may_share = "&" in text

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """The tag of a node that has none; as PyYAML's without paths, at a third of the cost."""
        if kind is not yaml.ScalarNode:
            return _SEQ if kind is yaml.SequenceNode else _MAP
        if implicit[0]:
            for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
                if pattern.match(value):
                    return str(tag)
        return _STR

    def descend_resolver(self, current_node: yaml.Node | None, current_index: Any) -> None:
        """Nothing: there are no resolvers by path."""

    def ascend_resolver(self) -> None:
        """Nothing."""

    def construct_document(self, node: yaml.Node) -> Any:
        """The value of a document.

        One of plain texts, numbers, lists and mappings is made directly: of a post's front matter in 4 µs instead of 16.
        """
        if not self._may_share:
            try:
                return self._plain(node, _MOST_PLAIN)
            except (_NotPlainError, ValueError, yaml.constructor.ConstructorError):
                pass  # of several errors the one that PyYAML finds first is told
        return super().construct_document(node)

    def _plain(self, node: yaml.Node, levels_left: int) -> Any:
        """The value of a node without aliases, tags, merges and keys that are no texts or stand twice.

        Raises:
            _NotPlainError: it has one of them.
        """
        tag = node.tag
        if isinstance(node, yaml.ScalarNode):
            if tag == _STR:
                return node.value
            make = _SCALARS.get(tag)
            if make is not None:
                return make(self, node)
        elif isinstance(node, yaml.SequenceNode) and tag == _SEQ and levels_left:
            return [self._plain(item, levels_left - 1) for item in node.value]
        elif isinstance(node, yaml.MappingNode) and tag == _MAP and levels_left:
            made = {}
            for key, item in node.value:
                if key.tag != _STR or not isinstance(key, yaml.ScalarNode):
                    raise _NotPlainError
                made[key.value] = self._plain(item, levels_left - 1)
            if len(made) == len(node.value):
                return made
        raise _NotPlainError

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node; as PyYAML's, and keys that stand twice are noted."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                    self.repeated.append((key.value, key.start_mark.line + 1))
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_yaml_int_1_2(self, node: yaml.ScalarNode) -> int | str:
        """An integer of 64 bits, a longer one is text; `0o17` and `017` are octal, `_` separates digits."""
        number = self._integer(node)
        return number if -(1 << 63) <= number < 1 << 64 else str(self.construct_scalar(node))

    def construct_yaml_bool_1_2(self, node: yaml.ScalarNode) -> bool:
        """A truth value; of a tag that says so, of version 1.1 too."""
        written = str(self.construct_scalar(node))
        try:
            return bool(self.bool_values[written.lower()])
        except KeyError as error:
            problem = f"`{written}` is neither true nor false"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error

    def construct_text(self, node: yaml.ScalarNode) -> str:
        """A scalar as it is written."""
        return str(self.construct_scalar(node))

    def construct_without_tag(self, _tag: str, node: yaml.Node) -> Any:
        """What a node is without a tag that nobody knows: Hugo does not look at it."""
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        resolved = self.resolve(yaml.ScalarNode, node.value, (True, False))
        return self.construct_object(yaml.ScalarNode(resolved, node.value, node.start_mark, node.end_mark))

    def _integer(self, node: yaml.ScalarNode) -> int:
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


_SCALARS: Final[Mapping[str, Callable[[YamlLoader, yaml.ScalarNode], Any]]] = {
    "tag:yaml.org,2002:int": YamlLoader.construct_yaml_int_1_2,
    "tag:yaml.org,2002:float": YamlLoader.construct_yaml_float_1_2,
    "tag:yaml.org,2002:bool": YamlLoader.construct_yaml_bool_1_2,
    "tag:yaml.org,2002:null": lambda *_: None,
}

YamlLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9_]*|0o?[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)", "-+0123456789"),
    (
        "float",
        (
            r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*\.[0-9_]*)(?:[eE][-+]?[0-9]+)?"  # Hugo's `1e3` is text
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
YamlLoader.add_constructor("tag:yaml.org,2002:bool", YamlLoader.construct_yaml_bool_1_2)
YamlLoader.add_constructor("tag:yaml.org,2002:timestamp", YamlLoader.construct_text)
YamlLoader.add_constructor("tag:yaml.org,2002:binary", YamlLoader.construct_text)
YamlLoader.add_constructor("tag:yaml.org,2002:merge", YamlLoader.construct_text)
YamlLoader.add_constructor("tag:yaml.org,2002:set", YamlLoader.construct_yaml_map)  # type: ignore[type-var]
YamlLoader.add_multi_constructor("", YamlLoader.construct_without_tag)
