"""What this machine has: CPU, memory, CUDA devices; and which device a page gets.

The build never imports torch: CUDA devices are counted by NVML, and whether the kernel's torch can use them is asked
once in a child process. The paths for CUDA are written for real hardware but were never run on any; tests put a
made-up `Machine` in place of `detect()`.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sitegen.content.document import CodeCell
from sitegen.content.execute_options import Device
from sitegen.execution import distributions
from sitegen.execution.jobs import KernelChoice, PageDevice
from sitegen.files import write_atomic

_STRICTEST_FIRST: Final[tuple[Device, ...]] = ("cuda", "cpu", "auto", "any")
_ASK_TORCH: Final = (
    "import torch, json; n = torch.cuda.device_count() if torch.cuda.is_available() else 0; "
    "print(json.dumps([torch.cuda.get_device_name(i) for i in range(n)]))"
)
_VISIBLE: Final = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
"""Variables that say which devices a program sees, and which of them is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The hardware that kernels started here can use."""

    cpu_model: str
    cpu_count: int
    """Cores this process may use."""
    cuda_devices: tuple[str, ...] = ()
    """Names, as the driver lists them."""
    cuda_driver: str = ""


@functools.cache
def detect() -> Machine:
    """This machine; asked once a process."""
    devices, driver = _cuda_by_nvml()
    return Machine(cpu_model=_cpu_model(), cpu_count=usable_cores(), cuda_devices=devices, cuda_driver=driver)


def memory_bytes() -> int:
    """The machine's memory; 0 where the system does not say (Windows)."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 0


def usable_cores() -> int:
    """Cores this process may use: affinity counts where the system has it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def strictest(cells: Iterable[CodeCell]) -> Device:
    """The device a page asks for: `cuda` before `cpu` before `auto` before `any`; `auto` without cells."""
    asked = {cell.options.device for cell in cells} or {"auto"}
    return next(device for device in _STRICTEST_FIRST if device in asked)


def cuda_names(machine: Machine, kernel: KernelChoice, state_dir: Path) -> tuple[str, ...]:
    """The CUDA devices that the kernel's torch sees; none without torch or without a device.

    The answer is kept in `.sitegen/devices.json` for each interpreter, torch version, driver and what the environment says
    of visible devices, since it costs an import of torch. A question that got no answer, or none but no device, is asked again
    by the next build: a driver may have been busy.
    """
    if not machine.cuda_devices or kernel.language != "python":
        return ()
    torch = distributions.installed_version("torch", kernel.search_path)
    if torch is None:
        return ()
    executable = kernel.argv[0]
    visible = [f"{name}={os.environ[name]}" for name in _VISIBLE if name in os.environ]
    facts = (executable, kernel.interpreter, torch, machine.cuda_driver, *machine.cuda_devices, *visible)
    question = "|".join(facts)
    answers_file = state_dir / "devices.json"
    answers: dict[str, list[str]] = {}
    with contextlib.suppress(OSError, ValueError):
        answers = json.loads(answers_file.read_text(encoding="utf-8"))
    if not answers.get(question):
        answer = _ask_torch(executable)
        if not answer:
            return ()
        answers[question] = list(answer)
        write_atomic(answers_file, json.dumps(answers, indent=1).encode())
    return tuple(answers[question])


def choose(asked: Device, gpus: int, available: tuple[str, ...]) -> PageDevice | None:
    """The device that a page gets.

    Args:
        asked: the strictest of its cells.
        gpus: `[execute] gpus`; a page that uses CUDA gets at least one.
        available: names of the CUDA devices the kernel's torch sees.

    Returns:
        None where CUDA is asked for and not there (or not that many devices).
    """
    wanted = max(1, gpus)
    has_enough = len(available) >= wanted
    if asked == "cuda" or (gpus and asked != "cpu"):
        return PageDevice(kind="cuda", name=available[0], count=wanted) if has_enough else None
    if asked == "cpu" or not has_enough:
        return PageDevice(kind="cpu")
    return PageDevice(kind="cuda", name=available[0], count=wanted)


def _cuda_by_nvml() -> tuple[tuple[str, ...], str]:
    if importlib.util.find_spec("pynvml") is None:
        return (), ""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:  # LibraryNotFound: no driver on this machine
        return (), ""
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        names = tuple(str(pynvml.nvmlDeviceGetName(handle)) for handle in handles)
        return names, str(pynvml.nvmlSystemGetDriverVersion())
    except pynvml.NVMLError:
        return (), ""
    finally:
        pynvml.nvmlShutdown()


@functools.lru_cache(maxsize=8)
def _ask_torch(executable: str) -> tuple[str, ...] | None:
    """What the interpreter's torch sees; None where it did not answer (in this process it is then asked no more)."""
    try:
        answer = subprocess.run(
            [executable, "-c", _ASK_TORCH], capture_output=True, text=True, timeout=120, check=True
        )
        return tuple(str(name) for name in json.loads(answer.stdout))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _cpu_model() -> str:
    """The CPU's name; `/proc/cpuinfo` first (`platform.processor` is empty or vague on Linux)."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
