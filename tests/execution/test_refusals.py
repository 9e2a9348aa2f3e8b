"""What is remembered of modules that are not safe before a fork."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sitegen.execution import distributions, refusals
from sitegen.execution.kernel_choice import KernelChoice


@pytest.fixture
def kernel(tmp_path: Path) -> KernelChoice:
    """A kernel with one installed package, `threaded` 1.0."""
    packages = tmp_path / "site-packages"
    _install(packages, "1.0")
    return KernelChoice(
        name="python3",
        language="python",
        argv=("python",),
        interpreter="CPython 3.11.7",
        search_path=(str(packages),),
    )


def _install(packages: Path, version: str) -> None:
    if packages.exists():
        shutil.rmtree(packages)
    info = packages / f"threaded-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: threaded\nVersion: {version}\n", encoding="utf-8")
    (info / "RECORD").write_text("threaded.py,,\n", encoding="utf-8")
    distributions.forget()


def _found(kind: str) -> list[dict[str, str]]:
    return [{"name": "threaded", "kind": kind, "reason": "it starts a thread"}]


def test_what_was_refused_is_known_in_the_next_build(tmp_path: Path, kernel: KernelChoice) -> None:
    """With the reason; for this interpreter alone."""
    refusals.keep(tmp_path, kernel, _found("thread"))
    assert refusals.known(tmp_path, kernel) == {"threaded": "it starts a thread"}
    assert refusals.known(tmp_path, replace(kernel, interpreter="CPython 3.12.1")) == {}


def test_another_version_is_tried_anew(tmp_path: Path, kernel: KernelChoice) -> None:
    """It may have learnt to behave."""
    refusals.keep(tmp_path, kernel, _found("thread"))
    _install(tmp_path / "site-packages", "1.1")
    assert refusals.known(tmp_path, kernel) == {}


@pytest.mark.parametrize("kind", ["output", "ended"])
def test_what_may_have_been_by_chance_is_tried_once_more(
    tmp_path: Path, kernel: KernelChoice, kind: str
) -> None:
    """A library may build a cache, as matplotlib does of fonts, the first time on a machine; or the system killed the process."""
    refusals.keep(tmp_path, kernel, _found(kind))
    assert refusals.known(tmp_path, kernel) == {}
    refusals.keep(tmp_path, kernel, _found(kind))
    assert list(refusals.known(tmp_path, kernel)) == ["threaded"]


@pytest.mark.parametrize("content", ["", "[]", '{"version": 99, "kernels": {}}', "{"])
def test_a_file_that_is_not_ours_is_as_none(tmp_path: Path, kernel: KernelChoice, content: str) -> None:
    """It is written anew."""
    (tmp_path / "preload.json").write_text(content, encoding="utf-8")
    assert refusals.known(tmp_path, kernel) == {}
    refusals.keep(tmp_path, kernel, _found("thread"))
    assert list(refusals.known(tmp_path, kernel)) == ["threaded"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, kernel: KernelChoice) -> None:
    """The page is right without it."""
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    refusals.keep(tmp_path / "state", kernel, _found("thread"))
    assert refusals.known(tmp_path / "state", kernel) == {}
