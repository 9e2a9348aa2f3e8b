"""What this machine has: CPU, memory, CUDA devices; and which device a page gets.

Who asks the driver and torch is `cuda.py`. Tests put a made-up `Machine` in place of `detect()`, or made-up devices in place of
what `cuda.py` finds.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution import cuda, distributions
from sitegen.execution.kernel_choice import KernelChoice, PageDevice
from sitegen.files import write_atomic
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.content.document import CodeCell
    from sitegen.content.execute_options import Device

_STRICTEST_FIRST: Final[tuple[Device, ...]] = ("cuda", "cpu", "auto", "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The hardware that kernels started here can use."""

    cpu_model: str
    cpu_count: int
    """Cores this process may use."""
    cuda_devices: tuple[str, ...] = ()
    """Names, in the driver's order."""
    cuda_driver: str = ""


@functools.cache
def detect() -> Machine:
    """This machine; asked once a process."""
    driver = cuda.driver()
    return Machine(
        cpu_model=_cpu_model(),
        cpu_count=usable_cores(),
        cuda_devices=tuple(device.name for device in driver.devices),
        cuda_driver=driver.version,
    )


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
    """The CUDA devices that the kernel's torch sees, in its order; none without torch or without a device.

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
    visible = [f"{name}={os.environ[name]}" for name in (cuda.VISIBLE, cuda.ORDER) if name in os.environ]
    facts = (executable, kernel.interpreter, torch, machine.cuda_driver, *machine.cuda_devices, *visible)
    question = "|".join(facts)
    answers_file = state_dir / "devices.json"
    answers: dict[str, list[str]] = {}
    with contextlib.suppress(OSError, ValueError):
        answers = json.loads(answers_file.read_text(encoding="utf-8"))
    if not answers.get(question):
        answer = cuda.ask_torch(executable)
        if not answer:
            return ()
        answers[question] = list(answer)
        write_atomic(answers_file, json.dumps(answers, indent=1).encode())
    return tuple(answers[question])


def choose(asked: Device, gpus: int, available: tuple[str, ...]) -> PageDevice | None:
    """The device that a page gets: of several, all of one model, since the page's key has one name.

    It is the first model of which there are enough, whatever is free at the moment: what else runs must not decide what a
    page's numbers were made on.

    Args:
        asked: the strictest of its cells.
        gpus: `[execute] gpus`; a page that uses CUDA gets at least one.
        available: names of the CUDA devices the kernel's torch sees.

    Returns:
        None where CUDA is asked for and not there (or not that many devices).
    """
    wanted = max(1, gpus)
    name = next((name for name in available if available.count(name) >= wanted), None)
    if asked == "cpu":
        return PageDevice(kind="cpu")
    if name is not None:
        return PageDevice(kind="cuda", name=name, count=wanted)
    return None if asked == "cuda" or gpus else PageDevice(kind="cpu")


def devices_asked(wanted: int, available: tuple[str, ...]) -> str:
    """In words, where there are too few: `it asks for 3 CUDA devices, and 2 are here`.

    Args:
        wanted: how many the page asks for.
        available: names of the CUDA devices the kernel's torch sees, at least one.
    """
    verb = "is" if len(available) == 1 else "are"
    if len(set(available)) == 1:
        return f"it asks for {wanted} CUDA devices, and {len(available)} {verb} here"
    models = " and ".join(f"{count} {name}" for name, count in Counter(available).items())
    return f"it asks for {wanted} CUDA devices of one model, and {models} {verb} here"


def too_few(wanted: int, available: tuple[str, ...], where: SourceLocation | None) -> Diagnostic:
    """SG327: a page that asks for more CUDA devices than there are, and has no results to show."""
    words = (
        devices_asked(wanted, available)
        if available
        else f"it asks for {wanted} CUDA devices, and none is here"
    )
    return Diagnostic(
        code="SG327",
        severity="error",
        message=f"the page cannot run: {words}",
        location=where,
        hint="ask for fewer with `gpus`, or build once on a machine with as many and keep its results folder",
    )


def _cpu_model() -> str:
    """The CPU's name; `/proc/cpuinfo` first (`platform.processor` is empty or vague on Linux)."""
    with (
        contextlib.suppress(OSError),
        Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines,
    ):
        for line in lines:  # of the first core: the kernel takes its time to tell of sixty
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
