"""The figures as a Markdown table, and the bounds that they are held against."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import spread
from benchmarks.spread import COMPANIES, Timing

_BASES: Final = {
    "numpy": "Sphinx + MyST-NB, `force`, from nothing",
    "torch": "nbclient, two at a time",
    "torch-figure": "nbclient, two at a time",
}
"""The peer that a corpus' ratios are to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """What sitegen holds itself to."""

    corpus: str
    way: str
    of_base: float | None = None
    """Share of the peer's wall time, median by median."""
    seconds: float | None = None


_BOUNDS: Final = (
    _Bound(corpus="numpy", way="sitegen, from nothing", of_base=1 / 4),
    _Bound(corpus="numpy", way="sitegen, nothing changed", seconds=0.5),
    _Bound(corpus="torch", way="sitegen, from nothing", of_base=1 / 5),
)


def as_markdown(figures: Mapping[str, Any]) -> str:
    """All of a run, as it is published."""
    parts = ["# Execution, measured\n", _machine(figures)]
    parts += [
        _table(corpus, figures["ways"]) for corpus in dict.fromkeys(way["corpus"] for way in figures["ways"])
    ]
    parts.append(_bounds(figures["ways"]))
    parts.append(_spread([Timing(**each) for each in figures["spread"]]))
    return "\n".join(part for part in parts if part)


def _machine(figures: Mapping[str, Any]) -> str:
    facts, versions = figures["machine"], figures["versions"]
    ours = ", ".join(f"{name} {version}" for name, version in versions["ours"].items())
    sphinx = ", ".join(f"{name} {version}" for name, version in versions["sphinx"].items())
    return (
        f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gib']} GiB; {facts['system']}; {facts['python']}; "
        f"load before: {facts['load_before']}; {facts['date']}.\n\n"
        f"- sitegen {versions['sitegen']}, with {ours}\n- in an environment of their own: {sphinx}\n"
    )


def _table(corpus: str, ways: Sequence[Mapping[str, Any]]) -> str:
    rows = [way for way in ways if way["corpus"] == corpus]
    base = _base(corpus, ways)
    lines = [
        f"## {rows[0]['pages']} pages: {corpus}\n",
        f"Median [least-most] of {len(rows[0]['wall_s'])} runs. Share: of the wall time of {_BASES[corpus]}.\n",
        "| way | wall s | CPU s | peak MiB | share |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        share = "" if base is None else f"{statistics.median(row['wall_s']) / base:.2f}"
        cells = (
            row["way"],
            _range(row["wall_s"]),
            _range(row["cpu_s"]),
            f"{row['peak_memory_bytes'] / 2**20:.0f}",
            share,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join((*lines, ""))


def _bounds(ways: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for bound in _BOUNDS:
        found = _wall(bound.corpus, bound.way, ways)
        base = _base(bound.corpus, ways)
        if found is None or base is None:
            continue
        if bound.of_base is None:
            limit, words = float(bound.seconds or 0), f"under {bound.seconds} s"
        else:
            limit = base * bound.of_base
            words = f"at most 1/{1 / bound.of_base:.0f} of {_BASES[bound.corpus]} ({limit:.2f} s)"
        verdict = "holds" if found <= limit else "**does not hold**"
        lines.append(f"- {bound.corpus}: {bound.way}, {words}: {found:.2f} s, {verdict}")
    return "\n".join(("## What sitegen holds itself to\n", *lines, "")) if lines else ""


def _spread(timings: Sequence[Timing]) -> str:
    if not timings:
        return ""
    builds = len(timings) // len(COMPANIES) // len({each.name for each in timings})
    explained = (
        f"Interquartile range of the repeats as a share of their median; median [least-most] of {builds} builds. "
        "The last column: how often a value in company is above one alone, over all pairs; 0.5 is no difference.\n"
    )
    lines = [
        "## Repeats of a `benchmark` cell, alone and in company\n",
        explained,
        "| cell | repeats | median ms alone | in company | relative IQR alone | in company | above |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in dict.fromkeys(each.name for each in timings):
        medians = [
            _range([each.median_ms for each in timings if (each.name, each.company) == (name, company)])
            for company in COMPANIES
        ]
        alone, company = (spread.relative_iqrs(timings, name, each) for each in COMPANIES)
        repeats = str(next(each.n for each in timings if each.name == name))
        shares = [_range([100 * each for each in values]) + " %" for values in (alone, company)]
        above = f"{spread.exceeds(company, alone):.2f}"
        lines.append(f"| {' | '.join((name, repeats, *medians, *shares, above))} |")
    return "\n".join((*lines, ""))


def _base(corpus: str, ways: Sequence[Mapping[str, Any]]) -> float | None:
    return _wall(corpus, _BASES[corpus], ways)


def _wall(corpus: str, name: str, ways: Sequence[Mapping[str, Any]]) -> float | None:
    found = [way["wall_s"] for way in ways if (way["corpus"], way["way"]) == (corpus, name)]
    return statistics.median(found[0]) if found else None


def _range(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} [{min(values):.2f}-{max(values):.2f}]"
