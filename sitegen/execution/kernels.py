"""One page in one fresh kernel: its cells in order, its inline values, and what is known of it at the end.

Imported only when a cell must run, since it imports Jupyter.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sitegen.content.document import CodeCell, ValueId, source_digest
from sitegen.content.execute_options import CellOptions
from sitegen.content.executed import CellRun, CellStatus, DisplayOutput, ErrorOutput
from sitegen.content.parameters import parameters_source
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution import failures, refusals
from sitegen.execution.collecting import OutputLimits
from sitegen.execution.connection import (
    ASK_S,
    START_S,
    Cancelled,
    CellSettings,
    Kernel,
    KernelDied,
    TimedOut,
)
from sitegen.execution.cuts import outputs_cut
from sitegen.execution.environment import kernel_environment
from sitegen.execution.events import (
    CellFinished,
    PageFinished,
    PageStarted,
    PageWaiting,
)
from sitegen.execution.facilities import Facilities, Share
from sitegen.execution.jobs import Job, PeakMemory, Run, Traces
from sitegen.execution.limits import WatchedPage
from sitegen.execution.notebook import (
    cuts_of,
    display_output,
    outputs_of,
    to_notebook,
    with_artifacts,
    with_plotly_script,
    with_text_bars,
    with_widget_state,
)
from sitegen.execution.private_folders import private_folder, remove_private_folder
from sitegen.execution.processes import boot_hook
from sitegen.execution.telling import ears_of, started
from sitegen.execution.tracebacks import Raised, explain
from sitegen.execution.traces import traces_of
from sitegen.frozen import FrozenDict
from sitegen.results.media_types import SEED_TYPE


def run_page(job: Job, share: Share, facilities: Facilities) -> Run:
    """Execute a page and wait for it; to be called in a thread without an event loop.

    Args:
        job: the page.
        share: what of the machine it has for itself.
        facilities: what it shares with the pages that run at the same time.

    Raises:
        Cancelled: `facilities.cancelled` was set; the kernel is gone.
    """
    session = _Session(job, share, facilities)
    return asyncio.run(session.run(kernel_environment(job, facilities.environ, share)))


class _Session:
    """A page while it runs: what has been gathered so far."""

    def __init__(self, job: Job, share: Share, facilities: Facilities) -> None:
        self.job = job
        self.share = share
        self.facilities = facilities
        self.lab = facilities.lab
        self.turns = facilities.turns
        self.waited_s = 0.0
        """For the machine: no time of the run's, and none of its limits counts it."""
        self.cancelled = facilities.cancelled
        self.tell = facilities.listener
        self.diagnostics: list[Diagnostic] = []
        self.runs: list[CellRun] = []
        """Without outputs: a later cell may still change a display of an earlier one."""
        self.outcomes: list[tuple[Any, Raised | None]] = []
        """nbformat's cell and what it raised, of each that was started."""
        self.values: dict[ValueId, DisplayOutput | ErrorOutput] = {}
        self.facts: dict[str, Any] = {}
        self.artifacts: dict[str, bytes] = {}
        """Content of the files that `lab.artifact` kept, by digest."""
        self.traces = Traces()
        self.memory: WatchedPage
        limit = job.execution.page_timeout_s
        self.deadline = None if limit is None else time.monotonic() + limit

    async def run(self, environment: Mapping[str, str]) -> Run:
        """The whole page, from the start of its kernel to the end of it."""
        job, started, clock = self.job, datetime.now(UTC), time.perf_counter()
        self.tell(
            PageStarted(
                page=job.page,
                device=job.device.name or job.device.kind,
                cuda=self.share.cuda,
                is_warm=bool(self.facilities.preload.modules_of(job.page)),
            )
        )
        kernel: Kernel | None = None
        with self.facilities.memory.page(
            job.page, job.execution.memory_bytes, self.tell, cuda_uuids=self.share.cuda_uuids
        ) as self.memory:
            try:
                folder = private_folder()
            except OSError as error:
                where = self._first_place()
                self.diagnostics.append(failures.not_started(job.kernel, where, str(error), None))
            else:
                try:
                    kernel = await self._run_in(folder, environment)
                finally:
                    remove_private_folder(folder)
        seconds = time.perf_counter() - clock - self.waited_s
        run = self._gathered(started, seconds, None if kernel is None else kernel.widgets())
        peak = self.memory.peak_rss_bytes
        is_warm = None if kernel is None or kernel.process is None else kernel.process.is_warm
        self.tell(
            PageFinished(page=job.page, ok=run.ok, seconds=seconds, peak_rss_bytes=peak, is_warm=is_warm)
        )
        return run

    async def _run_in(self, folder: Path, environment: Mapping[str, str]) -> Kernel:
        """The page's kernel, which has run what it could and is gone."""
        job, log = self.job, folder / "log"
        notebook = to_notebook(job.cells, job.kernel.name)
        kernel = Kernel(
            job.kernel, notebook, folder, processes=self.facilities.processes, cancelled=self.cancelled
        )
        try:
            environment = {**environment, "SITEGEN_ARTIFACTS": str(folder / "artifacts")}
            async with self._turn():
                is_there = await self._start(kernel, environment, log)
            if is_there:
                self.memory.begin(kernel.pid, kernel.tree)
                await self._run_cells(kernel, notebook, log)
                if self.runs and self.runs[-1].status in ("ok", "error"):  # else it does not listen
                    self.memory.finish()  # while there is something to see
                    async with self._turn():
                        await kernel.leave()
        finally:
            self.memory.finish()
            await kernel.end()
            self.artifacts = _contents(folder / "artifacts")
        return kernel

    async def _start(self, kernel: Kernel, environment: Mapping[str, str], log: Path) -> bool:
        """Whether the kernel is there and prepared."""
        reason = ""
        limit_s = START_S if self.deadline is None else min(START_S, self.deadline - time.monotonic())
        try:
            await kernel.start(cwd=self.job.folder, env=environment, log=log, settings=self._settings())
            reason = await kernel.prepare(self.job.root, self.lab, self.job.execution.seed, limit_s)
        except KernelDied:
            reason = failures.exit_words(kernel.returncode)
        except TimedOut:
            reason = f"it did not answer in {START_S:.0f} s"
            if limit_s < START_S:
                reason = (
                    f"it did not answer in {self.job.execution.page_timeout_s:g} s, the page's `page-timeout`"
                )
        except (OSError, RuntimeError) as error:
            if self.cancelled.is_set():
                raise Cancelled from error
            reason = str(error)
        if kernel.process is not None and kernel.process.notice:
            where = self._first_place()
            self.diagnostics.append(failures.no_longer_warm(where, kernel.process.notice))
        if reason:
            where = self._first_place()
            self.diagnostics.append(failures.not_started(self.job.kernel, where, reason, log))
        return not reason

    def _settings(self) -> dict[str, Any]:
        """How the process is started, as fields of `processes.Launch`."""
        group = self.memory.group
        return {
            "modules": self.facilities.preload.modules_of(self.job.page),
            "steps": self.facilities.preload.steps.get(self.job.page, ()),
            "root": self.job.root,
            "refused": lambda module: refusals.keep(self.job.state_dir, self.job.kernel, [module]),
            "hook": boot_hook(),
            "address_space_bytes": self.job.execution.address_space_bytes,
            "cgroup": None if group is None else group.folder,
        }

    async def _run_cells(self, kernel: Kernel, notebook: Any, log: Path) -> None:
        job = self.job
        below = {number for number, cell in enumerate(job.cells, 1) if "parameters" in cell.options.tags}
        inject_after = min(below, default=0) if job.execution.parameters else None
        try:
            for number in range(len(job.cells) + 1):
                async with self._turn(alone=number > 0 and job.cells[number - 1].options.benchmark):
                    if number and self._limit(None) <= 0:
                        self.diagnostics.append(self._out_of_time(job.cells[number - 1].location, 0.0, None))
                        return
                    if number and not await self._run_cell(kernel, notebook.cells[number - 1], number, log):
                        return
                    if number == inject_after:
                        await self._inject(kernel)
                    await self._evaluate(kernel, number)
            heard = await kernel.hear("session.end_of_page()") or {}
            self.facts = heard.get("facts", {})
            self.traces = traces_of(heard.get("observed"), job.kernel)
        except KernelDied:
            where = job.cells[len(self.runs) - 1].location if self.runs else self._first_place()
            self.diagnostics.append(self._death(kernel, where, log))
        except TimedOut:
            where = job.cells[len(self.runs) - 1].location if self.runs else self._first_place()
            self.diagnostics.append(self._out_of_time(where, ASK_S, None, what="what follows the cell"))

    @asynccontextmanager
    async def _turn(self, *, alone: bool = False) -> AsyncIterator[None]:
        has_waited = False

        def wait() -> None:
            nonlocal has_waited
            has_waited = True
            what = "the machine alone" if alone else "a benchmark to end"
            self.tell(PageWaiting(page=self.job.page, what=what))

        async with self.turns.take(alone=alone, cancelled=self.cancelled, waits=wait) as waited_s:
            if has_waited:
                self.tell(PageWaiting(page=self.job.page, what=""))
            self.waited_s += waited_s
            if self.deadline is not None:
                self.deadline += waited_s
            yield

    async def _run_cell(self, kernel: Kernel, node: Any, number: int, log: Path) -> bool:
        """Run the cell of that number, from 1; whether the page goes on."""
        page, cell, begun = self.job.page, self.job.cells[number - 1], time.perf_counter()
        self.tell(started(self.job, cell, number))
        ears = ears_of(self.job, cell, self.tell)
        status: CellStatus = "ok"
        raised: Raised | None = None
        limit = self._limit(cell)
        options = cell.options
        try:
            await kernel.execute(node, number - 1, limit, options=_settings(options), ears=ears)
            if kernel.reply.get("status") == "error":
                status, raised = "error", await self._explain(kernel, cell, node)
                if not options.may_raise:
                    self.diagnostics.append(failures.cell_raised(cell, raised))
        except KernelDied:
            status = "died"
            self.diagnostics.append(self._death(kernel, cell.location, log))
        except TimedOut as stopped:
            status = "timeout"
            if stopped.interrupted and kernel.reply.get("status") == "error":
                raised = await self._explain(kernel, cell, node)
            self.diagnostics.append(self._out_of_time(cell.location, limit, raised))
        seconds = round(time.perf_counter() - begun, 3)  # as the record keeps them
        self.outcomes.append((node, raised))
        cuts = cuts_of(node)
        if cuts:
            self.diagnostics.append(outputs_cut(cell, cuts))
        digest = source_digest(cell.source)
        self.runs.append(CellRun(cell=cell.id, status=status, seconds=seconds, source_digest=digest))
        self.tell(CellFinished(page=page, cell=cell.id, status=status, seconds=seconds))
        return status == "ok" or (status == "error" and options.may_raise)

    def _out_of_time(
        self, where: SourceLocation, limit_s: float, raised: Raised | None, *, what: str = "the cell"
    ) -> Diagnostic:
        of_page = self.job.execution.page_timeout_s
        if of_page is not None and self._limit(None) <= 0:
            return failures.out_of_time("the page", where, of_page, raised)
        return failures.out_of_time(what, where, limit_s, raised)

    def _death(self, kernel: Kernel, where: SourceLocation, log: Path) -> Diagnostic:
        excess = self.memory.excess
        if excess is not None:
            return failures.out_of_memory(where, excess)
        is_certain = failures.is_killed(kernel.returncode) and self.memory.was_killed_by_system()
        return failures.kernel_died(where, kernel.returncode, log, is_out_of_memory=is_certain)

    async def _explain(self, kernel: Kernel, cell: CodeCell, node: Any) -> Raised:
        # the reply says `NoneType` of what a `__repr__` raised
        said = next((each for each in reversed(node.outputs) if each.output_type == "error"), kernel.reply)
        name = str(said.get("ename", "KeyboardInterrupt"))
        value = str(said.get("evalue", ""))
        return explain(self.job, cell, name, value, await kernel.hear("session.last_error()"))

    async def _inject(self, kernel: Kernel) -> None:
        reply = await kernel.ask(parameters_source(self.job.execution.parameters))
        if reply["status"] != "ok":
            self.diagnostics.append(failures.not_injected(self._first_place(), reply))

    async def _evaluate(self, kernel: Kernel, cells_before: int) -> None:
        """The inline expressions that stand right below so many cells."""
        due = [item for before, item in self.job.expressions if before == cells_before]
        if not due:
            return
        answers = await kernel.evaluate({item.id: item.source for item in due}, self._limit(None))
        for item in due:
            answer = answers.get(item.id, {})
            if answer.get("status") == "ok":
                self.values[item.id] = display_output(answer, is_result=True)
                continue
            name, value = str(answer.get("ename", "NoReply")), str(answer.get("evalue", ""))
            if name == "SyntaxError":
                value = value.partition(" (")[0]  # the place that it names is in our wrapper
            summary = f"{name}: {value}" if value else name
            self.values[item.id] = ErrorOutput(name=name, value=value, traceback=summary)
            self.diagnostics.append(failures.expression_failed(item, summary))

    def _limit(self, cell: CodeCell | None) -> float:
        """Seconds that a cell (None: expressions) may take: its own limit, or what is left of the page's."""
        limits = [each.options.timeout_s for each in (self.job.cells if cell is None else (cell,))]
        own = max(limits, default=600.0)  # the site's default
        return own if self.deadline is None else max(0.0, min(own, self.deadline - time.monotonic()))

    def _gathered(self, started: datetime, seconds: float, widgets: object) -> Run:
        outputs = [
            with_artifacts(outputs_of(node, None if raised is None else raised.as_output()), self.artifacts)
            for node, raised in self.outcomes
        ]
        texts, widgets = with_text_bars(outputs, widgets)
        shown = with_plotly_script(with_widget_state(texts, widgets), self.job.kernel.search_path)
        done = [replace(run, outputs=each) for run, each in zip(self.runs, shown, strict=True)]
        skipped = [
            CellRun(cell=cell.id, status="skipped", source_digest=source_digest(cell.source))
            for cell in self.job.cells[len(self.runs) :]
        ]
        memory = self.facts.get("memory", ())
        return Run(
            page=self.job.page,
            started=started,
            seconds=seconds,
            cells=(*done, *skipped),
            values=FrozenDict(self.values),
            memory=tuple(PeakMemory(rss_bytes=rss, cuda_bytes=cuda) for rss, cuda in memory),
            peak_rss_bytes=self.memory.peak_rss_bytes,
            environment=FrozenDict(self.facts.get("environment", {})),
            seed=self._seed(done),
            traces=self.traces,
            diagnostics=tuple(self.diagnostics),
        )

    def _seed(self, runs: Iterable[CellRun]) -> int | None:
        """The last seed that a cell recorded with `lab.seed`, else the page's."""
        seeds = [
            output.data[SEED_TYPE]
            for run in runs
            for output in run.outputs
            if isinstance(output, DisplayOutput) and SEED_TYPE in output.data
        ]
        found = seeds[-1]["seed"] if seeds and isinstance(seeds[-1], Mapping) else None
        return found if isinstance(found, int) else self.job.execution.seed

    def _first_place(self) -> SourceLocation:
        return self.job.cells[0].location if self.job.cells else self.job.expressions[0][1].location


def _contents(folder: Path) -> dict[str, bytes]:
    """The artifacts that are whole: files named by their digest."""
    if not folder.is_dir():
        return {}
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if len(file.name) == 64}


def _settings(options: CellOptions) -> CellSettings:
    return CellSettings(
        fig_format=options.fig_format,
        fig_width=options.fig_width,
        fig_height=options.fig_height,
        limits=OutputLimits(text_characters=options.output_limit_bytes, displays=options.display_limit),
    )
