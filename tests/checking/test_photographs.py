"""Photographs that say where they were taken."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from sitegen.checking.check import CheckOptions, check
from sitegen.config import load_config


def _photo() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 20.0, 0.0)})
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_only_what_is_published_as_it_is_is_told(tmp_path: Path) -> None:
    """Of `static/` and what a page offers for download; a photograph that is shown has no place any more."""
    page = tmp_path / "content/a"
    page.mkdir(parents=True)
    (tmp_path / "static").mkdir()
    (tmp_path / "sitegen.toml").write_text('baseURL = "https://example.org/"\ntitle = "T"\n')
    (page / "index.md").write_text(
        "+++\ntitle = 'A'\n+++\n\n![A](shown.jpg) [B](linked.jpg){download=b.jpg} ![C](/mine.jpg)\n"
    )
    for file in (page / "shown.jpg", page / "linked.jpg", tmp_path / "static/mine.jpg"):
        file.write_bytes(_photo())

    config = load_config(tmp_path, environ={}, now=datetime(2026, 11, 20, tzinfo=UTC))
    found = [each for each in check(config, CheckOptions()).diagnostics if each.code == "SG719"]

    assert [str(each.location.path) for each in found if each.location] == [
        "content/a/linked.jpg",
        "static/mine.jpg",
    ]
