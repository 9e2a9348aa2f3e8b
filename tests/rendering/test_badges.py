"""Numbers and provenance in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sitegen.content.document import Metric, Provenance, RunState
from sitegen.rendering.badges import PageFacts, provenance_view
from sitegen.rendering.metric_views import metric_view
from sitegen.rendering.numbers import duration_text, metric_text, number_text


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


@pytest.mark.parametrize("state", ["fresh", "cached"])
def test_fresh_and_cached_are_one_word(provenance: Provenance, state: RunState) -> None:
    """The page says that a result is reproduced, never whether this very build ran it."""
    view = provenance_view(state, provenance)

    assert view.text == "cpu (Some Model) · 2026-11-19 · a1b2c3d · 4m12s · reproduced"
    assert (view.slug, view.python, view.packages) == ("reproduced", "3.11.9", {"numpy": "2.4.5"})


def test_a_pinned_page_says_why(provenance: Provenance) -> None:
    """What the author gave as a reason stands beside the state."""
    view = provenance_view("pinned", provenance, PageFacts(pin_reason="the data set is gone"))

    assert (view.state_words, view.pin_reason) == ("pinned by the author", "the data set is gone")


def test_a_smoke_run_is_told_from_a_full_one(provenance: Provenance) -> None:
    """Its numbers are no results."""
    view = provenance_view("fresh", replace(provenance, profile="smoke", commit=None))

    assert view.state_words == "reproduced, smoke run"
    assert view.short_commit is None


def test_a_metric_s_anchor_is_an_id(make_metric: Callable[..., Metric]) -> None:
    """Whatever the author calls it."""
    assert (
        metric_view(make_metric("val loss (nats)"), None, lambda commit: "").anchor == "metric-val-loss-nats"
    )
