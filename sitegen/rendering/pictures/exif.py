"""EXIF as far as a build reads it: how a picture is to be turned, and whether it says where it was taken.

Source: Exif 3.0, 4.6 (tags 0x0112 and 0x8825 of a TIFF 6.0 directory).
"""

from __future__ import annotations

import re
import struct
from typing import BinaryIO, Final

PLACE_IN_XMP: Final = re.compile(
    rb"exif:GPSL(?:at|ong)itude|photoshop:City|Iptc4xmp(?:Core:Location|Ext:Location)"
)
_ORIENTATION: Final = 0x0112
_PLACE: Final = 0x8825
_LATITUDE: Final = 0x0002
_ORDERS: Final = {b"II*\x00": "<", b"MM\x00*": ">"}
_PERSONAL: Final = frozenset({0x010F, 0x0110, 0x013B, 0x013C, 0x02BC, 0x83BB, 0x8298, 0x8649, 0x8769, _PLACE})
"""Maker, model, artist, computer, XMP, IPTC, copyright, Photoshop, EXIF, place."""
_MOST_ENTRIES: Final = 4096


def read_exif(tiff: bytes) -> tuple[int, bool]:
    """Orientation, and whether there is a place."""
    order = _ORDERS.get(tiff[:4])
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


def minimal_exif(orientation: int) -> bytes:
    """EXIF that says the orientation and nothing else."""
    return struct.pack(">4sIHHHIHHI", b"MM\x00*", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)


def tiff_says(stream: BinaryIO) -> tuple[bool, bool]:
    """Of a TIFF file: whether it says who made it with what, and whether where; its first directory is read alone."""
    stream.seek(0)
    head = stream.read(8)
    order = _ORDERS.get(head[:4])
    if order is None or len(head) < 8:
        return False, False
    stream.seek(struct.unpack_from(f"{order}I", head, 4)[0])
    count = stream.read(2)
    if len(count) < 2:
        return False, False
    (entries,) = struct.unpack(f"{order}H", count)
    directory = stream.read(12 * min(entries, _MOST_ENTRIES))
    tags = {
        struct.unpack_from(f"{order}H", directory, start)[0] for start in range(0, len(directory) - 11, 12)
    }
    return not _PERSONAL.isdisjoint(tags), _PLACE in tags
