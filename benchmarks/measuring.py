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
_LEFT_S: Final = 10.0
"""How long processes may outlive the command before they count as left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took."""

    wall_s: float
    cpu_s: float
    """User and system time of the process and of all that it started."""


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
    used = _children_cpu_s()
    with log.open("wb") as stream:
        started = time.perf_counter()
        process = subprocess.Popen(list(command), cwd=cwd, env=dict(env), stdout=stream, stderr=stream)
        code = process.wait()
        wall_s = time.perf_counter() - started
    _reap_orphans()
    if code != 0:
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
        raise Failed(f"`{' '.join(command)}` exited with code {code}:\n{tail}")
    return Cost(wall_s=wall_s, cpu_s=_children_cpu_s() - used)


def peak_memory_bytes(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> int:
    """The most memory that the command had in use, summed over its processes at one moment.

    Proportional set size where the system tells it (Linux): a page of memory that several processes share, as forked
    ones do, counts once. Elsewhere resident size, which counts it for each. To look costs time, so a run that is timed
    is another one.
    """
    peak = 0
    is_over = threading.Event()

    def watch() -> None:
        nonlocal peak
        me = psutil.Process()
        while not is_over.wait(_SAMPLE_S):
            peak = max(peak, sum(map(_in_use_bytes, me.children(recursive=True))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run(command, cwd=cwd, env=env, log=log)
    finally:
        is_over.set()
        watcher.join()
    return peak


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _reap_orphans() -> None:
    """Wait for processes that have become ours."""
    until = time.monotonic() + _LEFT_S
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            if time.monotonic() > until:
                left = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
                raise Failed(f"it left processes behind: {left}")
            time.sleep(0.01)


def _in_use_bytes(process: psutil.Process) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0
