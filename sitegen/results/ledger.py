"""The metrics of all pages, each with the state and the provenance of its page's run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace
from typing import TYPE_CHECKING

from sitegen.content.document import CellId, Digest, PageKey
from sitegen.content.executed import (
    Drift,
    ExecutedDocument,
    LabelledCell,
    Metric,
    Provenance,
    RunState,
    RunSummary,
)
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.results.provenance import outline_of
from sitegen.results.record import Acceptance, ObservedPath
from sitegen.values import dataclass

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
    """(page, label) to the cell."""
    page_cells: FrozenDict[PageKey, tuple[LabelledCell, ...]] = field(default_factory=FrozenDict)
    """All cells of a page in its order: what other pages embed."""
    shown: FrozenDict[PageKey, Provenance] = field(default_factory=FrozenDict)
    """The run whose results a page shows."""
    unlisted: FrozenDict[PageKey, tuple[str, ...]] = field(default_factory=FrozenDict)
    """Names of the metrics that a smoke or a failed run reported: known, but no results of the site."""
    accepted: FrozenDict[Digest, Acceptance] = field(default_factory=FrozenDict)
    """The runs in `runs` that a person has accepted, by the digest of the record."""
    written: FrozenDict[PageKey, tuple[ObservedPath, ...]] = field(default_factory=FrozenDict)
    """What runs of a page wrote, whatever came of them, and what the shown one does not read: no part of the site."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What was wrong with the records of the history."""

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
        cells=tuple(LabelledCell(cell=cell, run=run.runs.get(cell.id)) for cell in run.document.cells),
    )


def build_ledger(runs: Iterable[RunSummary], store: Store) -> Ledger:
    """The metrics of all pages, each with its page's state, its provenance and its history.

    What a smoke or a failed run reported is not in it. The history of a page is that of the store, whatever this
    build ran: a run of this build is in the store by now.

    Args:
        runs: one a page; only pages with a state have their records read.
        store: of the site.
    """
    summaries = tuple(runs)
    acceptances = store.acceptances() if any(run.state is not None for run in summaries) else {}
    histories = {run.page: _History.of(run, store) for run in summaries if run.state is not None}
    return Ledger(
        entries=FrozenDict(
            {
                (run.page, metric.name): _entry(run, metric, histories.get(run.page))
                for run in summaries
                if counts(run.state, run.provenance)
                for metric in run.metrics
            }
        ),
        states=FrozenDict({run.page: run.state for run in summaries if run.state is not None}),
        runs=FrozenDict({page: history.runs for page, history in histories.items() if history.runs}),
        cells=FrozenDict(
            {
                (run.page, labelled.cell.options.label): labelled
                for run in summaries
                for labelled in run.cells
                if labelled.cell.options.label
            }
        ),
        page_cells=FrozenDict({run.page: run.cells for run in summaries if run.cells}),
        shown=FrozenDict({run.page: run.provenance for run in summaries if run.provenance is not None}),
        unlisted=FrozenDict(
            {
                run.page: tuple(metric.name for metric in run.metrics)
                for run in summaries
                if run.metrics and not counts(run.state, run.provenance)
            }
        ),
        accepted=FrozenDict(
            {
                run.record: acceptances[run.record]
                for history in histories.values()
                for run in history.runs
                if run.record in acceptances
            }
        ),
        written=FrozenDict(
            {
                run.page: paths
                for run in summaries
                if run.state is not None and (paths := _written(run, store))
            }
        ),
        diagnostics=store.take_problems(),
    )


def _entry(run: RunSummary, metric: Metric, history: _History | None) -> LedgerEntry:
    return LedgerEntry(
        page=run.page,
        metric=metric,
        state=run.state,
        provenance=run.provenance,
        history=history.points.get(metric.name, ()) if history is not None else (),
        drift=next((drift for drift in run.drifts if drift.metric == metric.name), None),
    )


def _written(run: RunSummary, store: Store) -> tuple[ObservedPath, ...]:
    """What any recorded run of the page wrote, but for what the shown run read and did not write: that is input by now."""
    records = store.of_page(run.page)
    shown = run.provenance.record if run.provenance is not None else None
    read = {
        (file.path, file.base)
        for stored in records
        if stored.digest == shown
        for file in stored.record.observed.files
    }
    found = {(path.path, path.base): path for stored in records for path in stored.record.observed.written}
    return tuple(path for place, path in sorted(found.items()) if place not in read)


def counts(state: RunState | None, provenance: Provenance | None) -> bool:
    """Whether what a run reported is a result of the site: it is whole, and not of the smoke profile."""
    return state != "failed" and (provenance is None or provenance.profile == "full")


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """The full runs of one page."""

    runs: tuple[Provenance, ...]
    """Newest first."""
    points: dict[str, tuple[MetricPoint, ...]]
    """By the metric's name, oldest first."""

    @classmethod
    def of(cls, run: RunSummary, store: Store) -> _History:
        """From the page's records; the run that is shown is among them, wherever its record is filed."""
        found = {
            stored.digest: (
                outline_of(stored.record, stored.digest),
                {part.name: part.as_metric(CellId(part.cell)) for part in stored.record.metrics},
            )
            for stored in store.of_page(run.page)
            if stored.record.ok and stored.record.run.profile == "full"
        }
        shown = run.provenance
        if shown is not None and shown.record not in found and counts(run.state, shown):
            # under the key of a page that was moved here, or not kept at all
            outline = replace(shown, facts=FrozenDict())
            found[shown.record] = (outline, {metric.name: metric for metric in run.metrics})
        ordered = sorted(found.values(), key=lambda pair: (pair[0].started, pair[0].record))
        points: dict[str, list[MetricPoint]] = {}
        for provenance, metrics in ordered:
            for name, metric in metrics.items():
                points.setdefault(name, []).append(MetricPoint(metric=metric, provenance=provenance))
        return cls(
            runs=tuple(provenance for provenance, _ in reversed(ordered)),
            points={name: tuple(listed) for name, listed in points.items()},
        )
