"""What a command costs as a whole process, with all processes below it: time, processor time, memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_PR_SET_CHILD_SUBREAPER: Final = 36
_SAMPLE_S: Final = 0.05
_FIRST_S: Final = 2.0
_FIRST_SAMPLE_S: Final = 0.01
"""The same in the first seconds: a build that is over in half a second must be seen more than ten times."""
_LEFT_S: Final = 10.0
"""How long processes may outlive the command before they count as left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took."""

    wall_s: float
    cpu_s: float
    """User and system time of the process and of all that it started."""
    others_cpu_s: float
    """What everything else on the machine computed in that time, the system's own threads included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The most memory that one run had in use at one moment, summed over its processes; both are looked for by themselves."""

    proportional_bytes: int
    """Proportional set size: a page of memory that several processes share, as forked ones do, counts once. Linux."""
    resident_bytes: int
    """Resident set size: it counts for each."""
    cost: Cost
    """Of that run."""


class Failed(Exception):  # noqa: N818  (what happened to the command)
    """The command did not do what it is measured for."""


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends, so that their time is counted, too; Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> Cost:
    """Run the command and wait for it and for all that it started.

    Args:
        command: what to run.
        cwd: where.
        env: its whole environment.
        log: gets what it prints.

    Raises:
        Failed: it exits with another code than 0, or leaves processes behind.
    """
    used, busy = _children_cpu_s(), _machine_cpu_s()
    others = frozenset(_children())
    with log.open("wb") as stream:
        started = time.perf_counter()
        process = subprocess.Popen(list(command), cwd=cwd, env=dict(env), stdout=stream, stderr=stream)
        code = process.wait()
        wall_s = time.perf_counter() - started
    _reap_orphans(others)
    if code != 0:
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
        raise Failed(f"`{' '.join(command)}` exited with code {code}:\n{tail}")
    cpu_s = _children_cpu_s() - used
    return Cost(wall_s=wall_s, cpu_s=cpu_s, others_cpu_s=max(0.0, round(_machine_cpu_s() - busy - cpu_s, 2)))


def peak_memory(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> Memory:
    """The most memory that the command had in use. To look costs time, so a run that is timed is another one, where that can be."""
    proportional = resident = 0
    started = time.monotonic()
    is_over = threading.Event()

    def watch() -> None:
        nonlocal proportional, resident
        me = psutil.Process()
        while not is_over.wait(_pause_s(time.monotonic() - started)):
            used = [_in_use_bytes(child) for child in me.children(recursive=True)]
            proportional = max(proportional, sum(each for each, _ in used))
            resident = max(resident, sum(each for _, each in used))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        cost = run(command, cwd=cwd, env=env, log=log)
    finally:
        is_over.set()
        watcher.join()
    return Memory(proportional_bytes=proportional, resident_bytes=resident, cost=cost)


def _pause_s(elapsed_s: float) -> float:
    """How long until memory is looked at again: of a build of minutes, 200 times are enough, and disturb it little."""
    return _FIRST_SAMPLE_S if elapsed_s < _FIRST_S else max(_SAMPLE_S, elapsed_s / 200)


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _children() -> dict[int, psutil.Process]:
    return {child.pid: child for child in psutil.Process().children()}


def _reap_orphans(others: frozenset[int]) -> None:
    """Wait for processes that have become ours; `others` have been before."""
    until = time.monotonic() + _LEFT_S
    while left := {pid: child for pid, child in _children().items() if pid not in others}:
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > until:
            raise Failed(
                f"it left processes behind: {[' '.join(child.cmdline()) for child in left.values()]}"
            )
        time.sleep(0.01)


def _in_use_bytes(process: psutil.Process) -> tuple[int, int]:
    """Proportional and resident; twice the latter where the system does not tell the former."""
    with contextlib.suppress(OSError):
        found = {}
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").splitlines():
            name, _, rest = line.partition(":")
            if name in ("Pss", "Rss"):
                found[name] = int(rest.split()[0]) * 1024
        if found:
            return found["Pss"], found["Rss"]
    with contextlib.suppress(psutil.Error):
        resident = int(process.memory_info().rss)
        return resident, resident
    return 0, 0


def _machine_cpu_s() -> float:
    """What all cores have computed since the machine started; time that a hypervisor took from it counts, too."""
    times = psutil.cpu_times()
    names = ("user", "nice", "system", "irq", "softirq", "steal")
    return float(sum(getattr(times, name, 0.0) for name in names))
