"""The build's report: what every page with cells gave, and what was wrong, as one JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sitegen.config import Config
from sitegen.content.document import CodeCell, ExecutedDocument, RunState
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution.pages import Page
from sitegen.files import write_atomic

SCHEMA: Final = 1
"""Version of the file: raised when a field changes its meaning or goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReport:
    """What one cell gave."""

    label: str | None
    line: int | None
    """In the file; in a notebook, in its cell."""
    status: str
    """As in the record: `ok`, `error`, `timeout`, `died`, `skipped`; `none` where no result goes with the cell."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """What the cells of one page gave."""

    page: str
    """The page's key: `/posts/ppo`."""
    path: str
    """Its source, relative to the site's root."""
    cells: int
    """How many of its cells run."""
    state: RunState
    seconds: float
    """What its cells took when they ran, in this build or an earlier one."""
    device: str | None
    record: str | None
    """Digest of the record that is shown."""
    why: tuple[str, ...] = ()
    """Why it ran, or why these results are shown: as `sitegen why` says it."""
    cell_runs: tuple[CellReport, ...] = ()
    """The cells that run, in their order."""


def report_pages(executed: Iterable[ExecutedDocument]) -> tuple[PageReport, ...]:
    """One report for each page with cells that run, in the order given.

    Raises:
        RuntimeError: a page has a cell that is to run, and no state: a bug of ours, and no site is published on it.
    """
    reports = []
    for run in executed:
        page = Page.of(run.document)
        if page is not None and run.state is None:
            raise RuntimeError(f"`{run.document.page}` has cells that are to run, and no state")
        if run.state is not None:
            reports.append(_report_page(run, run.state, page.cells if page is not None else ()))
    return tuple(reports)


def report_path(config: Config) -> Path:
    """Where the report of the site's last build is."""
    return config.state_dir / "report.json"


def write_report(
    config: Config,
    *,
    pages: Iterable[PageReport],
    diagnostics: Iterable[Diagnostic],
    facts: Mapping[str, object],
) -> Path:
    """Write the report of a build, one that failed as well, and give its path.

    The file has `schema`, the facts, `executed` (a list of PageReport) and `diagnostics`
    (`code`, `severity`, `message`, `location`, `hint`, `details`, `related`).

    Args:
        config: says where it goes.
        pages: what the cells gave.
        diagnostics: all of the build's.
        facts: names and plain values: seconds, number of pages, whether it was published.
    """
    report = {
        "schema": SCHEMA,
        **facts,
        "executed": [asdict(page) for page in pages],
        "diagnostics": [diagnostic_fields(diagnostic) for diagnostic in diagnostics],
    }
    path = report_path(config)
    write_atomic(path, json.dumps(report, indent=2, ensure_ascii=False).encode() + b"\n")
    return path


def _report_page(run: ExecutedDocument, state: RunState, cells: Sequence[CodeCell]) -> PageReport:
    return PageReport(
        page=str(run.document.page),
        path=str(run.document.path),
        cells=len(cells),
        state=state,
        seconds=round(sum(cell.seconds for cell in run.runs.values()), 3),
        device=run.provenance.device if run.provenance else None,
        record=run.provenance.record if run.provenance else None,
        why=run.why,
        cell_runs=tuple(_report_cell(cell, run) for cell in cells),
    )


def _report_cell(cell: CodeCell, run: ExecutedDocument) -> CellReport:
    done = run.runs.get(cell.id)
    return CellReport(
        label=cell.options.label,
        line=cell.location.line,
        status=done.status if done is not None else "none",
        seconds=round(done.seconds, 3) if done is not None else 0.0,
    )


def diagnostic_fields(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as plain data: code, severity, message, path, line, column, cell, details, related, hint."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_location_fields(diagnostic.location),
        "details": diagnostic.details,
        "related": [_location_fields(location) for location in diagnostic.related],
        "hint": diagnostic.hint,
    }


def _location_fields(location: SourceLocation | None) -> dict[str, object]:
    if location is None:
        return {"path": None, "line": None, "column": None, "cell": None}
    return {
        "path": str(location.path),
        "line": location.line,
        "column": location.column,
        "cell": location.cell,
    }
