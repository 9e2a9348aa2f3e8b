"""An imported site on disk: all of it or nothing, and never over a file that somebody wrote."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.errors import Diagnostic, SiteError
from sitegen.files import (
    TEMPORARY_PREFIX,
    ExchangeUnsupportedError,
    copy_atomic,
    exchange,
    mirror_tree,
    remove_tree,
    safe_join,
    write_atomic,
)
from sitegen.importing.report import REPORT_NAME, REPORT_SIGN
from sitegen.importing.values import ImportedFile

_HIDDEN: Final = frozenset({".git", ".DS_Store"})
"""What an empty folder may hold."""


def check_target(source: Path, target: Path, *, force: bool) -> None:
    """Whether a site may be written to `target`.

    Args:
        source: of the import, absolute.
        target: absolute.
        force: an earlier import may be written over.

    Raises:
        SiteError: SG802 (no source), SG803 (the target holds files), SG804 (one of the two lies in the other).
    """
    if not source.exists():
        raise _error("SG802", f"there is no `{source}`", "name the folder of the site that is to be imported")
    folder = source if source.is_dir() else None
    if folder is not None:
        real_source, real_target = folder.resolve(), target.resolve()
        if real_target.is_relative_to(real_source) or real_source.is_relative_to(real_target):
            raise _error(
                "SG804",
                f"`{target}` and the source `{source}` lie in each other",
                f"name a folder beside the source, such as `{source.parent / (source.name + '-sitegen')}`",
            )
    if target.is_dir() and _is_own(target):
        if not force:
            raise _error(
                "SG803",
                f"`{target}` holds an earlier import",
                "import into another folder, or say `--force`: its files are then written again, others stay",
            )
        return
    if target.is_symlink() or (target.exists() and not (target.is_dir() and _is_empty(target))):
        raise _error(
            "SG803",
            f"`{target}` is not empty, and nothing is overwritten",
            "import into an empty folder, and bring together what belongs together by hand",
        )


def write_site(files: Iterable[ImportedFile], target: Path) -> tuple[Path, ...]:
    """Write the files below `target`, which `check_target` has allowed: all of them, or none.

    A file that is a copy has the time of what it was copied from.

    Returns:
        What was written, sorted.

    Raises:
        SiteError: SG805; a file cannot be read or written, and `target` is as it was before.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    try:
        has_files = target.exists() and not _is_empty(target)
        if has_files:
            mirror_tree(target, staging)
        paths = [_write(file, staging) for file in files]
        staging.mkdir(exist_ok=True)  # an import without a file
        if has_files:
            _swap(staging, target)
        elif target.exists():
            _fill(staging, target)
        else:
            staging.rename(target)
    except OSError as error:
        where = error.filename or target
        raise _error(
            "SG805",
            f"the site cannot be written: `{where}`: {error.strerror or error}",
            "make room or change the rights there, and import again; nothing was written",
        ) from error
    finally:
        remove_tree(staging)
    return tuple(target / path for path in sorted(paths))


def _write(file: ImportedFile, folder: Path) -> PurePosixPath:
    path = safe_join(folder, file.path)
    if file.content is not None:
        write_atomic(path, file.content)
    elif file.copy_of is not None:
        copy_atomic(file.copy_of, path)
    if file.copy_of is not None:
        shutil.copystat(file.copy_of, path)
        path.chmod(path.stat().st_mode | 0o200)  # a site's author may write its files
    return file.path


def _fill(staging: Path, target: Path) -> None:
    """Move all of `staging` into the empty folder `target`, which somebody may stand in: it stays the same folder."""
    moved: list[Path] = []
    try:
        for entry in sorted(staging.iterdir()):
            moved.append(entry.rename(target / entry.name))  # noqa: PERF401 - those moved are known when one fails
    except OSError:
        for entry in moved:
            entry.rename(staging / entry.name)
        raise


def _swap(staging: Path, target: Path) -> None:
    """Let the folder `staging` be the folder `target`; what was there before is then `staging`, or gone."""
    try:
        exchange(staging, target)
    except ExchangeUnsupportedError:
        old = target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
        target.rename(old)
        try:
            staging.rename(target)
        except OSError:
            old.rename(target)
            raise
        remove_tree(old)


def _is_empty(folder: Path) -> bool:
    return all(entry.name in _HIDDEN for entry in folder.iterdir())


def _is_own(folder: Path) -> bool:
    """Whether it is the folder of an earlier import: its report is there."""
    report = folder / REPORT_NAME
    if not report.is_file():
        return False
    with report.open("rb") as stream:
        return REPORT_SIGN.encode() in stream.read(400)


def _error(code: str, message: str, hint: str) -> SiteError:
    return SiteError(Diagnostic(code=code, severity="error", message=message, hint=hint))
