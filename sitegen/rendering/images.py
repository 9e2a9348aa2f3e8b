"""The size of an image in CSS pixels, from its first bytes; Pillow only where the header is not simple."""

from __future__ import annotations

import io
import re
import struct
from functools import lru_cache
from pathlib import Path
from typing import Final

_HEAD_BYTES: Final = 65536
_SVG = re.compile(r"<svg\b[^>]*>", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*([a-z%]*)", re.IGNORECASE)
_PIXELS: Final = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
"""CSS pixels to a unit (CSS Values 4, 6.2)."""


def file_size_px(file: Path) -> tuple[int, int] | None:
    """Width and height of an image file; None where it is missing or no image. Asked once a version."""
    try:
        status = file.stat()
    except OSError:
        return None
    return _file_size_px(file, status.st_mtime_ns, status.st_size)


def size_px(content: bytes, media_type: str = "") -> tuple[int, int] | None:
    """Width and height of an image; None for what cannot be read."""
    if media_type == "image/svg+xml" or b"<svg" in content[:4096]:
        return svg_size_px(content[:_HEAD_BYTES].decode("utf-8", "replace"))
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return int(width), int(height)
    return _size_by_pillow(content)


def svg_size_px(svg: str) -> tuple[int, int] | None:
    """The size that an SVG gives itself: `width` and `height`, else its `viewBox`."""
    match = _SVG.search(svg)
    if match is None:
        return None
    width, height = _length(_attribute(match.group(), "width")), _length(_attribute(match.group(), "height"))
    box = _attribute(match.group(), "viewBox").replace(",", " ").split()
    if len(box) == 4:
        box_width, box_height = _length(box[2]), _length(box[3])
        if box_width and box_height:
            if width is None and height is None:
                width, height = box_width, box_height
            elif height is None and width is not None:
                height = width * box_height / box_width
            elif width is None and height is not None:
                width = height * box_width / box_height
    if not width or not height:
        return None
    return round(width), round(height)


@lru_cache(maxsize=4096)
def _file_size_px(file: Path, mtime_ns: int, size_bytes: int) -> tuple[int, int] | None:  # noqa: ARG001 -- the key
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith((b"\xff\xd8", b"RIFF")):  # a JPEG's size may stand behind a long profile
        head = file.read_bytes()
    return size_px(head, "image/svg+xml" if file.suffix.lower() == ".svg" else "")


def _size_by_pillow(content: bytes) -> tuple[int, int] | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (match[1] or match[2] or "") if match else ""


def _length(text: str) -> float | None:
    """A length in pixels; None for percentages and units that depend on a font."""
    match = _LENGTH.fullmatch(text.strip()) if text else None
    factor = _PIXELS.get(match[2].lower()) if match else None
    return float(match[1]) * factor if match and factor is not None else None
