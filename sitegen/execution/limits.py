"""How much memory the pages that run have in use, and the end of one that uses more than it may."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Literal, Self

from sitegen.content.document import PageKey
from sitegen.execution import cuda
from sitegen.execution.cgroups import PageGroup, PageGroups
from sitegen.execution.events import Listener, MemorySampled
from sitegen.execution.machine_memory import MachineMemory, this_machine
from sitegen.execution.process_memory import NOTHING, ProcessTree, Usage
from sitegen.values import dataclass

_CALM_S: Final = 0.2
"""Between two looks."""
_NEAR_S: Final = 0.04
"""The same where memory may run out: a thread fills a gigabyte in about half a second."""
_SLOWEST_S: Final = 1.0
"""Between two looks at most, however long they take."""
_WAITS: Final = {_CALM_S: 200, _NEAR_S: 20}
"""A wait is so many times what the look before it took of a core, where that is longer: half a per cent, or a twentieth, of a core at most."""
_NEAR: Final = 0.75
"""Of a limit."""
_FAR: Final = 1.25
"""Of a limit: a page that far over it is ended at once, any other when two looks in a row find it over."""
_CLOSE_LOOK_S: Final = 1.0
"""Between two close looks, where the page has not grown: they take milliseconds."""
_RELIEF_S: Final = 2.0
"""For the memory of a page that was ended to be free again."""
_NOTICEABLE: Final = 0.1
_NOTICEABLE_BYTES: Final = 16 * 10**6
"""A change of so great a part, and of so much, is told: what a table with two digits shows."""

Reason = Literal["page", "machine", "shortage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """Why a page was ended, and with how much memory in use."""

    reason: Reason
    """It had more than its `memory`, or more than the machine can give one page; or the machine ran short, and it had the most."""
    used_bytes: int
    bound_bytes: int
    """What it may use at most; with a shortage, what was left to the machine."""


class WatchedPage:
    """One page while it runs. Its processes are looked at from another thread."""

    def __init__(
        self,
        page: PageKey,
        limit: tuple[int | None, Reason],
        machine: MachineMemory,
        group: PageGroup | None,
        listener: Listener,
        cuda_uuids: tuple[str, ...] = (),
    ) -> None:
        self.group = group
        """That the kernel is to join before it begins; None where there are no groups."""
        self.peak_rss_bytes: int | None = None
        """As in `Run`."""
        self.usage = NOTHING
        """As it was at the last look."""
        self._page = page
        self._limit_bytes, self._reason = limit
        self._listener = listener
        self._lock = threading.Lock()
        self._machine = machine
        self._started_s = time.monotonic()
        self._oom_kills = machine.oom_kills()
        self._kernel = 0
        self._tree: ProcessTree | None = None
        self._excess: Excess | None = None
        self._times_over = 0
        self._cuda_uuids = cuda_uuids
        self._told_bytes = (0, 0)
        """Resident, and on CUDA devices."""
        self._close_look_at_s = 0.0
        self._close_look_at_bytes = 0

    def begin(self, kernel: int, tree: ProcessTree) -> None:
        """The page's processes are there, the kernel's among them."""
        with self._lock:
            self._kernel, self._tree = kernel, tree

    def finish(self) -> None:
        """Look once more, and no more after that: the processes are about to be ended."""
        self.look()
        with self._lock:
            self._tree = None
        _ = self.excess  # the group may be gone when somebody asks

    @property
    def excess(self) -> Excess | None:
        """Why the page was ended; None where it was not, or not for its memory."""
        if self._excess is None and self.group is not None and self.group.oom_kills():
            used = self._limit_bytes or self.usage.held_bytes
            self._excess = Excess(reason=self._reason, used_bytes=used, bound_bytes=used)
        return self._excess

    def was_killed_by_system(self) -> bool:
        """Whether the system says that it has killed the kernel for want of memory."""
        return self._machine.has_killed(self._kernel, since=self._started_s, kills_before=self._oom_kills)

    @property
    def is_near(self) -> bool:
        """Whether the page comes close to what it may use."""
        return self._limit_bytes is not None and self.usage.held_bytes > _NEAR * self._limit_bytes

    def look(self) -> None:
        """See what the page has in use, and end it where that is too much."""
        with self._lock:
            if self._tree is None or self._excess is not None:
                return
            self.usage = usage = self._tree.usage()
            if not usage.rss_bytes:
                return
            self.peak_rss_bytes = max(self.peak_rss_bytes or 0, usage.rss_bytes, usage.peak_bytes)
            self._tell(usage.rss_bytes)
            if self._limit_bytes is not None:
                self._judge(self._tree, usage, self._limit_bytes)

    def _tell(self, rss_bytes: int) -> None:
        """Tell of what is in use, if it has changed so much that somebody cares."""
        cuda_bytes = cuda.used_bytes(self._cuda_uuids) if self._cuda_uuids else None
        now = (rss_bytes, cuda_bytes or 0)
        if any(
            abs(new - old) >= max(_NOTICEABLE * old, _NOTICEABLE_BYTES)
            for new, old in zip(now, self._told_bytes, strict=True)
        ):
            self._told_bytes = now
            self._listener(MemorySampled(page=self._page, rss_bytes=rss_bytes, cuda_bytes=cuda_bytes))

    def end(self, excess: Excess) -> None:
        """End the page's processes for that reason, unless the page has ended."""
        with self._lock:
            if self._tree is not None and self._excess is None:
                self._end(self._tree, excess)

    def _judge(self, tree: ProcessTree, usage: Usage, limit_bytes: int) -> None:
        if usage.held_bytes <= limit_bytes:
            self._times_over = 0
            return
        started = time.monotonic()
        if started < self._close_look_at_s and usage.held_bytes < self._close_look_at_bytes:
            return
        used = tree.proportional_bytes()
        used = usage.held_bytes if used is None else used
        if used <= limit_bytes:
            self._times_over = 0
            self._close_look_at_s = started + max(_CLOSE_LOOK_S, 50 * (time.monotonic() - started))
            self._close_look_at_bytes = usage.held_bytes + max(limit_bytes - used, limit_bytes // 50) // 2
            return
        self._close_look_at_s = 0.0
        self._times_over += 1
        if self._times_over > 1 or used > _FAR * limit_bytes:
            excess = Excess(reason=self._reason, used_bytes=used, bound_bytes=limit_bytes)
            self._end(tree, excess)

    def _end(self, tree: ProcessTree, excess: Excess) -> None:
        self._excess = excess
        self.usage = NOTHING
        tree.end()


class MemoryWatch:
    """Looks at the processes of all running pages a few times a second; a context: nothing is watched after it.

    A page may use what its `memory` says, and without it what the machine has, less a reserve. Where the machine runs short
    nevertheless, and the pages have the greater part of it, the one that uses most is ended: else the system would choose.
    """

    def __init__(self, machine: MachineMemory | None = None) -> None:
        self.machine = machine or this_machine()
        self._groups = PageGroups.find(self.machine.controller)
        self._changed = threading.Condition()
        self._pages: list[WatchedPage] = []
        self._is_over = False
        self._thread: threading.Thread | None = None
        self._times_short = 0
        self._relieved_at_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def page(
        self,
        page: PageKey,
        memory_bytes: int | None,
        listener: Listener,
        *,
        cuda_uuids: tuple[str, ...] = (),
    ) -> Iterator[WatchedPage]:
        """Watch a page, from before its kernel starts until after it has ended.

        Args:
            page: named in events.
            memory_bytes: what the page says it needs, and so may use; None where it does not say.
            listener: told of noticeable changes, from the thread that looks.
            cuda_uuids: of the CUDA devices that the page has, as in `Share`.
        """
        reason: Reason = "machine" if memory_bytes is None else "page"
        if memory_bytes is None and self.machine.total_bytes:
            memory_bytes = self.machine.total_bytes - self.machine.reserve_bytes
        group = self._groups.make(memory_bytes) if self._groups and memory_bytes else None
        watched = WatchedPage(page, (memory_bytes, reason), self.machine, group, listener, cuda_uuids)
        with self._changed:
            self._pages.append(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield watched
        finally:
            with self._changed:
                self._pages.remove(watched)
            watched.finish()
            if group is not None:
                group.remove()

    def _watch(self) -> None:
        """The thread: looks at the pages, waits, and looks again."""
        while True:
            with self._changed:
                while not self._pages and not self._is_over:
                    self._changed.wait()
                if self._is_over:
                    return
                pages = tuple(self._pages)
            started = time.thread_time()
            for page in pages:
                page.look()
            is_short = self._relieve(pages)
            pace = _NEAR_S if is_short or any(page.is_near for page in pages) else _CALM_S
            wait_s = min(max(pace, _WAITS[pace] * (time.thread_time() - started)), _SLOWEST_S)
            with self._changed:
                self._changed.wait_for(lambda: self._is_over, wait_s)

    def _relieve(self, pages: tuple[WatchedPage, ...]) -> bool:
        """End the largest page where the machine runs short because of the pages; whether it comes near to that."""
        available, reserve = self.machine.available_bytes(), self.machine.reserve_bytes
        if available is None:
            return False
        self._times_short = self._times_short + 1 if available < reserve else 0
        is_short = self._times_short > 1 or available < reserve // 2
        used = sum(page.usage.held_bytes for page in pages)
        if is_short and 2 * used > self.machine.total_bytes and time.monotonic() > self._relieved_at_s:
            largest = max(pages, key=lambda page: page.usage.held_bytes)
            had = largest.usage.held_bytes
            largest.end(Excess(reason="shortage", used_bytes=had, bound_bytes=available))
            self._relieved_at_s = time.monotonic() + _RELIEF_S
        return available < 3 * reserve
