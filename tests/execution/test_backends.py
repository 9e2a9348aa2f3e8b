"""The local pool: cancelled or left early, it leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest

from sitegen.execution import fingerprint, kernelspecs
from sitegen.execution.backends import ExecutionCancelled, LocalBackend
from sitegen.execution.events import CellFinished, CellStarted, Event
from sitegen.execution.jobs import Job, PageDevice

pytestmark = pytest.mark.kernel


def _job(site: Any, name: str, *cells: str | tuple[str, dict[str, Any]]) -> Job:
    page = site.page(name, *cells)
    kernel = kernelspecs.find_kernel("python3")
    assert kernel is not None
    return Job(
        page=page.page,
        path=page.path,
        root=site.root,
        state_dir=site.config.state_dir,
        cells=fingerprint.running_cells(page, kernel),
        execution=page.execution,
        kernel=kernel,
        device=PageDevice(kind="cpu"),
    )


def _kernels() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "ipykernel_launcher" in child.cmdline()
    ]


def test_cancel_ends_endless_cells(site: Any, tmp_path: Path) -> None:
    """`cancel` while cells run raises in the consumer and leaves no kernel, queued pages included."""
    seen: list[Event] = []

    def listen(event: Event) -> None:
        seen.append(event)
        if isinstance(event, CellStarted):
            backend.cancel()

    backend = LocalBackend(site.config, workers=2, listener=listen)
    loop = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    with pytest.raises(ExecutionCancelled):
        list(backend.run([_job(site, name, loop) for name in ("a", "b", "c")]))
    assert _kernels() == []
    assert any(isinstance(event, CellStarted) for event in seen)


def test_cancelled_backend_starts_nothing(site: Any) -> None:
    """A cancellation that comes before the run is not lost: another thread cannot know how far a build has come."""
    seen: list[Event] = []
    backend = LocalBackend(site.config, workers=1, listener=seen.append)
    backend.cancel()
    with pytest.raises(ExecutionCancelled):
        list(backend.run([_job(site, "a", "1")]))
    assert seen == []


def test_a_benchmark_cell_has_the_machine_to_itself(site: Any) -> None:
    """While a cell with `benchmark: true` runs, no cell of another page does; with two of them nothing waits forever."""
    seen: list[Event] = []
    backend = LocalBackend(site.config, workers=2, listener=seen.append)
    timed = ("1", ("import time; time.sleep(0.3)", {"benchmark": True}))
    plain = ("import time; time.sleep(0.1)",) * 6  # long enough for the other pages' cells to fall into them
    pages = {"timed": timed, "also": timed, "plain": plain}
    runs = list(backend.run([_job(site, name, *cells) for name, cells in pages.items()]))

    assert all(run.ok for run in runs)
    running: set[tuple[str, str]] = set()
    beside: list[set[tuple[str, str]]] = []
    for event in seen:
        if isinstance(event, CellStarted):
            running.add((event.page, event.cell))
        elif isinstance(event, CellFinished):
            running.discard((event.page, event.cell))
        if running & {("/timed", "cell-2"), ("/also", "cell-2")}:
            beside.append(set(running))
    assert beside
    assert all(len(together) == 1 for together in beside)


def test_early_end_of_the_consumer_leaves_no_kernel(site: Any) -> None:
    """A consumer that stops after the first run (an exception, Ctrl-C) ends the others."""
    backend = LocalBackend(site.config, workers=2)
    runs = backend.run([_job(site, "endless", "while True: pass"), _job(site, "short", "1")])
    first = next(runs)
    runs.close()  # type: ignore[attr-defined]
    assert first.page == "/short"
    assert _kernels() == []
