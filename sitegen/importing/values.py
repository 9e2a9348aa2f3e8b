"""What an importer gives: the files of the new site, and what a person must look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from sitegen.errors import Diagnostic, SourceLocation

NoteKind = Literal["converted", "kept", "look", "lost"]
"""`converted`: written in another way, the same for a reader; `kept`: copied as it is, and fits;
`look`: a person must look at it; `lost`: nothing of ours stands for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A file of the new site: its bytes, or the file that it is a copy of."""

    path: PurePosixPath
    """Below the new site's folder: `content/posts/a.md`."""
    content: bytes | None = None
    copy_of: Path | None = None
    """Where there is `content` too, it is what that was made of: the new file gets its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that the report says."""

    kind: NoteKind
    topic: str
    """What notes are grouped by: `shortcode tabs`, `layout`, `{% include %}`."""
    message: str
    location: SourceLocation | None = None
    """In the other generator's file."""
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Another generator's site as one of ours, nothing written yet."""

    files: tuple[ImportedFile, ...]
    """No two with one path."""
    notes: tuple[Note, ...] = field(default=())
    diagnostics: tuple[Diagnostic, ...] = ()
    """Files of the source that cannot be read; the others are imported."""
