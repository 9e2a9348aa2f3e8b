"""Conditions on a metric, as an author writes them below `expect`: `>= 475`, `1.88 ± 0.05`, `0.1..0.2`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Final

from sitegen.values import dataclass

FORMS: Final = "`>= 475`, `< 0.1`, `== 3`, `!= 0`, `1.88 ± 0.05` or `0.1..0.2`"
"""Every form, as a hint shows them."""

_NUMBER: Final = r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_COMPARED: Final = re.compile(rf"\s*(>=|<=|==|!=|>|<|=|≥|≤|≠|)\s*({_NUMBER})\s*")
_AROUND: Final = re.compile(rf"\s*({_NUMBER})\s*(?:±|\+/-|\+-)\s*({_NUMBER})\s*")
_BETWEEN: Final = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*")
_SIGNS: Final[dict[str, str]] = {"≥": ">=", "≤": "<=", "≠": "!=", "=": "==", "": "=="}
_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    "<": operator.lt,
}
_ROUNDING: Final = 1e-9
"""Relative: `1.1` is within `1.0 ± 0.1`, though binary fractions say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`>= 475`: the value on one side of a number, or at it."""

    sign: str
    """`>=`, `<=`, `>`, `<`, `==` or `!=`."""
    number: float

    def holds(self, value: float) -> bool:
        """Whether the value meets it; what is no number meets none but `!=`."""
        is_equal = math.isclose(value, self.number, rel_tol=_ROUNDING)
        if self.sign in ("==", "!="):
            return is_equal == (self.sign == "==")
        if is_equal:
            return "=" in self.sign
        return _OPERATORS[self.sign[0]](value, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """`1.88 ± 0.05` or `0.1..0.2`: the ends belong to it."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether the value lies in it."""
        slack = _ROUNDING * max(abs(self.low), abs(self.high))
        return self.low - slack <= value <= self.high + slack


Condition = Comparison | Range


def parse_condition(text: str) -> Condition:
    """The condition in a text; a number alone is what the metric has to be.

    Raises:
        ValueError: it is none; the words name the text.
    """
    plain = text.replace("−", "-")  # the minus of word processors
    if match := _COMPARED.fullmatch(plain):
        return Comparison(sign=_SIGNS.get(match[1], match[1]), number=float(match[2]))
    if match := _AROUND.fullmatch(plain):
        middle, distance = float(match[1]), float(match[2])
        if distance >= 0:
            return Range(low=middle - distance, high=middle + distance)
    elif match := _BETWEEN.fullmatch(plain):
        low, high = float(match[1]), float(match[2])
        if low <= high:
            return Range(low=low, high=high)
    raise ValueError(f"`{text}` is no condition")
