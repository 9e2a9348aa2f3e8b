"""`expect`: whether the metrics of a page are what its author says they have to be."""

from __future__ import annotations

from collections.abc import Iterable

from sitegen.content.conditions import parse_condition
from sitegen.content.document import CodeCell
from sitegen.content.executed import Metric
from sitegen.errors import Diagnostic, did_you_mean


def unmet(
    cells: Iterable[CodeCell], metrics: Iterable[Metric], *, is_this_code: bool = True
) -> tuple[Diagnostic, ...]:
    """SG315 for each condition that does not hold, at the cell that has it.

    A condition that several cells have (a default of the page) is checked once, at the cell that reported
    the metric if it is one of them.

    Args:
        cells: of the page, those that run.
        metrics: that its results report.
        is_this_code: False for results of older code: a metric that they lack says nothing then.
    """
    reported = {metric.name: metric for metric in metrics}
    holders: dict[tuple[str, str], list[CodeCell]] = {}
    for cell in cells:
        for wanted in cell.options.expect.items():
            holders.setdefault(wanted, []).append(cell)
    found = []
    for (name, condition), asking in holders.items():
        metric = reported.get(name)
        if metric is None:
            if is_this_code:
                found.append(_not_reported(name, condition, asking[0], reported))
        elif not parse_condition(condition).holds(metric.value):
            cell = next((each for each in asking if each.id == metric.cell), asking[0])
            found.append(_not_met(metric, condition, cell))
    return tuple(found)


def _not_met(metric: Metric, condition: str, cell: CodeCell) -> Diagnostic:
    unit = f" {metric.unit}" if metric.unit else ""
    return Diagnostic(
        code="SG315",
        severity="error",
        message=f"`{metric.name}` is {metric.value:g}{unit}, expected `{condition}`",
        location=cell.location,
        hint="mend the code, or change the condition: that runs nothing again",
    )


def _not_reported(name: str, condition: str, cell: CodeCell, reported: Iterable[str]) -> Diagnostic:
    names = list(reported)
    return Diagnostic(
        code="SG315",
        severity="error",
        message=f"`{name}` was not reported, expected `{condition}`",
        location=cell.location,
        hint=did_you_mean(name, names) if names else "report it with `lab.metric` in a cell of the page",
    )
