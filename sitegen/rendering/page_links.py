"""Addresses that a page's front matter names: of what a link post is about, and of the text's first place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from sitegen.config import Config
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.rendering.links import resolve_link
from sitegen.rendering.urls import absolute, joined, with_base

EXTERNAL_KEYS: Final = ("link", "externalurl", "external_url")
CANONICAL_KEYS: Final = ("canonical", "canonicalurl", "canonical_url")
_OTHER_IMAGE_KEYS: Final = ("cover", "images", "featured_image", "featuredimage", "thumbnail")
_IMAGE_KEYS: Final = frozenset({"image", *_OTHER_IMAGE_KEYS})
"""What Hugo's Open Graph (`images`) and widely used themes of Hugo's call the picture of a page."""
_IS_PICTURE: Final = re.compile(r"\.(?:png|jpe?g|webp|avif|gif|svg)$", re.IGNORECASE)


def external_url(place: IndexedPage) -> str:
    """Where the title of a link post leads in lists and feeds; empty for any other page.

    Only a whole web address: `link` means many things in front matter.
    """
    for key in EXTERNAL_KEYS:
        value = place.meta.params.get(key)
        if isinstance(value, str) and _is_web(value.strip()):
            return value.strip()
    return ""


def image_written(params: Mapping[str, object]) -> str:
    """The picture that front matter names as the page's, as it is written there; empty where there is none.

    `image`, else what themes of Hugo's read, where it is a file of a picture: `cover` (also PaperMod's table with
    `image`), the first of `images`, `featured_image`, `thumbnail`. A table in `image`, as wowchemy's with a caption, is none.
    """
    if _IMAGE_KEYS.isdisjoint(params):  # most pages, which lists and heads ask some times
        return ""
    written = params.get("image")
    if isinstance(written, str) and written.strip():
        return written.strip()
    for key in _OTHER_IMAGE_KEYS:
        value = params.get(key)
        if isinstance(value, Mapping):
            value = value.get("image")
        elif isinstance(value, tuple | list) and value:
            value = value[0]
        if isinstance(value, str) and _IS_PICTURE.search(value.strip()):
            return value.strip()
    return ""


def image_url(place: IndexedPage, index: SiteIndex, config: Config) -> str:
    """The picture that stands for the page, with the base path; empty where there is none.

    Found as a picture of its text is: in the bundle, beside the source file, in `static/`.
    """
    written = image_written(place.meta.params)
    if not written:
        return ""
    here = with_base(config, place.url or "/")
    return joined(here, resolve_link(written, place, index, config).url)


def canonical_url(place: IndexedPage, config: Config) -> str:
    """The address that search engines are to show for the page: its own, unless the front matter names another."""
    for key in CANONICAL_KEYS:
        value = place.meta.params.get(key)
        if isinstance(value, str) and value.strip():
            written = value.strip()
            if _is_web(written) or (written.startswith("/") and not written.startswith("//")):
                return absolute(config, with_base(config, written))
    return absolute(config, with_base(config, place.url))


def is_canonical_elsewhere(place: IndexedPage, config: Config) -> bool:
    """Whether the text has its canonical address on another site: it is no page for the sitemap then."""
    if not any(key in place.meta.params for key in CANONICAL_KEYS):
        return False
    host = urlsplit(canonical_url(place, config)).hostname
    return host is not None and host != urlsplit(config.base_url).hostname


def _is_web(value: str) -> bool:
    if not value.lower().startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(value).hostname)
    except ValueError:  # `https://[`
        return False
