"""Folders of a kernel's own, for its sockets and its log: locked while they are in use, swept when their build was killed."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from pathlib import Path
from typing import Final

from sitegen.files import remove_tree

_FOLDER_BYTES: Final = 103 - len("/k-5")
"""Of a folder's path: an address of a socket has 104 bytes on macOS (108 on Linux), the last one of them 0."""
_LOCK: Final = "lock"
_YOUNG_S: Final = 60.0
"""A folder without a lock may have been made a moment ago."""

_held: dict[Path, int] = {}
"""File descriptors of the locks of our folders."""


def private_folder() -> Path:
    """A new folder (mode 0700), ours until `remove_private_folder`.

    In the temporary folder if that is short enough for the path of a socket, else in the system's own.

    Raises:
        OSError: there is no folder that is short enough and can be written.
    """
    problem: OSError | None = None
    for base in _bases():
        try:
            folder = Path(tempfile.mkdtemp(prefix=f"sg-{os.getpid()}-", dir=base))
        except OSError as error:
            problem = error
            continue
        if len(os.fsencode(folder)) > _FOLDER_BYTES:
            folder.rmdir()
            continue
        try:
            lock = _locked(folder, os.O_CREAT)
        except OSError as error:  # a full disk, a file system without locks
            problem = error
            remove_tree(folder)
            continue
        if lock is not None:
            _held[folder] = lock
        return folder
    raise problem or OSError(errno.ENAMETOOLONG, "no temporary folder has a path short enough for sockets")


def remove_private_folder(folder: Path) -> None:
    """Remove it with all that is in it."""
    with contextlib.suppress(OSError):  # the next build sweeps it
        remove_tree(folder)
    lock = _held.pop(folder, None)
    if lock is not None:
        os.close(lock)


def sweep_folders() -> None:
    """Remove the folders of builds that were killed: nobody holds their locks.

    The number of the process in a folder's name does not say it: containers may share the temporary folder, and each has
    numbers of its own.
    """
    if os.name == "nt":
        return  # nothing is locked there
    for folder in (folder for base in _bases() for folder in base.glob("sg-*-*")):
        with contextlib.suppress(OSError):  # another user's
            if (folder / _LOCK).exists():
                lock = _locked(folder)
                if lock is not None:
                    remove_tree(folder)
                    os.close(lock)
            elif time.time() - folder.stat().st_mtime > _YOUNG_S:
                remove_tree(folder)


def _locked(folder: Path, flags: int = 0) -> int | None:
    """The folder's lock, if nobody has it; the system takes it back from a process that ends, however it ends."""
    if os.name == "nt":
        return None
    import fcntl

    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _bases() -> list[Path]:
    """Where private folders may be, the best first: artifacts wait there too, so memory comes last."""
    system = () if os.name == "nt" else ("/tmp", "/var/tmp", os.environ.get("XDG_RUNTIME_DIR", ""))  # noqa: S108
    bases = (Path(tempfile.gettempdir()), *(Path(base) for base in system if base))
    return [base for base in dict.fromkeys(bases) if base.is_dir()]
