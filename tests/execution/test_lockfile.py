"""Which lock file counts, and the versions that each kind names."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.execution.lockfile import find_lock, locked_versions


def test_the_nearest_lock_file_counts(tmp_path: Path) -> None:
    """In the site's folder by the order of names, else above it, but never above the repository."""
    site = tmp_path / "repository/site"
    site.mkdir(parents=True)
    (tmp_path / "uv.lock").touch()
    (tmp_path / "repository/.git").mkdir()
    outside = find_lock(site)
    (tmp_path / "repository/poetry.lock").touch()
    above = find_lock(site)
    (site / "requirements.txt").touch()
    (site / "pdm.lock").touch()
    inside = find_lock(site)
    assert outside is None
    assert above == tmp_path / "repository/poetry.lock"
    assert inside == site / "pdm.lock"


def test_a_named_lock_file_is_the_only_one(tmp_path: Path) -> None:
    """Where it is not there, no other is taken in its place."""
    (tmp_path / "uv.lock").touch()
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks/pylock.toml").touch()
    assert find_lock(tmp_path, "locks/pylock.toml") == tmp_path / "locks/pylock.toml"
    assert find_lock(tmp_path, "locks/other.lock") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "uv.lock",
            '[[package]]\nname = "Num_Py"\nversion = "2.1"\n[[package]]\nname = "site"\nsource = {virtual = "."}',
        ),
        ("poetry.lock", '[[package]]\nname = "num-py"\nversion = "2.1"'),
        ("pylock.toml", '[[packages]]\nname = "num-py"\nversion = "2.1"'),
        (
            "requirements.lock",
            "# by uv\nNum.Py[extra]==2.1 \\\n    --hash=sha256:ab\nother>=3\nwide==1.*\n-e .",
        ),
        ("requirements.txt", "num_py == 2.1 ; python_version > '3' # why\n-r more.txt"),
        (
            "pixi.lock",
            "version: 6\npackages:\n- conda: https://x.org/noarch/num-py-2.1-pyh_0.conda\n- pypi: ./local",
        ),
        (
            "pixi.lock",
            "version: 6\npackages:\n- pypi: https://x.org/num_py.whl\n  name: num-py\n  version: '2.1'",
        ),
    ],
)
def test_exact_versions_are_read(tmp_path: Path, name: str, text: str) -> None:
    """Names are compared in their normal form; what has no exact version is not there."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert locked_versions(tmp_path / name) == {"num-py": frozenset({"2.1"})}


def test_versions_for_several_platforms_stand_side_by_side(tmp_path: Path) -> None:
    """A package that is locked twice may be installed in either version."""
    text = "".join(f'[[package]]\nname = "torch"\nversion = "{version}"\n' for version in ("2.1", "2.1+cpu"))
    (tmp_path / "uv.lock").write_text(text, encoding="utf-8")
    assert locked_versions(tmp_path / "uv.lock") == {"torch": frozenset({"2.1", "2.1+cpu"})}


@pytest.mark.parametrize("text", ["[[package", 'package = "x"', "package = [1]"])
def test_a_broken_lock_file_is_an_error(tmp_path: Path, text: str) -> None:
    """It is told in one kind of exception, whatever is wrong."""
    (tmp_path / "uv.lock").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"."):
        locked_versions(tmp_path / "uv.lock")
