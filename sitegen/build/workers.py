"""Processes that share the pages of a build among them: forked where that is safe, else by a server, or started anew."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from sitegen.build.bodies import DamagedStateError
from sitegen.build.staging import StagingError
from sitegen.errors import Diagnostic, PublishError, SiteError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from sitegen.build.work import Workshop

FEWEST_PAGES: Final = 48
"""With fewer pages the work is done before a process has been forked and has loaded its templates."""
_FEWEST_TO_START: Final = {"forkserver": 150, "spawn": 400}
"""The same where processes are not forked from this one: they are sent the index, and import everything, about half a
second: for the server of forks once, else each of them."""
_FEWEST_PICTURES: Final = {"fork": 2, "forkserver": 8, "spawn": 16}
"""The same of pictures whose forms are to be made: some tenths of a second each."""
_PICTURE_BYTES: Final = 700_000_000
"""Of memory that one picture may take: 50 million pixels of four bytes, twice while it is turned, and its forms."""
_LOADED_ONCE: Final = ["sitegen.build.work"]
"""What the server of forks imports, for all processes that it will make."""
_PAGES_A_CHUNK: Final = 8
"""Of one message, at most."""


class Workers(Protocol):
    """Runs the methods of a `Workshop`, in this process or in others."""

    def each(self, task: str, items: Sequence[Any]) -> Iterator[Any]:
        """What `task` gives for all items: it is called with a part of them at a time and gives one list for each.

        The order is that in which they get done.
        """
        ...

    def tell(self, task: str, *values: object) -> list[Any]:
        """Call `task` in every process, for what it leaves there, and give what it gave in each."""
        ...


class InProcess:
    """All work is done here."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def each(self, task: str, items: Sequence[Any]) -> Iterator[Any]:
        """One item after the other."""
        do = getattr(self._workshop, task)
        for item in items:
            yield from do([item])

    def tell(self, task: str, *values: object) -> list[Any]:
        """Call it here."""
        return [getattr(self._workshop, task)(*values)]


class Processes:
    """Worker processes, each with a pipe; a chunk goes to whoever is idle."""

    def __init__(self, workshop: Workshop, count: int) -> None:
        import multiprocessing

        method = _start_method()
        context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload(_LOADED_ONCE)
        self.is_forked = method == "fork"
        self._here = workshop
        self._processes: list[BaseProcess] = []
        self._pipes: list[Connection] = []
        gc.freeze()  # the collector would write to, and so copy, every page of memory that is shared by fork
        try:
            for number in range(1, count + 1):
                ours, theirs = context.Pipe()
                inherited = [*self._pipes, ours] if self.is_forked else []
                process = context.Process(
                    target=_serve, args=(workshop, number, theirs, inherited), daemon=True
                )
                process.start()
                theirs.close()
                self._processes.append(process)
                self._pipes.append(ours)
        finally:
            gc.unfreeze()

    def each(self, task: str, items: Sequence[Any]) -> Iterator[Any]:
        """In chunks, the next one ready before the last is done."""
        from multiprocessing.connection import wait

        chunks = deque(_chunks(items, len(self._pipes)))
        busy = dict.fromkeys(self._pipes, 0)
        for _ in range(2):  # one to work on, one to go on with
            for pipe in self._pipes:
                if chunks:
                    _send(pipe, task, chunks.popleft())
                    busy[pipe] += 1
        while any(busy.values()):
            for ready in wait([pipe for pipe, count in busy.items() if count]):
                pipe = cast("Connection", ready)  # one of ours; of another class on Windows
                found = _received(pipe)
                busy[pipe] -= 1
                if chunks:
                    _send(pipe, task, chunks.popleft())
                    busy[pipe] += 1
                yield from found

    def tell(self, task: str, *values: object) -> list[Any]:
        """Call it in every worker, and here."""
        for pipe in self._pipes:
            _send(pipe, task, *values)
        return [getattr(self._here, task)(*values), *(_received(pipe) for pipe in self._pipes)]

    def end(self) -> None:
        """End the processes: at once, whatever they do."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _chunks(items: Sequence[Any], processes: int) -> Iterator[Sequence[Any]]:
    """Parts that get smaller towards the end, so that all processes end at the same time."""
    start = 0
    while start < len(items):
        size = max(1, min(_PAGES_A_CHUNK, (len(items) - start) // (4 * processes)))
        yield items[start : start + size]
        start += size


@contextmanager
def working(workshop: Workshop, pages: int, *, most: int | None = None) -> Iterator[Workers]:
    """Workers for a build of that many pages.

    Args:
        workshop: made for this build; workers have a copy of it.
        pages: how many have to be made.
        most: processes; None for as many as this process may use CPUs.
    """
    count = min(most or cpus(), pages // (FEWEST_PAGES // 2))
    if count < 2 or pages < _FEWEST_TO_START.get(_start_method(), FEWEST_PAGES):
        yield InProcess(workshop)
        return
    processes = Processes(workshop, count)
    try:
        yield processes
    finally:
        processes.end()


@contextmanager
def rendering(
    workers: Workers, workshop: Workshop, files: int, told: tuple[object, ...], *, most: int | None = None
) -> Iterator[Workers]:
    """Workers that render so many files: those that composed, or new ones where that was little work.

    After an edit of a template no page is composed again, and all are rendered.

    Args:
        workers: those of `working`.
        workshop: what they work with; it has gathered the site.
        files: how many are to be rendered.
        told: what `Workshop.gather` was told; processes that are not forked do not know it.
        most: as for `working`.
    """
    if not isinstance(workers, InProcess):
        yield workers
        return
    with working(workshop, files, most=most) as others:
        if isinstance(others, Processes) and not others.is_forked:
            others.tell("gather", *told)
        yield others


@contextmanager
def developing(workers: Workers, workshop: Workshop, pictures: int) -> Iterator[Workers]:
    """Workers that make the forms of so many pictures, each one at a time: as many as there is memory for.

    Args:
        workers: those that render, which are used if they are processes.
        workshop: what they work with.
        pictures: how many are to be made.
    """
    count = min(cpus(), pictures)
    if (
        isinstance(workers, InProcess)
        and count > 1
        and pictures >= _FEWEST_PICTURES.get(_start_method(), _FEWEST_PICTURES["spawn"])
    ):
        from sitegen.execution.machine_memory import this_machine  # here: most builds have no picture to make

        free_bytes = this_machine().available_bytes()
        if free_bytes is not None:
            count = min(count, free_bytes // _PICTURE_BYTES)
    else:
        count = 1
    if count < 2:
        yield workers
        return
    processes = Processes(workshop, count)
    try:
        yield processes
    finally:
        processes.end()


def cpus() -> int:
    """How many CPUs this process may use: its affinity where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _start_method() -> str:
    """How `multiprocessing` makes a process; beside threads, as in a preview, a server forks them that has none."""
    if can_fork():
        return "fork"
    return "forkserver" if sys.platform == "linux" else "spawn"


def can_fork() -> bool:
    """Whether a forked process is sound: on Linux, and where no thread of ours could hold a lock meanwhile."""
    return sys.platform == "linux" and threading.active_count() == 1


class WorkerError(RuntimeError):
    """A bug in a worker process, with its traceback there."""


_ENDED: Final = Diagnostic(
    code="SG512",
    severity="error",
    message="a process that builds pages was killed: nothing was published",
    hint="if it was for want of memory, close other programs, or let the build use fewer CPUs (`taskset -c 0 sitegen build`)",
)


def _send(pipe: Connection, task: str, *values: object) -> None:
    try:
        pipe.send((task, values))
    except (BrokenPipeError, ConnectionResetError) as error:
        raise PublishError(_ENDED) from error


def _received(pipe: Connection) -> Any:
    try:
        is_done, value = pipe.recv()
    except (EOFError, OSError) as error:  # it was killed, perhaps within a message
        raise PublishError(_ENDED) from error
    if is_done:
        return value
    raise value


def _serve(workshop: Workshop, number: int, pipe: Connection, inherited: Sequence[Connection]) -> None:
    """What a worker process does until its pipe is closed."""
    for other in inherited:  # else the end of the parent would not close them
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with workshop.at_work(number), suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task, values = pipe.recv()
            try:
                answer = (True, getattr(workshop, task)(*values))
            except (SiteError, StagingError, DamagedStateError) as error:
                answer = (False, error)
            except Exception as error:  # told where it can be seen
                told = WorkerError(f"{error!r} in a worker process:\n{traceback.format_exc()}")
                answer = (False, told)
            pipe.send(answer)
    os._exit(0)  # no handlers of the parent's, no flushing of its buffers
