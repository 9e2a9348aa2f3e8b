"""`new KIND`: a content file with its front matter, named after its title, and what goes with it."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from sitegen.config import Config
from sitegen.errors import Diagnostic, SiteError
from sitegen.scaffold.kinds import Kind
from sitegen.scaffold.starter import fill, read_archetype, read_archetype_file, write_new


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """Where a new page goes and what it is called."""

    title: str
    path: PurePosixPath
    """Below the folder of content or of notebooks."""


def new_content(config: Config, kind: Kind, name: str | None) -> tuple[Path, ...]:
    """Write a page's file and what goes with it, and give their paths, the page's first.

    Args:
        config: says where content and notebooks are, and the time and its zone.
        kind: of the page.
        name: a title, or a path below `content/`, of a notebook below `notebooks/` too (it has a `/` and no space, or
            ends as the kind's files do); of a kind that a site has once, its title, and None for the usual one.

    Raises:
        SiteError: SG601; a file exists, or SG602; the name says no path inside `content/`.
    """
    page, folder = _placed(kind, name, config)
    # a second spelling of the same page would have the same URL
    twin = _twin(page.path)
    if (config.root / folder / twin).exists():
        page = NewPage(title=page.title, path=twin)
    date = config.now.astimezone(ZoneInfo(config.time_zone)).isoformat(timespec="seconds")
    values = {
        "title": page.title,
        "date": date.replace("+00:00", "Z"),
        "author": config.author.name or config.title,
    }
    target = folder / page.path
    texts = {target: read_archetype(kind.name, kind.suffix)}
    texts |= {target.parent / file: read_archetype_file(kind.name, file) for file in kind.beside}
    return write_new(config.root, {path: fill(text, values).encode() for path, text in texts.items()})


def place(kind: Kind, name: str) -> NewPage:
    """Where a page of the kind goes that is asked for by a title or a path.

    Raises:
        SiteError: nothing is left of the name as a path, or it leads outside.
    """
    if not _is_path(name, kind):
        slug = slug_of(name)
        if not slug:
            raise _unusable(name)
        path = PurePosixPath(kind.section, f"{slug}/index" if kind.has_folder else slug)
        return NewPage(title=name.strip(), path=path.with_name(path.name + kind.suffix))
    path = PurePosixPath(name.strip("/"))
    if ".." in path.parts or not path.parts:
        raise _unusable(name)
    stem = path.parent.name if path.stem in {"index", "_index"} else path.name.removesuffix(kind.suffix)
    if path.suffix != kind.suffix:
        path = path / "index.md" if kind.suffix == ".md" else path.with_name(path.name + kind.suffix)
    return NewPage(title=_title_of(stem), path=path)


def _once(kind: Kind, title: str | None) -> NewPage:
    return NewPage(title=title or kind.title, path=PurePosixPath(kind.path))


def slug_of(title: str) -> str:
    """A title as a name of a file and a part of a URL: lower case, words joined by `-`, no accents."""
    plain = "".join(_without_accent(character) for character in unicodedata.normalize("NFC", title)).lower()
    return re.sub(r"[\W_]+", "-", re.sub(r"['’]", "", plain)).strip("-")


def _without_accent(character: str) -> str:
    """`é` as `e`; a character of another script as it is: there a mark makes another letter."""
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and base.isalpha() else character


def _is_path(name: str, kind: Kind) -> bool:
    return name.endswith(kind.suffix) or ("/" in name and not re.search(r"\s", name))


def _twin(path: PurePosixPath) -> PurePosixPath:
    """The other file that would be the same page: `a.md` for `a/index.md` and `a/_index.md`, and the reverse."""
    if path.name in ("index.md", "_index.md") and path.parent.name:
        return path.parent.with_name(f"{path.parent.name}.md")
    return path.with_suffix("") / "index.md"


def _title_of(stem: str) -> str:
    words = stem.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _placed(kind: Kind, name: str | None, config: Config) -> tuple[NewPage, PurePosixPath]:
    """The page, and from the site's root the folder that its path is below: one that a path begins with, as the shell completes it."""
    content, notebooks = _from_root(config.content_dir, config), _from_root(config.notebooks_dir, config)
    if kind.path:
        return _once(kind, name), content
    written = (name or "").removeprefix("./")
    is_notebook = kind.suffix == ".ipynb"
    for folder in (content, notebooks) if is_notebook else (content,):
        if _is_path(written, kind) and written.startswith(f"{folder}/"):
            return place(kind, written.removeprefix(f"{folder}/")), folder
    page = place(kind, written)
    return page, notebooks if is_notebook and len(page.path.parts) == 1 else content


def _from_root(folder: Path, config: Config) -> PurePosixPath:
    """With `..` where it lies outside."""
    return PurePosixPath(Path(os.path.relpath(folder, config.root)).as_posix())


def _unusable(name: str) -> SiteError:
    return SiteError(
        Diagnostic(
            code="SG602",
            severity="error",
            message=f"`{name}` names no file inside the content folder",
            hint="give a title with a letter or a digit in it, or a path such as `posts/name.md`",
        )
    )
