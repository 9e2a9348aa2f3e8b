"""Where an author wrote an address that stands in the published HTML: file, line, column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.build.rendered import RenderedSite
from sitegen.checking.prose import MarkdownText, read_markdown
from sitegen.config import Config
from sitegen.content.document import LinkHole, PageKey
from sitegen.errors import SourceLocation
from sitegen.rendering.links import resolve_link

_TOKEN: Final = re.compile(r"[^\s\"'<>()\[\]{}`,|]+")
_CONFIG_NAMES: Final = ("sitegen", "hugo", "config")
_CONFIG_SUFFIXES: Final = (".toml", ".yaml", ".yml", ".json")
_TEXT_SUFFIXES: Final = frozenset(
    {".html", ".xml", ".css", ".js", ".txt", ".json", ".toml", ".yaml", ".yml", ".svg", ".webmanifest"}
)
_LARGEST_TEXT: Final = 1_000_000
"""Bytes of a template or data file that is searched."""
_BARE: Final = re.compile(r"[\w-]+")
"""A word that may be an address, and in front matter mostly is none."""
_PICTURE: Final = re.compile(r"image|picture|cover|thumb|banner|hero", re.IGNORECASE)
_MOST_SEARCHES: Final = 200
"""Addresses of one file that are searched letter by letter, having no place among its words."""


@dataclass
class SearchedText:
    """One file's text, which knows where its words stand."""

    path: PurePosixPath
    """Relative to the site's root."""
    text: str
    markdown: MarkdownText | None = None
    """Of a content file: code in it names nothing."""
    searches: int = 0

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        words: dict[str, list[int]] = {}
        for match in _TOKEN.finditer(self.text):
            word = match[0]
            words.setdefault(unescape(word).rstrip(".;"), []).append(match.start())
            value = word.find("=") + 1  # `src=x`, without quotes
            if value:
                words.setdefault(unescape(word[value:]), []).append(match.start() + value)
        return words

    def location(self, offset: int) -> SourceLocation:
        """The line and column of a character."""
        from bisect import bisect_right

        line = bisect_right(self._line_starts, offset)
        start = self._line_starts[line - 1]
        bom = 1 if line == 1 and self.text.startswith("\ufeff") else 0
        return SourceLocation(path=self.path, line=line, column=offset - start + 1 - bom)

    def line(self, location: SourceLocation) -> str:
        """The text of a location's line; empty for one of another file."""
        if location.path != self.path or location.line is None:
            return ""
        start = self._line_starts[location.line - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else None]

    def find(
        self, spellings: Iterable[str], *, with_words_of_front_matter: bool = True
    ) -> tuple[SourceLocation, ...]:
        """Where the first spelling that is there stands, but in code: as a word, else as part of one.

        Args:
            spellings: of an address, the likeliest first.
            with_words_of_front_matter: whether a bare word there may be it: `layout: archives` mostly is not.
        """
        spellings = [spelling for spelling in spellings if spelling]
        for spelling in spellings:
            found = self.outside_code(self._words.get(spelling, ()))
            if not with_words_of_front_matter and _BARE.fullmatch(spelling):
                found = self.below_front_matter(found)
            if found:
                return found
        self.searches += 1
        if self.searches > _MOST_SEARCHES:
            return ()
        for spelling in spellings:
            pattern = rf"(?<![\w/.-]){re.escape(spelling)}(?![\w/-])"
            found = self.outside_code(match.start() for match in re.finditer(pattern, self.text))
            if not with_words_of_front_matter and _BARE.fullmatch(spelling):
                found = self.below_front_matter(found)
            if found:
                return found
        return ()

    def outside_code(self, offsets: Iterable[int]) -> tuple[SourceLocation, ...]:
        """The places of these characters that are not in code."""
        markdown = self.markdown
        return tuple(
            self.location(offset)
            for offset in offsets
            if (markdown is None or not markdown.is_code(offset))
            and not (self.text.startswith("{#", offset - 1) and offset)  # the id itself, not a link to it
        )

    def below_front_matter(self, places: tuple[SourceLocation, ...]) -> tuple[SourceLocation, ...]:
        """Those of the places that stand in the body."""
        if self.markdown is None:
            return places
        first = self.location(self.markdown.body)
        return tuple(
            each
            for each in places
            if each.line is not None and first.line is not None and each.line >= first.line
        )


class Places:
    """The files in which a site's addresses are written, read where one of them is asked for."""

    def __init__(self, site: RenderedSite, config: Config) -> None:
        self._site = site
        self._config = config
        self._texts: dict[PageKey, SearchedText | None] = {}

    def of(self, url: str, page: PageKey | None) -> tuple[SourceLocation, ...]:
        """Where `url`, as it stands in the HTML of a page, is written: in the page's file, in another page's
        that this page shows a part of, in the configuration, in a template or data file; empty where nobody
        knows.

        Args:
            url: without character references.
            page: whose HTML it stands in.
        """
        spellings = tuple(self.spellings(url, page))
        on_page: list[str] = []
        if page is not None:
            elsewhere = self._targets.get(page, set())
            on_page = [each for each in spellings if each not in elsewhere]
            found = self._told(page, self._holes.get((page, url), ())) or self._in_page(
                page, on_page, with_words_of_front_matter=False
            )
            if found:
                return found
        others = self._other_holes.get(url, ())
        if others:
            return tuple(place for other, hole in others for place in self._told(other, (hole,)))
        for text in (*self._configuration, *self._templates):
            found = text.find(spellings)
            if found:
                return found
        return self._in_page(page, on_page) if page is not None else ()

    def of_pictures(
        self, locations: tuple[SourceLocation, ...], page: PageKey | None
    ) -> tuple[SourceLocation, ...]:
        """Those of the locations in a page's file whose line speaks of a picture; all where none does."""
        text = self.text_of(page) if page is not None else None
        if text is None or len(locations) < 2:
            return locations
        found = tuple(each for each in locations if _PICTURE.search(text.line(each)))
        return found or locations

    def in_page(self, words: str, page: PageKey | None) -> SourceLocation | None:
        """Where words stand in a page's file, in its body first; its file alone where they do not, None where it
        has none.
        """
        if page is None:
            return None
        found = self._in_page(page, (words,)) if words else ()
        text = self.text_of(page)
        body = text.below_front_matter(found) if text is not None else ()
        return next(iter(body or found), None) or self.file_of(page)

    def literally(self, texts: Iterable[str], page: PageKey | None) -> tuple[SourceLocation, ...]:
        """Where one of these texts stands in a page's file, but in code."""
        text = self.text_of(page) if page is not None else None
        if text is None:
            return ()
        found = (match.start() for each in texts for match in re.finditer(re.escape(each), text.text))
        return text.outside_code(found)

    def file_of(self, page: PageKey | None) -> SourceLocation | None:
        """A page's file."""
        source = self._site.index.pages[page].source if page is not None else None
        return SourceLocation(path=source.path) if source is not None else None

    def text_of(self, page: PageKey) -> SearchedText | None:
        """A page's file, read; None where there is none or its lines are a notebook's."""
        if page not in self._texts:
            source = self._site.index.pages[page].source
            text = None
            if source is not None and source.format != "notebook":
                markdown = read_markdown(source.file.read_bytes(), source)
                text = SearchedText(source.path, markdown.text, markdown)
            self._texts[page] = text
        return self._texts[page]

    def written(self, url: str, page: PageKey) -> tuple[str, ...]:
        """How an address of a page's HTML may be written there: as its links name it first."""
        targets = (hole.target for hole in self._holes.get((page, url), ()))
        return tuple(dict.fromkeys((*targets, *self.spellings(url, page))))

    def spellings(self, url: str, page: PageKey | None = None) -> Iterator[str]:
        """How an author may have written an address, the likeliest first; on a page also as seen from there."""
        base_path, base_url = self._config.base_path, self._config.base_url
        seen = set()
        plain = [url]
        if url.startswith(base_path) and not url.startswith("//"):
            below = url[len(base_path) :]
            plain += [f"/{below}", below, f"{base_url}{below}"]
        elif "://" in base_url and url.startswith(base_url):
            plain += [url[len(base_url) - 1 :], url[len(base_url) :]]
        here = self._site.index.pages[page].url.lstrip("/") if page is not None else ""
        if here:
            plain += [each[len(here) :] for each in plain[:] if each.startswith(here)]
        for each in plain:
            for form in (each, unquote(each), each.replace("&", "&amp;")):
                if form not in seen and len(form) > 1:
                    seen.add(form)
                    yield form

    @cached_property
    def _configuration(self) -> tuple[SearchedText, ...]:
        """The site's configuration."""
        return config_texts(self._config)

    @cached_property
    def _templates(self) -> tuple[SearchedText, ...]:
        """The site's own templates, and its data files."""
        configured = {text.path for text in self._configuration}
        texts = _read(site_texts(self._config), self._config)
        return tuple(text for text in texts if text.path not in configured)

    def _in_page(
        self, page: PageKey, spellings: Iterable[str], *, with_words_of_front_matter: bool = True
    ) -> tuple[SourceLocation, ...]:
        text = self.text_of(page)
        if text is None:
            return ()
        return text.find(spellings, with_words_of_front_matter=with_words_of_front_matter)

    def _told(self, page: PageKey, holes: Iterable[LinkHole]) -> tuple[SourceLocation, ...]:
        """Where these links are written: an address of a reference, `[x]: /there`, stands below its use."""
        places: dict[SourceLocation, None] = {}
        for hole in holes:
            found = () if hole.location.column is not None else self._in_page(page, (hole.target,))
            places |= dict.fromkeys(found or (hole.location,))
        return tuple(places)

    @cached_property
    def _holes(self) -> dict[tuple[PageKey, str], tuple[LinkHole, ...]]:
        """Page and address in its HTML to the links of its Markdown that gave it."""
        found: dict[tuple[PageKey, str], list[LinkHole]] = {}
        for key, holes in self._site.links.items():
            place = self._site.index.pages[key]
            for hole in holes:
                url = resolve_link(hole.target, place, self._site.index, self._config).url
                found.setdefault((key, url), []).append(hole)
        return {key: tuple(dict.fromkeys(holes)) for key, holes in found.items()}

    @cached_property
    def _targets(self) -> dict[PageKey, set[str]]:
        """What the links of a page's Markdown name, which leads where `_holes` says and nowhere else."""
        found: dict[PageKey, set[str]] = {}
        for (page, _), holes in self._holes.items():
            found.setdefault(page, set()).update(hole.target for hole in holes)
        return found

    @cached_property
    def _other_holes(self) -> dict[str, list[tuple[PageKey, LinkHole]]]:
        """The same for whatever page shows it: a list page shows summaries."""
        found: dict[str, list[tuple[PageKey, LinkHole]]] = {}
        for (page, url), holes in self._holes.items():
            found.setdefault(url, []).extend((page, hole) for hole in holes)
        return found


def config_files(config: Config) -> list[Path]:
    """The files that configure a site; the last word first."""
    names = [config.root / f"{name}{suffix}" for name in _CONFIG_NAMES for suffix in _CONFIG_SUFFIXES]
    folder = config.root / "config"
    below = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [file for file in (*names, *below) if file.suffix in _CONFIG_SUFFIXES and file.is_file()]


def config_texts(config: Config) -> tuple[SearchedText, ...]:
    """The same, read."""
    return tuple(_read(config_files(config), config))


def site_texts(config: Config) -> list[Path]:
    """What is written for the site beside its content: configuration, templates with their assets, data."""
    folders = (config.templates_dir, config.data_dir)
    return [*config_files(config), *(file for folder in folders for file in _files_below(folder))]


def _read(files: Iterable[Path], config: Config) -> Iterator[SearchedText]:
    for file in files:
        if file.stat().st_size <= _LARGEST_TEXT:
            path = config.relative_to_root(file)
            yield SearchedText(path, file.read_bytes().decode("utf-8", "replace"))


def _files_below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [
        file for file in sorted(folder.rglob("*")) if file.suffix.lower() in _TEXT_SUFFIXES and file.is_file()
    ]
