"""A site's files, read by another process and by this one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sitegen.build import read_ahead, workers
from sitegen.build.read_ahead import reading_ahead
from sitegen.config import Config, load_config
from sitegen.content.folders import walk_content
from sitegen.content.sources import read_sources


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Of a site of ten pages, which is large."""
    monkeypatch.setattr(read_ahead, "FEWEST_PAGES", 4)
    monkeypatch.setattr(read_ahead, "_PAGES_A_PART", 3)
    monkeypatch.setattr(workers, "cpus", lambda: 2)
    monkeypatch.setattr(workers, "can_fork", lambda: True)
    for number in range(10):
        page = tmp_path / f"content/posts/p{number}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"---\ntitle: P {number}\ndate: wrong\n---\n")
    return load_config(tmp_path, environ={})


def test_the_sources_are_the_same(config: Config) -> None:
    """In their order, with what is wrong with them, whoever has read them."""
    files = walk_content(config)
    expected = read_sources(files.pages, config)

    with reading_ahead(config) as ahead:
        assert ahead is not None
        found_files, found = ahead.read()

    assert (found_files, found) == (files, expected)
    assert found[9].diagnostics != ()


def test_what_another_process_has_taken_is_not_read_here(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor the other way round, but for a part that both take in the same moment."""
    taken = read_ahead._Taken(3)

    assert (taken.first(), taken.last(), taken.first()) == (0, 2, 1)
    assert (taken.first(), taken.last()) == (None, None)

    monkeypatch.setattr(read_ahead._Taken, "last", _nothing)
    monkeypatch.setattr("sitegen.build.read_ahead.read_sources", _only_elsewhere(os.getpid()))
    with reading_ahead(config) as ahead:
        assert ahead is not None
        assert len(ahead.read()[1]) == 10


def _nothing(taken: object) -> None:
    del taken


def _only_elsewhere(here: int) -> object:
    def read(*arguments: object) -> object:
        assert os.getpid() != here
        return read_sources(*arguments)  # type: ignore[arg-type]

    return read


def test_a_process_that_is_killed_reads_nothing(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it should have read is read here."""
    expected = read_sources(walk_content(config).pages, config)
    here = os.getpid()

    def read(*arguments: object) -> object:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return read_sources(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("sitegen.build.read_ahead.read_sources", read)
    with reading_ahead(config) as ahead:
        assert ahead is not None
        assert ahead.read()[1] == expected


def test_a_process_that_is_killed_while_it_tells_is_not_believed(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came of its message is none; the pages are read here."""

    def tell_half(*arguments: object) -> None:
        pipe = arguments[3]
        os.write(pipe.fileno(), (1000).to_bytes(4, "big") + b"x")  # type: ignore[attr-defined]
        os._exit(1)

    expected = read_sources(walk_content(config).pages, config)
    monkeypatch.setattr(read_ahead, "_read", tell_half)
    with reading_ahead(config) as ahead:
        assert ahead is not None
        assert ahead.read()[1] == expected


def test_few_files_are_read_here(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are where no process can be forked."""
    monkeypatch.setattr(workers, "can_fork", lambda: False)
    with reading_ahead(config) as ahead:
        assert ahead is None
    monkeypatch.setattr(workers, "can_fork", lambda: True)
    monkeypatch.setattr(read_ahead, "FEWEST_PAGES", 11)
    with reading_ahead(config) as ahead:
        assert ahead is None
