"""What the pictures of a page weigh: asked for only where a budget has a limit for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sitegen.content.index import IndexedPage
from sitegen.rendering.links import file_of_url
from sitegen.rendering.loading.loads import attributes, candidates

if TYPE_CHECKING:
    from sitegen.rendering.views.site_view import SiteView

_PICTURE: Final = re.compile(
    r"<(/?picture|source|img)\b((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>", re.IGNORECASE
)


def weight_of_pictures(html: str, place: IndexedPage, site: SiteView) -> tuple[int, int]:
    """Bytes of the pictures that a page shows, and how many they are.

    Each counts once, in the largest form that a browser which knows all of them may choose. One that is only for the other
    colour mode is not loaded.
    """
    chosen = {tuple(each): None for each in shown_pictures(html)}
    sizes = (max((_size(url, place, site) for url in urls), default=0) for urls in chosen)
    return sum(sizes), len(chosen)


def shown_pictures(html: str) -> Iterator[list[str]]:
    """Of each picture the addresses that a browser chooses from."""
    offered: list[str] | None = None
    is_in_picture = False
    for tag in _PICTURE.finditer(html):
        name, given = tag[1].lower(), attributes(tag[2])
        if name == "picture":
            is_in_picture, offered = True, None
        elif name == "/picture":
            is_in_picture = False
        elif name == "source":
            if (
                is_in_picture and offered is None and "srcset" in given
            ):  # the first is the one to be taken first
                offered = list(candidates(given["srcset"]))
        else:
            urls = offered or [*candidates(given.get("srcset", "")), given.get("src", "")]
            offered = None
            is_other_mode = "only-dark" in given.get("class", "").split()
            urls = [url for url in urls if url and not url.startswith("data:")]
            if urls and not is_other_mode:
                yield urls


def _size(url: str, place: IndexedPage, site: SiteView) -> int:
    """Bytes of a picture of the site, 0 of any other; a file is noted as read."""
    pictures = site.used_pictures
    size = pictures.size_of(url) if pictures is not None else None
    if size is not None:
        return size
    file = file_of_url(url, place, site.index, site.settings)
    if file is None:
        return 0
    site.recorder.read("file", str(site.settings.relative_to_root(file)))
    return file.stat().st_size if file.is_file() else 0
