"""In the kernel: a matplotlib figure drawn for a dark page, by giving its artists other colours for a moment.

Colours are fixed when artists are made, so a style around a second drawing has no effect. Greys change places between
ink and paper; hues stay, lighter where they could not be seen; what lies on a picture or on a coloured area that does
not change keeps its colour.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

Colour = tuple[float, float, float, float]
"""Red, green, blue and alpha from 0 to 1, gamma-encoded."""

INK: tuple[float, float, float] = (220 / 255, 222 / 255, 225 / 255)
"""What black becomes: the theme's text in dark mode."""
PAPER: tuple[float, float, float] = (22 / 255, 24 / 255, 27 / 255)
"""What white becomes: the theme's page in dark mode."""
_GREY_CHROMA = 0.12
"""Below this difference of the largest and the smallest channel a colour counts as grey: seaborn's grounds do."""
_WHITE = 0.85
"""Text and lines at least this bright are meant for something dark below them, and stay."""
_TEXT_CONTRAST = 4.5
_GRAPHICS_CONTRAST = 2.5
"""Just below that of matplotlib's own cycle of colours on `PAPER` (its brown has 2.9), which therefore stays."""
_BESIDE = ("patch", "arrow_patch", "_bbox_patch", "_text", "text", "vector", "line", "pane", "gridlines")
"""Attributes that hold artists which `get_children` leaves out: of boxes, annotations, table cells, keys, 3-D axes."""


def is_plain(figure: Any) -> bool:
    """Whether the ground is matplotlib's white, or none, and made for dark ink: else the author chose, and it stays."""
    face = _rgba(figure.get_facecolor())
    if face[3] > 0 and min(face[:3]) < 0.999:
        return False
    inks = [
        _luminance(_rgba(label.get_color()))
        for axes in figure.axes
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels(), axes.title)
    ]
    return not inks or min(inks) < 0.4


@contextlib.contextmanager
def without_paper(figure: Any) -> Iterator[None]:
    """In the block, white grounds of axes that hide nothing are transparent."""
    with _Change(figure) as change:
        for axes in figure.axes:
            if _is_paper(axes.patch) and not _covers(axes, figure):
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
        change.keep_item(vars(figure), "_layout_engine", None)  # it would go on to move things a little
        yield


class _Change:
    """Attributes of artists that hold colours, to be put back."""

    def __init__(self, figure: Any) -> None:
        self._figure = figure
        self._saved: list[tuple[dict[str, Any], dict[str, Any]]] = []
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
        self._figure._stale = self._stale
        self._figure.stale_callback = self._callback

    def keep(self, artist: Any) -> Any:
        """The artist, whose colours may now be changed."""
        attributes = vars(artist)
        self._saved.append((attributes, {n: value for n, value in attributes.items() if _holds_colour(n)}))
        return artist

    def keep_item(self, mapping: dict[str, Any], key: str, value: Any) -> None:
        """Set an item of a dictionary of settings."""
        self._saved.append((mapping, {**mapping}))
        mapping[key] = value

    def face(self, patch: Any, colour: Colour) -> None:
        """Give a patch another face."""
        self.keep(patch).set_facecolor(colour)


def _holds_colour(name: str) -> bool:
    return "color" in name or name in ("_A", "_edge_is_mapped", "_face_is_mapped")


class _Surface:
    """Something opaque that other artists may lie on."""

    def __init__(
        self, contains: Callable[[float, float], bool], light: Colour | None, artist: Any = None
    ) -> None:
        self.contains = contains
        self.light = light
        """None for a picture, which has every colour."""
        self.artist = artist
        """None for a frame, and for the ground of axes: the lowest."""

    @property
    def dark(self) -> Colour | None:
        """What becomes of it."""
        return None if self.light is None else _fill(self.light)

    @property
    def stays(self) -> bool:
        return self.light is None or self.light == self.dark


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

    def _visit(self, artist: Any, surfaces: list[_Surface], axis: Any) -> None:
        """Change an artist and all below it.

        Args:
            artist: any artist.
            surfaces: what it may lie on.
            axis: the axis that it belongs to, if any.
        """
        if id(artist) in self.seen or not artist.get_visible():
            return
        self.seen.add(id(artist))
        if _is(artist, "matplotlib.axes", "Axes"):
            surfaces = self._axes(artist)
        elif _is(artist, "matplotlib.axis", "Axis"):
            axis = artist
            self._axis_3d(artist)
        elif _is(artist, "matplotlib.legend", "Legend"):
            frame = artist.get_frame()
            if any(surface.light is None for surface in surfaces) and _is_opaque(frame):
                return  # its handles show lines that keep their colours on a picture
            if _is_opaque(frame) and frame.get_visible():
                surfaces = [_Surface(_everywhere, _rgba(frame.get_facecolor()))]
        elif _is(artist, "matplotlib.table", "Cell"):
            below = [_Surface(_everywhere, _rgba(artist.get_facecolor()))] if _is_opaque(artist) else surfaces
            self._visit(artist.get_text(), below, axis)
        elif _is(artist, "matplotlib.figure", "SubFigure"):
            self._patch(artist.patch, [])
        if not _is(artist, "matplotlib.axes", "Axes"):
            self._recolour(artist, surfaces, axis)
        for child in (*artist.get_children(), *(vars(artist).get(name) for name in _BESIDE)):
            if _is(child, "matplotlib.artist", "Artist"):
                self._visit(child, surfaces, axis)

    def _axes(self, axes: Any) -> list[_Surface]:
        """Change the ground of axes; what their artists may lie on."""
        self.seen.add(id(axes.patch))
        surfaces = list(_surfaces(axes))
        face = _rgba(axes.patch.get_facecolor())
        if axes.patch.get_visible() and face[3] > 0:
            if _is_paper(axes.patch) and not _covers(axes, self.figure):
                self.change.face(axes.patch, (0.0, 0.0, 0.0, 0.0))
            else:
                if face[3] >= 0.5:
                    surfaces.insert(0, _Surface(axes.bbox.contains, face))
                self.change.face(axes.patch, _fill(face))
        return surfaces

    def _axis_3d(self, axis: Any) -> None:
        """The grid of a 3-D axis takes its colour from a table of settings when it is drawn."""
        grid = getattr(axis, "_axinfo", {}).get("grid")
        if isinstance(grid, dict) and "color" in grid:
            self.change.keep_item(grid, "color", _fill(_rgba(grid["color"])))

    def _recolour(self, artist: Any, surfaces: list[_Surface], axis: Any) -> None:
        if any(_has_stroke(effect) for effect in artist.get_path_effects() or ()):
            return  # an outline that the author gave it makes it readable on anything
        if _is(artist, "matplotlib.text", "Text"):
            self._text(artist, surfaces)
        elif _is(artist, "matplotlib.lines", "Line2D"):
            self._line(artist, surfaces, axis)
        elif _is(artist, "matplotlib.patches", "Patch"):
            self._patch(artist, surfaces)
        elif _is(artist, "matplotlib.collections", "Collection"):
            self._collection(artist, surfaces)

    def _text(self, text: Any, surfaces: list[_Surface]) -> None:
        colour = _rgba(text.get_color())
        ink = _ink(colour, _TEXT_CONTRAST)
        box = text.get_bbox_patch()
        if box is not None and _is_opaque(box):
            below: _Surface | None = _Surface(_everywhere, _rgba(box.get_facecolor()))
            if _under(box, surfaces, _is_field) is not None:
                return
        else:
            below = _under(text, surfaces)
        if below is not None:
            if below.stays:
                return
            ground = below.dark or PAPER
            if _contrast(colour, ground) > _contrast(ink, ground):
                return
        self.change.keep(text).set_color(ink)

    def _line(self, line: Any, surfaces: list[_Surface], axis: Any) -> None:
        is_tick = axis is not None and line.get_marker() not in (None, "", "None", " ")
        if not is_tick and _under(line, surfaces, _is_field) is not None:
            return
        self.change.keep(line)
        colour = _rgba(line.get_color())
        face, edge = line.get_markerfacecolor(), line.get_markeredgecolor()
        follows_face = _follows(vars(line).get("_markerfacecolor"))
        follows_edge = _follows(vars(line).get("_markeredgecolor"))
        line.set_color(_fill(colour) if axis is not None else _ink(colour, _GRAPHICS_CONTRAST))
        if not follows_face:
            line.set_markerfacecolor(_fill(_rgba(face)))
        if not follows_edge:
            line.set_markeredgecolor(_fill(_rgba(edge)))

    def _patch(self, patch: Any, surfaces: list[_Surface]) -> None:
        is_spine = _is(patch, "matplotlib.spines", "Spine")
        if not is_spine and _under(patch, surfaces, _is_field) is not None:
            return
        face, edge = _rgba(patch.get_facecolor()), _rgba(patch.get_edgecolor())
        self.change.keep(patch)
        if patch.get_fill():
            patch.set_facecolor(_fill(face))
        patch.set_edgecolor(_fill(edge))

    def _collection(self, collection: Any, surfaces: list[_Surface]) -> None:
        is_contour = _is(collection, "matplotlib.contour", "ContourSet") and not collection.filled
        if _is(collection, "mpl_toolkits.mplot3d.art3d", "Poly3DCollection"):
            return  # shaded by its own light
        if collection.get_array() is not None and not (is_contour and collection.colors is not None):
            return  # a colour map says what its colours mean
        if _under(collection, surfaces, _is_field) is not None:
            return
        faces, edges = collection.get_facecolor(), collection.get_edgecolor()
        is_face_of = isinstance(vars(collection).get("_edgecolors"), str)  # `face`: it follows
        self.change.keep(collection)
        if is_contour:
            vars(collection)["_A"] = None  # else the colours are looked up again when it is drawn
        if len(faces):
            collection.set_facecolor([_fill(tuple(face)) for face in faces])
        if not is_face_of and len(edges):
            collection.set_edgecolor([_fill(tuple(edge)) for edge in edges])


# --- what lies below ----------------------------------------------------------------------------------------


def _surfaces(axes: Any) -> Iterator[_Surface]:
    """What is opaque in axes, beside their ground, from the lowest to the highest."""
    for artist in sorted(axes.get_children(), key=lambda artist: float(artist.get_zorder())):
        if artist is axes.patch or not artist.get_visible() or _alpha(artist) < 0.5:
            continue
        if _is(artist, "matplotlib.image", "_ImageBase"):
            yield _Surface(_both(axes.bbox, artist.get_window_extent()), None, artist)
        elif _is_colour_field(artist):
            extent = artist.get_datalim(axes.transData).transformed(axes.transData)
            yield _Surface(_both(axes.bbox, extent), None, artist)
        elif _is(artist, "matplotlib.collections", "PolyCollection") and len(artist.get_paths()) <= 50:
            yield from _polygons(artist)
        elif (
            _is(artist, "matplotlib.patches", "Patch")
            and _is_opaque(artist)
            and not _is(artist, "matplotlib.spines", "Spine")
        ):
            yield _Surface(_in_patch(artist), _rgba(artist.get_facecolor()), artist)


def _is_colour_field(artist: Any) -> bool:
    """Whether it fills an area with colours that mean something: a mesh, filled contours, hexagons."""
    if _is(artist, "matplotlib.contour", "ContourSet"):
        return bool(artist.filled)
    meshes = ("QuadMesh", "PolyCollection", "TriMesh")
    is_mesh = any(_is(artist, "matplotlib.collections", name) for name in meshes)
    return is_mesh and artist.get_array() is not None and not _is_3d(artist)


def _polygons(collection: Any) -> Iterator[_Surface]:
    """The areas of `fill_between` and the like."""
    faces, transform = collection.get_facecolor(), collection.get_transform()
    if _is_3d(collection) or not len(faces):
        return
    for number, path in enumerate(collection.get_paths()):
        face = _rgba(faces[number % len(faces)])
        if face[3] >= 0.5:
            yield _Surface(_in_path(path, transform), face, collection)


def _under(
    artist: Any, surfaces: list[_Surface], wanted: Callable[[_Surface], bool] | None = None
) -> _Surface | None:
    """The highest surface that the middle of an artist lies on."""
    candidates = [surface for surface in surfaces if wanted is None or wanted(surface)]
    middle = _middle(artist) if candidates else None
    if middle is None:
        return None
    for surface in reversed(candidates):
        other = surface.artist
        if other is artist or (other is not None and other.get_zorder() > artist.get_zorder()):
            continue
        if surface.contains(*middle):
            return surface
    return None


def _middle(artist: Any) -> tuple[float, float] | None:
    """In pixels, of the part within the axes; None for what is nowhere."""
    axes = getattr(artist, "axes", None)
    try:
        if axes is not None and _is(artist, "matplotlib.collections", "Collection"):
            box = artist.get_datalim(axes.transData).transformed(axes.transData)
        else:
            box = artist.get_window_extent()
    except (RuntimeError, TypeError, ValueError):
        return None
    left, bottom, right, top = (float(number) for number in box.extents)
    if axes is not None and not _is(artist, "matplotlib.text", "Text"):
        frame = [float(number) for number in axes.bbox.extents]
        left, bottom = max(left, frame[0]), max(bottom, frame[1])
        right, top = min(right, frame[2]), min(top, frame[3])
    if not (left <= right and bottom <= top):  # not a number, or outside
        return None
    return (left + right) / 2, (bottom + top) / 2


def _is_field(surface: _Surface) -> bool:
    """Whether lines on it keep their colours: a picture, or coloured ground of axes."""
    return surface.light is None or (surface.artist is None and surface.stays)


def _covers(axes: Any, figure: Any) -> bool:
    """Whether axes lie on others, so that their ground hides something: an inset."""
    box = axes.bbox
    for other in figure.axes:
        shared = other is not axes and other.bbox.width > 0 and _overlap(box, other.bbox)
        if shared and other.patch.get_visible() and not _is_twin(axes, other):
            return bool(box.width * box.height < other.bbox.width * other.bbox.height)
    return False


def _overlap(first: Any, second: Any) -> bool:
    """By more than a touching edge."""
    width = min(first.x1, second.x1) - max(first.x0, second.x0)
    height = min(first.y1, second.y1) - max(first.y0, second.y0)
    return bool(width > 2 and height > 2)


def _is_twin(axes: Any, other: Any) -> bool:
    return tuple(axes.bbox.extents) == tuple(other.bbox.extents)


def _both(first: Any, second: Any) -> Callable[[float, float], bool]:
    return lambda x, y: bool(first.contains(x, y) and second.contains(x, y))


def _in_patch(patch: Any) -> Callable[[float, float], bool]:
    return lambda x, y: bool(patch.contains_point((x, y)))


def _in_path(path: Any, transform: Any) -> Callable[[float, float], bool]:
    return lambda x, y: bool(path.contains_point((x, y), transform))


def _everywhere(x: float, y: float) -> bool:  # noqa: ARG001
    return True


# --- artists ------------------------------------------------------------------------------------------------


def _is(artist: Any, module: str, name: str) -> bool:
    """Whether it is of a class of matplotlib, which is never imported here: what is not loaded made no artist."""
    loaded = sys.modules.get(module)
    kind = getattr(loaded, name, None)
    return kind is not None and isinstance(artist, kind)


def _is_3d(artist: Any) -> bool:
    return type(artist).__name__.endswith("3DCollection")


def _is_paper(patch: Any) -> bool:
    """Whether it is white, and drawn."""
    face = _rgba(patch.get_facecolor())
    return bool(patch.get_visible()) and face[3] > 0 and min(face[:3]) >= 0.999


def _is_opaque(patch: Any) -> bool:
    return bool(patch.get_visible()) and bool(patch.get_fill()) and _rgba(patch.get_facecolor())[3] >= 0.5


def _alpha(artist: Any) -> float:
    alpha = artist.get_alpha()
    return float(alpha) if isinstance(alpha, (int, float)) else 1.0


def _has_stroke(effect: Any) -> bool:
    return "foreground" in getattr(effect, "_gc", {})


def _follows(colour: object) -> bool:
    """Whether a marker's colour is the line's, or none."""
    return isinstance(colour, str) and colour in ("auto", "none", "None")


# --- colours ------------------------------------------------------------------------------------------------


def _rgba(colour: Any) -> Colour:
    red, green, blue, alpha = sys.modules["matplotlib.colors"].to_rgba(colour)
    return float(red), float(green), float(blue), float(alpha)


def _ink(colour: Colour, contrast: float) -> Colour:
    """The colour of a text or a line; what is nearly white stays."""
    return colour if _is_grey(colour) and _grey(colour) > _WHITE else _changed(colour, contrast)


def _fill(colour: Colour) -> Colour:
    """The colour of an area, an edge or a grid line; white becomes paper."""
    return _changed(colour, _GRAPHICS_CONTRAST)


def _changed(colour: Colour, contrast: float) -> Colour:
    alpha = colour[3]
    if alpha == 0:
        return colour
    if _is_grey(colour):
        share = _grey(colour)
        red, green, blue = (ink + (paper - ink) * share for ink, paper in zip(INK, PAPER))  # noqa: B905 -- 3.9
        return red, green, blue, alpha
    lighter = colour
    for step in range(1, 20):
        if _contrast(lighter, PAPER) >= contrast:
            break
        red, green, blue = (channel + (ink - channel) * step / 20 for channel, ink in zip(colour, INK))  # noqa: B905
        lighter = (red, green, blue, alpha)
    return lighter


def _is_grey(colour: Colour) -> bool:
    return max(colour[:3]) - min(colour[:3]) < _GREY_CHROMA


def _grey(colour: Colour) -> float:
    return sum(colour[:3]) / 3


def _contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """From 1 to 21. Source: WCAG 2.2, contrast ratio."""
    lights = sorted((_luminance(first) + 0.05, _luminance(second) + 0.05))
    return lights[1] / lights[0]


def _luminance(colour: tuple[float, ...]) -> float:
    """From 0 to 1. Source: WCAG 2.2, relative luminance."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
