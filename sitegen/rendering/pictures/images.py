"""The size of an image in CSS pixels, from its first bytes; Pillow only where the header is not simple."""

from __future__ import annotations

import io
import re
import struct
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from sitegen.rendering.pictures.box_metadata import film_size_px, is_boxes

_HEAD_BYTES: Final = 4096
"""What holds the size of every format but SVG, whose first tag may come later, and JPEG, which is walked."""
_SVG_BYTES: Final = 65536
_MOST_PIXELS: Final = 89_478_485
"""Above it Pillow warns (`Image.MAX_IMAGE_PIXELS`)."""
_OTHER_FILMS: Final = (b"\x1aE\xdf\xa3", b"OggS")
"""WebM and Ogg, which are not looked into."""
_JPEG_SCAN: Final = 0xDA
_JPEG_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive: the ones that browsers show."""
_JPEG_SEGMENTS: Final = frozenset({0xC4, 0xDA, 0xDB, 0xDD, 0xFE, *_JPEG_FRAMES, *range(0xE0, 0xF0)})
"""Tables, the scan, the restart interval, comments, frames and applications' own; any other is left to Pillow."""
_SVG = re.compile(r"<svg\b[^>]*>", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*([a-z%]*)", re.IGNORECASE)
_PIXELS: Final = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
"""CSS pixels to a unit (CSS Values 4, 6.2)."""


def file_size_px(file: Path) -> tuple[int, int] | None:
    """Width and height of an image file; None where it is missing or no image. Asked once a version.

    Of a PNG, GIF, JPEG or WebP a few bytes are read, which takes some 15 microseconds (2,000 pictures: 0.03 s; by Pillow
    0.16 s). So sizes are not kept across builds: the dates of a fresh checkout are new, and a digest reads all of a file.
    """
    try:
        status = file.stat()
    except OSError:
        return None
    return _file_size_px(file, status.st_mtime_ns, status.st_size)


def size_px(content: bytes, media_type: str = "") -> tuple[int, int] | None:
    """Width and height of an image, both above 0; None for what cannot be read."""
    return _size_px(_after(content, _HEAD_BYTES), content[:_HEAD_BYTES], len(content), media_type)


def _size_px(stream: BinaryIO, head: bytes, size_bytes: int, media_type: str) -> tuple[int, int] | None:
    """The same of an open file, of which no more is read than its size needs.

    Args:
        stream: the whole image, which can be sought.
        head: its first bytes.
        size_bytes: of all of it.
        media_type: where it is known.
    """
    content = head
    if media_type == "image/svg+xml" or b"<svg" in content[:4096]:
        return svg_size_px((content + stream.read(_SVG_BYTES - len(content))).decode("utf-8", "replace"))
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return _some(struct.unpack(">II", content[16:24]))
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return _some(struct.unpack("<HH", content[6:10]))
    if content[:4] in _OTHER_FILMS:
        return None
    if is_boxes(content[:12]) and (film := film_size_px(stream)) is not None:
        return film
    found = jpeg_size_px(stream) if content.startswith(b"\xff\xd8\xff") else webp_size_px(content, size_bytes)
    # an image of so many pixels may be made to fill the memory: Pillow says what it thinks of that
    if found is not None and found[0] * found[1] <= _MOST_PIXELS:
        return found
    stream.seek(0)
    return _size_by_pillow(stream.read())


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
    return max(1, round(width)), max(1, round(height))


@lru_cache(maxsize=4096)
def _file_size_px(file: Path, mtime_ns: int, size_bytes: int) -> tuple[int, int] | None:  # noqa: ARG001 -- the key
    with file.open("rb") as stream:
        return _size_px(
            stream,
            stream.read(_HEAD_BYTES),
            size_bytes,
            "image/svg+xml" if file.suffix.lower() == ".svg" else "",
        )


def jpeg_size_px(stream: BinaryIO) -> tuple[int, int] | None:
    """The size that a JPEG's frame header says; None where its segments are not as they should be up to the first scan.

    Segments are stepped over, so a long colour profile is not read. Source: ITU-T T.81, B.1.1.2 and B.2.2.
    """
    stream.seek(2)
    found: tuple[int, int] | None = None
    while True:
        marker = stream.read(2)
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] not in _JPEG_SEGMENTS:
            return None
        if marker[1] == _JPEG_SCAN:
            return found
        length = stream.read(2)
        if len(length) < 2 or (size_bytes := struct.unpack(">H", length)[0]) < 2:
            return None
        if marker[1] in _JPEG_FRAMES:
            header = stream.read(size_bytes - 2)
            if len(header) < 6 or header[0] != 8 or header[5] not in (1, 3, 4):
                return None
            height, width = struct.unpack(">HH", header[1:5])
            found = (width, height) if width and height else None
        else:
            stream.seek(size_bytes - 2, io.SEEK_CUR)


def webp_size_px(head: bytes, size_bytes: int) -> tuple[int, int] | None:
    """The size that a whole WebP's first chunk says; None for anything else. Source: RFC 9649, 2.5 to 2.7."""
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    if struct.unpack("<I", head[4:8])[0] + 8 != size_bytes:
        return None  # cut off, or with something behind it
    if head[12:16] == b"VP8X":
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if head[12:16] == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _after(content: bytes, position: int) -> BinaryIO:
    stream = io.BytesIO(content)
    stream.seek(position)
    return stream


def _size_by_pillow(content: bytes) -> tuple[int, int] | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            # an AVIF is turned by a property of its own, which Pillow tells as EXIF would; browsers show it turned
            is_sideways = image.format == "AVIF" and image.getexif().get(0x0112, 1) >= 5
            return _some(image.size[::-1] if is_sideways else image.size)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None


def _some(size: tuple[int, ...]) -> tuple[int, int] | None:
    """A size; None where there is no pixel."""
    width, height = size
    return (width, height) if width and height else None


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (match[1] or match[2] or "") if match else ""


def _length(text: str) -> float | None:
    """A length in pixels; None for percentages and units that depend on a font."""
    match = _LENGTH.fullmatch(text.strip()) if text else None
    factor = _PIXELS.get(match[2].lower()) if match else None
    return float(match[1]) * factor if match and factor is not None else None
