"""Folders of kernels' own: there as long as their build, and no longer."""

from __future__ import annotations

import errno
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sitegen.execution.private_folders import private_folder, remove_private_folder, sweep_folders

_NOBODY = 2**22 + 1
"""Above the highest number that Linux gives a process."""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sitegen.execution.private_folders._bases", lambda: [tmp_path])
    return tmp_path


def test_a_folder_of_a_build_that_lives_stays(temporary: Path) -> None:
    """Whatever its process is called here: in another container that number may belong to nobody."""
    folder = private_folder()
    elsewhere = folder.rename(temporary / f"sg-{_NOBODY}-abc")
    sweep_folders()
    assert elsewhere.is_dir()


def test_a_folder_of_a_killed_build_goes(temporary: Path) -> None:
    """Its lock went with its process, though the number in its name may belong to somebody again."""
    program = (
        "import os, pathlib, sys, tempfile\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "from sitegen.execution.private_folders import private_folder\n"
        "print(private_folder(), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(temporary)], capture_output=True, text=True, check=False
    )
    left = Path(ended.stdout.strip())
    assert left.is_dir()
    left = left.rename(temporary / "sg-1-abc")
    sweep_folders()
    assert not left.exists()


def test_a_folder_that_was_just_made_stays(temporary: Path) -> None:
    """Between its making and its lock there is a moment."""
    folder = temporary / f"sg-{_NOBODY}-abc"
    folder.mkdir()
    sweep_folders()
    assert folder.is_dir()


def test_a_removed_folder_leaves_no_lock(temporary: Path) -> None:
    """Its file descriptor is closed with it."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    folders = [private_folder() for _ in range(5)]
    for folder in folders:
        remove_private_folder(folder)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert list(temporary.iterdir()) == []


def test_a_disk_that_is_full_is_passed_over(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not even the lock has room there is no folder, and nothing of it is left."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sitegen.execution.private_folders._locked", full)
    with pytest.raises(OSError, match="No space left"):
        private_folder()
    assert list(temporary.iterdir()) == []
