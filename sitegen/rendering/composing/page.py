"""ExecutedDocument -> Page: the filled body, what lists show of it, and what is published beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import PurePosixPath

from sitegen.config import Config
from sitegen.content.document import Digest, Heading, ShortcodeCall, ValueHole
from sitegen.content.executed import ExecutedDocument
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.content.shortcodes import Shortcodes
from sitegen.errors import ContentError, SourceLocation
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict
from sitegen.markdown.words import word_count
from sitegen.rendering.cells.artifacts import artifact_names
from sitegen.rendering.composing.filling import Filler
from sitegen.rendering.composing.toc import FlatHeading, toc_entries, toc_html
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.references import addressed
from sitegen.rendering.resources import unpublished, written_files
from sitegen.rendering.results.downloads import downloads_of
from sitegen.rendering.results.notebook_prose import Arguments, notebook_prose
from sitegen.rendering.results.provenance import FILE_NAME, provenance_json
from sitegen.rendering.text import plain_text
from sitegen.rendering.urls import absolute, joined, with_base
from sitegen.rendering.values import Page, PageSummary
from sitegen.results.ledger import Ledger

_OWN_PART = re.compile(r"""(<a\b[^<>]*?\shref=")#(?=[^"])""")
_LINK = re.compile(r"</?a\b[^>]*>")
"""A title is shown as a link itself: what a shortcode in it links to is left out."""


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
    """One page's composition."""

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
        self._config = config
        self._place: IndexedPage = index.pages[executed.document.page]
        self._filler = Filler(executed, index, ledger, shortcodes, config, recorder)
        self._references = self._filler.references

    def page(self) -> Page:
        """The Page; each hole is filled once where the summary repeats it."""
        filler, references = self._filler, self._references
        content = filler.body()
        content = addressed(content, content)
        if references.citations is not None:
            content = references.citations.settle(content)
            filler.counted = references.citations.filled(filler.counted)
            filler.headings += references.citations.headings
        by_character = self._document.counts_characters
        title_html = _LINK.sub("", filler.fill(self._document.title)) or escape(self._place.title)
        summary = PageSummary(
            key=self._place.key,
            title_html=title_html,
            title=plain_text(title_html),
            description=plain_text(filler.fill(self._document.description)),
            summary_html=self._summary(content),
            is_summary_truncated=self._document.is_summary_truncated,
            word_count=word_count(filler.counted, by_character=by_character),
            counts_characters=by_character,
            state=self._executed.state,
            metrics=self._executed.metrics,
            provenance=self._executed.provenance,
            content_digest=Digest(digest_bytes(content.encode("utf-8", "replace"))),
            cell_count=len(filler.cells),
            prose_word_count=word_count(filler.prose, by_character=by_character) if filler.cells else 0,
            heading_ids=tuple(heading.id for heading in filler.headings),
            pin_reason=self._document.execution.pin_reason if self._executed.state == "pinned" else "",
        )
        if "<table" in content:
            filler.features.add("table")
        if self._place.resources and (self._executed.state is not None or self._place.output_path is None):
            # of a page without a run its HTML tells, so that the page need not wait for those of others
            self._recorder.read("page", self._place.key, "written")
            written = written_files(self._index, self._ledger, self._config)
            filler.diagnostics += unpublished(self._place, written, artifact_names(self._executed))
        if references.citations is not None:
            filler.features.add("citations")
            filler.diagnostics += references.citations.diagnostics
        downloads = downloads_of(
            self._executed, self._place, self._config, title=summary.title, in_words=self._in_notebook
        )
        headings = [self._flat(heading) for heading in filler.headings]
        return Page(
            key=self._place.key,
            summary=summary,
            content=content,
            toc=toc_entries(headings, self._config.table_of_contents),
            toc_html=toc_html(headings, self._config.table_of_contents),
            features=frozenset(filler.features),
            files=FrozenDict(self._files({} if downloads is None else downloads.files)),
            shared=FrozenDict(
                {
                    **filler.shared,
                    **filler.scripts.files,
                    **({} if downloads is None else downloads.shared),
                }
            ),
            diagnostics=tuple(dict.fromkeys(filler.diagnostics)),
        )

    def _summary(self, content: str) -> str:
        """What lists show of the page; links to its own parts lead to it from there."""
        url = with_base(self._config, self._place.url or "/")
        html = addressed(self._filler.fill(self._document.summary), content, url)
        if self._references.citations is not None:
            html = self._references.citations.filled(html)
        return _OWN_PART.sub(lambda match: f"{match[1]}{escape(url)}#", html) if 'href="#' in html else html

    def _files(self, downloads: Mapping[PurePosixPath, bytes]) -> dict[PurePosixPath, bytes]:
        """What is published beside the page: its figures, its downloads, and where its numbers come from."""
        files = {**self._references.attached, **self._filler.figures.files, **downloads}
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

    def _flat(self, heading: Heading) -> FlatHeading:
        title = self._filler.fill(heading.title)
        if self._references.citations is not None:
            title = self._references.citations.filled(title)
        return FlatHeading(level=heading.level, id=heading.id, html=_LINK.sub("", title).strip(" \t\n"))

    # --- the page's text in a notebook

    def _in_notebook(self, markdown: str, cells_before: int) -> str:
        """Prose with what the page shows in place of inline expressions and metrics, and addresses that hold anywhere."""
        due = [item for item in self._document.expressions if item.after_cells == cells_before]
        others = self._document.expressions

        def value(source: str) -> str | None:
            found = next((item for item in (*due, *others) if item.source == source), None)
            if found is None:
                return None
            return plain_text(self._filler.value(ValueHole(value=found.id)))

        def metric(arguments: Arguments) -> str | None:
            call = ShortcodeCall(
                name="metric",
                location=SourceLocation(path=self._document.path),
                ordinal=0,
                positional=tuple(text for name, text in arguments if name is None),
                named=FrozenDict({name: text for name, text in arguments if name is not None}),
            )
            try:
                return plain_text(self._filler.expanded(call))
            except ContentError:  # the page itself tells of it
                return None

        def link(target: str) -> str:
            url = self._references.resolved(target).url
            page = with_base(self._config, self._place.url)
            return url if leaves_site(url) else absolute(self._config, joined(page, url))

        cite = self._references.citations.text if self._references.citations is not None else None
        return notebook_prose(markdown, value=value, metric=metric, link=link, cite=cite)
