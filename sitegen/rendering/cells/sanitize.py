"""Outputs of pages that the site does not trust (`trust = false`): what HTML and SVG may hold, with nh3.

An allow-list. What a reader is told by the page around the output must not be told by the output: ids get a prefix,
the theme's own classes go, and nothing can be placed outside its box.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

ID_PREFIX: Final = "output-"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SVG_TAGS: Final = _words(
    """
    svg g defs path rect circle ellipse line polyline polygon text tspan textPath title desc use symbol marker
    image clipPath mask linearGradient radialGradient stop pattern switch
    """
)
_MATHML_TAGS: Final = _words(
    """
    math mrow mi mo mn ms mtext mspace mstyle mpadded mphantom merror menclose msup msub msubsup mfrac msqrt
    mroot munder mover munderover mmultiscripts mprescripts mtable mtr mtd
    """
)
_MORE_TAGS: Final = frozenset(
    ["tfoot", "mark", "progress", "meter", "section", "video", "audio", "source", "input"]
)
_COMMON: Final = frozenset(
    ["class", "id", "style", "title", "role", "aria-label", "aria-hidden", "tabindex", "dir", "lang"]
)
_SVG_ATTRIBUTES: Final = _words(
    """
    width height viewBox xmlns version d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy points transform rotate
    pathLength fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit opacity color display visibility
    vector-effect shape-rendering image-rendering font-size font-family font-weight font-style letter-spacing
    text-anchor dominant-baseline alignment-baseline clip-path clip-rule mask offset stop-color stop-opacity
    spreadMethod gradientUnits gradientTransform patternUnits patternContentUnits patternTransform
    clipPathUnits maskUnits preserveAspectRatio marker-start marker-mid marker-end markerWidth markerHeight
    markerUnits refX refY orient href
    """
)
_MATHML_ATTRIBUTES: Final = _words(
    """
    display displaystyle scriptlevel mathvariant mathcolor mathbackground stretchy fence separator lspace
    rspace minsize maxsize symmetric largeop movablelimits accent accentunder linethickness width height depth
    voffset columnalign rowalign columnspacing rowspacing columnlines rowlines frame notation columnspan
    rowspan
    """
)
_TABLE_ATTRIBUTES: Final = frozenset(
    ["border", "colspan", "rowspan", "scope", "align", "valign", "headers", "span", "char", "charoff"]
)
_STYLES: Final = _words(
    """
    color background-color opacity text-align text-anchor text-decoration text-transform text-indent
    vertical-align font-family font-size font-style font-weight font-variant line-height letter-spacing
    word-spacing white-space overflow-wrap word-break width min-width max-width height min-height max-height
    padding padding-left padding-right padding-top padding-bottom border border-color border-style
    border-width border-left border-right border-top border-bottom border-radius border-collapse
    border-spacing caption-side table-layout list-style-type justify-items align-items direction fill
    fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stop-color stop-opacity clip-path clip-rule mask
    image-rendering shape-rendering marker marker-start marker-mid marker-end dominant-baseline transform
    """
)
"""No position, no margin, no z-index and no animation: an output stays in its box. No property that loads a file."""

_OUR_CLASSES: Final = re.compile(
    r"(?:metric|provenance|badge|state|build-error|cell|output|plot|widget|jp|embed|caption|skip-link|site|mode|copy)(?:-.*|$)"
)
"""What the theme's style sheet and scripts give a meaning: `metric`, `provenance`, `cell-note`, `plot`, ..."""
_LOCAL_URL: Final = re.compile(r"""url\(\s*["']?#([\w.:-]+)["']?\s*\)""")
_ANY_URL: Final = re.compile(r"url\s*\(|image(?:-set)?\s*\(|@import|expression|\\", re.IGNORECASE)
_ID: Final = re.compile(r"""\bid\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp)[;,]", re.IGNORECASE)
_ROOT: Final = re.compile(r"<svg\b")
_XLINK: Final = ' xmlns:xlink="http://www.w3.org/1999/xlink"'


def sanitized(html: str, *, own_ids: frozenset[str] = frozenset()) -> str:
    """The HTML without scripts, handlers, frames, forms and foreign schemes; classes, styles, tables, math and SVG stay.

    Args:
        html: of an output.
        own_ids: those that the page itself gave (headings of `output: asis`); the others get a prefix.
    """
    import nh3

    attributes = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    attributes["*"] = set(_COMMON)
    for tag in _SVG_TAGS:
        attributes[tag] = attributes.get(tag, set()) | _SVG_ATTRIBUTES
    for tag in _MATHML_TAGS:
        attributes[tag] = attributes.get(tag, set()) | _MATHML_ATTRIBUTES
    for tag in ("table", "thead", "tbody", "tfoot", "th", "td", "tr", "col", "colgroup"):
        attributes[tag] = attributes.get(tag, set()) | _TABLE_ATTRIBUTES
    for tag in ("video", "audio", "source"):
        attributes[tag] = {"src", "type", "controls", "poster", "width", "height"}
    attributes["img"] = attributes.get("img", set()) | {"loading", "decoding"}
    attributes["details"] = {"open"}
    attributes["input"] = {"checked", "type"}
    attributes["progress"] = attributes["meter"] = {"value", "max", "min"}
    clean = nh3.clean(
        html,
        tags=set(nh3.ALLOWED_TAGS) | _SVG_TAGS | _MATHML_TAGS | _MORE_TAGS,
        attributes=attributes,
        # of a task list, no form; one value alone, since nh3 sets several in an order of chance
        set_tag_attribute_values={"input": {"disabled": ""}},
        url_schemes={"http", "https", "mailto", "data"},
        clean_content_tags={
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "template",
            "noscript",
            "metadata",
        },
        attribute_filter=_attribute_filter(html, own_ids),
        filter_style_properties=set(_STYLES),
        link_rel=None,
    )
    return clean.replace("&nbsp;", "\N{NO-BREAK SPACE}")


def sanitized_svg(text: str) -> str | None:
    """A picture that is a file of its own, where a script in it could run; None where nothing of it is left.

    matplotlib's style sheet, one rule for how lines meet, becomes a style of the root.
    """
    start = _ROOT.search(text)
    if start is None:
        return None
    clean = sanitized(text[start.start() :])
    joins = ' style="stroke-linejoin:round;stroke-linecap:butt"' if "*{stroke-linejoin: round" in text else ""
    namespace = "" if 'xmlns="' in clean[: clean.find(">")] else ' xmlns="http://www.w3.org/2000/svg"'
    picture = _ROOT.sub(f"<svg{namespace}{_XLINK}{joins}", clean, count=1)
    from xml.etree import ElementTree  # here: only pages that are not trusted have such pictures

    try:
        ElementTree.fromstring(picture)  # noqa: S314  (what nh3 wrote: no entity, no document type)
    except ElementTree.ParseError:
        return None
    return picture


def _attribute_filter(html: str, own_ids: frozenset[str]) -> Callable[[str, str, str], str | None]:
    """What becomes of each attribute that is allowed: nh3 calls it with the tag, the local name and the value."""
    ids = {next(filter(None, found), "") for found in _ID.findall(html)} - own_ids

    def prefixed(name: str) -> str:
        return f"{ID_PREFIX}{name}" if name in ids and not name.startswith(ID_PREFIX) else name

    def local_urls(value: str) -> str | None:
        changed = _LOCAL_URL.sub(lambda match: f"url(#{prefixed(match[1])})", value)
        return None if _ANY_URL.search(_LOCAL_URL.sub("", value)) else changed

    def kept(tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return prefixed(value)
        if name == "class":
            return " ".join(each for each in value.split() if not _OUR_CLASSES.match(each)) or None
        if name == "type" and tag == "input":
            return "checkbox"
        if name == "headers":
            return " ".join(map(prefixed, value.split()))
        if name in ("href", "src", "poster"):
            return _address(tag, name, value.strip(), prefixed)
        return local_urls(value) if "(" in value or "\\" in value or "@" in value else value

    return kept


def _address(tag: str, name: str, value: str, prefixed: Callable[[str], str]) -> str | None:
    """An address that is allowed there: data for pictures alone, parts of a drawing from the drawing itself."""
    if value.startswith("#"):
        return f"#{prefixed(value[1:])}"
    is_link = tag in ("a", "area") and name == "href"
    if value.lower().startswith("data:"):
        return value if not is_link and _PICTURE.match(value) else None
    return value if is_link or tag in ("img", "video", "audio", "source") else None
