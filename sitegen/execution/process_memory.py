"""The processes of a page, the memory that they have in use, and their end."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sitegen.values import dataclass

_PROC: Final = Path("/proc")
_HAS_PROC: Final = (_PROC / f"self/task/{os.getpid()}/children").exists()
"""Linux: read at a twentieth of what psutil takes. Kernels built without CONFIG_PROC_CHILDREN tell nobody's children there."""
_STOP_ROUNDS: Final = 20
"""Looks for processes that were started before their parent was stopped: each look finds all but those of the last moment."""
_KIB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the processes of a tree have in use together."""

    rss_bytes: int
    """Resident pages. One that two processes share is in it twice."""
    held_bytes: int
    """Of it what the system cannot take back: without pages of files that are only mapped, but with what was swapped out. Shared pages
    are in it once for each process, so it may be too much."""
    peak_bytes: int
    """The most that one of the processes alone has ever had."""


NOTHING: Final = Usage(rss_bytes=0, held_bytes=0, peak_bytes=0)


class ProcessTree:
    """A process and all below it; or, where it only looks after the others, all below it."""

    def __init__(self, root: int, *, counts_root: bool = True) -> None:
        self._root = root
        self._counts_root = counts_root
        self._born = _born(root)

    def usage(self) -> Usage:
        """What they have in use now; nothing once they are gone."""
        pids = self.pids()
        if not _HAS_PROC:
            return _usage_by_psutil(pids)
        found = [status for status in map(_status, pids) if status]
        return Usage(
            rss_bytes=sum(status.get("VmRSS", 0) for status in found),
            held_bytes=sum(
                status.get(name, 0)
                for status in found
                for name in ("RssAnon", "RssShmem", "VmSwap", "HugetlbPages")
            ),
            peak_bytes=max((status.get("VmHWM", 0) for status in found), default=0),
        )

    def proportional_bytes(self) -> int | None:
        """As `Usage.held_bytes`, a page that is shared counted in parts: the truth, but it takes milliseconds for each process.

        None where the system does not say.
        """
        if not _HAS_PROC:
            return None
        shares = [share for share in map(_proportional, self.pids()) if share is not None]
        return sum(shares) if shares else None

    def pids(self) -> list[int]:
        """Those that live, a parent before its children."""
        if _born(self._root) != self._born:  # gone, and its number may be another's
            return []
        if not _HAS_PROC:
            return _pids_by_psutil(self._root, counts_root=self._counts_root)
        return list(_below(self._root)) if not self._counts_root else [self._root, *_below(self._root)]

    def end(self) -> None:
        """Kill them all; none can start another meanwhile, since they are stopped first."""
        if os.name == "nt":
            for pid in reversed(self.pids()):
                _signal(pid, signal.SIGTERM)  # which ends a process at once there
            return
        stopped: dict[int, None] = {}
        for _ in range(_STOP_ROUNDS):
            found = [pid for pid in self.pids() if pid not in stopped]
            if not found:
                break
            for pid in found:
                _signal(pid, signal.SIGSTOP)
            stopped |= dict.fromkeys(found)
        for pid in stopped:
            _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _born(pid: int) -> str:
    """When the process began, in the system's ticks; empty where it is gone. Tells it from a later one of the same number."""
    if not _HAS_PROC:
        return _born_by_psutil(pid)
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return ""
    # field 22 of proc(5), the name's bracket closes the second
    return stat.rpartition(b")")[2].split()[19].decode()


def _below(pid: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  (names alone: this is called all the time)
    except OSError:
        return
    for thread in threads:
        try:
            children = (_PROC / f"{pid}/task/{thread}/children").read_bytes().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _below(child)


def _status(pid: int) -> dict[str, int]:
    """Sizes of `/proc/PID/status`, in bytes; none of a process that is gone."""
    try:
        return _sizes((_PROC / f"{pid}/status").read_bytes())
    except OSError:
        return {}


def _proportional(pid: int) -> int | None:
    try:
        sizes = _sizes((_PROC / f"{pid}/smaps_rollup").read_bytes())
    except OSError:
        return None
    if "Pss_Anon" not in sizes:  # before Linux 5.4
        return sizes.get("Pss", 0) + sizes.get("SwapPss", 0)
    return sum(sizes.get(name, 0) for name in ("Pss_Anon", "Pss_Shmem", "SwapPss", "Private_Hugetlb"))


def _sizes(text: bytes) -> dict[str, int]:
    """The lines `Name:   12 kB`."""
    sizes = {}
    for line in text.splitlines():
        if line.endswith(b" kB"):
            name, _, size = line[:-3].partition(b":")
            sizes[name.decode()] = int(size) * _KIB
    return sizes


def _born_by_psutil(pid: int) -> str:
    import psutil

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""


def _pids_by_psutil(root: int, *, counts_root: bool) -> list[int]:
    import psutil

    try:
        below = [child.pid for child in psutil.Process(root).children(recursive=True)]
    except psutil.Error:
        below = []
    return [root, *below] if counts_root else below


def _usage_by_psutil(pids: list[int]) -> Usage:
    import psutil

    sizes = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            sizes.append(int(psutil.Process(pid).memory_info().rss))
    return Usage(rss_bytes=sum(sizes), held_bytes=sum(sizes), peak_bytes=max(sizes, default=0))
