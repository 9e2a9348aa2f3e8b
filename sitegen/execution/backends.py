"""Where pages are executed: the narrow protocol, and the pool of kernels on this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from sitegen.config import Config
from sitegen.content.document import CellRun, source_digest
from sitegen.execution import cuda, devices, refusals
from sitegen.execution.environment import provide_lab, sweep_folders
from sitegen.execution.events import Event, Listener, PageQueued, PageWaiting, ignore
from sitegen.execution.facilities import Facilities, Share
from sitegen.execution.jobs import Job, Run
from sitegen.execution.limits import MemoryWatch
from sitegen.execution.preload import Preload, plan
from sitegen.execution.processes import Processes
from sitegen.execution.schedule import Ask, Capacity, Grant, Lack, Schedule
from sitegen.execution.turns import Turns

_POLL_S: Final = 0.1
"""Between two looks whether somebody has cancelled; a wait without end could not be interrupted on Windows."""


class ExecutionCancelled(Exception):  # noqa: N818  (not an error: somebody asked for it)
    """`Backend.cancel` was called; no kernel is left, and the runs not yet given are lost."""


class Backend(Protocol):
    """Executes jobs: jobs in, runs out as they finish, cancel. One backend serves one build."""

    @property
    def name(self) -> str:
        """For the record: `local`, `cluster`."""
        ...

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """The runs, in the order in which they finish: one for each job, failed or not.

        A consumer that stops early (an exception, Ctrl-C, `close()`) leaves no kernel behind. A bug that ends one page's
        execution is raised when all other runs have been given.

        Raises:
            ExecutionCancelled: `cancel` was called, before or meanwhile.
        """
        ...

    def cancel(self) -> None:
        """End what is running, soon, and let nothing run any more; may be called from another thread, at any time."""
        ...


class LocalBackend:
    """A pool of as many kernels as there are cores; each page gets a fresh one, and a `benchmark` cell the machine."""

    name = "local"

    def __init__(self, config: Config, *, workers: int | None = None, listener: Listener = ignore) -> None:
        self._state_dir = config.state_dir
        self._workers = workers or devices.usable_cores()
        self._listener = _Serialized(listener)
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._going: set[threading.Event] = set()
        """One for each `run` that is not over; set, it ends that run's kernels."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """The runs, in the order in which they finish; see `Backend.run`."""
        queue = tuple(jobs)
        with self._until_cancelled() as ended:
            if not queue:
                return
            among = [_devices_for(job, self._state_dir) for job in queue]
            too_few = [len(each) < job.device.count for job, each in zip(queue, among, strict=True)]
            able = [number for number, is_too_few in enumerate(too_few) if not is_too_few]
            self._told_of(queue[number] for number in able)
            yield from (_refused(job, self._state_dir) for job, no in zip(queue, too_few, strict=True) if no)
            yield from self._run([(queue[number], among[number]) for number in able], ended)

    def cancel(self) -> None:
        """End what is running: kernels are killed within a tenth of a second, and a later `run` starts none."""
        with self._lock:
            self._is_cancelled = True
            for ended in self._going:
                ended.set()

    @contextmanager
    def _until_cancelled(self) -> Iterator[threading.Event]:
        """The event that ends one `run`: on a cancellation, and when its consumer has had enough."""
        ended = threading.Event()
        with self._lock:
            if self._is_cancelled:
                raise ExecutionCancelled
            self._going.add(ended)
        try:
            yield ended
        finally:
            ended.set()
            with self._lock:
                self._going.discard(ended)

    def _told_of(self, queue: Iterable[Job]) -> None:
        for job in queue:
            self._listener(
                PageQueued(
                    page=job.page,
                    cells=len(job.cells),
                    why=job.why,
                    path=job.path,
                    expected_s=job.expected_s,
                )
            )

    def _run(self, jobs: list[tuple[Job, frozenset[int]]], ended: threading.Event) -> Iterator[Run]:
        """The runs of jobs, each with the numbers of the CUDA devices that will do for it."""
        cores = devices.usable_cores()
        schedule = Schedule(
            [_ask(job, among) for job, among in jobs],
            Capacity(
                pages=self._workers,
                cores=max(self._workers, cores),
                memory_bytes=devices.memory_bytes(),
                cuda=frozenset().union(*(among for _, among in jobs)),
            ),
        )
        uuids = cuda.visible_uuids(os.environ) if any(among for _, among in jobs) else ()
        with (
            Processes() as processes,
            MemoryWatch() as memory,
            ThreadPoolExecutor(min(self._workers, len(jobs) or 1), thread_name_prefix="kernel") as threads,
        ):
            facilities = Facilities(
                environ=os.environ,
                lab=_prepared(self._state_dir),
                turns=Turns(),
                processes=processes,
                preload=_planned([job for job, _ in jobs], self._state_dir),
                memory=memory,
                cancelled=ended,
                listener=self._listener,
            )
            pool = _Pool([job for job, _ in jobs], schedule, threads, facilities, uuids)
            try:
                yield from pool.runs()
            finally:  # also on Ctrl-C: the pool's end waits for the threads, so they must end
                ended.set()
                threads.shutdown(wait=True, cancel_futures=True)


class _Pool:
    """Starts pages in threads as the schedule says, and goes on whether or not anybody takes the runs."""

    def __init__(
        self,
        jobs: list[Job],
        schedule: Schedule,
        threads: ThreadPoolExecutor,
        facilities: Facilities,
        uuids: tuple[str, ...],
    ) -> None:
        self._jobs = jobs
        self._schedule = schedule
        self._threads = threads
        self._facilities = facilities
        self._uuids = uuids
        self._lock = threading.Lock()
        self._lacks: dict[int, Lack] = {}
        self._broken: BaseException | None = None
        """Why no page can be started any more."""
        self._outcomes: SimpleQueue[Run | BaseException] = SimpleQueue()

    def runs(self) -> Iterator[Run]:
        """The runs as they come; what went wrong with our own code at the very end.

        Raises:
            ExecutionCancelled: somebody cancelled.
        """
        bugs = []
        self._start()
        for _ in self._jobs:
            outcome = self._next_outcome()
            if isinstance(outcome, Run):
                yield outcome
            else:
                bugs.append(outcome)
        if len(bugs) > 1:
            raise BaseExceptionGroup("pages whose execution broke off", bugs)
        if bugs:
            raise bugs[0]

    def _next_outcome(self) -> Run | BaseException:
        while not self._facilities.cancelled.is_set():
            try:
                outcome = self._outcomes.get(timeout=_POLL_S)
            except Empty:
                continue
            if not self._facilities.cancelled.is_set():
                return outcome
        raise self._broken or ExecutionCancelled

    def _start(self) -> None:
        """Start what is due; called at the beginning, and by each thread whose page has ended."""
        with self._lock:
            if self._facilities.cancelled.is_set():
                return
            for grant in self._schedule.start():
                self._threads.submit(self._execute, grant)
            self._tell_who_waits()

    def _tell_who_waits(self) -> None:
        lacks = dict(self._schedule.lacks)
        for number, lack in lacks.items():
            if self._lacks.get(number) != lack:
                self._facilities.listener(
                    PageWaiting(page=self._jobs[number].page, what=_words(self._jobs[number], lack))
                )
        self._lacks = lacks

    def _execute(self, grant: Grant) -> None:
        """One page, from its start to its outcome; the border of the thread, so nothing is raised."""
        job = self._jobs[grant.number]
        outcome: Run | BaseException
        try:
            from sitegen.execution.kernels import run_page  # Jupyter comes in here, and only here

            outcome = run_page(job, self._share(job, grant), self._facilities)
        except BaseException as error:  # raised where the runs are taken, after all others
            error.add_note(f"while `{job.path}` was executed")
            outcome = error
        with self._lock:
            self._schedule.end(grant.number)
        self._outcomes.put(outcome)
        try:
            self._start()
        except BaseException as error:  # nothing more starts: better ended than waited for
            self._broken = error
            self._facilities.cancelled.set()

    def _share(self, job: Job, grant: Grant) -> Share:
        return Share(
            threads=job.execution.cpus,
            cuda=grant.cuda,
            cuda_uuids=tuple(self._uuids[number] for number in grant.cuda if number < len(self._uuids)),
        )


class _Serialized:
    """A listener that threads may call: one call at a time."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._listener(event)


def _prepared(state_dir: Path) -> Path:
    """What killed builds left is swept, and the folder with `lab` is there; its path."""
    sweep_folders()
    return provide_lab(state_dir)


def _planned(jobs: list[Job], state_dir: Path) -> Preload:
    """What warm processes load for these pages."""
    refused: dict[str, str] = {}
    for kernel in {job.kernel for job in jobs}:
        refused |= refusals.known(state_dir, kernel)
    return plan(jobs, refused=refused)


def _devices_for(job: Job, state_dir: Path) -> frozenset[int]:
    """Numbers of the CUDA devices that will do for the page; none for one of the CPU."""
    if not job.device.count:
        return frozenset()
    names = devices.cuda_names(devices.detect(), job.kernel, state_dir)
    return frozenset(number for number, name in enumerate(names) if name == job.device.name)


def _ask(job: Job, among: frozenset[int]) -> Ask:
    return Ask(
        expected_s=job.expected_s,
        cores=job.execution.cpus,
        memory_bytes=job.execution.memory_bytes or 0,
        cuda=job.device.count,
        among=among,
    )


def _words(job: Job, lack: Lack) -> str:
    """What a page waits for, as `PageWaiting` has it."""
    if lack == "devices":
        return "a CUDA device" if job.device.count == 1 else f"{job.device.count} CUDA devices"
    if lack == "memory":
        return f"{(job.execution.memory_bytes or 0) / 2**30:.1f} GiB of memory"
    return "a free kernel" if job.execution.cpus == 1 else f"{job.execution.cpus} cores"


def _refused(job: Job, state_dir: Path) -> Run:
    """The run of a page that asks for more devices than there are, which is none."""
    names = devices.cuda_names(devices.detect(), job.kernel, state_dir)
    where = job.cells[0].location if job.cells else job.expressions[0][1].location
    return Run(
        page=job.page,
        started=datetime.now(UTC),
        seconds=0.0,
        cells=tuple(
            CellRun(cell=cell.id, status="skipped", source_digest=source_digest(cell.source))
            for cell in job.cells
        ),
        diagnostics=(devices.too_few(job.device.count, names, where),),
    )
