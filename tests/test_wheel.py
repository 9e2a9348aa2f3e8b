"""The wheel, as somebody gets it who has no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SITEGEN_"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, env=clean
    )


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    done = _run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=repository
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("sitegen_ml-*.whl"))


def test_wheel_has_every_file_of_the_package(wheel: Path, repository: Path) -> None:
    """Nothing of the package is left out by an ignore rule, theme and starter included."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "sitegen"], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("sitegen/")}
    assert packed == {name for name in tracked if name and (repository / name).is_file()}


def test_wheel_in_an_empty_environment_makes_and_builds_a_site(
    wheel: Path, repository: Path, tmp_path: Path
) -> None:
    """Core alone creates a site and builds it; it says how to install what runs cells."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    lock = repository / "requirements.lock"
    installed = _run(python, "-m", "pip", "install", "--quiet", "-c", lock, wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    sitegen = python.with_name("sitegen")

    made = _run(sitegen, "new", "site", "blog", cwd=tmp_path)
    built = _run(sitegen, "build", cwd=tmp_path / "blog")

    assert made.returncode == 0, made.stderr
    assert built.returncode == 0, built.stderr
    assert 'pip install "sitegen-ml[execute]"' in built.stderr
    assert (tmp_path / "blog/public/index.html").is_file()
    assert list((tmp_path / "blog/public").rglob("*.css"))
