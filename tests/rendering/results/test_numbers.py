"""Numbers in digits that mean something."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.content.executed import Metric
from sitegen.rendering.results.numbers import bytes_text, duration_text, metric_text, number_text, signed_text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"value": 0.91342, "spread": 0.00214, "n": 5}, "0.9134 ± 0.0021 (n=5)"),
        ({"value": 490.04, "spread": 6.12}, "490.0 ± 6.1"),
        ({"value": -86.36, "spread": 1.32, "n": 3}, "\N{MINUS SIGN}86.4 ± 1.3 (n=3)"),
        ({"value": 12345.6, "spread": 123.4}, "12346 ± 123"),
        ({"value": 490.04}, "490.0"),
        ({"value": 500.0, "n": 100}, "500 (n=100)"),
        ({"value": 1.5, "spread": 0.0}, "1.5 ± 0.0"),
        ({"value": float("nan"), "spread": 1.0}, "nan ± 1.0"),
        ({"value": 1e-7, "spread": 1e-8}, "1e\N{MINUS SIGN}07 ± 1e\N{MINUS SIGN}08"),
    ],
)
def test_a_metric_has_the_digits_of_its_spread(
    make_metric: Callable[..., Metric], fields: dict[str, float], text: str
) -> None:
    """Two digits of the spread, and as many decimals of the value."""
    assert metric_text(make_metric(**fields)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.5, "0.5"),
        (0.123456, "0.1235"),
        (1234.5, "1234"),
        (2e6, "2000000"),
        (123456789.0, "1.23e+08"),
        (float("inf"), "inf"),
        (float("-inf"), "\N{MINUS SIGN}inf"),
        (-3, "\N{MINUS SIGN}3"),
        (-1.5e-9, "\N{MINUS SIGN}1.5e\N{MINUS SIGN}09"),
    ],
)
def test_a_number_has_at_most_four_significant_digits(value: float, text: str) -> None:
    """Whole numbers stay whole, extremes are scientific."""
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.84, "0.8s"), (12.2, "12s"), (59.7, "1m00s"), (252.4, "4m12s"), (7385, "2h03m")]
)
def test_durations(seconds: float, text: str) -> None:
    """The two largest units."""
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "spread", "text"),
    [
        (2.04, 6.1, "+2.0"),
        (-0.5, None, "\N{MINUS SIGN}0.5"),
        (0.0, None, "0"),
        (3.0, None, "+3"),
    ],
)
def test_a_difference_has_its_sign(value: float, spread: float | None, text: str) -> None:
    """With the decimals of the spread."""
    assert signed_text(value, spread) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(1000, "under 1 MiB"), (512 * 2**20, "512 MiB"), (3 * 2**29, "1.5 GiB"), (96 * 2**30, "96.0 GiB")],
)
def test_sizes_of_memory(size: int, text: str) -> None:
    """In binary units."""
    assert bytes_text(size) == text
