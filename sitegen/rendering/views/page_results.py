"""Where the results of a page come from, as templates see it: state, badge, panel, metrics and runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.frozen import FrozenDict
from sitegen.rendering.recorder import recorded_of_page as recorded
from sitegen.rendering.results.badges import (
    PageFacts,
    ProvenanceView,
    provenance_view,
    state_slug,
    state_words,
)
from sitegen.rendering.results.history import RunView, run_views
from sitegen.rendering.results.metric_views import MetricView, metric_view
from sitegen.rendering.results.provenance import commit_url, provenance_url, run_again
from sitegen.rendering.values import PageSummary
from sitegen.results.ledger import Ledger, LedgerEntry

if TYPE_CHECKING:
    from sitegen.rendering.views.site_view import SiteView


class ShownResults:
    """The part of a page's view that tells of its run: a base of PageView alone."""

    if not TYPE_CHECKING:  # the slots are PageView's
        __slots__ = ()

    _key: PageKey
    _place: IndexedPage
    _site: SiteView
    _provenance: ProvenanceView | None
    _metrics: tuple[MetricView, ...] | None

    def _note(self, field: str) -> None:
        raise NotImplementedError  # PageView knows which of its fields are its own affair

    def _note_unless_own(self, field: str, has_any: bool) -> None:
        raise NotImplementedError

    @property
    def _summary(self) -> PageSummary | None:
        raise NotImplementedError

    @recorded
    def state(self) -> str:
        """`reproduced`, `stale`, `not-run`, ...: of the page's run; empty for a page without cells."""
        summary = self._summary
        return state_slug(summary.state) if summary is not None and summary.state else ""

    @recorded
    def state_words(self) -> str:
        """The state in words; empty for a page without cells."""
        summary = self._summary
        if summary is None or summary.state is None:
            return ""
        return state_words(summary.state, summary.provenance, self._site.settings.words)

    @property
    def provenance(self) -> ProvenanceView | None:
        """Of the results that the page shows; None where there are none."""
        summary = self._summary
        self._note_unless_own("provenance", summary is not None and summary.state is not None)
        if summary is None or summary.state is None:
            return None
        if self._provenance is None:
            self._provenance = page_provenance(summary, self._place, self._site.ledger, self._site.settings)
        return self._provenance

    @property
    def metrics(self) -> tuple[MetricView, ...]:
        """What its cells reported, in order."""
        summary = self._summary
        self._note_unless_own("metrics", summary is not None and bool(summary.metrics))
        if self._metrics is None:
            settings = self._site.settings
            commit = partial(commit_url, settings)
            self._metrics = tuple(
                metric_view(entry.metric, entry, commit, settings.words) for entry in self._entries()
            )
        return self._metrics

    @recorded
    def runs(self) -> tuple[RunView, ...]:
        """Its last runs, newest first, each with the values of its metrics; none where there is only one."""
        ledger, summary = self._site.ledger, self._summary
        runs = ledger.runs.get(self._key, ()) if ledger else ()
        shown = summary.provenance if summary else None
        return run_views(runs, self._entries(), shown, partial(commit_url, self._site.settings))

    def _entries(self) -> tuple[LedgerEntry, ...]:
        return entries_of(self._summary, self._site.ledger) if self._summary is not None else ()


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
        words=config.words,
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
