"""The pool of kernels on this machine: pages started in threads as the schedule says, their runs as they come."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from sitegen.errors import Diagnostic, SiteError
from sitegen.execution import cuda, devices, refusals
from sitegen.execution.backends import ExecutionCancelled
from sitegen.execution.environment import kernel_environment, provide_lab
from sitegen.execution.events import Listener, PageWaiting
from sitegen.execution.facilities import Facilities, Share
from sitegen.execution.jobs import Job, Run
from sitegen.execution.limits import MemoryWatch
from sitegen.execution.preload import Preload, plan
from sitegen.execution.private_folders import private_folder, remove_private_folder, sweep_folders
from sitegen.execution.processes import Launch, Processes, boot_hook
from sitegen.execution.schedule import Ask, Capacity, Grant, Lack, Schedule
from sitegen.execution.turns import Turns

_POLL_S: Final = 0.1
"""Between two looks whether somebody has cancelled; a wait without end could not be interrupted on Windows."""
_FILES_OF_A_PAGE: Final = 18
"""Sockets, pipes and files that this process has open for a page that runs, one or two more than counted."""
_OTHER_FILES: Final = 60
"""All others that it has open or may open meanwhile."""


def pooled_runs(
    jobs: list[tuple[Job, frozenset[int]]],
    *,
    workers: int,
    state_dir: Path,
    listener: Listener,
    ended: threading.Event,
) -> Iterator[Run]:
    """The runs of jobs, in the order in which they finish.

    Args:
        jobs: each with the numbers of the CUDA devices that will do for it.
        workers: pages at the same time, at most.
        state_dir: `.sitegen/`.
        listener: takes one call at a time, from any thread.
        ended: set by whoever wants no more runs, and at the end.

    Raises:
        ExecutionCancelled: `ended` was set meanwhile.
    """
    uuids = cuda.visible_uuids(os.environ) if any(among for _, among in jobs) else ()
    workers = _room_for(min(workers, len(jobs) or 1))
    with (
        Processes() as processes,
        MemoryWatch() as memory,
        ThreadPoolExecutor(workers, thread_name_prefix="kernel") as threads,
    ):
        facilities = Facilities(
            environ=os.environ,
            lab=_prepared(state_dir),
            turns=Turns(),
            processes=processes,
            preload=_planned([job for job, _ in jobs], state_dir),
            memory=memory,
            cancelled=ended,
            listener=listener,
        )
        schedule = Schedule(
            [_ask(job, among) for job, among in jobs],
            Capacity(
                pages=workers,
                cores=max(workers, devices.usable_cores()),
                memory_bytes=memory.machine.total_bytes,
                cuda=frozenset().union(*(among for _, among in jobs)),
            ),
        )
        pool = _Pool([job for job, _ in jobs], schedule, threads, facilities, uuids)
        ahead = threading.Thread(
            target=_make_root, args=([job for job, _ in jobs], facilities), name="kernel-root"
        )
        try:
            ahead.start()
            yield from pool.runs()
        finally:  # also on Ctrl-C: the pool's end waits for the threads, so they must end
            ended.set()
            threads.shutdown(wait=True, cancel_futures=True)
            ahead.join()


def _make_root(jobs: list[Job], facilities: Facilities) -> None:
    """Begin with the first warm process while the first page still imports Jupyter: a tenth of a second.

    Not where a page has a `benchmark` cell, beside which nothing is to be imported.
    """
    forked = [job for job in jobs if facilities.preload.modules_of(job.page) is not None]
    if forked and not any(cell.options.benchmark for job in jobs for cell in job.cells):
        job = forked[0]
        launch = Launch(
            argv=job.kernel.argv,
            cwd=job.folder,
            env=kernel_environment(job, facilities.environ, Share(threads=job.execution.cpus)),
            modules=(),
            root=job.root,
            hook=boot_hook(),
        )
        facilities.processes.make_root(launch, facilities.cancelled)


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
        if self._facilities.cancelled.is_set():  # since it was submitted: nobody waits for the outcome
            return
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


def _room_for(workers: int) -> int:
    """For how many pages at a time this process may open files, after its limit is raised as far as the system lets it.

    Where there are too many, libzmq ends the whole process.
    """
    try:
        import resource
    except ImportError:  # Windows, where sockets are no files
        return workers
    wanted = _OTHER_FILES + workers * _FILES_OF_A_PAGE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft in range(wanted):  # else it is enough, or there is no limit
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
        workers = min(workers, (soft - _OTHER_FILES) // _FILES_OF_A_PAGE)
    return max(1, workers)


def _prepared(state_dir: Path) -> Path:
    """What killed builds left is swept, and the folder with `lab` is there; its path.

    Raises:
        SiteError: the file system refuses (SG501, or SG304 for temporary folders).
    """
    try:
        sweep_folders()
        remove_private_folder(private_folder())
    except OSError as error:
        problem = f"no temporary folder can be made, and every kernel needs one: {error.strerror or error}"
        raise _refusal("SG304", problem, "name a folder that can be written with `TMPDIR`") from error
    try:
        return provide_lab(state_dir)
    except OSError as error:
        problem = f"cannot write to `{state_dir}`, which every run needs: {error.strerror or error}"
        raise _refusal(
            "SG501", problem, "check the folder's owner, its permissions and the free space"
        ) from error


def _refusal(code: str, problem: str, hint: str) -> SiteError:
    return SiteError(Diagnostic(code=code, severity="error", message=problem, hint=hint))


def _planned(jobs: list[Job], state_dir: Path) -> Preload:
    """What warm processes load for these pages."""
    refused: dict[str, str] = {}
    for kernel in {job.kernel for job in jobs}:
        refused |= refusals.known(state_dir, kernel)
    return plan(jobs, refused=refused)


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
