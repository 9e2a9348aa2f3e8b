"""Which page starts next: what each asks for, what the machine has, and who may go before whom.

Pages are taken longest first, by the time of their last run, so that no long one is left for the end; one that never ran goes
before all others, since it may be the longest. A page starts when all that it asks for is free.

One that has to wait waits for its CUDA devices first, then for memory, then for cores. What it has got of the earlier
of these stays its own, and what it waits for goes to no page behind it; with the rest, later pages go ahead. So pages of the CPU
run on while one waits for a device, and none waits for ever: devices come free since no later page takes one, then memory,
then cores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from sitegen.values import dataclass

Lack = Literal["devices", "memory", "cores"]
"""What a page waits for; a page that could run but for the number of those that do waits for `cores` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a page asks for while it runs."""

    expected_s: float | None = None
    """Seconds of its last run; None where there is none."""
    cores: int = 1
    """At least 1."""
    memory_bytes: int = 0
    """0 where the page does not say."""
    cuda: int = 0
    """How many CUDA devices."""
    among: frozenset[int] = frozenset()
    """Numbers of the devices that will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What the machine gives to the pages that run at the same time."""

    pages: int
    """How many at most."""
    cores: int
    memory_bytes: int = 0
    """0 where the system does not say how much there is: then nobody waits for any."""
    cuda: frozenset[int] = frozenset()
    """Numbers of the CUDA devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A page that starts now, and what it has until it ends."""

    number: int
    """Of its ask."""
    cores: int
    memory_bytes: int
    cuda: tuple[int, ...]


class Schedule:
    """Hands out what there is; knows nothing of threads, and is told when a page ends."""

    def __init__(self, asks: Sequence[Ask], capacity: Capacity) -> None:
        """Nothing has started yet.

        Args:
            asks: of all pages; each is later named by its number here.
            capacity: who asks for more cores or memory than that gets all of it, and so runs alone.

        Raises:
            ValueError: a page asks for more devices than there are of those that will do.
        """
        for number, ask in enumerate(asks):
            if ask.cuda > len(capacity.cuda & ask.among):
                raise ValueError(f"ask {number}: {ask.cuda} CUDA devices, of {sorted(ask.among)}")
        self._capacity = capacity
        self._asks = [_within(ask, capacity) for ask in asks]
        self._waiting = sorted(range(len(asks)), key=lambda number: _rank(self._asks[number]))
        self._running: dict[int, Grant] = {}
        self._lacks: dict[int, Lack] = {}

    @property
    def lacks(self) -> Mapping[int, Lack]:
        """What each page that could not start the last time waits for."""
        return self._lacks

    def start(self) -> tuple[Grant, ...]:
        """The pages that start now, in order; they count as running from here on."""
        free = self._free()
        given = [free.give(number, self._asks[number]) for number in self._waiting]
        granted = tuple(grant for grant in given if isinstance(grant, Grant))
        self._lacks = {
            number: lack
            for number, lack in zip(self._waiting, given, strict=True)
            if not isinstance(lack, Grant)
        }
        self._waiting = list(self._lacks)
        self._running |= {grant.number: grant for grant in granted}
        return granted

    def end(self, number: int) -> None:
        """The page has ended, and what it had is free again."""
        del self._running[number]

    def _free(self) -> _Free:
        running = self._running.values()
        return _Free(
            pages=self._capacity.pages - len(running),
            cores=self._capacity.cores - sum(grant.cores for grant in running),
            memory_bytes=self._capacity.memory_bytes - sum(grant.memory_bytes for grant in running),
            cuda=set(self._capacity.cuda).difference(*(grant.cuda for grant in running)),
        )


@dataclass(slots=True, kw_only=True)
class _Free:
    """What is left for the pages that have not been looked at yet."""

    pages: int
    cores: int
    memory_bytes: int
    cuda: set[int]

    def give(self, number: int, ask: Ask) -> Grant | Lack:
        """All that it asks for; else what it lacks, and that, as what it has got, is no longer free for those behind it."""
        devices = tuple(sorted(self.cuda & ask.among)[: ask.cuda])
        self.cuda.difference_update(devices)
        if len(devices) < ask.cuda:
            return "devices"
        if ask.memory_bytes > self.memory_bytes:
            self.memory_bytes = 0
            return "memory"
        self.memory_bytes -= ask.memory_bytes
        if ask.cores > self.cores or not self.pages:
            self.cores = 0
            return "cores"
        self.cores -= ask.cores
        self.pages -= 1
        return Grant(number=number, cores=ask.cores, memory_bytes=ask.memory_bytes, cuda=devices)


def _within(ask: Ask, capacity: Capacity) -> Ask:
    """The ask, with all that there is in place of more; all cores are what nobody can run beside."""
    memory_bytes = ask.memory_bytes if capacity.memory_bytes else 0
    is_alone = ask.cores > capacity.cores or memory_bytes > capacity.memory_bytes
    return replace(
        ask,
        cores=capacity.cores if is_alone else ask.cores,
        memory_bytes=min(memory_bytes, capacity.memory_bytes),
    )


def _rank(ask: Ask) -> tuple[bool, float]:
    """Unknown before long before short; equals stay in the order in which they were given."""
    return (ask.expected_s is not None, -(ask.expected_s or 0.0))
