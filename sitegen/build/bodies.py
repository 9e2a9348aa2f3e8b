"""Composed pages on disk: append-only files, one a process, so that the bodies of a site never lie in memory together."""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from sitegen.appending import open_to_read, read_at
from sitegen.build.staging import StagingError


class DamagedStateError(BaseException):
    """What is in a file is not what was written there. Above what templates catch, which may ask for a page."""


def unpickled(data: bytes) -> Any:
    """A value that a build has kept.

    Raises:
        DamagedStateError: the bytes are not what was kept.
    """
    try:
        return pickle.loads(data)  # noqa: S301 -- our own file
    except Exception as error:  # whatever damaged bytes happen to ask for
        raise DamagedStateError(repr(error)) from error


_CHECKSUM_BYTES: Final = 4


class Ref(NamedTuple):
    """Where a page's parts lie, one behind the other."""

    pack: int
    """The number of the file."""
    offset: int
    """Bytes before the first part."""
    place: int
    """The length of each part in bytes, with its checksum."""
    summary: int
    page: int


class Bodies:
    """The pack files of one output folder.

    Each process appends to a file of its own number. What no reference leads to, such as what a killed build
    has left, is only waste: a file is never changed where it has been written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._readers: dict[int, int] = {}
        self._writer: tuple[int, int] | None = None
        self._end = 0

    def __reduce__(self) -> tuple[type[Bodies], tuple[Path]]:
        return Bodies, (self._folder,)

    def forget(self) -> None:
        """Remove all files."""
        self.close()
        for pack in self._folder.glob("*.pack"):
            pack.unlink()

    def append(self, pack: int, place: object, summary: object, page: object) -> Ref:
        """Keep a page's parts.

        Raises:
            StagingError: they cannot be written.
        """
        parts = [pickle.dumps(value, protocol=5) for value in (place, summary, page)]
        return self.append_bytes(pack, *parts)

    def append_bytes(self, pack: int, place: bytes, summary: bytes, page: bytes) -> Ref:
        """The same with parts that are pickled already."""
        file = self._opened(pack)
        parts = (place, summary, page)
        data = b"".join(each for part in parts for each in (part, zlib.crc32(part).to_bytes(4, "little")))
        try:
            written = os.write(file, data)
            while written < len(data):
                written += os.write(file, data[written:])
        except OSError as error:
            raise StagingError(error.errno, error.strerror) from error
        more = _CHECKSUM_BYTES
        ref = Ref(pack, self._end, len(place) + more, len(summary) + more, len(page) + more)
        self._end += len(data)
        return ref

    def place(self, ref: Ref) -> Any:
        """The page's place in the index."""
        return unpickled(self._read(ref.pack, ref.offset, ref.place))

    def summary(self, ref: Ref) -> Any:
        """What other pages may show of it."""
        return unpickled(self._read(ref.pack, ref.offset + ref.place, ref.summary))

    def page(self, ref: Ref) -> Any:
        """The composed page."""
        return unpickled(self._read(ref.pack, ref.offset + ref.place + ref.summary, ref.page))

    def same_page(self, first: Ref, second: Ref) -> bool:
        """Whether two composed pages are the same."""
        if first.page != second.page:
            return False
        offsets = (ref.offset + ref.place + ref.summary for ref in (first, second))
        one, other = (
            self._read(ref.pack, offset, ref.page)
            for ref, offset in zip((first, second), offsets, strict=True)
        )
        return one == other

    def new_pack(self) -> tuple[int, tuple[int, ...]]:
        """The number of a file that there is not yet, and those of all that there are."""
        old = tuple(sorted(int(file.stem) for file in self._folder.glob("*.pack")))
        return max(old, default=0) + 1, old

    def copy(self, ref: Ref, pack: int) -> Ref:
        """The same page in another file."""
        starts = (ref.offset, ref.offset + ref.place, ref.offset + ref.place + ref.summary)
        parts = (self._read(ref.pack, start, length) for start, length in zip(starts, ref[2:], strict=True))
        return self.append_bytes(pack, *parts)

    def remove(self, packs: Iterable[int]) -> None:
        """Remove files that no reference leads to."""
        self.close()
        for pack in packs:
            self._path(pack).unlink(missing_ok=True)

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(file.stat().st_size for file in self._folder.glob("*.pack"))

    def close(self) -> None:
        """Close the files; they are opened again when they are needed."""
        for file in self._readers.values():
            with suppress(OSError):
                os.close(file)
        if self._writer is not None:
            os.close(self._writer[1])
        self._readers, self._writer = {}, None

    def _opened(self, pack: int) -> int:
        if self._writer is None or self._writer[0] != pack:
            if self._writer is not None:
                os.close(self._writer[1])
            self._folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            file = os.open(self._path(pack), flags, 0o644)
            self._end = os.fstat(file).st_size
            self._writer = (pack, file)
        return self._writer[1]

    def _read(self, pack: int, offset: int, length: int) -> bytes:
        file = self._readers.get(pack)
        if file is None:
            try:
                file = open_to_read(self._path(pack))
            except FileNotFoundError as error:
                raise DamagedStateError(f"{self._path(pack).name} is gone") from error
            self._readers[pack] = file
        data = read_at(file, length, offset)
        part, check = data[:-4], data[-4:]
        if len(data) != length or zlib.crc32(part).to_bytes(4, "little") != check:
            raise DamagedStateError(f"{self._path(pack).name} at byte {offset}")
        return part

    def _path(self, pack: int) -> Path:
        return self._folder / f"{pack}.pack"


K = TypeVar("K")
V = TypeVar("V")
_MOST_READ: Final = 20_000
"""Values that stay in memory: lists ask for neighbours, and what is long past is not asked for again."""


class ReadLater(Mapping[K, V]):
    """A value for each page, read from disk when it is asked for.

    Args:
        refs: where each page lies.
        read: `Bodies.place` or `Bodies.summary`.
        instead: values that stand for those on disk.
        most: of them stay in memory.
    """

    def __init__(
        self,
        refs: Mapping[K, Ref],
        read: Callable[[Ref], V],
        instead: Mapping[K, V] | None = None,
        *,
        most: int = _MOST_READ,
    ) -> None:
        self._refs = refs
        self._from = read
        self._most = most
        self._instead = instead or {}
        self._read: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        found = self._read.get(key)
        if found is not None:
            return found
        if key in self._instead:
            return self._instead[key]
        if len(self._read) >= self._most:
            self._read.clear()
        value = self._read[key] = self._from(self._refs[key])
        return value

    def __contains__(self, key: object) -> bool:
        return key in self._refs

    def __iter__(self) -> Iterator[K]:
        return iter(self._refs)

    def __len__(self) -> int:
        return len(self._refs)
