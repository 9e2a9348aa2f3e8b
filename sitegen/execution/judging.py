"""What a page's results are held against: the author's conditions, the accepted run, and the site's profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sitegen.config import Config
from sitegen.content.document import CodeCell
from sitegen.content.executed import Drift, ExecutedDocument
from sitegen.errors import Diagnostic
from sitegen.execution import questions
from sitegen.execution.caveats import caveats
from sitegen.execution.showing import place_of
from sitegen.results.drift import drifts_of
from sitegen.results.expectations import unmet
from sitegen.results.store import Store, StoredRecord


def judge(
    executed: ExecutedDocument,
    stored: StoredRecord,
    cells: Sequence[CodeCell],
    store: Store,
    config: Config,
    *,
    is_this_code: bool = True,
) -> ExecutedDocument:
    """The page with SG315 to SG319 where they apply; `drifted` where a metric left its tolerance.

    Args:
        executed: the page with its results; one that failed stays as it is.
        stored: the record that it shows.
        cells: of the page, those that run.
        store: has the history, and what was accepted.
        config: says the site's own profile.
        is_this_code: the record has the page's items 1, 3, 5 and 8.
    """
    if executed.state == "failed":
        return executed
    record = stored.record
    if is_this_code and executed.state != "pinned":
        warnings = caveats(record, executed.document, cells, config.root)
        executed = replace(executed, diagnostics=(*executed.diagnostics, *warnings))
    if record.run.profile == "smoke":
        return replace(executed, diagnostics=(*executed.diagnostics, *_of_smoke(executed, config)))
    found = list(unmet(cells, executed.metrics, is_this_code=is_this_code))
    drifts: tuple[Drift, ...] = ()
    if is_this_code and executed.state != "pinned":
        questions.records_of(record.key, record.page, executed.document.page)
        history = {
            other.digest: other
            for other in (
                *store.of_key(record.key),
                *store.of_page(record.page),
                *store.of_page(executed.document.page),
            )
        }
        drifts = drifts_of(stored, history.values(), store.acceptances())
        found += [_drifted(drift, executed, cells) for drift in drifts]
    return replace(
        executed,
        state="drifted" if drifts else executed.state,
        drifts=drifts,
        diagnostics=(*executed.diagnostics, *found),
    )


def _of_smoke(executed: ExecutedDocument, config: Config) -> tuple[Diagnostic, ...]:
    if str(config.execute.get("profile", "full")).strip().lower() == "smoke":
        return ()
    document = executed.document
    return (
        Diagnostic(
            code="SG319",
            severity="warning",
            message="results of a smoke run are shown: the site's own profile is full",
            location=place_of(document.cells, document.expressions),
            hint='build the page with `[execute] profile = "full"`, or the whole site as smoke',
        ),
    )


def _drifted(drift: Drift, executed: ExecutedDocument, cells: Sequence[CodeCell]) -> Diagnostic:
    metric = next(metric for metric in executed.metrics if metric.name == drift.metric)
    unit = f" {metric.unit}" if metric.unit else ""
    now = executed.provenance
    when = f" on {now.started:%Y-%m-%d}, on {now.device}" if now is not None else " now"
    place = next((cell.location for cell in cells if cell.id == metric.cell), None)
    return Diagnostic(
        code="SG316",
        severity="warning",
        message=(
            f"`{drift.metric}` has drifted: it was {drift.baseline:.10g}{unit} on {drift.baseline_started:%Y-%m-%d} "
            f"and is {drift.value:.10g}{unit}{when}; its tolerance is ± {drift.tolerance:g}"
        ),
        location=place or place_of(cells, executed.document.expressions),
        hint=f"find out why, or take it: `sitegen results accept {executed.document.page}`",
    )
