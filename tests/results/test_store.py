"""Records on disk: found again, and never believed when damaged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from sitegen.config import Config
from sitegen.content.document import CellId, Digest, DisplayOutput, ErrorOutput, Output, PageKey, StreamOutput
from sitegen.frozen import FrozenDict, freeze
from sitegen.results.outputs import BLOB_ABOVE_BYTES, pack, unpack
from sitegen.results.record import (
    KEY_LIST,
    SCHEMA,
    CellPart,
    DeviceInputs,
    Environment,
    Inputs,
    Observed,
    Record,
    RunFacts,
    decode,
    encode,
)
from sitegen.results.store import Store, open_store

LONG = "x" * (BLOB_ABOVE_BYTES + 1)
START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Of a site in a temporary folder."""
    return Config(root=tmp_path, now=START, results_dir=tmp_path / "results")


@pytest.fixture
def store(config: Config) -> Store:
    """An empty store."""
    return open_store(config)


@pytest.fixture
def make() -> Callable[..., tuple[Record, dict[Digest, bytes]]]:
    """Makes a record of one cell, so many minutes after the start."""

    def record(
        *outputs: Output, page: str = "/a", seed: int | None = None, minutes: int = 0
    ) -> tuple[Record, dict[Digest, bytes]]:
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
            device=DeviceInputs(kind="cpu"),
            depends=(),
        )
        cell = CellPart(
            id=CellId("cell-1"),
            label=None,
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
            device_kind="cpu",
        )
        return (
            Record(
                key=inputs.key(),
                page=PageKey(page),
                inputs=inputs,
                cells=(cell,),
                values=(),
                metrics=(),
                environment=Environment(),
                run=facts,
                observed=Observed(),
                ok=True,
            ),
            blobs,
        )

    return record


OUTPUTS: list[Output] = [
    StreamOutput(name="stderr", text="short"),
    StreamOutput(name="stdout", text=LONG + "é"),
    ErrorOutput(name="E", value="v", traceback="t"),
    DisplayOutput(
        data=FrozenDict(
            {
                "text/html": LONG,
                "application/json": freeze({"a": [1, {"b": None}]}),
                "application/vnd.plotly.v1+json": freeze({"data": [LONG]}),
                "text/plain": "p",
            }
        ),
        metadata=freeze({"needs_background": "light"}),
        is_result=True,
    ),
]


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_outputs_survive_packing(output: Output) -> None:
    """What is packed comes back the same, in the same order, long contents as blobs."""
    blobs: dict[Digest, bytes] = {}
    part = pack(output, blobs)
    back = unpack(part, lambda digest: blobs[digest])
    assert back == output
    if isinstance(output, DisplayOutput) and isinstance(back, DisplayOutput):
        assert list(back.data) == list(output.data)


def test_newest_record_of_a_key_comes_first(
    store: Store, config: Config, make: Callable[..., tuple[Record, dict[Digest, bytes]]]
) -> None:
    """Runs of one key stand side by side; another key is another folder."""
    for minutes in (1, 3, 2):
        store.add(*make(minutes=minutes))
    store.add(*make(seed=1, page="/b"))
    again = open_store(config)
    key = make()[0].key
    starts = [stored.record.run.started.minute for stored in again.of_key(key)]
    assert starts == [3, 2, 1]
    assert len(again.of_page(PageKey("/a"))) == 3
    assert len(again.of_page(PageKey("/b"))) == 1
    assert again.take_problems() == ()


def test_record_file_is_named_by_its_bytes(
    store: Store, config: Config, make: Callable[..., tuple[Record, dict[Digest, bytes]]]
) -> None:
    """The file is canonical JSON: the same record has the same name everywhere."""
    record, blobs = make(StreamOutput(name="stdout", text=LONG))
    stored = store.add(record, blobs)
    path = config.results_dir / "runs" / record.key / f"{stored.digest}.json"
    assert decode(path.read_bytes()) == record
    assert path.read_bytes() == encode(record)
    assert store.add(record, blobs).digest == stored.digest
    assert len(list(config.results_dir.rglob("*.json"))) == 1


def test_stored_outputs_are_loaded(
    store: Store, config: Config, make: Callable[..., tuple[Record, dict[Digest, bytes]]]
) -> None:
    """A record is loaded with its blobs."""
    stored = store.add(*make(*OUTPUTS))
    run = store.load(stored)
    assert run is not None
    assert list(run.cells[0].outputs) == OUTPUTS


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": 1}', b'{"schema": 99}', b"\xff"])
def test_corrupt_record_is_skipped_once(
    store: Store, config: Config, make: Callable[..., tuple[Record, dict[Digest, bytes]]], content: bytes
) -> None:
    """A file that is no record is reported with its path, once, and the rest is used."""
    good = store.add(*make(minutes=1))
    folder = config.results_dir / "runs" / good.record.key
    (folder / f"{'0' * 64}.json").write_bytes(content)
    again = open_store(config)
    found = [*again.of_key(good.record.key), *again.of_page(PageKey("/a"))]
    problem, mended = again.take_problems()
    assert [stored.digest for stored in found] == [good.digest] * 2
    assert (problem.code, mended.code) == ("SG309", "SG321")
    assert str(problem.location).startswith("results/runs/")
    assert [path.read_bytes() for path in (config.results_dir / "damaged").rglob("*.json.*")] == [content]
    assert open_store(config).all() and open_store(config).take_problems() == ()


def test_damaged_blob_is_noticed_and_mended(
    store: Store, config: Config, make: Callable[..., tuple[Record, dict[Digest, bytes]]]
) -> None:
    """A truncated blob makes its record unusable; the next run of the same output writes it again."""
    record, blobs = make(StreamOutput(name="stdout", text=LONG))
    stored = store.add(record, blobs)
    (blob,) = (config.results_dir / "blobs").iterdir()
    blob.write_bytes(b"cut")
    damaged = store.load(stored)
    problems = [problem.message for problem in store.take_problems()]
    store.add(record, blobs)
    assert damaged is None
    assert problems == [
        f"a run of `/a` cannot be shown: blob {blob.name[:12]} is damaged",
        "1 damaged file was set aside in `results/damaged`",
    ]
    assert store.load(stored) is not None


def test_moved_record_is_not_believed(
    store: Store, config: Config, make: Callable[..., tuple[Record, dict[Digest, bytes]]]
) -> None:
    """A record filed under another key is foreign."""
    stored = store.add(*make())
    wrong = config.results_dir / "runs" / ("1" * 64)
    (config.results_dir / "runs" / stored.record.key).rename(wrong)
    again = open_store(config)
    assert again.of_key(Digest(wrong.name)) == ()
    assert again.take_problems()[0].message.endswith("the key that it is filed under")


def test_unknown_fields_are_refused(make: Callable[..., tuple[Record, dict[Digest, bytes]]]) -> None:
    """A record with a field that this schema does not name is foreign."""
    data = msgspec.json.decode(encode(make()[0]))
    data["extra"] = 1
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.json.encode(data))


def test_key_ignores_order_of_parameters(make: Callable[..., tuple[Record, dict[Digest, bytes]]]) -> None:
    """The key is taken over canonical JSON, and differs where an input does."""
    record, _ = make()
    turned = msgspec.structs.replace(record.inputs, parameters={"a": [1.5, None], "b": 1})
    other = msgspec.structs.replace(record.inputs, interpreter="CPython 3.12.0")
    assert turned.key() == record.key
    assert other.key() != record.key
    assert other.but_device() == record.inputs.but_device()
    assert record.schema == SCHEMA
