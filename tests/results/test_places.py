"""The state of a store in one word: a listing says whether anything is new."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import Digest
from sitegen.content.executed import StreamOutput
from sitegen.results.files import FolderFiles
from sitegen.results.outputs import BLOB_ABOVE_BYTES
from sitegen.results.places import UNKNOWN, open_files, state_of
from sitegen.results.store import open_store

LONG = StreamOutput(name="stdout", text="x" * (BLOB_ABOVE_BYTES + 1))
Make = Callable[..., Any]


@pytest.fixture
def kept(config: Config, make: Make) -> Path:
    """The file of the one record in the store."""
    open_store(config).add(*make(LONG))
    (file,) = config.results_dir.glob("runs/*/*.json")
    return file


def _accept(config: Config, make: Make) -> None:
    del make
    store = open_store(config)
    store.accept(next(store.all()), date=config.now, commit=None)


CHANGES: dict[str, Callable[[Config, Make], object]] = {
    "another record": lambda config, make: open_store(config).add(*make(page="/b")),
    "an acceptance": _accept,
    "a removed record": lambda config, _: next(config.results_dir.glob("runs/*/*.json")).unlink(),
    "a touched record": lambda config, _: os.utime(next(config.results_dir.glob("runs/*/*.json")), ns=(1, 1)),
    "a stranger": lambda config, _: (config.results_dir / "runs/notes.txt").write_text("x"),
}


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_whatever_changes_the_store_changes_its_state(
    config: Config, make: Make, change: Callable[[Config, Make], object]
) -> None:
    """Records and acceptances, their names and their stamps."""
    before = state_of(open_files(config))
    assert before == state_of(open_files(config)) != UNKNOWN
    change(config, make)
    assert state_of(open_files(config)) != before


@pytest.mark.usefixtures("kept")
def test_store_knows_the_state_that_a_listing_gives(config: Config, make: Make) -> None:
    """Of what it found, and with what it has kept since: so the next build finds nothing new."""
    store = open_store(config)
    assert store.state() == state_of(open_files(config))
    stored = store.add(*make(page="/b", seed=2))
    assert store.state() == state_of(open_files(config))
    assert store.added == [stored]
    store.accept(stored, date=config.now, commit=None)
    assert store.state() == state_of(open_files(config))


def test_empty_store_has_a_state(config: Config) -> None:
    """That of no file; nothing is made for it."""
    assert open_store(config).state() == state_of(open_files(config)) != UNKNOWN
    assert not config.results_dir.exists()
    assert not (config.root / config.state_dir).exists()


def test_store_with_damage_has_no_state(config: Config, kept: Path) -> None:
    """What was set aside or mended is no longer what was listed."""
    assert open_store(config).state() != UNKNOWN
    kept.write_bytes(b"x")
    assert open_store(config).state() == UNKNOWN


def test_what_others_add_meanwhile_is_not_taken_for_known(config: Config, make: Make, kept: Path) -> None:
    """Another process's record was not there when this build decided, though the index knows it by now."""
    del kept
    store = open_store(config)
    before = store.state()
    open_store(config).add(*make(page="/b", seed=3))
    assert store.state() == before != state_of(open_files(config))


def test_place_that_cannot_be_listed_has_no_state(
    config: Config, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build then looks at the store, and tells why it cannot."""
    del kept

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(FolderFiles, "listing", refuse)
    assert state_of(open_files(config)) == UNKNOWN


def test_state_waits_for_what_must_be_sent(config: Config) -> None:
    """Results that could not be sent are sent by the next build, which so has something to do."""
    pytest.importorskip("fsspec")
    remote = replace(config, results_url="memory://places/results")
    assert state_of(open_files(remote)) != UNKNOWN
    FolderFiles(config.results_dir / "unsent", "unsent").write("blobs/abc", b"x")
    assert state_of(open_files(remote)) == UNKNOWN


@pytest.mark.usefixtures("kept")
def test_blob_is_read_from_the_disk_first(config: Config) -> None:
    """Of a folder its own file, of a remote store the copy that is kept here."""
    store = open_store(config)
    (blob,) = config.results_dir.glob("blobs/*")
    assert store.blob_file(Digest(blob.name)) == blob
    remote = open_store(replace(config, results_url="memory://places/others"))
    place = remote.blob_file(Digest(blob.name))
    assert place is not None
    assert place.is_relative_to(config.root / config.state_dir)
