"""Many addresses asked at a time: a bound for all, one for each host with a pause between, and tries again."""

from __future__ import annotations

import heapq
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from sitegen.checking.requests import Answer

AT_A_TIME: Final = 16
"""Requests in flight, of all hosts: they wait for others most of the time."""
_LONGEST_WAIT_S: Final = 60.0
"""That a `Retry-After` is heeded: who wants longer is asked another day."""
_BACK_OFF_S: Final = 1.0
"""Before the second try; twice as long before each further one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How hosts are treated."""

    per_host: int
    delay_s: float
    """Between the beginnings of two requests to a host."""
    retries: int
    back_off_s: float = _BACK_OFF_S
    at_a_time: int = AT_A_TIME


Heard = Callable[[int, int], None]
"""Told of each answer: how many there are, and how many there will be; called by one thread at a time."""


def tell_nobody(answers: int, of: int) -> None:
    """A listener who does nothing."""


@dataclass(order=True, slots=True)
class _Turn:
    """An address that may be asked from a moment on."""

    when: float
    number: int
    url: str = field(compare=False)
    tries: int = field(compare=False, default=0)


class _Host:
    """What is under way at one host."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.next = 0.0
        """When it may be asked again."""
        self.waiting: deque[_Turn] = deque()


def crawl(
    urls: Iterable[str], ask: Callable[[str], Answer], manners: Manners, heard: Heard = tell_nobody
) -> dict[str, Answer]:
    """The answer for each address; order and time are those of the network.

    An interruption (Ctrl-C) is raised at once; what is under way ends by its own time limit, in threads that
    do not keep the program.

    Args:
        urls: each once.
        ask: asks once; called from several threads.
        manners: how often.
        heard: is told of each answer.
    """
    return _Crawl(ask, manners, heard).run(urls)


class _Crawl:
    """One crawl: a heap of turns by time, and for each host what waits until it has room."""

    def __init__(self, ask: Callable[[str], Answer], manners: Manners, heard: Heard) -> None:
        self._ask = ask
        self._heard = heard
        self._manners = manners
        self._changed = threading.Condition()
        self._turns: list[_Turn] = []
        self._hosts: dict[str, _Host] = defaultdict(_Host)
        self._answers: dict[str, Answer] = {}
        self._left = 0
        self._error: BaseException | None = None

    def run(self, urls: Iterable[str]) -> dict[str, Answer]:
        for number, url in enumerate(urls):
            heapq.heappush(self._turns, _Turn(0.0, number, url))
        self._left = len(self._turns)
        count = min(self._manners.at_a_time, self._left)
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            with self._changed:
                while self._left and self._error is None:
                    self._changed.wait()
        except BaseException as error:
            self._stop(error)
            raise
        for thread in threads:
            thread.join()
        if self._error is not None:
            raise self._error
        return self._answers

    def _stop(self, error: BaseException) -> None:
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def _work(self) -> None:
        while (turn := self._next()) is not None:
            try:
                answer = self._ask(turn.url)
            except BaseException as error:  # a bug of ours: the caller gets it
                self._stop(error)
                return
            self._done(turn, answer)

    def _next(self) -> _Turn | None:
        """The next turn that is due and whose host has room; None when nothing is left."""
        with self._changed:
            while self._left and self._error is None:
                now = time.monotonic()
                if not self._turns:
                    self._changed.wait()
                    continue
                if self._turns[0].when > now:
                    self._changed.wait(self._turns[0].when - now)
                    continue
                turn = heapq.heappop(self._turns)
                host = self._host(turn.url)
                if host.in_flight >= self._manners.per_host:
                    host.waiting.append(turn)
                elif host.next > now:
                    turn.when = host.next
                    heapq.heappush(self._turns, turn)
                else:
                    host.in_flight += 1
                    host.next = now + self._manners.delay_s
                    return turn
            return None

    def _done(self, turn: _Turn, answer: Answer) -> None:
        with self._changed:
            host = self._host(turn.url)
            host.in_flight -= 1
            now = time.monotonic()
            asked_for = answer.wait_s if answer.wait_s is not None else 0.0
            if answer.wait_s is not None:
                host.next = max(host.next, now + min(asked_for, _LONGEST_WAIT_S))
            if (
                answer.outcome == "flaky"
                and turn.tries < self._manners.retries
                and asked_for <= _LONGEST_WAIT_S
            ):
                pause = max(asked_for, self._manners.back_off_s * 2**turn.tries)
                turn.when, turn.tries = now + pause, turn.tries + 1
                heapq.heappush(self._turns, turn)
            else:
                self._answers[turn.url] = answer
                self._left -= 1
                self._heard(len(self._answers), len(self._answers) + self._left)
            if host.waiting:
                waiting = host.waiting.popleft()
                waiting.when = max(now, host.next)
                heapq.heappush(self._turns, waiting)
            self._changed.notify_all()

    def _host(self, url: str) -> _Host:
        return self._hosts[urlsplit(url).netloc.lower()]
