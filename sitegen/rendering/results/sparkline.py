"""A metric's runs as a small picture: inline SVG that needs no script, with its content in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.rendering.results.numbers import number_text
from sitegen.values import dataclass

WIDTH_PX: Final = 96
HEIGHT_PX: Final = 24
_PAD_PX: Final = 4  # half a mark, so that none is cut off
MARKS: Final = ("\N{BLACK CIRCLE}", "\N{BLACK SQUARE}", "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DIAMOND}")
"""Of the device groups, in the order in which they first come; after the last it starts again."""
_SHAPES: Final = (
    '<circle cx="{x}" cy="{y}" r="{r}"{shown}/>',
    '<path d="M{l} {t}H{e}V{b}H{l}Z"{shown}/>',
    '<path d="M{x} {t}L{e} {b}H{l}Z"{shown}/>',
    '<path d="M{x} {t}L{e} {y}L{x} {b}L{l} {y}Z"{shown}/>',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkPoint:
    """One run."""

    value: float
    group: str
    """The device group: lines join only points of one."""
    date: datetime
    is_shown: bool = False
    """Whether it is the run that the page shows."""


def sparkline(points: Sequence[SparkPoint], label: str, words: Words = ENGLISH) -> str:
    """The picture; empty for fewer than two runs with a finite value.

    Runs stand side by side in their order, not to scale of time. Each device group has marks and a line of its own.

    Args:
        points: oldest first.
        label: what the numbers are: `mean_return, reward`.
        words: of the site.
    """
    drawn = [point for point in points if math.isfinite(point.value)]
    if len(drawn) < 2:  # one run is no history
        return ""
    places = _places([point.value for point in drawn])
    groups = list(dict.fromkeys(point.group for point in drawn))
    parts = []
    for number, group in enumerate(groups):
        own = [place for place, point in zip(places, drawn, strict=True) if point.group == group]
        if len(own) > 1:
            line = "L".join(f"{x:g} {y:g}" for x, y in own)
            parts.append(f'<path class="spark-line" data-group="{number % len(MARKS)}" d="M{line}"/>')
    for place, point in zip(places, drawn, strict=True):
        parts.append(_mark(place, groups.index(point.group), is_shown=point.is_shown))
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" width="{WIDTH_PX}" height="{HEIGHT_PX}" '
        f'role="img" aria-label="{escape(_in_words(drawn, label, groups, words))}">{"".join(parts)}</svg>'
    )


def marks_of(groups: Sequence[str]) -> dict[str, str]:
    """The mark of each device group, as a character for tables; empty where there is only one group."""
    names = list(dict.fromkeys(groups))
    if len(names) < 2:
        return {}
    return {name: MARKS[number % len(MARKS)] for number, name in enumerate(names)}


def _places(values: Sequence[float]) -> list[tuple[float, float]]:
    """Where each value stands, in pixels; equal values lie on the middle line."""
    lowest, highest = min(values), max(values)
    step = (WIDTH_PX - 2 * _PAD_PX) / (len(values) - 1)
    height = HEIGHT_PX - 2 * _PAD_PX

    def part(value: float) -> float:
        if highest == lowest:
            return 0.5
        # halves first: the difference of two large numbers of opposite sign is no number
        return (value / 2 - lowest / 2) / (highest / 2 - lowest / 2)

    return [
        (round(_PAD_PX + step * number, 1), round(_PAD_PX + height * (1 - part(value)), 1))
        for number, value in enumerate(values)
    ]


def _mark(place: tuple[float, float], group: int, *, is_shown: bool) -> str:
    x, y = place
    radius = 3.0 if is_shown else 2.0
    return _SHAPES[group % len(_SHAPES)].format(
        x=f"{x:g}",
        y=f"{y:g}",
        r=f"{radius:g}",
        l=f"{x - radius:.4g}",
        e=f"{x + radius:.4g}",
        t=f"{y - radius:.4g}",
        b=f"{y + radius:.4g}",
        shown=' class="spark-shown"' if is_shown else "",
    )


def _in_words(points: Sequence[SparkPoint], label: str, groups: Sequence[str], words: Words) -> str:
    """The picture's text alternative; the table beside it has every number."""
    values = [point.value for point in points]
    first, last = points[0].date, points[-1].date
    return words(
        "numbers.sparkline",
        label=label,
        count=len(points),
        first=f"{first:%Y-%m-%d}",
        last=f"{last:%Y-%m-%d}",
        devices=words("text.and").join(groups),
        lowest=number_text(min(values)),
        highest=number_text(max(values)),
        newest=number_text(values[-1]),
    )
