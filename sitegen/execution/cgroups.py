"""Control groups of Linux: how much memory this process may use, and a group of its own for a page's processes.

What the files hold: the kernel's `admin-guide/cgroup-v2.rst` and `admin-guide/cgroup-v1/memory.rst`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.values import dataclass

PROC: Final = Path("/proc/self")
_UNLIMITED: Final = 1 << 60
"""Version 1 says "no limit" as the largest number of pages, which is a little below 2**63 bytes."""
_GONE_S: Final = 2.0
"""For the killed processes of a group to leave it."""
_POLL_S: Final = 0.01
_numbers: Final = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryController:
    """Where the memory of this process is accounted."""

    version: int
    """1 or 2."""
    mount: Path
    """Where the hierarchy begins, as far as this process sees it."""
    own: Path
    """The group of this process, at or below `mount`."""

    def limit_bytes(self) -> int | None:
        """The strictest limit of the group and those above it; None where there is none."""
        name = "memory.max" if self.version == 2 else "memory.limit_in_bytes"
        limits = [_number(group / name) for group in self._groups()]
        return min((limit for limit in limits if limit is not None and limit < _UNLIMITED), default=None)

    def available_bytes(self) -> int | None:
        """What may still be used until a limit is met: files that are only cached count as free; None without a limit."""
        limit_name, used_name, cache_name = (
            ("memory.max", "memory.current", "inactive_file")
            if self.version == 2
            else ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        )
        left = []
        for group in self._groups():
            limit, used = _number(group / limit_name), _number(group / used_name)
            if limit is not None and limit < _UNLIMITED and used is not None:
                left.append(limit - used + _table(group / "memory.stat").get(cache_name, 0))
        return min(left, default=None)

    def oom_kills(self) -> int:
        """How many processes of the group the system has killed for want of memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return _table(self.own / name).get("oom_kill", 0)

    def _groups(self) -> list[Path]:
        above = self.own.parents if self.own != self.mount else ()
        return [self.own, *(group for group in above if group.is_relative_to(self.mount))]


def find_memory_controller(proc: Path = PROC) -> MemoryController | None:
    """The controller that accounts for this process; None on other systems, and where none is mounted.

    Args:
        proc: the process's folder of procfs.
    """
    try:
        groups = (proc / "cgroup").read_text(encoding="utf-8").splitlines()
        mounts = (proc / "mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    paths = {controllers: path for _, controllers, path in (line.split(":", 2) for line in groups)}
    of_version_1 = next((path for names, path in paths.items() if "memory" in names.split(",")), None)
    for version, path in ((1, of_version_1), (2, paths.get(""))):
        if path is None:
            continue
        for root, mount in _mounts(mounts, version):
            with contextlib.suppress(ValueError):  # a mount of another part of the hierarchy
                own = mount / PurePosixPath(path).relative_to(root)
                if version == 1 or (own / "memory.current").exists() or (own / "cgroup.procs").exists():
                    return MemoryController(version=version, mount=mount, own=own)
    return None


class PageGroups:
    """Makes groups for pages, where this process may and the memory controller reaches them.

    A group that has processes and passes controllers on to groups below it is not allowed, so a page's group
    stands beside our own, or below it where ours is the root of the hierarchy.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent

    @classmethod
    def find(cls, controller: MemoryController | None) -> PageGroups | None:
        """The first place where a group can be made that limits memory; None where there is none."""
        if controller is None or controller.version != 2:
            return None
        places = [controller.own]
        if controller.own != controller.mount:
            places.insert(0, controller.own.parent)
        for place in places:
            groups = cls(place)
            if groups.is_usable():
                groups.sweep()
                return groups
        return None

    def is_usable(self) -> bool:
        """Whether a group made here has a limit of memory, and processes of ours may be moved into it."""
        # of the group above both: ours and the new one
        if not os.access(self._parent / "cgroup.procs", os.W_OK):
            return False
        try:
            group = self._make(self._name())
        except OSError:
            return False
        is_usable = os.access(group / "memory.max", os.W_OK) and os.access(group / "cgroup.procs", os.W_OK)
        PageGroup(group).remove()
        return is_usable

    def sweep(self) -> None:
        """Remove the groups of builds that were killed: their process is gone, and so are those in the group."""
        for group in self._parent.glob("sitegen-*-*"):
            process = group.name.split("-")[1]
            if process.isdigit() and not Path(f"/proc/{process}").exists():
                with contextlib.suppress(OSError):
                    group.rmdir()

    def make(self, limit_bytes: int) -> PageGroup | None:
        """A group that ends as a whole when it needs more than that; None where it cannot be made now."""
        try:
            group = self._make(self._name())
        except OSError:
            return None
        try:
            (group / "memory.max").write_text(str(limit_bytes), encoding="ascii")
            for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                if (group / name).exists():  # no swap accounting; before Linux 4.19
                    (group / name).write_text(value, encoding="ascii")
        except OSError:
            PageGroup(group).remove()
            return None
        return PageGroup(group)

    def _make(self, name: str) -> Path:
        group = self._parent / name
        group.mkdir()
        return group

    def _name(self) -> str:
        return f"sitegen-{os.getpid()}-{next(_numbers)}"


class PageGroup:
    """The group of one page's processes; the kernel joins it before it begins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """A process that writes `0` to its `cgroup.procs` joins, and so does all that it starts later."""

    def oom_kills(self) -> int:
        """How many of its processes the system has killed because the limit was met."""
        return _table(self.folder / "memory.events").get("oom_kill", 0)

    def remove(self) -> None:
        """Kill what is still in it, and remove it; a group that does not become empty is left to the system."""
        with contextlib.suppress(OSError):  # before Linux 5.14
            (self.folder / "cgroup.kill").write_text("1", encoding="ascii")
        until = time.monotonic() + _GONE_S
        while True:
            try:
                self.folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                if time.monotonic() > until:
                    return
                time.sleep(_POLL_S)
            else:
                return


def _mounts(lines: list[str], version: int) -> list[tuple[PurePosixPath, Path]]:
    """Of each mount of the hierarchy, what of it is mounted and where; see `mountinfo` in proc(5)."""
    found = []
    for line in lines:
        left, _, right = line.partition(" - ")
        fields, (kind, _, options) = left.split(), right.split(maxsplit=2)
        is_it = kind == "cgroup2" if version == 2 else kind == "cgroup" and "memory" in options.split(",")
        if is_it:
            root, mount = (part.replace("\\040", " ") for part in fields[3:5])
            found.append((PurePosixPath(root), Path(mount)))
    return found


def _number(file: Path) -> int | None:
    """What a file of one number holds; None for `max`, and where it is not there."""
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _table(file: Path) -> dict[str, int]:
    """The lines `name number` of a file; none where it cannot be read."""
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
