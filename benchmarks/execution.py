"""How long sitegen takes to execute pages, beside its peers, and how steady its benchmark cells are.

Run from the repository's root: `python -m benchmarks.execution`. See `benchmarks/README.md` for what is measured.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks import corpora, machine, measuring, peers, report, spread
from benchmarks.peers import Way

_DISTRIBUTIONS: Final = {
    "ours": ("ipykernel", "jupyter-client", "matplotlib", "nbclient", "nbconvert", "numpy", "torch"),
    "sphinx": (*peers.SPHINX, "jupyter-cache", "myst-parser", "nbclient", "jupyter-client", "docutils"),
}
_SAVED: Final = Path(__file__).parent / "results" / "execution.json"


def main() -> None:
    """Measure, print a table, keep the figures."""
    options = _options()
    cache: Path = options.cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    measuring.adopt_orphans()
    peers.provide_kernel(cache)
    sphinx = peers.provide_sphinx(cache)
    env = peers.environment(cache)
    work = Path(tempfile.mkdtemp(prefix="sitegen-benchmark-"))
    try:
        figures: dict[str, Any] = {
            "machine": machine.facts(),
            "versions": {
                "sitegen": machine.commit(),
                "ours": peers.versions(Path(sys.executable), _DISTRIBUTIONS["ours"], env),
                "sphinx": peers.versions(sphinx, _DISTRIBUTIONS["sphinx"], env),
            },
            "ways": _ways_measured(_ways(work, sphinx, options), options.repeats, env, work / "log"),
            "spread": _spread_measured(work / "spread", options.rounds, env, work / "log")
            if "spread" in options.only
            else [],
        }
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _keep(figures, _SAVED if options.save else cache / "execution.json")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.execution", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each way (default: 5)")
    parser.add_argument("--rounds", type=int, default=6, help="builds alone and in company (default: 6)")
    parser.add_argument("--quick", action="store_true", help="4 pages, one run, two rounds: does it work?")
    parser.add_argument("--nbconvert", action="store_true", help="also nbconvert, a process a page")
    parser.add_argument(
        "--only",
        choices=("numpy", "torch", "spread"),
        action="append",
        help="a part of it; may be given twice",
    )
    parser.add_argument("--save", action="store_true", help=f"write {_SAVED.name} and the table beside it")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(".benchmarks"),
        help="where Sphinx is installed, and figures go that are not saved (default: .benchmarks)",
    )
    options = parser.parse_args()
    options.only = set(options.only or ("numpy", "torch", "spread"))
    if options.quick:
        options.repeats, options.rounds = 1, 2
    if options.save and (options.quick or len(options.only) < 3):
        parser.error("only a whole run is saved")
    return options


def _ways(work: Path, sphinx: Path, options: argparse.Namespace) -> tuple[Way, ...]:
    count = 4 if options.quick else 20
    found: list[Way] = []
    if "numpy" in options.only:
        pages = corpora.numpy_pages(count)
        found += peers.sitegen_ways("numpy", work / "numpy-sitegen", pages)
        found += peers.sphinx_ways("numpy", work / "numpy-sphinx", pages, sphinx)
        found.append(peers.nbclient_way("numpy", work / "numpy-notebooks", pages))
        if options.nbconvert:
            found.append(peers.nbconvert_way("numpy", work / "numpy-notebooks", pages))
    if "torch" in options.only:
        for corpus, draw in (("torch", False), ("torch-figure", True)):
            pages = corpora.torch_pages(count, draw=draw)
            found += peers.sitegen_ways(corpus, work / f"{corpus}-sitegen", pages)
            found.append(peers.nbclient_way(corpus, work / f"{corpus}-notebooks", pages))
    return tuple(found)


def _ways_measured(
    ways: tuple[Way, ...], repeats: int, env: dict[str, str], log: Path
) -> list[dict[str, Any]]:
    """Each way once for its memory, which also fills caches of files and bytecode; then all of them in turns, timed."""
    figures: dict[Way, dict[str, Any]] = {}
    for way in ways:
        _say(f"{way.corpus}: {way.name}: memory")
        way.prepare()
        peak = measuring.peak_memory(way.command, cwd=way.folder, env=env, log=log)
        way.check()
        figures[way] = {
            "corpus": way.corpus,
            "way": way.name,
            "pages": len(way.proofs),
            "peak_memory_bytes": peak.proportional_bytes,
            "wall_s": [],
            "cpu_s": [],
        }
    for number in range(repeats):
        for way in ways:
            way.prepare()
            cost = measuring.run(way.command, cwd=way.folder, env=env, log=log)
            way.check()
            figures[way]["wall_s"].append(round(cost.wall_s, 3))
            figures[way]["cpu_s"].append(round(cost.cpu_s, 3))
            _say(f"{way.corpus}: {way.name}: run {number + 1}: {cost.wall_s:.2f} s")
    return list(figures.values())


def _spread_measured(folder: Path, rounds: int, env: dict[str, str], log: Path) -> list[dict[str, Any]]:
    _say(f"spread of benchmark cells: {rounds} builds alone, {rounds} in company")
    return [asdict(timing) for timing in spread.measure(folder, rounds, env, log)]


def _keep(figures: dict[str, Any], path: Path) -> None:
    """Print the table, and write it beside the figures that it is made of."""
    text = report.as_markdown(figures)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    path.with_suffix(".md").write_text(text, "utf-8")
    print(text)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
