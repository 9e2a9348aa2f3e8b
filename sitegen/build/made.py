"""What a build has made of a page or a file, without its content: small, sent between processes, kept in the state."""

from __future__ import annotations

from typing import NamedTuple

from sitegen.build.bodies import Ref
from sitegen.build.reads import PackedReads
from sitegen.content.document import Document, LinkHole, PageKey
from sitegen.errors import Diagnostic
from sitegen.rendering.pictures.picture_jobs import PictureJob
from sitegen.rendering.recorder import RawFact
from sitegen.rendering.values import Weight


class Composed(NamedTuple):
    """A composed page, whose content lies on disk."""

    key: PageKey
    ref: Ref
    reads: PackedReads
    diagnostics: tuple[Diagnostic, ...]
    links: tuple[LinkHole, ...]
    """Of its Markdown; for `sitegen check`, and not kept."""
    waited: bool
    """For the ledger: it has cells, or shows what another page's have given. The next build asks again, as it does where
    the page's file was edited while it was made."""


class Waiting(NamedTuple):
    """A parsed page that cannot be composed before the runs of the site are known."""

    document: Document
    reads: frozenset[RawFact]


class Output(NamedTuple):
    """A file of the site, as it is kept in mind: without its content."""

    path: str
    digest: str
    owner: str
    part: str
    file: str
    """Where its bytes lie; empty where the last build has published them."""
    is_staged: bool
    reads: PackedReads
    diagnostics: tuple[Diagnostic, ...]
    weight: Weight | None = None
    """Of a page, where the site has a budget."""

    @property
    def content(self) -> None:
        """As a rendered file it has none: it lies on disk."""

    @property
    def is_kept(self) -> bool:
        """Whether the last build has published it as it is."""
        return not self.file


class Wanted(NamedTuple):
    """Files of a page that are to be rendered."""

    key: PageKey
    parts: frozenset[str] | None
    """As `rendering.page_files.render` names them; None for all."""
    pagers: int
    """How many the last build made, the first among them."""


class ToCome(NamedTuple):
    """Files of a page that are to be rendered when the forms of its pictures are made."""

    wanted: Wanted
    jobs: tuple[PictureJob, ...]
