"""Local images with their width and height, so that the text does not jump when they come."""

from __future__ import annotations

from sitegen.config import Config
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.rendering.images import file_size_px
from sitegen.rendering.links import file_of_url
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.urls import attributes, map_tags


def with_image_sizes(
    html: str, place: IndexedPage, index: SiteIndex, config: Config, recorder: Recorder = NO_RECORDER
) -> str:
    """The HTML of a page; an image that has a size already, or that is not one of the site's files, stays as it is."""

    def with_size(tag: str) -> str:
        given = attributes(tag)
        if "width" in given or "height" in given or not given.get("src"):
            return tag
        file = file_of_url(given["src"], place, index, config)
        if not leaves_site(given["src"]):
            recorder.read("link", place.key, given["src"])
        if file is not None:
            recorder.read("file", str(config.relative_to_root(file)))
        size = file_size_px(file) if file is not None else None
        if size is None:
            return tag
        end = "/>" if tag.endswith("/>") else ">"
        return f'{tag[: -len(end)].rstrip()} width="{size[0]}" height="{size[1]}"{end}'

    return map_tags(html, "img", with_size)
