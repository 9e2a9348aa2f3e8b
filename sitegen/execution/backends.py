"""Where pages are executed: the narrow protocol, and the pool of kernels on this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from sitegen.config import Config
from sitegen.execution.devices import memory_bytes, usable_cores
from sitegen.execution.environment import provide_lab, sweep_folders
from sitegen.execution.events import Event, Listener, PageQueued, ignore
from sitegen.execution.facilities import Facilities, Share
from sitegen.execution.jobs import Job, Run
from sitegen.execution.limits import MemoryWatch
from sitegen.execution.processes import Processes
from sitegen.execution.resources import Resources
from sitegen.execution.turns import Turns


class ExecutionCancelled(Exception):  # noqa: N818  (not an error: somebody asked for it)
    """`Backend.cancel` was called; no kernel is left, and the runs not yet given are lost."""


class Backend(Protocol):
    """Executes jobs: jobs in, runs out as they finish, cancel."""

    @property
    def name(self) -> str:
        """For the record: `local`, `cluster`."""
        ...

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """The runs, in the order in which they finish.

        A consumer that stops early (an exception, Ctrl-C, `close()`) leaves no kernel behind.

        Raises:
            ExecutionCancelled: `cancel` was called meanwhile.
        """
        ...

    def cancel(self) -> None:
        """End what is running, soon; may be called from another thread, or when nothing runs."""
        ...


class LocalBackend:
    """A pool of as many kernels as there are cores; each page gets a fresh one, and a `benchmark` cell the machine."""

    name = "local"

    def __init__(self, config: Config, *, workers: int | None = None, listener: Listener = ignore) -> None:
        self._state_dir = config.state_dir
        self._workers = workers or usable_cores()
        self._listener = _Serialized(listener)
        self._cancelled = threading.Event()

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """The runs, in the order in which they finish; see `Backend.run`."""
        queue = tuple(jobs)
        if not queue:
            return
        cancelled = self._cancelled = threading.Event()
        sweep_folders()
        lab = provide_lab(self._state_dir)
        workers = min(self._workers, len(queue))
        resources = Resources(cores=max(self._workers, usable_cores()), memory_bytes=memory_bytes())
        threads = max(1, usable_cores() // workers)  # else kernels side by side fight over the cores
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

        def execute(job: Job) -> Run:
            from sitegen.execution.kernels import run_page  # Jupyter comes in here, and only here

            asked = job.execution
            with resources.hold(cores=asked.cpus, memory_bytes=asked.memory_bytes or 0, cancelled=cancelled):
                if cancelled.is_set():
                    raise ExecutionCancelled
                share = Share(
                    threads=asked.cpus if asked.cpus > 1 else threads, cuda=tuple(range(job.device.count))
                )
                return run_page(job, share, facilities)

        with (
            Processes() as processes,
            MemoryWatch() as memory,
            ThreadPoolExecutor(workers, thread_name_prefix="kernel") as pool,
        ):
            facilities = Facilities(
                environ=os.environ,
                lab=lab,
                turns=Turns(),
                processes=processes,
                memory=memory,
                cancelled=cancelled,
                listener=self._listener,
            )
            try:
                yield from _as_finished([pool.submit(execute, job) for job in queue], cancelled)
            finally:  # also on Ctrl-C: the pool's end waits for the threads, so they must end
                cancelled.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def cancel(self) -> None:
        """End what is running: kernels are killed within a tenth of a second."""
        self._cancelled.set()


class _Serialized:
    """A listener that threads may call: one call at a time."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._listener(event)


def _as_finished(pending: list[Future[Run]], cancelled: threading.Event) -> Iterator[Run]:
    """The results as they come; jobs that wait in the queue when somebody cancels never start."""
    waiting = set(pending)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        if cancelled.is_set():
            raise ExecutionCancelled
        for future in sorted(done, key=pending.index):
            yield future.result()
