"""Earlier runs in words: the last ones as a table, and what has changed from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup

from sitegen.config.words import ENGLISH, Words
from sitegen.content.document import Digest
from sitegen.content.executed import Metric, Provenance
from sitegen.rendering.results.numbers import bytes_text, duration_text, metric_text
from sitegen.rendering.results.sparkline import SparkPoint, marks_of, sparkline
from sitegen.results.ledger import LedgerEntry, MetricPoint
from sitegen.values import dataclass

LAST_RUNS: Final = 20
"""So many runs are drawn and listed; all are in the results store."""

CommitUrl = Callable[[str | None], str]
"""The address of a commit; empty where the site has no repository configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One of a page's last runs, as templates read it."""

    date: datetime
    """When it began, UTC."""
    device: str
    mark: str
    """Of its device class in the sparklines; empty where all runs are of one."""
    duration: str
    short_commit: str
    commit_url: str
    is_dirty: bool
    is_shown: bool
    """Whether the page shows this run."""
    is_same_code: bool
    """Whether its code is that of the run that the page shows."""
    values: tuple[str, ...]
    """Of the page's metrics, in their order; empty text where it did not report one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointView:
    """What a metric was in one run, as templates read it."""

    date: datetime
    device: str
    mark: str
    value: float
    text: str
    """Value, spread and n; with the unit where it is not today's."""
    short_commit: str
    commit_url: str
    is_dirty: bool
    is_shown: bool


def run_views(
    runs: Sequence[Provenance],
    entries: Sequence[LedgerEntry],
    shown: Provenance | None,
    commit_url: CommitUrl,
) -> tuple[RunView, ...]:
    """The last runs of a page, newest first; none where there is only one.

    Args:
        runs: newest first.
        entries: the page's metrics: a value of each is in every row.
        shown: the run that the page shows.
        commit_url: gives the address of a commit.
    """
    last = runs[:LAST_RUNS]
    if len(last) < 2:  # one run is no history
        return ()
    marks = marks_of([run.device_group for run in reversed(last)])
    values = [_by_record(entry.history) for entry in entries]
    return tuple(
        RunView(
            date=run.started,
            device=run.device,
            mark=marks.get(run.device_group, ""),
            duration=duration_text(run.seconds),
            short_commit=(run.commit or "")[:7],
            commit_url=commit_url(run.commit),
            is_dirty=run.is_dirty,
            is_shown=shown is not None and run.record == shown.record,
            is_same_code=shown is not None and run.code == shown.code,
            values=tuple(
                _text(found[run.record], entry.metric.unit) if run.record in found else ""
                for entry, found in zip(entries, values, strict=True)
            ),
        )
        for run in last
    )


def point_views(entry: LedgerEntry, commit_url: CommitUrl) -> tuple[PointView, ...]:
    """The last runs that reported a metric, newest first."""
    last = entry.history[-LAST_RUNS:]
    marks = marks_of([point.provenance.device_group for point in last])
    return tuple(
        PointView(
            date=point.provenance.started,
            device=point.provenance.device,
            mark=marks.get(point.provenance.device_group, ""),
            value=point.metric.value,
            text=_text(point.metric, entry.metric.unit),
            short_commit=(point.provenance.commit or "")[:7],
            commit_url=commit_url(point.provenance.commit),
            is_dirty=point.provenance.is_dirty,
            is_shown=_is_shown(point, entry),
        )
        for point in reversed(last)
    )


def history_picture(entry: LedgerEntry, words: Words = ENGLISH) -> Markup:
    """The sparkline of a metric's last runs; a run that reported another unit is not in it."""
    metric = entry.metric
    points = [
        SparkPoint(
            value=point.metric.value,
            group=point.provenance.device_group,
            date=point.provenance.started,
            is_shown=_is_shown(point, entry),
        )
        for point in entry.history[-LAST_RUNS:]
        if point.metric.unit == metric.unit
    ]
    label = f"{metric.name}, {metric.unit}" if metric.unit else metric.name
    return Markup(sparkline(points, label, words))  # noqa: S704 -- escaped there


def run_before(shown: Provenance, runs: Sequence[Provenance]) -> Provenance | None:
    """The newest full run that began before the one that is shown; None for a smoke run.

    Args:
        shown: the run that the page shows.
        runs: newest first.
    """
    if shown.profile != "full":
        return None
    place = (shown.started, shown.record)
    return next((run for run in runs if (run.started, run.record) < place), None)


def changes(before: Provenance, after: Provenance, words: Words = ENGLISH) -> tuple[str, ...]:
    """What is different between two runs of a page, in words: `torch 2.12.0 -> 2.13.0`."""
    found = []
    if before.code != after.code and Digest("") not in (before.code, after.code):
        found.append(words("change.code"))
    found += _pairs(_conditions(before, words), _conditions(after, words), words)
    found += _pairs(
        {words("change.parameter", name=name): str(value) for name, value in before.parameters.items()},
        {words("change.parameter", name=name): str(value) for name, value in after.parameters.items()},
        words,
    )
    found += _pairs(versions_of(before), versions_of(after), words)
    return tuple(found)


def versions_of(provenance: Provenance) -> dict[str, str]:
    """Packages to versions, in alphabetical order."""
    packages = provenance.environment.get("packages", {})
    if not isinstance(packages, Mapping):
        return {}
    pairs = ((str(name), str(version)) for name, version in packages.items())
    return dict(sorted(pairs, key=lambda pair: pair[0].lower()))


def _conditions(provenance: Provenance, words: Words) -> dict[str, str]:
    """What a run took place on and with, but its parameters and packages."""
    environment = provenance.environment
    memory = environment.get("memory_bytes")
    named = {
        words("change.device"): provenance.device,
        words("change.seed"): provenance.seed,
        "python": environment.get("python"),
        words("change.platform"): environment.get("platform"),
        words("change.cpus"): environment.get("cpu_count") or None,
        words("change.memory"): bytes_text(memory) if isinstance(memory, int) and memory else "",
        words("change.driver"): environment.get("cuda_driver"),
        "CUDA": environment.get("cuda_version"),
    }
    return {name: str(value) for name, value in named.items() if value not in (None, "")}


def _pairs(before: Mapping[str, str], after: Mapping[str, str], words: Words) -> list[str]:
    """Each name whose value changed, came or went."""
    found = []
    for name in sorted({*before, *after}, key=str.lower):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None:
            found.append(words("change.added", name=f"{name} {new}"))
        elif new is None:
            found.append(words("change.gone", name=f"{name} {old}"))
        else:
            found.append(f"{name} {old} -> {new}")
    return found


def _by_record(history: Sequence[MetricPoint]) -> dict[Digest, Metric]:
    return {point.provenance.record: point.metric for point in history}


def _is_shown(point: MetricPoint, entry: LedgerEntry) -> bool:
    return entry.provenance is not None and point.provenance.record == entry.provenance.record


def _text(metric: Metric, unit: str | None) -> str:
    text = metric_text(metric)
    return f"{text} {metric.unit}" if metric.unit and metric.unit != unit else text
