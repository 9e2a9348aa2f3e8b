"""What a build costs from 100 posts to 100,000: time, memory, what is kept, what is written.

Run from the repository's root: `python -m benchmarks.scale`. See `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import contenders, edits, machine, measuring, peers, rounds, scale_report
from benchmarks.contenders import COLD, UNCHANGED, Scenario

_RESULTS: Final = Path(__file__).parent / "results" / "scale.json"
_PAGE: Final = Path(__file__).parent.parent / "docs" / "scale.md"
_SIZES: Final = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
_SCENARIOS: Final = (COLD, UNCHANGED, Scenario(name=edits.BODY.name, start="before", edit=edits.BODY))
_LARGE: Final = 3_000
"""Posts above which a size gets one timed run."""
_HUGE: Final = 30_000
"""From so many posts on, time and memory are of one run: it takes minutes."""


def main() -> None:
    """Measure each size, keep the figures after each, and write the tables of the page."""
    options = _options()
    cache: Path = options.cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    path = _RESULTS if options.save else cache / _RESULTS.name
    if not options.tables:
        measuring.adopt_orphans()
        figures: dict[str, Any] = {"machine": machine.facts(), "versions": {}, "sizes": []}
        if options.add:
            known = json.loads(path.read_text("utf-8"))
            figures["sizes"] = [each for each in known["sizes"] if each["posts"] not in options.sizes]
        for size in sorted(options.sizes):
            ways = _measured(size, cache, options)
            figures["sizes"].append({"posts": size, "sitegen": machine.commit(), "ways": ways})
            figures["sizes"].sort(key=lambda each: int(each["posts"]))
            figures["versions"] = {"sitegen": _versions(figures["sizes"])}
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    found = json.loads(path.read_text("utf-8"))
    if options.save or options.tables:
        _PAGE.write_text(scale_report.filled(_PAGE.read_text("utf-8"), found), "utf-8")
    for table in scale_report.tables(found).values():
        print(table)


def _versions(sizes: Sequence[Mapping[str, Any]]) -> str:
    """What was measured; where sizes are of several versions, which is whose."""
    posts: dict[str, list[str]] = {}
    for each in sizes:
        posts.setdefault(each["sitegen"], []).append(f"{each['posts']:,}")
    if len(posts) == 1:
        return next(iter(posts))
    return "; ".join(f"{version}: {', '.join(numbers)} posts" for version, numbers in posts.items())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(_SIZES), help="posts (default: 100 to 100,000)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="timed runs up to 3,000 posts (default: 3)")
    parser.add_argument("--add", action="store_true", help="keep the other sizes that were measured before")
    parser.add_argument(
        "--save", action="store_true", help="write scale.json and the tables of docs/scale.md"
    )
    parser.add_argument(
        "--tables", action="store_true", help="measure nothing: only write the tables of docs/scale.md"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(".benchmarks"),
        help="where figures go that are not saved (default: .benchmarks)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        help="where blogs are built; 100,000 posts take 10 GB (default: for temporary files)",
    )
    options = parser.parse_args()
    options.save = options.save or options.tables
    return options


def _measured(size: int, cache: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """One size, in a folder of its own that is removed afterwards."""
    work = Path(tempfile.mkdtemp(prefix="sitegen-benchmark-", dir=options.work))
    try:
        ours = contenders.ours(work, size, "python", _SCENARIOS)
        rounds.say(f"{size} posts")
        contenders.write([ours], size, "python")
        count = options.rounds if size <= _LARGE else int(size < _HUGE)
        return rounds.measured([ours], count, peers.environment(cache), work / "log")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
