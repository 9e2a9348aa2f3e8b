"""Two hundred executions in one process, good ones and bad ones: nothing is left of them."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from sitegen.execution.backends import ExecutionCancelled, LocalBackend
from sitegen.execution.events import CellStarted, Event
from sitegen.execution.jobs import Job, Run

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]

_ROUNDS: Final = 8
_KINDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    **{f"ok-{number}": ("import json\nprint(len(json.dumps([1, 2])))", {}) for number in range(17)},
    "colorsys": ("import colorsys\nprint('x' * 200_000)", {}),
    "raises": ("1 / 0", {}),
    "loops": ("while True:\n    pass", {"timeout_s": 0.3}),
    "killed": ("import os\nos.kill(os.getpid(), 9)", {}),
    "exits": ("import os\nos._exit(3)", {}),
    "child": ("import subprocess\nchild = subprocess.Popen(['sleep', '1000'])", {}),
    "away": ("import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)", {}),
    "forks": ("import os\nif os.fork() == 0:\n    import time\n    time.sleep(1000)", {}),
}
"""25 pages of one cell each. 8 rounds of them are 200 executions."""
_OBJECTS: Final = 1500
"""How many more Python objects 150 executions may leave: 10 each. A page whose session is kept, with its notebook, client and manager, is
hundreds; what is cached on purpose was there after the second round."""
_GROWTH_BYTES: Final = 6 * 2**20
"""How much more resident memory they may leave, 40 kB each: for what no Python object tells of, as buffers of ZeroMQ. The
allocator alone was seen to vary by 2 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What this process has at one moment."""

    handles: Counter[str]
    """Open file handles by kind: `socket`, `pipe`, `anon_inode`, or the file's path."""
    threads: tuple[str, ...]
    """By name, of Python."""
    os_threads: int
    """With those of libraries, such as ZeroMQ's."""
    children: tuple[str, ...]
    """Command lines of processes below this one."""
    strays: tuple[str, ...]
    """Command lines of processes that this one has started, or their children, and that are no longer below it."""
    temporary: tuple[str, ...]
    """Names in the temporary folder."""


def test_two_hundred_executions_leave_nothing(site: Any, temporary: Path, started_since: Any) -> None:
    """Processes, handles, threads and temporary folders are as after the first round; memory is as after the second."""
    jobs = [
        site.job(site.page(name, cell), known_modules=("json", "colorsys")) for name, cell in _KINDS.items()
    ]
    after: list[Holdings] = []
    memory: list[tuple[int, int]] = []
    for number in range(_ROUNDS):
        if number % 2 == 0:
            runs = {run.page: run for run in LocalBackend(site.config, workers=3).run(jobs)}
            assert _states(runs) == _EXPECTED
        else:
            _cancel_midway(site, jobs)
        after.append(_holdings(temporary, started_since()))
        memory.append((len(gc.get_objects()), psutil.Process().memory_info().rss))

    first, last = after[0], after[-1]
    assert last.children == last.strays == ()
    assert last.temporary == ()
    assert last.handles == first.handles
    assert last.threads == first.threads
    assert last.os_threads <= first.os_threads
    objects, resident = zip(*memory[1:], strict=True)
    assert objects[-1] - objects[0] < _OBJECTS, objects
    assert resident[-1] - resident[0] < _GROWTH_BYTES, resident


_EXPECTED: Final = {
    **dict.fromkeys((f"/{name}" for name in _KINDS), "ok"),
    "/raises": "SG301",
    "/loops": "SG302",
    "/killed": "SG303",
    "/exits": "SG303",
}


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder of this test's own, for us and for kernels; its path is short, since sockets lie in it."""
    before = os.environ.get("TMPDIR")
    folder = Path(tempfile.mkdtemp(prefix="lk", dir="/tmp"))
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def _cancel_midway(site: Any, jobs: list[Job]) -> None:
    """All pages again, cancelled when the last but two begins: those that run then are killed."""
    started: list[Event] = []

    def listen(event: Event) -> None:
        if isinstance(event, CellStarted):
            started.append(event)
            if len(started) == len(jobs) - 2:
                backend.cancel()

    backend = LocalBackend(site.config, workers=3, listener=listen)
    with pytest.raises(ExecutionCancelled):
        list(backend.run(jobs))


def _states(runs: dict[Any, Run]) -> dict[str, str]:
    return {page: "ok" if run.ok else run.diagnostics[0].code for page, run in runs.items()}


def _holdings(temporary: Path, below: list[psutil.Process]) -> Holdings:
    gc.collect()
    me = psutil.Process()
    return Holdings(
        handles=_handles(),
        threads=tuple(sorted(thread.name for thread in threading.enumerate())),
        os_threads=me.num_threads(),
        children=tuple(map(_words, below)),
        strays=tuple(_words(each) for each in _with(temporary) if each not in (me, *below)),
        temporary=tuple(sorted(path.name for path in temporary.iterdir())),
    )


def _handles() -> Counter[str]:
    found: Counter[str] = Counter()
    for handle in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # of the listing itself
            found[str(handle.readlink()).partition(":[")[0]] += 1
    return found


def _with(temporary: Path) -> list[psutil.Process]:
    """Processes that were given the test's temporary folder: all that it starts, since a fork shows what its parent was given."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("TMPDIR") == str(temporary):
                found.append(process)
    return found


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        return "gone"
