"""Curves through figures."""

from __future__ import annotations

import pytest

from benchmarks import fits

_SIZES = (100.0, 1_000.0, 10_000.0, 100_000.0)


def test_a_power_law_is_found() -> None:
    """Figures that follow one give its numbers, and no residuals."""
    found = fits.power(_SIZES, [0.02 * size**1.1 for size in _SIZES])
    assert found.factor == pytest.approx(0.02)
    assert found.exponent == pytest.approx(1.1)
    assert found.residuals == pytest.approx([0, 0, 0, 0], abs=1e-9)
    assert found.at(1_000_000) == pytest.approx(0.02 * 1_000_000**1.1)


def test_a_line_is_found() -> None:
    """Start and slope of figures that lie on one."""
    found = fits.line(_SIZES, [0.3 + 0.004 * size for size in _SIZES])
    assert found.start == pytest.approx(0.3)
    assert found.factor == pytest.approx(0.004)
    assert found.residuals == pytest.approx([0, 0, 0, 0], abs=1e-9)


def test_residuals_are_shares_of_the_curve() -> None:
    """One figure a fifth too large leaves residuals that say so."""
    values = [0.004 * size for size in _SIZES]
    values[2] *= 1.2
    found = fits.power(_SIZES, values)
    assert [found.at(size) * (1 + off) for size, off in zip(_SIZES, found.residuals, strict=True)] == (
        pytest.approx(values)
    )
    assert max(found.residuals) == found.residuals[2] > 0.05


def test_small_sizes_weigh_as_much_as_large_ones() -> None:
    """A constant cost that only the smallest size shows is seen by the line."""
    values = [2 + 0.004 * size for size in _SIZES]
    values[-1] *= 1.02
    assert fits.line(_SIZES, values).start == pytest.approx(2, rel=0.05)
