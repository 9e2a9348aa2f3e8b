"""The metrics of all pages, each with the state and the provenance of its page's run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sitegen.content.document import ExecutedDocument, Metric, PageKey, Provenance, RunState, RunSummary
from sitegen.frozen import FrozenDict

if TYPE_CHECKING:
    from sitegen.results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One metric of one page with where it comes from."""

    page: PageKey
    metric: Metric
    state: RunState | None
    provenance: Provenance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every metric of the site."""

    entries: FrozenDict[tuple[PageKey, str], LedgerEntry]
    """(page, metric name) to the last value reported."""
    states: FrozenDict[PageKey, RunState] = field(default_factory=FrozenDict)
    """Of the pages with cells: a metric of one that was not run is missing, not misspelt."""

    def of_page(self, page: PageKey) -> tuple[LedgerEntry, ...]:
        """The page's metrics in the order they were reported."""
        return tuple(entry for (owner, _), entry in self.entries.items() if owner == page)


def summarise(run: ExecutedDocument) -> RunSummary:
    """What other pages may know of a page's run."""
    return RunSummary(page=run.document.page, state=run.state, metrics=run.metrics, provenance=run.provenance)


def build_ledger(runs: Iterable[RunSummary], store: Store) -> Ledger:  # noqa: ARG001  (history)
    """The metrics of all pages, each with its page's state and provenance."""
    summaries = tuple(runs)
    entries = {
        (run.page, metric.name): LedgerEntry(
            page=run.page, metric=metric, state=run.state, provenance=run.provenance
        )
        for run in summaries
        for metric in run.metrics
    }
    states = {run.page: run.state for run in summaries if run.state is not None}
    return Ledger(entries=FrozenDict(entries), states=FrozenDict(states))
