"""What a photograph says of its maker and place: read, and taken out without touching a pixel. No Pillow.

JPEG, PNG and WebP are chains of labelled pieces, so the pieces that hold EXIF, XMP, IPTC and comments are left out and all
others stay byte for byte, the colour profile among them. A picture that is to be turned keeps that one tag, since browsers
turn the file by it. Sources: ITU-T T.81 annex B, PNG 3rd edition 11.3, RFC 9649, Exif 3.0 4.6 (tags 0x0112 and 0x8825).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from sitegen.values import dataclass

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_EXIF: Final = b"Exif\x00\x00"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/"
_PNG_TEXTS: Final = (b"XML:com.adobe.xmp\x00", b"Raw profile type ")
"""Keywords of the texts that ImageMagick and Adobe's programs keep EXIF, IPTC and XMP in."""
_PLACE_IN_XMP: Final = re.compile(rb"exif:GPSL(?:at|ong)itude")
_MARKER: Final = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
"""In the coded data of a scan: the next marker that is no restart (T.81, B.1.1.2)."""
_ORIENTATION: Final = 0x0112
_PLACE: Final = 0x8825
_LATITUDE: Final = 0x0002
_WEBP_FLAGS: Final = {b"EXIF": 0x08, b"XMP ": 0x04}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a photograph says beside its picture."""

    orientation: int = 1
    """1 to 8, as EXIF counts: 5 and above lie on their side."""
    has_place: bool = False
    """It says where it was taken."""
    is_personal: bool = False
    """There is something to take out."""

    @property
    def is_sideways(self) -> bool:
        """Whether width and height change places when it is shown."""
        return self.orientation >= 5


_NONE: Final = Metadata()


def file_metadata(file: Path) -> Metadata:
    """What a file says; nothing where it is none of the three formats. Asked once a version."""
    try:
        status = file.stat()
    except OSError:
        return _NONE
    return _file_metadata(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _file_metadata(file: Path, mtime_ns: int, size_bytes: int) -> Metadata:  # noqa: ARG001 -- the key
    try:
        with file.open("rb") as stream:
            return metadata(stream)
    except OSError:
        return _NONE


def metadata(stream: BinaryIO) -> Metadata:
    """What an open file says, of which the pixels are stepped over."""
    found: list[tuple[bytes, bytes]] = []
    for kind, start, end in _pieces(stream):
        if kind in _KINDS:
            stream.seek(start)
            found.append((kind, stream.read(end - start)))
    personal = [(kind, piece) for kind, piece in found if _is_personal(kind, piece)]
    if not personal:
        return _NONE
    exif = next((tiff for kind, piece in personal if (tiff := _tiff(kind, piece)) is not None), None)
    orientation, has_place = _read_exif(exif) if exif is not None else (1, False)
    is_ours = len(personal) == 1 and exif == _minimal_exif(orientation)
    return Metadata(
        orientation=orientation,
        has_place=has_place or any(_PLACE_IN_XMP.search(piece) for _, piece in personal),
        is_personal=not is_ours,
    )


def without_metadata(content: bytes, orientation: int = 1) -> bytes:
    """The same picture without EXIF, XMP, IPTC and comments; anything but the three formats as it is.

    Args:
        content: of the file.
        orientation: as `metadata` gives it, which stays.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return _bare_jpeg(content, orientation)
    if content.startswith(_PNG):
        return _bare_png(content, orientation)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _bare_webp(content, orientation)
    return content


# --- pieces

_KINDS: Final = frozenset({b"APP", b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"EXIF", b"XMP "})


def _pieces(stream: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the body of each piece that may be of interest."""
    head = stream.read(16)
    if head.startswith(b"\xff\xd8\xff"):
        yield from _jpeg_pieces(stream)
    elif head.startswith(_PNG):
        yield from _chunks(stream, 8, ">I4s", has_checksum=True)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        yield from _chunks(stream, 12, "<4sI", has_checksum=False)


def _jpeg_pieces(stream: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Segments before the first scan; the body of each begins with its marker's second byte."""
    position = 2
    while True:
        stream.seek(position)
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xD9, 0xDA):
            return
        end = position + 2 + int.from_bytes(head[2:], "big")
        if end <= position + 3:
            return
        if 0xE1 <= head[1] <= 0xEF or head[1] == 0xFE:
            yield b"APP", position + 1, end
        position = end


def _chunks(
    stream: BinaryIO, position: int, layout: str, *, has_checksum: bool
) -> Iterator[tuple[bytes, int, int]]:
    while True:
        stream.seek(position)
        head = stream.read(8)
        if len(head) < 8:
            return
        first, second = struct.unpack(layout, head)
        kind, length = (second, first) if has_checksum else (first, second)
        yield kind, position + 8, position + 8 + length
        position += 8 + length + (4 if has_checksum else length & 1)


def _is_personal(kind: bytes, piece: bytes) -> bool:
    if kind == b"APP":
        marker, body = piece[0], piece[3:]
        is_kept = (marker == 0xE2 and body.startswith(b"ICC_PROFILE\x00")) or (
            marker == 0xEE and body.startswith(b"Adobe")
        )
        return not is_kept
    if kind in (b"tEXt", b"zTXt", b"iTXt"):
        return piece.startswith(_PNG_TEXTS)
    return True


def _tiff(kind: bytes, piece: bytes) -> bytes | None:
    """The TIFF structure that EXIF is, of a piece that holds it."""
    if kind == b"APP":
        body = piece[3:]
        return body[len(_EXIF) :] if piece[0] == 0xE1 and body.startswith(_EXIF) else None
    if kind in (b"eXIf", b"EXIF"):
        return piece[len(_EXIF) :] if piece.startswith(_EXIF) else piece
    return None


# --- EXIF


def _read_exif(tiff: bytes) -> tuple[int, bool]:
    """Orientation, and whether there is a place."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return 1, False
    try:
        tags = _directory(tiff, struct.unpack_from(f"{order}I", tiff, 4)[0], order)
        orientation = struct.unpack_from(
            f"{order}H", tags.get(_ORIENTATION, b"\1\0" if order == "<" else b"\0\1")
        )
        where = tags.get(_PLACE)
        has_place = where is not None and _LATITUDE in _directory(
            tiff, struct.unpack(f"{order}I", where)[0], order
        )
    except struct.error:  # it ends too early
        return 1, False
    return (orientation[0] if 1 <= orientation[0] <= 8 else 1), has_place


def _directory(tiff: bytes, offset: int, order: str) -> dict[int, bytes]:
    """Tag to the four bytes of its value, or of where that is."""
    (count,) = struct.unpack_from(f"{order}H", tiff, offset)
    entries = (struct.unpack_from(f"{order}HHI4s", tiff, offset + 2 + 12 * place) for place in range(count))
    return {tag: value for tag, _, _, value in entries}


def _minimal_exif(orientation: int) -> bytes:
    """EXIF that says the orientation and nothing else."""
    return struct.pack(">4sIHHHIHHI", b"MM\x00*", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)


# --- without


def _bare_jpeg(content: bytes, orientation: int) -> bytes:
    parts, position = [content[:2]], 2
    if content[2:4] == b"\xff\xe0":  # JFIF wants to be first
        position = 4 + int.from_bytes(content[4:6], "big")
        parts.append(content[2:position])
    if orientation != 1:
        exif = _EXIF + _minimal_exif(orientation)
        parts.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    while content[position : position + 1] == b"\xff" and content[position + 1] not in (0xD9, 0xDA):
        end = position + 2 + int.from_bytes(content[position + 2 : position + 4], "big")
        marker = content[position + 1]
        is_told = 0xE1 <= marker <= 0xEF or marker == 0xFE
        if not is_told or not _is_personal(b"APP", content[position + 1 : end]):
            parts.append(content[position:end])
        if end <= position + 3:
            return content
        position = end
    parts.append(content[position : _end_of_image(content, position)])
    return b"".join(parts)


def _end_of_image(content: bytes, position: int) -> int:
    """Where the picture ends: phones put previews, with EXIF of their own, behind it."""
    while position < len(content):
        match = _MARKER.search(content, position)
        if match is None:
            break
        if match[1] == b"\xd9":
            return match.end()
        length = int.from_bytes(content[match.end() : match.end() + 2], "big")
        position = match.end() + max(length, 2)
    return len(content)


def _bare_png(content: bytes, orientation: int) -> bytes:
    import io
    import zlib

    parts = [content[:8]]
    for kind, start, end in _chunks(io.BytesIO(content), 8, ">I4s", has_checksum=True):
        if kind in _KINDS and _is_personal(kind, content[start:end]):
            continue
        parts.append(content[start - 8 : end + 4])
        if kind == b"IHDR" and orientation != 1:
            body = b"eXIf" + _minimal_exif(orientation)
            parts.append(struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)))
    return b"".join(parts)


def _bare_webp(content: bytes, orientation: int) -> bytes:
    import io

    parts: list[bytes] = []
    removed = _WEBP_FLAGS[b"XMP "] if orientation != 1 else sum(_WEBP_FLAGS.values())
    for kind, start, end in _chunks(io.BytesIO(content), 12, "<4sI", has_checksum=False):
        if kind in _WEBP_FLAGS:
            continue
        piece = content[start - 8 : end + (end - start & 1)]
        if kind == b"VP8X":
            piece = piece[:8] + bytes([piece[8] & ~removed]) + piece[9:]
        parts.append(piece)
    if orientation != 1:
        exif = _minimal_exif(orientation)
        parts.append(b"EXIF" + struct.pack("<I", len(exif)) + exif)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body
