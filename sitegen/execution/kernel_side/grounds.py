"""In the kernel: what artists of a matplotlib figure lie on, and what their colours become on a dark page."""

from __future__ import annotations

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
TEXT_CONTRAST = 4.5
GRAPHICS_CONTRAST = 2.5
"""Just below that of matplotlib's own cycle of colours on `PAPER` (its brown has 2.9), which therefore stays."""


class Surface:
    """Something opaque that other artists may lie on."""

    def __init__(
        self,
        contains: Callable[[float, float], bool],
        light: Colour | None,
        artist: Any = None,
        *,
        turns: bool = True,
    ) -> None:
        self.contains = contains
        self.light = light
        """None for a picture, which has every colour."""
        self.artist = artist
        """None for a frame, and for the ground of axes: the lowest."""
        self._turns = turns

    @property
    def dark(self) -> Colour | None:
        """What becomes of it."""
        return fill(self.light) if self.light is not None and self._turns else self.light

    @property
    def stays(self) -> bool:
        """Whether it is the same on a dark page."""
        return self.light is None or self.light == self.dark


# --- what lies below ----------------------------------------------------------------------------------------


def surfaces(axes: Any) -> Iterator[Surface]:
    """What is opaque in axes, beside their ground, from the lowest to the highest."""
    for artist in sorted(axes.get_children(), key=lambda artist: float(artist.get_zorder())):
        if artist is axes.patch or not artist.get_visible() or _alpha(artist) < 0.5:
            continue
        if is_a(artist, "matplotlib.image", "_ImageBase"):
            yield Surface(_both(axes.bbox, artist.get_window_extent()), None, artist)
        elif _is_colour_field(artist):
            extent = artist.get_datalim(axes.transData).transformed(axes.transData)
            is_known = extent.x0 <= extent.x1 and extent.y0 <= extent.y1  # not of hexagons
            yield Surface(_both(axes.bbox, extent if is_known else axes.bbox), None, artist)
        elif is_a(artist, "matplotlib.collections", "PathCollection"):
            yield from _markers(artist)
        elif is_a(artist, "matplotlib.collections", "PolyCollection") and len(artist.get_paths()) <= 50:
            yield from _polygons(artist)
        elif (
            is_a(artist, "matplotlib.patches", "Patch")
            and is_opaque(artist)
            and not is_a(artist, "matplotlib.spines", "Spine")
        ):
            yield Surface(_in_patch(artist), rgba(artist.get_facecolor()), artist)


def _is_colour_field(artist: Any) -> bool:
    """Whether it fills an area with colours that mean something: a mesh, filled contours, hexagons."""
    if is_a(artist, "matplotlib.contour", "ContourSet"):
        return bool(artist.filled)
    meshes = ("QuadMesh", "PolyCollection", "TriMesh")
    is_mesh = any(is_a(artist, "matplotlib.collections", name) for name in meshes)
    return is_mesh and artist.get_array() is not None and not _is_3d(artist)


def _polygons(collection: Any) -> Iterator[Surface]:
    """The areas of `fill_between` and the like."""
    faces, transform = collection.get_facecolor(), collection.get_transform()
    if _is_3d(collection) or not len(faces):
        return
    for number, path in enumerate(collection.get_paths()):
        face = rgba(faces[number % len(faces)])
        if face[3] >= 0.5:
            yield Surface(_in_path(path, transform), face, collection)


def _markers(collection: Any) -> Iterator[Surface]:
    """The points of a scatter plot, as discs: a network's nodes have their labels on them."""
    faces, sizes = collection.get_facecolor(), collection.get_sizes()
    points = collection.get_offset_transform().transform(collection.get_offsets())
    if _is_3d(collection) or not len(faces) or not len(sizes) or len(points) > 500:
        return
    scale = float(collection.get_figure().dpi) / 72
    turns = collection.get_array() is None
    for number, (x, y) in enumerate(points):
        face = rgba(faces[number % len(faces)])
        radius = float(sizes[number % len(sizes)]) ** 0.5 / 2 * scale
        if face[3] >= 0.5:
            yield Surface(_in_disc(float(x), float(y), radius), face, collection, turns=turns)


def under(
    artist: Any, surfaces: list[Surface], wanted: Callable[[Surface], bool] | None = None
) -> Surface | None:
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
        if axes is not None and is_a(artist, "matplotlib.collections", "Collection"):
            box = artist.get_datalim(axes.transData).transformed(axes.transData)
        else:
            box = artist.get_window_extent()
    except (RuntimeError, TypeError, ValueError):
        return None
    left, bottom, right, top = (float(number) for number in box.extents)
    if axes is not None and not is_a(artist, "matplotlib.text", "Text"):
        frame = [float(number) for number in axes.bbox.extents]
        left, bottom = max(left, frame[0]), max(bottom, frame[1])
        right, top = min(right, frame[2]), min(top, frame[3])
    if not (left <= right and bottom <= top):  # not a number, or outside
        return None
    return (left + right) / 2, (bottom + top) / 2


def is_field(surface: Surface) -> bool:
    """Whether lines on it keep their colours: a picture, or coloured ground of axes."""
    return surface.light is None or (surface.artist is None and surface.stays)


def covers(axes: Any, figure: Any) -> bool:
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
    left, bottom, right, top = (float(number) for number in patch.get_window_extent().extents)
    # the box first: a chart of a thousand bars has as many labels
    return lambda x, y: left <= x <= right and bottom <= y <= top and bool(patch.contains_point((x, y)))


def _in_path(path: Any, transform: Any) -> Callable[[float, float], bool]:
    return lambda x, y: bool(path.contains_point((x, y), transform))


def _in_disc(middle_x: float, middle_y: float, radius: float) -> Callable[[float, float], bool]:
    return lambda x, y: (x - middle_x) ** 2 + (y - middle_y) ** 2 <= radius**2


def everywhere(x: float, y: float) -> bool:  # noqa: ARG001
    """That a surface is wherever what lies on it is."""
    return True


# --- artists ------------------------------------------------------------------------------------------------


def is_a(artist: Any, module: str, name: str) -> bool:
    """Whether it is of a class of matplotlib, which is never imported here: what is not loaded made no artist."""
    loaded = sys.modules.get(module)
    kind = getattr(loaded, name, None)
    return kind is not None and isinstance(artist, kind)


def _is_3d(artist: Any) -> bool:
    return type(artist).__name__.endswith("3DCollection")


def is_paper(patch: Any) -> bool:
    """Whether it is white, and drawn."""
    face = rgba(patch.get_facecolor())
    return bool(patch.get_visible()) and face[3] > 0 and min(face[:3]) >= 0.999


def is_opaque(patch: Any) -> bool:
    """Whether what is below it cannot be seen, more or less."""
    return bool(patch.get_visible()) and bool(patch.get_fill()) and rgba(patch.get_facecolor())[3] >= 0.5


def _alpha(artist: Any) -> float:
    alpha = artist.get_alpha()
    return float(alpha) if isinstance(alpha, (int, float)) else 1.0


def has_stroke(effect: Any) -> bool:
    """Whether a path effect draws an outline."""
    return "foreground" in getattr(effect, "_gc", {})


def follows(colour: object) -> bool:
    """Whether a marker's colour is the line's, or none."""
    return isinstance(colour, str) and colour in ("auto", "none", "None")


# --- colours ------------------------------------------------------------------------------------------------


def rgba(colour: Any) -> Colour:
    """A colour as matplotlib takes it, as numbers."""
    red, green, blue, alpha = sys.modules["matplotlib.colors"].to_rgba(colour)
    return float(red), float(green), float(blue), float(alpha)


def ink(colour: Colour, least: float) -> Colour:
    """The colour of a text or a line; what is nearly white stays."""
    return colour if _is_grey(colour) and _grey(colour) > _WHITE else _changed(colour, least)


def fill(colour: Colour) -> Colour:
    """The colour of an area, an edge or a grid line; white becomes paper."""
    return _changed(colour, GRAPHICS_CONTRAST)


def _changed(colour: Colour, least: float) -> Colour:
    alpha = colour[3]
    if alpha == 0:
        return colour
    if _is_grey(colour):
        share = _grey(colour)
        red, green, blue = (ink + (paper - ink) * share for ink, paper in zip(INK, PAPER))  # noqa: B905 -- 3.9
        return red, green, blue, alpha
    lighter = colour
    for step in range(1, 20):
        if contrast(lighter, PAPER) >= least:
            break
        red, green, blue = (channel + (ink - channel) * step / 20 for channel, ink in zip(colour, INK))  # noqa: B905
        lighter = (red, green, blue, alpha)
    return lighter


def _is_grey(colour: Colour) -> bool:
    return max(colour[:3]) - min(colour[:3]) < _GREY_CHROMA


def _grey(colour: Colour) -> float:
    return sum(colour[:3]) / 3


def contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """From 1 to 21. Source: WCAG 2.2, contrast ratio."""
    lights = sorted((luminance(first) + 0.05, luminance(second) + 0.05))
    return lights[1] / lights[0]


def luminance(colour: tuple[float, ...]) -> float:
    """From 0 to 1. Source: WCAG 2.2, relative luminance."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
