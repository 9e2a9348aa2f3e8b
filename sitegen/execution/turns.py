"""Turns on this machine: what pages execute side by side, and the cells that measure time, each alone."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

_POLL_S: Final = 0.02


class Turns:
    """Shared turns go together; a turn alone begins when all others have ended, and none begins meanwhile.

    Threads with an event loop each may ask, so who waits asks again and again: seldom, and for long.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared = 0
        self._is_alone = False
        self._waiting_alone = 0

    @asynccontextmanager
    async def take(
        self, *, alone: bool, cancelled: threading.Event, waits: Callable[[], object] | None = None
    ) -> AsyncIterator[float]:
        """Wait for a turn and hold it; gives the seconds that were waited.

        Args:
            alone: nothing else is to be executed meanwhile. Whoever waits for that goes before new shared turns.
            cancelled: once it is set nobody waits any more, and the turn is given as it is: its holder ends by itself.
            waits: is called once where the turn is not free at once.
        """
        import asyncio  # a build that executes nothing does without

        started = time.monotonic()
        with self._lock:
            self._waiting_alone += alone
        has_turn = False
        try:
            has_turn = self._begin(alone)
            if not has_turn and waits is not None:
                waits()
            while not has_turn and not cancelled.is_set():
                await asyncio.sleep(_POLL_S)
                has_turn = self._begin(alone)
        finally:
            with self._lock:
                self._waiting_alone -= alone
        try:
            yield time.monotonic() - started
        finally:
            if has_turn:
                self._end(alone)

    def _begin(self, alone: bool) -> bool:
        with self._lock:
            if self._is_alone or (self._shared if alone else self._waiting_alone):
                return False
            self._is_alone = alone
            self._shared += not alone
            return True

    def _end(self, alone: bool) -> None:
        with self._lock:
            if alone:
                self._is_alone = False
            else:
                self._shared -= 1
