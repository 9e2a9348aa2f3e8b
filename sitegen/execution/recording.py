"""From a run to its record: outputs scrubbed, credentials refused, facts gathered."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from sitegen.content.document import CellId, Digest, ValueId, source_digest
from sitegen.content.executed import CellRun, DisplayOutput, ErrorOutput, Metric, Output
from sitegen.content.git_dates import ask_git
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution.distributions import owners
from sitegen.execution.fingerprint import changed_depends
from sitegen.execution.jobs import Job, PeakMemory, Run
from sitegen.execution.observed import imported, observed
from sitegen.frozen import FrozenDict, thaw
from sitegen.results.credentials import find_in_texts, is_secret_name
from sitegen.results.media_types import ARTIFACT_CONTENT, METRIC_TYPE
from sitegen.results.outputs import pack, pack_display
from sitegen.results.payloads import artifact_of, misfit
from sitegen.results.record import (
    CHANGED,
    CellPart,
    Environment,
    ErrorPart,
    Inputs,
    MetricPart,
    ObservedFile,
    Record,
    RunFacts,
    ValuePart,
)
from sitegen.results.scrub import Machine, clean, find_path, find_secret, scrub, scrub_text
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The state of the repository that a run belongs to."""

    name: str | None
    is_dirty: bool = False


def commit_of(root: Path, made: Iterable[Path] = ()) -> Commit:
    """The commit of the site's repository; without name where there is none.

    Args:
        root: the site's folder.
        made: folders that builds write: results that are not committed yet are no change of the source.
    """
    head = ask_git(root, "rev-parse", "HEAD")
    inside = [folder.relative_to(root).as_posix() for folder in made if folder.is_relative_to(root)]
    excluded = [f":(exclude,literal){folder}" for folder in inside if folder != "."]
    changes = ask_git(root, "status", "--porcelain", "--", ":(top)", *excluded)
    if head is None or changes is None:
        return Commit(name=None)
    return Commit(name=head.strip(), is_dirty=bool(changes.strip()))


def prepare(jobs: Iterable[Job]) -> None:
    """Read what the records of these jobs will need of the disk: what is installed, and what credentials look like."""
    for search_path in {job.kernel.search_path for job in jobs}:
        owners("", search_path)
    find_in_texts(("",), ())


def scrubbed(run: Run, job: Job, machine: Machine) -> Run:
    """The run as it may be stored and shown.

    Where an output, a parameter or a variable holds a credential the run has SG310, and that cell or value keeps no output.
    What a cell reported and cannot be read is SG322, an artifact that cannot be published SG320; neither is kept.
    """
    machine = machine.with_kernel(Path(job.kernel.argv[0]), job.kernel.env)
    diagnostics = [_scrubbed_diagnostic(diagnostic, machine) for diagnostic in run.diagnostics]
    diagnostics += _secret_inputs(job, machine)
    diagnostics += _secret_names(run, job, machine)
    cells = []
    places = {cell.id: cell.location for cell in job.cells}
    for cell in run.cells:
        place = places[cell.cell]
        secret = _first_secret(cell.outputs, machine)
        if secret is not None:
            diagnostics.append(_holds_secret(secret, place))
            cells.append(replace(cell, outputs=()))
            continue
        problems = [(output, _unfit(output, place, machine)) for output in cell.outputs]
        diagnostics += [problem for _, problem in problems if problem is not None]
        kept = clean((output for output, problem in problems if problem is None), machine)
        cells.append(replace(cell, outputs=kept))
    values: dict[ValueId, DisplayOutput | ErrorOutput] = {}
    for _, item in job.expressions:
        value = run.values.get(item.id)
        if value is None:
            continue
        secret = _first_secret((value,), machine)
        if secret is not None:
            diagnostics.append(_holds_secret(secret, item.location))
            continue
        shown = scrub(value, machine)
        if isinstance(shown, DisplayOutput | ErrorOutput):
            values[item.id] = shown
    traces = replace(run.traces, unseen=tuple(scrub_text(words, machine) for words in run.traces.unseen))
    return replace(
        run, cells=tuple(cells), values=FrozenDict(values), traces=traces, diagnostics=tuple(diagnostics)
    )


def holds_secret(run: Run) -> bool:
    """Whether the run must not be stored."""
    return any(diagnostic.code == "SG310" for diagnostic in run.diagnostics)


def to_record(
    run: Run, job: Job, inputs: Inputs, *, backend: str, commit: Commit, cuda_driver: str
) -> tuple[Record, dict[Digest, bytes]]:
    """The record of a scrubbed run, and the blobs it names."""
    blobs: dict[Digest, bytes] = {}
    seen = observed(run.traces, job)
    changed = tuple(
        ObservedFile(path=path.lstrip("/"), base="site" if path.startswith("/") else "page", digest=CHANGED)
        for path in changed_depends(inputs, job.folder, job.root)
    )
    seen = msgspec.structs.replace(seen, files=(*seen.files, *changed))
    metrics, _ = metrics_of(run.cells)
    memory = {cell.cell: peak for cell, peak in zip(run.cells, run.memory, strict=False)}
    environment: dict[str, Any] = {**run.environment, "packages": imported(run.traces, job.kernel)}
    if job.device.kind == "cuda":
        environment["cuda_driver"] = cuda_driver
        environment.setdefault("cuda_device", job.device.name)  # a page that never loaded torch
        environment.setdefault("cuda_count", job.device.count)
    record = Record(
        key=inputs.key(),
        page=run.page,
        inputs=inputs,
        cells=tuple(
            CellPart(
                id=done.cell,
                label=cell.options.label,
                source=done.source_digest,
                status=done.status,
                outputs=tuple(pack(output, blobs) for output in done.outputs),
                seconds=round(done.seconds, 3),
                peak_rss_bytes=memory.get(done.cell, PeakMemory()).rss_bytes,
                peak_cuda_bytes=memory.get(done.cell, PeakMemory()).cuda_bytes,
            )
            for cell, done in zip(job.cells, run.cells, strict=True)
        ),
        values=tuple(
            ValuePart(source=source_digest(item.source), output=_packed(run.values[item.id], blobs))
            for _, item in job.expressions
            if item.id in run.values
        ),
        metrics=tuple(part for part, _ in metrics),
        environment=msgspec.convert(environment, Environment),
        run=RunFacts(
            started=run.started,
            seconds=round(run.seconds, 3),
            seed=run.seed,
            parameters=inputs.parameters,
            profile=inputs.profile,
            backend=backend,
            host_class=_host_class(),
            commit=commit.name,
            is_dirty=commit.is_dirty,
            device_kind=job.device.kind,
        ),
        observed=seen,
        ok=run.ok,
    )
    return record, blobs


def metrics_of(cells: Iterable[CellRun]) -> tuple[list[tuple[MetricPart, Metric]], list[str]]:
    """The metrics that cells reported, in their order, each name once with its last value.

    Returns:
        The metrics, as recorded and as shown; and the names that were reported more than once.
    """
    found: dict[str, tuple[MetricPart, Metric]] = {}
    twice: list[str] = []
    for cell in cells:
        for output in cell.outputs:
            if not isinstance(output, DisplayOutput) or METRIC_TYPE not in output.data:
                continue
            try:
                part = msgspec.convert(thaw(output.data[METRIC_TYPE]), MetricPart)
            except msgspec.ValidationError:  # `scrubbed` has told of it; an old record may hold one
                continue
            if found.pop(part.name, None) is not None and part.name not in twice:
                twice.append(part.name)
            named = msgspec.structs.replace(part, cell=cell.cell)
            found[part.name] = (named, part.as_metric(CellId(cell.cell)))
    return list(found.values()), twice


def _packed(value: DisplayOutput | ErrorOutput, blobs: dict[Digest, bytes]) -> Any:
    if isinstance(value, ErrorOutput):
        return ErrorPart(name=value.name, value=value.value, traceback=value.traceback)
    return pack_display(value, blobs)


def _unfit(output: Output, place: SourceLocation, machine: Machine) -> Diagnostic | None:
    """Why a report of a cell (a metric, a curve, an artifact) cannot be kept; None for any other output too."""
    if not isinstance(output, DisplayOutput):
        return None
    problem = misfit(output)
    if problem is not None:
        return Diagnostic(
            code="SG322",
            severity="error",
            message=f"the cell reports {problem}",
            location=place,
            hint="report through `sitegen.lab` of this version, and display nothing of its MIME types yourself",
        )
    artifact = artifact_of(output)
    if artifact is None:
        return None
    told = find_path(output, machine)
    if ARTIFACT_CONTENT not in output.data:
        problem = f"`{artifact.name}` has not reached the build: it was reported, not kept"
    elif told is not None:
        problem = f"`{artifact.name}` holds {told}, which would be published"
    else:
        return None
    return Diagnostic(
        code="SG320",
        severity="error",
        message=problem,
        location=place,
        hint="keep relative paths in it" if told else "call `lab.artifact` in the page's own kernel",
    )


def _secret_inputs(job: Job, machine: Machine) -> list[Diagnostic]:
    """SG310 for each parameter and each variable let through whose value looks like a credential: records hold both."""
    given = {f"the parameter `{name}`": value for name, value in job.execution.parameters.items()}
    for name in job.execution.env:
        if not is_secret_name(name):
            given[f"the variable `{name}`"] = os.environ.get(name, "")
    hint = 'let it through as a variable whose name says so: `env = ["MY_TOKEN"]`'
    return [
        _page_holds_secret(what, secret, job, hint)
        for what, value in given.items()
        if (secret := find_in_texts((json.dumps(thaw(value), default=str),), machine.secrets))
    ]


def _secret_names(run: Run, job: Job, machine: Machine) -> list[Diagnostic]:
    """SG310 where the name of a file that the run used looks like a credential: records hold the names."""
    traces, root = run.traces, f"{job.root}{os.sep}"
    paths = {path.removeprefix(root) for path in (*traces.files, *traces.absent, *traces.written)}
    names = paths.union(*(names for _, names in traces.folders))
    secret = find_in_texts(("\n".join(sorted(names)),), machine.secrets)
    if secret is None:
        return []
    hint = "rename the file; and replace the credential where it is real"
    return [_page_holds_secret("the name of a file that the page uses", secret, job, hint)]


def _page_holds_secret(what: str, secret: str, job: Job, hint: str) -> Diagnostic:
    place = job.cells[0].location if job.cells else job.expressions[0][1].location
    return Diagnostic(
        code="SG310",
        severity="error",
        message=f"{what} looks like it holds {secret}; nothing of this run was stored",
        location=replace(place, line=None, column=None),
        hint=hint,
    )


def _first_secret(outputs: Iterable[Output], machine: Machine) -> str | None:
    return next((found for output in outputs if (found := find_secret(output, machine))), None)


def _holds_secret(what: str, where: SourceLocation) -> Diagnostic:
    return Diagnostic(
        code="SG310",
        severity="error",
        message=f"an output looks like it holds {what}; nothing of this run was stored",
        location=where,
        hint="do not print it; and replace it where it is real",
    )


def _scrubbed_diagnostic(diagnostic: Diagnostic, machine: Machine) -> Diagnostic:
    details = diagnostic.details
    said = ErrorOutput(name="", value=diagnostic.message, traceback=details or "")
    if find_secret(said, machine) is not None:
        return replace(diagnostic, message="it failed; what it said is withheld", details=None)
    return replace(
        diagnostic,
        message=scrub_text(diagnostic.message, machine),
        details=None if details is None else scrub_text(details, machine),
    )


def _host_class() -> Literal["ci", "local"]:
    return "ci" if os.environ.get("CI", "").lower() in ("1", "true") else "local"
