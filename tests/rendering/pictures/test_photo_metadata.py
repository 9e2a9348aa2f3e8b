"""What photographs say of their maker and place, read and taken out."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from sitegen.rendering.pictures.photo_metadata import file_metadata, metadata, without_metadata

_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="52,30N"/></x:xmpmeta>'


def _photo(form: str, *, orientation: int = 1, has_place: bool = True) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif[0x0112] = orientation
    if has_place:
        exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 20.0, 0.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((40, 30)).convert("RGB")
    picture.save(out, form, exif=exif, icc_profile=profile)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_only_the_picture_stays(form: str, orientation: int) -> None:
    """Its pixels, its colour profile and how it is turned; neither camera nor place."""
    photo = _photo(form, orientation=orientation)

    said = metadata(io.BytesIO(photo))
    bare = without_metadata(photo, said.orientation)

    assert (said.orientation, said.has_place, said.is_personal) == (orientation, True, True)
    before, after = Image.open(io.BytesIO(photo)), Image.open(io.BytesIO(bare))
    assert after.tobytes() == before.tobytes()
    assert after.info["icc_profile"] == before.info["icc_profile"]
    assert dict(after.getexif()) == ({} if orientation == 1 else {0x0112: orientation})
    assert not metadata(io.BytesIO(bare)).is_personal
    assert without_metadata(bare, orientation) == bare


def test_a_place_is_found_in_xmp_too(tmp_path: Path) -> None:
    """Programs write it there alone."""
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "JPEG", xmp=_XMP)
    file = tmp_path / "a.jpg"
    file.write_bytes(out.getvalue())

    assert file_metadata(file).has_place
    assert b"GPS" not in without_metadata(out.getvalue())


def test_what_a_phone_puts_behind_a_photograph_goes() -> None:
    """A preview with EXIF of its own, behind the end of the picture."""
    photo = _photo("JPEG", has_place=False) + _photo("JPEG")

    bare = without_metadata(photo)

    assert b"Exif" not in bare
    assert bare.endswith(b"\xff\xd9")


def test_a_plain_picture_has_nothing_to_take_out() -> None:
    """As a program that draws saves it."""
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "JPEG")

    assert not metadata(io.BytesIO(out.getvalue())).is_personal
    assert not metadata(io.BytesIO(b"no picture")).is_personal


def test_a_tiff_is_told() -> None:
    """It cannot be cut; one that says nothing is left alone."""
    plain = io.BytesIO()
    Image.new("RGB", (9, 9)).save(plain, "TIFF")

    placed = struct.pack("<4sIHHHIII", b"II*\x00", 8, 1, 0x8825, 4, 1, 26, 0)

    said = metadata(io.BytesIO(placed))

    assert (said.has_place, said.uncut) == (True, "TIFF cannot be cut")
    assert metadata(io.BytesIO(_photo("TIFF"))).uncut == "TIFF cannot be cut"
    assert metadata(io.BytesIO(plain.getvalue())).uncut == ""


@pytest.mark.parametrize(
    "key", ["Author", "Comment", "exif:GPSLatitude", "Raw profile type exif", "Creation Time"]
)
def test_texts_of_a_png_go(key: str) -> None:
    """Whatever they are called; which program wrote it may stay, so that figures stay as they are."""
    texts = PngInfo()
    texts.add_text(key, "Somewhere")
    out, plain = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG", pnginfo=texts)
    figure = PngInfo()
    figure.add_text("Software", "Matplotlib")
    Image.new("RGB", (9, 9)).save(plain, "PNG", pnginfo=figure)

    assert metadata(io.BytesIO(out.getvalue())).is_personal
    assert b"Somewhere" not in without_metadata(out.getvalue())
    assert without_metadata(plain.getvalue()) == plain.getvalue()
    assert not metadata(io.BytesIO(plain.getvalue())).is_personal


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_stands_behind_a_picture_goes(form: str) -> None:
    """The film of a live photograph, or what was cropped away and left in the file."""
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, form)

    behind = out.getvalue() + b"left behind"

    assert metadata(io.BytesIO(behind)).is_personal
    assert without_metadata(behind) == out.getvalue()


def test_comments_of_a_gif_go() -> None:
    """Each frame, its time and how often it repeats stay."""
    frames = [Image.linear_gradient("L").resize((9, 9)), Image.radial_gradient("L").resize((9, 9))]
    plain, out = io.BytesIO(), io.BytesIO()
    frames[0].save(plain, "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0)
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0, comment=b"by J.")
    xmp = b"\x21\xff\x0bXMP DataXMP" + _XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    marked = out.getvalue()[:-1] + xmp + b";"

    assert metadata(io.BytesIO(marked)).has_place
    assert without_metadata(marked) == plain.getvalue()
    assert not metadata(io.BytesIO(plain.getvalue())).is_personal


@pytest.mark.parametrize("length", [2, 3, 10, 24, 40, 80, 200])
def test_what_is_cut_off_is_read_as_far_as_it_goes(length: int) -> None:
    """Nothing is raised."""
    for form in ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF"):
        cut = _photo(form)[:length]
        if not metadata(io.BytesIO(cut)).uncut:
            without_metadata(cut)


def test_fill_before_a_segment_hides_nothing() -> None:
    """Any marker may have some, which readers of EXIF pass over."""
    photo = _photo("JPEG").replace(b"\xff\xe1", b"\xff\xff\xff\xe1", 1)

    said = metadata(io.BytesIO(photo))

    assert said.has_place
    assert without_metadata(photo) == without_metadata(_photo("JPEG"))
