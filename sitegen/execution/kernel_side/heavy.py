"""In the kernel: of a figure drawn as SVG, artists of very many parts become pictures inside it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

MANY_PARTS = 3000
"""Points of a scatter, faces of a mesh: each is an element of some 100 bytes, and a browser draws them one by one."""
MANY_VERTICES = 20000
"""Of a line without markers, which is one element."""
PICTURE_DPI = 200
"""Twice matplotlib's screen resolution: sharp on a screen with two pixels to one."""


@contextlib.contextmanager
def as_pictures(figure: Any, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Heavy artists of the figure drawn as pictures meanwhile; gives the options.

    Args:
        figure: matplotlib's.
        options: of `print_figure`; the resolution of the pictures joins them where there are any.
    """
    heavy = [artist for artist in _artists(figure) if not artist.get_rasterized() and _is_heavy(artist)]
    try:
        for artist in heavy:
            artist.set_rasterized(True)
        yield {"dpi": PICTURE_DPI, **options} if heavy else options
    finally:
        for artist in heavy:
            artist.set_rasterized(False)


def _artists(figure: Any) -> Iterator[Any]:
    """The collections and lines of the figure's axes, those of figures in it too."""
    for axes in figure.axes:
        yield from axes.collections
        yield from axes.lines


def _is_heavy(artist: Any) -> bool:
    mesh: Any = sys.modules["matplotlib.collections"].QuadMesh
    if isinstance(artist, mesh):
        return bool(artist.get_coordinates()[..., 0].size > MANY_PARTS)
    if hasattr(artist, "get_xdata"):
        marker = artist.get_marker()
        has_markers = marker is not None and str(marker).strip().lower() not in ("", "none")
        return len(artist.get_xdata(orig=False)) > (MANY_PARTS if has_markers else MANY_VERTICES)
    # a surface in 3-D has no paths before it is drawn, but its faces have colours
    parts = (artist.get_offsets(), artist.get_paths(), artist.get_facecolor())
    return max(map(len, parts)) > MANY_PARTS
