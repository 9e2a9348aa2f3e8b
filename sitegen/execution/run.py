"""Execute what must be: a page's look-up -> backend -> scrub -> store -> what its results are held against."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Iterable, Iterator

from sitegen.config import Config
from sitegen.content.document import Document, PageKey
from sitegen.content.executed import ExecutedDocument
from sitegen.errors import Diagnostic
from sitegen.execution import devices, distributions, kernelspecs, questions, recording, showing
from sitegen.execution.backends import Backend
from sitegen.execution.jobs import Job, Run
from sitegen.execution.judging import judge
from sitegen.execution.known import KnownRuns
from sitegen.execution.lookup import Kept, Plan, decide
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.scrub import Machine, this_machine
from sitegen.results.store import Store, StoredRecord, StoredRun

__all__ = ("ExecutionPolicy", "execute")


def execute(
    documents: Iterable[Document],
    backend: Backend,
    store: Store,
    policy: ExecutionPolicy,
    config: Config,
    *,
    known: KnownRuns | None = None,
) -> Iterator[ExecutedDocument]:
    """Every document with what its cells gave: those that need no kernel first, the rest as they finish.

    A page without cells passes through. A page runs only when no record of its key holds.

    Args:
        documents: of the whole build; all are read before the first kernel starts.
        backend: runs what must run; not touched when nothing must.
        store: records are looked up in it and added to it.
        policy: what may run.
        config: the site's.
        known: is told of each page that did not run what its look-up asked, for the next build.

    Raises:
        RuntimeError: the backend gave no run for a page: a bug, never a page without a state.
    """
    kernelspecs.forget()
    distributions.forget()
    plans: dict[PageKey, Plan] = {}
    for document in documents:
        with questions.noted() as notes:
            decided = decide(document, store, policy, config)
            if isinstance(decided, Plan):
                plans[document.page] = decided
                continue
            shown = (
                showing.saved(document, config.root) if decided is None else _shown(decided, store, config)
            )
        if known is not None and (document.cells or document.expressions or document.saved):
            known.add(document.page, notes)
        yield shown
    if not plans:
        return
    machine = this_machine(config.root)
    made = (config.publish_dir, config.results_dir, config.state_dir)
    commit = recording.commit_of(config.root, made)
    jobs = [plan.job for plan in plans.values()]
    threading.Thread(target=_prepare, args=(jobs, backend), name="recording", daemon=True).start()
    for run in backend.run(jobs):
        plan = plans.pop(run.page)
        yield _finished(run, plan, store, config, backend=backend, machine=machine, commit=commit)
    if plans:
        raise RuntimeError(f"the backend gave no run for {', '.join(sorted(plans))}")


def _prepare(jobs: Iterable[Job], backend: Backend) -> None:
    """While the first kernels start, read what their records will need."""
    if backend.name == "local":
        with contextlib.suppress(ImportError):  # told by who needs it
            importlib.import_module("sitegen.execution.kernels")  # first: the start of kernels waits for it
    recording.prepare(jobs)


def _shown(kept: Kept, store: Store, config: Config) -> ExecutedDocument:
    """A page that does not run, with the results that there are."""
    page, stored = kept.page, kept.stored
    if stored is None:
        return showing.nothing(page.document, kept.diagnostics, kept.why)
    show = showing.same_code if kept.is_this_code else showing.other_code
    executed = show(
        page.document, page.cells, page.expressions, stored, kept.state, kept.diagnostics, why=kept.why
    )
    record = StoredRecord(digest=stored.digest, record=stored.record)
    return judge(executed, record, page.cells, store, config, is_this_code=kept.is_this_code)


def _finished(
    run: Run,
    plan: Plan,
    store: Store,
    config: Config,
    *,
    backend: Backend,
    machine: Machine,
    commit: recording.Commit,
) -> ExecutedDocument:
    """A run that has ended, scrubbed and stored."""
    run = recording.scrubbed(run, plan.job, machine)
    record, blobs = recording.to_record(
        run,
        plan.job,
        plan.inputs,
        backend=backend.name,
        commit=commit,
        cuda_driver=devices.detect().cuda_driver,
    )
    diagnostics = [*plan.diagnostics, *run.diagnostics]
    if recording.holds_secret(run):
        stored = StoredRecord(digest=record.key, record=record)  # never written; only to be shown as failed
    else:
        try:
            stored = store.add(record, blobs)
        except OSError as error:
            diagnostics.append(_not_kept(plan, error))
            stored = StoredRecord(digest=record.key, record=record)
    shown = StoredRun(
        digest=stored.digest,
        record=record,
        cells=run.cells,
        values=tuple(
            (part, run.values[item.id])
            for part, item in zip(
                record.values,
                (item for _, item in plan.job.expressions if item.id in run.values),
                strict=True,
            )
        ),
    )
    page = plan.page
    executed = showing.same_code(
        page.document,
        page.cells,
        page.expressions,
        shown,
        "fresh" if run.ok else "failed",
        diagnostics,
        why=plan.why,
    )
    return judge(executed, stored, page.cells, store, config)


def _not_kept(plan: Plan, error: OSError) -> Diagnostic:
    return Diagnostic(
        code="SG314",
        severity="warning",
        message=f"the results were not kept: {error.strerror or type(error).__name__}",
        location=showing.place_of(plan.page.cells, plan.page.expressions),
        hint="see that the results folder can be written and the disk is not full",
    )
