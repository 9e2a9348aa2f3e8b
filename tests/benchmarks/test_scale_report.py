"""The tables of the page on scale, from figures that are made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import contenders, edits, scale_report

from .facts import MACHINE

_REPOSITORY = Path(scale_report.__file__).parent.parent


def _figures(**growth: float) -> dict[str, Any]:
    """Costs of 10,000 posts and of ten times as many.

    Args:
        growth: how much more time, or memory, the larger one takes than ten times the smaller one's.
    """

    def way(scenario: str, posts: int) -> dict[str, Any]:
        is_large = posts > 10_000
        return {
            "scenario": scenario,
            "files": 2 * posts,
            "output_bytes": 25_000 * posts,
            "state_bytes": 10_000 * posts,
            "peak_proportional_bytes": 10_000 * posts * (growth.get("memory", 1) if is_large else 1),
            "wall_s": [0.004 * posts * (growth.get("time", 1) if is_large else 1)],
            "cpu_s": [0.006 * posts],
        }

    names = (contenders.COLD.name, contenders.UNCHANGED.name, edits.BODY.name)
    sizes = [{"posts": size, "ways": [way(name, size) for name in names]} for size in (10_000, 100_000)]
    return {"machine": MACHINE, "versions": {"sitegen": "1.0"}, "sizes": sizes}


def test_each_size_has_a_row() -> None:
    """Time, memory, files, and bytes of output and state."""
    assert (
        "| 10,000 | 40.00 | 60.00 | 4.00 | 95 | 40.00 | 40.00 | 20,000 | 250.0 | 100.0 |"
        in (scale_report.tables(_figures())["sizes"])
    )


def test_linear_costs_are_told_as_such() -> None:
    """The exponent is 1, both curves go through the figures, and say the same of a million."""
    row = scale_report.tables(_figures())["fits"].splitlines()[2]
    assert row.startswith("| from nothing | wall time, s | 0.004 · n^1.000 | ")
    assert row.endswith(" | 4,000 to 4,000 s |")


@pytest.mark.parametrize(
    ("growth", "expected"),
    [
        ({}, ("1.00, holds", "954 MiB, holds")),
        ({"time": 1.2}, ("1.20, **does not hold**", "954 MiB, holds")),
        ({"memory": 2.5}, ("1.00, holds", "2384 MiB, **does not hold**")),
    ],
)
def test_bounds_are_held_against_the_large_size(growth: dict[str, float], expected: tuple[str, str]) -> None:
    """Time that grows faster than the number of posts, and memory above 2 GiB, are said."""
    first, second = scale_report.tables(_figures(**growth))["bounds"].splitlines()[:2]
    assert first.endswith(expected[0])
    assert second.endswith(expected[1])


def test_the_power_law_begins_where_posts_count() -> None:
    """A size at which only starting up costs time does not bend the curve; the line has it."""
    figures = _figures()
    small = json.loads(json.dumps(figures["sizes"][0]))
    for way in small["ways"]:
        way["wall_s"] = [0.5]
    figures["sizes"].insert(0, {**small, "posts": 10})
    row = scale_report.tables(figures)["fits"].splitlines()[2]
    assert "| 0.004 · n^1.000 | +0 % |" in row
    assert "| 0.46 + 0.00397 · n | +1 % |" in row


def test_tables_replace_tables() -> None:
    """Filling a page twice is filling it once; what stands around a table stays."""
    names = list(scale_report.tables(_figures()))
    page = (
        "before\n"
        + "".join(f"<!-- {name} -->\nlast table\n<!-- end of {name} -->\n" for name in names)
        + "after\n"
    )
    once = scale_report.filled(page, _figures())
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "last table" not in once
    assert scale_report.filled(once, _figures()) == once


def test_a_page_without_a_place_is_an_error() -> None:
    """A table that would be lost is said."""
    with pytest.raises(ValueError, match="no place for the table `machine`"):
        scale_report.filled("nothing here", _figures())


def test_the_published_page_is_that_of_the_figures() -> None:
    """The tables of `docs/scale.md` were made of `scale.json` by this program."""
    saved = _REPOSITORY / "benchmarks" / "results" / "scale.json"
    page = (_REPOSITORY / "docs" / "scale.md").read_text("utf-8")
    if saved.exists():
        assert scale_report.filled(page, json.loads(saved.read_text("utf-8"))) == page
