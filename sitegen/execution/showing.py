"""From a record, or the lack of one, to the ExecutedDocument that the page is composed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sitegen.content.document import CellId, CodeCell, Document, InlineExpression, ValueId, source_digest
from sitegen.content.executed import CellRun, DisplayOutput, ErrorOutput, ExecutedDocument, Metric, RunState
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution import questions
from sitegen.execution.notebook import outputs_of
from sitegen.execution.recording import metrics_of
from sitegen.frozen import FrozenDict, thaw
from sitegen.results.provenance import provenance_of
from sitegen.results.scrub import clean, find_secret, this_machine
from sitegen.results.store import StoredRun


def same_code(
    document: Document,
    cells: Sequence[CodeCell],
    expressions: Sequence[InlineExpression],
    stored: StoredRun,
    state: RunState,
    diagnostics: Iterable[Diagnostic] = (),
    *,
    why: tuple[str, ...] = (),
) -> ExecutedDocument:
    """A record of the page's very code: cells and values go by their place.

    Args:
        document: the page.
        cells: those that run.
        expressions: the inline ones.
        stored: a record whose key has the same items 1.
        state: what the page is then.
        diagnostics: of the run or of the look-up.
        why: it ran, or is shown: in words.
    """
    ids = [cell.id for cell in cells]
    renamed = [_renamed(run, ids[place]) for place, run in enumerate(stored.cells)]
    found: dict[ValueId, DisplayOutput | ErrorOutput] = {}
    values = list(stored.values)
    for item in expressions:  # a failed run may lack some
        digest = source_digest(item.source)
        place = next((i for i, (part, _) in enumerate(values) if part.source == digest), None)
        if place is not None:
            found[item.id] = values.pop(place)[1]
    metrics, twice = metrics_of(renamed)
    return ExecutedDocument(
        document=document,
        state=state,
        runs=FrozenDict({run.cell: run for run in renamed}),
        values=FrozenDict(found),
        metrics=tuple(metric for _, metric in metrics),
        provenance=provenance_of(stored.record, stored.digest),
        why=why,
        diagnostics=(*diagnostics, *_reported_twice(twice, metrics, cells)),
    )


def other_code(
    document: Document,
    cells: Sequence[CodeCell],
    expressions: Sequence[InlineExpression],
    stored: StoredRun,
    state: RunState,
    diagnostics: Iterable[Diagnostic] = (),
    *,
    why: tuple[str, ...] = (),
) -> ExecutedDocument:
    """A record of older code: cells and values are matched by the digest of their source.

    A cell without match has no run; of equal cells the first goes with the first.
    """
    left = list(stored.cells)
    runs: dict[CellId, CellRun] = {}
    cell_names: dict[str, CellId] = {}
    for cell in cells:
        digest = source_digest(cell.source)
        match = next((run for run in left if run.source_digest == digest), None)
        if match is not None:
            left.remove(match)
            cell_names[match.cell] = cell.id
            runs[cell.id] = _renamed(match, cell.id)
    by_source: Mapping[str, DisplayOutput | ErrorOutput] = {
        part.source: value for part, value in stored.values
    }
    return ExecutedDocument(
        document=document,
        state=state,
        runs=FrozenDict(runs),
        values=FrozenDict(
            {
                item.id: by_source[source_digest(item.source)]
                for item in expressions
                if source_digest(item.source) in by_source
            }
        ),
        metrics=tuple(
            part.as_metric(cell_names.get(part.cell, CellId(part.cell))) for part in stored.record.metrics
        ),
        provenance=provenance_of(stored.record, stored.digest),
        why=why,
        diagnostics=tuple(diagnostics),
    )


def nothing(document: Document, diagnostics: Iterable[Diagnostic], why: tuple[str, ...]) -> ExecutedDocument:
    """A page without results: its code is shown without outputs."""
    return ExecutedDocument(document=document, state="not run", why=why, diagnostics=tuple(diagnostics))


def saved(document: Document, root: Path) -> ExecutedDocument:
    """A page of which nothing is to run: as it is, a notebook's with the outputs it was saved with.

    They have no state and no provenance, since no run of ours gave them; they are scrubbed like all others,
    and a cell whose outputs hold a credential is an SG310 error and shows none.
    """
    if not document.saved or document.execution.enabled is not False:
        return ExecutedDocument(document=document)
    machine = this_machine(root)
    questions.owner_of_machine(root)
    questions.detectors()
    if machine.secrets:  # values that nothing is kept of, so nobody can say whether they are the same
        questions.uncertain()
    questions.secret_names()
    runs: dict[CellId, CellRun] = {}
    diagnostics: list[Diagnostic] = []
    for cell in document.cells:
        found = outputs_of({"outputs": thaw(document.saved.get(cell.id, ()))}, None)
        secret = next((what for output in found if (what := find_secret(output, machine))), None)
        if secret is not None:
            diagnostics.append(
                Diagnostic(
                    code="SG310",
                    severity="error",
                    message=f"an output that is saved in the notebook looks like it holds {secret}",
                    location=cell.location,
                    hint="clear the cell's output in the notebook; and replace the credential where it is real",
                )
            )
        elif found:
            outputs = clean(found, machine)
            runs[cell.id] = CellRun(
                cell=cell.id, status="ok", outputs=outputs, source_digest=source_digest(cell.source)
            )
    return ExecutedDocument(document=document, runs=FrozenDict(runs), diagnostics=tuple(diagnostics))


def place_of(cells: Sequence[CodeCell], expressions: Sequence[InlineExpression]) -> SourceLocation:
    """Where a message about the whole page points: its first cell, else its first expression."""
    return cells[0].location if cells else expressions[0].location


def _renamed(run: CellRun, cell: CellId) -> CellRun:
    return replace(run, cell=cell)


def _reported_twice(
    names: Iterable[str], metrics: Iterable[tuple[object, Metric]], cells: Sequence[CodeCell]
) -> list[Diagnostic]:
    last_cell = {metric.name: metric.cell for _, metric in metrics}
    places = {cell.id: cell.location for cell in cells}
    return [
        Diagnostic(
            code="SG311",
            severity="warning",
            message=f"metric `{name}` is reported more than once; the last value counts",
            location=places.get(last_cell[name]),
            hint="give each its own name, as in `cartpole.return`",
        )
        for name in names
    ]
