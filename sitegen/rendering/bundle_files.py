"""Files of a page's bundle as they are published: photographs without what they tell of their maker, drawings without scripts.

A file that the page links to is the author's, and is published as it is.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.document import Digest
from sitegen.content.index import IndexedPage
from sitegen.content.sources import Resource
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes
from sitegen.rendering.photo_metadata import file_metadata, without_metadata
from sitegen.rendering.resources import resource_url
from sitegen.rendering.urls import attributes, page_folder
from sitegen.rendering.values import RenderedFile

_PHOTOGRAPHS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_LINK: Final = re.compile(r"<a\s[^<>]*>")


def bundle_file(resource: Resource, page: IndexedPage, content: str, config: Config) -> RenderedFile:
    """One file of a bundle.

    Args:
        resource: the file.
        page: whose it is.
        content: of the page: what it links to.
        config: of the site.
    """
    path = page_folder(page) / resource.name
    made, told = _changed(resource, page, content, config)
    if made is None:
        return RenderedFile(path=path, digest=resource.digest, file=resource.file, owner=page.key)
    return RenderedFile(
        path=path, digest=Digest(digest_bytes(made)), content=made, owner=page.key, diagnostics=told
    )


def is_linked(resource: Resource, page: IndexedPage, content: str, config: Config) -> bool:
    """Whether a page links to a file of its bundle, so that a reader may keep it."""
    name = resource.name.name
    if name not in content and name not in unquote(content):
        return False
    url = unquote(resource_url(resource, page, config))
    folder = posixpath.dirname(
        unquote(resource_url(resource, page, config))[: -len(str(resource.name))] + "x"
    )
    return any(posixpath.normpath(posixpath.join(folder, target)) == url for target in _targets(content))


def _targets(content: str) -> Iterator[str]:
    for match in _LINK.finditer(content):
        href = attributes(match[0]).get("href", "").partition("#")[0].partition("?")[0]
        if href:
            yield unquote(href)


def _changed(
    resource: Resource, page: IndexedPage, content: str, config: Config
) -> tuple[bytes | None, tuple[Diagnostic, ...]]:
    suffix = PurePosixPath(resource.name).suffix.lower()
    if suffix in _PHOTOGRAPHS and config.images.metadata == "strip":
        found = file_metadata(resource.file)
        if found.is_personal and not is_linked(resource, page, content, config):
            return without_metadata(resource.file.read_bytes(), found.orientation), ()
    if suffix == ".svg" and config.images.sanitize_svg:
        return _safe(resource, page, content, config)
    return None, ()


def _safe(
    resource: Resource, page: IndexedPage, content: str, config: Config
) -> tuple[bytes | None, tuple[Diagnostic, ...]]:
    from sitegen.rendering.svg_safety import EMPTY, UnsafeError, safe_svg

    svg = resource.file.read_bytes()
    try:
        safe = safe_svg(svg)
        reason = "it is published without its scripts and what it loads from elsewhere"
    except UnsafeError as error:
        safe, reason = EMPTY, f"an empty one is published: {error}"
    if safe is svg or is_linked(resource, page, content, config):
        return None, ()
    told = Diagnostic(
        code="SG411",
        severity="warning",
        message=f"the drawing `{resource.name}` is not safe: {reason}",
        location=SourceLocation(path=page.source.path) if page.source is not None else None,
        hint="save it without them; link to it where a reader is to have it as it is",
    )
    return safe, (told,)
