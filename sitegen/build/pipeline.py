"""The way of a post from disk to disk: nine calls, in this order.

    discover -> build_index -> parse -> execute -> build_ledger -> compose -> gather -> render -> publish

Each call takes values and gives values; none is filled in later. What is wrong with a page travels
beside its value as diagnostics, so one bad page never hides the others; only here is it
decided what an error does to the build.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sitegen.build.missing import gather_missing
from sitegen.build.report import PageReport, report_pages
from sitegen.config import Config
from sitegen.content.document import Document, PageKey, RunState
from sitegen.content.shortcodes import Shortcodes
from sitegen.content.site import SiteIndex, build_index
from sitegen.content.sources import discover
from sitegen.errors import Diagnostic
from sitegen.execution.backends import Backend
from sitegen.execution.run import ExecutionPolicy, execute
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import empty_document, parse
from sitegen.rendering.page import compose
from sitegen.rendering.shortcodes import TemplateShortcodes
from sitegen.rendering.site import gather
from sitegen.rendering.templates import Templates, render
from sitegen.rendering.values import Page, RenderedFile
from sitegen.results.ledger import build_ledger, summarise
from sitegen.results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSite:
    """The site before it is published, with every value that it was made of."""

    index: SiteIndex
    documents: FrozenDict[PageKey, Document]
    states: FrozenDict[PageKey, RunState]
    """The pages with cells."""
    pages: FrozenDict[PageKey, Page]
    files: tuple[RenderedFile, ...]
    reports: tuple[PageReport, ...]
    diagnostics: tuple[Diagnostic, ...]
    """Once each, in the order of files and lines."""


def render_site(config: Config, policy: ExecutionPolicy, *, backend: Backend, store: Store) -> RenderedSite:
    """All of a build but the last step: nothing below the output folder is read or written.

    Args:
        config: the site's configuration.
        policy: what may run.
        backend: runs the cells; used only for pages whose records do not hold.
        store: the records of earlier runs.
    """
    sources = discover(config)
    index = build_index(sources, config)
    templates = Templates(config)
    shortcodes = TemplateShortcodes(templates, index, config)

    documents = _parse_all(index, shortcodes, config)
    finished = {run.document.page: run for run in execute(documents, backend, store, policy, config)}
    executed = {key: finished[key] for key in index.pages}  # runs come as they finish: not twice in one order
    reports = report_pages(executed.values())  # raises before anything is published
    ledger = build_ledger((summarise(run) for run in executed.values()), store)

    pages = {key: compose(executed[key], index, ledger, shortcodes, config) for key in index.pages}
    site = gather(index, ledger, {key: page.summary for key, page in pages.items()})
    files = tuple(
        file
        for page in pages.values()
        for file in render(page, site, templates, lambda key: pages[key].content, config)
    )
    return RenderedSite(
        index=index,
        documents=FrozenDict({document.page: document for document in documents}),
        states=FrozenDict({key: run.state for key, run in executed.items() if run.state is not None}),
        pages=FrozenDict(pages),
        files=files,
        reports=reports,
        diagnostics=gather_missing(
            in_order_of_lines(
                (
                    config.diagnostics,
                    index.diagnostics,
                    *(document.diagnostics for document in documents),
                    *(run.diagnostics for run in executed.values()),
                    ledger.diagnostics,
                    *(page.diagnostics for page in pages.values()),
                    *(file.diagnostics for file in files),
                )
            ),
            config.root,
        ),
    )


def _parse_all(index: SiteIndex, shortcodes: Shortcodes, config: Config) -> tuple[Document, ...]:
    """Every page's Document; a page that no file stands for joins the line with an empty body."""
    return tuple(
        parse(page.source, index, shortcodes, config) if page.source is not None else empty_document(page)
        for page in index.pages.values()
    )


def in_order_of_lines(groups: Iterable[tuple[Diagnostic, ...]]) -> tuple[Diagnostic, ...]:
    """All diagnostics once each, by file and line."""

    def place(diagnostic: Diagnostic) -> tuple[str, int, int, int]:
        where = diagnostic.location
        if where is None:
            return ("", 0, 0, 0)
        return (str(where.path), where.cell or 0, where.line or 0, where.column or 0)

    return tuple(sorted(dict.fromkeys(diagnostic for group in groups for diagnostic in group), key=place))
