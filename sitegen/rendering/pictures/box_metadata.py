"""What AVIF, HEIC, MP4 and QuickTime files say of their maker and place: found, and written over in its place.

These are boxes in boxes that name others by their offset in the file, so nothing is moved: a box that is taken out becomes
`free` space of the same length, and EXIF and XMP become ones that say nothing. How a picture is to be turned is a property of
its own here (`irot`), and a colour profile another (`colr`); both stay. A film's tracks of measurements (GPS of action
cameras, what a phone's sensors saw) go with their samples.
Sources: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 annex A (EXIF and XMP as items), QuickTime File Format, "Metadata".
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import BinaryIO, Final

from sitegen.rendering.pictures.exif import PLACE_IN_XMP, read_exif
from sitegen.values import dataclass

_PICTURES: Final = frozenset(
    {b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
)
_INSIDE: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_TOLD: Final = frozenset({b"udta", b"meta", b"uuid"})
"""Of a film, at the top, in `moov` and in a track: what users and cameras say of it."""
_DATED: Final = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_HARMLESS: Final = frozenset({b"meta", b"hdlr", b"ilst", b"\xa9too", b"free", b"data"})
"""All that `udta` has in the films of ffmpeg: which program wrote it."""
_PLACES: Final = (b"\xa9xyz", b"loci", b"location.ISO6709", b"GPSL", b"gpmd")
_NO_EXIF: Final = b"\x00\x00\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"
"""An item of EXIF whose only directory is empty."""
_NO_XMP: Final = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
_LARGEST_HEAD: Final = 64 * 1024 * 1024
"""Of a box that is read whole: `moov` of a film of hours has a few."""
_MOST_SAMPLES: Final = 10_000_000


class UncutError(Exception):
    """What is told cannot be taken out, with why in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is to be written over."""

    patches: tuple[tuple[int, bytes], ...]
    """Where in the file, and what is to stand there."""
    blanks: tuple[tuple[int, int], ...] = ()
    """Start and end of what becomes zeros."""
    has_place: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether there is something to take out."""
        return bool(self.patches or self.blanks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


def is_boxes(head: bytes) -> bool:
    """Whether a file is one of these, by its first twelve bytes."""
    return head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide") and len(head) >= 12


def findings(stream: BinaryIO) -> Findings:
    """What a file says beside its picture or film, of which pixels and sound are stepped over.

    Raises:
        UncutError: it says something that cannot be found.
    """
    stream.seek(0, io.SEEK_END)
    size_bytes = stream.tell()
    try:
        top = tuple(_boxes(stream, 0, size_bytes))
        if top and top[0].kind == b"ftyp" and not _PICTURES.isdisjoint(_brands(stream, top[0])):
            return _of_picture(stream, top)
        return _of_film(stream, top)
    except (
        struct.error,
        IndexError,
        ValueError,
    ) as error:  # a box ends too early, or two tables do not agree
        raise UncutError("it is damaged") from error


def film_size_px(stream: BinaryIO) -> tuple[int, int] | None:
    """Width and height in which a film of MP4 or QuickTime is shown; None for what has none, or is damaged."""
    stream.seek(0, io.SEEK_END)
    top = _boxes(stream, 0, stream.tell())
    try:
        moov = next((box for box in top if box.kind == b"moov"), None)
        for track in _boxes(stream, moov.body, moov.end) if moov is not None else ():
            header = _inside(stream, track, b"tkhd") if _handler(stream, track) == b"vide" else None
            if header is not None:
                # a matrix of nine numbers, of which the first is 0 in a film on its side; the size in 65,536ths
                upright, *_, width, height = struct.unpack(">9i2I", _whole(stream, header)[-44:])
                size = (width >> 16, height >> 16)
                return None if 0 in size else size if upright else size[::-1]
    except (UncutError, struct.error):
        return None
    return None


def without(content: bytes, found: Findings) -> bytes:
    """The same file, as long as it was, without what was found."""
    made = bytearray(content)
    for start, end in found.blanks:
        made[start : min(end, len(content))] = bytes(max(0, min(end, len(content)) - start))
    for start, piece in found.patches:
        made[start : start + len(piece)] = piece
    return bytes(made)


# --- boxes


def _boxes(stream: BinaryIO, position: int, end: int) -> Iterator[_Box]:
    while position + 8 <= end:
        head = _read(stream, position, 16)
        length, kind = struct.unpack_from(">I4s", head)
        body = position + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", head, 8)
            body = position + 16
        elif length == 0:
            length = end - position
        if length < body - position or position + length > end:
            return  # no box, or one that is cut off
        yield _Box(kind=kind, start=position, body=body, end=position + length)
        position += length


def _read(stream: BinaryIO, start: int, length: int) -> bytes:
    if length > _LARGEST_HEAD:
        raise UncutError("it is damaged")
    stream.seek(start)
    return stream.read(length)


def _whole(stream: BinaryIO, box: _Box) -> bytes:
    return _read(stream, box.body, box.end - box.body)


def _brands(stream: BinaryIO, ftyp: _Box) -> set[bytes]:
    named = _whole(stream, ftyp)
    return {named[:4], *(named[place : place + 4] for place in range(8, len(named), 4))}


def _freed(box: _Box) -> tuple[tuple[int, bytes], tuple[int, int]]:
    """The box as free space."""
    return (box.start + 4, b"free"), (box.body, box.end)


# --- pictures


def _of_picture(stream: BinaryIO, top: Iterable[_Box]) -> Findings:
    patches: list[tuple[int, bytes]] = []
    blanks: list[tuple[int, int]] = []
    has_place = False
    for box in top:
        if box.kind == b"uuid":
            patch, blank = _freed(box)
            patches.append(patch)
            blanks.append(blank)
        if box.kind != b"meta":
            continue
        for kind, extents in _items(stream, box):
            said = b"".join(_read(stream, start, end - start) for start, end in extents)
            nothing = (_NO_EXIF if kind == b"Exif" else _NO_XMP.ljust(len(said)))[: len(said)]
            if said == nothing.ljust(len(said), b"\0"):
                continue
            has_place = has_place or _has_place(kind, said)
            for start, end in extents:
                blanks.append((start, end))
                patches.append((start, nothing[: end - start]))
                nothing = nothing[end - start :]
    return Findings(patches=tuple(patches), blanks=tuple(blanks), has_place=has_place)


def _has_place(kind: bytes, said: bytes) -> bool:
    if kind != b"Exif":
        return PLACE_IN_XMP.search(said) is not None
    (skipped,) = struct.unpack_from(">I", said)
    return read_exif(said[4 + skipped :])[1]


def _items(stream: BinaryIO, meta: _Box) -> Iterator[tuple[bytes, tuple[tuple[int, int], ...]]]:
    """`Exif` or `mime`, and where the item lies."""
    boxes = {box.kind: box for box in _boxes(stream, meta.body + 4, meta.end)}
    if not boxes.keys() >= {b"iinf", b"iloc"}:
        return
    kinds = dict(_item_kinds(stream, boxes[b"iinf"]))
    for number, method, extents in _locations(_whole(stream, boxes[b"iloc"])):
        kind = kinds.get(number)
        if kind is None:
            continue
        if method == 1 and b"idat" in boxes:
            extents = tuple((boxes[b"idat"].body + start, length) for start, length in extents)
        elif method != 0:
            raise UncutError("its EXIF or XMP is made of other items")
        if any(length == 0 for _, length in extents):
            raise UncutError("its EXIF or XMP has no length")
        yield kind, tuple((start, start + length) for start, length in extents)


def _item_kinds(stream: BinaryIO, iinf: _Box) -> Iterator[tuple[int, bytes]]:
    version = _read(stream, iinf.body, 1)[0]
    for box in _boxes(stream, iinf.body + (6 if version == 0 else 8), iinf.end):
        entry = _whole(stream, box)
        if box.kind != b"infe" or entry[0] < 2:
            continue
        number, kind = struct.unpack_from(">H2x4s" if entry[0] == 2 else ">I2x4s", entry, 4)
        if kind == b"Exif" or (kind == b"mime" and b"rdf+xml" in entry):
            yield number, kind


def _locations(iloc: bytes) -> Iterator[tuple[int, int, tuple[tuple[int, int], ...]]]:
    """Item, construction method, and start and length of each of its pieces."""
    version = iloc[0]
    sizes = (iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15 if version in (1, 2) else 0)
    wide = ">I" if version == 2 else ">H"
    position = 6 + struct.calcsize(wide)
    (count,) = struct.unpack_from(wide, iloc, 6)

    def number(size: int) -> int:
        nonlocal position
        if position + size > len(iloc):
            raise IndexError(position)
        position += size
        return int.from_bytes(iloc[position - size : position], "big")

    for _ in range(count):
        item = number(struct.calcsize(wide))
        method = number(2) & 15 if version in (1, 2) else 0
        number(2)  # which file: this one
        base = number(sizes[2])
        pieces: list[tuple[int, int]] = []
        for _ in range(number(2)):
            number(sizes[3])
            start = base + number(sizes[0])
            pieces.append((start, number(sizes[1])))
        yield item, method, tuple(pieces)


# --- films


def _of_film(stream: BinaryIO, top: Iterable[_Box]) -> Findings:
    patches: list[tuple[int, bytes]] = []
    blanks: list[tuple[int, int]] = []
    has_place = False

    def walk(boxes: Iterable[_Box]) -> None:
        nonlocal has_place
        for box in boxes:
            if box.kind in _TOLD and box.end > box.body:
                said = _whole(stream, box)
                if box.kind == b"udta" and _leaves(stream, box) <= _HARMLESS:
                    continue
                has_place = has_place or any(mark in said for mark in _PLACES)
            elif box.kind == b"trak" and _handler(stream, box) == b"meta":
                said = _whole(stream, box)
                has_place = has_place or any(mark in said for mark in _PLACES)
                blanks.extend(_samples(stream, box))
            elif box.kind in _DATED:
                patches.extend(_undated(stream, box))
                continue
            else:
                if box.kind in _INSIDE:
                    walk(_boxes(stream, box.body, box.end))
                continue
            patch, blank = _freed(box)
            patches.append(patch)
            blanks.append(blank)

    boxes = tuple(top)
    if any(box.kind == b"moof" for box in boxes) and not any(box.kind == b"moov" for box in boxes):
        raise UncutError("it is in fragments")
    walk(boxes)
    return Findings(patches=tuple(patches), blanks=tuple(blanks), has_place=has_place)


def _leaves(stream: BinaryIO, box: _Box) -> frozenset[bytes]:
    """Kinds of what is in user data, to the names of an `ilst`."""
    found: set[bytes] = set()
    for inner in _boxes(stream, box.body, box.end):
        found.add(inner.kind)
        if inner.kind == b"meta":
            for part in _boxes(stream, inner.body + 4, inner.end):
                found.add(part.kind)
                if part.kind == b"ilst":
                    found.update(entry.kind for entry in _boxes(stream, part.body, part.end))
    return frozenset(found)


def _inside(stream: BinaryIO, box: _Box, *path: bytes) -> _Box | None:
    found: _Box | None = box
    for kind in path:
        if found is None:
            return None
        inner = _boxes(stream, found.body, found.end)
        found = next((each for each in inner if each.kind == kind), None)
    return found


def _handler(stream: BinaryIO, track: _Box) -> bytes:
    """What a track holds: `vide`, `soun`, `meta`, ..."""
    found = _inside(stream, track, b"mdia", b"hdlr")
    return _read(stream, found.body + 8, 4) if found is not None else b""


def _undated(stream: BinaryIO, box: _Box) -> Iterator[tuple[int, bytes]]:
    """Nothing in place of when it was made and edited."""
    length = 16 if _read(stream, box.body, 1) == b"\x01" else 8
    if any(_read(stream, box.body + 4, length)):
        yield box.body + 4, bytes(length)


def _samples(stream: BinaryIO, track: _Box) -> Iterator[tuple[int, int]]:
    """Where the samples of a track lie, chunk by chunk."""
    tables = {
        kind: _whole(stream, found)
        for kind in (b"stsz", b"stsc", b"stco", b"co64")
        if (found := _inside(stream, track, b"mdia", b"minf", b"stbl", kind)) is not None
    }
    if not tables.keys() >= {b"stsz", b"stsc"} or not tables.keys() & {b"stco", b"co64"}:
        raise UncutError("where a track of measurements lies is not told")
    same, count = struct.unpack_from(">II", tables[b"stsz"], 4)
    wide, offsets = ("Q", tables[b"co64"]) if b"co64" in tables else ("I", tables[b"stco"])
    (chunks,) = struct.unpack_from(">I", offsets, 4)
    starts = struct.unpack_from(f">{chunks}{wide}", offsets, 8) if chunks <= len(offsets) else ()
    if count > _MOST_SAMPLES or len(starts) != chunks:
        raise UncutError("it is damaged")
    sizes = iter((same,) * count if same else struct.unpack_from(f">{count}I", tables[b"stsz"], 12))
    for start, samples in zip(starts, _samples_a_chunk(tables[b"stsc"], chunks), strict=True):
        yield start, start + sum(islice(sizes, samples))


def _samples_a_chunk(stsc: bytes, chunks: int) -> Iterator[int]:
    (count,) = struct.unpack_from(">I", stsc, 4)
    runs = [struct.unpack_from(">II", stsc, 8 + 12 * place) for place in range(count)]
    for (first, samples), (following, _) in pairwise([*runs, (chunks + 1, 0)]):
        yield from (samples for _ in range(first, following))
