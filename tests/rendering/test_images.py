"""Sizes of images in CSS pixels."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from sitegen.rendering.images import file_size_px, size_px, svg_size_px


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
