"""The holes of a document filled: cells, values, diagrams, shortcodes, and what the text refers to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape, unescape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sitegen.config import Config
from sitegen.content.cited import has_bibliography
from sitegen.content.document import (
    CellHole,
    CellId,
    CitationHole,
    DiagramHole,
    Heading,
    Html,
    LinkHole,
    NumberHole,
    ReferenceHole,
    Segment,
    ShortcodeCall,
    ShortcodeHole,
    ValueHole,
)
from sitegen.content.executed import DisplayOutput, ErrorOutput, ExecutedDocument
from sitegen.content.index import SiteIndex
from sitegen.content.shortcodes import Shortcodes
from sitegen.errors import ContentError, Diagnostic, SourceLocation
from sitegen.markdown.citations import HERE, OPENED, fill_open
from sitegen.rendering.cells.displays import Shown, value_html
from sitegen.rendering.cells.figures import FigureFiles
from sitegen.rendering.cells.interactive import Scripts
from sitegen.rendering.cells.outputs import CellFrame, cell_html
from sitegen.rendering.composing.embeds import SHORTCODES as EMBEDS
from sitegen.rendering.composing.embeds import embed_html
from sitegen.rendering.composing.page_references import PageReferences
from sitegen.rendering.recorder import Recorder
from sitegen.rendering.results.metrics import metric_html
from sitegen.results.ledger import Ledger

if TYPE_CHECKING:
    from sitegen.rendering.drawings.diagrams import Diagrams

_HEADING_ID = re.compile(r'<h[1-6] id="([^"]+)"')
_NOT_RUN = '<span class="value value-missing" title="not run">\N{EM DASH}</span>'


class Filler:
    """Fills the holes of one page; collects files, features and diagnostics on the way."""

    def __init__(
        self,
        executed: ExecutedDocument,
        index: SiteIndex,
        ledger: Ledger,
        shortcodes: Shortcodes,
        config: Config,
        recorder: Recorder,
    ) -> None:
        self._recorder = recorder
        self._executed = executed
        self._document = executed.document
        self._index = index
        self._ledger = ledger
        self._shortcodes = shortcodes
        self._config = config
        self._place = index.pages[executed.document.page]
        self._headings = {heading.id: heading for heading in executed.document.headings}
        self._calls: dict[ShortcodeCall, str | ContentError] = {}
        self._embedded: set[str] = set()
        self._diagrams: Diagrams | None = None
        """Of a page that has some."""
        self.cells = {cell.id: cell for cell in executed.document.cells}
        self.figures = FigureFiles(self._place, config)
        self.scripts = Scripts(config)
        self.shared: dict[PurePosixPath, bytes | Path] = dict(executed.document.shared)
        """Files by their path below the output folder."""
        self.diagnostics: list[Diagnostic] = []
        self.features = set(executed.document.features)
        self.headings: list[Heading] = []
        """Of the body, in the order of the page, once it is filled."""
        self.counted = ""
        """The body's HTML with code in place of cells, once it is filled."""
        self.prose = ""
        """The same without the cells; of a page without cells nothing."""
        self.references = PageReferences(
            self._document,
            self.cells,
            self._place,
            index,
            config,
            recorder,
            tell=self.diagnostics.append,
        )

    def body(self) -> str:
        """The body; headings are noted in the order of the page, those of `asis` outputs among them."""
        self.references.keeps_relative = self._place.kind == "page" and not self._config.relative_urls
        parts: list[str] = []
        counted: list[str] = []
        for segment in self._document.segments:
            if isinstance(segment, CellHole):
                shown = self._cell(segment.cell)
                self.headings += shown.headings
                parts.append(shown.html)
                counted.append(f"\n{escape(self.cells[segment.cell].source)}\n")
                continue
            text = self._segment(segment, parts)
            if isinstance(segment, Html):
                found = (self._headings.get(identifier) for identifier in _HEADING_ID.findall(text))
                self.headings += [heading for heading in found if heading is not None]
            parts.append(text)
            counted.append(segment.code if isinstance(segment, DiagramHole) else text)
        self.references.keeps_relative = False
        self.counted = "".join(counted)
        if self.cells:
            cells = (isinstance(segment, CellHole) for segment in self._document.segments)
            self.prose = "".join(text for text, is_cell in zip(counted, cells, strict=True) if not is_cell)
        noted = {heading.id for heading in self.headings}
        self.headings += [heading for heading in self._document.headings if heading.id not in noted]
        return "".join(parts)

    def fill(self, segments: Sequence[Segment]) -> str:
        """Segments as HTML; cells have no place in a title or a summary."""
        parts: list[str] = []
        for segment in segments:
            if not isinstance(segment, CellHole):
                parts.append(self._segment(segment, parts))
        return "".join(parts)

    def _segment(self, segment: Segment, before: Sequence[str]) -> str:
        if isinstance(segment, Html):
            return segment.text
        if isinstance(segment, ValueHole):
            return self.value(segment)
        if isinstance(segment, LinkHole):
            return self.references.link(segment)
        if isinstance(segment, ReferenceHole):
            return self.references.reference(segment)
        if isinstance(segment, CitationHole):
            return self.references.cited().mark(segment)
        if isinstance(segment, NumberHole):
            return self.references.numbers.caption(segment)
        if isinstance(segment, DiagramHole):
            return self._diagram(segment)
        if isinstance(segment, ShortcodeHole):
            is_attribute, is_inline = _is_inside_tag(before), _is_inside_paragraph(before)
            return self._call(segment.call, is_attribute=is_attribute, is_inline=is_inline)
        return ""

    # --- cells and values

    def _cell(self, identifier: CellId) -> Shown:
        cell = self.cells[identifier]
        shown = self._noted(cell_html(cell, self._executed.runs.get(identifier), self._frame()))
        return replace(shown, html=self._with_captions(shown.html, cell.location))

    def _frame(self) -> CellFrame:
        taken = {heading.id for heading in self.headings} | set(self._headings)
        return CellFrame(
            figures=self.figures,
            state=self._executed.state,
            is_trusted=self._document.execution.trust,
            fill=self.fill,
            heading_ids=frozenset(taken),
            scripts=self.scripts,
            numbers=self.references.numbers.shown,
            is_saved=bool(self._document.saved),
            words=self._config.words,
        )

    def _diagram(self, hole: DiagramHole) -> str:
        """A diagram that is written as text; sites without one import nothing for them."""
        if self._diagrams is None:
            from sitegen.rendering.drawings.diagrams import Diagrams

            holes = (each for each in self._document.segments if isinstance(each, DiagramHole))
            self._diagrams = Diagrams(holes, self._place, self._config, self._recorder)
        number = self.references.numbers.shown.get(hole.options.label or "")
        shown = self._noted(self._diagrams.shown(hole, number))
        self.shared |= self._diagrams.shared
        return self._with_captions(shown.html, hole.location)

    def _with_captions(self, html: str, location: SourceLocation) -> str:
        """What a cell or a diagram shows, with what its captions refer to; without a bibliography `@key` is text."""
        if OPENED in html and not has_bibliography(self._index, self._place.key):
            html = fill_open(html, lambda match: match[1])
        return self.references.filled_in(html, location)

    def _noted(self, shown: Shown) -> Shown:
        """The same, with what the page is to know of it."""
        self.features |= shown.features
        self.diagnostics += shown.diagnostics
        return shown

    def value(self, hole: ValueHole) -> str:
        """What an inline expression gave."""
        value = self._executed.values.get(hole.value)
        if isinstance(value, DisplayOutput):
            html = value_html(value, is_trusted=self._document.execution.trust)
            if "<math" in html:
                self.features.add("math")
            return f'<span class="value">{html}</span>'
        if isinstance(value, ErrorOutput):  # the execution has told of it
            return (
                f'<span class="build-error" role="alert">{escape(value.name)}: {escape(value.value)}</span>'
            )
        return _NOT_RUN

    # --- shortcodes

    def _call(self, call: ShortcodeCall, *, is_attribute: bool, is_inline: bool) -> str:
        if call not in self._calls:
            try:
                self._calls[call] = self.expanded(call)
            except ContentError as error:
                self._calls[call] = error
        html = self._calls[call]
        if isinstance(html, ContentError):
            return self._failed(html, call, is_attribute=is_attribute, is_inline=is_inline)
        return escape(unescape(html)) if is_attribute else html

    def expanded(self, call: ShortcodeCall) -> str:
        """The HTML of a call.

        Raises:
            ContentError: it cannot be expanded.
        """
        if call.name == "metric":
            return metric_html(call, self._executed, self._index, self._ledger, self._config, self._recorder)
        if call.name in EMBEDS:
            shown = embed_html(
                call,
                self._place.key,
                self._frame(),
                self._index,
                self._ledger,
                self._config,
                taken=self._embedded,
                recorder=self._recorder,
            )
            return self._with_captions(self._noted(shown).html, call.location)
        expansion = self._shortcodes(self._with_metrics(call), self._place.key)
        if HERE in expansion.text:
            self.references.cited()
        self.shared |= expansion.files
        self.diagnostics += expansion.diagnostics
        return self.references.filled_in(expansion.text, call.location)

    def _with_metrics(self, call: ShortcodeCall) -> ShortcodeCall:
        """The call with the metrics and embedded cells inside it as HTML: the shortcode callable knows no ledger."""
        if call.inner is None:
            return call
        inner = tuple(self._inner(part) for part in call.inner)
        return call if inner == call.inner else replace(call, inner=inner)

    def _inner(self, part: str | ShortcodeCall) -> str | ShortcodeCall:
        if isinstance(part, str):
            return part
        if part.name != "metric" and part.name not in EMBEDS:
            return self._with_metrics(part)
        try:
            return self.expanded(part)
        except ContentError as error:
            return self._failed(error, part, is_attribute=False, is_inline=True)

    def _failed(
        self, error: ContentError, call: ShortcodeCall, *, is_attribute: bool, is_inline: bool
    ) -> str:
        diagnostic = error.diagnostic
        if diagnostic.location is None:
            diagnostic = replace(diagnostic, location=call.location)
        self.diagnostics.append(diagnostic)
        if is_attribute or diagnostic.severity == "warning":
            return escape(self._config.ref_links_not_found_url)
        tag = "span" if is_inline else "div"
        said = escape(f"{diagnostic.code}: {diagnostic.message}", quote=False)
        return f'<{tag} class="build-error" role="alert">{said}</{tag}>'


def _is_inside_tag(before: Sequence[str]) -> bool:
    """Whether what comes next stands in an attribute: the last `<` is not closed yet."""
    for text in reversed(before):
        opened, closed = text.rfind("<"), text.rfind(">")
        if opened != closed:
            return opened > closed
    return False


def _is_inside_paragraph(before: Sequence[str]) -> bool:
    """Whether a block may not stand here: a paragraph or a heading is open."""
    for text in reversed(before):
        opened = max(map(text.rfind, ("<p>", "<p ", "<h1", "<h2", "<h3", "<h4", "<li>", "<td")))
        closed = max(map(text.rfind, ("</p>", "</h1>", "</h2>", "</h3>", "</h4>", "</li>", "</td>")))
        if opened != closed:
            return opened > closed
    return False
