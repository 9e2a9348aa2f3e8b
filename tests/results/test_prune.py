"""What may go from a store, and what never does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import StreamOutput
from sitegen.results.outputs import BLOB_ABOVE_BYTES
from sitegen.results.prune import plan, prune
from sitegen.results.record import SCHEMA, Record, canonical, encode
from sitegen.results.store import Store, open_store

MakeRecord = Callable[..., tuple[Record, dict[Digest, bytes]]]
HOUR_S = 3600.0


def _output(letter: str) -> StreamOutput:
    return StreamOutput(name="stdout", text=letter * (BLOB_ABOVE_BYTES + 1))


def _aged(config: Config) -> float:
    """Make every file of the store two hours old; gives the time that is now."""
    files = [file for file in config.results_dir.rglob("*") if file.is_file()]
    now_s = max(file.stat().st_mtime for file in files) + 1
    for file in files:
        os.utime(file, (now_s - 2 * HOUR_S, now_s - 2 * HOUR_S))
    return now_s


def _minutes(store: Store, page: str = "/a") -> list[int]:
    return [stored.record.run.started.minute for stored in store.of_page(PageKey(page))]


def test_newest_runs_of_each_page_device_and_profile_stay(
    store: Store, config: Config, make: MakeRecord
) -> None:
    """Five runs on a CPU never push out the one on a GPU; blobs go with the last run that names them."""
    for minutes in range(4):
        store.add(*make(_output(f"{minutes}"), seed=minutes, minutes=minutes))
    store.add(*make(_output("0"), page="/b"))
    store.add(*make(cuda="H200", minutes=1, seed=9))
    now_s = _aged(config)
    again = open_store(config)

    planned = plan(again, keep=2, in_use=(), now_s=now_s)
    removed = prune(again, planned, now_s=now_s)

    assert sorted(found.record.run.started.minute for found in planned.records) == [0, 1]
    assert len(planned.blobs) == 1  # what /b names stays
    assert removed == 3
    after = open_store(config)
    assert _minutes(after) == [3, 2, 1]
    assert all(after.load(found) is not None for found in after.all())
    assert after.take_problems() == ()
    assert again.of_page(PageKey("/a")) == after.of_page(PageKey("/a"))
    assert len(list((config.results_dir / "runs").iterdir())) == 4


def test_used_and_accepted_records_and_their_baselines_stay(
    store: Store, config: Config, make: MakeRecord
) -> None:
    """Whatever is newer, and with them what their drift is measured from."""
    other = [store.add(*make(seed=1, minutes=minutes)) for minutes in (10, 11, 12, 13)]
    store.accept(other[1], date=config.now, commit=None)
    now_s = _aged(config)

    planned = plan(store, keep=1, in_use={other[2].digest}, now_s=now_s)
    prune(store, planned, now_s=now_s)

    # 13 is the newest, 12 in use, 11 accepted and so the baseline of both
    assert _minutes(open_store(config)) == [13, 12, 11]


def test_first_run_of_a_code_stays_as_baseline(store: Store, config: Config, make: MakeRecord) -> None:
    """Without an acceptance the oldest run of a code is what drift is measured from."""
    for minutes in range(6):
        store.add(*make(minutes=minutes))
    now_s = _aged(config)
    prune(store, plan(store, keep=2, in_use=(), now_s=now_s), now_s=now_s)
    assert _minutes(open_store(config)) == [5, 4, 0]


def test_runs_that_failed_do_not_push_out_results(store: Store, config: Config, make: MakeRecord) -> None:
    """The newest runs stay, and as many of those that succeeded."""
    for minutes in range(3):
        store.add(*make(seed=1, minutes=minutes))
    for minutes in range(3, 6):
        store.add(*make(minutes=minutes, ok=False))
    now_s = _aged(config)
    prune(store, plan(store, keep=2, in_use=(), now_s=now_s), now_s=now_s)
    assert _minutes(open_store(config)) == [5, 4, 2, 1, 0]  # 0: the baseline of 1 and 2


def test_blobs_of_a_build_at_work_stay(store: Store, config: Config, make: MakeRecord) -> None:
    """Blobs are written before their record: a young one without a record is not touched."""
    record, blobs = make(_output("x"))
    (blob,) = blobs
    store.files.keep(f"blobs/{blob}", blobs[blob])
    store.add(*make(minutes=1))
    now_s = (config.results_dir / "blobs" / blob).stat().st_mtime + 1

    young = plan(store, keep=1, in_use=(), now_s=now_s)
    old = plan(store, keep=1, in_use=(), now_s=now_s + 2 * HOUR_S)
    store.add(record, blobs)  # touches the blob that is there, between plan and removal
    removed = prune(store, old, now_s=now_s)

    assert young.blobs == ()
    assert old.blobs == (f"blobs/{blob}",)
    assert removed == 0
    assert store.load(store.of_page(PageKey("/a"))[-1]) is not None


def test_records_of_older_schemas_go_and_newer_ones_stay(
    store: Store, config: Config, make: MakeRecord
) -> None:
    """What a newer sitegen wrote keeps its blobs, too."""
    record, blobs = make(_output("n"))
    newer = canonical({"schema": SCHEMA + 1, **_fields(record, minus=("schema",))})
    older = canonical({"schema": SCHEMA - 1})
    for content in (newer, older):
        _write(config, record.key, content)
    (blob,) = blobs
    store.files.keep(f"blobs/{blob}", blobs[blob])
    now_s = _aged(config)

    planned = plan(store, keep=1, in_use=(), now_s=now_s)

    assert len(planned.other_schema) == 1
    assert planned.blobs == ()


def test_damaged_files_go_after_an_hour(store: Store, config: Config, make: MakeRecord) -> None:
    """What was set aside is shown in the plan and removed with the rest."""
    store.add(*make())
    aside = config.results_dir / "damaged/blobs/1.2"
    aside.parent.mkdir(parents=True)
    aside.write_bytes(b"cut")
    now_s = _aged(config)
    planned = plan(store, keep=1, in_use=(), now_s=now_s)
    assert (planned.set_aside, planned.size_bytes) == (("damaged/blobs/1.2",), 3)
    prune(store, planned, now_s=now_s)
    assert not aside.exists()


def test_store_that_cannot_be_listed_is_not_pruned(
    store: Store, config: Config, make: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With part of the records unseen no blob can be called an orphan."""
    store.add(*make())

    def fail(folder: str) -> None:
        raise OSError(5, "down")

    again = open_store(config)
    monkeypatch.setattr(again.files, "listing", fail)
    with pytest.raises(OSError, match="down"):
        plan(again, keep=1, in_use=(), now_s=0.0)


def _fields(record: Record, minus: tuple[str, ...]) -> dict[str, object]:
    return {name: value for name, value in msgspec.json.decode(encode(record)).items() if name not in minus}


def _write(config: Config, key: str, content: bytes) -> Path:
    path = config.results_dir / "runs" / key / f"{hashlib.sha256(content).hexdigest()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
