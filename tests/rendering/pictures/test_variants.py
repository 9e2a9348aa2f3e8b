"""Pictures in the forms and widths that browsers choose from."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from sitegen.files import digest_bytes
from sitegen.rendering.pictures import variants
from sitegen.rendering.pictures.variants import (
    PictureError,
    Variants,
    Wanted,
    content_of,
    variants_of,
    widths_for,
)
from sitegen.rendering.processed import ProcessedFiles


@lru_cache
def photo(width: int = 900, height: int = 600, *, orientation: int = 1) -> bytes:
    """A JPEG of many colours."""
    red = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (red, Image.radial_gradient("L").resize((width, height)), red.rotate(180)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=97, exif=exif)
    return out.getvalue()


@lru_cache
def drawing() -> bytes:
    """A PNG of few colours."""
    picture = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(picture)
    for step in range(0, 900, 7):
        draw.line((0, step, 900, 600 - step), "navy")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _wanted(*widths: int, formats: tuple[str, ...] = ("avif", "webp"), lqip: bool = False) -> Wanted:
    return Wanted(widths=widths, formats=formats, quality=75, lqip=lqip)


def _made(content: bytes, wanted: Wanted, folder: Path) -> Variants:
    return variants_of(lambda: content, digest_bytes(content), wanted, ProcessedFiles(folder))


@pytest.mark.parametrize(
    ("natural", "shown", "widths"),
    [
        (4032, 688, (480, 800, 1376)),
        (4032, 992, (480, 800, 1200, 1600, 1984)),
        (700, 688, (480, 700)),
        (300, 688, (300,)),
        (1000, 240, (480,)),
    ],
)
def test_no_width_is_above_what_is_of_use(natural: int, shown: int, widths: tuple[int, ...]) -> None:
    """Neither the picture's own nor twice what is shown; none that is close to the next."""
    assert widths_for(natural, shown, (480, 800, 1200, 1600, 2400)) == widths


def test_each_form_has_each_width(tmp_path: Path) -> None:
    """By the form that is taken first; each is what it says, and smaller than the next."""
    content = photo()
    wanted = _wanted(300, 600)

    made = _made(content, wanted, tmp_path)

    assert {(each.form, each.width_px, each.height_px) for each in made.variants} >= {
        ("webp", 300, 200),
        ("webp", 600, 400),
    }
    for each in made.variants:
        form = content_of(each, lambda: content, digest_bytes(content), wanted, ProcessedFiles(tmp_path))
        assert Image.open(io.BytesIO(form)).size == (each.width_px, each.height_px)
        assert digest_bytes(form) == each.digest
        assert not Image.open(io.BytesIO(form)).getexif()


def test_a_photograph_is_turned(tmp_path: Path) -> None:
    """Forms have no EXIF that says how they lie."""
    made = _made(photo(orientation=6), _wanted(300, formats=("webp",)), tmp_path)

    assert [(each.width_px, each.height_px) for each in made.variants] == [(300, 450)]


def test_a_drawing_is_kept_without_loss(tmp_path: Path) -> None:
    """In its own size and WebP alone, where that is smaller."""
    content = drawing()
    wanted = _wanted(300, 800)

    made = _made(content, wanted, tmp_path)

    assert {each.form for each in made.variants} == {"webp"}
    largest = made.variants[-1]
    form = content_of(largest, lambda: content, digest_bytes(content), wanted, ProcessedFiles(tmp_path))
    assert Image.open(io.BytesIO(form)).convert("RGB").tobytes() == Image.open(io.BytesIO(content)).tobytes()
    assert largest.size_bytes < len(content)


def test_a_form_that_is_larger_than_the_picture_is_none(tmp_path: Path) -> None:
    """And without the widest there is none at all: a narrow one would be shown too large."""
    out = io.BytesIO()
    Image.open(io.BytesIO(photo())).save(out, "WEBP", quality=5)

    assert _made(out.getvalue(), _wanted(300, 900), tmp_path).variants == ()


def test_forms_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the picture holds; one that has gone from the cache is made again, the same."""
    content, wanted = photo(), _wanted(300, formats=("webp",))
    first = _made(content, wanted, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(variants, "_made", None)
        again = _made(content, wanted, tmp_path)
    for file in tmp_path.iterdir():
        file.unlink()

    kept = ProcessedFiles(tmp_path)
    form = content_of(first.variants[0], lambda: content, digest_bytes(content), wanted, kept)

    assert again == first
    assert digest_bytes(form) == first.variants[0].digest


def test_a_placeholder_has_twelve_colours(tmp_path: Path) -> None:
    """Of a photograph; none where one sees through the picture."""
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(photo())).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(out, "WEBP", quality=95)

    assert len(_made(photo(), _wanted(300, lqip=True), tmp_path).colours) == 12
    assert _made(out.getvalue(), _wanted(300, lqip=True), tmp_path).colours == ()


def test_a_damaged_picture_says_what_is_wrong(tmp_path: Path) -> None:
    """Cut off, or no picture."""
    for content in (photo()[:9000], b"no picture", drawing()[:200], b""):
        with pytest.raises(PictureError):
            _made(content, _wanted(300), tmp_path)


def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But a photograph in JPEG, which is decoded to a part of its size."""
    monkeypatch.setattr(variants, "_MOST_PIXELS", 200_000)

    with pytest.raises(PictureError, match="900 x 600 pixels"):
        _made(drawing(), _wanted(300), tmp_path)
    assert _made(photo(), _wanted(300), tmp_path).variants


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixel(tmp_path: Path, mode: str) -> None:
    """Grey, with a palette, of print, of 16 bits."""
    form = "TIFF" if mode == "CMYK" else "PNG"
    picture = Image.linear_gradient("L").resize((300, 200))
    out = io.BytesIO()
    picture.convert(mode).save(out, form)

    for each in _made(out.getvalue(), _wanted(100), tmp_path).variants:
        assert each.width_px <= 300
