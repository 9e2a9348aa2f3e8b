"""Whatever has happened to a page, its code, files, flags and machine: what is shown is true, and nothing runs without need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sitegen.content.document import Document, source_digest
from sitegen.content.executed import CellRun, ExecutedDocument, StreamOutput
from sitegen.execution import devices, kernelspecs
from sitegen.execution.devices import Machine
from sitegen.execution.jobs import Job, Run, Traces
from sitegen.execution.lookup import Kept, decide
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

MACHINES = {
    "cpu": Machine(cpu_model="m", cpu_count=2),
    "H200": Machine(cpu_model="m", cpu_count=2, cuda_devices=("H200",), cuda_driver="1"),
    "A100": Machine(cpu_model="m", cpu_count=2, cuda_devices=("A100",), cuda_driver="1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that a page's result may depend on, or not."""

    code: str = "a"
    asks: str = "auto"
    caption: str = "x"
    seed: int | None = None
    helper: str = "h1"
    machine: str = "cpu"

    def result(self, kind: str) -> str:
        """What the cell prints when it really runs, on a device."""
        return f"{self.code} {self.seed} {self.helper} {kind}"


@dataclass(slots=True)
class Printer:
    """A backend whose cell prints all that it depends on."""

    world: World
    now: datetime
    name: str = "made-up"
    ran: list[Job] = field(default_factory=list)

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """One run a job."""
        for job in jobs:
            self.ran.append(job)
            (cell,) = job.cells
            text = self.world.result(job.device.name or job.device.kind)
            yield Run(
                page=job.page,
                started=self.now,
                seconds=1.0,
                cells=(
                    CellRun(
                        cell=cell.id,
                        status="ok",
                        outputs=(StreamOutput(name="stdout", text=text),),
                        source_digest=source_digest(cell.source),
                    ),
                ),
                traces=Traces(files=(str(job.folder / "helper.py"),)),
            )

    def cancel(self) -> None:
        """Nothing runs."""


WORLDS = st.builds(
    World,
    code=st.sampled_from("ab"),
    asks=st.sampled_from(("auto", "cpu", "cuda", "any")),
    caption=st.sampled_from("xy"),
    seed=st.sampled_from((None, 1)),
    helper=st.sampled_from(("h1", "h2")),
    machine=st.sampled_from(sorted(MACHINES)),
)
STEPS = st.lists(st.tuples(WORLDS, st.sampled_from(("plain", "fresh", "no-execute"))), min_size=2, max_size=8)


def _page(site: Any, world: World) -> Document:
    options = {"device": world.asks, "fig_cap": world.caption}
    page: Document = site.page("p", (world.code, options), seed=world.seed)
    (site.root / "content/p/helper.py").write_text(world.helper, encoding="utf-8")
    return page


def _shown(executed: ExecutedDocument) -> str | None:
    texts = [
        output.text
        for run in executed.runs.values()
        for output in run.outputs
        if isinstance(output, StreamOutput)
    ]
    return texts[0] if texts else None


@given(steps=STEPS)
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a history takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_shown_is_true(
    steps: list[tuple[World, str]], tmp_path_factory: pytest.TempPathFactory, make_site: Any
) -> None:
    """Over any history: a result that is called reproduced is what a run here would give; a page of CUDA
    never shows a CPU's; a page runs only if no earlier run had the same of all that counts; and `decide`
    foretells what the build does.
    """
    site = make_site(tmp_path_factory.mktemp("history"))
    now, known = datetime(2030, 1, 1, tzinfo=UTC), set()
    for world, flag in steps:
        now += timedelta(hours=1)
        policy = ExecutionPolicy(allowed=flag != "no-execute", fresh=flag == "fresh")
        page, backend = _page(site, world), Printer(world=world, now=now)
        with pytest.MonkeyPatch.context() as patch:
            machine = MACHINES[world.machine]
            patch.setattr(devices, "detect", lambda machine=machine: machine)
            patch.setattr(devices, "cuda_names", lambda *_, machine=machine: machine.cuda_devices)
            patch.setattr(kernelspecs, "can_execute", lambda: True)
            foretold = decide(page, open_store(site.config), policy, site.config)
            executed = site.execute(page, backend=backend, allowed=policy.allowed, fresh=policy.fresh)["p"]

        here = "cpu" if world.asks == "cpu" or world.machine == "cpu" else world.machine
        can_run = policy.allowed and not (world.asks == "cuda" and world.machine == "cpu")
        # `any` holds for every device; the device is then no part of what counts
        counts = (world.asks, world.result("any" if world.asks == "any" else here))
        shown, state = _shown(executed), executed.state
        assert bool(backend.ran) is (can_run and (policy.fresh or counts not in known))
        if isinstance(foretold, Kept):
            assert (foretold.state, foretold.why, backend.ran) == (state, executed.why, [])
        else:
            assert (state, len(backend.ran)) == ("fresh", 1)
        if state in ("fresh", "cached"):
            kinds = ("cpu", "H200", "A100") if world.asks == "any" else (here,)
            assert shown in [world.result(kind) for kind in kinds]
        elif state == "other device":
            assert shown in [world.result(kind) for kind in ("H200", "A100")]
        elif state == "not run":
            assert shown is None
        else:
            assert (state, can_run) == ("stale", False)
            assert not (world.asks == "cuda" and here == "cpu" and shown and shown.endswith("cpu"))
        if backend.ran:
            known.add(counts)


def test_copied_page_takes_no_data_of_another_folder(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths below the page's folder are relative to it: a copy with other data runs, one with the same is cached."""
    monkeypatch.setattr(kernelspecs, "can_execute", lambda: True)
    world = World()
    backend = Printer(world=world, now=datetime(2030, 1, 1, tzinfo=UTC))
    site.execute(_page(site, world), backend=backend)
    copied = site.page("copy", (world.code, {"device": "auto"}))
    other: Path = site.root / "content/copy/helper.py"
    other.write_text("h1", encoding="utf-8")
    same = site.execute(copied, backend=backend)["copy"]
    other.write_text("h2", encoding="utf-8")

    different = site.execute(copied, backend=backend)["copy"]

    assert (same.state, different.state, different.why) == ("cached", "fresh", ("helper.py changed",))
