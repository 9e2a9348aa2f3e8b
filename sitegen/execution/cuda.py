"""CUDA devices: what the driver says (NVML), what a kernel's torch says, and which variables say what a program sees.

Everything that asks either of them goes through here, so that tests put two made-up devices in its place. The build itself
never imports torch. Lines marked `never run on a GPU` are written from the documentation of NVML, CUDA and torch;
`docs/gpu.md` lists each of them.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from sitegen.values import dataclass

ORDER: Final = "CUDA_DEVICE_ORDER"
VISIBLE: Final = "CUDA_VISIBLE_DEVICES"
BY_BUS: Final = "PCI_BUS_ID"
"""The order of NVML and of `nvidia-smi`. CUDA's own default puts the fastest first, so its numbers may mean other devices."""

_ASK_TORCH: Final = (
    "import torch, json; n = torch.cuda.device_count() if torch.cuda.is_available() else 0; "
    "print(json.dumps([torch.cuda.get_device_name(i) for i in range(n)]))"
)
_ASK_S: Final = 120.0
"""For torch to be imported from a cold disk and the driver to answer."""
_DRIVER_FILES: Final = ("/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg")
"""Linux: the kernel module, its device file (all that a container has), and the driver of WSL."""
_DRIVER_LIBRARIES: Final = (
    ("SYSTEMROOT", "System32/nvml.dll"),
    ("PROGRAMFILES", "NVIDIA Corporation/NVSMI/nvml.dll"),
)
"""Windows: where NVML's library lies, below the folder that a variable names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A CUDA device, as the driver knows it."""

    name: str
    uuid: str
    """`GPU-` and 32 hexadecimal digits."""
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """The NVIDIA driver of this machine; without version where there is none."""

    version: str = ""
    devices: tuple[Device, ...] = ()
    """In the order of the bus, all of them, whatever is visible to us."""


@functools.cache
def driver() -> Driver:
    """What the driver says; asked once a process, and only where there is one (NVML's module costs 20 ms)."""
    nvml = _nvml()
    if nvml is None:
        return Driver()
    try:  # never run on a GPU
        handles = [nvml.nvmlDeviceGetHandleByIndex(number) for number in range(nvml.nvmlDeviceGetCount())]
        return Driver(
            version=_text(nvml.nvmlSystemGetDriverVersion()),
            devices=tuple(
                Device(
                    name=_text(nvml.nvmlDeviceGetName(handle)),
                    uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
                    memory_bytes=int(nvml.nvmlDeviceGetMemoryInfo(handle).total),
                )
                for handle in handles
            ),
        )
    except nvml.NVMLError:  # a device that has fallen off the bus: as if there were none
        return Driver()


def used_bytes(uuids: Iterable[str]) -> int | None:
    """Memory in use on devices together, by whatever program; None where the driver does not say.

    Args:
        uuids: as `Share.cuda_uuids` has them. Takes some tens of microseconds each; may be called from any thread.
    """
    nvml, wanted = _nvml(), tuple(uuids)
    if nvml is None or not wanted:
        return None
    try:  # never run on a GPU
        handles = [nvml.nvmlDeviceGetHandleByUUID(uuid) for uuid in wanted]
        return sum(int(nvml.nvmlDeviceGetMemoryInfo(handle).used) for handle in handles)
    except nvml.NVMLError:
        return None


@functools.lru_cache(maxsize=8)
def ask_torch(executable: str) -> tuple[str, ...] | None:
    """Names of the devices that an interpreter's torch sees in our environment, in its order.

    Asked in a child process, once a process. None where there was no answer: no torch, a driver that hangs.
    """
    import subprocess  # here: 4 ms that few builds need

    environment = {**os.environ, ORDER: order(os.environ)}
    try:
        answer = subprocess.run(
            [executable, "-c", _ASK_TORCH],
            capture_output=True,
            text=True,
            timeout=_ASK_S,
            check=True,
            env=environment,
        )
        return tuple(str(name) for name in json.loads(answer.stdout))  # never run on a GPU
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


# --- what a program sees ------------------------------------------------------------------------------------


def order(environ: Mapping[str, str]) -> str:
    """The order in which devices are numbered: as the environment says, else that of the bus."""
    return environ.get(ORDER) or BY_BUS


def listed(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """What `CUDA_VISIBLE_DEVICES` lists: numbers, `GPU-` or `MIG-` names; None where it says nothing, so all are visible.

    CUDA takes the list up to the first entry that is no device.
    """
    if VISIBLE not in environ:
        return None
    entries = (entry.strip() for entry in environ[VISIBLE].split(","))
    return tuple(takewhile(_is_device, entries))


def variables(numbers: Iterable[int], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that make a program see these devices and no other.

    Args:
        numbers: of devices, among those that torch sees in `environ`; none for a page of the CPU.
        environ: the build's own. A name in its list is passed on as it is, so that a kernel sees just what the build was given.
    """
    entries = listed(environ)
    names = [str(number) if entries is None else entries[number] for number in numbers]  # never run on a GPU
    return {VISIBLE: ",".join(names)} | ({ORDER: order(environ)} if names else {})


def visible_uuids(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The driver's names of the devices that torch sees in `environ`, in its order; empty where that cannot be known."""
    return _uuids(driver().devices, environ)


def _uuids(devices: tuple[Device, ...], environ: Mapping[str, str]) -> tuple[str, ...]:
    entries = listed(environ)
    is_by_bus = order(environ) == BY_BUS or len(devices) == 1  # never run on a GPU
    if entries is None:
        return tuple(device.uuid for device in devices) if is_by_bus else ()
    found = []
    for entry in entries:
        if entry.startswith("MIG-"):
            found.append(entry)  # a part of a device has a name of its own
        elif entry.startswith("GPU-"):  # CUDA takes its beginning, too, where only one device has it
            found += [device.uuid for device in devices if device.uuid.startswith(entry)][:1]
        elif is_by_bus and int(entry) < len(devices):
            found.append(devices[int(entry)].uuid)
        else:
            return ()
    return tuple(found)


def _is_device(entry: str) -> bool:
    return entry.isdecimal() or entry.startswith(("GPU-", "MIG-"))


# --- NVML ---------------------------------------------------------------------------------------------------


@functools.cache
def _nvml() -> Any:
    """NVML's module, ready to be asked for as long as the process lives; None without a driver or without the module."""
    if not has_driver() or importlib.util.find_spec("pynvml") is None:
        return None
    import pynvml

    try:  # never run on a GPU
        pynvml.nvmlInit()
    except pynvml.NVMLError:  # a driver that is being replaced, a library that is not there
        return None
    return pynvml


def has_driver(root: Path = Path("/")) -> bool:
    """Whether the machine seems to have an NVIDIA driver: a look at some files, which costs microseconds.

    Args:
        root: of the file system.
    """
    if sys.platform == "win32":
        folders = [(os.environ.get(variable), path) for variable, path in _DRIVER_LIBRARIES]
        return any(folder and (Path(folder) / path).is_file() for folder, path in folders)
    with contextlib.suppress(OSError):
        return any((root / file.lstrip("/")).exists() for file in _DRIVER_FILES)
    return False


def _text(value: str | bytes) -> str:
    """Older releases of NVML's module give bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
