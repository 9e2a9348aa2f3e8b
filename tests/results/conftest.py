"""Records made up for the store, and the site that they are of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitegen.config import Config
from sitegen.content.document import CellId, Digest, PageKey
from sitegen.content.executed import Output
from sitegen.results.outputs import pack
from sitegen.results.record import (
    KEY_LIST,
    CellPart,
    DeviceInputs,
    Environment,
    Inputs,
    MetricPart,
    Observed,
    Record,
    RunFacts,
)
from sitegen.results.store import Store, open_store

START = datetime(2030, 1, 1, tzinfo=UTC)
MakeRecord = Callable[..., tuple[Record, dict[Digest, bytes]]]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Of a site in a temporary folder."""
    return Config(root=tmp_path, now=START, results_dir=tmp_path / "results")


@pytest.fixture
def store(config: Config) -> Store:
    """An empty store."""
    return open_store(config)


@pytest.fixture
def make() -> MakeRecord:
    """Makes a record of one cell, so many minutes after the start."""
    return make_record


def make_record(
    *outputs: Output,
    page: str = "/a",
    seed: int | None = None,
    minutes: int = 0,
    metrics: dict[str, float] | None = None,
    cuda: str = "",
    **changes: Any,
) -> tuple[Record, dict[Digest, bytes]]:
    """A record of one cell with its blobs; `changes` are fields of the record."""
    blobs: dict[Digest, bytes] = {}
    inputs = Inputs(
        list_version=KEY_LIST,
        cells=(),
        expressions=Digest("0"),
        kernel="python3",
        language="python",
        interpreter="CPython 3.11.9",
        parameters={"b": 1, "a": [1.5, None]},
        profile="full",
        seed=seed,
        env={},
        device=DeviceInputs(kind="cuda", name=cuda, count=1) if cuda else DeviceInputs(kind="cpu"),
        depends=(),
    )
    cell = CellPart(
        id=CellId("cell-1"),
        label="train",
        source=Digest("1"),
        status="ok",
        outputs=tuple(pack(output, blobs) for output in outputs),
        seconds=0.5,
    )
    facts = RunFacts(
        started=START + timedelta(minutes=minutes),
        seconds=1.0,
        seed=seed,
        parameters={},
        profile="full",
        backend="local",
        host_class="local",
        commit=None,
        is_dirty=False,
        device_kind="cuda" if cuda else "cpu",
    )
    record = Record(
        key=inputs.key(),
        page=PageKey(page),
        inputs=inputs,
        cells=(cell,),
        values=(),
        metrics=tuple(MetricPart(name=name, value=value) for name, value in (metrics or {}).items()),
        environment=Environment(cuda_device=cuda),
        run=facts,
        observed=Observed(),
        ok=True,
    )
    return msgspec.structs.replace(record, **changes), blobs
