"""The local pool: cancelled or left early, it leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest

from sitegen.errors import SiteError
from sitegen.execution.backends import ExecutionCancelled, LocalBackend
from sitegen.execution.events import (
    CellFinished,
    CellStarted,
    Event,
    MemorySampled,
    PageFinished,
    PageStarted,
)
from sitegen.execution.jobs import Job
from sitegen.execution.kernel_choice import PageDevice

pytestmark = pytest.mark.kernel


def _job(site: Any, name: str, *cells: str | tuple[str, dict[str, Any]]) -> Job:
    job: Job = site.job(site.page(name, *cells))
    return job


def _kernels() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if _is_kernel(child)]


def _is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel_launcher" in process.cmdline()
    except psutil.NoSuchProcess:  # it has ended, and may not have been waited for yet
        return False


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


def test_state_folder_that_cannot_be_written_is_no_bug(site: Any) -> None:
    """In a checkout that is read-only, the author is told so, before a kernel starts; here a file is in the way."""
    job = _job(site, "a", "print(1)")
    (site.config.root / ".sitegen").write_text("", encoding="utf-8")
    with pytest.raises(SiteError, match=r"SG501: cannot write to `.*\.sitegen`, which every run needs: "):
        list(LocalBackend(site.config, workers=1).run([job]))
    assert _kernels() == []


def test_no_temporary_folder_is_no_bug(site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a container whose file system is read-only, the author is told what to do, before a kernel starts."""
    monkeypatch.setattr("sitegen.execution.private_folders._bases", lambda: [tmp_path / "is not there"])
    with pytest.raises(SiteError, match="SG304: no temporary folder can be made") as raised:
        list(LocalBackend(site.config, workers=1).run([_job(site, "a", "print(1)")]))
    assert "TMPDIR" in str(raised.value.diagnostic.hint)


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


WAIT = (
    "import os, time\n"
    "while not os.path.exists('../cpu/done'): time.sleep(0.01)\n"
    "print(os.environ['CUDA_VISIBLE_DEVICES'], os.environ['CUDA_DEVICE_ORDER'])"
)
"""Ends only when the page of the CPU has run."""
SAY = "import os; print(os.environ['CUDA_VISIBLE_DEVICES'])"


def test_pages_have_devices_to_themselves(site: Any, counting: Any, two_gpus: PageDevice) -> None:
    """Pages of one device get one each, one of two waits for both, one of three is an error at once, and the CPU's go on.

    The two that hold the devices wait for the page of the CPU, which stands behind the one that waits for them.
    """
    backend = counting(site)
    patient = {"timeout_s": 30.0}
    done = site.execute(
        site.page("auto", (WAIT, patient)),
        site.page("cuda", (WAIT, {"device": "cuda", **patient})),
        site.page("both", SAY, gpus=2),
        site.page("three", SAY, gpus=3),
        site.page("cpu", ("open('done', 'w').close(); " + SAY, {"device": "cpu"})),
        backend=backend,
    )

    said = {
        name: "".join(
            getattr(output, "text", "") for run in page.runs.values() for output in run.outputs
        ).split()
        for name, page in done.items()
    }
    assert sorted([said["auto"], said["cuda"]]) == [["0", "PCI_BUS_ID"], ["1", "PCI_BUS_ID"]]
    assert (said["both"], said["cpu"]) == (["0,1"], [])
    assert (done["three"].state, [each.code for each in done["three"].diagnostics]) == ("not run", ["SG327"])
    assert {name for name, page in done.items() if page.state == "fresh"} == {"auto", "cuda", "both", "cpu"}
    assert "/three" not in backend.pages
    in_use = {(event.page, event.cuda_bytes) for event in backend.events if isinstance(event, MemorySampled)}
    assert in_use == {("/auto", 2**30), ("/cuda", 2**30), ("/both", 2**31), ("/cpu", None)}
    holding: dict[str, tuple[int, ...]] = {}
    for event in backend.events:
        if isinstance(event, PageStarted):
            holding[event.page] = event.cuda
            held = [number for numbers in holding.values() for number in numbers]
            assert len(held) == len(set(held))
        elif isinstance(event, PageFinished):
            del holding[event.page]
