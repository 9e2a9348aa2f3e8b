"""The index is worth nothing but time: with it, without it, damaged, locked or of another version, the answers are the same."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.results import index as index_module
from sitegen.results.index import SCHEMA, Index, Row
from sitegen.results.record import Record
from sitegen.results.store import Store, open_store

MakeRecord = Callable[..., tuple[Record, dict[Digest, bytes]]]


def _index(config: Config) -> Path:
    return config.root / ".sitegen/results/index.sqlite"


def _answers(store: Store) -> list[tuple[str, ...]]:
    pages = [tuple(found.digest for found in store.of_page(PageKey(page))) for page in ("/a", "/b", "/c")]
    return [tuple(found.digest for found in store.all()), *pages, tuple(store.acceptances())]


def _codes(store: Store) -> list[str]:
    return [problem.code for problem in store.take_problems()]


@pytest.fixture
def filled(config: Config, make: MakeRecord) -> list[tuple[str, ...]]:
    """A store of four records and an acceptance, closed again; gives what it answers."""
    store = open_store(config)
    for number, page in enumerate(("/a", "/a", "/b", "/c")):
        stored = store.add(*make(page=page, minutes=number))
    store.accept(stored, date=config.now, commit=None)
    return _answers(store)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"this is no database" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 20000),
        lambda path: path.write_bytes(b""),
    ],
    ids=["deleted", "garbage", "cut", "overwritten", "empty"],
)
def test_harmed_index_is_made_anew(
    filled: list[tuple[str, ...]], config: Config, harm: Callable[[Path], None]
) -> None:
    """The next look reads the records, says so once, and the look after that says nothing."""
    for extra in ("-wal", "-shm"):
        _index(config).with_name(f"index.sqlite{extra}").unlink(missing_ok=True)
    harm(_index(config))
    store = open_store(config)
    assert _answers(store) == filled
    assert _codes(store) == ["SG321"]
    later = open_store(config)
    assert _answers(later) == filled
    assert later.take_problems() == ()


@pytest.mark.parametrize(
    "statement",
    [f"PRAGMA user_version = {SCHEMA - 1}", f"PRAGMA user_version = {SCHEMA + 1}", "DROP TABLE files"],
    ids=["older", "newer", "without table"],
)
def test_index_of_another_schema_is_made_anew(
    filled: list[tuple[str, ...]], config: Config, statement: str
) -> None:
    """A file of another version is not guessed at."""
    with closing(sqlite3.connect(_index(config))) as database, database:
        database.execute(statement)
    store = open_store(config)
    assert _answers(store) == filled
    assert _codes(store) == ["SG321"]


def test_index_with_a_wrong_content_is_made_anew(filled: list[tuple[str, ...]], config: Config) -> None:
    """A record is compared with the digest in its name before it is believed."""
    with closing(sqlite3.connect(_index(config))) as database, database:
        database.execute("UPDATE files SET content = replace(content, '/a', '/x') WHERE page = '/a'")
    store = open_store(config)
    assert _answers(store) == filled
    assert _codes(store) == ["SG321"]


def test_locked_index_is_done_without(
    filled: list[tuple[str, ...]],
    config: Config,
    make: MakeRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A build that cannot have the index reads the records itself, and loses none."""
    monkeypatch.setattr(index_module, "_LOCK_TIMEOUT_S", 0.01)
    with closing(sqlite3.connect(_index(config), isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        store = open_store(config)
        added = store.add(*make(page="/b", minutes=9))
        during, codes = _answers(store), _codes(store)
    assert codes == ["SG321"]
    assert len(during[0]) == 5
    assert added.digest in during[2]
    assert _answers(open_store(config)) == during


def test_index_that_cannot_be_written_is_done_without(filled: list[tuple[str, ...]], config: Config) -> None:
    """Where the state folder cannot be made, here since a file is in its place, it is held in memory."""
    shutil.rmtree(config.root / ".sitegen")
    (config.root / ".sitegen").write_text("a file", encoding="utf-8")
    store = open_store(config)
    assert _answers(store) == filled
    assert _codes(store) == ["SG321"]


def test_records_are_not_read_twice(
    filled: list[tuple[str, ...]], config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an index in order a store is listed, and no file of it is opened."""
    store = open_store(config)
    monkeypatch.setattr(store.files, "read", lambda path: pytest.fail(f"{path} was read"))
    assert _answers(store) == filled


def test_index_is_made_by_two_at_once(tmp_path: Path) -> None:
    """Both have a table, and each sees what the other has written."""
    path = tmp_path / "deep/index.sqlite"
    ready = threading.Barrier(2)
    notes: list[str] = []

    def work(name: str) -> None:
        index = Index(path)
        ready.wait(10)
        for number in range(20):
            index.update([Row(path=f"runs/{name}/{number}", stamp="1", page=name)])
        notes.extend(index.notes)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert notes == []
    assert len(Index(path).stamps()) == 40


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(("add", "cut", "remove", "stranger", "accept", "look", "forget")),
            st.integers(0, 5),
        ),
        max_size=12,
    )
)
def test_answers_are_those_without_index(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory, make: MakeRecord
) -> None:
    """Whatever is added, cut short, removed or looked at: what the index does not restore, both do without."""
    root = tmp_path_factory.mktemp("store")
    config = Config(root=root, now=make()[0].run.started, results_dir=root / "results")
    for step, number in steps:
        _do(step, number, config, make)

    _answers(open_store(config))  # mends what the index can restore
    with_index = _answers(open_store(config))
    shutil.rmtree(root / ".sitegen", ignore_errors=True)
    assert _answers(open_store(config)) == with_index


def _do(step: str, number: int, config: Config, make: MakeRecord) -> None:
    files = sorted(config.results_dir.glob("runs/*/*.json"))
    file = files[number % len(files)] if files else None
    store = open_store(config)
    if step == "add":
        store.add(*make(page=f"/{'abc'[number % 3]}", minutes=number))
    elif step == "look":
        _answers(store)
    elif step == "forget":
        shutil.rmtree(config.root / ".sitegen", ignore_errors=True)
    elif step == "accept" and (found := list(store.all())):
        store.accept(found[number % len(found)], date=config.now, commit=None)
    elif step == "cut" and file is not None:
        file.write_bytes(file.read_bytes()[: number * 10])
    elif step == "remove" and file is not None:
        file.unlink()
    elif step == "stranger" and file is not None:
        (file.parent / f"{number}.txt").write_text("mine", encoding="utf-8")
