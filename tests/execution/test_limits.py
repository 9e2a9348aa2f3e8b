"""Pages that use more memory than they may: in real kernels, and on machines that are made up."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from sitegen.content.document import PageKey
from sitegen.content.executed import ExecutedDocument
from sitegen.errors import Diagnostic
from sitegen.execution import limits, process_memory
from sitegen.execution.events import Event, MemorySampled, PageFinished, ignore
from sitegen.execution.limits import MemoryWatch, WatchedPage
from sitegen.execution.machine_memory import MachineMemory
from sitegen.execution.process_memory import NOTHING, ProcessTree, Usage

MB: Final = 10**6
GB: Final = 10**9
LINUX: Final = pytest.mark.skipif(sys.platform != "linux", reason="what Linux tells of processes")
MARK: Final = f"a child that takes memory, of test process {os.getpid()}"
CHILD: Final = f"""import subprocess, sys
code = "import time; x = bytearray(900_000_000); time.sleep(600)  # {MARK}"
subprocess.run([sys.executable, "-c", code])
"""
FORKS: Final = """import os, time
x = bytearray(150_000_000)
if not all(os.fork() for _ in range(4)): time.sleep(600)
"""
MAPPED: Final = """import mmap, tempfile
file = tempfile.TemporaryFile()
file.truncate(400_000_000)
x = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
x.find(b"1")
"""
KILLED: Final = """import os, time
pid = os.getpid()
with open({log!r}, "w") as log:
    log.write(f"6,1,{{int(time.monotonic() * 1e6)}},-;Out of memory: Killed process {{pid}} (python3) total-vm:9kB")
os.kill(pid, 9)
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> MachineMemory:
    """One with much memory, and a log that anybody can write."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "kmsg").touch()
    return MachineMemory(total_bytes=10**15, meminfo=folder / "none", kernel_log=folder / "kmsg")


@pytest.fixture(scope="module")
def executed(
    shared_site: Any, counting: Callable[[Any], Any], machine: MachineMemory
) -> tuple[dict[str, ExecutedDocument], list[Event]]:
    """Every page of this module, run once and side by side, and what was told of them."""
    site, backend = shared_site, counting(shared_site)
    documents = [
        site.page(
            "large", "x = 1", "y = 1\nz = bytearray(900_000_000)\nwhile True: pass", memory_bytes=400 * MB
        ),
        site.page("child", CHILD, memory_bytes=400 * MB),
        site.page("fits", "x = bytearray(200_000_000)\nx.count(1)", memory_bytes=600 * MB),
        site.page(
            "bounded", "import numpy", "x = 1\ny = bytearray(12_000_000_000)", address_space_bytes=8 * GB
        ),
        site.page("killed", KILLED.format(log=str(machine.kernel_log))),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "this_machine", lambda: machine)
        return site.execute(*documents, backend=backend), backend.events


def _only(page: ExecutedDocument) -> Diagnostic:
    (diagnostic,) = page.diagnostics
    return diagnostic


@pytest.mark.kernel
@pytest.mark.parametrize(("name", "line"), [("large", 20), ("child", 10)])
def test_page_over_its_memory_is_ended(
    executed: tuple[dict[str, ExecutedDocument], list[Event]], name: str, line: int
) -> None:
    """One message at the cell, with both sizes, also where a process below the kernel has it; none of them is left."""
    diagnostic = _only(executed[0][name])

    assert (diagnostic.code, str(diagnostic.location)) == ("SG325", f"content/{name}/index.md:{line}")
    words = re.fullmatch(
        r"the page was ended in this cell: it had (\d+) MB of memory in use, and its `memory` is 400 MB",
        diagnostic.message,
    )
    assert words is not None, diagnostic.message
    assert 400 < int(words[1]) < 1100
    assert diagnostic.hint is not None
    assert "`memory` under `[execute]`" in diagnostic.hint
    assert executed[0][name].state == "failed"
    assert [process.pid for process in psutil.process_iter() if _has_mark(process)] == []


@pytest.mark.kernel
def test_page_within_its_memory_runs_and_tells_its_peak(
    executed: tuple[dict[str, ExecutedDocument], list[Event]],
) -> None:
    """Beside pages that are ended; the peak is that of the process, also where nobody looked at that moment."""
    pages, events = executed
    told = [event for event in events if isinstance(event, MemorySampled) and event.page == "/fits"]
    (finished,) = (event for event in events if isinstance(event, PageFinished) and event.page == "/fits")

    assert (pages["fits"].state, pages["fits"].diagnostics) == ("fresh", ())
    assert 200 * MB < (finished.peak_rss_bytes or 0) < 600 * MB
    assert 0 < len(told) < 30
    assert events.index(told[-1]) < events.index(finished)


@pytest.mark.kernel
@LINUX
def test_address_space_is_limited_on_request(
    executed: tuple[dict[str, ExecutedDocument], list[Event]],
) -> None:
    """What does not fit in is a `MemoryError` at its line, and the kernel lives on."""
    diagnostic = _only(executed[0]["bounded"])

    assert (diagnostic.code, diagnostic.message) == ("SG301", "cell raised MemoryError")
    assert str(diagnostic.location) == "content/bounded/index.md:21:5"
    assert [run.status for run in executed[0]["bounded"].runs.values()] == ["ok", "error"]


@pytest.mark.kernel
def test_kill_by_the_system_is_said_for_certain(
    executed: tuple[dict[str, ExecutedDocument], list[Event]],
) -> None:
    """Where the system's log names the kernel, nobody has to guess."""
    diagnostic = _only(executed[0]["killed"])

    assert diagnostic.code == "SG303"
    assert (
        diagnostic.message
        == "the kernel died in this cell: killed by the system, which had run out of memory"
    )


class _Tree:
    """Processes that are made up: what they have in use at each look, and whether they were ended."""

    def __init__(self, *looks: tuple[int, int]) -> None:
        self._looks = [Usage(rss_bytes=held, held_bytes=held, peak_bytes=held) for held, _ in looks]
        self._exact = dict(looks)
        self._now = NOTHING
        self.is_ended = False
        self.close_looks = 0

    def usage(self) -> Usage:
        self._now = self._looks.pop(0)
        return self._now

    def proportional_bytes(self) -> int:
        self.close_looks += 1
        return self._exact[self._now.held_bytes]

    def end(self) -> None:
        self.is_ended = True


def _watched(machine: MachineMemory, tree: Any, limit_bytes: int) -> WatchedPage:
    watched = WatchedPage(PageKey("/a"), (limit_bytes, "page"), machine, None, ignore)
    watched.begin(0, tree)
    return watched


@pytest.mark.parametrize(
    ("looks", "ends_at"),
    [
        ([(90, 90), (100, 100), (99, 99)], None),
        ([(101, 101), (102, 102)], 2),
        ([(126, 126)], 1),
        ([(110, 110), (90, 90), (110, 110), (111, 111)], 4),
        ([(400, 80), (400, 80), (400, 80)], None),
        ([(400, 80), (450, 130)], 2),
    ],
    ids=["within", "twice", "far", "not in a row", "shared", "shared but grown"],
)
def test_page_is_ended_by_what_it_really_has(
    machine: MachineMemory, looks: list[tuple[int, int]], ends_at: int | None
) -> None:
    """A limit of 100 MB holds for two looks in a row, or once by far; what pages share is counted in parts."""
    tree = _Tree(*[(held * MB, exact * MB) for held, exact in looks])
    watched = _watched(machine, tree, 100 * MB)

    ended = []
    for number in range(1, len(looks) + 1):
        watched.look()
        ended.append(number) if tree.is_ended else None

    assert ended[:1] == ([] if ends_at is None else [ends_at])
    assert (watched.excess is None) == (ends_at is None)


def test_close_looks_are_few(machine: MachineMemory) -> None:
    """They cost much, so a page that shares much and does not grow is not looked at closely each time."""
    tree = _Tree(*[(400 * MB, 80 * MB)] * 9)
    watched = _watched(machine, tree, 100 * MB)

    for _ in range(9):
        watched.look()

    assert tree.close_looks == 1


@pytest.fixture
def start() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts Python with a text; gives its process once it has printed something."""
    started: list[subprocess.Popen[str]] = []

    def begin(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", f"{code}\nprint('there', flush=True)\nimport time; time.sleep(600)"],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        return process

    yield begin
    for process in started:
        ProcessTree(process.pid).end()
        process.communicate()


@LINUX
@pytest.mark.parametrize(
    "code",
    [
        FORKS,
        MAPPED,
    ],
    ids=["forks", "mapped"],
)
def test_shared_and_mapped_pages_are_not_counted_twice(
    start: Callable[[str], subprocess.Popen[str]], machine: MachineMemory, code: str
) -> None:
    """Five processes that share 150 MB, and a file of 400 MB that is only mapped, are within 300 MB."""
    process = start(code)
    tree = ProcessTree(process.pid)
    watched = _watched(machine, tree, 300 * MB)

    watched.look()
    watched.look()

    assert watched.usage.rss_bytes > 300 * MB
    assert (tree.proportional_bytes() or 0) < 300 * MB
    assert watched.excess is None
    assert process.poll() is None


def test_other_systems_tell_through_psutil(
    start: Callable[[str], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no procfs: the tree, what it has in use, and its end."""
    monkeypatch.setattr(process_memory, "_HAS_PROC", False)
    process = start(FORKS)
    tree = ProcessTree(process.pid)

    assert len(tree.pids()) == 5
    assert tree.usage().rss_bytes > 150 * MB
    assert tree.proportional_bytes() is None
    assert len(ProcessTree(process.pid, counts_root=False).pids()) == 4
    tree.end()
    process.wait(30)
    assert (tree.pids(), tree.usage()) == ([], NOTHING)


@LINUX
def test_tree_ends_with_all_its_processes(start: Callable[[str], subprocess.Popen[str]]) -> None:
    """Also with those that ignore signals, lead their own session and fork without end."""
    process = start(
        "import os, signal, time\n"
        "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    while True:\n"
        "        if os.fork() == 0: time.sleep(600)\n"
        "        time.sleep(0.002)\n"
    )
    tree = ProcessTree(process.pid)
    pids = tree.pids()

    tree.end()
    process.wait(30)

    assert len(pids) > 1
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=30)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    assert tree.pids() == []


@LINUX
@pytest.mark.parametrize(
    ("left_mb", "total_mb", "is_ended"), [(10, 300, True), (10, 9000, False), (200, 300, False)]
)
def test_largest_page_is_ended_where_the_machine_runs_short(
    start: Callable[[str], subprocess.Popen[str]], tmp_path: Path, left_mb: int, total_mb: int, is_ended: bool
) -> None:
    """Not where others than the pages have the memory, and not while there is some left."""
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemAvailable: {left_mb * 1000} kB\nSwapFree: 0 kB\n", encoding="ascii")
    enough = threading.Event()
    asked = itertools.count()

    class Machine(MachineMemory):
        def available_bytes(self) -> int | None:
            if next(asked) == 5:
                enough.set()
            return MachineMemory.available_bytes(self)

    short = Machine(total_bytes=total_mb * MB, meminfo=meminfo)
    large, small = start("x = bytearray(200_000_000)"), start("x = 1")

    with (
        MemoryWatch(short) as watch,
        watch.page(PageKey("/large"), 10**12, ignore) as first,
        watch.page(PageKey("/small"), 10**12, ignore) as second,
    ):
        second.begin(small.pid, ProcessTree(small.pid))
        first.begin(large.pid, ProcessTree(large.pid))
        if is_ended:
            large.wait(30)
        else:
            assert enough.wait(30)

    assert (first.excess is not None, large.poll() is not None) == (is_ended, is_ended)
    assert (second.excess, small.poll()) == (None, None)
    if first.excess is not None:
        assert first.excess.reason == "shortage"
        assert first.excess.used_bytes > 200 * MB > 20 * MB > first.excess.bound_bytes


@pytest.mark.parametrize(
    ("total", "reserve"),
    [(0, 0), (512 * MB, 128 * MB), (2_000 * MB, 256 * MB), (8_000 * MB, 400 * MB), (10**12, 10**9)],
)
def test_machine_keeps_a_reserve(total: int, reserve: int) -> None:
    """So that a page without a limit of its own does not take all."""
    assert MachineMemory(total_bytes=total).reserve_bytes == reserve


def test_page_without_a_limit_has_what_the_machine_can_give(tmp_path: Path) -> None:
    """The total less the reserve; where the system does not say, nothing is limited."""
    known = MachineMemory(total_bytes=8_000 * MB, meminfo=tmp_path / "none")
    tree = _Tree((9_600 * MB, 9_600 * MB))
    with MemoryWatch(known) as watch, watch.page(PageKey("/a"), None, ignore) as page:
        page.begin(0, tree)  # type: ignore[arg-type]
        page.look()
    assert page.excess is not None
    assert (page.excess.reason, page.excess.bound_bytes) == ("machine", 7_600 * MB)


def test_log_counts_only_since_the_page_began(tmp_path: Path) -> None:
    """A number of a process may have been another's before; where the log is closed to us the count must do."""
    log = tmp_path / "kmsg"
    log.write_text(
        "6,8,5000000,-;Memory cgroup out of memory: Killed process 71 (python3) total-vm:9kB\n", "ascii"
    )
    machine = MachineMemory(total_bytes=0, kernel_log=log)

    assert machine.has_killed(71, since=6.0, kills_before=0)
    assert not machine.has_killed(7, since=6.0, kills_before=0)
    assert not machine.has_killed(71, since=600.0, kills_before=0)
    closed = MachineMemory(total_bytes=0, kernel_log=tmp_path / "none")
    assert not closed.has_killed(71, since=6.0, kills_before=0)


def _has_mark(process: psutil.Process) -> bool:
    try:
        return any(MARK in part for part in process.cmdline()[:3])
    except psutil.Error:
        return False
