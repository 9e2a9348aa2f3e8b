"""The starter: the package's files from which sites, pages and workflows are made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.errors import Diagnostic, SiteError, SourceLocation
from sitegen.files import write_atomic

_DOTTED: Final = frozenset({"gitattributes", "gitignore", "github", "gitlab-ci.yml"})
"""Names that get their leading dot when they are written: in the package they must not act as such."""
_PLACEHOLDER: Final = re.compile(r"\{\{ (\w+) \}\}")


def read_tree(folder: str) -> dict[PurePosixPath, bytes]:
    """Every file of a folder of the starter, by the path that it is to have.

    Args:
        folder: below `theme/starter/`: `site`, `ci/github`.
    """
    return dict(sorted(_walk(_starter().joinpath(folder), PurePosixPath())))


def read_archetype(kind: str, suffix: str = ".md") -> str:
    """The text that a new page of the kind starts from, with its placeholders.

    Args:
        kind: by the name of its command; one without an archetype of its own is made as a page.
        suffix: of its file.
    """
    archetype = _starter().joinpath(f"{kind}{suffix}")
    if not archetype.is_file():
        archetype = _starter().joinpath("page.md")
    return archetype.read_text(encoding="utf-8")


def read_archetype_file(kind: str, name: str) -> str:
    """The text of a file that goes with a new page of the kind."""
    return _starter().joinpath(kind, name).read_text(encoding="utf-8")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with `{{ name }}` replaced; a value is escaped for the quotes around it in TOML, YAML or JSON."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return json.dumps(values[name], ensure_ascii=False)[1:-1] if name in values else match[0]

    return _PLACEHOLDER.sub(value, text)  # once: a value may have such a text of its own


def write_new(root: Path, contents: Mapping[PurePosixPath, bytes]) -> tuple[Path, ...]:
    """Write files that must not exist yet: all of them or, where one exists, none.

    Args:
        root: the folder below which they go; made where it is missing.
        contents: path below `root` to bytes.

    Returns:
        The files in the order given.

    Raises:
        SiteError: SG601; a file exists.
    """
    existing = [path for path in contents if (root / path).exists() or (root / path).is_symlink()]
    if existing:
        raise SiteError(
            Diagnostic(
                code="SG601",
                severity="error",
                message=f"`{existing[0]}` exists, and nothing is overwritten",
                location=SourceLocation(path=existing[0]),
                related=tuple(SourceLocation(path=path) for path in existing[1:]),
                hint="choose another name, or move what is there away",
            )
        )
    for path, content in contents.items():
        write_atomic(root / path, content)
    return tuple(root / path for path in contents)


def _starter() -> Traversable:
    return files("sitegen.theme").joinpath("starter")


def _walk(folder: Traversable, below: PurePosixPath) -> Iterator[tuple[PurePosixPath, bytes]]:
    for entry in folder.iterdir():
        if entry.name == "__pycache__":
            continue
        path = below / (f".{entry.name}" if entry.name in _DOTTED else entry.name)
        if entry.is_dir():
            yield from _walk(entry, path)
        else:
            yield path, entry.read_bytes()
