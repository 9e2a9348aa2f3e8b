"""`new post|page|project|talk|slides|news`: one content file with its front matter, named after its title."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sitegen.config import Config
from sitegen.errors import Diagnostic, SiteError
from sitegen.scaffold.starter import fill, read_archetype, write_new

ContentKind = Literal["post", "page", "project", "talk", "slides", "news"]

_SECTIONS: Final[dict[ContentKind, str]] = {
    "post": "posts",
    "page": "",
    "project": "projects",
    "talk": "talks",
    "slides": "talks",
    "news": "news",
}
_WITHOUT_FOLDER: Final = frozenset({"page", "news"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """Where a new page goes and what it is called."""

    title: str
    path: PurePosixPath
    """Below the content folder."""


def new_content(config: Config, kind: ContentKind, name: str) -> Path:
    """Write a page's file, and give its path.

    Args:
        config: says where content is, and the time and its zone.
        kind: a page goes to `<slug>.md`, news to `news/<slug>.md`, all others to their section as `<slug>/index.md`.
        name: a title, or a path below `content/` (it has a `/` and no space, or ends in `.md`).

    Raises:
        SiteError: SG601; the file exists, or the name says no path inside `content/`.
    """
    page = place(kind, _without_content_folder(name, config))
    # a second spelling of the same page would have the same URL
    twin = _twin(page.path)
    if (config.content_dir / twin).exists():
        page = NewPage(title=page.title, path=twin)
    date = config.now.astimezone(ZoneInfo(config.time_zone)).isoformat(timespec="seconds")
    text = fill(read_archetype(kind), {"title": page.title, "date": date.replace("+00:00", "Z")})
    (file,) = write_new(config.root, {_content_folder(config) / page.path: text.encode()})
    return file


def place(kind: ContentKind, name: str) -> NewPage:
    """Where a page of the kind goes that is asked for by a title or a path.

    Raises:
        SiteError: nothing is left of the name as a path, or it leads outside.
    """
    if not _is_path(name):
        slug = slug_of(name)
        if not slug:
            raise _unusable(name)
        path = PurePosixPath(_SECTIONS[kind], slug)
        return NewPage(title=name.strip(), path=_file(path, kind))
    path = PurePosixPath(name.strip("/"))
    if ".." in path.parts or not path.parts:
        raise _unusable(name)
    stem = path.parent.name if path.stem in {"index", "_index"} else path.name.removesuffix(".md")
    return NewPage(title=_title_of(stem), path=path if path.suffix == ".md" else path / "index.md")


def slug_of(title: str) -> str:
    """A title as a name of a file and a part of a URL: lower case, words joined by `-`, no accents."""
    plain = "".join(_without_accent(character) for character in unicodedata.normalize("NFC", title)).lower()
    return re.sub(r"[\W_]+", "-", re.sub(r"['’]", "", plain)).strip("-")


def _without_accent(character: str) -> str:
    """`é` as `e`; a character of another script as it is: there a mark makes another letter."""
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and base.isalpha() else character


def _is_path(name: str) -> bool:
    return name.endswith(".md") or ("/" in name and not re.search(r"\s", name))


def _file(path: PurePosixPath, kind: ContentKind) -> PurePosixPath:
    """Posts, projects and talks get a folder: figures and data of their cells lie beside them."""
    return path.with_name(f"{path.name}.md") if kind in _WITHOUT_FOLDER else path / "index.md"


def _twin(path: PurePosixPath) -> PurePosixPath:
    """The other file that would be the same page: `a.md` for `a/index.md`, and the reverse."""
    if path.name == "index.md" and path.parent.name:
        return path.parent.with_name(f"{path.parent.name}.md")
    return path.with_suffix("") / "index.md"


def _title_of(stem: str) -> str:
    words = stem.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _without_content_folder(name: str, config: Config) -> str:
    """A path as the shell completes it, `content/posts/a.md`, is taken from `content/` on."""
    prefix = f"{_content_folder(config)}/"
    return name.removeprefix("./").removeprefix(prefix) if _is_path(name) else name


def _content_folder(config: Config) -> PurePosixPath:
    """Relative to the site's root; with `..` where it lies outside."""
    return PurePosixPath(Path(os.path.relpath(config.content_dir, config.root)).as_posix())


def _unusable(name: str) -> SiteError:
    return SiteError(
        Diagnostic(
            code="SG602",
            severity="error",
            message=f"`{name}` names no file inside the content folder",
            hint="give a title with a letter or a digit in it, or a path such as `posts/name.md`",
        )
    )
