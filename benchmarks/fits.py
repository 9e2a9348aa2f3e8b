"""Curves through figures of several sizes: a power law, and a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A curve and how far each figure is from it."""

    form: str
    """`power`: factor * n**exponent. `line`: start + factor * n."""
    factor: float
    exponent: float = 1.0
    start: float = 0.0
    residuals: tuple[float, ...] = ()
    """Of each figure: its difference to the curve as a share of the curve."""

    def at(self, size: float) -> float:
        """The curve's value."""
        return self.start + self.factor * math.pow(size, self.exponent)


def power(sizes: Sequence[float], values: Sequence[float]) -> Fit:
    """Least squares in the logarithms of both, so that figures of each order of magnitude weigh alike.

    Args:
        sizes: at least two different ones, above 0.
        values: of each, above 0.
    """
    logs = [math.log(size) for size in sizes]
    start, slope = _line(logs, [math.log(value) for value in values], [1.0] * len(logs))
    return _with_residuals(Fit(form="power", factor=math.exp(start), exponent=slope), sizes, values)


def line(sizes: Sequence[float], values: Sequence[float]) -> Fit:
    """Least squares of the relative differences; of absolute ones only the largest size would count.

    Args:
        sizes: at least two different ones.
        values: of each, above 0.
    """
    start, slope = _line(sizes, values, [value**-2 for value in values])
    return _with_residuals(Fit(form="line", start=start, factor=slope), sizes, values)


def _line(sizes: Sequence[float], values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Start and slope of the line with the least weighted squares."""
    total = math.fsum(weights)
    mean_size = math.fsum(w * x for w, x in zip(weights, sizes, strict=True)) / total
    mean_value = math.fsum(w * y for w, y in zip(weights, values, strict=True)) / total
    spread = math.fsum(w * (x - mean_size) ** 2 for w, x in zip(weights, sizes, strict=True))
    common = math.fsum(
        w * (x - mean_size) * (y - mean_value) for w, x, y in zip(weights, sizes, values, strict=True)
    )
    slope = common / spread
    return mean_value - slope * mean_size, slope


def _with_residuals(fit: Fit, sizes: Sequence[float], values: Sequence[float]) -> Fit:
    residuals = tuple(value / fit.at(size) - 1 for size, value in zip(sizes, values, strict=True))
    return Fit(form=fit.form, factor=fit.factor, exponent=fit.exponent, start=fit.start, residuals=residuals)
