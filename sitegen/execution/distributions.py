"""What is installed for a kernel, looked up in its folders without starting it: versions, owners of modules, editable projects."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from importlib import metadata

_MODULE_SUFFIXES: Final = (".py", ".so", ".pyd")
_LISTED_MODULE: Final = re.compile(r'^"?([^",\n]+\.(?:py|so|pyd))"?,', re.MULTILINE)
"""A line of RECORD that names a module's file; a folder of packages has ten thousands of lines."""
_OF_INSTALLED: Final = (".dist-info", ".egg-info")
"""Names that `importlib.metadata` looks at."""
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
    """The version of a distribution in these folders; None where it is not installed.

    Args:
        name: canonical.
        search_path: the kernel's.
    """
    try:
        teller = next(filter(None, (_tellers(folder).get(name) for folder in search_path)), None)
    except OSError:  # an archive, or an egg
        return _version_by_library(name, search_path)
    if teller is None:
        return None
    return _version_in(teller) or _version_by_library(name, search_path)


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
    for name, distribution in _unique(search_path):
        folder = _editable_folder(distribution)
        if folder is not None:
            found[name] = folder
    return found


def forget() -> None:
    """Look everything up anew: for a process that outlives an upgrade."""
    installed_version.cache_clear()
    editable_projects.cache_clear()
    _index.cache_clear()


def _tellers(folder: str) -> dict[str, Path]:
    """The entries of a folder of the import path that tell of distributions, by canonical names.

    The names are those of the entries, as `importlib.metadata` looks them up: no METADATA is read for them.

    Raises:
        OSError: the folder is none, but an archive or an egg, or cannot be listed.
    """
    path = Path(folder)
    if path.suffix == ".egg":
        raise NotADirectoryError(folder)
    try:
        changed_ns = path.stat().st_mtime_ns  # a cell may install something while we live
    except FileNotFoundError:  # an import path names more than there is
        return {}
    return _listed(path, changed_ns)


@functools.lru_cache(maxsize=32)
def _listed(folder: Path, changed_ns: int) -> dict[str, Path]:
    del changed_ns
    found: dict[str, Path] = {}
    for entry in folder.iterdir():
        if entry.suffix in _OF_INSTALLED and entry.name[0] != "~":  # pip's mark of what it could not remove
            found.setdefault(canonical(entry.stem.partition("-")[0]), entry)
    return found


def _version_in(entry: Path) -> str | None:
    """The version that a `.dist-info` folder tells in the first lines of its METADATA; the rest is the project's page.

    Source: packaging.python.org, "Core metadata specifications": `Version` stands among the headers.
    """
    try:
        with (entry / "METADATA").open(encoding="utf-8") as lines:
            for line in lines:
                if line.lower().startswith("version:"):
                    return line.partition(":")[2].strip()
                if not line.strip():
                    return None
    except (OSError, UnicodeDecodeError):  # of an older form, or damaged
        return None
    return None


def _version_by_library(name: str, search_path: SearchPath) -> str | None:
    """For what is installed in other ways; the import is here, since it brings `email` and `zipfile` into each build."""
    from importlib import metadata

    found = next(iter(metadata.Distribution.discover(name=name, path=list(search_path))), None)
    return None if found is None else found.version


@functools.lru_cache(maxsize=4)
def _index(search_path: SearchPath) -> dict[str, tuple[str, ...]]:
    """Module names, top-level ones and those with a file of their own, to the distributions that install them."""
    found: dict[str, set[str]] = {}
    for name, distribution in _unique(search_path):
        if _editable_folder(distribution) is not None:
            continue
        listed = distribution.read_text("RECORD") or ""
        modules = {_module_of(path) for path in _LISTED_MODULE.findall(listed)} - {None}
        if not modules:  # installed by a system's packager, or in the old way
            modules |= set((distribution.read_text("top_level.txt") or name.replace("-", "_")).split())
        for module in modules:
            assert module is not None  # noqa: S101  (taken out above)
            found.setdefault(module, set()).add(name)
            found.setdefault(module.partition(".")[0], set()).add(name)
    return {module: tuple(sorted(names)) for module, names in found.items()}


def _unique(search_path: SearchPath) -> Iterator[tuple[str, metadata.Distribution]]:
    """Every distribution once, with its canonical name: the first that the import path has."""
    from importlib import metadata  # here: see `_version_by_library`

    seen: set[str] = set()
    for folder in search_path:
        found: list[tuple[str, metadata.Distribution]]
        try:
            found = [(name, metadata.Distribution.at(entry)) for name, entry in _tellers(folder).items()]
        except OSError:  # an archive, or an egg
            others = metadata.distributions(path=[folder])
            found = [(canonical(other.metadata["Name"] or ""), other) for other in others]
        for name, distribution in found:
            if name and name not in seen:
                seen.add(name)
                yield name, distribution


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
        from urllib.request import url2pathname  # here: it brings an HTTP client

        return Path(url2pathname(unquote(urlsplit(str(origin["url"])).path)))
    except (ValueError, KeyError, AttributeError):  # not by a tool that follows the specification
        return None
