"""HTML outputs of pages that the site does not trust (`trust = false`): an allow-list, no scripts."""

from __future__ import annotations

from typing import Final

_SVG_TAGS: Final = frozenset(
    [
        "svg",
        "g",
        "defs",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "title",
        "desc",
        "use",
        "symbol",
        "marker",
        "clipPath",
        "mask",
        "linearGradient",
        "radialGradient",
        "stop",
        "pattern",
    ]
)
_MORE_TAGS: Final = frozenset(
    [
        "details",
        "summary",
        "figure",
        "figcaption",
        "mark",
        "progress",
        "meter",
        "section",
        "video",
        "audio",
        "source",
    ]
)
_COMMON: Final = frozenset(
    {"class", "id", "style", "title", "role", "aria-label", "aria-hidden", "tabindex", "dir", "lang"}
)
_SVG_ATTRIBUTES: Final = frozenset(
    [
        "width",
        "height",
        "viewBox",
        "xmlns",
        "d",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "dx",
        "dy",
        "points",
        "transform",
        "fill",
        "fill-opacity",
        "fill-rule",
        "stroke",
        "stroke-width",
        "stroke-opacity",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "opacity",
        "font-size",
        "font-family",
        "font-weight",
        "text-anchor",
        "dominant-baseline",
        "clip-path",
        "clip-rule",
        "offset",
        "stop-color",
        "stop-opacity",
        "gradientUnits",
        "gradientTransform",
        "patternUnits",
        "preserveAspectRatio",
        "marker-end",
        "marker-start",
        "href",
        "xlink:href",
    ]
)
_TABLE_ATTRIBUTES: Final = frozenset(["border", "colspan", "rowspan", "scope", "align", "headers"])


def sanitized(html: str) -> str:
    """The HTML without scripts, handlers, frames and foreign URLs schemes; classes, styles, tables and SVG stay."""
    import nh3

    attributes = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    attributes["*"] = set(_COMMON)
    for tag in _SVG_TAGS:
        attributes[tag] = attributes.get(tag, set()) | _SVG_ATTRIBUTES
    for tag in ("table", "th", "td", "tr", "col", "colgroup"):
        attributes[tag] = attributes.get(tag, set()) | _TABLE_ATTRIBUTES
    for tag in ("video", "audio", "source"):
        attributes[tag] = {"src", "type", "controls", "poster", "width", "height"}
    attributes.setdefault("img", set()).update({"src", "alt", "width", "height", "loading"})
    attributes["details"] = {"open"}
    return nh3.clean(
        html,
        tags=set(nh3.ALLOWED_TAGS) | _SVG_TAGS | _MORE_TAGS,
        attributes=attributes,
        url_schemes={"http", "https", "mailto", "data"},
        clean_content_tags={"script", "style", "iframe", "object"},
        attribute_filter=_without_data_links,
        link_rel=None,
    )


def _without_data_links(tag: str, attribute: str, value: str) -> str | None:
    """`data:` is for pictures alone: as a link it is a page of its own."""
    if value.strip().lower().startswith("data:") and not (
        tag in ("img", "source", "video") and attribute in ("src", "poster")
    ):
        return None
    return value
