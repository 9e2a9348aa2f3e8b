"""The lock file that counts under `environment = "lock"`: which one it is, and the versions that it names."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from sitegen.execution.distributions import canonical

LOCK_FILES: Final = (
    "uv.lock",
    "requirements.lock",
    "poetry.lock",
    "pdm.lock",
    "pixi.lock",
    "requirements.txt",
)
"""In the order in which they are looked for in a folder."""

_PINNED: Final = re.compile(
    r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,#\\*]+)\s*(?:[;#\\]|--|$)"
)
"""A requirement with an exact version: `name[extra]==1.2 ; marker`."""
_CONDA_FILE: Final = re.compile(r"/([^/]+)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)$")


def find_lock(root: Path, named: str = "") -> Path | None:
    """The lock file nearest to the site's folder: in it, else in a folder above it up to the repository's.

    Args:
        root: the site's folder.
        named: `[execute] lock-file`, relative to the root; then no other is looked for.
    """
    if named:
        path = root / named
        return path if path.is_file() else None
    for folder in (root, *root.parents):
        found = next((folder / name for name in LOCK_FILES if (folder / name).is_file()), None)
        if found is not None or (folder / ".git").exists():
            return found
    return None


def locked_versions(path: Path) -> dict[str, frozenset[str]]:
    """The exact versions that a lock file names, by normalized name; several where they depend on the platform.

    Raises:
        ValueError: the file cannot be read as what its name says.
    """
    import yaml  # here: few sites count their lock file

    try:
        text = path.read_text(encoding="utf-8")
        if path.name == "pixi.lock":
            pairs = _of_pixi(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506
        elif path.suffix == ".toml" or (path.suffix == ".lock" and path.name != "requirements.lock"):
            pairs = _of_toml(tomllib.loads(text))
        else:
            pairs = [match.groups() for line in text.splitlines() if (match := _PINNED.match(line.strip()))]
    except (OSError, ValueError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise ValueError(str(error)) from error
    found: dict[str, set[str]] = {}
    for name, version in pairs:
        found.setdefault(canonical(str(name)), set()).add(str(version))
    return {name: frozenset(versions) for name, versions in found.items()}


def _of_toml(table: dict[str, Any]) -> list[tuple[str, ...]]:
    """`uv.lock`, `poetry.lock` and `pdm.lock` have `package`; `pylock.toml` (PEP 751) has `packages`."""
    packages = table.get("package", table.get("packages", []))
    return [(each["name"], each["version"]) for each in packages if each.keys() >= {"name", "version"}]


def _of_pixi(table: dict[str, Any]) -> list[tuple[str, ...]]:
    """Packages of PyPI have a name and a version; those of conda, from version 6 of the file on, only a URL."""
    pairs: list[tuple[str, ...]] = []
    for each in table.get("packages", []):
        if "name" in each and "version" in each:
            pairs.append((each["name"], each["version"]))
        elif match := _CONDA_FILE.search(str(each.get("conda", ""))):
            pairs.append(match.groups())
    return pairs
