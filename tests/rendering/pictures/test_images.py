"""Sizes of images in CSS pixels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sitegen.rendering.pictures import images
from sitegen.rendering.pictures.images import file_size_px, size_px, svg_size_px


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG", "WEBP"])
def test_every_usual_format(tmp_path: Path, kind: str) -> None:
    """From the file's first bytes or by Pillow."""
    file = tmp_path / f"picture.{kind.lower()}"
    Image.new("RGB", (7, 5)).save(file, kind)

    assert file_size_px(file) == (7, 5)


@pytest.mark.parametrize(
    ("svg", "size"),
    [
        ('<svg width="10" height="20px">', (10, 20)),
        ('<?xml version="1.0"?>\n<svg\n width="72pt" height="36pt" viewBox="0 0 72 36">', (96, 48)),
        ('<svg viewBox="0,0,30,20">', (30, 20)),
        ('<svg width="60" viewBox="0 0 30 20">', (60, 40)),
        ('<svg width="100%" height="100%" viewBox="0 0 30 20">', (30, 20)),
        ('<svg width="100%">', None),
        ('<svg width="0" height="0">', None),
        ('<svg width="0.3" height="2">', (1, 2)),
        ("no picture", None),
    ],
)
def test_an_svg_s_own_size(svg: str, size: tuple[int, int] | None) -> None:
    """`width` and `height` with their units, else the view box."""
    assert svg_size_px(svg) == size


def test_what_is_no_image_has_no_size(tmp_path: Path) -> None:
    """A missing file, text and a broken header are no error."""
    assert file_size_px(tmp_path / "gone.png") is None
    assert size_px(b"hello") is None
    assert size_px(b"\x89PNG\r\n\x1a\n") is None
    assert size_px(b"\x89PNG\r\n\x1a\n" + bytes(20)) is None
    assert size_px(b"GIF89a" + bytes(20)) is None


def test_a_changed_file_is_measured_again(tmp_path: Path) -> None:
    """The answer is kept only for the version of the file."""
    file = tmp_path / "a.svg"
    file.write_text('<svg width="1" height="2">')
    first = file_size_px(file)
    file.write_text('<svg width="10" height="20">')

    assert (first, file_size_px(file)) == ((1, 2), (10, 20))


def test_a_picture_in_memory() -> None:
    """Figures are measured before they are files."""
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2)).save(buffer, "PNG")

    assert size_px(buffer.getvalue(), "image/png") == (3, 2)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "quality": 30}),
        ("JPEG", {"icc_profile": b"p" * 300_000, "comment": b"c"}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0"}),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_usual_pictures_are_measured_without_pillow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, options: dict[str, Any], mode: str
) -> None:
    """However long the profile before the frame's header is."""
    file = tmp_path / "picture"
    Image.new(mode, (301, 77)).save(file, kind, **options)
    monkeypatch.setattr(images, "_size_by_pillow", lambda _: pytest.fail("asked"))

    assert file_size_px(file) == (301, 77)
    assert size_px(file.read_bytes()) == (301, 77)


def test_a_large_picture_is_read_only_at_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten times the pixels, the same bytes."""
    read: list[int] = []

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            content = super().read(size)
            read.append(len(content))
            return content

    sums = []
    for side in (200, 2_000):
        buffer = io.BytesIO()
        Image.effect_noise((side, side), 90).save(buffer, "JPEG", quality=95)
        read.clear()
        assert images.jpeg_size_px(Counting(buffer.getvalue())) == (side, side)
        sums.append(sum(read))

    assert sums[0] == sums[1] < 200


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "GIF"])
def test_a_cut_picture_is_what_pillow_says(tmp_path: Path, kind: str) -> None:
    """A picture that is not whole is measured as it was by Pillow alone, and never raises."""
    buffer = io.BytesIO()
    Image.effect_noise((90, 60), 90).save(buffer, kind)
    content = buffer.getvalue()

    for length in (0, 3, 11, 20, 29, 60, 300, len(content) - 1):
        cut = content[:length]
        if kind in ("JPEG", "WEBP"):
            assert size_px(cut) == images._size_by_pillow(cut)
        else:
            assert size_px(cut) in (None, (90, 60))


def test_a_bomb_is_left_to_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that claims more pixels than any picture has."""
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG")
    content = bytearray(buffer.getvalue())
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = b"\xff\xf0\xff\xf0"

    assert size_px(bytes(content)) is None
