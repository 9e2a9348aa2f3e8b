"""Which page starts next: never more than there is, longest first, and nobody waits for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.execution.schedule import Ask, Capacity, Grant, Schedule

TWO_GPUS = frozenset((0, 1))
MACHINE = Capacity(pages=4, cores=4, memory_bytes=16, cuda=TWO_GPUS)


def _gpu(count: int = 1, **more: int) -> Ask:
    return Ask(cuda=count, among=TWO_GPUS, **more)


def _started(schedule: Schedule) -> list[int]:
    return [grant.number for grant in schedule.start()]


def test_longest_first_and_unknown_before_all() -> None:
    """A page that never ran may be the longest of all; equals go in the order of the build."""
    seconds = (2.0, None, 9.0, None, 2.0)
    schedule = Schedule([Ask(expected_s=each) for each in seconds], Capacity(pages=1, cores=1))
    order = []
    for _ in seconds:
        order += _started(schedule)
        schedule.end(order[-1])
    assert order == [1, 3, 2, 0, 4]


def test_pages_of_the_cpu_go_on_while_one_waits_for_a_device() -> None:
    """The third page of CUDA waits; what stands behind it does not."""
    schedule = Schedule([_gpu(), _gpu(), _gpu(), Ask(), Ask()], MACHINE)
    assert _started(schedule) == [0, 1, 3, 4]
    assert schedule.lacks == {2: "devices"}


def test_no_device_is_given_twice() -> None:
    """Pages of one device each get one each, and a page of two gets both when both are free."""
    schedule = Schedule([_gpu(), _gpu(), _gpu(2), _gpu()], MACHINE)
    assert [grant.cuda for grant in schedule.start()] == [(0,), (1,)]
    schedule.end(0)
    assert schedule.start() == ()  # device 0 waits for the page of two, not for the last one
    schedule.end(1)
    assert schedule.start() == (Grant(number=2, cores=1, memory_bytes=0, cuda=(0, 1)),)
    schedule.end(2)
    assert _started(schedule) == [3]


def test_only_devices_that_will_do_are_given() -> None:
    """A page of one model of device does not get another, nor wait for it."""
    first, second = frozenset((0,)), frozenset((1,))
    schedule = Schedule([Ask(cuda=1, among=first), Ask(cuda=1, among=first), _gpu()], MACHINE)
    assert [(grant.number, grant.cuda) for grant in schedule.start()] == [(0, (0,)), (2, (1,))]
    with pytest.raises(ValueError, match="2 CUDA devices"):
        Schedule([Ask(cuda=2, among=second)], MACHINE)


@pytest.mark.parametrize(
    ("first", "second", "go_together"),
    [
        (Ask(cores=2), Ask(cores=2), True),
        (Ask(cores=3), Ask(cores=2), False),
        (Ask(memory_bytes=10), Ask(memory_bytes=6), True),
        (Ask(memory_bytes=10), Ask(memory_bytes=7), False),
        (Ask(cores=9), Ask(), False),
        (Ask(memory_bytes=99), Ask(), False),
    ],
)
def test_who_asks_for_too_much_runs_alone(first: Ask, second: Ask, go_together: bool) -> None:
    """Two pages run together where the machine has enough; one that asks for more than all of it, by itself."""
    schedule = Schedule([first, second], MACHINE)
    assert (len(schedule.start()) == 2) is go_together
    schedule.end(0)
    assert bool(schedule.start()) is not go_together


def test_memory_is_not_counted_where_the_system_does_not_say() -> None:
    """A system that tells no amount (Windows) runs pages side by side whatever they ask for."""
    asks = [Ask(memory_bytes=99), Ask(memory_bytes=99)]
    assert _started(Schedule(asks, Capacity(pages=2, cores=2))) == [0, 1]


# --- for any pages and any machine --------------------------------------------------------------------

_memory = st.integers(0, 8)


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[list[Ask], Capacity]:
    devices = draw(st.integers(0, 3))
    capacity = Capacity(
        pages=draw(st.integers(1, 4)),
        cores=draw(st.integers(1, 4)),
        memory_bytes=draw(_memory),
        cuda=frozenset(range(devices)),
    )
    asks = []
    for _ in range(draw(st.integers(1, 9))):
        among = frozenset(draw(st.sets(st.integers(0, devices - 1)))) if devices else frozenset()
        asks.append(
            Ask(
                expected_s=draw(st.none() | st.integers(0, 3)),
                cores=draw(st.integers(1, 5)),
                memory_bytes=draw(_memory),
                cuda=draw(st.integers(0, len(among))),
                among=among,
            )
        )
    return asks, capacity


def _check_amounts(running: dict[int, Grant], capacity: Capacity) -> None:
    grants = running.values()
    devices = [device for grant in grants for device in grant.cuda]
    assert len(running) <= capacity.pages
    assert sum(grant.cores for grant in grants) <= capacity.cores
    assert sum(grant.memory_bytes for grant in grants) <= capacity.memory_bytes
    assert len(devices) == len(set(devices))
    assert capacity.cuda.issuperset(devices)


@given(world=_worlds(), chance=st.randoms(use_true_random=False))
def test_nothing_is_given_twice_and_every_page_runs(
    world: tuple[list[Ask], Capacity], chance: object
) -> None:
    """In whatever order pages end: no over-commit, every page has what it asked for, each runs once, none is left."""
    asks, capacity = world
    schedule = Schedule(asks, capacity)
    running: dict[int, Grant] = {}
    done: list[int] = []
    while len(done) < len(asks):
        running |= {grant.number: grant for grant in schedule.start()}
        assert running, "nothing runs and pages wait"
        _check_amounts(running, capacity)
        for number, grant in running.items():
            ask = asks[number]
            assert len(grant.cuda) == ask.cuda
            assert ask.among.issuperset(grant.cuda)
            assert grant.cores >= min(ask.cores, capacity.cores)
            assert grant.memory_bytes >= min(ask.memory_bytes, capacity.memory_bytes)
        ended = chance.choice(sorted(running))  # type: ignore[attr-defined]
        schedule.end(ended)
        del running[ended]
        done.append(ended)
    assert sorted(done) == list(range(len(asks)))


@given(world=_worlds(), chance=st.randoms(use_true_random=False))
def test_nobody_is_overtaken_with_what_he_waits_for(
    world: tuple[list[Ask], Capacity], chance: object
) -> None:
    """A page that starts before one that was ahead of it takes nothing that one has to wait for.

    The first page in line is never overtaken twice with the same resource: what it lacks only grows.
    """
    asks, capacity = world
    order = sorted(
        range(len(asks)),
        key=lambda number: (asks[number].expected_s is not None, -(asks[number].expected_s or 0)),
    )
    schedule = Schedule(asks, capacity)
    running: dict[int, Grant] = {}
    waiting = list(order)
    while waiting:
        before = dict(running)
        started = schedule.start()
        running |= {grant.number: grant for grant in started}
        waiting = [number for number in waiting if number not in running]
        if waiting:
            first = waiting[0]
            ask = asks[first]
            behind = [grant for grant in started if order.index(grant.number) > order.index(first)]
            ahead = {
                number: grant
                for number, grant in running.items()
                if number in before or order.index(number) < order.index(first)
            }
            free_devices = (capacity.cuda & ask.among).difference(*(grant.cuda for grant in ahead.values()))
            free_memory = capacity.memory_bytes - sum(grant.memory_bytes for grant in ahead.values())
            wanted = min(ask.memory_bytes, capacity.memory_bytes)
            for grant in behind:
                if ask.cuda:
                    assert len(free_devices.difference(grant.cuda)) >= min(ask.cuda, len(free_devices))
                if len(free_devices) >= ask.cuda and wanted > free_memory:
                    assert not grant.memory_bytes
            if behind:  # else it waits for cores, which every page needs
                assert len(free_devices) < ask.cuda or wanted > free_memory
        ended = chance.choice(sorted(running))  # type: ignore[attr-defined]
        schedule.end(ended)
        del running[ended]
