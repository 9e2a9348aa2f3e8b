"""Static files as they are published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from sitegen.content.index import IndexedPage, SiteIndex, StaticFile
from sitegen.files import digest_bytes
from sitegen.rendering.static import static_files


def test_static_files_are_those_that_nothing_else_stands_for(
    make_place: Callable[..., IndexedPage], make_index: Callable[..., SiteIndex], tmp_path: Path
) -> None:
    """One that a page stands in for is left out, and so is one that a run has written."""
    files = {name: tmp_path / name for name in ("cv.pdf", "about.html", "loss.csv")}
    files["cv.pdf"].write_bytes(b"text")
    index = make_index(
        make_place("/posts/a"),
        static_files=tuple(
            StaticFile(output_path=PurePosixPath(name), file=file) for name, file in files.items()
        ),
    )

    (found,) = static_files(index, {PurePosixPath("about.html")}, {files["loss.csv"]})

    assert (found.path, found.digest, found.file) == (
        PurePosixPath("cv.pdf"),
        digest_bytes(b"text"),
        files["cv.pdf"],
    )
