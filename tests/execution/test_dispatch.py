"""The local pool without kernels: who is started when, and what becomes of runs when something breaks."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sitegen.content.document import source_digest
from sitegen.content.executed import CellRun, DisplayOutput, ErrorOutput, StreamOutput
from sitegen.errors import Diagnostic
from sitegen.execution import devices, kernels, limits
from sitegen.execution.backends import ExecutionCancelled, LocalBackend
from sitegen.execution.events import Event, PageQueued, PageWaiting
from sitegen.execution.facilities import Facilities, Share
from sitegen.execution.jobs import Job, PeakMemory, Run, Traces
from sitegen.execution.kernel_choice import PageDevice
from sitegen.execution.machine_memory import MachineMemory
from sitegen.frozen import FrozenDict

Play = Callable[[Job, Share, Facilities], object]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Play], None]:
    """Puts a function in place of a page's execution."""

    def put(function: Play) -> None:
        def run_page(job: Job, share: Share, facilities: Facilities) -> Run:
            function(job, share, facilities)
            return Run(page=job.page, started=datetime(2030, 1, 1, tzinfo=UTC), seconds=0.0, cells=())

        monkeypatch.setattr(kernels, "run_page", run_page)

    return put


def _jobs(site: Any, *names: str, **execution: Any) -> list[Job]:
    return [site.job(site.page(name, "1", **execution)) for name in names]


def test_bug_in_one_page_loses_no_other(site: Any, play: Callable[[Play], None]) -> None:
    """What is no error of the author's is raised with its traceback and its page, after the runs of all other pages."""

    def execute(job: Job, share: Share, facilities: Facilities) -> None:
        if job.page == "/broken":
            raise ZeroDivisionError("ours")

    play(execute)
    runs = LocalBackend(site.config, workers=1).run(_jobs(site, "broken", "b", "c"))
    given = [next(runs).page, next(runs).page]
    with pytest.raises(ZeroDivisionError, match="ours") as raised:
        next(runs)
    assert given == ["/b", "/c"]
    assert raised.value.__notes__ == ["while `content/broken/index.md` was executed"]


def test_two_bugs_are_raised_together(site: Any, play: Callable[[Play], None]) -> None:
    """Neither hides the other."""

    def execute(job: Job, share: Share, facilities: Facilities) -> None:
        raise RuntimeError(job.page)

    play(execute)
    with pytest.raises(BaseExceptionGroup) as raised:
        list(LocalBackend(site.config, workers=2).run(_jobs(site, "a", "b")))
    assert {str(error) for error in raised.value.exceptions} == {"/a", "/b"}


def test_pages_start_while_nobody_takes_the_runs(site: Any, play: Callable[[Play], None]) -> None:
    """A consumer that is busy with a run (it scrubs, it stores) holds no page up."""
    last = threading.Event()
    play(lambda job, *_: last.set() if job.page == "/c" else None)
    runs = LocalBackend(site.config, workers=1).run(_jobs(site, "a", "b", "c"))
    next(runs)
    assert last.wait(10)
    assert [run.page for run in runs] == ["/b", "/c"]


def test_longest_page_starts_first(site: Any, play: Callable[[Play], None]) -> None:
    """By the time of its last run; one that never ran goes before."""
    started: list[str] = []
    play(lambda job, *_: started.append(job.page))
    pages = {"short": 1.0, "long": 60.0, "new": None}
    jobs = [site.job(site.page(name, "1"), expected_s=seconds) for name, seconds in pages.items()]
    list(LocalBackend(site.config, workers=1).run(jobs))
    assert started == ["/new", "/long", "/short"]


def test_threads_are_the_pages_own_to_say(site: Any, play: Callable[[Play], None]) -> None:
    """How many pages are queued beside it changes nothing in how a page computes."""
    shares: list[int] = []
    play(lambda _, share, __: shares.append(share.threads))
    for workers, names in ((1, "a"), (4, "a"), (4, "abcd")):
        list(LocalBackend(site.config, workers=workers).run(_jobs(site, *names)))
    list(LocalBackend(site.config, workers=4).run(_jobs(site, "a", cpus=3)))
    assert shares == [1, 1, 1, 1, 1, 1, 3]


def test_who_waits_is_told_for_what(
    site: Any, play: Callable[[Play], None], two_gpus: PageDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each thing that a page waits for."""
    machine = MachineMemory(total_bytes=10 * 2**30, controller=None)
    monkeypatch.setattr(limits, "this_machine", lambda: machine)
    seen: list[Event] = []
    all_wait = threading.Event()

    def listen(event: Event) -> None:
        seen.append(event)
        if isinstance(event, PageWaiting) and event.page == "/cores":
            all_wait.set()

    play(lambda *_: all_wait.wait(10))
    two = replace(two_gpus, count=2)
    jobs = [
        site.job(site.page("one", "1", memory_bytes=6 * 2**30), two_gpus),
        site.job(site.page("device", "1"), two),
        site.job(site.page("memory", "1", memory_bytes=6 * 2**30)),
        site.job(site.page("cores", "1", cpus=9)),
    ]
    list(LocalBackend(site.config, workers=9, listener=listen).run(jobs))
    assert [(event.page, event.what) for event in seen if isinstance(event, PageWaiting)][:3] == [
        ("/device", "2 CUDA devices"),
        ("/memory", "6.0 GiB of memory"),
        ("/cores", "9 cores"),
    ]


def test_too_many_devices_are_told_at_once(
    site: Any, play: Callable[[Play], None], two_gpus: PageDevice
) -> None:
    """A job that can never start is given back before any other has ended, as failed, and holds nobody up."""
    go = threading.Event()
    play(lambda *_: go.wait(10))
    three = PageDevice(kind="cuda", name="H200", count=3)
    other = PageDevice(kind="cuda", name="A100", count=1)
    jobs = [site.job(site.page("three", "1"), three), site.job(site.page("other", "1"), other)]
    runs = LocalBackend(site.config, workers=2).run([*_jobs(site, "cpu"), *jobs])
    refused = [next(runs), next(runs)]
    go.set()
    assert [run.page for run in runs] == ["/cpu"]
    assert [(run.page, run.ok, [cell.status for cell in run.cells]) for run in refused] == [
        ("/three", False, ["skipped"]),
        ("/other", False, ["skipped"]),
    ]
    assert [run.diagnostics[0].code for run in refused] == ["SG327", "SG327"]


def test_cancel_from_another_thread_ends_a_run(site: Any, play: Callable[[Play], None]) -> None:
    """Whoever waits for the next run is told, and pages in the queue never start."""
    started: list[str] = []

    def execute(job: Job, share: Share, facilities: Facilities) -> None:
        started.append(job.page)
        threading.Thread(target=backend.cancel).start()
        assert facilities.cancelled.wait(10)

    play(execute)
    backend = LocalBackend(site.config, workers=1)
    with pytest.raises(ExecutionCancelled):
        list(backend.run(_jobs(site, "a", "b")))
    assert started == ["/a"]


def test_thread_that_cannot_start_the_next_page_ends_the_run(
    site: Any, play: Callable[[Play], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is raised, and nobody waits for pages that will never start."""
    submit, submitted = ThreadPoolExecutor.submit, []

    def once(self: ThreadPoolExecutor, *given: Any) -> Any:
        submitted.append(given)
        if len(submitted) > 1:
            raise RuntimeError("can't start new thread")
        return submit(self, *given)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", once)
    play(lambda *_: None)
    with pytest.raises(RuntimeError, match="new thread"):
        list(LocalBackend(site.config, workers=1).run(_jobs(site, "a", "b")))


def test_consumer_that_fails_ends_the_rest(site: Any, play: Callable[[Play], None]) -> None:
    """An exception in the loop over the runs, as Ctrl-C raises one, tells running pages to end and starts no other."""
    started: list[str] = []
    is_there, told = threading.Event(), threading.Event()

    def execute(job: Job, share: Share, facilities: Facilities) -> None:
        started.append(job.page)
        if job.page == "/b":
            is_there.set()
            if facilities.cancelled.wait(10):
                told.set()

    play(execute)
    runs = LocalBackend(site.config, workers=2).run(
        _jobs(site, "a", "b", "c", "d", cpus=devices.usable_cores())
    )
    next(runs)
    assert is_there.wait(10)
    with pytest.raises(KeyboardInterrupt):
        runs.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert told.is_set()
    assert started == ["/a", "/b"]


def test_nothing_is_queued_where_nothing_is_to_run(site: Any) -> None:
    """No job is no work, not even for the folder of the state."""
    seen: list[Event] = []
    assert list(LocalBackend(site.config, listener=seen.append).run([])) == []
    assert not [event for event in seen if isinstance(event, PageQueued)]
    assert not site.config.state_dir.exists()


def test_jobs_and_runs_can_be_sent(site: Any) -> None:
    """What a backend is given and gives back are plain values: a copy from another process is equal."""
    page = site.page("a", ("1", {"label": "x", "expect": FrozenDict({"m": "> 1"})}), values=[(1, "x")])
    job = site.job(page, expected_s=1.5, known_modules=("numpy",))
    cell = page.cells[0]
    outputs = (
        StreamOutput(name="stdout", text="x"),
        DisplayOutput(data=FrozenDict({"text/plain": "1"}), metadata=FrozenDict(), is_result=True),
        ErrorOutput(name="E", value="v", traceback="t"),
    )
    told = Diagnostic(
        code="SG301", severity="error", message="m", location=cell.location, related=(cell.location,)
    )
    run = Run(
        page=job.page,
        started=datetime(2030, 1, 1, tzinfo=UTC),
        seconds=1.0,
        cells=(CellRun(cell=cell.id, status="error", outputs=outputs, source_digest=source_digest("1")),),
        values=FrozenDict({page.expressions[0].id: outputs[1]}),
        memory=(PeakMemory(rss_bytes=1, cuda_bytes=2),),
        environment=FrozenDict({"python": "3.11"}),
        traces=Traces(modules=("numpy",), times=(("a", 1, 2, 3),)),
        diagnostics=(told,),
    )
    assert pickle.loads(pickle.dumps(job)) == job
    assert pickle.loads(pickle.dumps(run)) == run


def test_worker_needs_only_what_lies_below() -> None:
    """A process that executes a page loads neither Markdown, rendering, building nor the command line."""
    program = (
        "import sys, sitegen.execution.kernels, sitegen.execution.backends, sitegen.execution.recording\n"
        "print(*{name.split('.')[1] for name in sys.modules if name.startswith('sitegen.')})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    below = {"config", "content", "errors", "execution", "files", "frozen", "results", "values"}
    assert set(loaded.stdout.split()) <= below
