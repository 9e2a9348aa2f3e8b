"""Read `data/`: TOML, YAML, JSON and XML files as one mapping, nested by folder and by file name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sitegen.config import Config
from sitegen.content.parsers import READERS, UnreadableTextError, check_size
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict, freeze

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_FORMATS: Final[Mapping[str, str]] = {
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".xml": "xml",
}
_MAX_DEPTH: Final = 100
"""Of XML elements in each other."""


def read_data(config: Config) -> tuple[FrozenDict[str, object], tuple[Diagnostic, ...]]:
    """What `data/` holds: `data/cv/jobs.yaml` is `data["cv"]["jobs"]`; keys keep their case.

    A file that cannot be read is left out, with an SG118 error. Of a folder and a file
    with one name, what the folder holds lies over the file's keys, as in Hugo.
    """
    diagnostics: list[Diagnostic] = []
    tree = _read_folder(config.data_dir, config, diagnostics) if config.data_dir.is_dir() else {}
    frozen: FrozenDict[str, object] = freeze(tree)
    return frozen, tuple(diagnostics)


def _read_folder(folder: Path, config: Config, diagnostics: list[Diagnostic]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with os.scandir(folder) as entries:
        in_order = sorted(entries, key=lambda entry: (not entry.is_dir(), entry.name))
    folders = {entry.name for entry in in_order if entry.is_dir()}
    for entry in in_order:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            found[entry.name] = _read_folder(path, config, diagnostics)
        elif path.suffix.lower() in _FORMATS:
            value = _read_file(path, config, diagnostics)
            below = found.get(path.stem)
            if isinstance(below, dict) and isinstance(value, dict):
                value = {**value, **below} if path.stem in folders else {**below, **value}
            found[path.stem] = value
    return found


def _read_xml(data: bytes) -> Any:
    """What the root element holds: attributes as `-name`, text beside them as `#text`, repeated elements as lists.

    Raises:
        UnreadableTextError: not XML.
    """
    from xml.etree import ElementTree  # no other site needs it

    try:
        return _element(ElementTree.fromstring(data), 0)  # noqa: S314 - a file of the site's own
    except ElementTree.ParseError as error:
        line, column = error.position
        message = str(error).partition(":")[0]
        raise UnreadableTextError(f"it is not XML: {message}", line, column + 1) from error


def _element(element: Element, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise UnreadableTextError("the elements are nested too deeply", 1, None, "put less into each other")
    found: dict[str, Any] = {f"-{_local(name)}": text for name, text in element.attrib.items()}
    for child in element:
        name, value = _local(child.tag), _element(child, depth + 1)
        if isinstance(found.get(name), list):
            found[name].append(value)
        else:
            found[name] = [found[name], value] if name in found else value
    text = (element.text or "").strip()
    if not found:
        return text
    return {**found, "#text": text} if text else found


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def _read_file(path: Path, config: Config, diagnostics: list[Diagnostic]) -> Any:
    location = SourceLocation(path=config.relative_to_root(path))
    try:
        form = _FORMATS[path.suffix.lower()]
        if form == "xml":
            return _read_xml(path.read_bytes())
        value = READERS[form](path.read_text(encoding="utf-8-sig")).value
        check_size(value)
        return {} if value is None else value
    except UnreadableTextError as problem:
        location = SourceLocation(path=location.path, line=problem.line, column=problem.column)
        message, hint = f"the data file cannot be read: {problem.message}", problem.hint
    except UnicodeDecodeError:
        message, hint = "the data file is not UTF-8 text", "save it as UTF-8"
    diagnostics.append(
        Diagnostic(code="SG118", severity="error", message=message, location=location, hint=hint)
    )
    return None
