"""The files of a new site as they come in: each is known from the last build, or lies in the staging folder."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping, Set
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sitegen.build.manifest import Stamp, parents
from sitegen.build.staging import stage, stage_copy
from sitegen.build.survey import stamp_of
from sitegen.errors import Diagnostic, PublishError
from sitegen.files import digest_file, safe_join
from sitegen.rendering.values import RenderedFile

if TYPE_CHECKING:
    from sitegen.build.made import Output

_UNUSUAL: Final = re.compile(r"\.\.|[\\:\0]|^/|^\.?$")
"""Paths that have to be looked at more closely."""


class Incoming:
    """What is to be published: digests and places, never contents."""

    def __init__(self, intact: Mapping[str, Stamp], staging: Path) -> None:
        """Begin with nothing.

        Args:
            intact: the files of the output folder that are as we left them.
            staging: an empty folder, or one where workers have staged files.
        """
        self.digests: dict[str, str] = {}
        """Of all files of the new site, by their paths."""
        self.kept: dict[str, Stamp] = {}
        """Those that are published already."""
        self.staged: dict[str, str] = {}
        """Where the others lie."""
        self._intact = intact
        self._staging = str(staging)
        self._owners: dict[str, str | Path] = {}

    @property
    def whole(self) -> str | None:
        """The staging folder, where it holds all files of the new site by their paths."""
        is_whole = bool(self.staged) and not self.kept
        if is_whole and all(place == f"{self._staging}/{path}" for path, place in self.staged.items()):
            return self._staging
        return None

    def keep(self, digests: Mapping[str, str]) -> None:
        """Files that stay as they are.

        Raises:
            PublishError: one of them is not there any more (SG503).
        """
        find = self._intact.get
        for path, digest in digests.items():
            published = find(path)
            if published is None or published[0] != digest:
                raise _gone(path)
            self.kept[path] = published
        self.digests.update(digests)

    def take(self, file: RenderedFile | Output) -> None:
        """One more file; its bytes are in the staging folder afterwards, unless they are published already.

        Raises:
            PublishError: its path leaves the output folder, another file has it (SG501, SG502), or it was to be
                kept and is not there any more (SG503).
            OSError: it cannot be written or read.
        """
        path = str(file.path)
        if _UNUSUAL.search(path):
            _refuse_outside(path)
        known = self.digests.get(path)
        if known is not None:
            if known != file.digest:
                raise refusal(
                    "SG502",
                    f"two outputs have the path `{path}`: {self._origin(path)} and {_origin(file.owner or file.file)}",
                    "give one of them another `slug`, `url` or name",
                )
            return
        owner = file.owner or file.file
        if owner:
            self._owners[path] = owner
        published = self._intact.get(path)
        if published is not None and published[0] == file.digest:
            self.digests[path] = file.digest
            self.kept[path] = published
        elif file.is_kept:
            raise _gone(path)
        else:
            self._stage(path, file)

    def folders(self, known: Set[str], *, has_removals: bool) -> Set[str]:
        """All folders on the way to the files.

        Args:
            known: those of the last build.
            has_removals: whether files of the last build are gone.

        Raises:
            PublishError: a file lies where another needs a folder (SG502).
        """
        if not has_removals and known and all(path in self._intact for path in self.staged):
            return known
        found = parents(self.digests)
        for path in sorted(found & self.digests.keys()):
            raise refusal(
                "SG502",
                f"`{path}` of {self._origin(path)} is a file, and other outputs need a folder of that name",
                "give it another `url` or name",
            )
        return found

    def adopt(self, output: Path, foreign: Iterable[str]) -> set[str]:
        """Foreign files that are, byte for byte, what we want there: ours of a build whose state is lost.

        Returns:
            Their paths; they count as kept from now on.
        """
        adopted = set()
        for path in foreign:
            place = output / path
            if (
                path in self.staged
                and stat.S_ISREG(place.lstat().st_mode)
                and digest_file(place) == self.digests[path]
            ):
                self.kept[path] = stamp_of(str(place), self.digests[path])
                del self.staged[path]
                adopted.add(path)
        return adopted

    def _stage(self, path: str, file: RenderedFile | Output) -> None:
        digest: str = file.digest
        place = f"{self._staging}/{path}"
        if file.is_staged:
            if file.file:
                place = str(file.file)
        elif file.content is not None:
            stage(self._staging, path, file.content)
        elif file.file:
            digest = stage_copy(self._staging, path, file.file, digest)
        else:
            raise ValueError(f"`{path}` has neither bytes nor a file")
        self.digests[path] = digest
        self.staged[path] = place

    def _origin(self, path: str) -> str:
        return _origin(self._owners.get(path))


def refusal(code: str, message: str, hint: str) -> PublishError:
    """An error that an author can mend."""
    return PublishError(Diagnostic(code=code, severity="error", message=message, hint=hint))


def _gone(path: str) -> PublishError:
    return refusal(
        "SG503",
        f"`{path}` was changed or removed in the output folder while the site was built",
        "build again",
    )


def _origin(owner: str | Path | None) -> str:
    if owner is None:
        return "the site itself"
    return f"`{owner}`" if isinstance(owner, Path) else f"page `{owner}`"


def _refuse_outside(path: str) -> None:
    try:
        safe_join(Path("/"), PurePosixPath(path))
    except ValueError as error:
        raise refusal(
            "SG501", f"{error}, so it cannot be published", "mend the `url` that asks for it"
        ) from error
