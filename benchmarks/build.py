"""How long sitegen takes to build a blog, from nothing and after an edit, beside Hugo, Eleventy and Pelican.

Run from the repository's root: `python -m benchmarks.build`. See `benchmarks/README.md` for what is measured.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks import build_report, contenders, generators, machine, measuring, peers, posts, rounds

_RESULTS: Final = Path(__file__).parent / "results"


def main() -> None:
    """Measure the corpora that are asked for, print their tables, keep the figures."""
    options = _options()
    cache: Path = options.cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    measuring.adopt_orphans()
    path = (_RESULTS if options.save else cache) / "build.json"
    for variant in options.variant:
        figures = _measure(variant, cache, options)
        name = f"{options.posts}-{variant}"
        build_report.keep(name, figures, path)
        print(build_report.as_markdown({name: figures}))


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
    parser.add_argument(
        "--verify",
        action="store_true",
        help="also hold what sitegen makes after each edit against a build from nothing, byte for byte",
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
        rounds.say(f"{options.posts} posts, {variant}: written for {', '.join(each.name for each in every)}")
        contenders.write(every, options.posts, variant)
        facts = machine.facts()
        ways = rounds.measured(every, options.rounds, env, work / "log", is_verified=options.verify)
        return {
            "posts": options.posts,
            "variant": variant,
            "machine": facts,
            "versions": {"sitegen": machine.commit(), **generators.versions(options.only, cache, env)},
            "ways": ways,
        }
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
