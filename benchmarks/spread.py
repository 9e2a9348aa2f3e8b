"""The spread of a benchmark's repeats: alone, and with ten busy pages in the same build."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from benchmarks import corpora, measuring
from benchmarks.measuring import Failed

Company = Literal["alone", "in company"]
COMPANIES: Final[tuple[Company, ...]] = ("alone", "in company")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What one `benchmark` cell reported in one build."""

    name: str
    company: Company
    median_ms: float
    iqr_ms: float
    n: int

    @property
    def relative_iqr(self) -> float:
        """The interquartile range as a share of the median."""
        return self.iqr_ms / self.median_ms


def measure(folder: Path, rounds: int, env: Mapping[str, str], log: Path) -> tuple[Timing, ...]:
    """Both sites are built from nothing in each round, in turns.

    Args:
        folder: where the sites are made; not there yet.
        rounds: builds of each.
        env: the builds'.
        log: what the last one printed.
    """
    timed = corpora.timed_pages()
    sites = {company: folder / company.replace(" ", "-") for company in COMPANIES}
    corpora.write_site(sites["alone"], timed)
    corpora.write_site(sites["in company"], (*timed, *corpora.busy_pages()))
    found: list[Timing] = []
    for number in range(rounds):
        for company in COMPANIES if number % 2 == 0 else reversed(COMPANIES):
            site = sites[company]
            for made in (".sitegen", "results", "public"):
                shutil.rmtree(site / made, ignore_errors=True)
            measuring.run((sys.executable, "-m", "sitegen", "build", "--quiet"), cwd=site, env=env, log=log)
            found += _timings(site, company)
    return tuple(found)


def relative_iqrs(timings: Sequence[Timing], name: str, company: Company) -> list[float]:
    """Of one benchmark, over all rounds."""
    return [each.relative_iqr for each in timings if (each.name, each.company) == (name, company)]


def exceeds(company: Sequence[float], alone: Sequence[float]) -> float:
    """How often a value in company is above one alone, over all pairs: 0.5 where company makes no difference."""
    return statistics.fmean((ours > theirs) + (ours == theirs) / 2 for ours in company for theirs in alone)


def _timings(site: Path, company: Company) -> list[Timing]:
    """Read from the records of the runs."""
    metrics = [
        metric
        for file in sorted((site / "results" / "runs").glob("*/*.json"))
        for metric in json.loads(file.read_text("utf-8"))["metrics"]
    ]
    if len(metrics) != len(corpora.timed_pages()):
        raise Failed(f"{company}: {len(metrics)} benchmarks were recorded")
    return [
        Timing(
            name=metric["name"],
            company=company,
            median_ms=metric["value"],
            iqr_ms=metric["spread"],
            n=metric["n"],
        )
        for metric in metrics
    ]
