"""What pictures and films made of boxes say of their maker and place."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from sitegen.rendering.pictures.box_metadata import UncutError, findings, without
from sitegen.rendering.pictures.photo_metadata import metadata, without_metadata

_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="52,30N"/></x:xmpmeta>'


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, *parts: bytes) -> bytes:
    return _box(kind, bytes(4), *parts)


def _track(handler: bytes, starts: list[int], sizes: list[int]) -> bytes:
    """One sample a chunk but for the last, which has two."""
    stbl = _box(
        b"stbl",
        _full(b"stsz", struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
        _full(b"stsc", struct.pack(">I6I", 2, 1, 1, 1, len(starts), 2, 1)),
        _full(b"stco", struct.pack(f">I{len(starts)}I", len(starts), *starts)),
    )
    hdlr = _full(b"hdlr", bytes(4), handler, bytes(13))
    return _box(
        b"trak",
        _full(b"tkhd", struct.pack(">II", 77, 78), bytes(72)),
        _box(b"mdia", _full(b"mdhd", struct.pack(">II", 77, 78), bytes(12)), hdlr, _box(b"minf", stbl)),
    )


def _film(*told: bytes) -> bytes:
    """Samples first, as phones write them, so that their places are known: `video` and `place` take turns."""
    head = _box(b"ftyp", b"qt  ", bytes(4), b"qt  ")
    mdat = _box(b"mdat", b"videoplacevideoplaceplace")
    first = len(head) + 8
    moov = _box(
        b"moov",
        _full(b"mvhd", struct.pack(">II", 77, 78), bytes(92)),
        _track(b"vide", [first, first + 10], [5, 5]),
        *told,
        _track(b"meta", [first + 5, first + 15], [5, 5, 5]),
    )
    return head + mdat + moov


@pytest.mark.parametrize("brand", [b"avif", b"heic"])
def test_items_of_a_picture_are_written_over(brand: bytes) -> None:
    """Nothing moves: the file is as long as it was, and its pixels, colours and turn are the same."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "A camera", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0)})
    out = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(out, "AVIF", exif=exif, xmp=_XMP)
    photo = out.getvalue().replace(b"ftypavif", b"ftyp" + brand, 1)

    said = metadata(io.BytesIO(photo))
    bare = without_metadata(photo)

    assert (said.has_place, said.is_personal, said.uncut) == (True, True, "")
    assert (len(bare), b"A camera" in bare, b"GPS" in bare) == (len(photo), False, False)
    assert not metadata(io.BytesIO(bare)).is_personal
    if brand == b"avif":
        before, after = Image.open(io.BytesIO(photo)), Image.open(io.BytesIO(bare))
        assert after.tobytes() == before.tobytes()
        assert dict(after.getexif()) == {0x0112: 6}


@pytest.mark.parametrize(
    "told",
    [
        _box(b"udta", _box(b"\xa9xyz", b"+52.5+013.4/")),
        _box(b"meta", _box(b"keys", b"com.apple.quicktime.location.ISO6709"), _box(b"ilst", b"+52.5+013.4/")),
        _box(b"trak", _box(b"udta", _box(b"loci", b"+52.5+013.4/"))),
    ],
    ids=["user data", "keys", "of a track"],
)
def test_a_film_loses_place_and_date(told: bytes) -> None:
    """And its track of measurements, with the samples; what is seen stays where it was."""
    film = _film(told)

    found = findings(io.BytesIO(film))
    bare = without(film, found)

    assert found.has_place
    assert len(bare) == len(film)
    assert b"video\0\0\0\0\0video" + bytes(10) in bare
    assert not {b"place", b"52.5", struct.pack(">II", 77, 78)} & {
        piece for piece in (b"place", b"52.5", struct.pack(">II", 77, 78)) if piece in bare
    }
    assert not findings(io.BytesIO(bare)).is_personal


def test_a_film_that_a_program_wrote_stays_as_it_is() -> None:
    """The name of the program is no reason to read all of it."""
    tool = _box(b"ilst", _box(b"\xa9too", b"Lavf"))
    told = _box(b"udta", _full(b"meta", _full(b"hdlr", bytes(20)), tool))
    film = _box(b"ftyp", b"isom", bytes(4)) + _box(b"mdat", b"film") + _box(b"moov", told)

    assert not findings(io.BytesIO(film)).is_personal


@pytest.mark.parametrize(
    ("film", "why"),
    [
        (_box(b"ftyp", b"isom", bytes(4)) + _box(b"moof", b""), "in fragments"),
        (
            _box(b"ftyp", b"qt  ", bytes(4))
            + _box(b"moov", _box(b"trak", _box(b"mdia", _full(b"hdlr", bytes(4), b"meta")))),
            "not told",
        ),
    ],
)
def test_what_cannot_be_found_is_told(film: bytes, why: str) -> None:
    """So that nobody takes it for bare."""
    with pytest.raises(UncutError, match=why):
        findings(io.BytesIO(film))
    assert why in metadata(io.BytesIO(film)).uncut


def test_a_film_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    """Whatever is missing, nothing but the message is raised, and nothing grows."""
    film = _film(_box(b"udta", _box(b"\xa9xyz", b"+52.5+013.4/")))

    for length in range(12, len(film), 5):
        cut = film[:length]
        if not metadata(io.BytesIO(cut)).uncut:
            assert len(without_metadata(cut)) == length


def test_a_film_whose_tables_do_not_agree_is_told() -> None:
    """More chunks than its table of samples knows."""
    film = _film().replace(struct.pack(">I6I", 2, 1, 1, 1, 2, 2, 1), struct.pack(">I6I", 0, *[0] * 6))

    assert metadata(io.BytesIO(film)).uncut == "it is damaged"
