"""`sitegen why`: what a build would do with each page that has cells, decided by the build's own look-up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sitegen.config import Config
from sitegen.content.document import Document, PageKey
from sitegen.content.site import SiteIndex, build_index
from sitegen.content.sources import discover
from sitegen.errors import Diagnostic
from sitegen.execution import distributions, kernelspecs
from sitegen.execution.lookup import Kept, decide
from sitegen.execution.policy import ExecutionPolicy
from sitegen.markdown.parse import parse
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates
from sitegen.results.store import Store
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a build would do with a page, and why."""

    page: PageKey
    path: str
    """Its source, relative to the site's root."""
    would_run: bool
    state: str | None
    """What the page would be without a run: `cached`, `stale`, ...; None for one that would run, or that has no cells."""
    why: tuple[str, ...]
    """Empty where the page has no cells that run."""
    record: str | None = None
    """Digest of the record that would be shown."""
    started: datetime | None = None
    """When that record's run began, UTC."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Of the look-up, and of the page where it cannot be read."""


def index_site(config: Config) -> SiteIndex:
    """The site's pages, their bodies not read."""
    return build_index(discover(config), config)


def explain(
    pages: Iterable[PageKey], index: SiteIndex, store: Store, policy: ExecutionPolicy, config: Config
) -> tuple[Explanation, ...]:
    """One explanation for each of the pages that stands in a file, in the order given. Nothing is run or written.

    Args:
        pages: keys of pages in the index.
        index: of the site.
        store: its records.
        policy: what a build would be allowed to run.
        config: of the site.
    """
    kernelspecs.forget()
    distributions.forget()
    shortcodes = TemplateShortcodes(Templates(config), index, config)
    sources = [source for key in pages if (source := index.pages[key].source) is not None]
    return tuple(
        _explain(parse(source, index, shortcodes, config), store, policy, config) for source in sources
    )


def _explain(document: Document, store: Store, policy: ExecutionPolicy, config: Config) -> Explanation:
    decided = decide(document, store, policy, config)
    errors = tuple(found for found in document.diagnostics if found.severity == "error")
    kept = decided if isinstance(decided, Kept) else None
    stored = kept.stored if kept is not None else None
    return Explanation(
        page=document.page,
        path=str(document.path),
        would_run=decided is not None and kept is None,
        state=kept.state if kept is not None else None,
        why=decided.why if decided is not None else (),
        record=stored.digest if stored is not None else None,
        started=stored.record.run.started if stored is not None else None,
        diagnostics=(*errors, *(decided.diagnostics if decided is not None else ())),
    )
