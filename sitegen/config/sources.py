"""Which files a site's configuration is in, read and laid over each other as Hugo does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.config.text import plain_key, read_settings
from sitegen.config.tree import Names, Origin, Table, Twice, laid_over, read_table
from sitegen.errors import ConfigError, Diagnostic, SourceLocation
from sitegen.values import dataclass

_OWN: Final = ("sitegen",)
_HUGO: Final = ("hugo", "config")
"""Hugo reads `config.*`, the older name, only where there is no `hugo.*`."""
_SUFFIXES: Final = (".toml", ".yaml", ".yml", ".json")
ROOT_FILES: Final = tuple(f"{stem}{suffix}" for stem in (*_OWN, *_HUGO) for suffix in _SUFFIXES)
"""Names at the root of a site; of two that are there, the first has the say."""
_EMPTY: Final = Table(entries={}, origin=Origin(written="", is_own=False, layer=-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What all files of a site's configuration say."""

    tree: Table
    repeated: tuple[Twice, ...]
    """Keys that one table of a file has in two spellings."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    names: Names
    """Where in the settings what it says belongs."""
    layer: int
    is_own: bool = False


def read_sources(root: Path, environment: str, known: frozenset[str]) -> Sources:
    """The files of a site, from the least to the most specific.

    `hugo.*` (or `config.*`, its older name) at the root; over it the folder `config/_default`, over
    that `config/<environment>`; over all of them `sitegen.*`. In a folder a file `hugo.*` or `config.*` has
    settings of the root; others are named after the root's key that they hold (`params.toml`), or after that and
    a language (`params.en.toml`).

    Args:
        known: keys of the root, in the form in which they are compared.

    Raises:
        ConfigError: one cannot be read, or there is none and no content either.
    """
    diagnostics: list[Diagnostic] = []
    at_root = _first(root, _HUGO, layer=0, is_own=False)
    in_folders = [
        file
        for layer, name in enumerate(("_default", environment), start=1)
        for file in _in_folder(root, name, layer, known, diagnostics)
    ]
    own = _first(root, _OWN, layer=10, is_own=True)
    if not (at_root or in_folders or own) and not (root / "content").is_dir():
        raise _no_site(root)
    repeated: list[Twice] = []
    trees = [
        reduce(laid_over, (_table(file, root, repeated, diagnostics) for file in group), _EMPTY)
        for group in (at_root, in_folders, own)
    ]
    return Sources(tree=reduce(laid_over, trees), repeated=tuple(repeated), diagnostics=tuple(diagnostics))


def _first(root: Path, stems: tuple[str, ...], *, layer: int, is_own: bool) -> list[_File]:
    names = (f"{stem}{suffix}" for stem in stems for suffix in _SUFFIXES)
    name = next((name for name in names if (root / name).is_file()), None)
    return [] if name is None else [_File(path=root / name, names=(), layer=layer, is_own=is_own)]


def _in_folder(
    root: Path, name: str, layer: int, known: frozenset[str], diagnostics: list[Diagnostic]
) -> Iterator[_File]:
    """Configuration files of a folder below `config/`, at any depth, in Hugo's order."""
    folder = root / "config" / name
    if not name or name != PurePosixPath(name).name or not folder.is_dir():
        return
    for path in sorted(folder.rglob("*"), key=lambda path: path.parts):
        if path.suffix.lower() not in _SUFFIXES or not path.is_file():
            continue
        stem, _, language = path.stem.rpartition(".")
        stem, language = (stem, language.lower()) if stem else (language, "")
        key = plain_key(stem)
        if key not in known and key not in _HUGO:
            diagnostics.append(_unknown(path, root))
        elif not language:
            yield _File(path=path, names=() if key in _HUGO else (_newer(key),), layer=layer)
        else:
            below = (_newer(key),) if key in {"menu", "menus", "params"} else ()
            yield _File(path=path, names=("languages", language, *below), layer=layer)


def _newer(key: str) -> str:
    return "menus" if key == "menu" else key


def _table(file: _File, root: Path, repeated: list[Twice], diagnostics: list[Diagnostic]) -> Table:
    path = PurePosixPath(file.path.relative_to(root).as_posix())
    settings = read_settings(file.path, path)
    for key, (line, column) in settings.marks.repeated:
        diagnostics.append(
            Diagnostic(
                code="SG103",
                severity="error" if file.is_own else "warning",
                message=f"`{key}` is set twice in one file",
                location=SourceLocation(path=path, line=line, column=column),
                hint="keep one of the two" if file.is_own else "the last one counts; keep one of the two",
            )
        )
    names, stem = file.names, plain_key(file.path.stem.partition(".")[0])
    if names[-1:] == (_newer(stem),) and [plain_key(str(key)) for key in settings.tree] == [stem]:
        names = names[:-1]  # `permalinks.yaml` with nothing but a key `permalinks`, as a list needs it
    table, twice = read_table(settings.tree, names, file=settings, layer=file.layer, is_own=file.is_own)
    repeated += twice
    return table


def _unknown(path: Path, root: Path) -> Diagnostic:
    return Diagnostic(
        code="SG104",
        severity="warning",
        message=f"no setting is called `{path.stem}`, so this file is not read",
        location=SourceLocation(path=PurePosixPath(path.relative_to(root).as_posix())),
        hint="name it after a setting (`params.toml`, `menus.toml`), or put it elsewhere",
    )


def _no_site(root: Path) -> ConfigError:
    problem = "there is no site here" if root.is_dir() else "the folder does not exist"
    return ConfigError(
        Diagnostic(
            code="SG105",
            severity="error",
            message=f"{problem}: `{root}` has neither `sitegen.toml` nor a `content` folder",
            hint="make one with `sitegen new site`, or name the site's folder with `--source`",
        )
    )
