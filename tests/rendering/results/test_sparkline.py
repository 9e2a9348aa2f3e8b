"""A metric's runs as a picture: two devices are told apart and never joined, and it is said in words too."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from sitegen.rendering.results.sparkline import HEIGHT_PX, MARKS, WIDTH_PX, SparkPoint, marks_of, sparkline

START = datetime(2026, 1, 1, tzinfo=UTC)


def _points(*runs: tuple[float, str]) -> list[SparkPoint]:
    """A run a day; the last is the one that is shown."""
    return [
        SparkPoint(
            value=value,
            group=group,
            date=START + timedelta(days=day),
            is_shown=day == len(runs) - 1,
        )
        for day, (value, group) in enumerate(runs)
    ]


def _lines(svg: str) -> list[str]:
    return re.findall(r'class="spark-line" data-group="\d" d="([^"]+)"', svg)


def test_one_run_is_no_history() -> None:
    """Nor are several of which only one has a number that can be drawn."""
    assert sparkline(_points((1.0, "cpu")), "loss") == ""
    assert sparkline(_points((1.0, "cpu"), (float("nan"), "cpu")), "loss") == ""


def test_runs_go_from_left_to_right_and_up() -> None:
    """The lowest value stands at the bottom, the highest on top."""
    svg = sparkline(_points((1.0, "cpu"), (3.0, "cpu"), (2.0, "cpu")), "loss")
    assert _lines(svg) == ["M4 20L48 4L92 12"]


def test_points_of_two_devices_are_never_joined() -> None:
    """Each has its own line past the other's points, and a mark of its own shape; one point has no line."""
    svg = sparkline(_points((1.0, "cpu"), (5.0, "GPU"), (2.0, "cpu"), (1.5, "cpu")), "loss")
    assert [line.count("L") for line in _lines(svg)] == [2]
    assert svg.count("<circle") == 3
    assert svg.count("Z") == 1


@pytest.mark.parametrize("value", [0.0, 7.0, -1e300])
def test_equal_values_lie_on_the_middle_line(value: float) -> None:
    """There is no height to scale to."""
    svg = sparkline(_points((value, "cpu"), (value, "cpu")), "loss")
    assert _lines(svg) == ["M4 12L92 12"]


def test_extreme_values_stay_in_the_picture() -> None:
    """The difference of the largest numbers is no number, their halves' is."""
    svg = sparkline(_points((-1.7e308, "cpu"), (1.7e308, "cpu")), "loss")
    assert _lines(svg) == ["M4 20L92 4"]


def test_the_picture_is_said_in_words() -> None:
    """For those who do not see it; the author's names are escaped."""
    svg = sparkline(_points((1.25, "cpu"), (0.5, "A <GPU>")), 'loss "x", nats')
    assert svg.startswith(f'<svg class="sparkline" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}"')
    assert 'role="img"' in svg
    assert (
        'aria-label="loss &quot;x&quot;, nats: 2 runs, 2026-01-01 to 2026-01-02, on cpu and A &lt;GPU&gt;; '
        'lowest 0.5, highest 1.25, newest 0.5"'
    ) in svg


def test_the_run_that_is_shown_stands_out() -> None:
    """By size and class, not by colour alone."""
    svg = sparkline(_points((1.0, "cpu"), (2.0, "cpu")), "loss")
    assert re.findall(r'r="(\d)"( class="spark-shown")?', svg) == [("2", ""), ("3", ' class="spark-shown"')]


def test_marks_name_the_devices_in_tables() -> None:
    """Only where there is something to tell apart; more devices than shapes start again."""
    assert marks_of(["cpu", "cpu"]) == {}
    assert marks_of(["cpu", "GPU", "cpu"]) == {"cpu": MARKS[0], "GPU": MARKS[1]}
    assert marks_of(list("abcde"))["e"] == MARKS[0]
