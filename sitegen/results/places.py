"""Where a site's results lie, and what lies there in one word: without reading a record, so that a build may say that nothing is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from sitegen.config import Config
from sitegen.results.files import Files, FolderFiles
from sitegen.results.spool import SpooledFiles

BELIEVED: Final = ("runs", "accepted")
"""The folders whose files say what the results are; blobs are named by them."""
UNKNOWN: Final = ""
"""The state of a store that cannot be told; it is equal to no other, itself included."""


def open_files(config: Config) -> Files:
    """The place of the site's store; its folder is made when the first record is kept."""
    name = str(config.relative_to_root(config.results_dir))
    if config.results_url:
        from sitegen.results.objects import ObjectFiles

        waiting = FolderFiles(config.results_dir / "unsent", f"{name}/unsent")
        return SpooledFiles(ObjectFiles(config.results_url), waiting)
    return FolderFiles(config.results_dir, name)


def state_of(files: Files) -> str:
    """A digest of the names and stamps of all records and acceptances; `UNKNOWN` where a build has to look.

    A listing and nothing else: of a folder some microseconds a file, of an object store one journey for each thousand.
    """
    try:
        if isinstance(files, SpooledFiles) and files.is_waiting():
            return UNKNOWN  # a build sends what waits
        return state_of_stamps(
            (entry.path, entry.stamp) for folder in BELIEVED for entry in files.listing(folder)
        )
    except OSError:
        return UNKNOWN


def state_of_stamps(stamps: Iterable[tuple[str, str]]) -> str:
    """The state of a store that holds these files.

    Args:
        stamps: path and stamp of each file, in any order.
    """
    digest = hashlib.sha256()
    for path, stamp in sorted(stamps):
        digest.update(f"{path}\0{stamp}\0".encode())
    return digest.hexdigest()
