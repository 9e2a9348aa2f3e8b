"""How much memory this machine has for pages, how much is left, and whether the system has killed for want of it."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path
from typing import Final

from sitegen.execution.cgroups import MemoryController, find_memory_controller
from sitegen.values import dataclass

_KIB: Final = 1024
_LEAST_RESERVE: Final = 256 * 10**6
_MOST_RESERVE: Final = 10**9
_KILLED: Final = re.compile(rb"\bKilled process (\d+)[ ,]")
"""`mm/oom_kill.c`: `Out of memory: Killed process 71 (python3) total-vm:...`, or `Memory cgroup out of memory: ...`."""
_CLOCKS_APART_S: Final = 60.0
"""The kernel's log has a clock of its own, which drifts from the monotonic one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineMemory:
    """This machine's memory, or that of the container that this process is in."""

    total_bytes: int
    """0 where it is not known: then nothing is limited that has no limit of its own."""
    controller: MemoryController | None = None
    meminfo: Path = Path("/proc/meminfo")
    kernel_log: Path = Path("/dev/kmsg")

    @property
    def reserve_bytes(self) -> int:
        """What pages leave to the rest: a twentieth, at least 256 MB and at most 1 GB, but of a small machine a quarter."""
        share = min(max(self.total_bytes // 20, _LEAST_RESERVE), _MOST_RESERVE)
        return min(share, self.total_bytes // 4)

    def available_bytes(self) -> int | None:
        """What programs can still take, swap included; None where the system does not say."""
        sizes = {}
        with contextlib.suppress(OSError):
            for line in self.meminfo.read_text(encoding="ascii").splitlines():
                name, _, size = line.partition(":")
                sizes[name] = int(size.split()[0]) * _KIB
        if "MemAvailable" not in sizes:
            return None
        available = sizes["MemAvailable"] + sizes.get("SwapFree", 0)
        of_container = None if self.controller is None else self.controller.available_bytes()
        return available if of_container is None else min(available, of_container)

    def oom_kills(self) -> int:
        """How many processes of this container, or session, the system has killed so far for want of memory."""
        return 0 if self.controller is None else self.controller.oom_kills()

    def has_killed(self, pid: int, *, since: float, kills_before: int) -> bool:
        """Whether the system says that it has killed a process for want of memory: its log does, or its count.

        Args:
            pid: the process that was ended by signal 9.
            since: when it began, by `time.monotonic`.
            kills_before: `oom_kills()` at that time. Used where the log may not be read.
        """
        named = _killed_by_kernel(self.kernel_log, since - _CLOCKS_APART_S)
        return self.oom_kills() > kills_before if named is None else pid in named


def this_machine() -> MachineMemory:
    """This machine as it is now."""
    controller = find_memory_controller()
    limit = None if controller is None else controller.limit_bytes()
    physical = physical_bytes()
    return MachineMemory(
        total_bytes=physical if limit is None else min(limit, physical), controller=controller
    )


def physical_bytes() -> int:
    """The memory that is built in."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    import psutil

    return int(psutil.virtual_memory().total)


def _killed_by_kernel(log: Path, since: float) -> set[int] | None:
    """The processes that the kernel's log names since then (s since the machine began); None where it may not be read."""
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    killed = set()
    try:
        for record in _records(descriptor):
            head, _, text = record.partition(b";")
            found = _KILLED.search(text)
            fields = head.split(b",")
            if found and len(fields) > 2 and int(fields[2]) / 1e6 >= since:
                killed.add(int(found[1]))
    finally:
        os.close(descriptor)
    return killed


def _records(descriptor: int) -> list[bytes]:
    """The records of `/dev/kmsg`: `priority,number,microseconds,flags;text`, one a read."""
    records: list[bytes] = []
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        try:
            record = os.read(descriptor, 8192)
        except BrokenPipeError:  # overwritten before it was read: the next read goes on behind it
            continue
        except OSError:  # EAGAIN at the end
            break
        if not record:
            break
        records += record.splitlines()  # the lines after the first are facts of a device
    return records
