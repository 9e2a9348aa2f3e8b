"""Diagrams in Graphviz's language, drawn by the program `dot`, in colours that follow the page's.

Graphviz draws in black on white. What is black because nobody said otherwise becomes the colour of the text around; what the
author coloured stays, and is made lighter on dark pages where it could not be read there.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

from sitegen.rendering.drawings.drawn_svg import Drawing, DrawingError, Element, drawing_of, read_svg
from sitegen.values import dataclass

_FONT: Final = "Helvetica,Arial,sans-serif"
"""What widths are estimated by; the page's own font is much like it."""
_SCALE: Final = 16 / 14
"""CSS pixels a unit: Graphviz's letters have 14 units, where nobody said otherwise."""
_ERROR_LINE: Final = re.compile(r"Error: [^\n]*?(?:in |at )?line (\d+)[^\n]*")
_TROUBLE: Final = re.compile(r"^(Error|Warning): (.*)$", re.MULTILINE)
_OF_FONTS: Final = re.compile(r"font|metrics|Pango", re.IGNORECASE)
_DARK: Final = (0x16, 0x18, 0x1B)
"""The ground of dark pages (`--bg` of site.css)."""
_LEAST_CONTRAST: Final = 4.5
_NONE: Final = frozenset({"none", "transparent", ""})
_CLEAR: Final = "transparent"
_POINTS: Final = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the program made of a text."""

    drawing: Drawing | None = None
    problem: str = ""
    """In words: why there is no drawing, or with one what is odd about the text."""
    line: int | None = None
    """Of the text, from 1."""


@lru_cache(maxsize=8)
def version_of(program: Path, mtime_ns: int) -> str:  # noqa: ARG001 -- the key
    """What the program says that it is."""
    try:
        told = subprocess.run([program, "-V"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return (told.stderr or told.stdout).decode("utf-8", "replace").strip()


def draw(source: str, program: Path, *, timeout_s: int, width_px: float | None = None) -> Drawn:
    """One diagram.

    Args:
        source: in Graphviz's language.
        program: `dot`.
        timeout_s: after so many seconds it is stopped.
        width_px: as the author wants it.
    """
    names = (f"-{kind}fontname={_FONT}" for kind in "GNE")
    try:
        code, out, err = _run([str(program), "-Tsvg", *names], source, timeout_s)
    except TimeoutError:
        return Drawn(problem=f"it was not drawn within {timeout_s} s")
    except OSError as error:
        return Drawn(problem=f"`{program}` cannot be started: {error.strerror or error}")
    told = [
        (kind, " ".join(words.replace("<stdin>: ", "").split()))
        for kind, words in _TROUBLE.findall(err)
        if kind == "Error" or not _OF_FONTS.search(words)
    ]
    place = _ERROR_LINE.search(err)
    line = int(place[1]) if place else None
    problem = next((words for kind, words in sorted(told)), "")
    if code != 0 or "<svg" not in out:
        return Drawn(problem=problem or (err.strip() or "nothing was drawn").splitlines()[0], line=line)
    if out.count("</svg>") > 1:
        return Drawn(problem="there is more than one graph in it")
    try:
        svg = read_svg(out)
        _coloured(svg)
        drawing = drawing_of(svg, scale=_SCALE * _own_scale(svg), width_px=width_px)
    except DrawingError as error:
        return Drawn(problem=f"what `dot` has drawn cannot be shown: {error}")
    return Drawn(drawing=drawing, problem=problem, line=line)


def _run(command: list[str], source: str, timeout_s: int) -> tuple[int, str, str]:
    """Run a program in an empty folder.

    Raises:
        TimeoutError: it took too long, and was ended with all that it had started.
        OSError: it cannot be started.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="sitegen-") as folder:
        # with SERVER_NAME it opens no file that a text names; fonts are found by the locale's letters
        environment = {**kept, "SERVER_NAME": "sitegen", "GV_FILE_PATH": folder, "LC_ALL": "C.UTF-8"}
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(source.encode("utf-8", "replace"), timeout=timeout_s)
            except subprocess.TimeoutExpired:
                end_group(process)
                raise TimeoutError from None
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session of its own, and all that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.communicate()


def _own_scale(svg: Element) -> float:
    """What `size` and `dpi` in the text make of the drawing's width."""
    width = _POINTS.match(svg.attributes.get("width", ""))
    box = svg.attributes.get("viewBox", "").split()
    return float(width[0]) / float(box[2]) if width and len(box) == 4 and float(box[2]) else 1.0


# --- colours ------------------------------------------------------------------------------------------

_Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _coloured(svg: Element) -> None:
    """Change the colours of a drawing so that it can be read on light and dark pages."""
    grounds: list[_Box] = []
    areas: list[_Box] = []
    for group in (each for each in svg.walk() if each.name == "g"):
        kind = group.attributes.get("class", "")
        if kind == "graph":
            _drop_paper(group)
        shapes = [each for each in _inside(group) if each.name in ("polygon", "ellipse", "path", "polyline")]
        if kind in ("graph", "cluster", "node"):
            grounds += [
                box
                for each in shapes
                if each.attributes.get("fill") not in (*_NONE, None) and (box := _box(each))
            ]
        if kind in ("graph", "cluster"):
            areas = list(grounds)
        for shape in shapes:
            _paint_shape(shape, kind, areas if kind == "edge" else grounds)
        for text in (each for each in _inside(group) if each.name == "text"):
            _paint_text(text, grounds)


def _inside(group: Element) -> list[Element]:
    """What stands in a group, but for what stands in another one with a class."""
    found: list[Element] = []
    for child in group.children:
        if isinstance(child, Element):
            if child.name == "g" and "class" in child.attributes:
                continue
            found += [child, *_inside(child)]
    return found


def _drop_paper(graph: Element) -> None:
    """The white ground that every drawing has; one of another colour is the author's."""
    for child in graph.children:
        if isinstance(child, Element) and child.name == "polygon":
            fill, stroke = child.attributes.get("fill"), child.attributes.get("stroke")
            if fill in ("white", _CLEAR, "none") and stroke in (_CLEAR, "none", "white"):
                graph.children.remove(child)
            return


def _paint_shape(shape: Element, kind: str, grounds: list[_Box]) -> None:
    given = shape.attributes
    for name in ("fill", "stroke"):
        colour = given.get(name, "none" if name == "stroke" else "black")
        if colour in _NONE:
            given[name] = "none"
        elif kind == "edge":
            given[name] = colour if _is_on(_middle(shape), grounds) else _on_page(colour)
        elif name == "stroke":
            fixed = given.get("fill") not in ("none", "currentColor") or _is_on(_middle(shape), grounds)
            given[name] = colour if fixed else _on_page(colour)
        # a shape with a fill keeps it: what is written on it has its colour for that


def _paint_text(text: Element, grounds: list[_Box]) -> None:
    colour = text.attributes.get("fill", "black")
    x, y = text.attributes.get("x", ""), text.attributes.get("y", "")
    place = (float(x), float(y)) if _POINTS.fullmatch(x) and _POINTS.fullmatch(y) else None
    text.attributes["fill"] = colour if _is_on(place, grounds) else _on_page(colour)


def _is_on(place: tuple[float, float] | None, grounds: list[_Box]) -> bool:
    return place is not None and any(
        left <= place[0] <= right and top <= place[1] <= bottom for left, top, right, bottom in grounds
    )


def _middle(shape: Element) -> tuple[float, float] | None:
    box = _box(shape)
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) if box else None


def _box(shape: Element) -> _Box | None:
    """Around a shape, in the units of the graph: Graphviz writes no other."""
    given = shape.attributes
    if shape.name == "ellipse":
        try:
            x, y, rx, ry = (float(given[name]) for name in ("cx", "cy", "rx", "ry"))
        except (KeyError, ValueError):
            return None
        return x - rx, y - ry, x + rx, y + ry
    numbers = [float(each) for each in _POINTS.findall(given.get("points", "") or given.get("d", ""))]
    if len(numbers) < 4:
        return None
    across, down = numbers[::2], numbers[1::2]
    return min(across), min(down), max(across), max(down)


def _on_page(colour: str) -> str:
    """A colour on the page's own ground."""
    if colour.lower() in ("black", "#000000"):
        return "currentColor"
    if colour.startswith("url("):
        return colour
    rgb = _rgb(colour)
    if rgb is None:
        return "currentColor"
    lighter = _lighter(rgb)
    return _hex(rgb) if lighter == rgb else f"light-dark({_hex(rgb)},{_hex(lighter)})"


def _lighter(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """The same hue, as light as a dark page needs it."""
    for step in range(11):
        red, green, blue = (round(part + (255 - part) * step / 10) for part in rgb)
        if _contrast((red, green, blue), _DARK) >= _LEAST_CONTRAST:
            return red, green, blue
    return 255, 255, 255


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2.2, contrast ratio."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: tuple[int, int, int]) -> float:
    parts = (part / 255 for part in rgb)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=256)
def _rgb(colour: str) -> tuple[int, int, int] | None:
    from PIL import ImageColor  # the names of colours; here: most diagrams have black alone

    try:
        return ImageColor.getrgb(colour)[:3]
    except ValueError:
        return None


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
