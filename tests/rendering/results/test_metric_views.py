"""A number with what it is to be read with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import Drift, Metric, Provenance, Reference, RunState
from sitegen.rendering.results.metric_views import ledger_anchor, metric_note, metric_view
from sitegen.results.ledger import LedgerEntry


def _no_url(commit: str | None) -> str:
    del commit
    return ""


@pytest.fixture
def entry(provenance: Provenance, make_metric: Callable[..., Metric]) -> LedgerEntry:
    """A reproduced metric."""
    return LedgerEntry(page=PageKey("/posts/a"), metric=make_metric(), state="cached", provenance=provenance)


def test_anchors_are_ids(make_metric: Callable[..., Metric]) -> None:
    """Whatever the author calls it; on the benchmarks page with its page's path."""
    anchors = [
        metric_view(make_metric(name), None, _no_url).anchor
        for name in ("a.b_c", "val loss", "val-loss", "%")
    ]
    assert anchors == ["metric-a.b_c", "metric-val-loss-f0b8a7", "metric-val-loss", "metric-bbf3f1"]
    assert len(set(anchors)) == len(anchors)
    assert ledger_anchor(PageKey("/posts/ppo"), "mean_return") == "posts-ppo--mean_return"


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ("fresh", ""),
        ("cached", ""),
        ("drifted", ""),
        ("stale", "stale, 2026-11-19"),
        ("pinned", "pinned, 2026-11-19"),
        ("other device", "cpu (Some Model), 2026-11-19"),
        ("failed", "failed run"),
    ],
)
def test_a_number_alone_says_where_it_is_not_reproduced(
    entry: LedgerEntry, state: RunState, note: str
) -> None:
    """A metric of a drifted page that has not drifted itself is a reproduced one."""
    assert metric_note(replace(entry, state=state)) == note


def test_a_smoke_run_is_said_first(entry: LedgerEntry, provenance: Provenance) -> None:
    """Beside the state."""
    smoke = replace(entry, provenance=replace(provenance, profile="smoke"), state="stale")
    assert metric_note(smoke) == "smoke run, stale, 2026-11-19"


def test_a_drifted_number_names_the_accepted_one(entry: LedgerEntry) -> None:
    """With its date."""
    drift = Drift(
        metric="mean_return",
        value=490.04,
        baseline=470.0,
        tolerance=5.0,
        baseline_record=Digest("0" * 64),
        baseline_started=datetime(2026, 10, 1, tzinfo=UTC),
    )
    drifted = replace(entry, state="drifted", drift=drift)
    view = metric_view(entry.metric, drifted, _no_url)
    assert view.note == "drifted, 470 on 2026-10-01"
    assert view.drift is not None
    assert view.drift.value_text == "490.0"


def test_a_difference_has_the_digits_of_the_wider_spread(
    entry: LedgerEntry, make_metric: Callable[..., Metric]
) -> None:
    """Ours less theirs, in the unit of the metric."""
    metric = make_metric(value=490.04, spread=0.12, reference=Reference(value=488.0, spread=6.1, source="a"))
    view = metric_view(metric, replace(entry, metric=metric), _no_url)
    assert (view.value_text, view.spread_text, view.difference_text) == ("490.04", "0.12", "+2.0")
