"""The store in an object store: in memory, and in a server that speaks S3."""

from __future__ import annotations

import itertools
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import StreamOutput
from sitegen.errors import ConfigError
from sitegen.results.files import FolderFiles
from sitegen.results.objects import ObjectFiles
from sitegen.results.outputs import BLOB_ABOVE_BYTES
from sitegen.results.record import Record
from sitegen.results.spool import SpooledFiles
from sitegen.results.store import Store, open_store

fsspec = pytest.importorskip("fsspec")
MakeRecord = Callable[..., tuple[Record, dict[Digest, bytes]]]
LONG = StreamOutput(name="stdout", text="x" * (BLOB_ABOVE_BYTES + 1))
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server of this process."""
    pytest.importorskip("s3fs")
    server_module = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["memory", "s3"])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place of its own."""
    if request.param == "memory":
        return f"memory://store-{next(_NUMBERS)}/results"
    return _bucket(request.getfixturevalue("s3"), monkeypatch)


def _bucket(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in (
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    fsspec.filesystem("s3").clear_instance_cache()
    name = f"bucket-{next(_NUMBERS)}"
    fsspec.filesystem("s3").mkdir(name)
    return f"s3://{name}/some/results"


def _config(root: Path, url: str, make: MakeRecord) -> Config:
    return Config(
        root=root, now=make()[0].run.started, results_dir=root / "results", results_url=url.rstrip("/")
    )


class _Counted(ObjectFiles):
    """Knows the files that were fetched from it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.paths: list[str] = []

    def read(self, path: str) -> bytes:
        self.paths.append(path)
        return super().read(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | OSError]]:
        asked = list(paths)
        self.paths += asked
        return super().read_many(asked)


class _Offline:
    """A file system of fsspec whose network is down."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("could not connect to the endpoint\nand more")

        return fail


def test_results_of_one_machine_are_found_by_another(url: str, tmp_path: Path, make: MakeRecord) -> None:
    """Records, blobs and acceptances go there and come back; nothing stays in the folder."""
    here, there = _config(tmp_path / "a", url, make), _config(tmp_path / "b", url, make)
    first = open_store(here).add(*make(LONG))
    second = open_store(there).add(*make(LONG, minutes=1))
    open_store(here).accept(first, date=here.now, commit=None)

    store = open_store(there)
    found = store.of_page(PageKey("/a"))
    runs = [store.load(stored) for stored in found]

    assert [stored.digest for stored in found] == [second.digest, first.digest]
    assert [run.cells[0].outputs for run in runs if run is not None] == [(LONG,), (LONG,)]
    assert list(store.acceptances()) == [first.digest]
    assert store.take_problems() == ()
    assert not here.results_dir.exists()


def test_build_without_change_fetches_nothing(url: str, tmp_path: Path, make: MakeRecord) -> None:
    """Records and blobs are immutable: what was fetched once is taken from here."""
    open_store(_config(tmp_path / "a", url, make)).add(*make(LONG))
    config = _config(tmp_path / "b", url, make)
    for expected in (2, 0):
        counted = _Counted(url)
        store = Store(SpooledFiles(counted, FolderFiles(tmp_path / "unsent", "unsent")), config)
        (stored,) = store.of_page(PageKey("/a"))
        assert store.load(stored) is not None
        assert len(counted.paths) == expected


def test_damaged_objects_are_set_aside(url: str, tmp_path: Path, make: MakeRecord) -> None:
    """As in a folder: never believed, kept beside, said once, and written again by the next run."""
    config = _config(tmp_path, url, make)
    record, blobs = make(LONG)
    bad = open_store(config).add(record, blobs)
    good = open_store(config).add(*make(minutes=1))
    system, root = fsspec.core.url_to_fs(url)
    (blob,) = blobs
    system.pipe_file(f"{root}/runs/{record.key}/{bad.digest}.json", b"{")
    system.pipe_file(f"{root}/blobs/{blob}", b"cut")
    (tmp_path / ".sitegen/results/index.sqlite").unlink()
    shutil.rmtree(tmp_path / ".sitegen/results/blobs")

    store = open_store(config)
    found = [stored.digest for stored in store.all()]
    messages = [problem.message for problem in store.take_problems()]
    store.add(record, blobs)
    again = open_store(config)
    runs = [again.load(stored) for stored in again.all()]

    assert found == [good.digest]
    assert messages == [
        f"`runs/{record.key}/{bad.digest}.json`: damaged: its content does not have the digest it is named by",
        "the index of the results was made, of 2 files",
        f"1 damaged file was set aside in `{url}/damaged`",
    ]
    assert [run.digest for run in runs if run is not None] == [good.digest, bad.digest]
    assert len(again.files.listing("damaged")) == 1


def test_damaged_remote_blob_is_noticed(url: str, tmp_path: Path, make: MakeRecord) -> None:
    """A blob that is fetched is compared with its name."""
    record, blobs = make(LONG)
    open_store(_config(tmp_path / "a", url, make)).add(record, blobs)
    system, root = fsspec.core.url_to_fs(url)
    (blob,) = blobs
    system.pipe_file(f"{root}/blobs/{blob}", b"cut")
    store = open_store(_config(tmp_path / "b", url, make))
    (stored,) = store.of_page(PageKey("/a"))
    assert store.load(stored) is None
    assert [problem.code for problem in store.take_problems()] == ["SG309", "SG321"]
    store.add(record, blobs)
    assert store.load(stored) is not None


def test_writers_at_once_lose_nothing(url: str, tmp_path: Path, make: MakeRecord) -> None:
    """Several machines write runs of one key with one blob; all are there, and all are whole."""

    def work(number: int) -> None:
        open_store(_config(tmp_path / str(number), url, make)).add(*make(LONG, minutes=number))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(12)))
    store = open_store(_config(tmp_path / "reader", url, make))
    found = list(store.all())
    assert len(found) == 12
    assert all(store.load(stored) is not None for stored in found)
    assert store.take_problems() == ()  # a new machine makes its index and says nothing


@pytest.mark.parametrize("failing", ["blobs/", "runs/"])
def test_failed_write_leaves_no_record_in_part(
    url: str, failing: str, tmp_path: Path, make: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a blob or the record cannot be sent, nobody else sees a part of it; it waits here and is sent later."""
    config, other = _config(tmp_path / "a", url, make), _config(tmp_path / "b", url, make)
    store = open_store(config)
    remote: Any = store.files
    write = remote._remote.write

    def fail(path: str, content: bytes) -> None:
        if path.startswith(failing):
            raise OSError(5, "slow down")
        write(path, content)

    monkeypatch.setattr(remote._remote, "write", fail)
    added = store.add(*make(LONG))
    (problem,) = store.take_problems()
    seen_elsewhere = list(open_store(other).all())

    assert problem.code == "SG314"
    assert "slow down" in problem.message
    assert seen_elsewhere == []
    again = open_store(config)
    assert [stored.digest for stored in again.all()] == [added.digest]
    assert [problem.code for problem in again.take_problems()] == ["SG321"]
    later = open_store(other)
    assert [later.load(stored) is not None for stored in later.all()] == [True]
    assert list((config.results_dir / "unsent").rglob("*.json")) == []


def test_offline_build_uses_what_is_known_and_keeps_what_it_runs(
    s3: str, tmp_path: Path, make: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network records of earlier builds are hits, and a new result waits for the next build."""
    config = _config(tmp_path, _bucket(s3, monkeypatch), make)
    known = open_store(config).add(*make(LONG))

    with monkeypatch.context() as patched:
        patched.setattr(ObjectFiles, "_system", lambda _: (_Offline(), "bucket"))
        store = open_store(config)
        before = [store.load(stored) is not None for stored in store.of_page(PageKey("/a"))]
        added = store.add(*make(LONG, minutes=1))
        during = [stored.digest for stored in store.of_page(PageKey("/a"))]
        codes = [problem.code for problem in store.take_problems()]
        next_offline = [stored.digest for stored in open_store(config).of_page(PageKey("/a"))]
    after = open_store(config)

    assert before == [True]
    assert during == next_offline == [added.digest, known.digest]
    assert codes == ["SG309", "SG314"]
    assert [stored.digest for stored in after.all()] == [added.digest, known.digest]
    assert [problem.message.partition(" that")[0] for problem in after.take_problems()] == ["2 files"]


def test_place_that_failed_is_left_alone_for_a_while(
    tmp_path: Path, make: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that is down is not waited for at each file."""
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    config = _config(tmp_path, f"memory://store-{next(_NUMBERS)}", make)
    store = open_store(config)
    tries: list[str] = []
    remote: Any = store.files

    def fail(path: str, _: bytes) -> None:
        tries.append(path)
        raise OSError(5, "down")

    monkeypatch.setattr(remote._remote, "write", fail)
    monkeypatch.setattr(remote._remote, "keep", fail)
    store.add(*make(LONG))
    assert len(tries) == 1


def test_bucket_that_refuses_is_a_warning(
    s3: str, tmp_path: Path, make: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without permission the results are kept here, and the message has the server's words."""
    _bucket(s3, monkeypatch)
    config = _config(tmp_path, "s3://nobody-made-this/results", make)
    store = open_store(config)
    added = store.add(*make(LONG))
    (problem,) = store.take_problems()
    assert problem.code == "SG314"
    assert "bucket does not exist" in problem.message
    assert store.load(added) is not None


def test_unknown_protocol_is_an_error_with_a_hint(tmp_path: Path, make: MakeRecord) -> None:
    """A URL that nothing installed can open stops the build before anything runs."""
    store = open_store(_config(tmp_path, "nonsense://bucket/results", make))
    with pytest.raises(ConfigError) as raised:
        store.of_page(PageKey("/a"))
    assert raised.value.diagnostic.code == "SG103"
    assert "nonsense" in (raised.value.diagnostic.hint or "")


def test_missing_extra_is_named(tmp_path: Path, make: MakeRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without fsspec the hint says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    store = open_store(_config(tmp_path, "s3://bucket/results", make))
    with pytest.raises(ConfigError) as raised:
        store.of_page(PageKey("/a"))
    assert raised.value.diagnostic.hint == 'pip install "sitegen-ml[store]"'
