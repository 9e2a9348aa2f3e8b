"""The results of one page from its summary and the ledger: for the badge, the panel and the table of its metrics."""

from __future__ import annotations

from functools import partial

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.frozen import FrozenDict
from sitegen.rendering.badges import PageFacts, ProvenanceView, provenance_view
from sitegen.rendering.provenance import commit_url, provenance_url, run_again
from sitegen.rendering.values import PageSummary
from sitegen.results.ledger import Ledger, LedgerEntry


def page_provenance(
    summary: PageSummary, place: IndexedPage, ledger: Ledger | None, config: Config
) -> ProvenanceView | None:
    """Where the results that a page shows come from; None where it shows none."""
    if summary.state is None or summary.provenance is None:
        return None
    acceptance = ledger.accepted.get(summary.provenance.record) if ledger else None
    drifts = (entry.drift for entry in entries_of(summary, ledger))
    facts = PageFacts(
        accepted=acceptance.date if acceptance is not None else None,
        url=provenance_url(place, config),
        pin_reason=summary.pin_reason,
        commands=run_again(summary.provenance, config),
        runs=ledger.runs.get(place.key, ()) if ledger else (),
        drifts=tuple(drift for drift in drifts if drift is not None),
        commit_url=partial(commit_url, config),
    )
    return provenance_view(summary.state, summary.provenance, facts)


def entries_of(summary: PageSummary, ledger: Ledger | None) -> tuple[LedgerEntry, ...]:
    """The page's metrics as the ledger has them; of a smoke or a failed run, made from what the page shows."""
    listed = ledger.entries if ledger is not None else FrozenDict[tuple[PageKey, str], LedgerEntry]()
    return tuple(
        listed.get((summary.key, metric.name))
        or LedgerEntry(page=summary.key, metric=metric, state=summary.state, provenance=summary.provenance)
        for metric in summary.metrics
    )
