"""The files of a large site, read by another process while this one loads what a build needs, and then by both."""

from __future__ import annotations

import mmap
import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from sitegen.build import workers
from sitegen.config import Config
from sitegen.content.folders import ContentFiles, FoundPage, walk_content
from sitegen.content.sources import Source, read_sources

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FEWEST_PAGES: Final = 200
"""With fewer, what another process reads is not there sooner: a page takes 0.13 ms, and a process 10 ms."""
_PAGES_A_PART: Final = 20
"""What a process takes at a time."""


class Ahead:
    """The content of a site, of which another process has begun to read the pages from the first on."""

    def __init__(self, files: ContentFiles, config: Config, pipe: Connection, taken: _Taken) -> None:
        self._files: list[ContentFiles] = [files]
        self._config = config
        self._pipe = pipe
        self._taken = taken

    def read(self) -> tuple[ContentFiles, tuple[Source, ...]]:
        """What the folders hold, and `read_sources` of all pages; once: nothing of it is kept here.

        This process reads from the last page on, until both have met.
        """
        files = self._files.pop()
        parts = _parts(files.pages)
        found: dict[int, tuple[Source, ...]] = {}
        while (number := self._taken.last()) is not None:
            found[number] = read_sources(parts[number], self._config)
        with suppress(EOFError, OSError):  # it was killed, perhaps within a message
            while (part := self._pipe.recv()) is not None:
                number, data = part
                found[number] = pickle.loads(data)  # noqa: S301 -- from a process of ours
        return files, tuple(
            source
            for number, pages in enumerate(parts)
            for source in (found[number] if number in found else read_sources(pages, self._config))
        )


@contextmanager
def reading_ahead(config: Config) -> Iterator[Ahead | None]:
    """Let another process read the pages' files; None where that is not worth while, or where it cannot be forked."""
    if workers.cpus() < 2 or not workers.can_fork():
        yield None
        return
    files = walk_content(config)
    if len(files.pages) < FEWEST_PAGES:
        yield None
        return
    import multiprocessing

    context: Any = multiprocessing.get_context("fork")
    taken = _Taken(len(_parts(files.pages)))
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(files.pages, config, ours, theirs, taken), daemon=True)
    process.start()
    theirs.close()
    ahead = Ahead(files, config, ours, taken)
    del files  # a large site's are of no use once they have been read
    try:
        yield ahead
    finally:
        ours.close()
        process.terminate()
        process.join()


class _Taken:
    """Which parts have been taken, in memory that both processes share: one takes the first, the other the last.

    Nobody locks: a part that both take in the same moment is read twice.
    """

    def __init__(self, count: int) -> None:
        self._ends = memoryview(mmap.mmap(-1, 8)).cast("I")
        self._ends[1] = count

    def first(self) -> int | None:
        """Take the first part that there is; None where there is none."""
        first, end = self._ends
        if first >= end:
            return None
        self._ends[0] = first + 1
        return first

    def last(self) -> int | None:
        """Take the last one."""
        first, end = self._ends
        if first >= end:
            return None
        self._ends[1] = end - 1
        return end - 1


def _parts(pages: Sequence[FoundPage]) -> list[Sequence[FoundPage]]:
    return [pages[start : start + _PAGES_A_PART] for start in range(0, len(pages), _PAGES_A_PART)]


def _read(
    pages: Sequence[FoundPage], config: Config, inherited: Connection, pipe: Connection, taken: _Taken
) -> None:
    """Read, then tell; what goes wrong goes wrong again where it can be told."""
    inherited.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parts = _parts(pages)
    found: list[tuple[int, bytes]] = []  # told at the end: the pipe holds little while nobody listens
    with suppress(Exception):
        while (number := taken.first()) is not None:
            found.append((number, pickle.dumps(read_sources(parts[number], config), protocol=5)))
    with suppress(BrokenPipeError, ConnectionResetError):
        for each in (*found, None):
            pipe.send(each)
    os._exit(0)  # no handlers of the parent's, no flushing of its buffers
