"""All contenders in all their situations, in turns, so that what else the machine does hits all of them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import measuring
from benchmarks.contenders import Contender, Scenario
from benchmarks.measuring import Failed

_PELICANS_POSTS: Final = 500
"""From so many posts Pelican, which takes longer than all others together, gets one timed run."""
_COSTS: Final = ("wall_s", "cpu_s", "others_cpu_s")


def measured(
    every: Sequence[Contender], rounds: int, env: Mapping[str, str], log: Path, *, is_verified: bool = False
) -> list[dict[str, Any]]:
    """What each contender takes in each of its situations.

    All are run once for their memory, which also fills caches of files and bytecode; then all of them in turns, timed.

    Args:
        every: their blogs are written.
        rounds: timed runs of each; 0 to take time and memory of one run.
        env: the commands' whole environment.
        log: gets what the last one printed.
        is_verified: hold what sitegen makes after each edit against a build from nothing.

    Returns:
        A row for each, as JSON has it.
    """
    figures: dict[tuple[str, str], dict[str, Any]] = {}
    for contender, scenario in _in_order(every):
        seen = contender.prepare(scenario)
        peak = measuring.peak_memory(contender.command, cwd=contender.blog.folder, env=env, log=log)
        contender.check(scenario, seen)
        if is_verified and scenario.edit is not None and contender.name == "sitegen":
            _verify(contender, scenario, env, log)
        figures[contender.name, scenario.name] = {
            "generator": contender.name,
            "scenario": scenario.name,
            "peak_proportional_bytes": peak.proportional_bytes,
            "peak_resident_bytes": peak.resident_bytes,
            **contender.blog.sizes(),
            **{name: [round(getattr(peak.cost, name), 3)] if rounds == 0 else [] for name in _COSTS},
        }
        say(f"{contender.name}, {scenario.name}: {peak.proportional_bytes / 2**20:.0f} MiB")
    for number in range(rounds):
        in_turn = [each for each in every if number == 0 or not _is_slow(each)]
        for contender, scenario in _in_order(in_turn if number % 2 == 0 else in_turn[::-1]):
            seen = contender.prepare(scenario)
            cost = measuring.run(contender.command, cwd=contender.blog.folder, env=env, log=log)
            contender.check(scenario, seen)
            row = figures[contender.name, scenario.name]
            for name in _COSTS:
                row[name].append(round(getattr(cost, name), 3))
            say(f"{contender.name}, {scenario.name}: run {number + 1}: {cost.wall_s:.2f} s")
    return list(figures.values())


def _verify(contender: Contender, scenario: Scenario, env: Mapping[str, str], log: Path) -> None:
    """See that the site is, byte for byte, what a build of the same files from nothing makes.

    Raises:
        Failed: it is not.
    """
    twin = contender.blog.copy(contender.blog.folder.with_suffix(".clean"))
    measuring.run(contender.command, cwd=twin.folder, env=env, log=log)
    differing = contender.blog.differing(twin)
    if differing:
        raise Failed(
            f"{scenario.name}: {len(differing)} files are not those of a clean build: {differing[:5]}"
        )
    shutil.rmtree(twin.folder)
    say(f"{contender.name}, {scenario.name}: the same as a clean build")


def _in_order(every: Iterable[Contender]) -> Iterator[tuple[Contender, Scenario]]:
    """A contender's scenarios follow each other: a build after an edit needs the one before."""
    return ((contender, scenario) for contender in every for scenario in contender.scenarios)


def _is_slow(contender: Contender) -> bool:
    return contender.name.startswith("Pelican") and contender.blog.count >= _PELICANS_POSTS


def say(words: str) -> None:
    """Tell how far it has come."""
    print(words, file=sys.stderr, flush=True)
