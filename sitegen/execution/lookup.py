"""What becomes of a page: a run, or results that are there; decided from the store and said in words.

`execute` acts on a decision and `sitegen why` prints it: there is no second path to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import timedelta
from typing import Final, Literal

from sitegen.config import Config
from sitegen.content.document import Digest, Document
from sitegen.errors import Diagnostic
from sitegen.execution import cuda, devices, fingerprint, observed, questions
from sitegen.execution.differences import as_run_elsewhere, changed_inputs, holding, words_of_age
from sitegen.execution.jobs import Job
from sitegen.execution.kernel_choice import KernelChoice, PageDevice
from sitegen.execution.pages import Page, device_conflict, unknown_languages, unseen_device
from sitegen.execution.policy import ExecutionPolicy
from sitegen.execution.showing import place_of
from sitegen.results.credentials import is_secret_name
from sitegen.results.outputs import blobs_of
from sitegen.results.provenance import device_of
from sitegen.results.record import UNWATCHED, Inputs, Observed, Record
from sitegen.results.store import Store, StoredRecord, StoredRun
from sitegen.values import dataclass

_COMPARED: Final = 50
"""Records of a page, newest first, among which the nearest is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The page is to run."""

    page: Page
    job: Job
    inputs: Inputs
    why: tuple[str, ...]
    """What differs from the nearest record, or that there is none: `numpy 2.4.5 -> 2.4.6`."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The page does not run: it shows the results of a record, or none."""

    page: Page
    state: Literal["pinned", "cached", "other device", "stale", "not run"]
    stored: StoredRun | None = None
    """None for `not run` alone."""
    is_this_code: bool = False
    """The record has the page's very items 1, 3, 5 and 8: its cells go with the page's by their places."""
    why: tuple[str, ...]
    """That the record holds, or what stands in the way of a run and what differs from the record."""
    diagnostics: tuple[Diagnostic, ...] = ()


Decision = Plan | Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class _Obstacle:
    """What stands in the way of a run."""

    words: str
    hint: str
    error: Diagnostic | None = None
    """What is told where there are no results to show; None: that there are none."""


_NOT_INSTALLED: Final = _Obstacle(
    words="execution is not installed", hint="install the `execute` extra beside sitegen"
)
_NOT_ALLOWED: Final = _Obstacle(words="this build does not execute", hint="build without `--no-execute`")
_BUILD_ELSEWHERE: Final = "build once on a machine with CUDA and keep its results folder"
_NEVER_RUN: Final = _Obstacle(
    words='it is pinned (`cache = "frozen"`) and was never run', hint="build once without the pin"
)


def decide(document: Document, store: Store, policy: ExecutionPolicy, config: Config) -> Decision | None:
    """The first state of a page that applies, or a plan to run it; None where nothing of it is to run.

    Args:
        document: the page.
        store: is read only.
        policy: what may run.
        config: the site's.
    """
    page = Page.of(document)
    return None if page is None else _Lookup(page, store, policy, config).decide()


@dataclass(slots=True)
class _Lookup:
    """The look-up of one page."""

    page: Page
    store: Store
    policy: ExecutionPolicy
    config: Config
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def document(self) -> Document:
        return self.page.document

    def decide(self) -> Decision:
        """Pinned, then cached or a run, then what there is for a page that cannot run."""
        page, execution = self.page, self.document.execution
        self.diagnostics += (*unknown_languages(page), *page.notes)
        conflict = device_conflict(page)
        if conflict is not None:
            self.diagnostics.append(conflict)
            return self._kept("not run", None, (conflict.message,))
        asked = devices.strictest(page.cells)
        here = questions.hardware()
        available = (
            questions.cuda_names(page.kernel, self.config.state_dir) if page.kernel is not None else ()
        )
        device = devices.choose(asked, execution.gpus, available)
        self.diagnostics += unseen_device(page, asked, here, available)
        for name in (cuda.VISIBLE, *execution.env):
            if not is_secret_name(name):  # the value of such a one has no part in it
                questions.variable(name)
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
        if execution.cache == "frozen":
            return self._pinned(inputs)
        obstacle = self._obstacle()
        is_taken = obstacle is not None or not (self.policy.fresh or execution.cache == "never")
        hit = self._hit(inputs) if is_taken or device is None else None
        if hit is not None:
            return self._kept("cached", hit, (holding(hit.record),), is_this_code=True)
        if device is None:
            return self._other_device(inputs, self._missing_device(available))
        if page.kernel is None:
            return self._stale(inputs, obstacle or self._no_kernel())
        if obstacle is not None:
            return self._stale(inputs, obstacle)
        return self._plan(page.kernel, device, inputs)

    def _plan(self, kernel: KernelChoice, device: PageDevice, inputs: Inputs) -> Plan:
        why = self._why_run(inputs)
        job = Job(
            page=self.document.page,
            path=self.document.path,
            root=self.config.root,
            state_dir=self.config.state_dir,
            own_folders=(self.config.publish_dir, self.config.results_dir),
            cells=self.page.cells,
            expressions=fingerprint.placed_expressions(self.document, kernel),
            execution=self.document.execution,
            kernel=kernel,
            device=device,
            why=why,
            expected_s=self._last_seconds(),
            known_modules=self._known_modules(kernel, inputs),
        )
        return Plan(page=self.page, job=job, inputs=inputs, why=why, diagnostics=tuple(self.diagnostics))

    def _last_seconds(self) -> float | None:
        """What the page's newest run took that came to its end."""
        return next((found.record.run.seconds for found in self._of_profile() if found.record.ok), None)

    def _known_modules(self, kernel: KernelChoice, inputs: Inputs) -> tuple[str, ...]:
        """What the page's newest run imported, where a run now would do the same: its code and its files are as they were."""
        newest = next((found for found in self._of_profile() if found.record.ok), None)
        if newest is None or not self._is_this_code(newest, inputs):
            return ()
        # here: it reads code, which only a page that runs needs
        from sitegen.execution.page_imports import modules_of

        return modules_of(newest.record.observed.distributions, kernel)

    def _kept(
        self,
        state: Literal["pinned", "cached", "other device", "stale", "not run"],
        stored: StoredRun | None,
        why: tuple[str, ...],
        *,
        is_this_code: bool = False,
    ) -> Kept:
        return Kept(
            page=self.page,
            state=state,
            stored=stored,
            is_this_code=is_this_code,
            why=why,
            diagnostics=tuple(self.diagnostics),
        )

    # --- records ----------------------------------------------------------------------------------

    def _hit(self, inputs: Inputs) -> StoredRun | None:
        """The newest record of this key that did not fail, is not too old, and still holds."""
        return self._newest(
            stored
            for stored in self._of_key(inputs.key())
            if self._is_young(stored.record) and self._holds(stored.record)
        )

    def _pinned(self, inputs: Inputs) -> Kept:
        stored = self._newest(self._of_profile())
        if stored is None:
            return self._not_run(_NEVER_RUN)
        reason = self.document.execution.pin_reason
        pinned = f"it is pinned: {reason}" if reason else "it is pinned"
        words = self._differences(stored.record, inputs)
        return self._kept("pinned", stored, (pinned, *words), is_this_code=self._is_this_code(stored, inputs))

    def _other_device(self, inputs: Inputs, missing: _Obstacle) -> Kept:
        """A page whose device is not here: the last result of its code on such a device, labelled."""
        of_page = tuple(self._of_profile(device="cuda"))
        candidates = of_page or self._of_other_pages(inputs)
        stored = self._newest(found for found in candidates if self._is_this_code(found, inputs))
        if stored is None:
            return self._stale(inputs, missing, device="cuda")
        record = stored.record
        self.diagnostics.append(
            Diagnostic(
                code="SG313",
                severity="info",
                message=f"results of {device_of(record)}, {record.run.started:%Y-%m-%d}, are shown: {missing.words}",
                location=place_of(self.page.cells, self.page.expressions),
            )
        )
        elsewhere = as_run_elsewhere(inputs, record, with_interpreter=False)
        words = self._differences(record, elsewhere, is_age_counted=False)
        differing = (f"but for {', '.join(words)}",) if words else ()
        return self._kept(
            "other device", stored, (missing.words, holding(record), *differing), is_this_code=True
        )

    def _stale(self, inputs: Inputs, obstacle: _Obstacle, *, device: str | None = None) -> Kept:
        """What there is for a page that cannot run: its newest results, though they are of older code."""
        stored = self._newest(self._of_profile(device=device))
        if stored is None:
            return self._not_run(obstacle)
        if device is not None:  # it is missing: that is what stands in the way, no difference
            inputs = as_run_elsewhere(inputs, stored.record)
        words = self._differences(stored.record, inputs, is_age_counted=device is None)
        self.diagnostics.append(
            Diagnostic(
                code="SG306",
                severity="warning",
                message=f"results of {stored.record.run.started:%Y-%m-%d} are shown: "
                + "; ".join((obstacle.words, *words)),
                location=place_of(self.page.cells, self.page.expressions),
                hint=obstacle.hint,
            )
        )
        return self._kept(
            "stale", stored, (obstacle.words, *words), is_this_code=self._is_this_code(stored, inputs)
        )

    def _not_run(self, reason: _Obstacle) -> Kept:
        self.diagnostics.append(
            reason.error
            or Diagnostic(
                code="SG307",
                severity="warning",
                message=f"the page has no results: {reason.words}",
                location=place_of(self.page.cells, self.page.expressions),
                hint=reason.hint,
            )
        )
        return self._kept("not run", None, (reason.words,))

    def _newest(self, records: Iterable[StoredRecord]) -> StoredRun | None:
        """The first of the records that did not fail and whose outputs are whole."""
        whole = (self._load(found) for found in records if found.record.ok)
        return next((stored for stored in whole if stored is not None), None)

    def _load(self, found: StoredRecord) -> StoredRun | None:
        for digest in blobs_of(found.record):
            path = self.store.blob_file(digest)
            if path is None:
                questions.uncertain()
            else:
                questions.blob(path, digest)
        stored = self.store.load(found)
        if stored is None:
            questions.uncertain()
        return stored

    def _of_key(self, key: Digest) -> tuple[StoredRecord, ...]:
        questions.records_of(key)
        return self.store.of_key(key)

    def _of_profile(self, *, device: str | None = None) -> Iterator[StoredRecord]:
        questions.records_of(self.document.page)
        for stored in self.store.of_page(self.document.page):
            run = stored.record.run
            if run.profile == self.document.execution.profile and device in (None, run.device_kind):
                yield stored

    def _of_other_pages(self, inputs: Inputs) -> Iterator[StoredRecord]:
        """CUDA runs of the same code under other names, newest first: a page that was moved keeps its runs."""
        questions.all_records()
        wanted = inputs.but_device()
        alike = (
            found
            for found in self.store.all()
            if found.record.run.device_kind == "cuda" and found.record.inputs.but_device() == wanted
        )
        yield from sorted(alike, key=lambda found: found.record.run.started, reverse=True)

    def _is_young(self, record: Record) -> bool:
        limit = self.document.execution.max_age_s
        if limit is None:
            return True
        age, longest = self.config.now - record.run.started, timedelta(seconds=limit)
        if age <= longest:
            questions.valid_for(longest - age)
        return age <= longest

    def _holds(self, record: Record) -> bool:
        folder = (self.config.root / self.document.path).parent
        kernel = self.page.kernel
        if kernel is None or self._counts_no_lock(record.observed):
            return False
        return observed.still_holds(record.observed, folder, self.config.root, kernel)

    def _counts_no_lock(self, seen: Observed) -> bool:
        """Whether the record was held against a lock file, and has no packages for a page that counts those."""
        return seen.lock is not None and self.document.execution.environment == "observed"

    def _is_this_code(self, stored: StoredRecord | StoredRun, inputs: Inputs) -> bool:
        """Whether all is the same but for items 2, 4 and 7: interpreter, device and packages."""
        record = stored.record
        folder = (self.config.root / self.document.path).parent
        if record.inputs.but_device() != inputs.but_device() or UNWATCHED in record.observed.unseen:
            return False
        return observed.files_hold(record.observed, folder, self.config.root, self.page.kernel)

    # --- words ------------------------------------------------------------------------------------

    def _why_run(self, inputs: Inputs) -> tuple[str, ...]:
        asked = ["`--fresh` executes every page that can run"] if self.policy.fresh else []
        if self.document.execution.cache == "never":
            asked.append('`cache = "never"` takes no record')
        nearest = self._nearest_differences(inputs)
        if nearest is None:
            return (*asked, "it has no results yet")
        if not nearest and not asked:  # all fits, and still it was no hit
            return ("the outputs of its record are damaged or gone",)
        return (*asked, *nearest)

    def _nearest_differences(self, inputs: Inputs) -> tuple[str, ...] | None:
        """What differs from the record with the fewest differences, of those the newest; None without records."""
        known = (*self._of_key(inputs.key()), *self.store.of_page(self.document.page))
        records = sorted(
            {found.digest: found.record for found in known}.values(),
            key=lambda record: record.run.started,
            reverse=True,
        )
        by_inputs = [(self._changed_inputs(record, inputs), record) for record in records[:_COMPARED]]
        nearest: tuple[str, ...] | None = None
        for words, record in sorted(by_inputs, key=lambda pair: len(pair[0])):
            if nearest is not None and len(words) >= len(nearest):
                break  # files are only read again for records that may be nearer
            every = (*words, *self._observed_changes(record.observed), *self._of_record(record))
            if nearest is None or len(every) < len(nearest):
                nearest = every
        return nearest

    def _differences(self, record: Record, inputs: Inputs, *, is_age_counted: bool = True) -> tuple[str, ...]:
        """All that differs from a record, items 1 to 8, in words."""
        age = self._of_record(record) if is_age_counted else ()
        return (*self._changed_inputs(record, inputs), *self._observed_changes(record.observed), *age)

    def _changed_inputs(self, record: Record, inputs: Inputs) -> tuple[str, ...]:
        return changed_inputs(record, inputs, self.page.cells, self.page.expressions)

    def _observed_changes(self, seen: Observed) -> tuple[str, ...]:
        folder = (self.config.root / self.document.path).parent
        kernel = self.page.kernel
        if self._counts_no_lock(seen):
            return ('`environment` is no longer "lock": installed versions count',)
        if kernel is not None:
            return observed.changes(seen, folder, self.config.root, kernel)
        return (
            ()
            if observed.files_hold(seen, folder, self.config.root)
            else ("files that it read have changed",)
        )

    def _of_record(self, record: Record) -> tuple[str, ...]:
        """Why a record is no result, whatever its inputs."""
        started = f"{record.run.started:%Y-%m-%d}"
        if not record.ok:
            return (f"its run of {started} failed",)
        if not self._is_young(record):
            limit = words_of_age(self.document.execution.max_age_s or 0)
            return (f"its run of {started} is older than max-age ({limit})",)
        return ()

    # --- what stands in the way -------------------------------------------------------------------

    def _obstacle(self) -> _Obstacle | None:
        """Why the page cannot run here; None where it can."""
        if not questions.can_execute():
            return _NOT_INSTALLED
        if not self.policy.allowed:
            return _NOT_ALLOWED
        return self._no_kernel() if self.page.kernel is None else None

    def _no_kernel(self) -> _Obstacle:
        return _Obstacle(
            words=f"there is no kernel `{self.document.execution.kernel}`",
            hint="install the kernel, or name another under `[execute] kernel`",
        )

    def _missing_device(self, available: tuple[str, ...]) -> _Obstacle:
        if self.page.kernel is None:  # then nobody can say what devices it would see
            return self._no_kernel()
        if not available:
            return _Obstacle(words="it asks for CUDA, which is not here", hint=_BUILD_ELSEWHERE)
        wanted = max(1, self.document.execution.gpus)
        where = place_of(self.page.cells, self.page.expressions)
        return _Obstacle(
            words=devices.devices_asked(wanted, available),
            hint=_BUILD_ELSEWHERE,
            error=devices.too_few(wanted, available, where) if self._obstacle() is None else None,
        )
