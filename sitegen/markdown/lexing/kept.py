"""Highlighted code that earlier builds made: looked up by a digest, in files that only ever grow.

A folder holds `current.pack` and, once that has grown too large, the `earlier.pack` it then becomes. What is found in the earlier
one is written to the current one again, so a block that no build asks for any more is gone after two such changes.
Format (version 1): frames, one after the other, each of

- a header of 16 bytes: `SGH1`, the bytes of the table, the bytes of the whole frame, CRC-32 of the table;
- a table, 24 bytes a block: the key (16), where its HTML begins after the table, how many bytes it has;
- each block's HTML in UTF-8, compressed by zlib, whose check sum is verified when it is read.

Several processes may read and write at once, forked ones too: frames are appended whole under a lock, by a descriptor that
is the process's own; reading never moves a shared offset. A file with a frame that is not whole is thrown away.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from hashlib import blake2b
from pathlib import Path
from typing import Final

from sitegen.appending import append_whole, open_to_append, open_to_read, read_at, whole_size

Key = bytes
"""16 bytes; everything that goes into a block's HTML is in it."""

_MAGIC: Final = b"SGH1"
_HEADER: Final = struct.Struct("<4sIII")
_ENTRY: Final = struct.Struct("<16sII")
_FRAME_BYTES: Final = 256 * 1024
"""Compressed HTML that waits in memory before it is written."""
_CURRENT: Final = "current.pack"
_EARLIER: Final = "earlier.pack"
_LARGEST_PACK_BYTES: Final = 128 * 1024 * 1024
"""Of `current.pack` before it becomes the earlier one: 45,000 posts with three blocks of 20 lines (0.85 kB a block)."""


class KeptHighlights:
    """One folder's blocks, as this process sees them; nothing is read before the first look-up."""

    def __init__(self, folder: Path, *, largest_pack_bytes: int = _LARGEST_PACK_BYTES) -> None:
        self._folder = folder
        self._largest_pack_bytes = largest_pack_bytes
        self._packs: list[_Pack] | None = None
        """Where is looked, in this order."""
        self._own: _Pack | None = None
        """What this process has appended; its descriptor is nobody else's."""
        self._process = os.getpid()
        self._waiting: dict[Key, bytes] = {}
        """Compressed, not yet in the file."""
        self._waiting_bytes = 0

    @staticmethod
    def key(*parts: str) -> Key:
        """The key of all that makes a block's HTML."""
        lengths = ",".join([str(len(part)) for part in parts])
        text = "\0".join((lengths, *parts))
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def load(self) -> None:
        """Read the tables of the packs, unless that is done: in the parent, before workers are forked."""
        self._opened()

    def get(self, key: Key) -> str | None:
        """The HTML of a block, or None where no build has kept it."""
        waiting = self._waiting.get(key)
        if waiting is not None:
            return _text(waiting)
        for pack in self._opened():
            data = pack.read(key)
            text = None if data is None else _text(data)
            if text is None:
                continue
            if pack.is_earlier:
                self.put(key, text)
            return text
        return None

    def put(self, key: Key, html: str) -> None:
        """Keep a block; it is in the file after the next `flush`, which comes by itself at times."""
        try:
            data = zlib.compress(html.encode(), 1)
        except UnicodeEncodeError:  # a lone surrogate
            return
        self._notice_fork()
        self._waiting[key] = data
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= _FRAME_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits: a worker calls this before it ends. What cannot be written is not kept."""
        self._notice_fork()
        if not self._waiting:
            return
        waiting, self._waiting, self._waiting_bytes = self._waiting, {}, 0
        packs = self._opened()
        try:
            if self._own is None:
                self._own = _Pack(open_to_append(self._folder / _CURRENT), is_earlier=False)
                packs.insert(0, self._own)
            table, frame = _frame(waiting)
            self._own.remember(table, append_whole(self._own.descriptor, frame) + _HEADER.size + len(table))
        except OSError:
            return  # a full disk, a folder that is not ours: the build goes on without

    def close(self) -> None:
        """Write what waits; a pack that has grown too large becomes the earlier one."""
        self.flush()
        current = self._folder / _CURRENT
        with suppress(OSError):
            if self._packs and current.stat().st_size > self._largest_pack_bytes:
                current.replace(self._folder / _EARLIER)
        for pack in self._packs or ():
            pack.close()
        self._packs, self._own = None, None

    def _opened(self) -> list[_Pack]:
        if self._packs is None:
            found = (
                _load(self._folder / _CURRENT, is_earlier=False),
                _load(self._folder / _EARLIER, is_earlier=True),
            )
            self._packs = [pack for pack in found if pack is not None]
        return self._packs

    def _notice_fork(self) -> None:
        """In a forked process: what waits is the parent's to write, and so is its descriptor; both can be read."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._own, self._waiting, self._waiting_bytes = None, {}, 0


class _Pack:
    """The blocks of one file."""

    def __init__(self, descriptor: int, *, is_earlier: bool) -> None:
        self.descriptor = descriptor
        self.is_earlier = is_earlier
        self._places: dict[Key, int] = {}
        """Where a block's HTML begins and, in the lower 32 bits, how many bytes it has: a tuple takes three times the room."""

    def remember(self, table: bytes, start: int) -> None:
        """Take a frame's table; its HTML begins at `start`."""
        places = self._places
        for key, offset, size in _ENTRY.iter_unpack(table):
            places[key] = start + offset << 32 | size

    def read(self, key: Key) -> bytes | None:
        place = self._places.get(key)
        if place is None:
            return None
        try:
            return read_at(self.descriptor, place & 0xFFFFFFFF, place >> 32)
        except OSError:
            return None

    def close(self) -> None:
        os.close(self.descriptor)


def _load(path: Path, *, is_earlier: bool) -> _Pack | None:
    """A pack with its tables; None where there is none, or where it was not whole and is gone now."""
    try:
        descriptor = open_to_read(path)
    except OSError:
        return None
    pack = _Pack(descriptor, is_earlier=is_earlier)
    try:
        _take_frames(pack, whole_size(descriptor))
    except (OSError, ValueError):
        pack.close()
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None
    return pack


def _take_frames(pack: _Pack, size_bytes: int) -> None:
    """Read every frame's table.

    Raises:
        OSError: the file cannot be read.
        ValueError: a frame is not whole.
    """
    position = 0
    while position < size_bytes:
        header = read_at(pack.descriptor, _HEADER.size, position)
        if len(header) < _HEADER.size:
            raise ValueError("a header is cut")
        magic, table_bytes, frame_bytes, check = _HEADER.unpack(header)
        is_possible = _HEADER.size + table_bytes <= frame_bytes <= size_bytes - position
        if magic != _MAGIC or not is_possible or table_bytes % _ENTRY.size:
            raise ValueError("a header that is none of ours")
        table = read_at(pack.descriptor, table_bytes, position + _HEADER.size)
        if zlib.crc32(table) != check:
            raise ValueError("a table is damaged")
        pack.remember(table, position + _HEADER.size + table_bytes)
        position += frame_bytes


def _frame(blocks: dict[Key, bytes]) -> tuple[bytes, bytes]:
    """The table of some blocks, and the frame it is in."""
    table, offset = [], 0
    for key, data in blocks.items():
        table.append(_ENTRY.pack(key, offset, len(data)))
        offset += len(data)
    joined = b"".join(table)
    header = _HEADER.pack(_MAGIC, len(joined), _HEADER.size + len(joined) + offset, zlib.crc32(joined))
    return joined, b"".join((header, joined, *blocks.values()))


def _text(data: bytes) -> str | None:
    """The HTML, or None where its check sum is not right."""
    try:
        return zlib.decompress(data).decode()
    except (zlib.error, UnicodeDecodeError):
        return None


# --- the one of this thread: a preview's report checks the site while another thread builds it ---------


_installed: ContextVar[KeptHighlights | None] = ContextVar("kept_highlights", default=None)


def installed() -> KeptHighlights | None:
    """What `kept_highlights` has put in place, if anything."""
    return _installed.get()


@contextmanager
def kept_highlights(folder: Path) -> Iterator[KeptHighlights]:
    """Use the blocks of `folder` and keep new ones there, as long as it lasts.

    A worker that is forked inside goes on with it, and calls `flush` at the end of what it does: nothing else is
    needed there, and nothing of the parent's is written twice.

    Args:
        folder: made when there is something to write; may be removed between builds.
    """
    kept = KeptHighlights(folder)
    token = _installed.set(kept)
    try:
        yield kept
    finally:
        _installed.reset(token)
        kept.close()
