"""Two builds from the same records are the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


class BuiltSite(Protocol):
    """See conftest.py."""

    public: Path
    report: dict[str, object]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_two_builds_are_identical(example_site: BuiltSite, run_build: Callable[..., BuiltSite]) -> None:
    """With SOURCE_DATE_EPOCH set (to now: records must not be too old) and results cached, two builds agree byte for byte."""
    environ = {"SOURCE_DATE_EPOCH": str(int(time.time()))}
    first = run_build(destination="first", environ=environ)
    second = run_build(destination="second", environ=environ | {"PYTHONHASHSEED": "7"})
    assert _bytes(first.public) == _bytes(second.public)
