"""Conditions that metrics have to meet."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from sitegen.content.conditions import parse_condition
from sitegen.content.document import CellId, CodeCell
from sitegen.content.execute_options import CellOptions
from sitegen.content.executed import Metric
from sitegen.errors import SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.results.expectations import unmet


def _cell(number: int, **expect: str) -> CodeCell:
    return CodeCell(
        id=CellId(f"cell-{number}"),
        language="python",
        source="1",
        location=SourceLocation(path=PurePosixPath("a.md"), line=number),
        options=CellOptions(expect=FrozenDict(expect)),
    )


def _metric(name: str, value: float, cell: int = 1) -> Metric:
    return Metric(name=name, value=value, cell=CellId(f"cell-{cell}"))


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        (">= 475", (475, 476.5), (474.999,)),
        ("≥475", (475,), (474,)),
        ("> 0", (0.1,), (0, -1)),
        ("<= -3", (-3, -4), (-2.9,)),
        ("<.1", (0.09,), (0.1, 1)),
        ("== 3", (3.0,), (3.1,)),
        ("3", (3.0,), (2,)),
        ("= 3", (3.0,), (2,)),
        ("!= 0", (1, -1), (0,)),
        ("1.88 ± 0.05", (1.83, 1.88, 1.93), (1.82, 1.94)),
        ("1.0+-0.1", (0.9, 1.1), (1.11,)),
        ("-1 +/- .5", (-1.5, -0.5), (-0.4,)),
        ("0.1..0.2", (0.1, 0.15, 0.2), (0.09, 0.21)),
        ("−2 .. 1e3", (-2, 1000), (-2.1, 1001)),
        (">= 1_000", (1000,), (999,)),
    ],
)
def test_condition_holds(condition: str, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    """Every form, at its ends and beyond."""
    read = parse_condition(condition)

    assert [value for value in inside if not read.holds(value)] == []
    assert [value for value in outside if read.holds(value)] == []


@pytest.mark.parametrize("condition", ["", "high", ">> 3", ">=", "2..1", "1 ± -1", "..", "1..", "5%"])
def test_what_is_no_condition_is_refused(condition: str) -> None:
    """ValueError names the text."""
    with pytest.raises(ValueError, match="is no condition"):
        parse_condition(condition)


def test_no_number_meets_no_condition() -> None:
    """A metric that is NaN meets neither a bound nor a range."""
    conditions = (">= 0", "< 0", "== 0", "0 ± 1", "-1..1")

    assert [text for text in conditions if parse_condition(text).holds(float("nan"))] == []


def test_unmet_condition_is_said_at_its_cell() -> None:
    """Value and condition, with the unit; what holds is not mentioned."""
    cells = [_cell(1), _cell(2, loss="< 0.1", score="> 1")]

    (found,) = unmet(cells, [_metric("loss", 0.25), _metric("score", 2.0)])

    assert (found.code, found.severity, found.message) == (
        "SG315",
        "error",
        "`loss` is 0.25, expected `< 0.1`",
    )
    assert str(found.location) == "a.md:2"


def test_condition_of_the_page_is_checked_once() -> None:
    """A default that every cell has is said once, where the metric was reported."""
    cells = [_cell(1, loss="< 0.1"), _cell(2, loss="< 0.1"), _cell(3, loss="< 0.1")]

    (found,) = unmet(cells, [_metric("loss", 0.25, cell=2)])

    assert str(found.location) == "a.md:2"


def test_metric_that_nobody_reported() -> None:
    """Named with its near match; of results of older code nothing is said."""
    cells = [_cell(1, los="< 0.1")]

    (found,) = unmet(cells, [_metric("loss", 0.25)])
    (alone,) = unmet(cells, [])
    older = unmet(cells, [], is_this_code=False)

    assert found.hint == "did you mean `loss`?"
    assert alone.hint == "report it with `lab.metric` in a cell of the page"
    assert older == ()
