"""Files made of files by slow work: kept by what they are made of and how, so that the work is done once.

A file is named by a digest of its recipe and of the content it is made from, and lies in a folder under `.sitegen/cache/`. Several
processes may use a folder at once: a file appears whole, and whoever made it made the same bytes. The work
itself is done in the process that asks, one piece at a time; a build asks from its workers, so there are
never more at work than the build has processes, and none holds more than one piece in memory.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sitegen.files import digest_bytes, write_atomic

_CHECK_DIGITS: Final = 64
"""Of the SHA-256 before the content, in hexadecimal: a file that a full disk has cut off is made again."""
_USE_IS_NEWS_S: Final = 86_400.0
"""Seconds: a use is written down, as the file's time, where the last one is older."""
_LARGEST_BYTES: Final = 2 * 1024**3
"""Of a folder, after `prune`."""

_CALLS_A_PRUNE: Final = 100


class ProcessedFiles:
    """What recipes have made, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._until_prune = 0

    def get(self, digest: str, recipe: str, make: Callable[[], bytes | None]) -> bytes | None:
        """What `recipe` makes of some content, which is made where it is not kept.

        Args:
            digest: of the content that it is made from.
            recipe: how, with all that changes the result: the form, its size and quality, the versions of the programs.
            make: the work; None for what cannot be made, which is not kept.
        """
        kept = self.find(digest, recipe)
        if kept is not None:
            return kept
        made = make()
        if made is not None:
            self.put(digest, recipe, made)
        return made

    def find(self, digest: str, recipe: str) -> bytes | None:
        """What is kept, if anything."""
        file = self._file(digest, recipe)
        try:
            with file.open("rb") as stream:
                check, content = stream.read(_CHECK_DIGITS), stream.read()
                used = os.fstat(stream.fileno()).st_mtime
        except OSError:
            return None
        if check != digest_bytes(content).encode():
            return None
        if time.time() - used > _USE_IS_NEWS_S:
            with contextlib.suppress(OSError):
                os.utime(file)
        return content

    def put(self, digest: str, recipe: str, made: bytes) -> None:
        """Keep what was made; where it cannot be written, it is made again next time."""
        with contextlib.suppress(OSError):
            write_atomic(self._file(digest, recipe), digest_bytes(made).encode() + made)

    def prune_now_and_then(self) -> None:
        """`prune` at the first call of an object and each hundredth after it: it looks at every file."""
        if self._until_prune == 0:
            self.prune()
            self._until_prune = _CALLS_A_PRUNE
        self._until_prune -= 1

    def prune(self, largest_bytes: int = _LARGEST_BYTES) -> int:
        """Remove what has not been used for longest, until the rest fits; how many files went."""
        found: list[tuple[float, int, str]] = []
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime, status.st_size, entry.path))
        except OSError:
            return 0
        total, removed = sum(size for _, size, _ in found), 0
        for _, size, path in sorted(found):
            if total <= largest_bytes:
                break
            with contextlib.suppress(OSError):
                Path(path).unlink()
                removed += 1
            total -= size
        return removed

    def _file(self, digest: str, recipe: str) -> Path:
        return self._folder / digest_bytes(f"{recipe}\n{digest}".encode())
