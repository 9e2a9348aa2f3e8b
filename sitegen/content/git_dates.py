"""When git says that content files were written: one `git log` for the whole site, and what its answer depends on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from shutil import which
from typing import Final, Literal

from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes
from sitegen.frozen import compact
from sitegen.values import dataclass

_TIMEOUT_S: Final = 60.0
"""A git command that takes longer, such as reading a very long history, counts as failed."""
_COMMIT: Final = "\x01"
_COMMIT_ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_REFS: Final = 5
"""References to references that git itself follows (`SYMREF_MAXDEPTH` of its `refs.h`)."""
_ELSEWHERE: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR")
"""Variables with which the repository is not the one around the folder."""
_VARIABLES: Final = (
    *_ELSEWHERE,
    *("GIT_ALTERNATE", "GIT_CEILING", "GIT_CONFIG", "GIT_DISCOVERY", "GIT_GRAFT", "GIT_NAMESPACE"),
    *("GIT_NO_REPLACE", "GIT_OBJECT", "GIT_REPLACE", "GIT_SHALLOW"),
)
"""How the names of variables begin that change what git finds, trusts or takes for history."""


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


def git_state(config: Config) -> str:
    """A digest of all that the dates of git depend on, of the content folder's repository and of the notebook folder's.

    In it are: the program; the folder of the repository; the commit that is checked out, read from git's files
    (git is started only where they do not say it); the borders of a shallow clone, grafts and replacements, which change
    the history of a commit; sizes and mtimes of git's configuration files, which say whether the folder is trusted.
    Equal digests mean equal answers of `read_git_dates` and `history`; unequal ones may be equal all the same.
    """
    folders = [folder for folder in (config.content_dir, config.notebooks_dir) if folder.is_dir()]
    parts = [which("git") or "", *_variables(), *_stamps(_settings_of_user())]
    for folder in folders:
        parts += _of_repository(folder)
    return digest_bytes("\0".join(parts).encode("utf-8", errors="surrogateescape"))


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


# --- what git's dates depend on


def _variables() -> Iterator[str]:
    return (f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(_VARIABLES))


def _settings_of_user() -> tuple[Path, ...]:
    home = Path(os.environ.get("HOME") or Path.home())
    above = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return (Path("/etc/gitconfig"), home / ".gitconfig", above / "git" / "config")


def _of_repository(folder: Path) -> Iterator[str]:
    """What there is to say of the repository that a folder lies in."""
    is_elsewhere = any(name in os.environ for name in _ELSEWHERE)
    found = None if is_elsewhere else _git_folder(Path(os.path.realpath(folder)))
    yield str(found or "")
    if found is None:
        yield (ask_git(folder, "rev-parse", "HEAD") or "").strip() if is_elsewhere else ""
        return
    common = _common_folder(found)
    # where references are kept in another way (`reftable`), and where there is no commit yet, git has to say it
    yield _resolved("HEAD", found, common) or (ask_git(folder, "rev-parse", "HEAD") or "").strip()
    replaced = common / "refs" / "replace"
    yield from _stamps(sorted(replaced.iterdir()) if replaced.is_dir() else ())
    yield from _stamps(common / name for name in ("shallow", "info/grafts", "config"))
    yield from _stamps((found / "config.worktree",))


def _git_folder(folder: Path) -> Path | None:
    """The repository's own folder: `.git` beside or above, or where a file of that name leads."""
    for above in (folder, *folder.parents):
        place = above / ".git"
        if place.is_dir():
            return place
        if place.is_file():
            target = _text(place).removeprefix("gitdir:").strip()
            return Path(os.path.normpath(above / target))
    return None


def _common_folder(folder: Path) -> Path:
    """Of a worktree that was added, the folder of the repository it belongs to; else the same."""
    common = _text(folder / "commondir").strip()
    return Path(os.path.normpath(folder / common)) if common else folder


def _resolved(name: str, folder: Path, common: Path) -> str | None:
    """The commit that a reference leads to; None where files do not say it."""
    for _ in range(_MOST_REFS):
        text = _text(folder / name).strip() or _text(common / name).strip()
        if not text.startswith("ref:"):
            break
        name = text.removeprefix("ref:").strip()
    if not text:
        packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", _text(common / "packed-refs"), re.MULTILINE)
        text = packed[1] if packed else ""
    return text if _COMMIT_ID.fullmatch(text) else None


def _stamps(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        try:
            status = file.stat()
        except OSError:
            yield f"{file.name} -"
        else:
            yield f"{file.name} {status.st_size} {status.st_mtime_ns}"


def _text(file: Path) -> str:
    """What a file holds; nothing where there is none."""
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
