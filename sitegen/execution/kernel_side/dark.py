"""In the kernel: a matplotlib figure drawn for a dark page, by giving its artists other colours for a moment.

Colours are fixed when artists are made, so a style around a second drawing has no effect. Greys change places between
ink and paper; hues stay, lighter where they could not be seen; what lies on a picture or on a coloured area that does
not change keeps its colour.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitegen.execution.kernel_side.grounds import Colour, Surface

_grounds: Any = None
_BESIDE = ("patch", "arrow_patch", "_bbox_patch", "_text", "text", "vector", "line", "pane", "gridlines")
"""Attributes that hold artists which `get_children` leaves out: of boxes, annotations, table cells, keys, 3-D axes."""


def install(grounds: Any) -> None:
    """Prepare the module.

    Args:
        grounds: our module of that name.
    """
    global _grounds
    _grounds = grounds


def is_plain(figure: Any) -> bool:
    """Whether the ground is matplotlib's white, or none, and made for dark ink: else the author chose, and it stays."""
    face = _grounds.rgba(figure.get_facecolor())
    if face[3] > 0 and min(face[:3]) < 0.999:
        return False
    inks = [
        _grounds.luminance(_grounds.rgba(label.get_color()))
        for axes in figure.axes
        for label in (*_labels(axes.xaxis), *_labels(axes.yaxis), axes.title)
    ]
    return not inks or bool(min(inks) < 0.4)


def _labels(axis: Any) -> Iterator[Any]:
    """Labels of ticks that are shown; to ask the axes for them would lay them out, which takes half as long as to draw them."""
    for tick in axis.get_major_ticks():
        yield from (label for label in (tick.label1, tick.label2) if label.get_visible())


@contextlib.contextmanager
def without_paper(figure: Any) -> Iterator[None]:
    """In the block, white grounds of axes that hide nothing are transparent."""
    with _Change(figure) as change:
        for axes in figure.axes:
            if _grounds.is_paper(axes.patch) and not _grounds.covers(axes, figure):
                change.face(axes.patch, (0.0, 0.0, 0.0, 0.0))
        yield


@contextlib.contextmanager
def for_dark(figure: Any) -> Iterator[None]:
    """In the block, the figure has the colours for a dark page. It must have been drawn before, for its layout.

    All is as before afterwards, to the last attribute, and nothing is told of a change: an interactive figure would be
    drawn again with each.
    """
    with _Change(figure) as change:
        _Darkening(figure, change).apply()
        if "_layout_engine" in vars(figure):  # it would go on to move things a little
            change.keep_item(vars(figure), "_layout_engine", None)
        yield


class _Change:
    """Attributes of artists that hold colours, to be put back."""

    def __init__(self, figure: Any) -> None:
        self._figure = figure
        self._saved: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._items: list[tuple[dict[str, Any], str, Any]] = []
        self._callback: Any = None
        self._stale = False

    def __enter__(self) -> _Change:
        self._callback, self._stale = self._figure.stale_callback, self._figure._stale
        self._figure.stale_callback = None
        return self

    def __exit__(self, *_: object) -> None:
        for attributes, saved in reversed(self._saved):
            for name in [name for name in attributes if _holds_colour(name) and name not in saved]:
                del attributes[name]
            attributes.update(saved)
        for mapping, key, value in self._items:
            mapping[key] = value
        self._figure._stale = self._stale
        self._figure.stale_callback = self._callback

    def keep(self, artist: Any) -> Any:
        """The artist, whose colours may now be changed."""
        attributes = vars(artist)
        self._saved.append((attributes, {n: value for n, value in attributes.items() if _holds_colour(n)}))
        return artist

    def keep_item(self, mapping: dict[str, Any], key: str, value: Any) -> None:
        """Set an item of a dictionary of settings that has it."""
        self._items.append((mapping, key, mapping[key]))
        mapping[key] = value

    def face(self, patch: Any, colour: Colour) -> None:
        """Give a patch another face."""
        self.keep(patch).set_facecolor(colour)


def _holds_colour(name: str) -> bool:
    return "color" in name or name in ("_A", "_edge_is_mapped", "_face_is_mapped")


class _Darkening:
    """One figure on its way to its dark colours."""

    def __init__(self, figure: Any, change: _Change) -> None:
        self.figure = figure
        self.change = change
        self.seen: set[int] = set()

    def apply(self) -> None:
        """Change every artist of the figure."""
        for child in self.figure.get_children():
            if child is not self.figure.patch:
                self._visit(child, [], None)

    def _visit(self, artist: Any, surfaces: list[Surface], axis: Any) -> None:
        """Change an artist and all below it.

        Args:
            artist: any artist.
            surfaces: what it may lie on.
            axis: the axis that it belongs to, if any.
        """
        if id(artist) in self.seen or not artist.get_visible():
            return
        self.seen.add(id(artist))
        if _grounds.is_a(artist, "matplotlib.axes", "Axes"):
            surfaces = self._axes(artist)
        elif _grounds.is_a(artist, "matplotlib.axis", "Axis"):
            axis = artist
            self._axis_3d(artist)
        elif _grounds.is_a(artist, "matplotlib.legend", "Legend"):
            frame = artist.get_frame()
            if any(surface.light is None for surface in surfaces) and _grounds.is_opaque(frame):
                return  # its handles show lines that keep their colours on a picture
            if _grounds.is_opaque(frame) and frame.get_visible():
                surfaces = [_grounds.Surface(_grounds.everywhere, _grounds.rgba(frame.get_facecolor()))]
        elif _grounds.is_a(artist, "matplotlib.table", "Cell"):
            below = (
                [_grounds.Surface(_grounds.everywhere, _grounds.rgba(artist.get_facecolor()))]
                if _grounds.is_opaque(artist)
                else surfaces
            )
            self._visit(artist.get_text(), below, axis)
        elif _grounds.is_a(artist, "matplotlib.figure", "SubFigure"):
            self._patch(artist.patch, [])
        if not _grounds.is_a(artist, "matplotlib.axes", "Axes"):
            self._recolour(artist, surfaces, axis)
        for child in (*artist.get_children(), *(vars(artist).get(name) for name in _BESIDE)):
            if _grounds.is_a(child, "matplotlib.artist", "Artist"):
                self._visit(child, surfaces, axis)

    def _axes(self, axes: Any) -> list[Surface]:
        """Change the ground of axes; what their artists may lie on."""
        self.seen.add(id(axes.patch))
        surfaces = list(_grounds.surfaces(axes))
        face = _grounds.rgba(axes.patch.get_facecolor())
        if axes.patch.get_visible() and face[3] > 0:
            if _grounds.is_paper(axes.patch) and not _grounds.covers(axes, self.figure):
                self.change.face(axes.patch, (0.0, 0.0, 0.0, 0.0))
            else:
                if face[3] >= 0.5:
                    surfaces.insert(0, _grounds.Surface(axes.bbox.contains, face))
                self.change.face(axes.patch, _grounds.fill(face))
        return surfaces

    def _axis_3d(self, axis: Any) -> None:
        """The grid of a 3-D axis takes its colour from a table of settings when it is drawn."""
        grid = getattr(axis, "_axinfo", {}).get("grid")
        if isinstance(grid, dict) and "color" in grid:
            self.change.keep_item(grid, "color", _grounds.fill(_grounds.rgba(grid["color"])))

    def _recolour(self, artist: Any, surfaces: list[Surface], axis: Any) -> None:
        if any(_grounds.has_stroke(effect) for effect in artist.get_path_effects() or ()):
            return  # an outline that the author gave it makes it readable on anything
        if _grounds.is_a(artist, "matplotlib.text", "Text"):
            self._text(artist, surfaces)
        elif _grounds.is_a(artist, "matplotlib.lines", "Line2D"):
            self._line(artist, surfaces, axis)
        elif _grounds.is_a(artist, "matplotlib.patches", "Patch"):
            self._patch(artist, surfaces)
        elif _grounds.is_a(artist, "matplotlib.collections", "Collection"):
            self._collection(artist, surfaces)

    def _text(self, text: Any, surfaces: list[Surface]) -> None:
        colour = _grounds.rgba(text.get_color())
        ink = _grounds.ink(colour, _grounds.TEXT_CONTRAST)
        box = text.get_bbox_patch()
        if box is not None and _grounds.is_opaque(box):
            below: Surface | None = _grounds.Surface(_grounds.everywhere, _grounds.rgba(box.get_facecolor()))
            if _grounds.under(box, surfaces, _grounds.is_field) is not None:
                return
        else:
            below = _grounds.under(text, surfaces)
        if below is not None:
            if below.stays:
                return
            ground = below.dark or _grounds.PAPER
            ink = max((ink, colour, _grounds.fill(colour)), key=lambda each: _grounds.contrast(each, ground))
        self.change.keep(text).set_color(ink)

    def _line(self, line: Any, surfaces: list[Surface], axis: Any) -> None:
        is_tick = axis is not None and line.get_marker() not in (None, "", "None", " ")
        if not is_tick and _grounds.under(line, surfaces, _grounds.is_field) is not None:
            return
        self.change.keep(line)
        colour = _grounds.rgba(line.get_color())
        face, edge = line.get_markerfacecolor(), line.get_markeredgecolor()
        follows_face = _grounds.follows(vars(line).get("_markerfacecolor"))
        follows_edge = _grounds.follows(vars(line).get("_markeredgecolor"))
        line.set_color(
            _grounds.fill(colour) if axis is not None else _grounds.ink(colour, _grounds.GRAPHICS_CONTRAST)
        )
        if not follows_face:
            line.set_markerfacecolor(_grounds.fill(_grounds.rgba(face)))
        if not follows_edge:
            line.set_markeredgecolor(_grounds.fill(_grounds.rgba(edge)))

    def _patch(self, patch: Any, surfaces: list[Surface]) -> None:
        is_spine = _grounds.is_a(patch, "matplotlib.spines", "Spine")
        if not is_spine and _grounds.under(patch, surfaces, _grounds.is_field) is not None:
            return
        face, edge = _grounds.rgba(patch.get_facecolor()), _grounds.rgba(patch.get_edgecolor())
        hatch = patch.get_hatchcolor() if hasattr(patch, "get_hatchcolor") else vars(patch)["_hatch_color"]
        self.change.keep(patch)
        if patch.get_fill():
            patch.set_facecolor(_grounds.fill(face))
        patch.set_edgecolor(_grounds.fill(edge))
        vars(patch)["_hatch_color"] = _grounds.fill(_grounds.rgba(hatch))  # the setter of 3.10 is the edge's

    def _collection(self, collection: Any, surfaces: list[Surface]) -> None:
        is_contour = _grounds.is_a(collection, "matplotlib.contour", "ContourSet") and not collection.filled
        if _grounds.is_a(collection, "mpl_toolkits.mplot3d.art3d", "Poly3DCollection"):
            return  # shaded by its own light
        if collection.get_array() is not None and not (is_contour and collection.colors is not None):
            return  # a colour map says what its colours mean
        if _grounds.under(collection, surfaces, _grounds.is_field) is not None:
            return
        faces, edges = collection.get_facecolor(), collection.get_edgecolor()
        is_face_of = isinstance(vars(collection).get("_edgecolors"), str)  # `face`: it follows
        self.change.keep(collection)
        if is_contour:
            vars(collection)["_A"] = None  # else the colours are looked up again when it is drawn
        if len(faces):
            collection.set_facecolor([_grounds.fill(tuple(face)) for face in faces])
        if not is_face_of and len(edges):
            collection.set_edgecolor([_grounds.fill(tuple(edge)) for edge in edges])
