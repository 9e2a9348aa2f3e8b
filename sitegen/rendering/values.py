"""The values of the last stages: Page, PageSummary, Site, RenderedFile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import Metric, Provenance, RunState
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

if TYPE_CHECKING:  # a build that changes nothing needs none of these
    from sitegen.content.index import SiteIndex
    from sitegen.rendering.lists.related import RelatedPages
    from sitegen.results.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class TocEntry:
    """A heading in the table of contents."""

    level: int
    id: str
    html: str
    children: tuple[TocEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSummary:
    """What other pages may show of a page: everything but its content."""

    key: PageKey
    title_html: str
    title: str
    """Plain text of `title_html`."""
    description: str
    summary_html: str
    is_summary_truncated: bool
    word_count: int
    """As Hugo's; of a page with cells, their code counts and their outputs do not."""
    counts_characters: bool
    """Words of Chinese, Japanese and Korean count by character on this page."""
    state: RunState | None
    metrics: tuple[Metric, ...]
    provenance: Provenance | None
    content_digest: Digest
    pin_reason: str = ""
    """Why the author keeps to these results; empty unless the page is pinned."""
    cell_count: int = 0
    """Code cells of the page."""
    prose_word_count: int = 0
    """Of a page with cells: the words without their code; else 0."""
    heading_ids: tuple[str, ...] = ()
    """Of the headings that Markdown made, in the order of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A composed page: its content is final HTML of the page; the frame around it is the template's."""

    key: PageKey
    summary: PageSummary
    content: str
    """Links in it that were resolved are site-absolute with the base path: `/blog/posts/ppo/`; those of a regular page
    that a browser resolves to the same stay as written. `rendering/urls.py` makes them relative or absolute where a
    file needs that."""
    toc: tuple[TocEntry, ...] = ()
    toc_html: str = ""
    """Hugo's `.TableOfContents`."""
    features: frozenset[str] = frozenset()
    files: FrozenDict[PurePosixPath, bytes] = field(default_factory=FrozenDict)
    """Made while composing, published beside the page: figures, `index.ipynb`, `index.py`, `provenance.json`."""
    shared: FrozenDict[PurePosixPath, bytes | Path] = field(default_factory=FrozenDict)
    """Files of the whole site that the page needs (a plot library's script, `lab.py`, a QR code, a picture of `assets/`), by
    their path below the output folder: pages that bring one bring the same."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All that a template may ask of the site, behind the views of `rendering/views/page_view.py`."""

    index: SiteIndex
    ledger: Ledger
    summaries: Mapping[PageKey, PageSummary]
    """One a page; the build reads each from disk when it is asked for."""
    related: RelatedPages | None = None
    """Which pages are related to which, where an earlier build has found that out; None: found out when asked for."""


class Weight(NamedTuple):
    """What a page weighs, where the site has a budget: bytes, and how many."""

    html: int
    """As it is written."""
    js: int
    """Gzipped, as `css`; scripts of figures aside."""
    css: int
    figures: int
    """Scripts that draw figures and widgets, as they lie."""
    images: int
    """Zero where the budget does not ask for them; so are `requests`."""
    fonts: int
    """Web fonts that its style sheets name."""
    requests: int
    third_party: int
    """Elements that load from other sites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    """A file to publish: its bytes, or the file that it is a link or copy of."""

    path: PurePosixPath
    """Below the output folder."""
    digest: Digest
    content: bytes | None = None
    file: Path | None = None
    owner: PageKey | None = None
    """The page it belongs to; None for the site's own."""
    part: str = ""
    """Which of its page's files it is: `html`, `html/2` (a pager), `feed`, ...: what is made together is made again together."""
    reads: frozenset[tuple[str, str, str]] = frozenset()
    """What its making read (`recorder.Fact`), its own page's content aside."""
    is_staged: bool = False
    """`file` lies in our own folder on the file system of the output, and may be moved from there."""
    is_kept: bool = False
    """The last build published it, byte for byte: neither `content` nor `file` is given."""
    diagnostics: tuple[Diagnostic, ...] = ()
    weight: Weight | None = None
    """Of a page's HTML, where the site has a budget."""

    @property
    def copied_from(self) -> Path | None:
        """The file of the site that is published as it is; None where the content was made."""
        return None if self.is_staged else self.file
