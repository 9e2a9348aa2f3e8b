"""The files of a page's bundle as templates see them: where they are published, and what they are called."""

from __future__ import annotations

import mimetypes
from collections.abc import Container
from pathlib import Path
from urllib.parse import quote

from sitegen.config import Config
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.sources import Resource
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.rendering.urls import absolute, page_folder, url_of_output
from sitegen.rendering.views.parts import ResourceView
from sitegen.results.ledger import Ledger


def resource_views(
    page: IndexedPage, config: Config, written: Container[Path] = ()
) -> tuple[ResourceView, ...]:
    """The page's published resources, with what `content/resources.py` has found that the page says of them."""
    return tuple(
        _resource_view(resource, page, config)
        for resource in page.resources
        if not resource.is_content and resource.file not in written
    )


def published_resources(page: IndexedPage) -> tuple[Resource, ...]:
    """The files of the page's bundle that are published beside it, rendered or not (`build.publishResources`)."""
    if (page.output_path or page.target_path) is None or not page.meta.build.publish_resources:
        return ()
    return tuple(resource for resource in page.resources if not resource.is_content)


def written_files(index: SiteIndex, ledger: Ledger | None, config: Config) -> frozenset[Path]:
    """The files of the site that runs of its pages wrote: never published as resources, whatever folder they lie in."""
    if ledger is None or not ledger.written:
        return frozenset()
    found: set[Path] = set()
    for key, paths in ledger.written.items():
        page = index.pages.get(key)
        if page is None or page.source is None:
            continue
        folder = (config.root / page.source.path).parent
        found |= {
            (folder if path.base == "page" else config.root) / path.path
            for path in paths
            if path.base in ("page", "site")
        }
    return frozenset(found)


def unpublished(
    page: IndexedPage, written: Container[Path], kept: Container[str] = ()
) -> tuple[Diagnostic, ...]:
    """SG323 for each file in the page's folder that is not published because a run wrote it.

    Args:
        page: whose folder it is.
        written: as `written_files` gives them.
        kept: names of the page's artifacts: the author has published those already.
    """
    if page.source is None or not page.resources:
        return ()
    return tuple(
        Diagnostic(
            code="SG323",
            severity="info",
            message=f"`{resource.name}` was written by a run: it is not published",
            location=SourceLocation(path=page.source.path),
            hint="publish it with `lab.artifact`",
        )
        for resource in page.resources
        if resource.file in written and not resource.is_content and resource.file.name not in kept
    )


def resource_url(resource: Resource, page: IndexedPage, config: Config) -> str:
    """Where a resource is published, with the base path."""
    return url_of_output(config, page_folder(page) / resource.name)


def _resource_view(resource: Resource, page: IndexedPage, config: Config) -> ResourceView:
    name = str(resource.name)
    url = resource_url(resource, page, config)
    return ResourceView(
        name=resource.label or name,
        title=resource.title or name,
        url=url,
        permalink=absolute(config, url),
        media_type=mimetypes.guess_type(quote(name))[0] or "application/octet-stream",
        size_bytes=resource.size_bytes,
        params=resource.params,
    )
