"""The metrics of all pages, each with the state and the provenance of its page's run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sitegen.content.document import (
    Drift,
    ExecutedDocument,
    LabelledCell,
    Metric,
    PageKey,
    Provenance,
    RunState,
    RunSummary,
)
from sitegen.frozen import FrozenDict

if TYPE_CHECKING:
    from sitegen.results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """What a metric was in one run."""

    metric: Metric
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One metric of one page with where it comes from."""

    page: PageKey
    metric: Metric
    state: RunState | None
    provenance: Provenance | None
    history: tuple[MetricPoint, ...] = ()
    """Of all full runs that reported it, oldest first; the run that is shown is among them."""
    drift: Drift | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every metric of the site."""

    entries: FrozenDict[tuple[PageKey, str], LedgerEntry]
    """(page, metric name) to the last value reported."""
    states: FrozenDict[PageKey, RunState] = field(default_factory=FrozenDict)
    """Of the pages with cells: a metric of one that was not run is missing, not misspelt."""
    runs: FrozenDict[PageKey, tuple[Provenance, ...]] = field(default_factory=FrozenDict)
    """The page's full runs that did not fail, newest first."""
    cells: FrozenDict[tuple[PageKey, str], LabelledCell] = field(default_factory=FrozenDict)
    """(page, label) to the cell: what other pages embed."""

    def of_page(self, page: PageKey) -> tuple[LedgerEntry, ...]:
        """The page's metrics in the order they were reported."""
        return tuple(entry for (owner, _), entry in self.entries.items() if owner == page)


def summarise(run: ExecutedDocument) -> RunSummary:
    """What other pages may know of a page's run."""
    return RunSummary(
        page=run.document.page,
        state=run.state,
        metrics=run.metrics,
        provenance=run.provenance,
        drifts=run.drifts,
        cells=tuple(
            LabelledCell(cell=cell, run=run.runs.get(cell.id))
            for cell in run.document.cells
            if cell.options.label
        ),
    )


def build_ledger(runs: Iterable[RunSummary], store: Store) -> Ledger:  # noqa: ARG001  (history)
    """The metrics of all pages, each with its page's state and provenance."""
    summaries = tuple(runs)
    entries = {
        (run.page, metric.name): LedgerEntry(
            page=run.page,
            metric=metric,
            state=run.state,
            provenance=run.provenance,
            drift=next((drift for drift in run.drifts if drift.metric == metric.name), None),
        )
        for run in summaries
        for metric in run.metrics
    }
    states = {run.page: run.state for run in summaries if run.state is not None}
    cells = {
        (run.page, labelled.cell.options.label or ""): labelled for run in summaries for labelled in run.cells
    }
    return Ledger(entries=FrozenDict(entries), states=FrozenDict(states), cells=FrozenDict(cells))
