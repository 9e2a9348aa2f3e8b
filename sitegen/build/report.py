"""The build's report: what every page with cells gave, and what was wrong, as one JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sitegen.config import Config
from sitegen.content.document import ExecutedDocument, RunState
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import write_atomic

SCHEMA: Final = 1
"""Version of the file: raised when a field changes its meaning or goes."""


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


def report_pages(executed: Iterable[ExecutedDocument]) -> tuple[PageReport, ...]:
    """One report for each page with cells, in the order given."""
    return tuple(_report_page(run, run.state) for run in executed if run.state is not None)


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


def _report_page(run: ExecutedDocument, state: RunState) -> PageReport:
    return PageReport(
        page=str(run.document.page),
        path=str(run.document.path),
        cells=sum(cell.options.runs for cell in run.document.cells),
        state=state,
        seconds=round(sum(cell.seconds for cell in run.runs.values()), 3),
        device=run.provenance.device if run.provenance else None,
        record=run.provenance.record if run.provenance else None,
    )


def diagnostic_fields(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as plain data: code, severity, message, path, line, column, details, related, hint."""
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
        return {"path": None, "line": None, "column": None}
    return {"path": str(location.path), "line": location.line, "column": location.column}
