"""The build's report: what every page with cells gave, and what was wrong, as one JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from heapq import nlargest
from pathlib import Path
from typing import Any, Final

import msgspec

from sitegen.build.activity import Activity, PageActivity
from sitegen.config import Config
from sitegen.content.document import CodeCell
from sitegen.content.executed import ExecutedDocument, RunState
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import write_atomic
from sitegen.frozen import FrozenDict
from sitegen.rendering.values import Weight
from sitegen.values import dataclass

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
    end_line: int | None = None
    """Its last line."""
    cell: int | None = None
    """In a notebook: the cell, from 1 among all of its cells."""
    memory_bytes: int | None = None
    """The most that its kernel had in use meanwhile; None where the kernel could not say."""

    @property
    def name(self) -> str:
        """The label, or where it is: `line 41`, in a notebook `cell 3`."""
        if self.label:
            return self.label
        return f"line {self.line}" if self.cell is None else f"cell {self.cell}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """A metric that has left its tolerance."""

    metric: str
    unit: str | None
    baseline: float
    """Of the accepted run."""
    value: float
    tolerance: float


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
    ran: bool = False
    """In this build."""
    kernel_seconds: float | None = None
    """From the start of its kernel to the end of it; None where it did not run in this build."""
    memory_bytes: int | None = None
    """The most that its kernel had in use, with the processes below it where it ran in this build."""
    cuda: tuple[int, ...] = ()
    """Numbers of the CUDA devices that it had in this build."""
    is_warm: bool | None = None
    """Its kernel was forked from a process that had imported what it imports; None where it did not run in this build."""
    started: str | None = None
    """When the run began whose results are shown: ISO 8601, UTC."""
    commit: str | None = None
    """Of the site's repository in that run."""
    drifts: tuple[DriftReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWeight:
    """What a page weighs, by the limits of `[budget]` (`rendering.values.Weight`)."""

    path: str
    """Below the output folder."""
    html: int
    js: int
    css: int
    figures: int
    images: int
    fonts: int
    requests: int
    third_party: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did; one that was ended half-way has what is known of it."""

    published: bool
    pages: int = 0
    """Pages rendered, list pages included."""
    seconds: float
    kernel_seconds: float = 0.0
    """What the pages that ran in this build took, one after the other."""
    wall_seconds: float = 0.0
    """From the start of the first kernel to the end of the last one."""
    skipped: FrozenDict[str, int] = field(default_factory=FrozenDict)
    """What was left out: `drafts`, `future`, `expired`."""
    crash: str | None = None
    """What ended the build half-way: a traceback, or that it was interrupted."""
    executed: tuple[PageReport, ...] = ()
    """Every page with cells."""
    heaviest: tuple[PageWeight, ...] = ()
    """The pages that weigh most, where the site has a budget."""
    diagnostics: tuple[Diagnostic, ...] = ()


def report_pages(executed: Iterable[ExecutedDocument]) -> tuple[PageReport, ...]:
    """One report for each page with cells that run, in the order given.

    Raises:
        RuntimeError: a page has a cell that is to run, and no state: a bug of ours, and no site is published on it.
    """
    from sitegen.execution.pages import Page  # here: a build that changes nothing has its reports already

    reports = []
    for run in executed:
        page = Page.of(run.document)
        if page is not None and run.state is None:
            raise RuntimeError(f"`{run.document.page}` has cells that are to run, and no state")
        if run.state is not None:
            reports.append(_report_page(run, run.state, page.cells if page is not None else ()))
    return tuple(reports)


def heaviest_pages(weights: Iterable[tuple[str, Weight]]) -> tuple[PageWeight, ...]:
    """The ten pages of which a browser loads most, by path and weight."""
    most = nlargest(_MOST_WEIGHTS, weights, key=lambda each: (sum(each[1][:_OF_BYTES]), each[0]))
    return tuple(PageWeight(path=path, **weight._asdict()) for path, weight in most)


_MOST_WEIGHTS: Final = 10
_OF_BYTES: Final = 5
"""Fields of a weight that count bytes; they are its first."""


def with_activity(reports: Iterable[PageReport], activity: Activity) -> tuple[PageReport, ...]:
    """The reports with what only the events of this build tell: which pages ran, with which memory and devices."""
    ran = {str(page.page): page for page in activity}
    return tuple(
        _with_activity(report, ran[report.page]) if report.page in ran else report for report in reports
    )


def pages_so_far(activity: Activity) -> tuple[PageReport, ...]:
    """Reports of the pages that a build had begun to execute when it was ended."""
    return tuple(_unfinished(page) for page in activity)


def report_path(config: Config) -> Path:
    """Where the report of the site's last build is."""
    return config.state_dir / "report.json"


def report_json(report: BuildReport) -> bytes:
    """The report as a file: `schema` and the fields of BuildReport, diagnostics as `diagnostic_fields` gives them."""
    return json.dumps(_fields(report), indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def report_html(
    report: BuildReport, config: Config | None, checked: Iterable[Diagnostic] | None = None
) -> bytes:
    """The report as a page to be read (`rendering.report_page`).

    Args:
        report: of the build.
        config: of the site; None where it could not be read.
        checked: what `sitegen check` found; None where it was not asked.
    """
    from sitegen.rendering.report_page import report_page  # here: few builds are asked for it

    page = report_page(
        _fields(report),
        title=(config.title if config is not None else "") or "the site",
        budget=config.budget if config is not None else None,
        checked=None if checked is None else [diagnostic_fields(each) for each in checked],
    )
    return page.encode("utf-8", "replace")


def _fields(report: BuildReport) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        **{name: getattr(report, name) for name in _PLAIN},
        "skipped": dict(report.skipped),
        "executed": msgspec.to_builtins(report.executed),
        "heaviest": msgspec.to_builtins(report.heaviest),
        "diagnostics": [diagnostic_fields(diagnostic) for diagnostic in report.diagnostics],
    }


_PLAIN: Final = ("published", "pages", "seconds", "kernel_seconds", "wall_seconds", "crash")


def write_report(path: Path, report: BuildReport) -> None:
    """Write the report of a build, one that failed as well.

    Raises:
        OSError: it cannot be written.
    """
    write_atomic(path, report_json(report))


def _report_page(run: ExecutedDocument, state: RunState, cells: Sequence[CodeCell]) -> PageReport:
    provenance = run.provenance
    facts = _facts_of_cells(run, cells)
    peaks = [peak for each in facts if isinstance(peak := each.get("peak_rss_bytes"), int)]
    units = {metric.name: metric.unit for metric in run.metrics}
    return PageReport(
        page=str(run.document.page),
        path=str(run.document.path),
        cells=len(cells),
        state=state,
        seconds=round(sum(cell.seconds for cell in run.runs.values()), 3),
        device=provenance.device if provenance else None,
        record=provenance.record if provenance else None,
        why=run.why,
        cell_runs=tuple(_report_cell(cell, run, each) for cell, each in zip(cells, facts, strict=True)),
        memory_bytes=max(peaks, default=None),
        started=_utc(provenance.started) if provenance else None,
        commit=provenance.commit if provenance else None,
        drifts=tuple(
            DriftReport(
                metric=drift.metric,
                unit=units.get(drift.metric),
                baseline=drift.baseline,
                value=drift.value,
                tolerance=drift.tolerance,
            )
            for drift in run.drifts
        ),
    )


def _facts_of_cells(run: ExecutedDocument, cells: Sequence[CodeCell]) -> list[Mapping[str, Any]]:
    """What the record says of each cell; of equal cells the first goes with the first."""
    recorded: Any = run.provenance.facts.get("cells", ()) if run.provenance else ()
    left: list[Mapping[str, Any]] = list(recorded)
    found: list[Mapping[str, Any]] = []
    for cell in cells:
        done = run.runs.get(cell.id)
        match = next((each for each in left if done and each.get("source") == done.source_digest), None)
        if match is not None:
            left.remove(match)
        found.append(match if match is not None else {})
    return found


def _report_cell(cell: CodeCell, run: ExecutedDocument, facts: Mapping[str, Any]) -> CellReport:
    done, line = run.runs.get(cell.id), cell.location.line
    return CellReport(
        label=cell.options.label,
        line=line,
        end_line=None if line is None else line + cell.source.rstrip("\n").count("\n"),
        cell=cell.location.cell,
        status=done.status if done is not None else "none",
        seconds=round(done.seconds, 3) if done is not None else 0.0,
        memory_bytes=facts.get("peak_rss_bytes"),
    )


def _with_activity(report: PageReport, seen: PageActivity) -> PageReport:
    return replace(
        report,
        ran=True,
        kernel_seconds=round(seen.seconds, 3),
        memory_bytes=max(report.memory_bytes or 0, seen.memory_bytes or 0) or None,
        cuda=seen.cuda,
        is_warm=seen.is_warm,
    )


def _unfinished(seen: PageActivity) -> PageReport:
    state: dict[bool | None, RunState] = {True: "fresh", False: "failed", None: "not run"}
    cells = tuple(
        CellReport(
            label=run.label,
            line=run.line,
            status=run.status or "none",
            seconds=run.seconds,
            end_line=run.line,
        )
        for run in seen.runs
    )
    report = PageReport(
        page=str(seen.page),
        path=str(seen.path or seen.page),
        cells=seen.cells,
        state=state[seen.ok],
        seconds=round(sum(cell.seconds for cell in cells), 3),
        device=seen.device,
        record=None,
        why=() if seen.ok is not None else ("the build was ended before the page was",),
        cell_runs=cells,
    )
    return _with_activity(report, seen)


def _utc(moment: datetime) -> str:
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


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
