"""What a link as written means: a page, a resource of the page's bundle, a static file, or itself."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.folders import MARKDOWN_SUFFIXES, NOTEBOOK_SUFFIX
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.content.resolve import resolve_page
from sitegen.rendering.resources import published_resources, resource_url
from sitegen.rendering.urls import page_folder, url_of_output, with_base

_TARGET = re.compile(r"(?P<path>[^?#]*)(?P<tail>.*)", re.DOTALL)
_CONTENT_SUFFIXES = (*MARKDOWN_SUFFIXES, NOTEBOOK_SUFFIX)


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
    match = _TARGET.fullmatch(target)
    path, tail = (match["path"], match["tail"]) if match else (target, "")
    if leaves_site(target) or not path:
        return ResolvedLink(url=target)
    plain = unquote(path)
    found = _resource(plain, page, config) or _page(plain, page, index, config)
    found = found or _static(plain, page, index, config)
    has_base = config.base_path != "/" and plain.startswith(config.base_path)
    if found is None and has_base:
        below = plain[len(config.base_path) - 1 :]  # written with the base path, as Hugo wants it
        found = _page(below, page, index, config) or _static(below, page, index, config)
    if found is not None:
        return replace(found, url=found.url + tail)
    is_content = plain.lower().endswith(_CONTENT_SUFFIXES)
    # a feed or an alias with the base path, unless the site has a section of that name
    stays = has_base and config.base_path.rstrip("/").lower() not in index.pages
    url = path if stays else with_base(config, path)
    return ResolvedLink(url=url + tail, is_as_written=True, is_broken=is_content)


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
    return _published_files(_Same(index)).get(output)


def _resource(path: str, page: IndexedPage, config: Config) -> ResolvedLink | None:
    """A file of the page's own bundle."""
    name = PurePosixPath(posixpath.normpath(path))
    for resource in page.resources:
        if resource.name == name and not resource.is_content:
            return ResolvedLink(url=resource_url(resource, page, config), file=resource.file)
    return None


def _page(path: str, page: IndexedPage, index: SiteIndex, config: Config) -> ResolvedLink | None:
    key = resolve_page(index, path, page.key)
    if key is None or not index.pages[key].url:
        return None
    if not path.lower().endswith(_CONTENT_SUFFIXES):
        if not _names_page(path, index.pages[key]):
            return None
        if _is_url_of(path, index.pages[key]) and not config.relative_urls:
            return ResolvedLink(url=with_base(config, path), is_as_written=True)
    return ResolvedLink(url=with_base(config, index.pages[key].url))


def _names_page(path: str, page: IndexedPage) -> bool:
    """Whether a link without a content suffix plainly means the page.

    A site path is a URL first: `/posts/ppo` and `/posts/ppo/` name a page, but `/files/a.pdf` whose stem
    a page happens to share does not. A bare word (`ppo`) is looked up as `ref` does.
    """
    return "." not in path.rsplit("/", 1)[-1].strip(".") or path.strip("/") == unquote(page.url).strip("/")


def _is_url_of(path: str, page: IndexedPage) -> bool:
    """Whether a link is the page's URL, but for slashes at its end: it stays as written, as Hugo leaves it."""
    return path.startswith("/") and path.rstrip("/") == unquote(page.url).rstrip("/")


def _static(path: str, page: IndexedPage, index: SiteIndex, config: Config) -> ResolvedLink | None:
    """A file of `static/` or a lone file in `content/`, seen from the site, the page or its source."""
    files = _published_files(_Same(index))
    if path.startswith("/"):
        candidates = [PurePosixPath(path[1:])]
    else:
        candidates = [_normal(page_folder(page) / path)]
        if page.source is not None:
            candidates.append(_normal(page.source.content_path.parent / path))
    for candidate in candidates:
        if candidate in files:
            return ResolvedLink(url=url_of_output(config, candidate), file=files[candidate])
    return None


def _normal(path: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(posixpath.normpath(path.as_posix()))


class _Same:
    """A cache key that is the object itself: hashing a whole SiteIndex would cost more than it saves."""

    __slots__ = ("index",)

    def __init__(self, index: SiteIndex) -> None:
        self.index = index

    def __hash__(self) -> int:
        return id(self.index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.index is self.index


@lru_cache(maxsize=1)
def _published_files(same: _Same) -> dict[PurePosixPath, Path]:
    """Output path to file of everything that is published as it is."""
    found = {static.output_path: static.file for static in same.index.static_files}
    for page in same.index.pages.values():
        for resource in published_resources(page):
            found[page_folder(page) / resource.name] = resource.file
    return found
