"""Addresses in files that are lists: feeds in their three forms, the sitemap, style sheets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

from sitegen.checking.elements import Reference, css_references

_XML_TAG: Final = re.compile(
    r"<(loc|link|guid|url|icon|logo|id)\b([^>]*)>([^<]*)(?=<)|<(?:[\w.-]+:)?(link|enclosure|content|thumbnail)\b([^>]*)/?>"
)
_ADDRESS: Final = re.compile(r"""\b(?:href|url)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_IS_LIST: Final = re.compile(r"<(rss|feed|urlset|sitemapindex)\b")
_JSON_KEYS: Final = frozenset(
    {"home_page_url", "feed_url", "url", "image", "banner_image", "icon", "favicon"}
)


def listed_references(name: str, text: str) -> list[Reference]:
    """The addresses of a file that is no page; none for a file that is no such list.

    Args:
        name: of the file.
        text: its content.
    """
    if name.endswith(".css"):
        return css_references(text)
    if name.endswith(".xml"):
        return list(_in_xml(text))
    if name.endswith(".json") and '"https://jsonfeed.org/' in text[:400]:
        try:
            found = _in_json(json.loads(text))
        except (ValueError, RecursionError):
            return []
        return [Reference(url=url, noun="feed's link", offset=0) for url in found]
    return []


def _in_xml(text: str) -> Iterator[Reference]:
    kind = _IS_LIST.search(text, 0, 4000)
    if kind is None:
        return
    noun = "feed's link" if kind[1] in ("rss", "feed") else "sitemap's entry"
    for match in _XML_TAG.finditer(text):
        text_of = unescape((match[3] or "").strip())
        if "://" in text_of and match[1] != "id" and 'isPermaLink="false"' not in match[2]:
            yield Reference(url=text_of, noun=noun, offset=match.start())
        for address in _ADDRESS.finditer(match[2] or match[5] or ""):
            yield Reference(url=unescape(address[1] or address[2] or ""), noun=noun, offset=match.start())


def _in_json(value: Any) -> list[str]:
    return list(_addresses(value))


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _JSON_KEYS and isinstance(inner, str):
                yield inner
            else:
                yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)
