"""Control groups, in folders that look like those of Linux. What the files mean is the kernel's: no limit acts here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import pytest

from sitegen.content.document import PageKey
from sitegen.execution.cgroups import MemoryController, PageGroups, find_memory_controller
from sitegen.execution.events import ignore
from sitegen.execution.limits import MemoryWatch
from sitegen.execution.machine_memory import MachineMemory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths of Linux")

GB: Final = 10**9
NO_LIMIT: Final = "9223372036854771712\n"
FILES: Final = {
    "cgroup.procs": "",
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.oom.group": "0\n",
    "memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n",
    "memory.current": "0\n",
}


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="ascii")
    return folder


def _proc(folder: Path, cgroup: str, mountinfo: str) -> Path:
    return _write(folder / "proc", {"cgroup": cgroup, "mountinfo": mountinfo})


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hierarchy of version 2 in which a new group below a group that passes memory on has the files of memory."""
    root = tmp_path / "sys fs" / "cgroup"
    make, remove = os.mkdir, os.rmdir

    def mkdir(path: os.PathLike[str] | str, mode: int = 0o777, **more: int) -> None:
        make(path, mode, **more)
        folder = Path(path)
        if root in folder.parents and folder.name.startswith("sitegen-"):
            passed_on = (folder.parent / "cgroup.subtree_control").read_text("ascii").split()
            _write(folder, FILES if "memory" in passed_on else {"cgroup.procs": ""})

    def rmdir(path: os.PathLike[str] | str, **more: int) -> None:
        if root in Path(path).parents and Path(path).name.startswith("sitegen-"):
            for file in Path(path).iterdir():  # in the real one they are no obstacle
                file.unlink()
        remove(path, **more)

    monkeypatch.setattr(os, "mkdir", mkdir)
    monkeypatch.setattr(os, "rmdir", rmdir)
    _write(root, {"cgroup.procs": "1\n", "cgroup.subtree_control": "cpu memory\n"})
    return root


def _controller(hierarchy: Path, tmp_path: Path, path: str = "/user.slice/app.scope") -> MemoryController:
    mount = str(hierarchy).replace(" ", "\\040")
    proc = _proc(
        tmp_path, f"0::{path}\n", f"29 23 0:26 / {mount} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
    )
    found = find_memory_controller(proc)
    assert found is not None
    return found


def _session(hierarchy: Path, passed_on: str = "memory pids\n") -> Path:
    """Our own group, which has processes and so passes nothing on, in a group that does."""
    _write(hierarchy / "user.slice", {"cgroup.procs": "", "cgroup.subtree_control": passed_on})
    return _write(
        hierarchy / "user.slice/app.scope",
        {"cgroup.procs": f"{os.getpid()}\n", "cgroup.subtree_control": "\n", **FILES},
    )


def test_limit_of_version_2_is_the_strictest_above(hierarchy: Path, tmp_path: Path) -> None:
    """A limit of a group holds for all below it; cached files count as free."""
    own = _session(hierarchy)
    _write(own, {"memory.max": f"{8 * GB}\n"})
    _write(
        hierarchy / "user.slice",
        {
            "memory.max": f"{4 * GB}\n",
            "memory.current": f"{3 * GB}\n",
            "memory.stat": f"anon 1\ninactive_file {GB}\n",
        },
    )

    controller = _controller(hierarchy, tmp_path)

    assert (controller.version, controller.own) == (2, own)
    assert controller.limit_bytes() == 4 * GB
    assert controller.available_bytes() == 2 * GB


def test_limit_of_version_1_in_a_container(tmp_path: Path) -> None:
    """The container sees its own part of the hierarchy as the mount; no limit is a very large number."""
    mount = _write(
        tmp_path / "memory",
        {
            "memory.limit_in_bytes": f"{2 * GB}\n",
            "memory.usage_in_bytes": f"{GB}\n",
            "memory.stat": "cache 5\ntotal_inactive_file 500\n",
            "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
            "job/memory.limit_in_bytes": NO_LIMIT,
            "job/memory.usage_in_bytes": "1\n",
        },
    )
    mounts = (
        f"30 23 0:27 /docker/4f /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"
        f"31 23 0:28 /docker/4f {mount} ro,nosuid - cgroup cgroup rw,memory\n"
        f"32 23 0:29 / {tmp_path / 'unified'} ro - cgroup2 cgroup2 rw\n"
    )
    lines = "9:cpu:/docker/4f\n4:memory:/docker/4f{}\n0::/\n"

    whole = find_memory_controller(_proc(tmp_path, lines.format(""), mounts))
    job = find_memory_controller(_proc(tmp_path, lines.format("/job"), mounts))

    assert whole is not None
    assert (whole.version, whole.limit_bytes(), whole.available_bytes()) == (1, 2 * GB, GB + 500)
    assert whole.oom_kills() == 3
    assert job is not None
    assert (job.limit_bytes(), job.available_bytes()) == (2 * GB, GB + 500)


@pytest.mark.parametrize("mounts", ["", "31 23 0:28 /other /mnt ro - cgroup2 cgroup2 rw\n"])
def test_no_controller_is_no_limit(tmp_path: Path, mounts: str) -> None:
    """Nothing mounted, or another part of the hierarchy than our own; and other systems."""
    assert find_memory_controller(_proc(tmp_path, "0::/user.slice\n", mounts)) is None
    assert find_memory_controller(tmp_path / "none") is None


def test_group_stands_beside_our_own(hierarchy: Path, tmp_path: Path) -> None:
    """It has the limit, no swap, and ends as a whole; nothing is left of it."""
    _session(hierarchy)
    groups = PageGroups.find(_controller(hierarchy, tmp_path))
    assert groups is not None

    group = groups.make(2 * GB)

    assert group is not None
    assert group.folder.parent == hierarchy / "user.slice"
    files = {name: (group.folder / name).read_text("ascii").strip() for name in FILES}
    assert (files["memory.max"], files["memory.swap.max"], files["memory.oom.group"]) == (
        f"{2 * GB}",
        "0",
        "1",
    )
    group.remove()
    assert [folder.name for folder in hierarchy.rglob("sitegen-*")] == []


def test_groups_of_killed_builds_are_removed(hierarchy: Path, tmp_path: Path) -> None:
    """Nobody could remove them when their build was killed; those of builds that run stay."""
    _session(hierarchy)
    dead, alive = (hierarchy / f"user.slice/sitegen-{pid}-3" for pid in (2**22 + 1, os.getppid()))
    dead.mkdir()
    alive.mkdir()

    PageGroups.find(_controller(hierarchy, tmp_path))

    assert (dead.exists(), alive.exists()) == (False, True)


def test_group_stands_below_the_root(hierarchy: Path, tmp_path: Path) -> None:
    """The root alone may have processes and pass controllers on."""
    groups = PageGroups.find(_controller(hierarchy, tmp_path, "/"))
    assert groups is not None

    group = groups.make(GB)

    assert group is not None
    assert group.folder.parent == hierarchy
    group.remove()


@pytest.mark.parametrize("why", ["memory is not passed on", "not ours", "version 1"])
def test_without_such_a_place_there_are_no_groups(
    hierarchy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """And nothing is left of the attempt."""
    _session(hierarchy, "cpu\n" if why == "memory is not passed on" else "memory\n")
    controller = _controller(hierarchy, tmp_path)
    if why == "not ours":
        monkeypatch.setattr(os, "access", lambda path, mode: False)  # noqa: ARG005
    if why == "version 1":
        controller = MemoryController(version=1, mount=hierarchy, own=controller.own)

    assert PageGroups.find(controller) is None
    assert [folder.name for folder in hierarchy.rglob("sitegen-*")] == []


def test_page_is_watched_in_a_group(hierarchy: Path, tmp_path: Path) -> None:
    """The group is there before the kernel begins and gone after the page; what the system ended in it is the page's excess."""
    _session(hierarchy)
    controller = _controller(hierarchy, tmp_path)
    machine = MachineMemory(total_bytes=8 * GB, controller=controller, meminfo=tmp_path / "none")

    with MemoryWatch(machine) as watch, watch.page(PageKey("/a"), 2 * GB, ignore) as page:
        assert page.group is not None
        assert page.excess is None
        events = FILES["memory.events"].replace("oom_kill 0", "oom_kill 2")
        (page.group.folder / "memory.events").write_text(events, encoding="ascii")

    assert not page.group.folder.exists()
    assert page.excess is not None
    assert (page.excess.reason, page.excess.bound_bytes) == ("page", 2 * GB)


def test_group_that_stays_busy_is_left(
    hierarchy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that cannot be killed does not hold the build up."""
    _session(hierarchy)
    groups = PageGroups.find(_controller(hierarchy, tmp_path))
    assert groups is not None
    group = groups.make(GB)
    assert group is not None
    asked: list[object] = []

    def busy(path: object) -> None:
        asked.append(path)
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "rmdir", busy)
    monkeypatch.setattr("sitegen.execution.cgroups._GONE_S", 0.0)
    group.remove()

    assert asked
    assert (group.folder / "cgroup.kill").read_text("ascii") == "1"
