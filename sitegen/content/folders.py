"""Walk the content and notebook folders: which files are pages, which belong to a page's bundle, which stand alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from sitegen.config import Config
from sitegen.frozen import compact
from sitegen.values import dataclass

PageFormat = Literal["markdown", "html", "notebook", "percent", "foreign"]
"""`foreign`: Hugo reads it (Org, AsciiDoc, reStructuredText, Pandoc), sitegen shows it as it is written."""

MARKDOWN_SUFFIXES: Final = frozenset({".md", ".markdown", ".mdown"})
HTML_SUFFIXES: Final = frozenset({".html", ".htm"})
FOREIGN_SUFFIXES: Final = frozenset({".ad", ".adoc", ".asciidoc", ".org", ".pandoc", ".pdc", ".rst"})
CONTENT_SUFFIXES: Final = MARKDOWN_SUFFIXES | HTML_SUFFIXES | FOREIGN_SUFFIXES
"""Of the files that are pages in Hugo."""

_CONFIG_FILE: Final = re.compile(r"(sitegen|hugo|config)\.(toml|ya?ml|json)")
NOTEBOOK_SUFFIX: Final = ".ipynb"
SCRIPT_SUFFIX: Final = ".py"
NOTEBOOKS: Final = PurePosixPath("notebooks")
"""The section of the notebook folder's pages."""
MEDIA_SUFFIXES: Final = frozenset(
    {".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"}
    | {".m4a", ".mp3", ".mp4", ".ogg", ".pdf", ".wav", ".webm"}
)
"""What is published of the files beside notebooks: what they show, not the data and modules they read."""


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file below the content folder."""

    file: Path
    content_path: PurePosixPath
    size_bytes: int
    mtime_ns: int


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """A page's file with the files that belong to it."""

    file: FoundFile
    bundle: Literal["leaf", "branch"] | None
    format: PageFormat = "markdown"
    resources: tuple[FoundFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFiles:
    """All that the content and notebook folders hold, each in the order of paths."""

    pages: tuple[FoundPage, ...]
    lone: tuple[FoundFile, ...]
    """Neither pages nor resources of one: published as they are."""


def walk_content(config: Config) -> ContentFiles:
    """The files of the content folder, then of the notebook folder; without hidden, backup and ignored ones.

    A folder with `index.md` is a leaf bundle: all below it are its resources. One with
    `_index.md` is a branch bundle: the other files there are its resources, down to the next bundle. At
    the root `index.md` means `_index.md`, since a site that is one page is hardly meant. Of the
    notebook folder, notebooks, percent-format scripts and `_index.md` are pages, and pictures are published.
    """
    walk = _Walk(config)
    if config.content_dir.is_dir():
        walk.folder(config.content_dir, PurePosixPath(), owner=None)
    if config.notebooks_dir.is_dir():
        walk.folder(config.notebooks_dir, NOTEBOOKS, owner=None)
    return ContentFiles(pages=tuple(walk.pages()), lone=tuple(walk.lone))


def own_language(config: Config) -> str:
    """The language whose suffix a page's file may have without it being part of the name."""
    return config.default_language or config.language


def page_name(name: str, language: str) -> str:
    """A page file's name without its extension and without the site's own language: `about.en.md`."""
    stem = name.rpartition(".")[0]
    base, _, suffix = stem.rpartition(".")
    own = {language.lower(), language.lower().partition("-")[0]}
    return base if base and suffix.lower() in own else stem


def page_format(name: str, file: Path) -> PageFormat | None:
    """What kind of page a file is, by the extension of its name; a `.py` file is one if it has a `# %%` line."""
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - 10 times faster
    if suffix in MARKDOWN_SUFFIXES:
        return "markdown"
    if suffix in HTML_SUFFIXES:
        return "html"
    if suffix in FOREIGN_SUFFIXES:
        return "foreign"
    if suffix == NOTEBOOK_SUFFIX:
        return "notebook"
    if suffix == SCRIPT_SUFFIX:
        from sitegen.content.percent import is_percent_script  # here: few folders hold scripts

        return "percent" if is_percent_script(file.read_bytes()) else None
    return None


@dataclass(slots=True)
class _Bundle:
    """A page whose resources are still being found."""

    file: FoundFile
    kind: Literal["leaf", "branch"] | None
    format: PageFormat
    resources: list[FoundFile] = field(default_factory=list)


class _Walk:
    """One pass over the content folder and the notebook folder."""

    def __init__(self, config: Config) -> None:
        self.lone: list[FoundFile] = []
        self._bundles: list[_Bundle] = []
        self._language = own_language(config)
        self._others = {language.lower() for language in config.other_languages}
        self._ignored = [re.compile(pattern) for pattern in config.ignore_files]
        self._notebooks_dir = config.notebooks_dir
        self._holds_config = config.content_dir == config.root
        self._excluded = {
            os.fspath(path)
            for path in (
                config.publish_dir,
                config.results_dir,
                config.state_dir,
                config.templates_dir,
                config.data_dir,
                config.notebooks_dir,
                *config.static_dirs,
            )
        }

    def pages(self) -> list[FoundPage]:
        return [
            FoundPage(
                file=bundle.file,
                bundle=bundle.kind,
                format=bundle.format,
                resources=tuple(bundle.resources),
            )
            for bundle in self._bundles
        ]

    def folder(self, path: Path, content_path: PurePosixPath, owner: _Bundle | None) -> None:
        files, folders = self._entries(path, content_path)
        in_notebooks = content_path.parts[:1] == NOTEBOOKS.parts and path.is_relative_to(self._notebooks_dir)
        formats = {
            name: kind for name, found in files.items() if (kind := self._format(name, found, in_notebooks))
        }
        index, branch = self._named(formats, "index"), self._named(formats, "_index")
        is_root = not content_path.parts
        if index is not None and not is_root:  # with an `_index.md` beside it too, as in Hugo
            self._leaf(_Bundle(files[index], "leaf", formats[index]), files, folders)
            return
        home = branch or (index if is_root else None)
        if home is not None:
            owner = _Bundle(files[home], "branch", formats[home])
            self._bundles.append(owner)
        elif len(content_path.parts) == 1:
            owner = None  # a top-level folder is a section of its own, with or without `_index.md`
        twins = self._twins(formats, home) if home is not None else frozenset()
        for name, found in files.items():
            if name == home or name in twins:
                continue
            kind = formats.get(name)
            if kind is not None:
                self._bundles.append(_Bundle(found, None, kind))
            elif not in_notebooks or found.content_path.suffix.lower() in MEDIA_SUFFIXES:
                self._attach(found, owner)
        for folder in folders:
            self.folder(path / folder, content_path / folder, owner)

    def _format(self, name: str, found: FoundFile, in_notebooks: bool) -> PageFormat | None:
        kind = page_format(name, found.file)
        is_text = kind in ("markdown", "html", "foreign")
        return None if in_notebooks and is_text and page_name(name, self._language) != "_index" else kind

    def _attach(self, found: FoundFile, owner: _Bundle | None) -> None:
        if self._holds_config and _CONFIG_FILE.fullmatch(str(found.content_path)):
            return
        (self.lone if owner is None else owner.resources).append(found)

    def _leaf(self, bundle: _Bundle, files: Mapping[str, FoundFile], folders: list[str]) -> None:
        index = bundle.file
        own = index.content_path.name
        # only a file of such a name is asked for its format, for which a script would be read
        named = (name for name in files if name.startswith(("index.", "_index.")))
        formats = {name: kind for name in named if (kind := page_format(name, files[name].file))}
        twins = self._twins(formats, own)
        bundle.resources += [found for name, found in files.items() if name != own and name not in twins]
        self._bundles.append(bundle)
        for folder in folders:
            self._all_below(index.file.parent / folder, index.content_path.parent / folder, bundle)

    def _all_below(self, path: Path, content_path: PurePosixPath, bundle: _Bundle) -> None:
        files, folders = self._entries(path, content_path)
        bundle.resources += files.values()
        for folder in folders:
            self._all_below(path / folder, content_path / folder, bundle)

    def _named(self, formats: Iterable[str], name: str) -> str | None:
        """Of a folder's pages the one of this name; in several formats, the one that counts."""
        matching = [
            file for file in formats if file.startswith(name) and page_name(file, self._language) == name
        ]
        return min(matching, key=lambda file: format_rank(PurePosixPath(file)), default=None)

    def _twins(self, formats: Iterable[str], index: str) -> frozenset[str]:
        """The folder's own page once more: in another format, or `_index.md` beside `index.md`."""
        own = page_name(index, self._language)
        names = (own, "_index") if own == "index" else (own,)
        return frozenset(
            file
            for file in formats
            if file != index and file.startswith(names) and page_name(file, self._language) in names
        )

    def _is_foreign_language(self, name: str) -> bool:
        """Whether a file is for another of the site's languages: `post.fr.md`."""
        if not self._others:
            return False
        stem = name.rpartition(".")[0]
        return "." in stem and stem.rpartition(".")[2].lower() in self._others

    def _entries(self, path: Path, content_path: PurePosixPath) -> tuple[dict[str, FoundFile], list[str]]:
        """Files by name and names of folders, in order, without what is never content."""
        files: dict[str, FoundFile] = {}
        folders: list[str] = []
        with os.scandir(path) as entries:
            for entry in sorted(entries, key=_name):
                name = entry.name
                if name[0] in ".#" or name[-1] == "~" or entry.path in self._excluded:
                    continue
                if self._ignored and self._is_ignored(str(content_path / name)):
                    continue
                if entry.is_dir():
                    if not (entry.is_symlink() and _leads_up(Path(entry.path))):
                        folders.append(name)
                elif entry.is_file() and not self._is_foreign_language(name):
                    status = entry.stat()
                    files[name] = FoundFile(
                        file=path / name,
                        content_path=content_path / name,
                        size_bytes=status.st_size,
                        mtime_ns=status.st_mtime_ns,
                    )
        return files, folders

    def _is_ignored(self, below: str) -> bool:
        return any(pattern.search(below) for pattern in self._ignored)


_name: Final = attrgetter("name")


def format_rank(path: PurePosixPath) -> tuple[object, ...]:
    """Of files that are one page in several formats the lowest is taken.

    As in Hugo, that is the last suffix of the alphabet (`.md` before `.markdown` before `.html`); ours come after it.
    """
    suffix = path.suffix.lower()
    return suffix not in CONTENT_SUFFIXES, (*(-ord(character) for character in suffix), 1)


def _leads_up(link: Path) -> bool:
    """Whether a linked folder holds the link itself, so that a walk would never end."""
    return link.parent.resolve().is_relative_to(link.resolve())
