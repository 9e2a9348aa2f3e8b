"""What the store tells its builds: what was not believed, what was mended, what could not be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.errors import Diagnostic, Severity, SourceLocation
from sitegen.results.files import Files
from sitegen.results.index import Row
from sitegen.results.record import SCHEMA
from sitegen.results.spool import SpooledFiles

_SHOWN: Final = 5
"""Files of one kind of trouble that are named one by one; the others are counted."""
OTHER_SCHEMA: Final = re.compile(r"schema (\d+) is not \d+")
"""The reason why a record of another version of sitegen is not believed."""


class Problems:
    """Diagnostics of one store, each said once.

    Args:
        files: the store's.
        config: the site's.
    """

    def __init__(self, files: Files, config: Config) -> None:
        self._files = files
        self._config = config
        self._found: list[Diagnostic] = []
        self._said: set[tuple[str, str]] = set()
        self._unusable: set[str] = set()
        self._aside = 0
        self._damaged = 0

    def take(self) -> tuple[Diagnostic, ...]:
        """All since the last call."""
        if self._damaged > _SHOWN:
            self._say(
                "SG309", "warning", f"{self._damaged - _SHOWN} more files of the results are damaged", ""
            )
        if self._aside:
            files = "1 damaged file was" if self._aside == 1 else f"{self._aside} damaged files were"
            self.mended(f"{files} set aside in `{self._files.name}/damaged`")
        self._damaged = self._aside = 0
        found = tuple(self._found)
        self._found.clear()
        return found

    def damaged(self, path: str, is_aside: bool) -> None:
        """A file whose bytes are not those that it is named by."""
        self.set_aside(is_aside)
        self._damaged += 1
        if self._damaged > _SHOWN:
            return
        hint = "its page runs again where it can" if is_aside else "it cannot be moved away: remove it"
        self._say(
            "SG309", "warning", "damaged: its content does not have the digest it is named by", hint, path
        )

    def set_aside(self, is_aside: bool) -> None:
        """Count a damaged file that was moved away."""
        self._aside += is_aside

    def unusable(self, path: str, page: str, error: Exception) -> None:
        """A record whose outputs are not whole: what was wrong with them at first counts."""
        if path in self._unusable:
            return
        self._unusable.add(path)
        message = f"a run of `{page}` cannot be shown: {words(error)}"
        self._say("SG309", "warning", message, "the page runs again where it can", path)

    def unreadable(self, path: str, error: OSError) -> None:
        """A file that is there and cannot be read."""
        self._say("SG309", "warning", f"record skipped: {words(error)}", "see that it can be read", path)

    def strange(self, rows: Iterable[Row]) -> None:
        """The files that are not believed, whole as they may be; those of another schema are one message."""
        versions: dict[int, int] = {}
        others: list[Row] = []
        for row in rows:
            version = OTHER_SCHEMA.fullmatch(row.problem or "")
            if version is None:
                others.append(row)
            else:
                versions[int(version[1])] = versions.get(int(version[1]), 0) + 1
        for version_number, count in sorted(versions.items()):
            is_older = version_number < SCHEMA
            self._say(
                "SG309",
                "info",
                f"{count} {'record is' if count == 1 else 'records are'} of schema {version_number} and not used: "
                f"this sitegen reads {SCHEMA}",
                "`sitegen results prune` removes them" if is_older else "a newer sitegen reads them",
            )
        for row in others[:_SHOWN]:
            self._say(
                "SG309", "warning", f"not believed: {row.problem}", "move it out of the results", row.path
            )
        if len(others) > _SHOWN:
            more = f"{len(others) - _SHOWN} more files among the results are not believed"
            self._say("SG309", "warning", more, "move them out of the results")

    def mended(self, what: str, path: str = "") -> None:
        """Something that was put right."""
        self._say("SG321", "info", what, "", path)

    def unreachable(self, error: OSError) -> None:
        """A store that cannot be listed."""
        self._say(
            "SG309",
            "warning",
            f"the results in `{self._files.name}` cannot be read: {words(error)}",
            "records that are known from earlier builds are used; see that the place can be reached and read"
            if self._files.is_remote
            else "see that the folder can be read",
        )

    def sent(self, count: int) -> None:
        """Files that had waited."""
        if count and isinstance(self._files, SpooledFiles):
            were, files = ("was", "1 file") if count == 1 else ("were", f"{count} files")
            self.mended(
                f"{files} that waited in `{self._files.waiting_name}` {were} sent to `{self._files.name}`"
            )
        self.unsent()

    def unsent(self) -> None:
        """What waits because it could not be sent."""
        if isinstance(self._files, SpooledFiles) and self._files.failure is not None:
            waiting, error = self._files.waiting_name, self._files.failure
            self._files.failure = None
            self._say(
                "SG314",
                "warning",
                f"results could not be sent to `{self._files.name}`: {words(error)}",
                f"they wait in `{waiting}`, where builds find them, and the next build sends them",
            )

    def _say(self, code: str, severity: Severity, message: str, hint: str, path: str = "") -> None:
        if (path, message) in self._said:
            return
        self._said.add((path, message))
        location = None
        if path and self._files.is_remote:
            message = f"`{path}`: {message}"
        elif path:
            shown: PurePosixPath = self._config.relative_to_root(self._config.results_dir / path)
            location = SourceLocation(path=shown)
        self._found.append(
            Diagnostic(code=code, severity=severity, message=message, location=location, hint=hint or None)
        )


def words(error: Exception) -> str:
    """The error without the machine's paths."""
    if isinstance(error, FileNotFoundError) and error.filename:
        path = Path(str(error.filename))
        return (
            f"blob {path.name[:12]} is missing"
            if path.parent.name == "blobs"
            else f"`{path.name}` is missing"
        )
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return (str(error).splitlines() or [type(error).__name__])[0]
