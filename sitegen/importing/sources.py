"""The files of another generator's site: which there are, and what git and the file system say of them."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.errors import Diagnostic, SiteError, SourceLocation
from sitegen.files import safe_join

_NEVER: Final = frozenset({"node_modules", "__pycache__", "venv", "env", "bower_components"})
"""Folders that hold no page of anybody's."""
_TEXT_BYTES: Final = 64


def walk(
    root: Path, *, excluded: Iterable[str] = (), included: Iterable[str] = ()
) -> Iterator[PurePosixPath]:
    """Every file below `root`, sorted by path; no hidden ones, none that leaves `root` by a link.

    Args:
        root: an absolute folder.
        excluded: paths or patterns below `root` that are left out, with all below them.
        included: names of hidden files and folders that are taken all the same.
    """
    patterns = [pattern.strip("/") for pattern in excluded if pattern.strip("/")]
    kept = {name.strip("/") for name in included}
    real = root.resolve()
    for folder, folders, files in os.walk(root):
        below = PurePosixPath(Path(folder).relative_to(root).as_posix())
        folders[:] = sorted(
            name for name in folders if name not in _NEVER and _is_taken(below / name, patterns, kept)
        )
        for name in sorted(files):
            path = below / name
            if not _is_taken(path, patterns, kept) or name.endswith("~"):
                continue
            file = root / path
            if file.is_symlink() and not file.resolve().is_relative_to(real):
                continue
            if file.is_file():
                yield path


def inside(root: Path, path: PurePosixPath) -> Path | None:
    """The file at `path` below `root`; None where none is there, or it leaves `root`, by its name or by a link."""
    try:
        file = safe_join(root, path)
        is_there = file.is_file() and file.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):  # a text that is no path
        return None
    return file if is_there else None


def has_front_matter(file: Path) -> bool:
    """Whether a file begins with a line `---`."""
    with file.open("rb") as stream:
        first = stream.read(_TEXT_BYTES).removeprefix(b"\xef\xbb\xbf")
    return first.startswith(b"---") and first[3:].split(b"\n")[0].strip() == b""


def read_text(file: Path) -> str:
    """A text with LF line ends; bytes that are not UTF-8 are replaced."""
    text = file.read_bytes().decode("utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def not_such_a_site(source: Path, wanted: str, signs: str) -> SiteError:
    """SG801: nothing in `source` says that it is what was asked for, such as a `Hugo site`."""
    return SiteError(
        Diagnostic(
            code="SG801",
            severity="error",
            message=f"`{source}` is no {wanted}: it has {signs}",
            hint="name the folder in which the site's sources lie",
        )
    )


def unreadable(path: PurePosixPath, diagnostic: Diagnostic) -> Diagnostic:
    """What is wrong with a file of the source, with its place in the source."""
    line = diagnostic.location.line if diagnostic.location else None
    column = diagnostic.location.column if diagnostic.location else None
    return Diagnostic(
        code=diagnostic.code,
        severity=diagnostic.severity,
        message=diagnostic.message,
        location=SourceLocation(path=path, line=line, column=column),
        hint=diagnostic.hint,
    )


class Names:
    """Paths of the new site, each given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, path: PurePosixPath) -> PurePosixPath:
        """`path`, or with a number before its extension where it is taken; case does not count."""
        made, number = path, 2
        while str(made).lower() in self._taken:
            made = path.with_name(f"{path.stem}-{number}{path.suffix}")
            number += 1
        self._taken.add(str(made).lower())
        return made

    def __contains__(self, path: PurePosixPath) -> bool:
        return str(path).lower() in self._taken


def _is_taken(path: PurePosixPath, patterns: list[str], kept: set[str]) -> bool:
    name, whole = path.name, path.as_posix()
    if name in kept or whole in kept:
        return True
    if name.startswith((".", "#")) and name not in (".well-known", ".nojekyll"):
        return False
    return not any(
        whole == pattern or fnmatch.fnmatch(whole, pattern) or fnmatch.fnmatch(name, pattern)
        for pattern in patterns
    )
