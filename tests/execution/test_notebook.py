"""Outputs between nbformat and ours: types that it refuses, and what is put beside a figure."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from sitegen.content.executed import DisplayOutput
from sitegen.execution.notebook import as_nbformat, with_plotly_script
from sitegen.frozen import FrozenDict, freeze
from sitegen.results.media_types import PLOTLY, PLOTLY_SCRIPT

FIGURE = DisplayOutput(data=freeze({PLOTLY: {"data": []}}))
TEXT = DisplayOutput(data=FrozenDict({"text/plain": "a"}))


@pytest.mark.parametrize(
    ("mime", "value", "expected"),
    [
        ("text/plain", "a", {"text/plain": "a"}),
        ("text/plain", ["a", "b"], {"text/plain": ["a", "b"]}),
        ("application/json", {"a": [1]}, {"application/json": {"a": [1]}}),
        ("application/vnd.a+json", {"a": 1}, {"application/vnd.a+json": {"a": 1}}),
        (
            "application/vnd.vegalite.v6.json",
            {"mark": "bar"},
            {"application/vnd.vegalite.v6+json": {"mark": "bar"}},
        ),
        ("application/x-own", {"a": 1}, {"application/x-own": '{"a": 1}'}),
        ("application/x-own", [{"a": 1}], {"application/x-own": '[{"a": 1}]'}),
        ("text/html", None, {"text/html": "null"}),
    ],
)
def test_what_a_cell_displays_can_be_stored(mime: str, value: object, expected: dict[str, object]) -> None:
    """Nbformat takes JSON under names that say so, and text; at anything else it would end the run."""
    stored = as_nbformat({mime: value})

    assert stored == expected
    v4: Any = importlib.import_module("nbformat.v4")
    v4.new_output("display_data", data=stored)  # raises where it does not validate


def test_a_figure_brings_the_script_of_its_library(tmp_path: Path) -> None:
    """plotly.js is read from the first folder of the kernel's packages that has it; other outputs stay."""
    file = tmp_path / "b/plotly/package_data/plotly.min.js"
    file.parent.mkdir(parents=True)
    file.write_text("draw()", encoding="utf-8")

    cells = with_plotly_script([(TEXT, FIGURE), (), (FIGURE,)], [str(tmp_path / "a"), str(tmp_path / "b")])

    drawn = DisplayOutput(data=FrozenDict({**FIGURE.data, PLOTLY_SCRIPT: "draw()"}))
    assert cells == [(TEXT, drawn), (), (drawn,)]


def test_a_figure_without_the_package_stays_as_it_is(tmp_path: Path) -> None:
    """A kernel of another language may send Plotly's JSON too."""
    assert with_plotly_script([(FIGURE,)], [str(tmp_path)]) == [(FIGURE,)]
