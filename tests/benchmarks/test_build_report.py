"""The tables of builds, from figures that are made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import build_report, edits
from benchmarks.contenders import COLD, RESTORED, UNCHANGED

from .facts import MACHINE


def _way(generator: str, scenario: str, wall_s: list[float], mib: float = 100) -> dict[str, Any]:
    return {
        "generator": generator,
        "scenario": scenario,
        "peak_proportional_bytes": int(mib * 2**20),
        "peak_resident_bytes": int(2 * mib * 2**20),
        "files": 1234,
        "output_bytes": 30_000_000,
        "state_bytes": 5_000_000,
        "wall_s": wall_s,
        "cpu_s": [2 * each for each in wall_s],
        "others_cpu_s": [0.1 * each for each in wall_s],
    }


def _figures(posts: int, *ways: dict[str, Any]) -> dict[str, Any]:
    return {
        "posts": posts,
        "variant": "python",
        "machine": MACHINE,
        "versions": {"sitegen": "1.0"},
        "ways": list(ways),
    }


def test_ratios_are_of_medians() -> None:
    """A way's share is its median by the peer's median from nothing."""
    ways = [_way("sitegen", UNCHANGED.name, [1, 9, 2]), _way("Hugo", COLD.name, [8, 7, 99])]
    assert build_report.ratio(ways, ways[0], "Hugo") == pytest.approx(2 / 8)
    assert build_report.ratio(ways, ways[0], "Eleventy") is None


def test_a_table_has_a_row_for_each_way() -> None:
    """Median and range, memory in MiB, shares of both peers."""
    text = build_report.as_markdown(
        {
            "one": _figures(
                100,
                _way("sitegen", COLD.name, [3, 2, 4]),
                _way("Hugo", COLD.name, [6, 6, 6]),
                _way("Eleventy", COLD.name, [4, 4, 4]),
            )
        }
    )
    row = "| sitegen | from nothing | 3.00 [2.00-4.00] | 6.00 [4.00-8.00] | 100 | 200 | 0.50 | 0.75 |"
    assert row in text
    assert "| Hugo | 1,234 | 30.0 | 5.0 |" in text
    assert "at most 0.20 of a core" not in text
    assert "at most 0.10 of a core" in text


def test_bounds_are_held_against_what_was_found() -> None:
    """Each bound of a size says what was found, and whether it holds."""
    text = build_report.as_markdown(
        {
            "one": _figures(
                10_000,
                _way("sitegen", COLD.name, [30], mib=900),
                _way("sitegen", RESTORED.name, [20]),
                _way("sitegen", UNCHANGED.name, [0.4]),
                _way("sitegen", edits.BODY.name, [0.8]),
                _way("sitegen", edits.BASE.name, [14]),
                _way("Hugo", COLD.name, [60]),
                _way("Eleventy", COLD.name, [40]),
            )
        }
    )
    bounds = text.partition("## What sitegen holds itself to")[2]
    assert f"{COLD.name}, at most 0.55 of Hugo from nothing: 0.50, holds" in bounds
    assert f"{COLD.name}, at most 0.80 of Eleventy from nothing: 0.75, holds" in bounds
    assert f"{COLD.name}, under 800 MiB: 900 MiB, **does not hold**" in bounds
    assert f"{RESTORED.name}, at most 0.35 of Hugo from nothing: 0.33, holds" in bounds
    assert f"{UNCHANGED.name}, at most 0.5 s: 0.40 s, holds" in bounds
    assert f"{edits.BODY.name}, at most 0.7 s: 0.80 s, **does not hold**" in bounds
    assert f"{edits.BASE.name}, at most 15 s: 14.00 s, holds" in bounds


def test_what_was_not_measured_is_not_judged() -> None:
    """Without peers there are no ratios, and no bounds on them."""
    text = build_report.as_markdown({"one": _figures(1_000, _way("sitegen", COLD.name, [3]))})
    assert "holds itself to" not in text


def test_other_corpora_are_kept(tmp_path: Path) -> None:
    """A run replaces the figures of its own corpus; the tables are of all."""
    path = tmp_path / "build.json"
    build_report.keep("b", _figures(2_000, _way("sitegen", COLD.name, [3])), path)
    build_report.keep("a", _figures(100, _way("sitegen", COLD.name, [1])), path)
    build_report.keep("b", _figures(2_000, _way("sitegen", COLD.name, [5])), path)
    assert list(json.loads(path.read_text("utf-8"))) == ["a", "b"]
    text = path.with_suffix(".md").read_text("utf-8")
    assert text.index("## 100 posts") < text.index("## 2,000 posts")
    assert "| 5.00 |" in text
    assert "| 3.00 |" not in text


def test_the_published_tables_are_those_of_the_figures() -> None:
    """`build.md` was made of `build.json` by this program."""
    saved = Path(build_report.__file__).parent / "results" / "build.json"
    figures = json.loads(saved.read_text("utf-8")) if saved.exists() else {}
    if figures:
        assert saved.with_suffix(".md").read_text("utf-8") == build_report.as_markdown(figures)


def test_scenarios_have_names_of_their_own() -> None:
    """A row is found by its generator and its scenario."""
    names = [scenario.name for scenario in (COLD, RESTORED, UNCHANGED)] + [edit.name for edit in edits.EDITS]
    assert len(set(names)) == len(names)
