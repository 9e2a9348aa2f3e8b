"""The only module that writes files: atomic writes, digests, links, safe paths and the exchange of two folders."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


TEMPORARY_PREFIX: Final = ".tmp-"
"""Of the names of half-written files; one that is found later is left of a killed process."""


class ExchangeUnsupportedError(OSError):
    """This system or file system cannot exchange two folders in one step."""


def digest_bytes(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file's bytes, read in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomic(path: Path, content: bytes) -> None:
    """Write a whole file or nothing, with its parent folders; a reader sees the old bytes or the new.

    The file gets a new inode, so what shares the old one by hard link keeps the old bytes.

    Raises:
        OSError: the file cannot be written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_beside(path)
    try:
        # not `tempfile`: its mode is 0600, and a web server must be able to read a page
        with temporary.open("xb") as stream:
            stream.write(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def copy_atomic(source: Path, target: Path) -> None:
    """Copy a file's bytes to `target`, whole or not at all, with its parent folders.

    Raises:
        OSError: one of the two cannot be read or written; nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_beside(target)
    try:
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`, or a copy where the file system has no hard links.

    An existing `target` is replaced in one step. A link shares its bytes for good: give only
    sources that nobody edits in place. A symbolic link is linked itself, not what it points to.

    Raises:
        OSError: one of the two cannot be read or written.
    """
    try:
        _link(source, target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(source, target)
    except FileExistsError:
        temporary = _temporary_beside(target)
        _link(source, temporary)
        temporary.replace(target)
        # rename(2) of two names of one file does nothing, and leaves the temporary name behind
        temporary.unlink(missing_ok=True)


def mirror_tree(source: Path, target: Path) -> None:
    """Make at `target`, where nothing is, a tree of folders whose files are links to those of `source`.

    Raises:
        OSError: something cannot be read or linked; what was made stays.
    """
    if source.is_symlink() or not source.is_dir():
        link_or_copy(source, target)
        return
    target.mkdir(parents=True)
    for entry in source.iterdir():
        mirror_tree(entry, target / entry.name)
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


def remove_tree(path: Path) -> None:
    """Remove a file or a folder with all it holds; a symbolic link is removed, never followed.

    Raises:
        OSError: something cannot be removed. A missing `path` is no error.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def exchange(first: Path, second: Path) -> None:
    """Let two entries of one file system change names in one step; no moment without either.

    Raises:
        ExchangeUnsupportedError: this system or file system has no such call.
        OSError: one is missing, or they lie on two file systems (`EXDEV`).
    """
    call = _exchange_call()
    if call is None:
        raise ExchangeUnsupportedError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(first))
    code = call(os.fsencode(first), os.fsencode(second))
    if code in _NO_EXCHANGE:
        raise ExchangeUnsupportedError(code, os.strerror(code), str(first))
    if code:
        raise OSError(code, os.strerror(code), str(first), None, str(second))


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


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copy2(source, target, follow_symlinks=False)


def _temporary_beside(path: Path) -> Path:
    # beside the target: a rename must stay on one file system; short, since names end at 255 bytes
    return path.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
