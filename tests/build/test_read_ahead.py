"""Half of a large site's files, read by another process."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sitegen.build import read_ahead, workers
from sitegen.build.read_ahead import reading_ahead
from sitegen.config import Config, load_config
from sitegen.content.folders import walk_content
from sitegen.content.sources import discover, read_sources


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Of a site of ten pages, which is large."""
    monkeypatch.setattr(read_ahead, "FEWEST_PAGES", 4)
    monkeypatch.setattr(workers, "cpus", lambda: 2)
    monkeypatch.setattr(workers, "can_fork", lambda: True)
    for number in range(10):
        page = tmp_path / f"content/posts/p{number}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"---\ntitle: P {number}\ndate: wrong\n---\n")
    return load_config(tmp_path, environ={})


def test_the_sources_are_the_same(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, with what is wrong with them; this process reads the first half alone."""
    expected = discover(config)
    files = walk_content(config)
    read: list[str] = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or original(path))  # type: ignore[func-returns-value]

    with reading_ahead(files.pages, config) as ahead:
        found = discover(config, ahead, files=files)

    assert found == expected
    assert found[9].diagnostics != ()
    assert "p0.md" in read
    assert "p9.md" not in read


def test_a_process_that_is_killed_reads_nothing(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it should have read is read here."""
    expected = discover(config)
    files = walk_content(config)
    here = os.getpid()

    def read(*arguments: object) -> object:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return read_sources(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("sitegen.build.read_ahead.read_sources", read)
    with reading_ahead(files.pages, config) as ahead:
        assert discover(config, ahead, files=files) == expected


def test_few_files_are_read_here(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are where no process can be forked."""
    files = walk_content(config)
    monkeypatch.setattr(workers, "can_fork", lambda: False)
    with reading_ahead(files.pages, config) as ahead:
        assert ahead is None
    monkeypatch.setattr(workers, "can_fork", lambda: True)
    monkeypatch.setattr(read_ahead, "FEWEST_PAGES", 11)
    with reading_ahead(files.pages, config) as ahead:
        assert ahead is None
