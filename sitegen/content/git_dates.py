"""When git says that content files were written: one `git log` for the whole site."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import compact

_TIMEOUT_S: Final = 60.0
"""A git command that takes longer, such as reading a very long history, counts as failed."""
_COMMIT: Final = "\x01"


@compact
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
    if history(folder) != "whole":
        return {}
    log = ask_git(
        folder,
        *("-c", "core.quotePath=off", "log", "-z", f"--format={_COMMIT}%aI", "--name-only"),
        *("--no-renames", "--relative", "--", "."),
    )
    dates: dict[str, GitDates] = {}
    moment: datetime | None = None
    for entry in (log or "").split("\0"):
        name = entry.lstrip("\n")
        if name.startswith(_COMMIT):
            moment = datetime.fromisoformat(name[1:])
        elif name and moment is not None:  # newest commit first
            newer = dates.get(name)
            dates[name] = GitDates(created=moment, modified=newer.modified if newer else moment)
    return dates


def history(folder: Path) -> Literal["whole", "shallow", "none"]:
    """How much git knows of the commits of the repository that a folder lies in."""
    answer = (ask_git(folder, "rev-parse", "--is-shallow-repository") or "").strip()
    return "whole" if answer == "false" else "shallow" if answer == "true" else "none"


def missing_history(config: Config) -> tuple[Diagnostic, ...]:
    """One SG127 warning where the configuration asks for git's dates and there are none to be trusted."""
    known = history(config.content_dir) if config.enable_git_info and config.content_dir.is_dir() else "whole"
    if known == "whole":
        return ()
    message, hint = {
        "shallow": (
            "`enableGitInfo` has no effect: this is a shallow clone, whose oldest commit would date every file",
            "fetch the whole history (`git fetch --unshallow`; in CI `fetch-depth: 0` or `GIT_DEPTH: 0`)",
        ),
        "none": (
            "`enableGitInfo` has no effect: the site lies in no git repository, or git is not installed",
            "remove `enableGitInfo`, or build from the repository",
        ),
    }[known]
    location = SourceLocation(path=config.relative_to_root(config.content_dir))
    return (Diagnostic(code="SG127", severity="warning", message=message, location=location, hint=hint),)


def ask_git(folder: Path, *arguments: str) -> str | None:
    """What a git command prints when it is called in `folder`; None where it fails or git is missing."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", errors="surrogateescape") if done.returncode == 0 else None
