"""What a cell's last line says of a figure."""

from __future__ import annotations

import pytest

from sitegen.content.executed import DisplayOutput, StreamOutput
from sitegen.frozen import FrozenDict
from sitegen.results.figure_reprs import without_figure_reprs

FIGURE = DisplayOutput(
    data=FrozenDict({"image/png": "iVBOR", "text/plain": "<Figure size 640x480 with 1 Axes>"})
)


def result(text: str) -> DisplayOutput:
    """The value of a cell's last expression."""
    return DisplayOutput(data=FrozenDict({"text/plain": text}), is_result=True)


@pytest.mark.parametrize(
    "text",
    [
        "<Axes: >",
        "<Axes: title={'center': \"a > 'b' (c)\"}, xlabel='x'>",
        "[<matplotlib.lines.Line2D at 0x7f574cb63b50>]",
        "Text(0.5, 1.0, 'a (b)')",
        "<BarContainer object of 3 artists>",
        "<Figure size 640x480 with 1 Axes>",
        "array([[<Axes: >, <Axes: >]], dtype=object)",
        "(array([12.,  8.]), array([0.1, 0.5, 1. ]), <BarContainer object of 2 artists>)",
        "{'whiskers': [<matplotlib.lines.Line2D at 0x7f>], 'caps': []}",
        "<a list of 9 Line2D objects>",
        "<seaborn.axisgrid.FacetGrid at 0x7f574c871510>",
        "<PolarAxes: >",
    ],
)
def test_reprs_of_a_shown_figure_are_dropped(text: str) -> None:
    """Values of matplotlib as the last line of a cell that draws."""
    assert without_figure_reprs((result(text), FIGURE)) == (FIGURE,)


@pytest.mark.parametrize(
    "text",
    [
        "(0.0, 3.0)",
        "array([1., 2.])",
        "'<Axes: >'",
        "{'accuracy': 0.93, 'axes': <Axes: >}",
        "<bound method Axes.plot of <Axes: >>",
        "<Axes: > is what it said",
    ],
)
def test_other_values_stay(text: str) -> None:
    """Numbers, texts, and mappings of results are results."""
    assert without_figure_reprs((result(text), FIGURE)) == (result(text), FIGURE)


def test_what_was_printed_stays_and_so_does_a_repr_without_figure() -> None:
    """The author's own words are never judged; without a figure the repr is all there is."""
    printed = StreamOutput(name="stdout", text="<Axes: >\n")
    assert without_figure_reprs((printed, FIGURE)) == (printed, FIGURE)
    assert without_figure_reprs((result("<Axes: >"),)) == (result("<Axes: >"),)
