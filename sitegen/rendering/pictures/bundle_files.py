"""Files of a page as they are published: photographs and films without what they tell of their maker, drawings without scripts.

A drawing that the page links to is the author's, and is published as it is; so is a photograph with `download` on the link.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.document import Digest
from sitegen.content.index import IndexedPage
from sitegen.content.sources import Resource
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes
from sitegen.rendering.named_places import place_of
from sitegen.rendering.pictures.box_metadata import UncutError
from sitegen.rendering.pictures.photo_metadata import Metadata, file_metadata, metadata, without_metadata
from sitegen.rendering.recorder import Recorder
from sitegen.rendering.resources import resource_url
from sitegen.rendering.urls import attributes, page_folder
from sitegen.rendering.values import RenderedFile

PHOTOGRAPHS: Final = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".apng", ".webp", ".gif", ".avif", ".heic", ".heif", ".hif"}
    | {".tif", ".tiff", ".dng", ".mp4", ".m4v", ".mov", ".3gp"}
)
"""Suffixes of pictures and films that are looked into."""
UNCUT: Final = "SG418"
_LARGEST_BYTES: Final = 256 * 1024 * 1024
"""Of a file that is read whole, to be cut."""
_LINK: Final = re.compile(r"<a\s[^<>]*>")


def bundle_file(
    resource: Resource, page: IndexedPage, content: str, config: Config, recorder: Recorder
) -> RenderedFile:
    """One file of a bundle.

    Args:
        resource: the file.
        page: whose it is.
        content: of the page: what it links to.
        config: of the site.
        recorder: is told where a message reads the page's file for the line.
    """
    path = page_folder(page) / resource.name
    made, told = _changed(resource, page, content, config)
    if told and page.source is not None:
        recorder.read("file", str(page.source.path))
    if made is None:
        return RenderedFile(
            path=path, digest=resource.digest, file=resource.file, owner=page.key, diagnostics=told
        )
    return RenderedFile(
        path=path, digest=Digest(digest_bytes(made)), content=made, owner=page.key, diagnostics=told
    )


def bare_file(file: Path, config: Config) -> bytes | None:
    """A photograph that a page shows from elsewhere, without what it tells; None where it is published as it is."""
    if file.suffix.lower() not in PHOTOGRAPHS or config.images.metadata != "strip":
        return None
    found = file_metadata(file)
    if not found.is_personal or found.uncut or file.stat().st_size > _LARGEST_BYTES:
        return None
    return without_metadata(file.read_bytes(), found.orientation)


def place_told(path: PurePosixPath, file: Path, config: Config) -> Diagnostic | None:
    """SG719 where a file that is published as it is says where it was taken; None where all is meant to be public.

    Args:
        path: below the output folder.
        file: the author's.
        config: of the site.
    """
    if file.suffix.lower() not in PHOTOGRAPHS or config.images.metadata != "strip":
        return None
    if not file_metadata(file).has_place:
        return None
    return Diagnostic(
        code="SG719",
        severity="warning",
        message=f"the file says where it was taken, and is published as it is: `/{path}`",
        location=SourceLocation(path=config.relative_to_root(file)),
        hint="remove the place (`exiftool -gps:all= FILE`), or put the file beside the page that shows it",
    )


def bare_content(path: PurePosixPath, content: bytes, config: Config) -> bytes:
    """The same of a picture that a cell has given."""
    if path.suffix.lower() not in PHOTOGRAPHS or config.images.metadata != "strip":
        return content
    found = metadata(io.BytesIO(content))
    return without_metadata(content, found.orientation) if found.is_personal and not found.uncut else content


def _is_linked(
    resource: Resource, page: IndexedPage, content: str, config: Config, *, to_download: bool = False
) -> bool:
    """Whether a page links to a file of its bundle, so that a reader may keep it.

    Args:
        resource: the file.
        page: whose it is.
        content: of the page.
        config: of the site.
        to_download: the link must say `download`.
    """
    name = resource.name.name
    if name not in content and name not in unquote(content):
        return False
    url = unquote(resource_url(resource, page, config))
    folder = posixpath.dirname(url[: -len(str(resource.name))] + "x")
    targets = _targets(content, to_download=to_download)
    return any(posixpath.normpath(posixpath.join(folder, target)) == url for target in targets)


def _targets(content: str, *, to_download: bool) -> Iterator[str]:
    for match in _LINK.finditer(content):
        given = attributes(match[0])
        href = given.get("href", "").partition("#")[0].partition("?")[0]
        if href and ("download" in given or not to_download):
            yield unquote(href)


def _changed(
    resource: Resource, page: IndexedPage, content: str, config: Config
) -> tuple[bytes | None, tuple[Diagnostic, ...]]:
    suffix = PurePosixPath(resource.name).suffix.lower()
    if suffix in PHOTOGRAPHS and config.images.metadata == "strip":
        found = file_metadata(resource.file)
        if found.is_personal and not _is_linked(resource, page, content, config, to_download=True):
            return _bare(resource, page, found)
    if suffix == ".svg" and (config.images.sanitize_svg or config.images.metadata == "strip"):
        return _safe(resource, page, content, config)
    return None, ()


def _bare(
    resource: Resource, page: IndexedPage, found: Metadata
) -> tuple[bytes | None, tuple[Diagnostic, ...]]:
    reason = found.uncut
    if not reason and resource.size_bytes > _LARGEST_BYTES:
        reason = "it has more than 256 MB"
    if not reason:
        try:
            return without_metadata(resource.file.read_bytes(), found.orientation), ()
        except UncutError as error:  # the file was replaced meanwhile
            reason = str(error)
    what = (
        "says where it was taken" if found.has_place else "may say where, by whom and with what it was taken"
    )
    told = Diagnostic(
        code=UNCUT,
        severity="warning",
        message=f"the file `{resource.name}` {what}, and is published as it is: {reason}",
        location=place_of(str(resource.name), page),
        hint="save it as JPEG, PNG, WebP or MP4, or take that out (`exiftool -all= FILE`)",
    )
    return None, (told,)


def _safe(
    resource: Resource, page: IndexedPage, content: str, config: Config
) -> tuple[bytes | None, tuple[Diagnostic, ...]]:
    from sitegen.rendering.pictures.svg_metadata import without_editor
    from sitegen.rendering.pictures.svg_safety import EMPTY, UnsafeError, safe_svg

    svg = safe = resource.file.read_bytes()
    reason = "it is published without its scripts and what it loads from elsewhere"
    if config.images.sanitize_svg:
        try:
            safe = safe_svg(svg)
        except UnsafeError as error:
            safe, reason = EMPTY, f"an empty one is published: {error}"
    bare = without_editor(safe) if config.images.metadata == "strip" else safe
    if bare is svg or _is_linked(resource, page, content, config):
        return None, ()
    if safe is svg:
        return bare, ()
    told = Diagnostic(
        code="SG411",
        severity="warning",
        message=f"the drawing `{resource.name}` is not safe: {reason}",
        location=place_of(str(resource.name), page),
        hint="save it without them; link to it where a reader is to have it as it is",
    )
    return bare, (told,)
