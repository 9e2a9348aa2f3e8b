"""Static files beside pages: where both have one path, the page is published, as with Hugo."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.content.document import Digest
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_file
from sitegen.rendering.machines.feed_links import feed_formats, is_html
from sitegen.rendering.urls import page_folder
from sitegen.rendering.values import RenderedFile

GIVES_WAY: Final = frozenset({"404", "robotstxt", "llmstxt", "hostheaders", "opensearch"})
"""Kinds that Hugo has only when asked: a file of the author's is then published instead of ours."""


def static_files(
    index: SiteIndex, stand_ins: Container[PurePosixPath], written: Container[Path]
) -> Iterator[RenderedFile]:
    """The static files, without those that a page stands in for.

    Args:
        index: the site's.
        stand_ins: as `find_stand_ins` gives them.
        written: files that runs wrote: these are never published from where they lie.
    """
    for static in index.static_files:
        if static.file not in written and static.output_path not in stand_ins:
            yield RenderedFile(
                path=static.output_path, digest=Digest(digest_file(static.file)), file=static.file
            )


def find_stand_ins(index: SiteIndex, config: Config) -> dict[PurePosixPath, Path]:
    """Path to file of the static files that are left out, since a page is published there. Asks for every page."""
    files = {static.output_path: static.file for static in index.static_files}
    if not files:
        return {}
    made = (path for page in index.pages.values() for path in paths_of(page, config))
    return {path: files[path] for path in made if path in files}


def paths_of(page: IndexedPage, config: Config) -> tuple[PurePosixPath, ...]:
    """Where a page's HTML and its feeds are published; the sitemap's own path."""
    if page.output_path is None or page.kind in GIVES_WAY:
        return ()
    folder = page_folder(page)
    feeds = tuple(folder / feed.file for feed in feed_formats(page, config))
    return (page.output_path, *feeds) if is_html(page, config) else feeds


def stands_in(page: IndexedPage, path: PurePosixPath, file: Path, config: Config) -> Diagnostic:
    """SG406: `file` is not published, since the page is, at the same path."""
    return Diagnostic(
        code="SG406",
        severity="warning",
        message=f"the static file is not published: `{path}` is made by the page `{page.key}`",
        location=SourceLocation(path=config.relative_to_root(file)),
        related=(SourceLocation(path=page.source.path),) if page.source else (),
        hint="remove the file, or give the page another `url`",
    )
