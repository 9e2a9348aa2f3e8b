"""Kernels found without Jupyter."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitegen.execution.kernelspecs import find_kernel


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of kernel specs that Jupyter would look into first."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    find_kernel.cache_clear()
    yield tmp_path / "kernels"
    find_kernel.cache_clear()


def _write(folder: Path, spec: object) -> None:
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def test_native_kernel_is_this_interpreter(kernels: Path) -> None:
    """`python3` without a spec is the interpreter that builds."""
    kernel = find_kernel("python3")
    assert kernel is not None
    assert kernel.argv[:3] == (sys.executable, "-m", "ipykernel_launcher")
    assert kernel.interpreter == f"CPython {platform.python_version()}"


def test_spec_file_is_read(kernels: Path) -> None:
    """A spec gives command, language and environment; a bare `python` is the interpreter that builds."""
    _write(
        kernels / "mine",
        {"argv": ["python", "-m", "k", "{resource_dir}/x"], "language": "Python", "env": {"A": "1"}},
    )
    kernel = find_kernel("mine")
    assert kernel is not None
    assert kernel.argv == (sys.executable, "-m", "k", f"{kernels / 'mine'}/x")
    assert (kernel.language, kernel.env["A"]) == ("python", "1")


def test_unknown_or_broken_kernel_is_none(kernels: Path) -> None:
    """A name without a spec, or with one that is no spec, is no kernel."""
    _write(kernels / "broken", ["no"])
    assert find_kernel("broken") is None
    assert find_kernel("missing") is None


def test_folder_that_cannot_be_looked_into_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `sudo -u somebody`, HOME may be a folder of another user; here its name is too long, which root meets too."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", "/" + "x" * 300)
    find_kernel.cache_clear()
    assert find_kernel("python3") is not None
    find_kernel.cache_clear()


def test_other_language_has_no_interpreter_version(kernels: Path) -> None:
    """What is not Python cannot be asked for its version without starting it."""
    _write(kernels / "ir", {"argv": ["R", "-e", "x"], "language": "R"})
    kernel = find_kernel("ir")
    assert kernel is not None
    assert (kernel.language, kernel.interpreter) == ("r", "")
