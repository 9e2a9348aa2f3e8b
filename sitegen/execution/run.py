"""Execute what must be: key -> stored and still true? -> backend -> scrub -> store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sitegen.config import Config
from sitegen.content.document import (
    CodeCell,
    Document,
    ExecutedDocument,
    InlineExpression,
    PageKey,
)
from sitegen.errors import Diagnostic
from sitegen.execution import devices, fingerprint, kernelspecs, recording, showing
from sitegen.execution.backends import Backend
from sitegen.execution.jobs import Job, KernelChoice, PageDevice, Run
from sitegen.results.record import Inputs, Record
from sitegen.results.scrub import Machine, this_machine
from sitegen.results.store import Store, StoredRecord, StoredRun

_Shown = Literal["fresh", "cached", "other device", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPolicy:
    """What a build may execute."""

    allowed: bool = True
    """False (`--no-execute`): records only."""
    fresh: bool = False
    """True (`--fresh`): no record is taken as the result of a page that can run here."""


def execute(
    documents: Iterable[Document],
    backend: Backend,
    store: Store,
    policy: ExecutionPolicy,
    config: Config,
) -> Iterator[ExecutedDocument]:
    """Every document with what its cells gave: those that need no kernel first, the rest as they finish.

    A page without cells passes through. A page runs only when no record of its key holds.

    Args:
        documents: of the whole build; all are read before the first kernel starts.
        backend: runs what must run; not touched when nothing must.
        store: records are looked up in it and added to it.
        policy: what may run.
        config: the site's.
    """
    kernelspecs.find_kernel.cache_clear()
    fingerprint.forget()
    plans: dict[PageKey, _Plan] = {}
    for document in documents:
        page = _Page.of(document)
        if page is None:
            yield ExecutedDocument(document=document)
            continue
        decided = _Lookup(page, store, policy, config).decide()
        if isinstance(decided, ExecutedDocument):
            yield decided
        else:
            plans[document.page] = decided
    if not plans:
        return
    machine = this_machine(config.root)
    commit = recording.commit_of(config.root)
    for run in backend.run([plan.job for plan in plans.values()]):
        yield _finish(run, plans[run.page], backend, store, machine, commit)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A document with something to run."""

    document: Document
    kernel: KernelChoice | None
    cells: tuple[CodeCell, ...]
    expressions: tuple[InlineExpression, ...]

    @classmethod
    def of(cls, document: Document) -> _Page | None:
        """None where nothing of the page is to run."""
        if document.execution.enabled is False or not (document.cells or document.expressions):
            return None
        if not document.expressions and not any(cell.options.runs for cell in document.cells):
            return None
        kernel = kernelspecs.find_kernel(document.execution.kernel)
        cells = fingerprint.running_cells(document, kernel)
        if not cells and not document.expressions:
            return None
        return cls(document=document, kernel=kernel, cells=cells, expressions=document.expressions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A page that is going to run."""

    page: _Page
    job: Job
    inputs: Inputs
    diagnostics: tuple[Diagnostic, ...]
    """Of the look-up."""


class _Lookup:
    """What is to become of one page: a record that holds, a run, or what else there is."""

    def __init__(self, page: _Page, store: Store, policy: ExecutionPolicy, config: Config) -> None:
        self.page = page
        self.document = page.document
        self.store = store
        self.policy = policy
        self.config = config
        self.diagnostics: list[Diagnostic] = []

    def decide(self) -> ExecutedDocument | _Plan:
        """The first state that applies, or a plan to run."""
        page, execution = self.page, self.document.execution
        self._unknown_languages()
        if execution.cache == "frozen":
            return self._pinned()
        asked = devices.strictest(page.cells)
        conflict = self._device_conflict()
        if conflict is not None:
            return showing.nothing(self.document, conflict, self.diagnostics)
        here = devices.detect()
        available = (
            devices.cuda_names(here, page.kernel, self.config.state_dir) if page.kernel is not None else ()
        )
        device = devices.choose(asked, execution.gpus, available)
        inputs, warnings = fingerprint.inputs_of(
            self.document,
            kernel=page.kernel,
            asked=asked,
            device=device or PageDevice(kind="cuda"),
            cpu_model=here.cpu_model,
            environ=os.environ,
            config=self.config,
        )
        self.diagnostics += warnings
        if device is None:
            return self._other_device(inputs)
        obstacle = self._obstacle()
        if obstacle is not None or not (self.policy.fresh or execution.cache == "never"):
            hit = self._hit(inputs)
            if hit is not None:
                return self._same(hit, "cached")
        if obstacle is not None or page.kernel is None:
            return self._stale(obstacle or "there is no kernel")
        return _Plan(
            page=page,
            job=self._job(page.kernel, device),
            inputs=inputs,
            diagnostics=self._taken(),
        )

    def _job(self, kernel: KernelChoice, device: PageDevice) -> Job:
        return Job(
            page=self.document.page,
            path=self.document.path,
            root=self.config.root,
            state_dir=self.config.state_dir,
            cells=self.page.cells,
            expressions=fingerprint.placed_expressions(self.document, kernel),
            execution=self.document.execution,
            kernel=kernel,
            device=device,
        )

    # --- records ----------------------------------------------------------------------------------

    def _hit(self, inputs: Inputs) -> StoredRun | None:
        """The newest record of this key that did not fail, is not too old, and still holds."""
        return self._newest(
            stored
            for stored in self.store.of_key(inputs.key())
            if self._is_young(stored.record) and self._holds(stored.record)
        )

    def _pinned(self) -> ExecutedDocument:
        stored = self._newest(self._of_profile())
        if stored is None:
            return self._not_run('it is pinned (`cache = "frozen"`) and was never run')
        return showing.other_code(
            self.document, self.page.cells, self.page.expressions, stored, "pinned", self._taken()
        )

    def _other_device(self, inputs: Inputs) -> ExecutedDocument:
        """A page whose device is not here: the last result of its code on such a device, labelled."""
        wanted = inputs.but_device()
        folder = (self.config.root / self.document.path).parent
        stored = self._newest(
            found
            for found in self._of_profile(device="cuda")
            if found.record.inputs.but_device() == wanted
            and fingerprint.files_hold(found.record.observed, folder, self.config.root)
        )
        if stored is None:
            return self._stale("it asks for CUDA, which is not here", device="cuda")
        provenance = stored.record.provenance(stored.digest)
        self.diagnostics.append(
            Diagnostic(
                code="SG313",
                severity="info",
                message=f"results of {provenance.device}, {provenance.started:%Y-%m-%d}, are shown: "
                "there is no CUDA device here",
                location=showing.place_of(self.page.cells, self.page.expressions),
            )
        )
        return self._same(stored, "other device")

    def _stale(self, reason: str, *, device: str | None = None) -> ExecutedDocument:
        stored = self._newest(self._of_profile(device=device))
        if stored is None:
            return self._not_run(reason)
        started = stored.record.run.started
        self.diagnostics.append(
            Diagnostic(
                code="SG306",
                severity="warning",
                message=f"results of {started:%Y-%m-%d} are shown, of older code, data or packages: {reason}",
                location=showing.place_of(self.page.cells, self.page.expressions),
                hint=_hint(reason),
            )
        )
        return showing.other_code(
            self.document, self.page.cells, self.page.expressions, stored, "stale", self._taken()
        )

    def _not_run(self, reason: str) -> ExecutedDocument:
        missing = Diagnostic(
            code="SG307",
            severity="warning",
            message=f"the page has no results: {reason}",
            location=showing.place_of(self.page.cells, self.page.expressions),
            hint=_hint(reason),
        )
        return showing.nothing(self.document, missing, self._taken())

    def _same(self, stored: StoredRun, state: _Shown) -> ExecutedDocument:
        return showing.same_code(
            self.document, self.page.cells, self.page.expressions, stored, state, self._taken()
        )

    def _newest(self, records: Iterable[StoredRecord]) -> StoredRun | None:
        """The first of the records that did not fail and whose outputs are whole."""
        whole = (self.store.load(found) for found in records if found.record.ok)
        return next((stored for stored in whole if stored is not None), None)

    def _of_profile(self, *, device: str | None = None) -> Iterator[StoredRecord]:
        for stored in self.store.of_page(self.document.page):
            run = stored.record.run
            if run.profile == self.document.execution.profile and device in (None, run.device_kind):
                yield stored

    def _is_young(self, record: Record) -> bool:
        limit = self.document.execution.max_age_s
        return limit is None or self.config.now - record.run.started <= timedelta(seconds=limit)

    def _holds(self, record: Record) -> bool:
        folder = (self.config.root / self.document.path).parent
        kernel = self.page.kernel
        return kernel is not None and fingerprint.still_holds(
            record.observed, folder, self.config.root, kernel
        )

    # --- what stands in the way -------------------------------------------------------------------

    def _obstacle(self) -> str | None:
        """Why the page cannot run here; None where it can."""
        if not kernelspecs.can_execute():
            return "execution is not installed"
        if not self.policy.allowed:
            return "this build does not execute"
        if self.page.kernel is None:
            return f"there is no kernel `{self.document.execution.kernel}`"
        return None

    def _device_conflict(self) -> Diagnostic | None:
        asked = {cell.options.device: cell for cell in reversed(self.page.cells)}
        if "cpu" not in asked or "cuda" not in asked:
            return None
        return Diagnostic(
            code="SG211",
            severity="error",
            message="cells of one page ask for `cpu` and for `cuda`: a page has one device",
            location=asked["cuda"].location,
            hint="move one of them to a page of its own",
            related=(asked["cpu"].location,),
        )

    def _unknown_languages(self) -> None:
        """A warning for each cell of a language that the page's kernel does not run."""
        told = {diagnostic.location for diagnostic in self.document.diagnostics if diagnostic.code == "SG213"}
        for cell in self.document.cells:
            is_other = cell.options.runs and not fingerprint.runs_in(cell, self.page.kernel)
            if is_other and cell.location not in told:
                self.diagnostics.append(
                    Diagnostic(
                        code="SG213",
                        severity="warning",
                        message=f"the kernel `{self.document.execution.kernel}` does not run `{cell.language}`",
                        location=cell.location,
                        hint="the cell is shown, not run; `#| exec: false` says so",
                    )
                )

    def _taken(self) -> tuple[Diagnostic, ...]:
        """What was found meanwhile, the store's problems included."""
        return (*self.diagnostics, *self.store.take_problems())


def _finish(
    run: Run, plan: _Plan, backend: Backend, store: Store, machine: Machine, commit: recording.Commit
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
    state: _Shown = "fresh" if run.ok else "failed"
    page = plan.page
    return showing.same_code(page.document, page.cells, page.expressions, shown, state, diagnostics)


def _not_kept(plan: _Plan, error: OSError) -> Diagnostic:
    return Diagnostic(
        code="SG314",
        severity="warning",
        message=f"the results were not kept: {error.strerror or type(error).__name__}",
        location=showing.place_of(plan.page.cells, plan.page.expressions),
        hint="see that the results folder can be written and the disk is not full",
    )


def _hint(reason: str) -> str:
    if reason == "execution is not installed":
        return "install the `execute` extra beside sitegen"
    if "CUDA" in reason:
        return "build once on a machine with CUDA and keep its results folder"
    if "pinned" in reason:
        return "build once without the pin"
    if "no kernel" in reason:
        return "install the kernel, or name another under `[execute] kernel`"
    return "build without `--no-execute`"
