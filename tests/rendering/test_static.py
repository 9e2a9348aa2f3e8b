"""Static files as they are published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from sitegen.content.index import IndexedPage, SiteIndex, StaticFile
from sitegen.rendering.static import static_files


def test_a_file_whose_digest_is_known_is_not_read(
    make_place: Callable[..., IndexedPage], make_index: Callable[..., SiteIndex], tmp_path: Path
) -> None:
    """Whoever knows a file by its size and time gives the digest; the file need not even be there."""
    file = tmp_path / "static/cv.pdf"
    index = make_index(
        make_place("/posts/a"), static_files=(StaticFile(output_path=PurePosixPath("cv.pdf"), file=file),)
    )

    (found,) = static_files(index, {}, frozenset(), lambda path: f"of {path.name}")

    assert (found.digest, found.file) == ("of cv.pdf", file)
