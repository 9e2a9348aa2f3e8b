"""The figures of built blogs as tables, and the bounds that they are held against."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import contenders, edits

_COLD: Final = contenders.COLD.name
_PEERS: Final = ("Hugo", "Eleventy")
"""Whose wall time from nothing the ratios are to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """What sitegen holds itself to, for a size of the corpus, whatever its words and languages."""

    posts: int
    scenario: str
    of_peer: tuple[float, str] | None = None
    """Share of a peer's wall time from nothing, median by median."""
    seconds: float | None = None
    mib: float | None = None
    """Peak memory, summed over processes."""


_BOUNDS: Final = (
    _Bound(posts=1_000, scenario=_COLD, of_peer=(0.75, "Hugo")),
    _Bound(posts=1_000, scenario=_COLD, of_peer=(1.0, "Eleventy")),
    _Bound(posts=10_000, scenario=_COLD, of_peer=(0.55, "Hugo")),
    _Bound(posts=10_000, scenario=_COLD, of_peer=(0.8, "Eleventy")),
    _Bound(posts=10_000, scenario=_COLD, mib=800),
    _Bound(posts=10_000, scenario=contenders.RESTORED.name, of_peer=(0.35, "Hugo")),
    _Bound(posts=10_000, scenario=contenders.UNCHANGED.name, seconds=0.5),
    _Bound(posts=10_000, scenario=edits.BODY.name, seconds=0.7),
    _Bound(posts=10_000, scenario=edits.BASE.name, seconds=15),
)


def keep(name: str, figures: Mapping[str, Any], path: Path) -> None:
    """Put one corpus' figures among those that are there, and make the tables of all of them.

    Args:
        name: of the corpus; figures of the same name are replaced.
        figures: of one run.
        path: a JSON file; the tables are written beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    corpora = dict(sorted({**known, name: figures}.items(), key=_order))
    path.write_text(json.dumps(corpora, indent=1) + "\n", "utf-8")
    path.with_suffix(".md").write_text(as_markdown(corpora), "utf-8")


def as_markdown(corpora: Mapping[str, Mapping[str, Any]]) -> str:
    """All corpora, as they are published."""
    parts = ["# Builds, measured\n", *map(_corpus, corpora.values()), _bounds(list(corpora.values()))]
    return "\n".join(part for part in parts if part)


def ratio(ways: Sequence[Mapping[str, Any]], way: Mapping[str, Any], peer: str) -> float | None:
    """A way's wall time as a share of what the peer takes from nothing, median by median; None where that was not run."""
    base = _find(ways, peer, _COLD)
    return None if base is None else _median(way["wall_s"]) / _median(base["wall_s"])


def _order(item: tuple[str, Mapping[str, Any]]) -> tuple[int, int]:
    return item[1]["posts"], item[1]["variant"] != "python"


def _corpus(figures: Mapping[str, Any]) -> str:
    ways = figures["ways"]
    bases = [peer for peer in _PEERS if _find(ways, peer, _COLD) is not None]
    head = [
        "generator",
        "build",
        "wall s",
        "CPU s",
        "peak MiB",
        "resident",
        *(f"of {peer}" for peer in bases),
    ]
    lines = [
        f"## {figures['posts']:,} posts, {_languages(figures['variant'])}\n",
        _machine(figures),
        _explained(ways, bases),
        _row(head),
        _row(["---"] * len(head)),
        *(_row(_cells(ways, way, bases)) for way in ways),
        "",
        _row(("generator", "files", "MB of output", "MB kept for the next build")),
        _row(["---"] * 4),
    ]
    for way in ways:
        if way["scenario"] == _COLD:
            sizes = (f"{way[name] / 1e6:.1f}" for name in ("output_bytes", "state_bytes"))
            lines.append(_row((way["generator"], f"{way['files']:,}", *sizes)))
    return "\n".join((*lines, ""))


def _explained(ways: Sequence[Mapping[str, Any]], bases: Sequence[str]) -> str:
    runs = max(len(way["wall_s"]) for way in ways)
    shares = f" Of {' and '.join(bases)}: share of its wall time {_COLD}." if bases else ""
    return (
        f"Median [least-most] of {runs} runs in turns. Peak: proportional memory, and resident memory, summed over processes."
        f"{shares}\n"
    )


def _languages(variant: str) -> str:
    return "code in Python" if variant == "python" else "code in Python, C++, YAML, shell and JavaScript"


def _machine(figures: Mapping[str, Any]) -> str:
    facts, ways = figures["machine"], figures["ways"]
    versions = ", ".join(f"{name} {version}" for name, version in figures["versions"].items())
    others = max(
        (
            others / wall
            for way in ways
            for others, wall in zip(way["others_cpu_s"], way["wall_s"], strict=True)
        ),
        default=0.0,
    )
    return (
        f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gib']} GiB; {facts['system']}; {facts['python']}; "
        f"{facts['date']}. Load before: {facts['load_before']}; while runs lasted, everything else on the machine took at most "
        f"{others:.2f} of a core. {versions}.\n"
    )


def _cells(ways: Sequence[Mapping[str, Any]], way: Mapping[str, Any], bases: Sequence[str]) -> Sequence[str]:
    ratios = (ratio(ways, way, peer) for peer in bases)
    return (
        way["generator"],
        way["scenario"],
        _range(way["wall_s"]),
        _range(way["cpu_s"]),
        f"{way['peak_proportional_bytes'] / 2**20:.0f}",
        f"{way['peak_resident_bytes'] / 2**20:.0f}",
        *("" if each is None else f"{each:.2f}" if each >= 0.095 else f"{each:.3f}" for each in ratios),
    )


def _bounds(corpora: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        f"- {figures['posts']:,} posts, {figures['variant']}: {held}"
        for bound in _BOUNDS
        for figures in corpora
        if figures["posts"] == bound.posts and (held := _held(bound, figures["ways"]))
    ]
    return "\n".join(("## What sitegen holds itself to\n", *lines, "")) if lines else ""


def _held(bound: _Bound, ways: Sequence[Mapping[str, Any]]) -> str:
    """What was found beside the bound; nothing where it was not measured."""
    way = _find(ways, "sitegen", bound.scenario)
    if way is None:
        return ""
    if bound.mib is not None:
        found, limit, words = way["peak_proportional_bytes"] / 2**20, bound.mib, f"under {bound.mib:.0f} MiB"
        said = f"{found:.0f} MiB"
    elif bound.of_peer is not None:
        limit, peer = bound.of_peer
        share = ratio(ways, way, peer)
        if share is None:
            return ""
        found, words, said = share, f"at most {limit:.2f} of {peer} from nothing", f"{share:.2f}"
    else:
        limit = float(bound.seconds or 0)
        found, words = _median(way["wall_s"]), f"at most {limit:g} s"
        said = f"{found:.2f} s"
    verdict = "holds" if found <= limit else "**does not hold**"
    return f"{bound.scenario}, {words}: {said}, {verdict}"


def _find(ways: Sequence[Mapping[str, Any]], generator: str, scenario: str) -> Mapping[str, Any] | None:
    wanted = (way for way in ways if (way["generator"], way["scenario"]) == (generator, scenario))
    found = next(wanted, None)
    return found if found is not None and found["wall_s"] else None


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _range(values: Sequence[float]) -> str:
    if len(values) < 2:
        return "".join(f"{value:.2f}" for value in values)
    return f"{_median(values):.2f} [{min(values):.2f}-{max(values):.2f}]"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
