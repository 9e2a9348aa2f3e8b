"""The files of a page's bundle: their URLs, and the names and titles that front matter gives them."""

from __future__ import annotations

import mimetypes
from fnmatch import fnmatchcase
from urllib.parse import quote

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.content.sources import Resource
from sitegen.frozen import FrozenDict
from sitegen.rendering.parts import ResourceView
from sitegen.rendering.urls import absolute, page_folder, url_of_output


def resource_views(page: IndexedPage, config: Config) -> tuple[ResourceView, ...]:
    """The page's resources, with the front matter's `resources` applied in order (`src` is a glob)."""
    counters: dict[int, int] = {}
    return tuple(
        _resource_view(resource, page, config, counters)
        for resource in page.resources
        if not resource.is_content
    )


def resource_url(resource: Resource, page: IndexedPage, config: Config) -> str:
    """Where a resource is published, with the base path."""
    return url_of_output(config, page_folder(page) / resource.name)


def _resource_view(
    resource: Resource, page: IndexedPage, config: Config, counters: dict[int, int]
) -> ResourceView:
    name = title = str(resource.name)
    params: FrozenDict[str, object] = FrozenDict()
    for number, rule in enumerate(page.meta.resources):
        if not fnmatchcase(str(resource.name).lower(), str(rule.get("src", "")).lower()):
            continue
        counters[number] = counters.get(number, 0) + 1
        count = str(counters[number])
        name = str(rule.get("name", name)).replace(":counter", count)
        title = str(rule.get("title", title)).replace(":counter", count)
        given = rule.get("params")
        if isinstance(given, FrozenDict):
            params = FrozenDict({**given, **params})
    url = resource_url(resource, page, config)
    return ResourceView(
        name=name,
        title=title,
        url=url,
        permalink=absolute(config, url),
        media_type=mimetypes.guess_type(quote(str(resource.name)))[0] or "application/octet-stream",
        size_bytes=resource.size_bytes,
        params=params,
    )
