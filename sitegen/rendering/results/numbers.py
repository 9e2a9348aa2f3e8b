"""Numbers in digits that mean something: values, spreads, differences, durations, sizes."""

from __future__ import annotations

import math
import re

from sitegen.content.executed import Metric

_HYPHEN = re.compile(r"(?<![^\se])-(?=[\d.i])")  # of the number or of its exponent
_SCIENTIFIC_ABOVE = 1e7
_SCIENTIFIC_BELOW = 1e-4
_SIGNIFICANT_DIGITS = 4
_SPREAD_DIGITS = 2  # an uncertainty has no more than two digits that mean something


def metric_text(metric: Metric, pattern: str | None = None) -> str:
    """`0.9134 ± 0.0021 (n=5)`.

    Args:
        pattern: a format specification for value and spread (`.1f`); None for sensible digits.

    Raises:
        ValueError: `pattern` does not fit a number.
    """
    text = with_spread(metric.value, metric.spread, pattern)
    return f"{text} (n={metric.n})" if metric.n is not None else text


def with_spread(value: float, spread: float | None, pattern: str | None = None) -> str:
    """`490.0 ± 6.1`: the value has as many decimals as its spread."""
    if spread is None:
        return value_text(value, None, pattern)
    return f"{value_text(value, spread, pattern)} ± {spread_text(spread, pattern)}"


def value_text(value: float, spread: float | None, pattern: str | None = None) -> str:
    """A value in digits that mean something: to its spread's decimals, else four significant ones."""
    if pattern is not None:
        return _with_minus(format(value, pattern))
    if spread is None or not math.isfinite(value) or not _is_plain(value) or not _is_plain(spread):
        return number_text(value)
    return _with_minus(f"{value:.{_decimals(spread, _SPREAD_DIGITS)}f}")


def spread_text(spread: float, pattern: str | None = None) -> str:
    """A spread with two significant digits."""
    if pattern is not None:
        return format(spread, pattern)
    if not math.isfinite(spread) or not _is_plain(spread):
        return number_text(spread)
    return f"{spread:.{_decimals(spread, _SPREAD_DIGITS)}f}"


def number_text(value: float) -> str:
    """A number with at most four significant digits; whole numbers stay whole, extremes are scientific."""
    if not math.isfinite(value):
        return _with_minus(str(value))
    if not _is_plain(value):
        return _with_minus(f"{value:.3g}")
    if float(value).is_integer():
        return _with_minus(str(int(value)))
    rounded = f"{value:.{_decimals(value, _SIGNIFICANT_DIGITS)}f}"
    return _with_minus(min(rounded, repr(float(value)), key=len))  # 0.9 claims less than 0.9000


def duration_text(seconds: float) -> str:
    """`0.8s`, `12s`, `4m12s`, `2h03m`."""
    if seconds < 10:  # tenths are worth telling only here
        return f"{seconds:.1f}s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def signed_text(value: float, spread: float | None) -> str:
    """A difference, with its sign: `+2.4`, `−0.012`; with the decimals of its spread."""
    text = value_text(value, spread)
    return f"+{text}" if value > 0 else text


def bytes_text(size: float) -> str:
    """`512 MiB`, `1.5 GiB`."""
    mebibytes = size / 2**20
    if mebibytes < 1024:  # up to a GiB
        return f"{mebibytes:.0f} MiB" if mebibytes >= 1 else "under 1 MiB"
    return f"{mebibytes / 1024:.1f} GiB"


def _with_minus(text: str) -> str:
    """A number with a minus sign for each hyphen that Python writes: as wide as `+`, and lines never break at it."""
    return _HYPHEN.sub("\N{MINUS SIGN}", text)


def _is_plain(value: float) -> bool:
    """Whether a number reads well without an exponent."""
    return value == 0 or _SCIENTIFIC_BELOW <= abs(value) < _SCIENTIFIC_ABOVE


def _decimals(value: float, significant: int) -> int:
    if value == 0:
        return 1
    return max(0, significant - 1 - math.floor(math.log10(abs(value))))
