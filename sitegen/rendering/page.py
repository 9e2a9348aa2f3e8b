"""ExecutedDocument -> Page: every hole of the document filled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape, unescape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.document import (
    CellHole,
    CellId,
    CitationHole,
    DiagramHole,
    Digest,
    DisplayOutput,
    ErrorOutput,
    ExecutedDocument,
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
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.content.resolve import left_out
from sitegen.content.shortcodes import Shortcodes
from sitegen.errors import ContentError, Diagnostic, SourceLocation
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict
from sitegen.markdown.citations import HERE, OPENED
from sitegen.markdown.inline import encoded
from sitegen.markdown.words import word_count
from sitegen.rendering.artifacts import artifact_names
from sitegen.rendering.displays import Shown, value_html
from sitegen.rendering.downloads import downloads_of
from sitegen.rendering.embeds import SHORTCODES as EMBEDS
from sitegen.rendering.embeds import embed_html
from sitegen.rendering.figures import FigureFiles
from sitegen.rendering.interactive import Scripts
from sitegen.rendering.links import ResolvedLink, resolve_link
from sitegen.rendering.metrics import metric_html
from sitegen.rendering.notebook_prose import Arguments, notebook_prose
from sitegen.rendering.outputs import CellFrame, cell_html
from sitegen.rendering.provenance import FILE_NAME, provenance_json
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.references import Numbers, addressed, missing_html, reference_html, with_references
from sitegen.rendering.resources import unpublished, written_files
from sitegen.rendering.text import plain_text
from sitegen.rendering.toc import FlatHeading, toc_entries, toc_html
from sitegen.rendering.urls import absolute, joined, page_folder, url_of_output, with_base
from sitegen.rendering.values import Page, PageSummary
from sitegen.results.ledger import Ledger

if TYPE_CHECKING:
    from sitegen.rendering.citations import Citations
    from sitegen.rendering.diagrams import Diagrams

_HEADING_ID = re.compile(r'<h[1-6] id="([^"]+)"')
_OWN_PART = re.compile(r"""(<a\b[^<>]*?\shref=")#(?=[^"])""")
_LINK = re.compile(r"</?a\b[^>]*>")
"""A title is shown as a link itself: what a shortcode in it links to is left out."""
_PLAIN_PATH = re.compile(r"/?[\w~-][\w.~-]*+(?:/[\w~-][\w.~-]*+)*+/?", re.ASCII)
"""A path that is written as it is meant: no steps up, no empty parts, nothing to be encoded."""
_NOT_RUN = '<span class="value value-missing" title="not run">\N{EM DASH}</span>'


def compose(
    executed: ExecutedDocument,
    index: SiteIndex,
    ledger: Ledger,
    shortcodes: Shortcodes,
    config: Config,
    recorder: Recorder = NO_RECORDER,
) -> Page:
    """The page's final HTML; what is wrong is a diagnostic and a visible message in its place, never raised.

    Args:
        executed: the page with what its cells gave.
        index: the site's.
        ledger: of all pages.
        shortcodes: expands calls; its templates' recorder should be this one.
        config: the site's.
        recorder: is told what composing takes from outside the page: parsing, which expands shortcodes too, has told
            the recorder of `shortcodes`.
    """
    return _Composer(executed, index, ledger, shortcodes, config, recorder).page()


class _Composer:
    """One page's composition: collects diagnostics, features and figure files on the way."""

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
        self._place: IndexedPage = index.pages[executed.document.page]
        self._figures = FigureFiles(self._place, config)
        self._scripts = Scripts(config)
        self._cells = {cell.id: cell for cell in executed.document.cells}
        self._headings = {heading.id: heading for heading in executed.document.headings}
        self._numbers = self._numbered()
        self._calls: dict[ShortcodeCall, str | ContentError] = {}
        self._embedded: set[str] = set()
        self._attached: dict[PurePosixPath, bytes] = {}
        self._shared: dict[PurePosixPath, bytes | Path] = dict(executed.document.shared)
        self._diagnostics: list[Diagnostic] = []
        self._features = set(executed.document.features)
        self._toc: list[Heading] = []
        self._citations: Citations | None = None
        """Of a page that has some, or may list references without."""
        self._diagrams: Diagrams | None = None
        """Of a page that has some."""
        if "nocite" in self._place.meta.params:
            self._cited()
        self._keeps_relative = False
        """While the body of a page that is shown at one URL is filled."""
        self._counted = ""
        """The body's HTML with code in place of cells, once it is filled."""
        self._prose = ""
        """The same without the cells; of a page without cells nothing."""

    def page(self) -> Page:
        """The Page; each hole is filled once where the summary repeats it."""
        self._keeps_relative = self._place.kind == "page" and not self._config.relative_urls
        content = self._body()
        self._keeps_relative = False
        content = addressed(content, content)
        if self._citations is not None:
            content = self._citations.settle(content)
            self._counted = self._citations.filled(self._counted)
            self._toc += self._citations.headings
        by_character = self._document.counts_characters
        title_html = _LINK.sub("", self._fill(self._document.title)) or escape(self._place.title)
        summary = PageSummary(
            key=self._place.key,
            title_html=title_html,
            title=plain_text(title_html),
            description=plain_text(self._fill(self._document.description)),
            summary_html=self._summary(content),
            is_summary_truncated=self._document.is_summary_truncated,
            word_count=word_count(self._counted, by_character=by_character),
            counts_characters=by_character,
            state=self._executed.state,
            metrics=self._executed.metrics,
            provenance=self._executed.provenance,
            content_digest=Digest(digest_bytes(content.encode("utf-8", "replace"))),
            cell_count=len(self._cells),
            prose_word_count=word_count(self._prose, by_character=by_character) if self._cells else 0,
            heading_ids=tuple(heading.id for heading in self._toc),
            pin_reason=self._document.execution.pin_reason if self._executed.state == "pinned" else "",
        )
        if "<table" in content:
            self._features.add("table")
        if self._place.resources and (self._executed.state is not None or self._place.output_path is None):
            # of a page without a run its HTML tells, so that the page need not wait for those of others
            self._recorder.read("page", self._place.key, "written")
            written = written_files(self._index, self._ledger, self._config)
            self._diagnostics += unpublished(self._place, written, artifact_names(self._executed))
        if self._citations is not None:
            self._features.add("citations")
            self._diagnostics += self._citations.diagnostics
        downloads = downloads_of(
            self._executed, self._place, self._config, title=summary.title, in_words=self._in_notebook
        )
        headings = [self._flat(heading) for heading in self._toc]
        return Page(
            key=self._place.key,
            summary=summary,
            content=content,
            toc=toc_entries(headings, self._config.table_of_contents),
            toc_html=toc_html(headings, self._config.table_of_contents),
            features=frozenset(self._features),
            files=FrozenDict(self._files({} if downloads is None else downloads.files)),
            shared=FrozenDict(
                {**self._shared, **self._scripts.files, **({} if downloads is None else downloads.shared)}
            ),
            diagnostics=tuple(dict.fromkeys(self._diagnostics)),
        )

    def _summary(self, content: str) -> str:
        """What lists show of the page; links to its own parts lead to it from there."""
        url = with_base(self._config, self._place.url or "/")
        html = addressed(self._fill(self._document.summary), content, url)
        if self._citations is not None:
            html = self._citations.filled(html)
        return _OWN_PART.sub(lambda match: f"{match[1]}{escape(url)}#", html) if 'href="#' in html else html

    def _files(self, downloads: Mapping[PurePosixPath, bytes]) -> dict[PurePosixPath, bytes]:
        """What is published beside the page: its figures, its downloads, and where its numbers come from."""
        files = {**self._attached, **self._figures.files, **downloads}
        beside = [str(name) for name in files]
        shown = self._executed.provenance
        if shown is not None:
            self._recorder.read("page", self._place.key, "ledger")
            self._recorder.read("setting", "", "params.repository")
        content = provenance_json(
            self._executed,
            self._place,
            self._config,
            accepted=self._ledger.accepted.get(shown.record) if shown is not None else None,
            beside=beside,
        )
        return files if content is None else {**files, PurePosixPath(FILE_NAME): content}

    def _body(self) -> str:
        """The body; headings are noted in the order of the page, those of `asis` outputs among them."""
        parts: list[str] = []
        counted: list[str] = []
        for segment in self._document.segments:
            if isinstance(segment, CellHole):
                shown = self._cell(segment.cell)
                self._toc += shown.headings
                parts.append(shown.html)
                counted.append(f"\n{escape(self._cells[segment.cell].source)}\n")
                continue
            text = self._segment(segment, parts)
            if isinstance(segment, Html):
                found = (self._headings.get(identifier) for identifier in _HEADING_ID.findall(text))
                self._toc += [heading for heading in found if heading is not None]
            parts.append(text)
            counted.append(segment.code if isinstance(segment, DiagramHole) else text)
        self._counted = "".join(counted)
        if self._cells:
            cells = (isinstance(segment, CellHole) for segment in self._document.segments)
            self._prose = "".join(text for text, is_cell in zip(counted, cells, strict=True) if not is_cell)
        noted = {heading.id for heading in self._toc}
        self._toc += [heading for heading in self._document.headings if heading.id not in noted]
        return "".join(parts)

    def _flat(self, heading: Heading) -> FlatHeading:
        title = self._fill(heading.title)
        if self._citations is not None:
            title = self._citations.filled(title)
        return FlatHeading(level=heading.level, id=heading.id, html=_LINK.sub("", title).strip(" \t\n"))

    def _fill(self, segments: Sequence[Segment]) -> str:
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
            return self._value(segment)
        if isinstance(segment, LinkHole):
            return self._link(segment)
        if isinstance(segment, ReferenceHole):
            return self._reference(segment)
        if isinstance(segment, CitationHole):
            return self._cited().mark(segment)
        if isinstance(segment, NumberHole):
            return self._numbers.caption(segment)
        if isinstance(segment, DiagramHole):
            return self._diagram(segment)
        if isinstance(segment, ShortcodeHole):
            is_attribute, is_inline = _is_inside_tag(before), _is_inside_paragraph(before)
            return self._call(segment.call, is_attribute=is_attribute, is_inline=is_inline)
        return ""

    # --- cells and values

    def _cell(self, identifier: CellId) -> Shown:
        cell = self._cells[identifier]
        shown = self._noted(cell_html(cell, self._executed.runs.get(identifier), self._frame()))
        return replace(shown, html=self._referred(shown.html, cell.location))

    def _frame(self) -> CellFrame:
        taken = {heading.id for heading in self._toc} | set(self._headings)
        return CellFrame(
            figures=self._figures,
            state=self._executed.state,
            is_trusted=self._document.execution.trust,
            fill=self._fill,
            heading_ids=frozenset(taken),
            scripts=self._scripts,
            numbers=self._numbers.shown,
            is_saved=bool(self._document.saved),
            words=self._config.words,
        )

    def _diagram(self, hole: DiagramHole) -> str:
        """A diagram that is written as text; sites without one import nothing for them."""
        if self._diagrams is None:
            from sitegen.rendering.diagrams import Diagrams

            holes = (each for each in self._document.segments if isinstance(each, DiagramHole))
            self._diagrams = Diagrams(holes, self._place, self._config, self._recorder)
        number = self._numbers.shown.get(hole.options.label or "")
        shown = self._noted(self._diagrams.shown(hole, number))
        self._shared |= self._diagrams.shared
        return self._referred(shown.html, hole.location)

    def _noted(self, shown: Shown) -> Shown:
        """The same, with what the page is to know of it."""
        self._features |= shown.features
        self._diagnostics += shown.diagnostics
        return shown

    def _value(self, hole: ValueHole) -> str:
        value = self._executed.values.get(hole.value)
        if isinstance(value, DisplayOutput):
            html = value_html(value, is_trusted=self._document.execution.trust)
            if "<math" in html:
                self._features.add("math")
            return f'<span class="value">{html}</span>'
        if isinstance(value, ErrorOutput):  # the execution has told of it
            return (
                f'<span class="build-error" role="alert">{escape(value.name)}: {escape(value.value)}</span>'
            )
        return _NOT_RUN

    # --- the page's text in a notebook

    def _in_notebook(self, markdown: str, cells_before: int) -> str:
        """Prose with what the page shows in place of inline expressions and metrics, and addresses that hold anywhere."""
        due = [item for item in self._document.expressions if item.after_cells == cells_before]
        others = self._document.expressions

        def value(source: str) -> str | None:
            found = next((item for item in (*due, *others) if item.source == source), None)
            if found is None:
                return None
            return plain_text(self._value(ValueHole(value=found.id)))

        def metric(arguments: Arguments) -> str | None:
            call = ShortcodeCall(
                name="metric",
                location=SourceLocation(path=self._document.path),
                ordinal=0,
                positional=tuple(text for name, text in arguments if name is None),
                named=FrozenDict({name: text for name, text in arguments if name is not None}),
            )
            try:
                return plain_text(self._expanded(call))
            except ContentError:  # the page itself tells of it
                return None

        def link(target: str) -> str:
            url = self._resolved(target).url
            page = with_base(self._config, self._place.url)
            return url if leaves_site(url) else absolute(self._config, joined(page, url))

        cite = self._citations.text if self._citations is not None else None
        return notebook_prose(markdown, value=value, metric=metric, link=link, cite=cite)

    # --- links and images

    def _link(self, hole: LinkHole) -> str:
        attachment = self._document.attachments.get(hole.target)
        if attachment is not None:
            self._attached[PurePosixPath(hole.target)] = attachment
            return escape(url_of_output(self._config, page_folder(self._place) / hole.target))
        link = self._resolved(hole.target)
        if link.is_broken:
            self._diagnostics.append(
                Diagnostic(
                    code="SG204",
                    severity="warning",
                    message=f"the link `{hole.target}` names a file that is no page of the site",
                    location=hole.location,
                    hint=left_out(self._index, hole.target)
                    or "write the path from this file, or from the content folder with a leading `/`",
                )
            )
        if link.is_as_written or (self._keeps_relative and self._leads_to(hole.target, link.url)):
            written = link.url if link.is_as_written else hole.target
            if _PLAIN_PATH.fullmatch(written):  # nothing in it is encoded or escaped
                return written
            return escape(written) if hole.is_html else encoded(written)
        return escape(link.url)

    def _resolved(self, target: str) -> ResolvedLink:
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

    def _reference(self, hole: ReferenceHole) -> str:
        found = self._numbers.find(hole.label)
        if found is None:
            problem = self._numbers.missing(hole.label, hole.location)
            self._diagnostics.append(problem)
            return f"#{escape(hole.label)}" if hole.is_address else missing_html(problem)
        return (
            f"#{escape(found[0])}"
            if hole.is_address
            else reference_html(hole.label, self._numbers, hole.prefix) or ""
        )

    def _referred(self, html: str, location: SourceLocation) -> str:
        """HTML with open references in it, as captions and arguments of shortcodes have them."""
        filled, problems = with_references(html, self._numbers, location)
        self._diagnostics += problems
        return self._cited().marked(filled, location) if OPENED in filled else filled

    def _cited(self) -> Citations:
        """The citations of the page; sites without a bibliography import nothing for them."""
        if self._citations is None:
            from sitegen.rendering.citations import Citations

            self._citations = Citations(self._place, self._index, self._config, self._recorder)
        return self._citations

    # --- shortcodes

    def _call(self, call: ShortcodeCall, *, is_attribute: bool, is_inline: bool) -> str:
        if call not in self._calls:
            try:
                self._calls[call] = self._expanded(call)
            except ContentError as error:
                self._calls[call] = error
        html = self._calls[call]
        if isinstance(html, ContentError):
            return self._failed(html, call, is_attribute=is_attribute, is_inline=is_inline)
        return escape(unescape(html)) if is_attribute else html

    def _expanded(self, call: ShortcodeCall) -> str:
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
            return self._referred(self._noted(shown).html, call.location)
        expansion = self._shortcodes(self._with_metrics(call), self._place.key)
        if HERE in expansion.text:
            self._cited()
        self._shared |= expansion.files
        self._diagnostics += expansion.diagnostics
        return self._referred(expansion.text, call.location)

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
            return self._expanded(part)
        except ContentError as error:
            return self._failed(error, part, is_attribute=False, is_inline=True)

    def _failed(
        self, error: ContentError, call: ShortcodeCall, *, is_attribute: bool, is_inline: bool
    ) -> str:
        diagnostic = error.diagnostic
        if diagnostic.location is None:
            diagnostic = replace(diagnostic, location=call.location)
        self._diagnostics.append(diagnostic)
        if is_attribute or diagnostic.severity == "warning":
            return escape(self._config.ref_links_not_found_url)
        tag = "span" if is_inline else "div"
        said = escape(f"{diagnostic.code}: {diagnostic.message}", quote=False)
        return f'<{tag} class="build-error" role="alert">{said}</{tag}>'


def _with_number(segment: Segment) -> Segment:
    """A segment as numbers are counted: a diagram with a label is a figure."""
    if isinstance(segment, DiagramHole) and (segment.options.label or "").startswith("fig-"):
        return NumberHole(label=segment.options.label or "")
    return segment


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
