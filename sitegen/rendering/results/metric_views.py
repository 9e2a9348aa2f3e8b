"""A number that a cell reported, in words: its value beside what it is to be read with."""

from __future__ import annotations

import re
from datetime import datetime

from markupsafe import Markup

from sitegen.config.words import ENGLISH, Words
from sitegen.content.document import PageKey
from sitegen.content.executed import Metric, Reference
from sitegen.files import digest_bytes
from sitegen.rendering.results.badges import DriftView, drift_view, state_slug, state_words
from sitegen.rendering.results.history import CommitUrl, PointView, history_picture, point_views
from sitegen.rendering.results.numbers import (
    metric_text,
    number_text,
    signed_text,
    spread_text,
    value_text,
    with_spread,
)
from sitegen.results.ledger import LedgerEntry
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricView:
    """A number that a cell reported, as templates read it."""

    name: str
    value: float
    unit: str
    spread: float | None
    spread_kind: str
    n: int | None
    better: str
    reference: Reference | None
    text: str
    """Value, spread and n with sensible digits: `0.9134 ± 0.0021 (n=5)`; without the unit."""
    value_text: str
    spread_text: str
    """The spread alone; empty without one."""
    reference_text: str
    """The reference's value and spread; empty without one."""
    difference_text: str
    """Value less reference, with its sign, in the metric's unit; empty without a reference."""
    tolerance: float | None
    tolerance_text: str
    anchor: str
    """Id of its row in the table of its page."""
    ledger_anchor: str
    """Id of its row on the benchmarks page: `posts-ppo--mean_return`."""
    state_words: str
    slug: str
    """Of the state."""
    note: str
    """What a reader must know who sees the number alone: `stale, 2026-05-01`; empty where it is reproduced."""
    device: str
    date: datetime | None
    """When the run began, UTC."""
    short_commit: str
    drift: DriftView | None
    sparkline: Markup
    """SVG of the last runs; empty for fewer than two."""
    history: tuple[PointView, ...]
    """The last runs, newest first."""


def metric_view(
    metric: Metric, entry: LedgerEntry | None, commit_url: CommitUrl, words: Words = ENGLISH
) -> MetricView:
    """What a template prints of a metric.

    Args:
        metric: as the page's run reported it.
        entry: the metric in the ledger, or one made for a run that is not in it; None where nobody knows the run.
        commit_url: gives the address of a commit.
        words: of the site.
    """
    reference, provenance = metric.reference, entry.provenance if entry else None
    state = entry.state if entry else None
    return MetricView(
        name=metric.name,
        value=metric.value,
        unit=metric.unit or "",
        spread=metric.spread,
        spread_kind=metric.spread_kind or "",
        n=metric.n,
        better=metric.better or "",
        reference=reference,
        text=metric_text(metric),
        value_text=value_text(metric.value, metric.spread),
        spread_text=spread_text(metric.spread) if metric.spread is not None else "",
        reference_text=with_spread(reference.value, reference.spread) if reference else "",
        difference_text=signed_text(metric.value - reference.value, _finest(metric, reference))
        if reference
        else "",
        tolerance=metric.tolerance,
        tolerance_text=number_text(metric.tolerance) if metric.tolerance is not None else "",
        anchor=metric_anchor(metric.name),
        ledger_anchor=ledger_anchor(entry.page, metric.name) if entry else "",
        state_words=state_words(state, provenance, words) if state else "",
        slug=state_slug(state) if state else "",
        note=metric_note(entry, words) if entry else "",
        device=provenance.device if provenance else "",
        date=provenance.started if provenance else None,
        short_commit=(provenance.commit or "")[:7] if provenance else "",
        drift=drift_view(entry.drift, words) if entry and entry.drift else None,
        sparkline=history_picture(entry, words) if entry else Markup(),
        history=point_views(entry, commit_url) if entry else (),
    )


def metric_note(entry: LedgerEntry, words: Words = ENGLISH) -> str:
    """What a number in prose must not be read without; empty where it is reproduced.

    A metric that has not drifted is a reproduced one, whatever else of its page has.
    """
    provenance = entry.provenance
    if provenance is None or entry.state is None:
        return ""
    date = f"{provenance.started:%Y-%m-%d}"
    notes = {
        "pinned": "note.pinned",
        "failed": "note.failed",
        "stale": "note.stale",
    }
    key = notes.get(entry.state)
    note = words(key, date=date) if key else ""
    if entry.state == "other device":
        note = f"{provenance.device}, {date}"
    if entry.drift is not None:
        drift = drift_view(entry.drift)
        note = words("note.drifted", baseline=drift.baseline_text, date=f"{drift.baseline_date:%Y-%m-%d}")
    smoke = words("note.smoke") if provenance.profile == "smoke" else ""
    return ", ".join(part for part in (smoke, note) if part)


def metric_anchor(name: str) -> str:
    """Id of a metric's row in the table of its page."""
    return f"metric-{_slug(name)}"


def ledger_anchor(page: PageKey, name: str) -> str:
    """Id of a metric's row on the benchmarks page."""
    return f"{page.strip('/').replace('/', '-') or 'home'}--{_slug(name)}"


def _slug(text: str) -> str:
    """The text as a part of an id; `val loss` and `val-loss` stay two."""
    cleaned = re.sub(r"[^\w.-]+", "-", text).strip("-")
    if cleaned == text:
        return cleaned
    return f"{cleaned}-{digest_bytes(text.encode())[:6]}" if cleaned else digest_bytes(text.encode())[:6]


def _finest(metric: Metric, reference: Reference) -> float | None:
    """The spread whose digits a difference has: the wider of the two."""
    spreads = [spread for spread in (metric.spread, reference.spread) if spread is not None]
    return max(spreads, default=None)
