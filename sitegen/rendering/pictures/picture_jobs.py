"""Pictures whose forms are to be made: noted while a page is rendered, made by all processes, and then the page is rendered again.

Which forms a page needs is known only when a template has shown its pictures, and its HTML names what came of the work. So
a page whose forms are kept is rendered once, as one without pictures is; any other is put off until they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.rendering.pictures.variants import Wanted

_MOST_BYTES: Final = 16 * 1024 * 1024
"""Of pictures that are no files, in one process: what is beyond is made where it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureJob:
    """One picture to be made ready."""

    digest: str
    source: Path | bytes
    """Its file, or what composing a page has made."""
    size_bytes: int
    wanted: Wanted | None
    """None for a picture that moves, which becomes a film."""


class PutOff:
    """What the page being rendered waits for."""

    def __init__(self) -> None:
        self.jobs: list[PictureJob] = []
        self._is_on = False
        self._left = _MOST_BYTES

    @contextmanager
    def noted(self) -> Iterator[list[PictureJob]]:
        """Inside, pictures whose forms are not kept are noted, not made: those of one page."""
        self.jobs, self._is_on = [], True
        try:
            yield self.jobs
        finally:
            self.jobs, self._is_on = [], False

    def takes(self, job: PictureJob) -> bool:
        """Whether a picture is noted; else it is to be made now."""
        if not self._is_on:
            return False
        if isinstance(job.source, bytes):
            if job.size_bytes > self._left:
                return False
            self._left -= job.size_bytes
        self.jobs.append(job)
        return True


def do(job: PictureJob, cache: Path) -> None:
    """Make a picture's forms, or its film, and keep them; what is wrong with it is told where it is shown.

    Args:
        job: what is to be made.
        cache: the folder in which what was made is kept.
    """
    from sitegen.rendering.pictures.animations import film_of
    from sitegen.rendering.pictures.variants import PictureError, read_file, variants_of
    from sitegen.rendering.processed import ProcessedFiles

    source = job.source
    try:
        if job.wanted is None:
            film_of(read_file(source) if isinstance(source, Path) else source, cache / "films")
            return
        kept = ProcessedFiles(cache / "pictures")
        variants_of(
            lambda: read_file(source) if isinstance(source, Path) else source, job.digest, job.wanted, kept
        )
    except PictureError:  # rendering the page meets it again, and tells it
        return
