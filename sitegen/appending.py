"""Files that only grow, by whole pieces, though several processes append to them at once and others read."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FLAGS: Final = (
    os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)
_NO_LOCK: Final = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}


def open_to_append(path: Path) -> int:
    """A descriptor of a file, which is made with its parent folders where it is missing, for `append_whole` and `read_at`.

    Raises:
        OSError: it cannot be opened.
    """
    try:
        return os.open(path, _FLAGS, 0o666)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, _FLAGS, 0o666)


def open_to_read(path: Path) -> int:
    """A descriptor of a file, for `read_at`.

    Raises:
        OSError: it cannot be opened.
    """
    return os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))


def append_whole(descriptor: int, content: bytes) -> int:
    """Append to a file that other processes append to as well; where in the file `content` begins.

    Args:
        descriptor: of `open_to_append`, opened by this very process: a lock is shared with who inherits it.
        content: written whole or not at all.

    Raises:
        OSError: it cannot be written; the file is as before.
    """
    with _lock_of(descriptor, is_shared=False):
        size = os.fstat(descriptor).st_size
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except BaseException:
            os.ftruncate(descriptor, size)
            raise
    return size


def whole_size(descriptor: int) -> int:
    """How many bytes a file has at a moment at which nobody appends to it.

    Raises:
        OSError: it cannot be found out.
    """
    with _lock_of(descriptor, is_shared=True):
        return os.fstat(descriptor).st_size


def read_at(descriptor: int, size: int, position: int) -> bytes:
    """Up to `size` bytes from `position`; the descriptor's own position counts for nothing, so forks may share it.

    Raises:
        OSError: they cannot be read.
    """
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, position)
    os.lseek(descriptor, position, os.SEEK_SET)  # Windows, where nothing is forked
    return os.read(descriptor, size)


@contextmanager
def _lock_of(descriptor: int, *, is_shared: bool) -> Iterator[None]:
    """The lock of a whole file, which is waited for; none where the system or the file system has no such locks."""
    if fcntl is None:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCK:
            raise
        yield
        return
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
