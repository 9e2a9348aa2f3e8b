"""How long sitegen takes to build a blog, from nothing and after an edit, beside Hugo, Eleventy and Pelican.

Run from the repository's root: `python -m benchmarks.build`. See `benchmarks/README.md` for what is measured.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import build_report, contenders, generators, machine, measuring, peers, posts
from benchmarks.contenders import Contender, Scenario

_RESULTS: Final = Path(__file__).parent / "results"
_PELICANS_POSTS: Final = 3000
"""Above so many posts Pelican, which takes minutes, gets one run."""


def main() -> None:
    """Measure the corpora that are asked for, print their tables, keep the figures."""
    options = _options()
    cache: Path = options.cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    measuring.adopt_orphans()
    path = (_RESULTS if options.save else cache) / "build.json"
    for variant in options.variant:
        figures = _measure(variant, cache, options)
        build_report.keep(f"{options.posts}-{variant}", figures, path)
    print(path.with_suffix(".md").read_text("utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build", description=__doc__)
    parser.add_argument("--posts", type=int, default=1000, help="of each corpus (default: 1000)")
    parser.add_argument(
        "--variant", choices=posts.VARIANTS, action="append", help="of the corpus (default: each)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds (default: 3)")
    parser.add_argument(
        "--peer-edits",
        choices=("none", "one", "all"),
        default="one",
        help="which edits the peers build too; Hugo and Eleventy build all from nothing each time (default: one)",
    )
    names = ("sitegen", "hugo", "eleventy", "pelican")
    parser.add_argument(
        "--only", choices=names, action="append", help="a generator; may be given several times"
    )
    parser.add_argument("--save", action="store_true", help="write build.json and the tables beside it")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(".benchmarks"),
        help="where peers are installed, and figures go that are not saved (default: .benchmarks)",
    )
    parser.add_argument(
        "--work", type=Path, help="where blogs are built (default: a folder for temporary files)"
    )
    options = parser.parse_args()
    options.variant = options.variant or list(posts.VARIANTS)
    options.only = set(options.only or names)
    return options


def _measure(variant: posts.Variant, cache: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One corpus, with all generators in the same run."""
    env = peers.environment(cache)
    work = Path(tempfile.mkdtemp(prefix="sitegen-benchmark-", dir=options.work))
    try:
        every = contenders.chosen(
            options.only, work, cache, options.posts, variant, peer_edits=options.peer_edits
        )
        _say(f"{options.posts} posts, {variant}: written for {', '.join(each.name for each in every)}")
        contenders.write(every, options.posts, variant)
        facts = machine.facts()
        ways = _ways_measured(every, options.rounds, env, work / "log")
        return {
            "posts": options.posts,
            "variant": variant,
            "machine": facts,
            "versions": {"sitegen": machine.commit(), **generators.versions(cache, env)},
            "ways": ways,
        }
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _ways_measured(
    every: Sequence[Contender], rounds: int, env: dict[str, str], log: Path
) -> list[dict[str, Any]]:
    """All once for their memory, which also fills caches of files and bytecode; then all of them in turns, timed."""
    figures: dict[tuple[str, str], dict[str, Any]] = {}
    for contender, scenario in _in_order(every):
        seen = contender.prepare(scenario)
        peak = measuring.peak_memory(contender.command, cwd=contender.blog.folder, env=env, log=log)
        contender.check(scenario, seen)
        figures[contender.name, scenario.name] = {
            "generator": contender.name,
            "scenario": scenario.name,
            "peak_proportional_bytes": peak.proportional_bytes,
            "peak_resident_bytes": peak.resident_bytes,
            **contender.blog.sizes(),
            "wall_s": [],
            "cpu_s": [],
            "others_cpu_s": [],
        }
        _say(f"{contender.name}, {scenario.name}: {peak.proportional_bytes / 2**20:.0f} MiB")
    for number in range(rounds):
        in_turn = [each for each in every if number == 0 or not _is_slow(each)]
        for contender, scenario in _in_order(in_turn if number % 2 == 0 else in_turn[::-1]):
            seen = contender.prepare(scenario)
            cost = measuring.run(contender.command, cwd=contender.blog.folder, env=env, log=log)
            contender.check(scenario, seen)
            row = figures[contender.name, scenario.name]
            for name in ("wall_s", "cpu_s", "others_cpu_s"):
                row[name].append(round(getattr(cost, name), 3))
            _say(f"{contender.name}, {scenario.name}: run {number + 1}: {cost.wall_s:.2f} s")
    return list(figures.values())


def _in_order(every: Iterable[Contender]) -> Iterable[tuple[Contender, Scenario]]:
    """A contender's scenarios follow each other: a build after an edit needs the one before."""
    return ((contender, scenario) for contender in every for scenario in contender.scenarios)


def _is_slow(contender: Contender) -> bool:
    return contender.name.startswith("Pelican") and contender.blog.count > _PELICANS_POSTS


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
