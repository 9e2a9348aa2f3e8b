"""Cores and memory are handed out in order, and never more than there is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sitegen.execution.resources import Resources

NEVER = threading.Event()


@pytest.mark.parametrize(
    ("asked", "other", "go_together"),
    [
        ((1, 0), (1, 0), True),
        ((2, 0), (1, 0), False),
        ((9, 0), (1, 0), False),
        ((1, 6), (1, 4), True),
        ((1, 6), (1, 5), False),
        ((1, 99), (1, 1), False),
    ],
)
def test_pages_go_together_where_there_is_enough(
    asked: tuple[int, int], other: tuple[int, int], go_together: bool
) -> None:
    """Of two cores and ten bytes; who asks for more than there is gets all of it."""
    resources = Resources(cores=2, memory_bytes=10)
    entered = threading.Event()

    def second() -> None:
        with resources.hold(cores=other[0], memory_bytes=other[1], cancelled=NEVER):
            entered.set()

    with ThreadPoolExecutor(1) as pool:
        with resources.hold(cores=asked[0], memory_bytes=asked[1], cancelled=NEVER):
            waiting = pool.submit(second)
            came_in = entered.wait(10 if go_together else 0.3)
        waiting.result(timeout=10)

    assert came_in is go_together
    assert entered.is_set()


def test_who_asks_for_much_is_not_overtaken() -> None:
    """A page of one core that comes later waits behind one that waits for both."""
    resources = Resources(cores=2, memory_bytes=0)
    order: list[str] = []
    queued = threading.Event()

    def run(name: str, cores: int) -> None:
        queued.set()
        with resources.hold(cores=cores, memory_bytes=0, cancelled=NEVER):
            order.append(name)

    with ThreadPoolExecutor(2) as pool:
        with resources.hold(cores=1, memory_bytes=0, cancelled=NEVER):
            first = pool.submit(run, "large", 2)
            assert queued.wait(10)
            while not resources._queue:  # until it has asked
                pass
            small = pool.submit(run, "small", 1)
            with pytest.raises(TimeoutError):
                small.result(timeout=0.3)
        first.result(timeout=10)
        small.result(timeout=10)

    assert order == ["large", "small"]


def test_a_cancelled_wait_ends() -> None:
    """Nobody holds the end of a build up."""
    resources = Resources(cores=1, memory_bytes=0)
    cancelled = threading.Event()

    def wait() -> bool:
        with resources.hold(cores=1, memory_bytes=0, cancelled=cancelled):
            return True

    with ThreadPoolExecutor(1) as pool, resources.hold(cores=1, memory_bytes=0, cancelled=NEVER):
        waiting = pool.submit(wait)
        cancelled.set()
        assert waiting.result(timeout=10)
