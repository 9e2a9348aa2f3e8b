"""Front matter that names another thing of the site - a file, a project, a paper, a translation - which is not there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.front_places import place_in_front
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.content.resolve import left_out, resolve_page
from sitegen.content.tree import Place
from sitegen.errors import Diagnostic, near_match
from sitegen.frozen import FrozenDict

PROJECTS: Final = "/projects"
NAMING: Final = ("paper", "papers", "publication", "publications")
"""Front-matter keys by which a page names the papers that it is about."""
LINKS: Final = ("repo", "paper", "pdf", "demo", "model", "dataset", "slides", "poster", "video")
"""Those of which the theme makes a link where they hold an address or a file of the page's folder."""
_FILE: Final = re.compile(r"[^\s:?#]*[\w)-]\.[a-z][a-z0-9]{1,4}(?:[?#]\S*)?", re.IGNORECASE)
"""`slides.pdf`, `files/a b.pdf` it is not: what looks like a file's name and like no words."""
_PLAYED: Final = frozenset({".m4v", ".mov", ".mp4", ".ogv", ".webm"})
"""`rendering/machines/enclosures.py` tells of these."""
_WORD: Final = re.compile(r"[^\s{},\"'*]+")
"""What the key of an entry can be."""
_FILES: Final = frozenset({*LINKS, "links", "image"})
_NAMES: Final = frozenset({"project", "translations", *NAMING, *_FILES})


def missing_names(index: SiteIndex, places: Mapping[PageKey, Place], config: Config) -> Iterator[Diagnostic]:
    """What is told of the pages of a site: warnings, SG405 for files, SG417 for all others.

    Args:
        index: of the site.
        places: its pages with their own front matter, and others; what a cascade gives is not looked at.
        config: of the site.
    """
    names = _Names(index, places, config)
    for key, place in places.items():
        params = place.meta.params
        if not params or place.source is None or _NAMES.isdisjoint(params.keys()) or key not in index.pages:
            continue
        if "project" in params:
            yield from names.projects(place)
        if not params.keys().isdisjoint(NAMING):
            yield from names.papers(place)
        if "translations" in params:
            yield from names.translations(place)
        if not _FILES.isdisjoint(params.keys()) and not names.is_paper(key):  # fields of its entry
            yield from names.files(place)


def named_project(index: SiteIndex, name: str, base: PageKey) -> PageKey | None:
    """The project of a name, as `project` in a page's front matter has it; None where there is none.

    Args:
        index: of the site.
        name: of the folder below `content/projects/`, or any path that `ref` would find.
        base: the page whose front matter it is.
    """
    below = PageKey(f"{PROJECTS}/{name.strip('/').lower()}")
    return below if below in index.pages else resolve_page(index, name, base)


def texts_of(value: object) -> tuple[str, ...]:
    """A text or a list of texts, as front matter and `params` have them; what is no text is left out."""
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, tuple) else ()


class _Names:
    """What a site has, looked up by name; each list is made when the first page asks for it."""

    def __init__(self, index: SiteIndex, places: Mapping[PageKey, Place], config: Config) -> None:
        self._index = index
        self._places = places
        self._config = config

    def is_paper(self, key: PageKey) -> bool:
        """Whether the page is a paper's."""
        return self._index.publications is not None and key in self._index.publications.papers

    # --- pages

    def projects(self, place: Place) -> Iterator[Diagnostic]:
        """Projects that are not there; on a site without projects the key is the author's own."""
        if PROJECTS not in self._index.pages:
            return
        for name in texts_of(place.meta.params["project"]):
            if not name.strip() or named_project(self._index, name, place.key) is not None:
                continue
            known = self._project_names
            hint = left_out(self._index, name) or _meant(
                name, known, "a project lies below `content/projects/`"
            )
            yield self._told(
                "SG417",
                f"`project` names `{name}`, and there is no such project",
                hint,
                place,
                "project",
                name,
            )

    @cached_property
    def _project_names(self) -> list[str]:
        found = self._index.children.get(PageKey(PROJECTS), ())
        return [key.removeprefix(f"{PROJECTS}/") for key in found]

    def translations(self, place: Place) -> Iterator[Diagnostic]:
        """Translations at an address where nothing is; below `/de/`, where this build makes no page, another one does."""
        written = place.meta.params["translations"]
        for language, target in written.items() if isinstance(written, FrozenDict) else ():
            if not isinstance(target, str) or not target.startswith("/") or leaves_site(target):
                continue
            below = f"/{language.lower()}/"
            if self._is_there(target) or (target.startswith(below) and below not in self._top_folders):
                continue
            known = [url for url in self._urls if url.startswith(below)] or list(self._urls)
            other = "write the whole address, with `https://`, where another build makes the page"
            yield self._told(
                "SG417",
                f"`translations.{language}` names `{target}`, and the site has no such page",
                _meant(target, known, other),
                place, "translations", target, f"translations.{language}",
            )  # fmt: skip

    # --- papers

    def papers(self, place: Place) -> Iterator[Diagnostic]:
        """Keys that no section of papers has; where a site has none, only what can be nothing but a key."""
        for field in NAMING:
            for name in texts_of(place.meta.params.get(field)):
                if not name.strip() or name in self._paper_keys or _is_address(name) or _FILE.fullmatch(name):
                    continue
                if not self._paper_keys and (not field.startswith("paper") or not _WORD.fullmatch(name)):
                    continue
                rest = (
                    "write the key of an entry as the `.bib` file of a section of papers has it"
                    if self._paper_keys
                    else "papers are entries of the `.bib` file in `content/publications/`"
                )
                hint = _meant(name, list(self._paper_keys), rest)
                yield self._told(
                    "SG417", f"`{field}` names `{name}`, and there is no such paper", hint, place, field, name
                )

    @cached_property
    def _paper_keys(self) -> frozenset[str]:
        found = self._index.publications
        if found is None:
            return frozenset()
        return frozenset(
            key for papers in found.of_section.values() for paper in papers for key in paper.keys
        )

    # --- files

    def files(self, place: Place) -> Iterator[Diagnostic]:
        """Files of the page's folder, and addresses of the site, that are not there."""
        params = place.meta.params
        for field in LINKS:
            target = params.get(field)
            if isinstance(target, str) and not (field in NAMING and target in self._paper_keys):
                yield from self._file(place, field, target.strip(), is_link=target.startswith("/"))
        picture = params.get("image")
        if isinstance(picture, str):
            yield from self._file(place, "image", picture.strip(), "image", is_link=picture.startswith("/"))
        entries = params.get("links")
        for number, entry in enumerate(entries if isinstance(entries, tuple) else ()):
            target = entry.get("url") if isinstance(entry, FrozenDict) else None
            if isinstance(target, str):
                yield from self._file(place, "links", target.strip(), f"links.{number}.url", is_link=True)

    def _file(
        self, place: Place, field: str, target: str, path: str = "", *, is_link: bool
    ) -> Iterator[Diagnostic]:
        """SG405 where a target looks like a file (`is_link`: whatever it looks like) and is none.

        The theme links to addresses, and to files of the page's folder by their names there.
        """
        name = unquote(re.split(r"[?#]", target, maxsplit=1)[0])
        if not name or _is_address(target) or not (is_link or _FILE.fullmatch(target)):
            return
        if field == "video" and PurePosixPath(name).suffix.lower() in _PLAYED:
            return
        page = self._index.pages[place.key]
        if name.startswith("/"):
            is_there = self._is_there(name)
        else:
            is_there = any(name in (str(each.name), each.label) for each in page.resources)
            is_there = is_there or (path != "" and self._is_beside(page, name))
        if is_there:
            return
        beside = [str(each.name) for each in page.resources if not each.is_content]
        rest = "put the file beside the page (in its bundle), or write an address: `https://...`, or `/...` below `static/`"
        message = f"`{field}` names the file `{target}`, which is not there"
        yield self._told("SG405", message, _meant(name, beside, rest), place, field, target, path or field)

    def _is_beside(self, page: IndexedPage, name: str) -> bool:
        """Whether a path leads somewhere as a browser reads it on the page, or from the page's file."""
        folder = f"/{page.source.content_path.parent}" if page.source is not None else "/"
        return any(self._is_there(posixpath.join(start, name)) for start in (page.url or "/", folder))

    def _is_there(self, target: str) -> bool:
        """Whether an address of the site, as it is written, has a page or a file behind it."""
        path = posixpath.normpath(unquote(re.split(r"[?#]", target, maxsplit=1)[0]))
        base = self._config.base_path.rstrip("/")
        spelt = {path, path.removeprefix(base) or "/"} if base else {path}
        if any(each in self._addresses or each.rstrip("/") in self._addresses for each in spelt):
            return True
        # what a build makes beside a page: feeds, notebooks, `provenance.json`
        return any(
            posixpath.dirname(each) in self._addresses
            and posixpath.basename(each).split(".")[0] in ("index", "feed", "provenance")
            for each in spelt
        )

    @cached_property
    def _urls(self) -> tuple[str, ...]:
        return tuple(page.url for page in self._index.pages.values() if page.url)

    @cached_property
    def _top_folders(self) -> frozenset[str]:
        """The first part of every page's address, with both slashes."""
        return frozenset(url[: url.find("/", 1) + 1] for url in self._urls)

    @cached_property
    def _addresses(self) -> frozenset[str]:
        """Every path of a page, an alias, a static file and a file of a bundle, without the slash at its end."""
        found = {""}
        for page in self._index.pages.values():
            if page.url:
                found.add(unquote(page.url).rstrip("/"))
            if page.output_path is not None:
                found.add(f"/{page.output_path}")
            found |= {f"/{alias}".removesuffix("/index.html") for alias in page.aliases}
            found |= {f"/{_folder(page) / each.name}" for each in page.resources}
        found |= {f"/{file.output_path}" for file in self._index.static_files}
        return frozenset(found)

    def _told(
        self, code: str, message: str, hint: str, place: Place, field: str, text: str, *paths: str
    ) -> Diagnostic:
        location = place_in_front(place, field, *paths, text=text)
        return Diagnostic(code=code, severity="warning", message=message, location=location, hint=hint)


def _folder(page: IndexedPage) -> PurePosixPath:
    """As `rendering.urls.page_folder`: where the files of the page's bundle are published."""
    path = page.output_path or page.target_path or PurePosixPath(page.url.strip("/")) / "index.html"
    return path.parent / path.stem if path.suffix and path.stem != "index" else path.parent


def _is_address(target: str) -> bool:
    return leaves_site(target) or "://" in target


def _meant(name: str, known: list[str], otherwise: str) -> str:
    near = near_match(name, known)
    return otherwise if near is None else f"did you mean `{near}`?"
