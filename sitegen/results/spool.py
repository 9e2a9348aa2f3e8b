"""A remote store with a folder beside it, for what could not be sent: a result that took hours outlives a network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sitegen.results.files import FileEntry, FolderFiles

if TYPE_CHECKING:
    from sitegen.results.objects import ObjectFiles

_FOLDERS: Final = ("blobs", "runs", "accepted")
"""In the order in which they are sent: a record that is there is whole."""
_RESPITE_S: Final = 60.0
"""After a failure the remote place is left alone for so long: each try may take a dozen seconds to fail."""


class SpooledFiles:
    """The files of a remote store together with those that wait in a folder to be sent."""

    is_remote: Final = True

    def __init__(self, remote: ObjectFiles, waiting: FolderFiles) -> None:
        self._remote = remote
        self._waiting = waiting
        self.failure: OSError | None = None
        """Why something was kept in the folder; None while all was sent."""
        self._tried_again_at_s = 0.0

    @property
    def name(self) -> str:
        """The remote place."""
        return self._remote.name

    @property
    def waiting_name(self) -> str:
        """The folder."""
        return self._waiting.name

    def is_waiting(self) -> bool:
        """Whether there is anything to send."""
        return any(self._waiting.listing(folder) for folder in _FOLDERS)

    def send(self) -> int:
        """Send what waits.

        Returns:
            How many files were sent; those that cannot be sent stay, and `failure` says why.
        """
        sent = 0
        for folder in _FOLDERS:
            for entry in self._waiting.listing(folder):
                try:
                    content = self._waiting.read(entry.path)
                except FileNotFoundError:  # another build has sent it
                    continue
                try:
                    self._remote.keep(entry.path, content)
                except OSError as error:
                    self.failure = error
                    self._tried_again_at_s = time.monotonic() + _RESPITE_S
                    return sent
                self._waiting.remove(entry.path)
                sent += 1
        return sent

    def listing(self, folder: str) -> list[FileEntry]:
        """Those of both places."""
        both = {entry.path: entry for entry in self._waiting.listing(folder)}
        both |= {entry.path: entry for entry in self._remote.listing(folder)}
        return [both[path] for path in sorted(both)]

    def entry(self, path: str) -> FileEntry | None:
        """Of the folder where it waits there."""
        return self._waiting.entry(path) or self._remote.entry(path)

    def read(self, path: str) -> bytes:
        """From the folder where it waits there."""
        try:
            return self._waiting.read(path)
        except FileNotFoundError:
            return self._remote.read(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """As `read` does."""
        elsewhere = []
        for path, content in self._waiting.read_many(paths):
            if isinstance(content, FileNotFoundError):
                elsewhere.append(path)
            else:
                yield path, content
        yield from self._remote.read_many(elsewhere)

    def write(self, path: str, content: bytes) -> None:
        """Send it; where that fails, keep it in the folder and remember why."""
        self._send_or_keep(self._remote.write, path, content)

    def keep(self, path: str, content: bytes) -> None:
        """As `write` does."""
        self._send_or_keep(self._remote.keep, path, content)

    def _send_or_keep(self, send: Callable[[str, bytes], None], path: str, content: bytes) -> None:
        if time.monotonic() >= self._tried_again_at_s:
            try:
                send(path, content)
            except OSError as error:
                self.failure = error
                self._tried_again_at_s = time.monotonic() + _RESPITE_S
            else:
                return
        self._waiting.keep(path, content)

    def move(self, path: str, to: str) -> None:
        """Within the place where it lies."""
        place = self._waiting if self._waiting.entry(path) is not None else self._remote
        place.move(path, to)

    def remove(self, path: str) -> None:
        """From both places."""
        self._waiting.remove(path)
        self._remote.remove(path)
