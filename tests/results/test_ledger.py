"""The site's numbers with their history: of full runs that went well, whatever this build ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import Drift, RunState, RunSummary
from sitegen.results.ledger import Ledger, build_ledger
from sitegen.results.provenance import outline_of, provenance_of
from sitegen.results.record import (
    KEY_LIST,
    CellInputs,
    DeviceInputs,
    Environment,
    Inputs,
    MetricPart,
    Observed,
    Record,
    RunFacts,
)
from sitegen.results.store import Store, StoredRecord, open_store

START = datetime(2030, 1, 1, tzinfo=UTC)
PAGE = PageKey("/a")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return open_store(
        Config(root=tmp_path, now=START, results_dir=tmp_path / "results", state_dir=tmp_path / "state")
    )


@pytest.fixture
def add(store: Store) -> Callable[..., StoredRecord]:
    """Keeps a record of a page `/a` that reported `score`, so many minutes after the start."""

    def keep(score: float, *, minutes: int = 0, source: str = "1", **fields: Any) -> StoredRecord:
        profile = fields.pop("profile", "full")
        device = fields.pop("device", DeviceInputs(kind="cpu"))
        inputs = Inputs(
            list_version=KEY_LIST,
            cells=(
                CellInputs(
                    id="1",
                    source=Digest(source),
                    exec=True,
                    error=False,
                    device="auto",
                    fig_width=None,
                    fig_height=None,
                    fig_format="svg",
                    tags=(),
                ),
            ),
            expressions=Digest("0"),
            kernel="python3",
            language="python",
            interpreter="CPython 3.11.9",
            parameters={},
            profile=profile,
            seed=None,
            env={},
            device=device,
            depends=(),
        )
        record = Record(
            key=inputs.key(),
            page=fields.pop("page", PAGE),
            inputs=inputs,
            cells=(),
            values=(),
            metrics=(MetricPart(name="score", value=score, cell="cell-1"),),
            environment=Environment(cpu_model="Some Model", cuda_device=device.name),
            run=RunFacts(
                started=START + timedelta(minutes=minutes),
                seconds=1.0,
                seed=None,
                parameters={},
                profile=profile,
                backend="local",
                host_class="local",
                commit=None,
                is_dirty=False,
                device_kind="cuda" if device.kind == "cuda" else "cpu",
            ),
            observed=Observed(),
            ok=fields.pop("ok", True),
        )
        return store.add(record, {})

    return keep


def _shown(stored: StoredRecord, state: RunState = "cached", **fields: Any) -> RunSummary:
    """The page's run as `execute` tells of it."""
    metrics = tuple(part.as_metric(part.cell) for part in stored.record.metrics)  # type: ignore[arg-type]
    provenance = provenance_of(stored.record, stored.digest)
    return RunSummary(page=PAGE, state=state, metrics=metrics, provenance=provenance, **fields)


def _scores(ledger: Ledger) -> list[float]:
    return [point.metric.value for point in ledger.entries[PAGE, "score"].history]


def test_history_has_every_full_run_oldest_first(
    store: Store, add: Callable[..., StoredRecord], tmp_path: Path
) -> None:
    """Smoke runs, failed runs and other pages' runs are not in it; a store that is read anew gives the same."""
    newest = add(3.0, minutes=3)
    add(1.0, minutes=1, source="older")
    add(2.0, minutes=2)
    add(90.0, minutes=4, profile="smoke")
    add(91.0, minutes=5, ok=False)
    add(92.0, minutes=6, page=PageKey("/b"))

    ledger = build_ledger([_shown(newest)], store)
    again = open_store(
        Config(root=tmp_path, now=START, results_dir=tmp_path / "results", state_dir=tmp_path / "state")
    )

    assert _scores(ledger) == [1.0, 2.0, 3.0]
    assert [run.started.minute for run in ledger.runs[PAGE]] == [3, 2, 1]
    assert build_ledger([_shown(newest)], again) == ledger


def test_history_is_the_same_whether_this_build_ran_the_page(
    store: Store, add: Callable[..., StoredRecord]
) -> None:
    """The state is the only difference between the build that ran and the next one."""
    stored = add(1.0)
    fresh, cached = (build_ledger([_shown(stored, state)], store) for state in ("fresh", "cached"))
    assert fresh.runs == cached.runs
    assert fresh.entries[PAGE, "score"].history == cached.entries[PAGE, "score"].history


def test_a_smoke_run_is_known_but_not_listed(store: Store, add: Callable[..., StoredRecord]) -> None:
    """Its metrics are no results of the site; the page's full runs stay in the history."""
    add(1.0)
    smoke = add(9.0, minutes=1, profile="smoke")

    ledger = build_ledger([_shown(smoke)], store)

    assert dict(ledger.entries) == {}
    assert dict(ledger.unlisted) == {PAGE: ("score",)}
    assert len(ledger.runs[PAGE]) == 1


def test_the_shown_run_is_in_the_history_wherever_it_is_filed(
    store: Store, add: Callable[..., StoredRecord]
) -> None:
    """A page that was moved keeps its runs, whose records name the old page."""
    stored = add(1.0, page=PageKey("/old"))
    assert _scores(build_ledger([_shown(stored)], store)) == [1.0]


def test_drift_stands_at_its_metric(store: Store, add: Callable[..., StoredRecord]) -> None:
    """With the value that it left."""
    stored = add(1.0)
    drift = Drift(
        metric="score",
        value=1.0,
        baseline=2.0,
        tolerance=0.5,
        baseline_record=Digest("0"),
        baseline_started=START,
    )
    ledger = build_ledger([_shown(stored, "drifted", drifts=(drift,))], store)
    assert ledger.entries[PAGE, "score"].drift == drift


def test_an_accepted_run_is_known_as_one(store: Store, add: Callable[..., StoredRecord]) -> None:
    """With the day and the commit of the person's word; other pages' are not in it."""
    stored, other = add(1.0), add(2.0, page=PageKey("/b"))
    for record in (stored, other):
        store.accept(record, date=START, commit="a1b2c3d")
    accepted = build_ledger([_shown(stored)], store).accepted
    assert {record: (found.date, found.commit) for record, found in accepted.items()} == {
        stored.digest: (START, "a1b2c3d")
    }


def test_a_page_without_cells_costs_no_look_into_the_store(store: Store) -> None:
    """Only pages with a state have a history."""

    class Untouched:
        def of_page(self, page: PageKey) -> None:
            raise AssertionError(page)

        def take_problems(self) -> tuple[()]:
            return ()

    summary = RunSummary(page=PAGE, state=None)
    assert dict(build_ledger([summary], Untouched()).entries) == {}  # type: ignore[arg-type]


def test_a_damaged_record_of_the_history_is_reported(
    store: Store, add: Callable[..., StoredRecord], tmp_path: Path
) -> None:
    """It is left out of the history, and the build says so."""
    add(1.0, source="older")
    newest = add(2.0, minutes=1)
    damaged = next(file for file in (tmp_path / "results/runs").rglob("*.json") if file.stem != newest.digest)
    damaged.write_text("{")
    again = open_store(
        Config(
            root=tmp_path, now=START, results_dir=tmp_path / "results", state_dir=tmp_path / "another state"
        )
    )

    ledger = build_ledger([_shown(newest)], again)

    assert _scores(ledger) == [2.0]
    assert "SG309" in {diagnostic.code for diagnostic in ledger.diagnostics}


@pytest.mark.parametrize(
    ("device", "group", "name"),
    [
        (DeviceInputs(kind="cpu"), "cpu", "cpu (Some Model)"),
        (DeviceInputs(kind="any"), "cpu", "cpu (Some Model)"),
        (DeviceInputs(kind="cpu", cpu_model="Some Model"), "cpu (Some Model)", "cpu (Some Model)"),
        (DeviceInputs(kind="cuda", name="A GPU", count=1), "A GPU", "A GPU"),
        (
            DeviceInputs(kind="cuda", name="A GPU", count=2),
            "2 \N{MULTIPLICATION SIGN} A GPU",
            "2 \N{MULTIPLICATION SIGN} A GPU",
        ),
    ],
)
def test_numbers_are_compared_within_a_device_class(
    add: Callable[..., StoredRecord], device: DeviceInputs, group: str, name: str
) -> None:
    """A time belongs to a CPU's model, everything else to `cpu` or to the CUDA device and how many."""
    stored = add(1.0, device=device)
    provenance = provenance_of(stored.record, stored.digest)
    assert (provenance.device_group, provenance.device) == (group, name)


def test_a_run_of_the_history_is_light(add: Callable[..., StoredRecord]) -> None:
    """Only the run that is shown carries the whole record."""
    stored = add(1.0)
    whole, outline = provenance_of(stored.record, stored.digest), outline_of(stored.record, stored.digest)
    assert set(whole.facts) == {"inputs", "cells", "observed", "run"}
    assert outline == replace(whole, facts=outline.facts)
    assert not outline.facts
