"""What one page's text refers to: other pages and files, its own numbered things, works of a bibliography."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.document import (
    CellHole,
    CellId,
    CodeCell,
    DiagramHole,
    Document,
    Html,
    LinkHole,
    NumberHole,
    ReferenceHole,
    Segment,
)
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.content.resolve import left_out
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.markdown.citations import OPENED
from sitegen.markdown.inline import encoded
from sitegen.rendering.links import ResolvedLink, resolve_link
from sitegen.rendering.recorder import Recorder
from sitegen.rendering.references import Numbers, missing_html, reference_html, with_references
from sitegen.rendering.text import plain_text
from sitegen.rendering.urls import joined, page_folder, url_of_output, with_base

if TYPE_CHECKING:
    from sitegen.rendering.literature.citations import Citations

_PLAIN_PATH = re.compile(r"/?[\w~-][\w.~-]*+(?:/[\w~-][\w.~-]*+)*+/?", re.ASCII)
"""A path that is written as it is meant: no steps up, no empty parts, nothing to be encoded."""
_NUMBERED = frozenset({CellHole, DiagramHole, NumberHole, ReferenceHole})
"""What has a number, or names one."""


class PageReferences:
    """The references of one page; what is wrong with one is told where it stands."""

    def __init__(
        self,
        document: Document,
        cells: Mapping[CellId, CodeCell],
        place: IndexedPage,
        index: SiteIndex,
        config: Config,
        recorder: Recorder,
        *,
        tell: Callable[[Diagnostic], None],
    ) -> None:
        """Number what the page has.

        Args:
            document: the page's.
            cells: its cells.
            place: its place.
            index: the site's.
            config: the site's.
            recorder: is told which pages and files are asked for.
            tell: takes what is wrong.
        """
        self._document = document
        self._cells = cells
        self._place = place
        self._index = index
        self._config = config
        self._recorder = recorder
        self._tell = tell
        self.numbers = self._numbered()
        self.citations: Citations | None = None
        """Of a page that has some, or may list references without."""
        self.attached: dict[PurePosixPath, bytes] = {}
        """Pictures inside a notebook's Markdown that links name, beside the page."""
        self.keeps_relative = False
        """While the body of a page that is shown at one URL is filled."""
        if "nocite" in place.meta.params:
            self.cited()

    def link(self, hole: LinkHole) -> str:
        """The address in a `href` or `src`, escaped; a picture inside a notebook goes beside the page."""
        attachment = self._document.attachments.get(hole.target)
        if attachment is not None:
            self.attached[PurePosixPath(hole.target)] = attachment
            return escape(url_of_output(self._config, page_folder(self._place) / hole.target))
        link = self.resolved(hole.target)
        if link.is_broken:
            self._tell(
                Diagnostic(
                    code="SG204",
                    severity="warning",
                    message=f"the link `{hole.target}` names a file that is no page of the site",
                    location=hole.location,
                    hint=left_out(self._index, hole.target)
                    or "write the path from this file, or from the content folder with a leading `/`",
                )
            )
        if link.is_as_written or (self.keeps_relative and self._leads_to(hole.target, link.url)):
            written = link.url if link.is_as_written else hole.target
            if _PLAIN_PATH.fullmatch(written):  # nothing in it is encoded or escaped
                return written
            return escape(written) if hole.is_html else encoded(written)
        return escape(link.url)

    def resolved(self, target: str) -> ResolvedLink:
        """Where a target leads, as the page writes it."""
        if not leaves_site(target):
            self._recorder.read("link", self._place.key, target)
        return resolve_link(target, self._place, self._index, self._config)

    def _leads_to(self, target: str, url: str) -> bool:
        """Whether a browser that shows the page finds what the link means: then it stays as written, as Hugo's."""
        if target.startswith("/"):
            return False
        meant = unquote(url).rstrip("/")
        if _PLAIN_PATH.fullmatch(target) and not meant.endswith(target.rstrip("/")):
            return False  # without steps up, what it is joined to ends as it does
        here = with_base(self._config, self._place.url)
        return unquote(joined(here, target)).rstrip("/") == meant

    def _numbered(self) -> Numbers:
        """What the page's cells and captions are numbered, and what else references may name."""
        segments = self._document.segments
        if _NUMBERED.isdisjoint({type(segment) for segment in segments}):
            return Numbers(words=self._config.words)
        referred = {segment.label[:3] for segment in segments if isinstance(segment, ReferenceHole)}
        if self._cells or not self._document.features.isdisjoint(("mermaid", "graphviz")):
            referred |= {"eq-", "sec"}  # their captions may refer to anything
        texts = (segment.text for segment in segments if isinstance(segment, Html))
        titles = (
            (heading.id, plain_text("".join(part.text for part in heading.title if isinstance(part, Html))))
            for heading in self._document.headings
            if heading.id.startswith("sec-")
        )
        return Numbers.of(
            (
                self._cells[item.cell] if isinstance(item, CellHole) else item
                for segment in segments
                if isinstance(item := _with_number(segment), (CellHole, NumberHole))
            ),
            texts if "eq-" in referred and "math" in self._document.features else (),
            titles if "sec" in referred else (),
            self._config.words,
        )

    def reference(self, hole: ReferenceHole) -> str:
        """The link to a numbered thing of the page, or its address alone."""
        found = self.numbers.find(hole.label)
        if found is None:
            problem = self.numbers.missing(hole.label, hole.location)
            self._tell(problem)
            return f"#{escape(hole.label)}" if hole.is_address else missing_html(problem)
        return (
            f"#{escape(found[0])}"
            if hole.is_address
            else reference_html(hole.label, self.numbers, hole.prefix) or ""
        )

    def filled_in(self, html: str, location: SourceLocation) -> str:
        """HTML with open references in it, as captions and arguments of shortcodes have them."""
        filled, problems = with_references(html, self.numbers, location)
        for problem in problems:
            self._tell(problem)
        return self.cited().marked(filled, location) if OPENED in filled else filled

    def cited(self) -> Citations:
        """The citations of the page; sites without a bibliography import nothing for them."""
        if self.citations is None:
            from sitegen.rendering.literature.citations import Citations

            self.citations = Citations(self._place, self._index, self._config, self._recorder)
        return self.citations


def _with_number(segment: Segment) -> Segment:
    """A segment as numbers are counted: a diagram with a label is a figure."""
    if isinstance(segment, DiagramHole) and (segment.options.label or "").startswith("fig-"):
        return NumberHole(label=segment.options.label or "")
    return segment
