"""Pictures whose forms are made before their page is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.files import digest_bytes
from sitegen.rendering.pictures import picture_jobs
from sitegen.rendering.pictures.picture_jobs import PictureJob, PutOff, do
from sitegen.rendering.pictures.variants import Wanted, kept_variants
from sitegen.rendering.processed import ProcessedFiles
from tests.rendering.pictures.test_variants import photo

WANTED = Wanted(widths=(300,), formats=("webp",), quality=75)


def _job(source: Path | bytes, size_bytes: int = 10) -> PictureJob:
    return PictureJob(digest="d", source=source, size_bytes=size_bytes, wanted=WANTED)


def test_pictures_are_noted_of_one_page_at_a_time() -> None:
    """Outside of a page none is put off."""
    put_off = PutOff()

    assert not put_off.takes(_job(Path("a.jpg")))
    with put_off.noted() as first:
        assert put_off.takes(_job(Path("a.jpg")))
    with put_off.noted() as second:
        pass

    assert [job.source for job in first] == [Path("a.jpg")]
    assert second == []


def test_pictures_that_are_no_files_are_noted_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are held in memory until they are made, those of all pages; files are not."""
    monkeypatch.setattr(picture_jobs, "_MOST_BYTES", 25)
    put_off = PutOff()

    taken = []
    for _ in range(3):
        with put_off.noted():
            taken += [put_off.takes(_job(b"0123456789")), put_off.takes(_job(Path("a.jpg")))]

    assert taken == [True, True, True, True, False, True]


def test_a_job_leaves_what_the_page_finds(tmp_path: Path) -> None:
    """By the digest and the recipe; a damaged picture leaves nothing, and is told by who shows it."""
    content = photo()
    good = PictureJob(digest=digest_bytes(content), source=content, size_bytes=9, wanted=WANTED)
    bad = PictureJob(digest="bad", source=content[:5000], size_bytes=9, wanted=WANTED)

    do(good, tmp_path)
    do(bad, tmp_path)

    kept = ProcessedFiles(tmp_path / "pictures")
    found = kept_variants(good.digest, WANTED, kept)
    assert found is not None
    assert [each.width_px for each in found.variants] == [300]
    assert kept_variants("bad", WANTED, kept) is None
