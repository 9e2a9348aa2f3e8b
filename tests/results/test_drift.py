"""Drift, on records made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sitegen.content.document import CellId, Digest, PageKey
from sitegen.results.drift import baseline_of, drifts_of
from sitegen.results.record import (
    CHANGED,
    UNWATCHED,
    CellInputs,
    CellPart,
    DependsFile,
    DeviceInputs,
    Environment,
    Inputs,
    MetricPart,
    Observed,
    ObservedFile,
    Record,
    RunFacts,
)
from sitegen.results.store import StoredRecord

CPU = DeviceInputs(kind="cpu")
GPU = DeviceInputs(kind="cuda", name="H200", count=1)
HELPER = ObservedFile(path="helper.py", base="page", digest=Digest("a" * 64))


def _stored(
    day: int,
    value: float,
    *,
    tolerance: float | None = 0.1,
    source: str = "code",
    interpreter: str = "CPython 3.11.9",
    device: DeviceInputs = CPU,
    profile: Any = "full",
    seed: int | None = None,
    depends: str = "data",
    observed: Observed | None = None,
    ok: bool = True,
) -> StoredRecord:
    inputs = Inputs(
        list_version=1,
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
        expressions=Digest(""),
        kernel="python3",
        language="python",
        interpreter=interpreter,
        parameters={},
        profile=profile,
        seed=seed,
        env={},
        device=device,
        depends=(DependsFile(path="data.csv", digest=Digest(depends)),),
    )
    record = Record(
        key=inputs.key(),
        page=PageKey("/a"),
        inputs=inputs,
        cells=(
            CellPart(
                id=CellId("cell-1"), label=None, source=Digest(source), status="ok", outputs=(), seconds=1.0
            ),
        ),
        values=(),
        metrics=(MetricPart(name="loss", value=value, tolerance=tolerance, cell="cell-1"),),
        environment=Environment(),
        run=RunFacts(
            started=datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=day),
            seconds=1.0,
            seed=seed,
            parameters={},
            profile=profile,
            backend="local",
            host_class="local",
            commit=None,
            is_dirty=False,
            device_kind="cuda" if device.kind == "cuda" else "cpu",
        ),
        observed=observed or Observed(files=(HELPER,)),
        ok=ok,
    )
    return StoredRecord(digest=Digest(f"{day:064d}"), record=record)


def test_value_beyond_its_tolerance_has_drifted() -> None:
    """Old value, new value, and which record is meant."""
    first, now = _stored(1, 1.0), _stored(2, 1.2)

    (drift,) = drifts_of(now, [first, now], ())

    assert (drift.metric, drift.value, drift.baseline, drift.tolerance) == ("loss", 1.2, 1.0, 0.1)
    assert (drift.baseline_record, drift.baseline_started) == (first.digest, first.record.run.started)


@pytest.mark.parametrize(("value", "tolerance"), [(1.1, 0.1), (0.9, 0.1), (1.0, 0.0), (9.0, None)], ids=str)
def test_value_within_its_tolerance_has_not(value: float, tolerance: float | None) -> None:
    """The tolerance itself still belongs to it; a metric without one never drifts."""
    now = _stored(2, value, tolerance=tolerance)

    assert drifts_of(now, [_stored(1, 1.0)], ()) == ()


@pytest.mark.parametrize(
    "other",
    [
        {"source": "other"},
        {"device": GPU},
        {"profile": "smoke"},
        {"seed": 3},
        {"depends": "other"},
        {"observed": Observed(files=(ObservedFile(path="helper.py", base="page", digest=Digest("b")),))},
        {"observed": Observed()},
        {"observed": Observed(files=(ObservedFile(path="helper.py", base="page", digest=CHANGED),))},
        {"observed": Observed(files=(HELPER,), unseen=(UNWATCHED,))},
        {"ok": False},
    ],
    ids=lambda value: "-".join(f"{name}" for name in value),
)
def test_baseline_has_the_same_code_and_inputs(other: dict[str, Any]) -> None:
    """Items 1, 3, 5 and 8, device class and profile; and it did not fail."""
    now = _stored(2, 5.0)

    assert baseline_of(now, [_stored(1, 1.0, **other)], ()) is None


@pytest.mark.parametrize(
    "other",
    [
        {"interpreter": "CPython 3.12.0"},
        {"observed": Observed(files=(HELPER,), distributions={"numpy": "2.4.5"})},
    ],
    ids=["interpreter", "packages"],
)
def test_environment_may_lie_between(other: dict[str, Any]) -> None:
    """Drift is what another environment, or chance, makes of the same code."""
    first, now = _stored(1, 1.0, **other), _stored(2, 5.0)

    assert baseline_of(now, [first], ()) == first


def test_baseline_is_the_newest_accepted() -> None:
    """The first is accepted until somebody accepts another; what nobody accepted is none."""
    first, second, third, now = (_stored(day, float(day)) for day in (1, 2, 3, 4))
    history = [now, third, second, first]

    assert baseline_of(now, history, ()) == first
    assert baseline_of(now, history, {second.digest}) == second
    assert baseline_of(now, history, {second.digest, now.digest}) is None


def test_accepted_record_is_no_drift() -> None:
    """An older record that is used again, and that a person has accepted, is no drift from a newer one."""
    older, newer = _stored(2, 2.0), _stored(3, 3.0)
    history = [newer, older, _stored(1, 1.0)]

    assert drifts_of(older, history, {older.digest, newer.digest}) == ()
    assert len(drifts_of(older, history, {newer.digest})) == 1


def test_smoke_and_failed_runs_do_not_drift() -> None:
    """Neither is compared with anything."""
    for now in (_stored(2, 9.0, profile="smoke"), _stored(2, 9.0, ok=False)):
        assert drifts_of(now, [_stored(1, 1.0, profile=now.record.run.profile)], ()) == ()
