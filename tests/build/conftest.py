"""A site with one executed page, whose runs and devices are made up, and which is built for real."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.build import build
from sitegen.build.explain import Explanation, explain, index_site
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import Config, load_config
from sitegen.content.document import PageKey, source_digest
from sitegen.content.executed import CellRun, DisplayOutput, StreamOutput
from sitegen.errors import Diagnostic
from sitegen.execution import devices, kernelspecs
from sitegen.execution.devices import Machine
from sitegen.execution.jobs import Job, Run, Traces
from sitegen.execution.policy import ExecutionPolicy
from sitegen.frozen import FrozenDict
from sitegen.results.media_types import METRIC_TYPE
from sitegen.results.store import Store, open_store

CPU = Machine(cpu_model="cpu9", cpu_count=2)
GPU = Machine(cpu_model="cpu9", cpu_count=2, cuda_devices=("H200", "H200"), cuda_driver="1")
START = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class MadeUp:
    """Runs a page in no time: the first cell reports `loss`, every cell prints its source."""

    name = "made-up"
    loss: float = 1.0
    tolerance: float | None = None
    fails: bool = False
    now: datetime = START
    ran: list[Job] = field(default_factory=list)

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """One run a job."""
        for job in jobs:
            self.ran.append(job)
            yield self._run(job)

    def _run(self, job: Job) -> Run:
        metric = FrozenDict({"name": "loss", "value": self.loss, "unit": "nats", "tolerance": self.tolerance})
        reported = DisplayOutput(data=FrozenDict({METRIC_TYPE: metric}))
        error = Diagnostic(
            code="SG301", severity="error", message="cell raised", location=job.cells[0].location
        )
        return Run(
            page=job.page,
            started=self.now,
            seconds=1.0,
            cells=tuple(
                CellRun(
                    cell=cell.id,
                    status="error" if self.fails else "ok",
                    outputs=(
                        StreamOutput(name="stdout", text=f"{cell.source} on {job.device.kind}\n"),
                        *((reported,) if place == 0 else ()),
                    ),
                    seconds=0.5,
                    source_digest=source_digest(cell.source),
                )
                for place, cell in enumerate(job.cells)
            ),
            environment=FrozenDict({"cpu_model": "cpu9"}),
            traces=Traces(files=tuple(str(path) for path in job.folder.glob("*.py"))),
            diagnostics=(error,) if self.fails else (),
        )

    def cancel(self) -> None:
        """Nothing runs."""


@dataclass(slots=True)
class OnePage:
    """A site with the page `/posts/a/`, rewritten and built as a test likes."""

    root: Path
    patch: pytest.MonkeyPatch
    backend: MadeUp = field(default_factory=MadeUp)
    now: datetime = START
    settings: str = "title = 'T'\nbaseURL = 'https://example.org/'\n"

    def write(self, *cells: str, execute: str = "enabled = true", prose: str = "Prose.") -> None:
        """The page: cells with their options, `[execute]`, prose."""
        fences = "\n".join(f"```python\n{cell}\n```\n" for cell in cells or ("print(1)",))
        front = f"+++\ntitle = 'A'\n[execute]\n{execute}\n+++\n"
        path = self.root / "content/posts/a/index.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{front}{prose}\n\n{fences}", encoding="utf-8")

    def has(self, machine: Machine) -> None:
        """From now on this is the machine."""
        self.patch.setattr(devices, "detect", lambda: machine)
        self.patch.setattr(devices, "cuda_names", lambda *_: machine.cuda_devices)

    def build(self, *, strict: bool = False, days: int = 1, **policy: bool) -> BuildResult:
        """Build, some days after the last one."""
        self.now += timedelta(days=days)
        self.backend.now = self.now
        (self.root / "sitegen.toml").write_text(self.settings, encoding="utf-8")
        options = BuildOptions(strict=strict, policy=ExecutionPolicy(**policy))
        return build(self.config(), options, backend=self.backend, store=self.store())

    def explain(self, **policy: bool) -> Explanation:
        """What `sitegen why` says before such a build."""
        (self.root / "sitegen.toml").write_text(self.settings, encoding="utf-8")
        config = load_config(self.root, environ={}, now=self.now + timedelta(days=1))
        index, allowed = index_site(config), ExecutionPolicy(**policy)
        (found,) = (each for each in explain(index.pages, index, self.store(), allowed, config) if each.why)
        return found

    def config(self) -> Config:
        """As of now."""
        return load_config(self.root, environ={}, now=self.now)

    def store(self) -> Store:
        """The results, opened anew."""
        return open_store(self.config())

    def accept(self) -> None:
        """As `sitegen results accept` does with the newest record."""
        store = self.store()
        store.accept(store.of_page(PageKey("/posts/a"))[0], date=self.now, commit=None)


@pytest.fixture
def one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OnePage:
    """The site before its first build, on a machine without CUDA."""
    monkeypatch.setattr(kernelspecs, "can_execute", lambda: True)
    site = OnePage(root=tmp_path / "site", patch=monkeypatch)
    site.has(CPU)
    site.write()
    return site


@pytest.fixture
def codes() -> Callable[[BuildResult], list[Any]]:
    """Code and severity of what a build found about execution."""
    return lambda result: [
        (found.code, found.severity) for found in result.diagnostics if found.code.startswith("SG3")
    ]
