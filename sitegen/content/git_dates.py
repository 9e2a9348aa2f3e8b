"""When git says that content files were written: one `git log` for the whole site; used by `sources.py` alone."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

_TIMEOUT_S: Final = 60.0
"""A history that takes longer to read gives no dates."""
_COMMIT: Final = "\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitDates:
    """Author dates of a file's first and last commit."""

    created: datetime
    modified: datetime


def read_git_dates(folder: Path) -> Mapping[str, GitDates]:
    """The dates of every committed file below `folder`, by its path from there.

    Empty outside a git repository, without git, and in a shallow clone, whose oldest
    commit would look like the date of every file.
    """
    if _git(folder, "rev-parse", "--is-shallow-repository").strip() != "false":
        return {}
    log = _git(
        folder,
        *("-c", "core.quotePath=off", "log", "-z", f"--format={_COMMIT}%aI", "--name-only"),
        *("--no-renames", "--relative", "--", "."),
    )
    dates: dict[str, GitDates] = {}
    moment: datetime | None = None
    for entry in log.split("\0"):
        name = entry.lstrip("\n")
        if name.startswith(_COMMIT):
            moment = datetime.fromisoformat(name[1:])
        elif name and moment is not None:  # newest commit first
            newer = dates.get(name)
            dates[name] = GitDates(created=moment, modified=newer.modified if newer else moment)
    return dates


def _git(folder: Path, *arguments: str) -> str:
    """What a git command prints; empty where it fails or git is missing."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", errors="surrogateescape") if done.returncode == 0 else ""
