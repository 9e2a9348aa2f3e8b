"""What is installed for a kernel, looked up in its folders without starting it: versions, owners of modules, editable projects."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

_MODULE_SUFFIXES: Final = (".py", ".so", ".pyd")
_DEEPEST: Final = 5
"""Parts of a module's path that are looked at: namespace packages are not nested deeper."""

SearchPath = tuple[str, ...]


def canonical(name: str) -> str:
    """A distribution's name as names are compared.

    Source: packaging.python.org, "Names and normalization" (PEP 503).
    """
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.lru_cache(maxsize=512)
def installed_version(name: str, search_path: SearchPath) -> str | None:
    """The version of a distribution in these folders; None where it is not installed."""
    found = next(iter(metadata.Distribution.discover(name=name, path=list(search_path))), None)
    return None if found is None else found.version


def owners(module: str, search_path: SearchPath) -> tuple[str, ...]:
    """The distributions that installed a module: those that list its file, else those that claim its top-level name.

    Args:
        module: dotted; of a regular package its top-level name is enough.
        search_path: the kernel's.
    """
    index = _index(search_path)
    return index.get(module) or index.get(module.partition(".")[0], ())


def owners_of_file(file: Path, search_path: SearchPath) -> tuple[str, ...]:
    """The distributions that installed a module's file, wherever its folder lies."""
    for folder in search_path:
        if file.is_relative_to(folder):
            module = _module_of(file.relative_to(folder).as_posix())
            if module is not None and module in _index(search_path):
                return _index(search_path)[module]
    return ()


@functools.lru_cache(maxsize=4)
def editable_projects(search_path: SearchPath) -> dict[str, Path]:
    """The distributions that are installed in place (`pip install -e`), each with its project's folder.

    Source: packaging.python.org, "Recording the Direct URL Origin of installed distributions" (PEP 610).
    """
    found: dict[str, Path] = {}
    for distribution in _unique(search_path):
        folder = _editable_folder(distribution)
        if folder is not None:
            found.setdefault(canonical(distribution.metadata["Name"]), folder)
    return found


def forget() -> None:
    """Look everything up anew: for a process that outlives an upgrade."""
    installed_version.cache_clear()
    editable_projects.cache_clear()
    _index.cache_clear()


@functools.lru_cache(maxsize=4)
def _index(search_path: SearchPath) -> dict[str, tuple[str, ...]]:
    """Module names, top-level ones and those with a file of their own, to the distributions that install them."""
    found: dict[str, set[str]] = {}
    for distribution in _unique(search_path):
        if _editable_folder(distribution) is not None:
            continue
        name = canonical(distribution.metadata["Name"])
        listed = distribution.read_text("RECORD") or ""
        modules = {_module_of(line.partition(",")[0].strip('"')) for line in listed.splitlines()} - {None}
        if not modules:  # installed by a system's packager, or in the old way
            modules |= set((distribution.read_text("top_level.txt") or name.replace("-", "_")).split())
        for module in modules:
            assert module is not None  # noqa: S101  (taken out above)
            found.setdefault(module, set()).add(name)
            found.setdefault(module.partition(".")[0], set()).add(name)
    return {module: tuple(sorted(names)) for module, names in found.items()}


def _unique(search_path: SearchPath) -> Iterator[metadata.Distribution]:
    """Every distribution once: the first that the import path has."""
    seen: set[str] = set()
    for distribution in metadata.distributions(path=list(search_path)):
        name = distribution.metadata["Name"]
        if name and canonical(name) not in seen:
            seen.add(canonical(name))
            yield distribution


def _module_of(path: str) -> str | None:
    """The dotted name of an installed file (`google/cloud/storage/__init__.py`); None where it is no module."""
    *folders, file = path.split("/")
    if not file.endswith(_MODULE_SUFFIXES) or len(folders) >= _DEEPEST:
        return None
    if any(not part.isidentifier() for part in folders):  # `..`, `x.dist-info`
        return None
    stem = file.partition(".")[0]
    parts = folders if stem == "__init__" else [*folders, stem]
    return ".".join(parts) or None


def _editable_folder(distribution: metadata.Distribution) -> Path | None:
    try:
        origin = json.loads(distribution.read_text("direct_url.json") or "{}")
        if origin.get("dir_info", {}).get("editable") is not True:
            return None
        return Path(url2pathname(unquote(urlsplit(str(origin["url"])).path)))
    except (ValueError, KeyError, AttributeError):  # not by a tool that follows the specification
        return None
