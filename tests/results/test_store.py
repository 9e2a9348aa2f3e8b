"""Records on disk: found again, and never believed when damaged."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import DisplayOutput, ErrorOutput, Output, StreamOutput
from sitegen.frozen import FrozenDict, freeze
from sitegen.results.outputs import BLOB_ABOVE_BYTES, pack, unpack
from sitegen.results.record import SCHEMA, Record, canonical, decode, encode
from sitegen.results.store import Store, open_store

LONG = "x" * (BLOB_ABOVE_BYTES + 1)
MakeRecord = Callable[..., tuple[Record, dict[Digest, bytes]]]


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


def test_newest_record_of_a_key_comes_first(store: Store, config: Config, make: MakeRecord) -> None:
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


def test_index_is_told_of_only_where_an_older_one_is_gone(
    store: Store, config: Config, make: MakeRecord
) -> None:
    """A clone, or the first preview, has none and says nothing; a build whose index was deleted does."""
    store.add(*make())
    state = config.root / config.state_dir
    told = []
    for gone in (state, state / "results"):
        shutil.rmtree(gone)
        again = open_store(config)
        assert len(list(again.all())) == 1
        told.append([problem.message for problem in again.take_problems()])

    assert told == [[], ["the index of the results was made, of 1 file"]]


def test_record_file_is_named_by_its_bytes(store: Store, config: Config, make: MakeRecord) -> None:
    """The file is canonical JSON: the same record has the same name everywhere."""
    record, blobs = make(StreamOutput(name="stdout", text=LONG))
    stored = store.add(record, blobs)
    path = config.results_dir / "runs" / record.key / f"{stored.digest}.json"
    assert decode(path.read_bytes()) == record
    assert path.read_bytes() == encode(record)
    assert store.add(record, blobs).digest == stored.digest
    assert len(list(config.results_dir.rglob("*.json"))) == 1


def test_stored_outputs_are_loaded(store: Store, config: Config, make: MakeRecord) -> None:
    """A record is loaded with its blobs."""
    stored = store.add(*make(*OUTPUTS))
    run = store.load(stored)
    assert run is not None
    assert list(run.cells[0].outputs) == OUTPUTS


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": 1}', b'{"schema": 99}', b"\xff"])
def test_corrupt_record_is_skipped_once(
    store: Store, config: Config, make: MakeRecord, content: bytes
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
    later = open_store(config)
    assert [stored.digest for stored in later.all()] == [good.digest]
    assert later.take_problems() == ()


def test_damaged_blob_is_noticed_and_mended(store: Store, config: Config, make: MakeRecord) -> None:
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


def test_moved_record_is_not_believed(store: Store, config: Config, make: MakeRecord) -> None:
    """A record filed under another key is foreign."""
    stored = store.add(*make())
    wrong = config.results_dir / "runs" / ("1" * 64)
    (config.results_dir / "runs" / stored.record.key).rename(wrong)
    again = open_store(config)
    assert again.of_key(Digest(wrong.name)) == ()
    assert again.take_problems()[0].message.endswith("the key that it is filed under")


def test_unknown_fields_are_refused(make: MakeRecord) -> None:
    """A record with a field that this schema does not name is foreign."""
    data = msgspec.json.decode(encode(make()[0]))
    data["extra"] = 1
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.json.encode(data))


def test_key_ignores_order_of_parameters(make: MakeRecord) -> None:
    """The key is taken over canonical JSON, and differs where an input does."""
    record, _ = make()
    turned = msgspec.structs.replace(record.inputs, parameters={"a": [1.5, None], "b": 1})
    other = msgspec.structs.replace(record.inputs, interpreter="CPython 3.12.0")
    assert turned.key() == record.key
    assert other.key() != record.key
    assert other.but_device() == record.inputs.but_device()
    assert record.schema == SCHEMA


def test_accepted_record_is_found_again(store: Store, config: Config, make: MakeRecord) -> None:
    """An acceptance travels with the store; the first word for a record stands."""
    stored = store.add(*make())
    first = store.accept(stored, date=datetime(2030, 1, 2, tzinfo=UTC), commit="c0ffee")
    second = store.accept(stored, date=datetime(2030, 1, 3, tzinfo=UTC), commit=None)
    assert second == first
    assert open_store(config).acceptances() == {stored.digest: first}
    assert (config.results_dir / f"accepted/{stored.digest}.json").is_file()


@pytest.mark.parametrize("content", [b"{", b'{"schema": 2, "record": "1", "date": "2030-01-01T00:00:00Z"}'])
def test_damaged_acceptance_is_set_aside(
    store: Store, config: Config, make: MakeRecord, content: bytes
) -> None:
    """An acceptance of nothing, or of another record than its name says, accepts nothing."""
    stored = store.add(*make())
    (config.results_dir / "accepted").mkdir()
    (config.results_dir / f"accepted/{stored.digest}.json").write_bytes(content)
    again = open_store(config)
    assert again.acceptances() == {}
    assert [problem.code for problem in again.take_problems()] == ["SG309", "SG321"]
    assert open_store(config).take_problems() == ()


def test_every_record_is_given_page_by_page(store: Store, config: Config, make: MakeRecord) -> None:
    """`all` gives what `of_page` gives for each page."""
    for page, minutes in (("/b", 0), ("/a", 1), ("/a", 2)):
        store.add(*make(page=page, minutes=minutes))
    found = [(stored.record.page, stored.record.run.started.minute) for stored in open_store(config).all()]
    assert found == [("/a", 2), ("/a", 1), ("/b", 0)]


def test_damaged_record_comes_back_from_the_index(store: Store, config: Config, make: MakeRecord) -> None:
    """What the index still knows is written again; the damaged file is kept beside."""
    stored = store.add(*make())
    path = config.results_dir / "runs" / stored.record.key / f"{stored.digest}.json"
    good = path.read_bytes()
    path.write_bytes(good[:50])
    again = open_store(config)
    assert [found.digest for found in again.of_page(PageKey("/a"))] == [stored.digest]
    assert [problem.code for problem in again.take_problems()] == ["SG321"]
    assert path.read_bytes() == good
    assert [kept.read_bytes() for kept in (config.results_dir / "damaged").rglob("*.json.*")] == [good[:50]]
    assert open_store(config).take_problems() == ()


def test_changed_line_ends_harm_nothing(store: Store, config: Config, make: MakeRecord) -> None:
    """A checkout with `core.autocrlf` changes bytes, not results."""
    stored = store.add(*make(StreamOutput(name="stdout", text="line\n" * BLOB_ABOVE_BYTES)))
    (config.root / ".sitegen/results/index.sqlite").unlink()
    for path in (*config.results_dir.rglob("*.json"), *(config.results_dir / "blobs").iterdir()):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    again = open_store(config)
    (found,) = again.of_key(stored.record.key)
    run = again.load(found)
    assert run is not None
    assert "\r" not in msgspec.json.encode(run.cells[0].outputs[0].text).decode()  # type: ignore[union-attr]
    assert {problem.code for problem in again.take_problems()} == {"SG321"}


def test_records_of_another_schema_are_one_message(store: Store, config: Config, make: MakeRecord) -> None:
    """After an upgrade old records are counted, by version, and left where they are."""
    store.add(*make())
    for version, count in ((SCHEMA - 1, 3), (SCHEMA + 1, 1)):
        for number in range(count):
            data = msgspec.json.decode(encode(make(minutes=number)[0])) | {"schema": version, "new": number}
            content = canonical(data)
            folder = config.results_dir / "runs" / data["key"]
            digest = hashlib.sha256(content).hexdigest()
            (folder / f"{digest}.json").write_bytes(content)
    again = open_store(config)
    found = list(again.all())
    problems = [(problem.severity, problem.message) for problem in again.take_problems()]
    assert len(found) == 1
    assert problems == [
        ("info", f"3 records are of schema {SCHEMA - 1} and not used: this sitegen reads {SCHEMA}"),
        ("info", f"1 record is of schema {SCHEMA + 1} and not used: this sitegen reads {SCHEMA}"),
    ]
    assert len(list(config.results_dir.rglob("*.json"))) == 5


def test_foreign_files_are_reported_and_left(store: Store, config: Config, make: MakeRecord) -> None:
    """What somebody put among the records is named, never read as one, never moved; hidden files are nobody's."""
    store.add(*make())
    for number in range(7):
        (config.results_dir / f"runs/note-{number}.txt").write_text("mine", encoding="utf-8")
    (config.results_dir / "runs/.DS_Store").write_text("mine", encoding="utf-8")
    again = open_store(config)
    assert len(list(again.all())) == 1
    messages = [problem.message for problem in again.take_problems()]
    assert messages[:5] == ["not believed: it is not named as a record is"] * 5
    assert messages[5:] == ["2 more files among the results are not believed"]
    assert len(list((config.results_dir / "runs").glob("note-*"))) == 7


def test_folders_of_two_machines_are_copied_together(
    store: Store, config: Config, make: MakeRecord, tmp_path: Path
) -> None:
    """Two stores with runs of one key become one history; nothing is in conflict."""
    other = Config(root=tmp_path / "other", now=config.now, results_dir=tmp_path / "other/results")
    here = store.add(*make(StreamOutput(name="stdout", text=LONG)))
    away = open_store(other).add(*make(StreamOutput(name="stdout", text=LONG), minutes=5))
    open_store(other).accept(away, date=datetime(2030, 1, 2, tzinfo=UTC), commit=None)
    shutil.copytree(other.results_dir, config.results_dir, dirs_exist_ok=True)
    again = open_store(config)
    assert [found.digest for found in again.of_key(here.record.key)] == [away.digest, here.digest]
    assert all(again.load(found) is not None for found in again.all())
    assert list(again.acceptances()) == [away.digest]
    assert again.take_problems() == ()


def test_record_that_another_process_mends_meanwhile_stays(
    store: Store, config: Config, make: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is whole again when it is moved aside is moved back."""
    stored = store.add(*make())
    path = config.results_dir / "runs" / stored.record.key / f"{stored.digest}.json"
    good = path.read_bytes()
    path.write_bytes(b"cut")
    shutil.rmtree(config.root / ".sitegen")
    again = open_store(config)
    move = again.files.move

    def mended(source: str, to: str) -> None:
        if to.startswith("damaged/"):
            path.write_bytes(good)
        move(source, to)

    monkeypatch.setattr(again.files, "move", mended)
    again.of_page(PageKey("/a"))
    assert path.read_bytes() == good
    assert [found.digest for found in open_store(config).all()] == [stored.digest]


def test_damaged_record_that_cannot_be_moved_is_taken_from_the_index(
    store: Store, config: Config, make: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a store that cannot be written the index's copy counts, and the damage is told."""
    stored = store.add(*make())
    path = config.results_dir / "runs" / stored.record.key / f"{stored.digest}.json"
    path.write_bytes(b"cut")

    def refuse(source: str, to: str) -> None:
        raise PermissionError(13, "Permission denied")

    again = open_store(config)
    monkeypatch.setattr(again.files, "move", refuse)
    found = [found.digest for found in again.of_page(PageKey("/a"))]
    (problem,) = again.take_problems()
    assert found == [stored.digest]
    assert (problem.code, problem.hint) == ("SG309", "it cannot be moved away: remove it")
    assert path.read_bytes() == b"cut"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_store_that_cannot_be_read_is_reported(store: Store, config: Config, make: MakeRecord) -> None:
    """A folder without permission is a warning, and what the index knows is used."""
    stored = store.add(*make())
    runs = config.results_dir / "runs"
    runs.chmod(0)
    try:
        again = open_store(config)
        assert [found.digest for found in again.all()] == [stored.digest]
        assert [problem.code for problem in again.take_problems()] == ["SG309"]
    finally:
        runs.chmod(0o755)


def test_results_folder_that_is_a_file_is_reported(config: Config) -> None:
    """Nothing is found, and the reason is told."""
    config.results_dir.write_text("a file", encoding="utf-8")
    store = open_store(config)
    assert list(store.all()) == []
    assert [problem.code for problem in store.take_problems()] == ["SG309"]


def test_nothing_is_made_for_a_site_without_results(store: Store, config: Config) -> None:
    """Looking makes neither a folder nor an index."""
    assert store.of_page(PageKey("/a")) == ()
    assert list(store.all()) == []
    assert store.acceptances() == {}
    assert store.strangers() == ()
    assert list(config.root.iterdir()) == []
