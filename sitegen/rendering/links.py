"""What a link as written means: a page, a resource of the page's bundle, a static file, or itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.folders import MARKDOWN_SUFFIXES, NOTEBOOK_SUFFIX
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.content.resolve import resolve_page
from sitegen.rendering.resources import published_resources, resource_url
from sitegen.rendering.urls import page_folder, url_of_output, with_base
from sitegen.values import dataclass

_TARGET = re.compile(r"(?P<path>[^?#]*)(?P<tail>.*)", re.DOTALL)
_CONTENT_SUFFIXES = (*MARKDOWN_SUFFIXES, NOTEBOOK_SUFFIX)
_MOST_KEPT: Final = 20_000
"""Answers kept at a time: some ten MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedLink:
    """Where a link goes."""

    url: str
    """With the base path where it is internal."""
    file: Path | None = None
    """The local file that is published there, where that is known."""
    is_as_written: bool = False
    """Nothing was found, or its URL is what is written: `url` is the target, with the base path."""
    is_broken: bool = False
    """It names a content file that the site does not have."""


def resolve_link(target: str, page: IndexedPage, index: SiteIndex, config: Config) -> ResolvedLink:
    """Where a link in `page` goes; what nothing stands for stays as written (a site path gets the base path)."""
    return _resolver(_Same(index, config)).resolve(target, page)


def file_of_url(url: str, page: IndexedPage, index: SiteIndex, config: Config) -> Path | None:
    """The local file behind a URL of the page's HTML (relative to the page, or with the base path)."""
    if leaves_site(url) or url.startswith("#"):
        return None
    path = unquote(re.split(r"[?#]", url, maxsplit=1)[0])
    if path.startswith("/"):
        if not path.startswith(config.base_path):
            return None
        output = PurePosixPath(path[len(config.base_path) :])
    else:
        output = _normal(page_folder(page) / path)
    for resource in page.resources:
        if page_folder(page) / resource.name == output:
            return resource.file
    return _resolver(_Same(index, config)).file_at(output)


def adopt_published_files(index: SiteIndex, config: Config, files: Mapping[str, str]) -> None:
    """Spare the search of an index for the files that it publishes: `files` is what `published_files` gave for an equal one."""
    _resolver(_Same(index, config)).adopt(files)


def published_files(index: SiteIndex) -> dict[str, str]:
    """Output path to file of everything that is published as it is; small, to be kept by a build for the next. Reads every page's place."""
    found = {str(static.output_path): str(static.file) for static in index.static_files}
    for page in index.pages.values():
        if page.resources:
            folder = page_folder(page)
            for resource in published_resources(page):
                found[str(folder / resource.name)] = str(resource.file)
    return found


class _Resolver:
    """What links mean in one index. Answers that many pages share are kept: those of site paths, and of the pages
    that a link names as seen from a folder.
    """

    def __init__(self, index: SiteIndex, config: Config) -> None:
        self._index = index
        self._config = config
        self._base = config.base_path
        self._files: Mapping[str, str] | None = None
        self._of_site: dict[str, ResolvedLink] = {}
        self._of_folder: dict[tuple[str, str | None, str], ResolvedLink | None] = {}

    def adopt(self, files: Mapping[str, str]) -> None:
        """Take the published files as given."""
        self._files = files

    def resolve(self, target: str, page: IndexedPage) -> ResolvedLink:
        """As `resolve_link`."""
        if not target.startswith("/"):
            return self._resolved(target, page)
        found = self._of_site.get(target)  # a site path means the same on every page
        if found is None:
            if len(self._of_site) >= _MOST_KEPT:
                self._of_site.clear()
            found = self._of_site[target] = self._resolved(target, page)
        return found

    def _resolved(self, target: str, page: IndexedPage) -> ResolvedLink:
        match = _TARGET.fullmatch(target)
        path, tail = (match["path"], match["tail"]) if match else (target, "")
        if leaves_site(target) or not path:
            return ResolvedLink(url=target)
        plain = unquote(path)
        found = self._resource(plain, page) or self._page(plain, page) or self._static(plain, page)
        has_base = self._base != "/" and plain.startswith(self._base)
        if found is None and has_base:
            below = plain[len(self._base) - 1 :]  # written with the base path, as Hugo wants it
            found = self._page(below, page) or self._static(below, page)
        if found is not None:
            return replace(found, url=found.url + tail) if tail else found
        is_content = plain.lower().endswith(_CONTENT_SUFFIXES)
        # a feed or an alias with the base path, unless the site has a section of that name
        stays = has_base and self._base.rstrip("/").lower() not in self._index.pages
        url = path if stays else with_base(self._config, path)
        return ResolvedLink(url=url + tail, is_as_written=True, is_broken=is_content)

    def _resource(self, path: str, page: IndexedPage) -> ResolvedLink | None:
        """A file of the page's own bundle."""
        if not page.resources or path.startswith("/"):
            return None
        name = PurePosixPath(posixpath.normpath(path))
        for resource in page.resources:
            if resource.name == name and not resource.is_content:
                return ResolvedLink(url=resource_url(resource, page, self._config), file=resource.file)
        return None

    def _page(self, path: str, page: IndexedPage) -> ResolvedLink | None:
        """The page that a path names; the same for all pages whose files lie in one folder."""
        bundle = page.source.bundle if page.source is not None else None
        seen_from = page.key if bundle is not None else posixpath.dirname(page.key)
        place = ("", None, path) if path.startswith("/") else (seen_from, bundle, path)
        if place in self._of_folder:
            return self._of_folder[place]
        if len(self._of_folder) >= _MOST_KEPT:
            self._of_folder.clear()
        found = self._of_folder[place] = self._found_page(path, page)
        return found

    def _found_page(self, path: str, page: IndexedPage) -> ResolvedLink | None:
        key = resolve_page(self._index, path, page.key)
        named = self._index.pages[key] if key is not None else None
        if named is None or not named.url:
            return None
        if not path.lower().endswith(_CONTENT_SUFFIXES):
            if not _names_page(path, named):
                return None
            if _is_url_of(path, named) and not self._config.relative_urls:
                return ResolvedLink(url=with_base(self._config, path), is_as_written=True)
        return ResolvedLink(url=with_base(self._config, named.url))

    def _static(self, path: str, page: IndexedPage) -> ResolvedLink | None:
        """A file of `static/` or a lone file in `content/`, seen from the site, the page or its source."""
        if not self.files:
            return None
        if path.startswith("/"):
            candidates = [PurePosixPath(path[1:])]
        else:
            candidates = [_normal(page_folder(page) / path)]
            if page.source is not None:
                candidates.append(_normal(page.source.content_path.parent / path))
        for candidate in candidates:
            file = self.file_at(candidate)
            if file is not None:
                return ResolvedLink(url=url_of_output(self._config, candidate), file=file)
        return None

    def file_at(self, path: PurePosixPath) -> Path | None:
        """The file that is published as it is at a path below the output folder."""
        found = self.files.get(str(path))
        return None if found is None else Path(found)

    @property
    def files(self) -> Mapping[str, str]:
        """Output path to file of everything that is published as it is."""
        if self._files is None:
            self._files = published_files(self._index)
        return self._files


def _names_page(path: str, page: IndexedPage) -> bool:
    """Whether a link without a content suffix plainly means the page.

    A site path is a URL first: `/posts/ppo` and `/posts/ppo/` name a page, but `/files/a.pdf` whose stem
    a page happens to share does not. A bare word (`ppo`) is looked up as `ref` does.
    """
    return "." not in path.rsplit("/", 1)[-1].strip(".") or path.strip("/") == unquote(page.url).strip("/")


def _is_url_of(path: str, page: IndexedPage) -> bool:
    """Whether a link is the page's URL, but for slashes at its end: it stays as written, as Hugo leaves it."""
    return path.startswith("/") and path.rstrip("/") == unquote(page.url).rstrip("/")


def _normal(path: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(posixpath.normpath(path.as_posix()))


class _Same:
    """A cache key that is the objects themselves: hashing a whole SiteIndex would cost more than it saves."""

    __slots__ = ("config", "index")

    def __init__(self, index: SiteIndex, config: Config) -> None:
        self.index = index
        self.config = config

    def __hash__(self) -> int:
        return id(self.index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.index is self.index and other.config is self.config


@lru_cache(maxsize=2)  # a build holds what the site was against what it is
def _resolver(same: _Same) -> _Resolver:
    return _Resolver(same.index, same.config)
