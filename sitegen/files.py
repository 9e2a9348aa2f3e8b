"""The only module that writes files: atomic writes, digests, links, safe paths and the exchange of two folders."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

StrPath: TypeAlias = str | os.PathLike[str]

_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


_BINARY: Final = getattr(os, "O_BINARY", 0)  # Windows would end lines otherwise
_AT_ONCE: Final = 1 << 20
"""Bytes; smaller files are digested in one piece, without a buffer of their own."""

TEMPORARY_PREFIX: Final = ".tmp-"
"""Of the names of half-written files; one that is found later is left of a killed process."""


class ExchangeUnsupportedError(OSError):
    """This system or file system cannot exchange two folders in one step."""


def digest_bytes(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: StrPath) -> str:
    """Lower-case hexadecimal SHA-256 of a file's bytes, read in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb", buffering=0) as stream:
        start = stream.read(_AT_ONCE)
        if len(start) < _AT_ONCE and not stream.read(1):
            return hashlib.sha256(start).hexdigest()
        stream.seek(0)
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomic(path: StrPath, content: bytes) -> None:
    """Write a whole file or nothing, with its parent folders; a reader sees the old bytes or the new.

    The file gets a new inode, so what shares the old one by hard link keeps the old bytes. Nothing waits
    for the disk: a killed process leaves one of the two, a machine that loses power may leave neither.

    Raises:
        OSError: the file cannot be written; nothing is left behind.
    """
    temporary = _temporary_beside(path)
    try:
        write_plain(temporary, content)
        os.replace(temporary, path)
    except BaseException:
        _unlink_if_there(temporary)
        raise


def write_plain(path: StrPath, content: bytes) -> None:
    """Write a file as it is, with its parent folders: only where no reader looks yet, and nothing links to the old one.

    Raises:
        OSError: the file cannot be written; a part of it may be left.
    """
    # not `tempfile`: its mode is 0600, and a web server must be able to read a page
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY
    try:
        descriptor = os.open(path, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, flags, 0o666)
    try:
        written = os.write(descriptor, content)
        while written < len(content):
            written += os.write(descriptor, memoryview(content)[written:])
    finally:
        os.close(descriptor)


def copy_atomic(source: StrPath, target: StrPath) -> None:
    """Copy a file's bytes to `target`, whole or not at all, with its parent folders.

    Raises:
        OSError: one of the two cannot be read or written; nothing is left behind.
    """
    temporary = _temporary_beside(target)
    try:
        copy_plain(source, temporary)
        os.replace(temporary, target)
    except BaseException:
        _unlink_if_there(temporary)
        raise


def copy_plain(source: StrPath, target: StrPath) -> None:
    """Copy a file's bytes to `target`, with its parent folders: only where no reader looks yet.

    Raises:
        OSError: one of the two cannot be read or written; a part may be left.
    """
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)


def link_or_copy(source: StrPath, target: StrPath) -> bool:
    """Make `target` the same file as `source`, or a copy where the file system has no hard links.

    An existing `target` is replaced in one step. A link shares its bytes for good: give only
    sources that nobody edits in place. A symbolic link is linked itself, not what it points to.

    Returns:
        Whether it is a link.

    Raises:
        OSError: one of the two cannot be read or written.
    """
    try:
        return _link(source, target)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        return _link(source, target)
    except FileExistsError:
        temporary = _temporary_beside(target)
        is_link = _link(source, temporary)
        os.replace(temporary, target)
        # rename(2) of two names of one file does nothing, and leaves the temporary name behind
        _unlink_if_there(temporary)
        return is_link


def mirror_tree(source: StrPath, target: StrPath) -> None:
    """Make at `target`, where nothing is, a tree of folders whose files are links to those of `source`.

    Raises:
        OSError: something cannot be read or linked; what was made stays.
    """
    if os.path.islink(source) or not os.path.isdir(source):
        link_or_copy(source, target)
        return
    os.makedirs(target)
    with os.scandir(source) as entries:
        for entry in entries:
            inner = os.path.join(target, entry.name)
            if entry.is_dir(follow_symlinks=False):
                mirror_tree(entry.path, inner)
            else:
                link_or_copy(entry.path, inner)
    shutil.copystat(source, target)


def safe_join(root: Path, path: PurePosixPath) -> Path:
    """`path` below `root`.

    The check is of the text alone; a symbolic link inside `root` may still lead out of it.

    Raises:
        ValueError: `path` is absolute, empty, or climbs out of `root`.
    """
    text = str(path)
    if path.is_absolute() or not path.parts or re.match(r"[A-Za-z]:|\\\\", text):  # `C:` and a share too
        raise ValueError(f"`{text}` is not a relative path")
    if ".." in path.parts or "\0" in text or (os.sep == "\\" and "\\" in text):
        raise ValueError(f"`{text}` leaves its folder")
    return root.joinpath(*path.parts)


def remove_tree(path: StrPath) -> None:
    """Remove a file or a folder with all it holds; a symbolic link is removed, never followed.

    Raises:
        OSError: something cannot be removed. A missing `path` is no error.
    """
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        _unlink_if_there(path)


def exchange(first: StrPath, second: StrPath) -> None:
    """Let two entries of one file system change names in one step; no moment without either.

    Raises:
        ExchangeUnsupportedError: this system or file system has no such call.
        OSError: one is missing, or they lie on two file systems (`EXDEV`).
    """
    call = _exchange_call()
    if call is None:
        raise ExchangeUnsupportedError(errno.ENOSYS, os.strerror(errno.ENOSYS), os.fspath(first))
    code = call(os.fsencode(first), os.fsencode(second))
    if code in _NO_EXCHANGE:
        raise ExchangeUnsupportedError(code, os.strerror(code), os.fspath(first))
    if code:
        raise OSError(code, os.strerror(code), os.fspath(first), None, os.fspath(second))


@cache
def _exchange_call() -> Callable[[bytes, bytes], int] | None:
    """The C library's exchange of two names, as a function that returns an `errno` or 0."""
    if os.name != "posix":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        at_cwd, rename_exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of <linux/fs.h>
        return lambda first, second: (
            ctypes.get_errno() if libc.renameat2(at_cwd, first, at_cwd, second, rename_exchange) else 0
        )
    if sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        rename_swap = 2  # RENAME_SWAP of <sys/stdio.h>
        return lambda first, second: ctypes.get_errno() if libc.renamex_np(first, second, rename_swap) else 0
    return None


def _link(source: StrPath, target: StrPath) -> bool:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copy2(source, target, follow_symlinks=False)
        return False
    return True


def _unlink_if_there(path: StrPath) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _temporary_beside(path: StrPath) -> str:
    # beside the target: a rename must stay on one file system; short, since names end at 255 bytes
    return os.path.join(os.path.dirname(path), f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}")
