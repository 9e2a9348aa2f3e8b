"""Cores and memory that pages ask for (`cpus`, `memory`): what runs side by side asks for no more than there is."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_POLL_S: Final = 0.1


class Resources:
    """What this machine gives to pages that run at the same time; handed out in the order in which they ask.

    Memory is what a page says that it needs. Nothing holds it to that.
    """

    def __init__(self, *, cores: int, memory_bytes: int) -> None:
        self._cores = cores
        self._memory_bytes = memory_bytes
        self._free_cores = cores
        self._free_bytes = memory_bytes
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def hold(self, *, cores: int, memory_bytes: int, cancelled: threading.Event) -> Iterator[None]:
        """Wait for so much and hold it; who asks for more than there is gets all, and so runs alone.

        A page that asks for much is not overtaken for ever by pages that ask for little: it waits at the head of the queue.

        Args:
            cores: at least 1.
            memory_bytes: 0 where the page does not say.
            cancelled: once it is set nobody waits any more; who then comes in ends by itself.
        """
        cores, memory_bytes = min(cores, self._cores), min(memory_bytes, self._memory_bytes)
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            while not cancelled.is_set() and not self._is_due(ticket, cores, memory_bytes):
                self._changed.wait(_POLL_S)  # nobody tells us of a cancellation
            self._queue.remove(ticket)
            self._free_cores -= cores
            self._free_bytes -= memory_bytes
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free_cores += cores
                self._free_bytes += memory_bytes
                self._changed.notify_all()

    def _is_due(self, ticket: object, cores: int, memory_bytes: int) -> bool:
        return self._queue[0] is ticket and cores <= self._free_cores and memory_bytes <= self._free_bytes
