"""What a photograph or a film says of its maker and place: read, and taken out without touching a pixel. No Pillow.

JPEG, PNG, WebP and GIF are chains of labelled pieces, so the pieces that hold EXIF, XMP, IPTC and comments are left out and all
others stay byte for byte, the colour profile among them. A picture that is to be turned keeps that one tag, since browsers
turn the file by it. AVIF, HEIC, MP4 and QuickTime are boxes (`box_metadata.py`). What stands behind the end of a picture goes:
previews, films of live photographs, and what a program that cropped a screenshot in its place has left.
Sources: ITU-T T.81 annex B, PNG 3rd edition 11.3, RFC 9649, GIF89a, `exif.py`.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from sitegen.rendering.pictures.box_metadata import UncutError, findings, is_boxes
from sitegen.rendering.pictures.box_metadata import without as without_boxes
from sitegen.rendering.pictures.exif import PLACE_IN_XMP, minimal_exif, read_exif, tiff_says
from sitegen.values import dataclass

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_EXIF: Final = b"Exif\x00\x00"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/"
_SOFTWARE: Final = b"Software\x00"
"""The one text of a PNG that stays: matplotlib writes it. Others hold authors, dates, XMP, EXIF and what was cut away."""
_GIF_KEPT: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
"""Extensions of GIF that are of the picture: how often it repeats, its colour profile."""
_LAST: Final = (b"", b"\xd9", b"\xda")
"""Behind which there is no more segment: the end of the file, of the picture, the beginning of a scan."""
_MARKER: Final = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
"""In the coded data of a scan: the next marker that is no restart (T.81, B.1.1.2)."""
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
    uncut: str = ""
    """Why it cannot be taken out, in words."""

    @property
    def is_sideways(self) -> bool:
        """Whether width and height change places when it is shown."""
        return self.orientation >= 5


_NONE: Final = Metadata()


def file_metadata(file: Path) -> Metadata:
    """What a file says; nothing where it is none of these formats. Asked once a version."""
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
    head = stream.read(16)
    if is_boxes(head):
        try:
            boxes = findings(stream)
        except UncutError as error:
            return Metadata(is_personal=True, uncut=str(error))
        return Metadata(has_place=boxes.has_place, is_personal=boxes.is_personal)
    if head.startswith((b"II*\x00", b"MM\x00*")):
        is_personal, has_place = tiff_says(stream)
        uncut = "TIFF cannot be cut" if is_personal else ""
        return Metadata(has_place=has_place, is_personal=is_personal, uncut=uncut)
    stream.seek(0)
    found: list[tuple[bytes, bytes]] = []
    for kind, start, end in _pieces(stream):
        if kind in _KINDS:
            stream.seek(start)
            found.append((kind, stream.read(end - start)))
    personal = [(kind, piece) for kind, piece in found if _is_personal(kind, piece)]
    if not personal:
        return _NONE
    exif = next((tiff for kind, piece in personal if (tiff := _tiff(kind, piece)) is not None), None)
    orientation, has_place = read_exif(exif) if exif is not None else (1, False)
    is_ours = len(personal) == 1 and exif == minimal_exif(orientation)
    return Metadata(
        orientation=orientation,
        has_place=has_place or any(PLACE_IN_XMP.search(piece) for _, piece in personal),
        is_personal=not is_ours,
    )


def without_metadata(content: bytes, orientation: int = 1) -> bytes:
    """The same picture without EXIF, XMP, IPTC and comments; anything that is none of these formats as it is.

    Args:
        content: of the file.
        orientation: as `metadata` gives it, which stays.

    Raises:
        UncutError: where `metadata` says so (`uncut`).
    """
    if content.startswith(b"\xff\xd8\xff"):
        return _bare_jpeg(content, orientation)
    if content.startswith(_PNG):
        return _bare_png(content, orientation)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _bare_webp(content, orientation)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _bare_gif(content)
    if is_boxes(content[:16]):
        return without_boxes(content, findings(io.BytesIO(content)))
    return content


# --- pieces

_KINDS: Final = frozenset({b"APP", b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"EXIF", b"XMP ", b"GIF", b"TAIL"})


def _pieces(stream: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the body of each piece that may be of interest."""
    head = stream.read(16)
    if head.startswith(b"\xff\xd8\xff"):
        yield from _jpeg_pieces(stream)
    elif head.startswith(_PNG):
        yield from _png_pieces(stream)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        yield from _webp_pieces(stream, int.from_bytes(head[4:8], "little") + 8)
    elif head.startswith((b"GIF87a", b"GIF89a")):
        stream.seek(0)
        content = stream.read()
        for start, end in _gif_told(content):
            yield b"GIF", start, end


def _jpeg_pieces(stream: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Segments before the first scan; the body of each begins with its marker's second byte."""
    position = 2
    while True:
        stream.seek(position)
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xD9, 0xDA):
            yield from _tail(stream, b"\xff\xd9")
            return
        if head[1] == 0xFF:  # fill, of which any number may stand before a marker (T.81, B.1.1.2)
            position += 1
            continue
        end = position + 2 + int.from_bytes(head[2:], "big")
        if end <= position + 3:
            return
        if 0xE1 <= head[1] <= 0xEF or head[1] == 0xFE:
            yield b"APP", position + 1, end
        position = end


def _tail(stream: BinaryIO, end_mark: bytes) -> Iterator[tuple[bytes, int, int]]:
    """A sign that something stands behind the picture: the file does not end with its end."""
    size_bytes = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size_bytes - len(end_mark)))
    if stream.read() != end_mark:
        yield b"TAIL", size_bytes, size_bytes


def _png_pieces(stream: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    for kind, start, end in _chunks(stream, 8, ">I4s", has_checksum=True):
        yield kind, start, end
        if kind == b"IEND":
            stream.seek(end + 4)
            if stream.read(1):
                yield b"TAIL", end + 4, end + 4
            return


def _webp_pieces(stream: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    for kind, start, stop in _chunks(stream, 12, "<4sI", has_checksum=False):
        if start > end:
            yield b"TAIL", end, end
            return
        yield kind, start, stop


def _gif_told(content: bytes) -> Iterator[tuple[int, int]]:
    """Comments and XMP of a GIF, and what stands behind its end."""
    position = 13 + _colours_bytes(content, 10)
    while position < len(content):
        start, kind = position, content[position]
        if kind == 0x3B:
            if position + 1 < len(content):
                yield position + 1, len(content)
            return
        if kind == 0x21:
            label, body = content[position + 1 : position + 2], content[position + 3 : position + 14]
            position = _behind_blocks(content, position + 2)
            if label == b"\xfe" or (label == b"\xff" and body not in _GIF_KEPT):
                yield start, position
        elif kind == 0x2C:
            position = _behind_blocks(content, position + 11 + _colours_bytes(content, position + 9))
        else:
            return  # no block: damaged


def _colours_bytes(content: bytes, place: int) -> int:
    """Of a table of colours, by the flags at a place."""
    flags = content[place] if place < len(content) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(content: bytes, position: int) -> int:
    while position < len(content) and content[position]:
        position += content[position] + 1
    return position + 1


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
        return not piece.startswith(_SOFTWARE)
    return True


def _tiff(kind: bytes, piece: bytes) -> bytes | None:
    """The TIFF structure that EXIF is, of a piece that holds it."""
    if kind == b"APP":
        body = piece[3:]
        return body[len(_EXIF) :] if piece[0] == 0xE1 and body.startswith(_EXIF) else None
    if kind in (b"eXIf", b"EXIF"):
        return piece[len(_EXIF) :] if piece.startswith(_EXIF) else piece
    return None


# --- without


def _bare_jpeg(content: bytes, orientation: int) -> bytes:
    parts, position = [content[:2]], 2
    if content[2:4] == b"\xff\xe0":  # JFIF wants to be first
        position = 4 + int.from_bytes(content[4:6], "big")
        parts.append(content[2:position])
    if orientation != 1:
        exif = _EXIF + minimal_exif(orientation)
        parts.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    while content[position : position + 1] == b"\xff" and content[position + 1 : position + 2] not in _LAST:
        marker = content[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        end = position + 2 + int.from_bytes(content[position + 2 : position + 4], "big")
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
    import zlib

    parts = [content[:8]]
    for kind, start, end in _png_pieces(io.BytesIO(content)):
        if kind in _KINDS and _is_personal(kind, content[start:end]):
            continue
        parts.append(content[start - 8 : end + 4])
        if kind == b"IHDR" and orientation != 1:
            body = b"eXIf" + minimal_exif(orientation)
            parts.append(struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)))
    return b"".join(parts)


def _bare_gif(content: bytes) -> bytes:
    parts, done = [], 0
    for start, end in _gif_told(content):
        parts.append(content[done:start])
        done = end
    return b"".join((*parts, content[done:]))


def _bare_webp(content: bytes, orientation: int) -> bytes:
    parts: list[bytes] = []
    removed = _WEBP_FLAGS[b"XMP "] if orientation != 1 else sum(_WEBP_FLAGS.values())
    size_bytes = int.from_bytes(content[4:8], "little") + 8
    for kind, start, end in _webp_pieces(io.BytesIO(content), size_bytes):
        if kind in _WEBP_FLAGS or kind == b"TAIL":
            continue
        piece = content[start - 8 : end + (end - start & 1)]
        if kind == b"VP8X":
            piece = piece[:8] + bytes([piece[8] & ~removed]) + piece[9:]
        parts.append(piece)
    if orientation != 1:
        exif = minimal_exif(orientation)
        parts.append(b"EXIF" + struct.pack("<I", len(exif)) + exif)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body
