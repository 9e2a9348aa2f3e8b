"""The way of a post from disk to disk: nine calls, in this order.

    discover -> build_index -> parse -> execute -> build_ledger -> compose -> gather -> render -> publish

Each call takes values and gives values; none is filled in later. What is wrong with a page travels
beside its value as diagnostics, so one bad page never hides the others; only here is it
decided what an error does to the build.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sitegen.build.publish import PublishedSite, PublishTarget, publish
from sitegen.config import Config
from sitegen.content.document import Document, ExecutedDocument, PageKey, RunState, RunSummary
from sitegen.content.site import SiteIndex, Skipped, build_index
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
from sitegen.results.ledger import build_ledger
from sitegen.results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What the command line asks of one build."""

    strict: bool = False
    """Warnings are errors."""
    keep_going: bool = False
    """Publish the good pages, with a visible placeholder for what is wrong."""
    policy: ExecutionPolicy = ExecutionPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build did; `published` is None when errors kept the old site."""

    published: PublishedSite | None
    diagnostics: tuple[Diagnostic, ...]
    pages: int
    """Pages rendered, list pages included."""
    states: FrozenDict[PageKey, RunState]
    """The pages with cells."""
    skipped: Skipped
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether anything is an error (exit code 1)."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def build(config: Config, options: BuildOptions, *, backend: Backend, store: Store) -> BuildResult:
    """Build the site; with an error the old site stays as it is, unless `keep_going`.

    Args:
        backend: runs the cells; used only for pages whose records do not hold.
        store: the records of earlier runs.
    """
    started = time.perf_counter()
    sources = discover(config)
    index = build_index(sources, config)
    templates = Templates(config)
    shortcodes = TemplateShortcodes(templates, index, config)

    documents = {document.page: document for document in _parse_all(index, shortcodes)}
    executed = dict(_execute_all(documents, backend, store, options.policy))
    ledger = build_ledger((_summary(run) for run in executed.values()), store)

    pages = {key: compose(executed[key], index, ledger, shortcodes) for key in executed}
    site = gather(index, ledger, (page.summary for page in pages.values()))
    files = tuple(_render_all(pages, templates.of_site(site, pages)))

    diagnostics = tuple(_ordered(config, index, executed.values(), pages.values(), files, options))
    has_errors = any(diagnostic.severity == "error" for diagnostic in diagnostics)
    published = None
    if options.keep_going or not has_errors:
        published = publish(files, PublishTarget.of(config))
    return BuildResult(
        published=published,
        diagnostics=diagnostics,
        pages=sum(1 for page in index.pages.values() if page.output_path is not None),
        states=FrozenDict(
            {key: run.state for key, run in executed.items() if run.state is not None}
        ),
        skipped=index.skipped,
        seconds=time.perf_counter() - started,
    )
