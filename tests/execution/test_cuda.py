"""What is asked of NVML and torch, with both made up, and which variables a kernel gets."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitegen.execution import cuda

THREE = tuple(cuda.Device(name="H200", uuid=f"GPU-{letter}{letter}", memory_bytes=8) for letter in "abc")


class NVMLError(Exception):
    """As `pynvml` has it."""


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """A driver with two devices; older releases of its module give bytes."""
    module: Any = types.ModuleType("pynvml")
    module.NVMLError = NVMLError
    module.nvmlInit = lambda: None
    module.nvmlDeviceGetCount = lambda: 2
    module.nvmlDeviceGetHandleByIndex = lambda number: number
    module.nvmlDeviceGetHandleByUUID = ("GPU-0", "GPU-1").index
    module.nvmlDeviceGetName = lambda handle: (b"H200", "T4")[handle]
    module.nvmlDeviceGetUUID = lambda handle: f"GPU-{handle}"
    module.nvmlDeviceGetMemoryInfo = lambda handle: types.SimpleNamespace(total=8, used=handle + 3)
    module.nvmlSystemGetDriverVersion = lambda: b"570.1"
    module.__spec__ = types.SimpleNamespace()
    monkeypatch.setitem(sys.modules, "pynvml", module)
    monkeypatch.setattr(cuda, "has_driver", lambda: True)
    for function in (cuda.driver, cuda._nvml):
        function.cache_clear()
    yield module
    for function in (cuda.driver, cuda._nvml):
        function.cache_clear()


def test_devices_are_those_of_the_driver(nvml: Any) -> None:
    """Name, UUID and memory of each, and the driver's version."""
    assert cuda.driver() == cuda.Driver(
        version="570.1",
        devices=(
            cuda.Device(name="H200", uuid="GPU-0", memory_bytes=8),
            cuda.Device(name="T4", uuid="GPU-1", memory_bytes=8),
        ),
    )


def test_memory_in_use_is_of_all_devices_together(nvml: Any) -> None:
    """Summed by UUID; nothing where no device is named."""
    assert cuda.used_bytes(["GPU-0", "GPU-1"]) == 7
    assert cuda.used_bytes([]) is None


def test_driver_that_fails_is_none(nvml: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that cannot start, or a device that is lost, costs the CUDA devices and not the build."""

    def fail(*_: object) -> None:
        raise NVMLError

    with monkeypatch.context() as lost:
        lost.setattr(nvml, "nvmlDeviceGetMemoryInfo", fail)
        assert (cuda.driver(), cuda.used_bytes(["GPU-0"])) == (cuda.Driver(), None)
    for function in (cuda.driver, cuda._nvml):
        function.cache_clear()
    monkeypatch.setattr(nvml, "nvmlInit", fail)
    assert (cuda.driver(), cuda.used_bytes(["GPU-0"])) == (cuda.Driver(), None)


@pytest.mark.parametrize("file", ["proc/driver/nvidia/version", "dev/nvidiactl", "dev/dxg"])
def test_a_driver_is_seen_by_its_files(tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module of the system, the device file of a container, the driver of WSL; without them NVML is not asked."""
    monkeypatch.setattr(sys, "platform", "linux")
    before = cuda.has_driver(tmp_path)
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("")
    assert (before, cuda.has_driver(tmp_path)) == (False, True)


@pytest.mark.parametrize(
    ("variable", "file"),
    [("SYSTEMROOT", "System32/nvml.dll"), ("PROGRAMFILES", "NVIDIA Corporation/NVSMI/nvml.dll")],
)
def test_a_driver_is_seen_on_windows(
    tmp_path: Path, variable: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By NVML's library, in either of the places where drivers put it."""
    monkeypatch.setattr(sys, "platform", "win32")
    for name in ("SYSTEMROOT", "PROGRAMFILES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    before = cuda.has_driver()
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("")
    assert (before, cuda.has_driver()) == (False, True)


def test_without_driver_its_module_is_not_imported() -> None:
    """NVML's module costs 20 ms, which no build without a driver pays."""
    program = (
        "import sys; from sitegen.execution import cuda, devices; cuda.has_driver = lambda: False; "
        "devices.detect(); print('pynvml' in sys.modules)"
    )
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stdout == "False\n"


@pytest.mark.parametrize(
    ("parent", "numbers", "expected"),
    [
        ({}, (1, 0), {"CUDA_VISIBLE_DEVICES": "1,0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}),
        ({}, (), {"CUDA_VISIBLE_DEVICES": ""}),
        (
            {"CUDA_VISIBLE_DEVICES": "3, 5,7"},
            (2, 0),
            {"CUDA_VISIBLE_DEVICES": "7,3", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"},
        ),
        (
            {"CUDA_VISIBLE_DEVICES": "GPU-aa,GPU-b", "CUDA_DEVICE_ORDER": "FASTEST_FIRST"},
            (1,),
            {"CUDA_VISIBLE_DEVICES": "GPU-b", "CUDA_DEVICE_ORDER": "FASTEST_FIRST"},
        ),
        (
            {"CUDA_VISIBLE_DEVICES": "MIG-1-2-3", "CUDA_DEVICE_ORDER": ""},
            (0,),
            {"CUDA_VISIBLE_DEVICES": "MIG-1-2-3", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"},
        ),
        ({"CUDA_VISIBLE_DEVICES": "3,5"}, (), {"CUDA_VISIBLE_DEVICES": ""}),
    ],
)
def test_a_kernel_sees_its_devices_in_the_parents_words(
    parent: dict[str, str], numbers: tuple[int, ...], expected: dict[str, str]
) -> None:
    """Numbers, UUIDs and MIG names are passed on, in one order for NVML, torch and the kernel."""
    assert cuda.variables(numbers, parent) == expected


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ({}, ("GPU-aa", "GPU-bb", "GPU-cc")),
        ({"CUDA_VISIBLE_DEVICES": ""}, ()),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, ()),
        ({"CUDA_VISIBLE_DEVICES": "2,0,-1,1"}, ("GPU-cc", "GPU-aa")),
        ({"CUDA_VISIBLE_DEVICES": "GPU-b,MIG-7,0"}, ("GPU-bb", "MIG-7", "GPU-aa")),
        ({"CUDA_VISIBLE_DEVICES": "9"}, ()),
        ({"CUDA_DEVICE_ORDER": "FASTEST_FIRST"}, ()),
        ({"CUDA_DEVICE_ORDER": "FASTEST_FIRST", "CUDA_VISIBLE_DEVICES": "1"}, ()),
        ({"CUDA_DEVICE_ORDER": "FASTEST_FIRST", "CUDA_VISIBLE_DEVICES": "GPU-cc"}, ("GPU-cc",)),
    ],
)
def test_torchs_devices_by_the_drivers_names(
    parent: dict[str, str], expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where torch numbers the fastest first, nobody but torch knows which is which, and no memory is told of a wrong one."""
    monkeypatch.setattr(cuda, "driver", lambda: cuda.Driver(version="570", devices=THREE))
    assert cuda.visible_uuids(parent) == expected


def test_torch_is_asked_in_the_order_of_the_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that is asked sees what a kernel will see; one that fails gives no answer."""
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "torch.py").write_text(
        "import os, types\n"
        "order = os.environ['CUDA_DEVICE_ORDER']\n"
        "cuda = types.SimpleNamespace(is_available=lambda: True, device_count=lambda: 2,\n"
        "    get_device_name=lambda number: f'{order} {number}')\n",
        encoding="utf-8",
    )
    cuda.ask_torch.cache_clear()
    found = cuda.ask_torch(sys.executable)
    cuda.ask_torch.cache_clear()
    (tmp_path / "torch.py").write_text("raise SystemExit(1)", encoding="utf-8")
    silent = cuda.ask_torch(sys.executable)
    cuda.ask_torch.cache_clear()
    assert (found, silent) == (("PCI_BUS_ID 0", "PCI_BUS_ID 1"), None)


def test_places_that_never_ran_on_a_gpu_are_listed(repository: Path) -> None:
    """`docs/gpu.md` names each function that has the mark, with its module, and no other."""
    mark, places = "never run on a GPU", set()
    for path in sorted((repository / "sitegen").rglob("*.py")):
        function = ""
        for line in path.read_text("utf-8").splitlines():
            if line.lstrip().startswith(("def ", "async def ")):
                function = line.split("def ", 1)[1].partition("(")[0]
            if f"# {mark}" in line:
                places.add(f"`{path.relative_to(repository / 'sitegen').as_posix()}`: `{function}`")
    listed = (repository / "docs/gpu.md").read_text("utf-8").partition("## Never run on a GPU")[2]
    rows = {line.split(" | ")[0].removeprefix("| ") for line in listed.splitlines() if line.startswith("| `")}
    assert places
    assert rows == places
