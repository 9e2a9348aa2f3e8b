"""Two records side by side, in words."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sitegen.content.document import CellId, Digest
from sitegen.content.executed import StreamOutput
from sitegen.results.compare import compare, metric_words
from sitegen.results.export import COLUMNS, as_csv, export_rows
from sitegen.results.record import (
    CellInputs,
    CellPart,
    DependsFile,
    DeviceInputs,
    Environment,
    MetricPart,
    Observed,
    ObservedFile,
    ObservedFolder,
    ObservedPath,
    Record,
    ReferencePart,
)
from sitegen.results.store import Store

MakeRecord = Callable[..., tuple[Record, dict[Digest, bytes]]]


def _inputs(record: Record, **changes: object) -> Record:
    return msgspec.structs.replace(record, inputs=msgspec.structs.replace(record.inputs, **changes))


def _cell(number: int, label: str | None, source: str) -> CellPart:
    return CellPart(
        id=CellId(f"cell-{number}"), label=label, source=Digest(source), status="ok", outputs=(), seconds=1.0
    )


def _words(before: Record, after: Record) -> list[str]:
    return [change.words() for change in compare(before, after)]


def test_only_the_time_differs(make: MakeRecord) -> None:
    """Two runs that gave the same have no differences."""
    assert compare(make(minutes=0)[0], make(minutes=5)[0]) == ()


def test_inputs_are_told_one_by_one(make: MakeRecord) -> None:
    """Parameters, seed, interpreter, device, variables and named files."""
    before = _inputs(
        make()[0], depends=(DependsFile(path="a.csv", digest=Digest("1")),), env={"MODE": "fast"}
    )
    after = _inputs(
        make(seed=3)[0],
        parameters={"b": 2, "c": "x"},
        interpreter="CPython 3.11.10",
        device=DeviceInputs(kind="cuda", name="H200", count=2),
        depends=(
            DependsFile(path="a.csv", digest=Digest("2")),
            DependsFile(path="b.csv", digest=Digest("3")),
        ),
        env={"MODE": None},
    )
    assert _words(before, after) == [
        "interpreter CPython 3.11.9 -> CPython 3.11.10",
        "seed none -> 3",
        "device cpu -> 2 x H200",
        "parameter b 1 -> 2",
        "parameter c added: x",
        "parameter a gone: [1.5,null]",
        "variable MODE gone: fast",
        "a.csv changed",
        "b.csv added",
    ]


def test_cells_are_named_by_their_labels(make: MakeRecord) -> None:
    """A cell whose code changed, one that is new, one that is gone, and an option that changes what is drawn."""
    drawn = CellInputs(
        id="1",
        source=Digest("1"),
        exec=True,
        error=False,
        device="auto",
        fig_width=6.0,
        fig_height=None,
        fig_format="svg",
        tags=(),
    )
    record = make()[0]
    before = _inputs(
        msgspec.structs.replace(record, cells=(_cell(1, "train", "1"), _cell(2, None, "2"))), cells=(drawn,)
    )
    after = _inputs(
        msgspec.structs.replace(record, cells=(_cell(1, "train", "9"), _cell(2, "plot", "2"))),
        cells=(msgspec.structs.replace(drawn, fig_width=8.0),),
    )
    assert _words(before, after) == [
        'cell "train" changed',
        'cell "plot" added',
        "cell 2 gone",
        "cell 1: fig-width 6.0 -> 8.0",
    ]


def test_what_was_observed_and_where_is_told(make: MakeRecord) -> None:
    """Versions, files, folders, absences and the machine."""
    record = make()[0]
    before = msgspec.structs.replace(
        record,
        environment=Environment(cpu_model="m1", cpu_count=4, packages={"numpy": "1"}),
        observed=Observed(
            distributions={"numpy": "2.4.5", "pandas": "3.0"},
            files=(ObservedFile(path="data/returns.csv", base="site", digest=Digest("1")),),
            folders=(ObservedFolder(path="data", base="site", names=("a",)),),
            absent=(ObservedPath(path="local.toml", base="site"),),
        ),
    )
    after = msgspec.structs.replace(
        record,
        environment=Environment(cpu_model="m2", cpu_count=4, packages={"numpy": "2"}),
        observed=Observed(
            distributions={"numpy": "2.4.6"},
            files=(ObservedFile(path="data/returns.csv", base="site", digest=Digest("2")),),
            folders=(ObservedFolder(path="data", base="site", names=("a", "b")),),
        ),
    )
    assert _words(before, after) == [
        "CPU model m1 -> m2",
        "numpy 2.4.5 -> 2.4.6",
        "pandas gone: 3.0",
        "data/returns.csv changed",
        "the names in data/ changed",
        "local.toml (looked for in vain) gone",
    ]


def test_metrics_and_outputs_are_told_by_cell(make: MakeRecord) -> None:
    """Old and new value of a metric; which cell gave other outputs."""
    before = make(StreamOutput(name="stdout", text="1"), metrics={"loss": 0.5, "old": 1})[0]
    after = make(StreamOutput(name="stdout", text="2"), metrics={"loss": 0.25})[0]
    found = compare(before, after)
    assert [change.words() for change in found] == [
        "loss 0.5 -> 0.25",
        "old gone: 1",
        'cell "train": outputs changed',
    ]
    assert [change.subject for change in found] == ["metrics", "metrics", "outputs"]


def test_metric_has_its_spread_and_unit() -> None:
    """As a person reads it."""
    metric = MetricPart(name="r", value=478.21, spread=3.1, n=5, unit="points")
    assert metric_words(metric) == "478.21 ± 3.1 (n = 5) points"


def test_export_has_a_row_for_each_metric(store: Store, make: MakeRecord) -> None:
    """Each with its provenance, in columns that stay."""
    record = msgspec.structs.replace(
        make(cuda="H200")[0],
        metrics=(
            MetricPart(name="loss", value=0.5, reference=ReferencePart(value=0.4, source="A, 2024")),
            MetricPart(name="speed", value=9.0, unit="it/s"),
        ),
        environment=Environment(cuda_device="H200", packages={"torch": "2.13.0", "numpy": "2.4.6"}),
    )
    stored = store.add(record, {})
    rows = export_rows(store.all(), {stored.digest})
    lines = as_csv(rows).splitlines()
    assert [(row["metric"], row["value"], row["accepted"]) for row in rows] == [
        ("loss", 0.5, True),
        ("speed", 9.0, True),
    ]
    assert lines[0] == ",".join(COLUMNS)
    assert '0.4,"A, 2024"' in lines[1]
    assert lines[2].endswith("numpy 2.4.6; torch 2.13.0")
