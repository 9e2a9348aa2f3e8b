"""Cells that measure time have the machine to themselves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sitegen.execution.turns import Turns


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Its result, in a thread of its own: a browser's tests may have left an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result(timeout=30)


def _order(*turns: tuple[str, bool]) -> list[str]:
    """What happens when tasks ask for turns in that order, each while the ones before hold or wait."""
    happened: list[str] = []

    async def task(gate: Turns, name: str, alone: bool) -> None:
        async with gate.take(alone=alone, cancelled=threading.Event()):
            happened.append(f"{name} begins")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            happened.append(f"{name} ends")

    async def all_of_them() -> None:
        gate = Turns()
        await asyncio.gather(*(task(gate, name, alone) for name, alone in turns))

    _run(all_of_them())
    return happened


def test_shared_turns_go_together() -> None:
    """Ordinary cells of several pages run side by side."""
    assert _order(("a", False), ("b", False))[:2] == ["a begins", "b begins"]


def test_a_turn_alone_overlaps_nothing() -> None:
    """A cell that measures time begins when the others have ended; one that comes later waits for it."""
    assert _order(("a", False), ("alone", True), ("late", False)) == [
        "a begins", "a ends", "alone begins", "alone ends", "late begins", "late ends",
    ]  # fmt: skip


def test_turns_alone_follow_each_other() -> None:
    """Two cells that measure time never run at once."""
    assert _order(("a", True), ("b", True)) == ["a begins", "a ends", "b begins", "b ends"]


def test_who_has_to_wait_says_so_once() -> None:
    """What the author sees of it; who gets a turn at once says nothing."""

    async def both() -> list[str]:
        gate, happened = Turns(), []

        async def ask(name: str, alone: bool) -> None:
            async with gate.take(
                alone=alone, cancelled=threading.Event(), waits=lambda: happened.append(f"{name} waits")
            ):
                happened.append(f"{name} begins")
                await asyncio.sleep(0)

        await asyncio.gather(ask("a", False), ask("alone", True))
        return happened

    assert _run(both()) == ["a begins", "alone waits", "alone begins"]


def test_who_is_cancelled_waits_no_longer_and_leaves_no_turn_behind() -> None:
    """A cancelled build does not wait for a long cell of another page, and the gate stays as it was."""

    async def both() -> list[str]:
        gate, cancelled, happened = Turns(), threading.Event(), []
        cancelled.set()
        async with gate.take(alone=False, cancelled=threading.Event()):
            async with gate.take(alone=True, cancelled=cancelled):
                happened.append("given")
            async with gate.take(alone=False, cancelled=threading.Event()):
                happened.append("shared")
        async with gate.take(alone=True, cancelled=threading.Event()):
            happened.append("alone")
        return happened

    assert _run(both()) == ["given", "shared", "alone"]
