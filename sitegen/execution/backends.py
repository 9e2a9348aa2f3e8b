"""Where pages are executed: the narrow protocol, and the backend of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sitegen.execution import devices

if TYPE_CHECKING:  # a build that runs nothing makes a backend, and needs none of these
    from sitegen.config import Config
    from sitegen.execution.events import Event, Listener
    from sitegen.execution.jobs import Job, Run


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

    def __init__(
        self, config: Config, *, workers: int | None = None, listener: Listener | None = None
    ) -> None:
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
            # here: a build that runs nothing does without all this
            from sitegen.execution.pool import pooled_runs

            yield from pooled_runs(
                [(queue[number], among[number]) for number in able],
                workers=self._workers,
                state_dir=self._state_dir,
                listener=self._listener,
                ended=ended,
            )

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
        from sitegen.execution.events import PageQueued

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


class _Serialized:
    """A listener that threads may call: one call at a time."""

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        if self._listener is not None:
            with self._lock:
                self._listener(event)


def _devices_for(job: Job, state_dir: Path) -> frozenset[int]:
    """Numbers of the CUDA devices that will do for the page; none for one of the CPU."""
    if not job.device.count:
        return frozenset()
    names = devices.cuda_names(devices.detect(), job.kernel, state_dir)
    return frozenset(number for number, name in enumerate(names) if name == job.device.name)


def _refused(job: Job, state_dir: Path) -> Run:
    """The run of a page that asks for more devices than there are, which is none."""
    from sitegen.content.document import source_digest
    from sitegen.content.executed import CellRun
    from sitegen.execution.jobs import Run

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
