"""A content file of another generator, taken apart; and one of ours, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from sitegen.content.frontmatter import split, written
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict, thaw

_LINE_WIDTH: Final = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPage:
    """A file with its front matter read; what is wrong with that is in `diagnostics`."""

    path: PurePosixPath
    """Below the source."""
    fields: dict[str, Any] = field(default_factory=dict)
    """Keys as written. Dates are strings."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line of each key, lower-cased."""
    has_front_matter: bool = False
    body: str = ""
    """LF line ends."""
    body_line: int = 1
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def is_readable(self) -> bool:
        """Whether the front matter could be read."""
        return not any(diagnostic.code == "SG110" for diagnostic in self.diagnostics)


def read_page(data: bytes, path: PurePosixPath) -> ForeignPage:
    """The page that a file holds.

    Args:
        data: the whole file; bytes that are not UTF-8 are replaced.
        path: below the source, for diagnostics.
    """
    front = split(data, path)
    body = data[front.body_offset :].decode("utf-8", errors="replace")
    return ForeignPage(
        path=path,
        fields={str(key): value for key, value in written(data, front).items()},
        lines=front.lines,
        has_front_matter=front.format is not None,
        body=body.replace("\r\n", "\n").replace("\r", "\n"),
        body_line=front.body_line,
        diagnostics=front.diagnostics,
    )


def page_bytes(fields: Mapping[str, Any], body: str) -> bytes:
    """A content file: YAML front matter (none where there are no fields) and the body."""
    text = body.lstrip("\n")
    if fields:
        text = f"---\n{yaml_text(fields)}---\n\n{text}" if text else f"---\n{yaml_text(fields)}---\n"
    return (text if text.endswith("\n") or not text else text + "\n").encode("utf-8", errors="replace")


def yaml_text(fields: Mapping[str, Any]) -> str:
    """A mapping as YAML in the order of its keys; short lists on one line, long texts as they are."""
    return yaml.dump(
        _plain(fields),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=_LINE_WIDTH,
    )


def texts(value: object) -> list[str]:
    """A list of texts from a list or a single one; empty ones left out."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return [str(item).strip() for item in items if item is not None and str(item).strip()]


def table(value: object) -> dict[str, Any]:
    """A mapping with text keys; empty where it is none."""
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


class _Dumper(yaml.SafeDumper):
    """Writes dates without quotes, since front matter reads them as text anyway, and a line for each key at the top."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        is_top = not self.represented_objects
        node = super().represent_mapping(tag, mapping, flow_style)
        if is_top:
            node.flow_style = False
        return node


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text.strip() and not any(line.endswith(" ") for line in text.split("\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def _plain(value: Any) -> Any:
    """A value of dicts, lists and scalars that YAML has."""
    value = thaw(value) if isinstance(value, FrozenDict) else value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
