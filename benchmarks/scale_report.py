"""The tables of `docs/scale.md`, made of the figures of several sizes."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import contenders, edits, fits
from benchmarks.fits import Fit

_COLD: Final = contenders.COLD.name
_UNCHANGED: Final = contenders.UNCHANGED.name
_BODY: Final = edits.BODY.name
_MILLION: Final = 1_000_000
_FROM: Final = 1_000
"""Where the power law begins: below, what a build costs without posts hides the exponent."""
_LINEAR: Final = (10_000, 100_000, 1.15)
"""From one size to the other time may grow by so much more than the size."""
_MEMORY: Final = (100_000, 2 * 2**30)
"""The most memory, in bytes, that a build of so many posts may have in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quantity:
    """Something that is measured at each size."""

    name: str
    unit: str
    scenario: str
    of: Callable[[Mapping[str, Any]], float]

    def values(self, figures: Mapping[str, Any]) -> list[float]:
        """At each size."""
        return [self.of(_way(size, self.scenario)) for size in figures["sizes"]]


def _median(name: str) -> Callable[[Mapping[str, Any]], float]:
    return lambda way: statistics.median(way[name])


def _size(name: str, unit: float) -> Callable[[Mapping[str, Any]], float]:
    return lambda way: float(way[name]) / unit


_WALL: Final = _Quantity(name="wall time", unit="s", scenario=_COLD, of=_median("wall_s"))
_QUANTITIES: Final = (
    _WALL,
    _Quantity(name="CPU time", unit="s", scenario=_COLD, of=_median("cpu_s")),
    _Quantity(name="peak memory", unit="MiB", scenario=_COLD, of=_size("peak_proportional_bytes", 2**20)),
    _Quantity(name="kept for the next build", unit="MB", scenario=_COLD, of=_size("state_bytes", 1e6)),
    _Quantity(name="output", unit="MB", scenario=_COLD, of=_size("output_bytes", 1e6)),
    _Quantity(name="wall time", unit="s", scenario=_UNCHANGED, of=_median("wall_s")),
    _Quantity(
        name="peak memory", unit="MiB", scenario=_UNCHANGED, of=_size("peak_proportional_bytes", 2**20)
    ),
    _Quantity(name="wall time", unit="s", scenario=_BODY, of=_median("wall_s")),
    _Quantity(name="peak memory", unit="MiB", scenario=_BODY, of=_size("peak_proportional_bytes", 2**20)),
)


def tables(figures: Mapping[str, Any]) -> dict[str, str]:
    """Each table of the page by its name."""
    return {
        "machine": _machine(figures),
        "sizes": _sizes(figures),
        "fits": _fits(figures) if len(figures["sizes"]) > 1 else "",
        "bounds": _bounds(figures),
    }


def filled(page: str, figures: Mapping[str, Any]) -> str:
    """The page with its tables, each between `<!-- NAME -->` and `<!-- end of NAME -->`.

    Raises:
        ValueError: the page has no place for one of them.
    """
    for name, table in tables(figures).items():
        place = re.search(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)", page, re.DOTALL)
        if place is None:
            raise ValueError(f"the page has no place for the table `{name}`")
        page = f"{page[: place.start()]}\n{table}\n{page[place.end() :]}"
    return page


def _machine(figures: Mapping[str, Any]) -> str:
    facts = figures["machine"]
    return (
        f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gib']} GiB; {facts['system']}; {facts['python']}; "
        f"sitegen {figures['versions']['sitegen']}; {facts['date']}; load before: {facts['load_before']}.\n"
    )


def _sizes(figures: Mapping[str, Any]) -> str:
    head = (
        "posts",
        "cold s",
        "CPU s",
        "ms a post",
        "peak MiB",
        "nothing changed s",
        "one body edited s",
        "files",
        "output MB",
        "kept MB",
    )
    lines = [_row(head), _row(["---:"] * len(head))]
    for size in figures["sizes"]:
        cold, unchanged, body = (_way(size, name) for name in (_COLD, _UNCHANGED, _BODY))
        wall, cpu = (statistics.median(cold[name]) for name in ("wall_s", "cpu_s"))
        lines.append(
            _row(
                (
                    f"{size['posts']:,}",
                    f"{wall:.2f}",
                    f"{cpu:.2f}",
                    f"{1000 * wall / size['posts']:.2f}",
                    f"{cold['peak_proportional_bytes'] / 2**20:.0f}",
                    f"{statistics.median(unchanged['wall_s']):.2f}",
                    f"{statistics.median(body['wall_s']):.2f}",
                    f"{cold['files']:,}",
                    f"{cold['output_bytes'] / 1e6:.1f}",
                    f"{cold['state_bytes'] / 1e6:.1f}",
                )
            )
        )
    return "\n".join((*lines, ""))


def _fits(figures: Mapping[str, Any]) -> str:
    """Both curves of each quantity, the largest distance of a figure from each, and both at a million posts."""
    head = ("build", "what", "power law", "off by at most", "line", "off by at most", "at a million")
    lines = [_row(head), _row(["---"] * len(head))]
    sizes = [float(size["posts"]) for size in figures["sizes"]]
    first = sum(size < _FROM for size in sizes)
    first = first if len(sizes) - first > 1 else 0
    for quantity in _QUANTITIES:
        values = quantity.values(figures)
        if min(values) <= 0:
            continue
        power, line = fits.power(sizes[first:], values[first:]), fits.line(sizes, values)
        low, high = sorted((power.at(_MILLION), line.at(_MILLION)))
        lines.append(
            _row(
                (
                    quantity.scenario,
                    f"{quantity.name}, {quantity.unit}",
                    f"{_short(power.factor)} · n^{power.exponent:.3f}",
                    _farthest(power),
                    f"{_short(line.start)} + {_short(line.factor)} · n",
                    _farthest(line),
                    f"{_rounded(low)} to {_rounded(high)} {quantity.unit}",
                )
            )
        )
    return "\n".join((*lines, ""))


def _bounds(figures: Mapping[str, Any]) -> str:
    lines = []
    by_size = {size["posts"]: _way(size, _COLD) for size in figures["sizes"]}
    small, large, limit = _LINEAR
    if small in by_size and large in by_size:
        growth = _WALL.of(by_size[large]) / _WALL.of(by_size[small]) / (large / small)
        verdict = "holds" if growth <= limit else "**does not hold**"
        lines.append(
            f"- from {small:,} to {large:,} posts time grows by at most {limit:.2f} times as much as their number: {growth:.2f}, {verdict}"
        )
    count, most = _MEMORY
    if count in by_size:
        used = by_size[count]["peak_proportional_bytes"]
        verdict = "holds" if used < most else "**does not hold**"
        lines.append(
            f"- {count:,} posts in less than {most / 2**20:.0f} MiB: {used / 2**20:.0f} MiB, {verdict}"
        )
    return "\n".join((*lines, ""))


def _way(size: Mapping[str, Any], scenario: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(way for way in size["ways"] if way["scenario"] == scenario)
    return found


def _farthest(fit: Fit) -> str:
    """The largest difference to the curve, with its sign."""
    return f"{round(100 * max(fit.residuals, key=abs)):+d} %"


def _short(value: float) -> str:
    return f"{value:.3g}"


def _rounded(value: float) -> str:
    """Two digits are all that can be said of what was not measured."""
    return f"{float(f'{value:.2g}'):,.0f}" if value >= 10 else f"{value:.2g}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
