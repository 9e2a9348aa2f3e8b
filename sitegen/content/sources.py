"""Walk `content/` and `notebooks/`: pages, leaf and branch bundles, their resources; the only reader in here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from sitegen.content.document import Digest
from sitegen.content.metadata import PageMeta
from sitegen.errors import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A file that belongs to a bundle and is published beside its page."""

    name: PurePosixPath
    """Relative to the bundle's folder."""
    file: Path
    """Absolute."""
    digest: Digest
    size_bytes: int
    is_content: bool = False
    """A Markdown file inside a leaf bundle: a `page` resource, not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A content file: what it says of itself and where its body starts, never its text."""

    path: PurePosixPath
    """Relative to the site's root."""
    file: Path
    """Absolute."""
    content_path: PurePosixPath
    """Relative to the content folder: `posts/ppo/index.md`."""
    digest: Digest
    """Of the whole file."""
    size_bytes: int
    mtime_ns: int
    meta: PageMeta
    body_offset: int
    """Bytes before the body (a BOM counts)."""
    body_line: int
    """The body's first line in the file, from 1."""
    bundle: Literal["leaf", "branch"] | None = None
    """`index.md`, `_index.md`, or a single file."""
    format: Literal["markdown", "html", "notebook", "percent"] = "markdown"
    resources: tuple[Resource, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
