"""Earlier runs in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import Metric, Provenance
from sitegen.frozen import FrozenDict
from sitegen.rendering.results.history import (
    LAST_RUNS,
    changes,
    history_picture,
    point_views,
    run_before,
    run_views,
)
from sitegen.results.ledger import LedgerEntry, MetricPoint


@pytest.fixture
def run(provenance: Provenance) -> Callable[..., Provenance]:
    """Makes the run of a day, numbered from 0."""

    def make(day: int, **fields: Any) -> Provenance:
        values: dict[str, Any] = {
            "record": Digest(f"{day:064d}"),
            "started": provenance.started + timedelta(days=day),
            "code": Digest("c" * 64),
            "device_group": "cpu",
        }
        return replace(provenance, **{**values, **fields})

    return make


@pytest.fixture
def entry(run: Callable[..., Provenance], make_metric: Callable[..., Metric]) -> Callable[..., LedgerEntry]:
    """Makes a metric with a value a day; the last is shown."""

    def make(*values: float, **metric: Any) -> LedgerEntry:
        points = tuple(
            MetricPoint(metric=make_metric("loss", value, **metric), provenance=run(day))
            for day, value in enumerate(values)
        )
        shown = points[-1]
        return LedgerEntry(
            page=PageKey("/posts/a"),
            metric=shown.metric,
            state="cached",
            provenance=shown.provenance,
            history=points,
        )

    return make


def _no_url(commit: str | None) -> str:
    return f"https://code.example/{commit}"


def test_changes_say_what_is_different(run: Callable[..., Provenance]) -> None:
    """Device, seed, code, parameters, packages that came, went or changed; equal things are not told."""
    before = run(
        0,
        seed=1,
        parameters=FrozenDict({"rate": 0.1, "gone": True}),
        environment=FrozenDict(
            {"python": "3.11.9", "packages": FrozenDict({"torch": "2.12.0", "numpy": "2.4.5", "old": "1"})}
        ),
    )
    after = run(
        1,
        seed=None,
        code=Digest("d" * 64),
        device="NVIDIA H100",
        parameters=FrozenDict({"rate": 0.2}),
        environment=FrozenDict(
            {"python": "3.11.9", "packages": FrozenDict({"torch": "2.13.0", "numpy": "2.4.5", "new": "1"})}
        ),
    )
    assert changes(before, after) == (
        "the code of its cells changed",
        "device cpu (Some Model) -> NVIDIA H100",
        "seed 1 gone",
        "parameter gone True gone",
        "parameter rate 0.1 -> 0.2",
        "new 1 added",
        "old 1 gone",
        "torch 2.12.0 -> 2.13.0",
    )
    assert changes(before, before) == ()


def test_the_run_before_is_older_than_the_one_that_is_shown(run: Callable[..., Provenance]) -> None:
    """Where an old run is shown (pinned, another device), newer ones do not count; a smoke run is not compared."""
    runs = (run(2), run(1), run(0))
    assert run_before(runs[1], runs) == runs[2]
    assert run_before(runs[2], runs) is None
    assert run_before(run(3, profile="smoke"), runs) is None


def test_runs_are_listed_newest_first_with_their_values(
    run: Callable[..., Provenance], entry: Callable[..., LedgerEntry]
) -> None:
    """A run that did not report a number has none; the one that is shown is marked, and so is other code."""
    loss = entry(2.0, 1.0)
    runs = (run(1), run(0, code=Digest("d" * 64)), run(-1, is_dirty=True))

    views = run_views(runs, (loss,), runs[0], _no_url)

    assert [view.values for view in views] == [("1",), ("2",), ("",)]
    assert [view.is_shown for view in views] == [True, False, False]
    assert [view.is_same_code for view in views] == [True, False, True]
    assert [view.mark for view in views] == ["", "", ""]
    assert views[0].commit_url == "https://code.example/a1b2c3d4e5f6"


def test_one_run_is_not_listed(run: Callable[..., Provenance], entry: Callable[..., LedgerEntry]) -> None:
    """The panel has its facts already."""
    assert run_views((run(0),), (entry(1.0),), run(0), _no_url) == ()
    assert history_picture(entry(1.0)) == ""


def test_a_long_history_is_cut(entry: Callable[..., LedgerEntry]) -> None:
    """The last runs are drawn and listed."""
    long = entry(*map(float, range(LAST_RUNS + 5)))
    assert [view.value for view in point_views(long, _no_url)] == [
        float(LAST_RUNS + 4 - place) for place in range(LAST_RUNS)
    ]
    assert f"loss: {LAST_RUNS} runs" in history_picture(long)


def test_another_unit_is_listed_but_not_drawn(
    entry: Callable[..., LedgerEntry], make_metric: Callable[..., Metric]
) -> None:
    """Seconds and milliseconds make no curve."""
    now = entry(1.0, 1.1, 1.2, unit="s")
    first = replace(now.history[0], metric=make_metric("loss", 1000.0, unit="ms"))
    mixed = replace(now, history=(first, *now.history[1:]))
    assert [view.text for view in point_views(mixed, _no_url)] == ["1.2", "1.1", "1000 ms"]
    assert "loss, s: 2 runs" in history_picture(mixed)
