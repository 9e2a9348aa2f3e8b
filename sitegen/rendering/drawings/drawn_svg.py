"""A drawing of a program as an element of a page: read, held to lists of what may stay, and written with ids of the page's own.

What is not in the lists goes: scripts, styles, what loads, elements of other name spaces. A style attribute and a class have no
place in the result, so a drawing neither needs anything of the page's policy nor changes how another part of the page looks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass as mutable
from dataclasses import field
from html import escape
from typing import Final
from xml.parsers import expat

from sitegen.values import dataclass

_SHAPE: Final = ("transform", "pathLength")
_TEXT: Final = ("x", "y", "dx", "dy", "rotate")
_GRADIENT: Final = ("gradientUnits", "gradientTransform", "spreadMethod", "href")
_OWN: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(own)
    for name, own in {
        "svg": ("x", "y", "width", "height", "viewBox", "preserveAspectRatio"),
        "g": ("transform",),
        "a": ("transform", "href"),
        "defs": (),
        "symbol": ("viewBox", "preserveAspectRatio"),
        "use": ("x", "y", "width", "height", "transform", "href"),
        "path": ("d", *_SHAPE),
        "rect": ("x", "y", "width", "height", "rx", "ry", *_SHAPE),
        "circle": ("cx", "cy", "r", *_SHAPE),
        "ellipse": ("cx", "cy", "rx", "ry", *_SHAPE),
        "line": ("x1", "y1", "x2", "y2", *_SHAPE),
        "polyline": ("points", *_SHAPE),
        "polygon": ("points", *_SHAPE),
        "text": (*_TEXT, "transform", "xml:space"),
        "tspan": (*_TEXT, "xml:space"),
        "textPath": ("href", "startOffset"),
        "marker": (
            *("refX", "refY", "markerWidth", "markerHeight", "markerUnits", "orient"),
            *("viewBox", "preserveAspectRatio"),
        ),
        "linearGradient": ("x1", "y1", "x2", "y2", *_GRADIENT),
        "radialGradient": ("cx", "cy", "r", "fx", "fy", *_GRADIENT),
        "stop": ("offset",),
        "clipPath": ("clipPathUnits", "transform"),
        "mask": ("x", "y", "width", "height", "maskUnits"),
        "pattern": ("x", "y", "width", "height", "viewBox", "patternUnits", "preserveAspectRatio"),
    }.items()
}
"""Elements that stay, each with the attributes that are its own."""
_GEOMETRY: Final = frozenset[str]().union(*_OWN.values())
_LOOK: Final = frozenset(
    {"fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap"}
    | {
        "stroke-linejoin",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-miterlimit",
        "opacity",
        "paint-order",
    }
    | {
        "stop-color",
        "stop-opacity",
        "clip-path",
        "clip-rule",
        "mask",
        "marker-start",
        "marker-mid",
        "marker-end",
    }
    | {"font-size", "font-weight", "font-style", "font-family", "text-anchor", "text-decoration"}
    | {"letter-spacing", "dominant-baseline", "alignment-baseline", "baseline-shift"}
)
_DEFINITIONS: Final = frozenset(
    {"marker", "linearGradient", "radialGradient", "clipPath", "mask", "pattern", "symbol"}
)
_MONOSPACE: Final = re.compile(r"mono|courier|consolas|menlo", re.IGNORECASE)
_LOCAL: Final = re.compile(r"url\(\s*[\"']?#([^\"')]+)[\"']?\s*\)")
_WEB: Final = re.compile(r"(?:https?://|mailto:|/(?!/)|\.{0,2}/|#|[\w-][\w./-]*(?:[?#]|\Z))", re.IGNORECASE)
_BLANKS: Final = re.compile(r"\s+")
_SMALLEST: Final = 0.75
"""Of a drawing's own size: letters of 16 pixels have 12 then."""
_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_ID_MARK: Final = "\x01"
"""Before an id until it is known which page it is on; no XML has this sign."""


class DrawingError(Exception):
    """A drawing that is no SVG that a page can have, with why in words."""


@mutable(slots=True)
class Element:
    """An element of a drawing, while it is changed."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all in it, in their order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def text(self) -> str:
        """The text in it."""
        parts = (child if isinstance(child, str) else child.text() for child in self.children)
        return "".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing as it is kept."""

    svg: str
    """What stands inside the `svg` element."""
    view_box: str
    width_px: int
    height_px: int
    title: str = ""
    """What it is, and below what it shows, as the author has written it in the diagram."""
    description: str = ""
    labels: tuple[str, ...] = ()
    """The texts in it, in the order in which it was drawn."""
    has_links: bool = False

    def on_page(self, prefix: str, name: str, room_px: int | None = None) -> str:
        """The element.

        Args:
            prefix: of its ids, which no other drawing of the site has.
            name: what it shows, for those who do not see it.
            room_px: how wide the column is: a drawing that is a little wider is made to fit it, another one scrolls.
        """
        width, height = self.width_px, self.height_px
        if room_px is not None and room_px < width <= room_px / _SMALLEST:
            width, height = room_px, max(1, round(height * room_px / width))
        # what a picture holds nobody can reach: a link needs a group around it
        role = "group" if self.has_links else "img"
        return (
            f'<svg viewBox="{self.view_box}" width="{width}" height="{height}" fill="currentColor" role="{role}" '
            f'aria-label="{escape(name)}">{self.svg.replace(_ID_MARK, prefix)}</svg>'
        )

    def packed(self) -> bytes:
        """For a cache."""
        return json.dumps({name: getattr(self, name) for name in _FIELDS}, ensure_ascii=False).encode()

    @classmethod
    def unpacked(cls, content: bytes) -> Drawing:
        """What `packed` gave."""
        found = json.loads(content)
        return cls(**{**found, "labels": tuple(found["labels"])})


_FIELDS: Final = ("svg", "view_box", "width_px", "height_px", "title", "description", "labels", "has_links")


def read_svg(text: str) -> Element:
    """The `svg` element of a file, with names without their prefixes.

    Raises:
        DrawingError: it is no SVG, or declares entities.
    """
    found: list[Element] = []
    opened: list[Element] = []

    def start(name: str, given: dict[str, str]) -> None:
        attributes = {"href" if key == "xlink:href" else key: value for key, value in given.items()}
        element = Element(name.removeprefix("svg:"), attributes)
        (opened[-1].children if opened else found).append(element)
        opened.append(element)

    def add(written: str) -> None:
        if opened:
            opened[-1].children.append(written)

    def refuse(*_: object) -> None:
        raise DrawingError("it declares an entity")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: opened.pop()
    parser.CharacterDataHandler = add
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise DrawingError(f"it is not well formed: {error}") from error
    if not found or found[0].name != "svg":
        raise DrawingError("it is no SVG")
    return found[0]


def drawing_of(
    svg: Element, *, scale: float = 1.0, width_px: float | None = None, title: str = "", description: str = ""
) -> Drawing:
    """What of an SVG a page has.

    Args:
        svg: is changed.
        scale: CSS pixels a unit of the drawing.
        width_px: as the author wants it, in CSS pixels.
        title: what it is.
        description: what it shows.

    Raises:
        DrawingError: it does not say how large it is.
    """
    box = [
        float(part)
        for part in re.split(r"[\s,]+", svg.attributes.get("viewBox", "").strip())
        if _is_number(part)
    ]
    if len(box) != 4 or min(box[2:]) <= 0:
        raise DrawingError("it does not say how large it is")
    if width_px is not None:
        scale = width_px / box[2]
    _clean(svg)
    used = _used_ids(svg)
    _drop_unused(svg, frozenset(used))
    names = {name: f"{_ID_MARK}{place}" for place, name in enumerate(dict.fromkeys(used), 1)}
    labels = (_BLANKS.sub(" ", each.text()).strip() for each in svg.walk() if each.name == "text")
    return Drawing(
        svg="".join(_written(child, names) for child in svg.children),
        view_box=" ".join(_number(value) for value in box),
        width_px=max(1, round(box[2] * scale)),
        height_px=max(1, round(box[3] * scale)),
        title=title,
        description=description,
        labels=tuple(dict.fromkeys(label for label in labels if label)),
        has_links=any(each.name == "a" for each in svg.walk()),
    )


# --- what stays ---------------------------------------------------------------------------------------


def _clean(element: Element) -> None:
    """Take out of an element what is not in the lists."""
    own = _OWN[element.name]
    element.attributes = {
        name: value
        for name, value in element.attributes.items()
        if (name in own or name in _LOOK or name == "id") and _is_harmless(element.name, name, value)
    }
    family = element.attributes.pop("font-family", "")
    if _MONOSPACE.search(family):  # any other text has the page's font
        element.attributes["font-family"] = "monospace"
    kept: list[Element | str] = []
    is_text = element.name in ("text", "tspan", "textPath", "a")
    for child in element.children:
        if isinstance(child, str):
            if is_text:
                kept.append(child)
        elif child.name in _OWN:
            _clean(child)
            if child.name != "a" or "href" in child.attributes:
                kept.append(child)
            else:
                kept += child.children
    element.children = kept


def _is_harmless(element: str, name: str, value: str) -> bool:
    if name == "href":
        plain = re.sub(r"[\s\x00-\x1f]+", "", value)
        return _WEB.match(plain) is not None if element == "a" else plain.startswith("#")
    rest = _LOCAL.sub("", value).lower()
    return not any(sign in rest for sign in ("url(", "script:", "@import", "\\"))


def _used_ids(svg: Element) -> list[str]:
    """Ids that another part of the drawing names, in the order in which they stand."""
    named = {
        name
        for element in svg.walk()
        for key, value in element.attributes.items()
        for name in (
            [value[1:]]
            if key == "href" and value[:1] == "#" and element.name != "a"
            else _LOCAL.findall(value)
        )
    }
    return [
        identifier for each in svg.walk() if (identifier := each.attributes.get("id")) in named and identifier
    ]


def _drop_unused(element: Element, used: frozenset[str]) -> None:
    """Leave out definitions that nothing names, and groups of nothing."""
    kept: list[Element | str] = []
    for child in element.children:
        if isinstance(child, Element):
            _drop_unused(child, used)
            identifier = child.attributes.get("id")
            if identifier is not None and identifier not in used:
                del child.attributes["id"]
            if child.name in _DEFINITIONS and identifier not in used:
                continue
            if child.name in ("g", "svg", "defs", "a", "text", "tspan") and not child.children:
                continue
            if child.name == "g" and not child.attributes:
                kept += child.children
                continue
        kept.append(child)
    element.children = kept


# --- HTML ---------------------------------------------------------------------------------------------


def _written(node: Element | str, names: dict[str, str]) -> str:
    if isinstance(node, str):
        return escape(_BLANKS.sub(" ", node))
    attributes = "".join(
        f' {name}="{escape(_value(name, value, names))}"' for name, value in node.attributes.items()
    )
    inner = "".join(_written(child, names) for child in node.children)
    return f"<{node.name}{attributes}>{inner}</{node.name}>" if inner else f"<{node.name}{attributes}/>"


def _value(name: str, value: str, names: dict[str, str]) -> str:
    if name == "id":
        return names[value]
    if name == "href" and value[:1] == "#" and value[1:] in names:
        return f"#{names[value[1:]]}"
    if name in _GEOMETRY:
        return _NUMBER.sub(lambda match: _number(float(match[0])), _BLANKS.sub(" ", value).strip())
    return _LOCAL.sub(lambda match: f"url(#{names.get(match[1], '')})", value)


def _number(value: float) -> str:
    """With two digits behind the point: a hundredth of a pixel is not seen."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")  # + 0.0: no -0


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
