"""Read `data/`: TOML, YAML and JSON files as one mapping, nested by folder and by file name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.parsers import READERS, UnreadableTextError
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict, freeze

_FORMATS: Final[Mapping[str, str]] = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}


def read_data(config: Config) -> tuple[FrozenDict[str, object], tuple[Diagnostic, ...]]:
    """What `data/` holds: `data/cv/jobs.yaml` is `data["cv"]["jobs"]`; keys keep their case.

    A file that cannot be read is left out, with an SG118 error. Of a folder and a file
    with one name, the file's keys lie over the folder's.
    """
    diagnostics: list[Diagnostic] = []
    tree = _read_folder(config.data_dir, config, diagnostics) if config.data_dir.is_dir() else {}
    frozen: FrozenDict[str, object] = freeze(tree)
    return frozen, tuple(diagnostics)


def _read_folder(folder: Path, config: Config, diagnostics: list[Diagnostic]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with os.scandir(folder) as entries:
        # folders first, so that a file's keys lie over those of the folder of its name
        in_order = sorted(entries, key=lambda entry: (not entry.is_dir(), entry.name))
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
                value = {**below, **value}
            found[path.stem] = value
    return found


def _read_file(path: Path, config: Config, diagnostics: list[Diagnostic]) -> Any:
    location = SourceLocation(path=config.relative_to_root(path))
    try:
        return READERS[_FORMATS[path.suffix.lower()]](path.read_text(encoding="utf-8-sig")).value
    except UnreadableTextError as problem:
        location = SourceLocation(path=location.path, line=problem.line, column=problem.column)
        message, hint = f"the data file cannot be read: {problem.message}", problem.hint
    except UnicodeDecodeError:
        message, hint = "the data file is not UTF-8 text", "save it as UTF-8"
    diagnostics.append(
        Diagnostic(code="SG118", severity="error", message=message, location=location, hint=hint)
    )
    return None
