"""Half of a large site's files, read by another process while this one reads the other half."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sitegen.build import workers
from sitegen.config import Config
from sitegen.content.folders import FoundPage
from sitegen.content.sources import KnownSources, Source, page_path, read_sources

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FEWEST_PAGES: Final = 400
"""With fewer, what another process reads is not there sooner: a page takes 0.13 ms, and a process 20 ms."""


@contextmanager
def reading_ahead(pages: Sequence[FoundPage], config: Config) -> Iterator[KnownSources | None]:
    """The second half of the pages as sources that are known, to be asked for once the first half has been read.

    None where that is not worth while, or where a process cannot be forked.
    """
    if len(pages) < FEWEST_PAGES or workers.cpus() < 2 or not workers.can_fork():
        yield None
        return
    import multiprocessing

    context: Any = multiprocessing.get_context("fork")
    second = pages[len(pages) // 2 :]
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(second, config, ours, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield _Ahead(ours, frozenset(page_path(page, config) for page in second))
    finally:
        ours.close()
        process.terminate()
        process.join()


class _Ahead:
    """What the other process reads: waited for when the first of it is asked for."""

    def __init__(self, pipe: Connection, paths: frozenset[PurePosixPath]) -> None:
        self._pipe = pipe
        self._paths = paths
        self._found: dict[PurePosixPath, Source] | None = None

    def get(self, path: PurePosixPath, /) -> Source | None:
        """The source; None for the first half, and where the process has not come to an end: it is read here then."""
        if path not in self._paths:
            return None
        if self._found is None:
            self._found = {}
            with suppress(EOFError, ConnectionResetError):
                self._found = {source.path: source for source in self._pipe.recv()}
        return self._found.get(path)


def _read(pages: Sequence[FoundPage], config: Config, inherited: Connection, pipe: Connection) -> None:
    """Read and tell; what goes wrong goes wrong again where it can be told."""
    inherited.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(Exception):
        pipe.send(read_sources(pages, config))
    os._exit(0)  # no handlers of the parent's, no flushing of its buffers
