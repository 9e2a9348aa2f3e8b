"""Which device a page gets, on machines that are not here."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sitegen.content.execute_options import Device
from sitegen.execution import cuda, devices, distributions, kernelspecs
from sitegen.execution.devices import Machine
from sitegen.execution.kernel_choice import PageDevice

TWO = ("H200", "H200")
MIXED = ("A100", "H200", "H200")
CPU = PageDevice(kind="cpu")
ONE_GPU = PageDevice(kind="cuda", name="H200", count=1)
GPU_MACHINE = Machine(cpu_model="m", cpu_count=8, cuda_devices=TWO, cuda_driver="570")


@pytest.mark.parametrize(
    ("asked", "gpus", "available", "expected"),
    [
        ("auto", 0, (), CPU),
        ("auto", 0, TWO, ONE_GPU),
        ("any", 0, TWO, ONE_GPU),
        ("cpu", 0, TWO, CPU),
        ("cuda", 0, TWO, ONE_GPU),
        ("cuda", 0, (), None),
        ("auto", 2, TWO, PageDevice(kind="cuda", name="H200", count=2)),
        ("auto", 3, TWO, None),
        ("auto", 0, MIXED, PageDevice(kind="cuda", name="A100", count=1)),
        ("cuda", 2, MIXED, PageDevice(kind="cuda", name="H200", count=2)),
        ("cuda", 3, MIXED, None),
    ],
)
def test_device_of_a_page(
    asked: Device, gpus: int, available: tuple[str, ...], expected: PageDevice | None
) -> None:
    """CUDA where it is there; where it is asked for and missing, no device at all."""
    assert devices.choose(asked, gpus, available) == expected


@pytest.mark.parametrize(
    ("wanted", "available", "words"),
    [
        (3, TWO, "it asks for 3 CUDA devices, and 2 are here"),
        (2, TWO[:1], "it asks for 2 CUDA devices, and 1 is here"),
        (3, MIXED, "it asks for 3 CUDA devices of one model, and 1 A100 and 2 H200 are here"),
        (2, (), "it asks for 2 CUDA devices, and none is here"),
    ],
)
def test_too_few_devices_in_words(wanted: int, available: tuple[str, ...], words: str) -> None:
    """How many there are, by model where that is why they are too few."""
    told = devices.too_few(wanted, available, None)
    assert (told.code, told.severity) == ("SG327", "error")
    assert told.message == f"the page cannot run: {words}"


def test_strictest_cell_decides(site: Any) -> None:
    """`cuda` goes before `cpu` before `auto` before `any`."""
    page = site.page("a", ("1", {"device": "any"}), ("2", {"device": "cuda"}), "3")
    assert devices.strictest(page.cells) == "cuda"
    assert devices.strictest(page.cells[:1]) == "any"
    assert devices.strictest(()) == "auto"


def test_torch_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether torch can use a device is asked in a child process, and the answer is kept."""
    asked: list[str] = []

    def ask(executable: str) -> tuple[str, ...]:
        asked.append(executable)
        return ("H200",)

    monkeypatch.setattr(distributions, "installed_version", lambda *_: "2.13.0")
    monkeypatch.setattr(cuda, "ask_torch", ask)
    kernel = kernelspecs.find_kernel("python3")
    assert kernel is not None
    first = devices.cuda_names(GPU_MACHINE, kernel, tmp_path)
    second = devices.cuda_names(GPU_MACHINE, kernel, tmp_path)
    assert first == second == ("H200",)
    assert len(asked) == 1
    assert list(json.loads((tmp_path / "devices.json").read_text(encoding="utf-8")).values()) == [["H200"]]


def test_question_without_answer_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A torch that failed or took too long once is asked again by the next build."""
    monkeypatch.setattr(distributions, "installed_version", lambda *_: "2.13.0")
    monkeypatch.setattr(cuda, "ask_torch", lambda _: None)
    kernel = kernelspecs.find_kernel("python3")
    assert kernel is not None

    silent = devices.cuda_names(GPU_MACHINE, kernel, tmp_path)
    monkeypatch.setattr(cuda, "ask_torch", lambda _: ("H200",))
    answered = devices.cuda_names(GPU_MACHINE, kernel, tmp_path)

    assert (silent, answered) == ((), ("H200",))


def test_answer_is_for_the_devices_that_are_visible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other visible devices torch is asked again, and an answer of no device is not believed by later builds."""
    answers = {"": (), "1": ("A100",), "0": ("H200",)}
    monkeypatch.setattr(distributions, "installed_version", lambda *_: "2.13.0")
    monkeypatch.setattr(cuda, "ask_torch", lambda _: answers[os.environ["CUDA_VISIBLE_DEVICES"]])
    kernel = kernelspecs.find_kernel("python3")
    assert kernel is not None
    found = []
    for visible in ("", "1", "0"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        found.append(devices.cuda_names(GPU_MACHINE, kernel, tmp_path))

    assert found == [(), ("A100",), ("H200",)]
    assert "[]" not in (tmp_path / "devices.json").read_text(encoding="utf-8")


def test_without_torch_or_device_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No device, or no torch in the kernel's environment, is the CPU at no cost."""
    monkeypatch.setattr(cuda, "ask_torch", lambda _: pytest.fail("asked"))
    kernel = kernelspecs.find_kernel("python3")
    assert kernel is not None
    assert devices.cuda_names(Machine(cpu_model="m", cpu_count=1), kernel, tmp_path) == ()
    monkeypatch.setattr(distributions, "installed_version", lambda *_: None)
    assert devices.cuda_names(GPU_MACHINE, kernel, tmp_path) == ()


def test_this_machine_answers() -> None:
    """Detection works without a driver."""
    here = devices.detect()
    assert here.cpu_count >= 1
    assert here.cpu_model
