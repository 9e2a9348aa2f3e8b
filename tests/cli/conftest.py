"""Fixtures of the command-line tests: a runner, and snapshots of messages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def runner() -> CliRunner:
    """Calls commands in this process; stdout and stderr apart."""
    return CliRunner()


@pytest.fixture
def same_as_snapshot() -> Callable[[str, str], None]:
    """Compares a text with `snapshots/NAME.txt`; `SITEGEN_UPDATE_SNAPSHOTS=1` writes it instead."""

    def compare(name: str, text: str) -> None:
        file = SNAPSHOTS / f"{name}.txt"
        if os.environ.get("SITEGEN_UPDATE_SNAPSHOTS") == "1":
            file.parent.mkdir(exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == file.read_text(encoding="utf-8")

    return compare
