"""The way of a run into the store, with a backend that makes it up."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from sitegen.content.document import source_digest
from sitegen.content.executed import CellRun, DisplayOutput, StreamOutput
from sitegen.execution import devices, distributions, fingerprint
from sitegen.execution.devices import Machine
from sitegen.execution.jobs import Job, PeakMemory, Run, Traces
from sitegen.frozen import FrozenDict, freeze
from sitegen.results.media_types import METRIC_TYPE
from sitegen.results.record import Record, decode


class MadeUp:
    """Runs every page in no time: each cell prints its source and reports a metric."""

    name = "made-up"

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """One run a job."""
        for job in jobs:
            yield Run(
                page=job.page,
                started=datetime(2030, 1, 1, tzinfo=UTC),
                seconds=1.23456,
                cells=tuple(
                    CellRun(
                        cell=cell.id,
                        status="ok",
                        outputs=(
                            StreamOutput(name="stdout", text=f"{job.root}/x {cell.source}\n"),
                            DisplayOutput(
                                data=FrozenDict({METRIC_TYPE: freeze({"name": cell.id, "value": 1})})
                            ),
                        ),
                        seconds=0.5,
                        source_digest=source_digest(cell.source),
                    )
                    for cell in job.cells
                ),
                memory=tuple(PeakMemory(rss_bytes=1000) for _ in job.cells),
                environment=FrozenDict({"python": "3.11.9", "cpu_model": "m"}),
                seed=5,
                traces=Traces(
                    modules=("msgspec", "unknown"), files=(str(job.folder / "helper.py"), "/gone.py")
                ),
            )

    def cancel(self) -> None:
        """Nothing runs."""


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with two CUDA devices that torch sees."""
    machine = Machine(cpu_model="cpu9", cpu_count=4, cuda_devices=("H200", "H200"), cuda_driver="570.1")
    monkeypatch.setattr(devices, "detect", lambda: machine)
    monkeypatch.setattr(devices, "cuda_names", lambda *_: machine.cuda_devices)
    return machine


def _records(site: Any) -> list[Record]:
    return [decode(path.read_bytes()) for path in sorted(site.config.results_dir.rglob("*.json"))]


def test_record_holds_what_the_run_was(site: Any) -> None:
    """Inputs, outputs without paths, metrics, memory, versions and modules are in the record."""
    page = site.page("a", ("one", {"label": "first"}), ("two", {"exec": False}), "three")
    (site.root / "content/a/helper.py").write_text("x = 1", encoding="utf-8")
    executed = site.execute(page, backend=MadeUp())["a"]
    (record,) = _records(site)
    observed = record.observed
    assert executed.state == "fresh"
    assert [(cell.id, cell.label) for cell in record.cells] == [("cell-1", "first"), ("cell-3", None)]
    assert [cell.id for cell in record.inputs.cells] == ["1", "2"]
    assert msgspec.to_builtins(record.cells[0].outputs[0])["text"] == "x one\n"
    assert [(metric.name, metric.cell) for metric in record.metrics] == [
        ("cell-1", "cell-1"),
        ("cell-3", "cell-3"),
    ]
    assert (record.run.seconds, record.run.seed, record.run.backend) == (1.235, 5, "made-up")
    assert record.cells[0].peak_rss_bytes == 1000
    assert list(observed.distributions) == ["msgspec"]
    assert [(file.base, file.path) for file in observed.files] == [("page", "helper.py")]


def test_cuda_page_names_its_device(site: Any, gpus: Machine) -> None:
    """On a machine with CUDA a page gets one device, and its name is in the key and the provenance."""
    executed = site.execute(site.page("a", "1"), site.page("b", "1", gpus=2), backend=MadeUp())
    one, two = sorted((record.inputs.device for record in _records(site)), key=lambda device: device.count)
    assert (one.kind, one.name, one.count, two.count) == ("cuda", "H200", 1, 2)
    assert executed["a"].provenance.device == "H200"
    assert executed["a"].provenance.environment["cuda_driver"] == "570.1"


def test_device_that_torch_does_not_see_is_told(
    site: Any, gpus: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page with torch then runs on the CPU, which its author did not ask for; without torch nobody minds."""
    monkeypatch.setattr(devices, "cuda_names", lambda *_: ())
    monkeypatch.setattr(distributions, "installed_version", functools.cache(lambda *_: "2.13.0+cpu"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    asking = (
        site.page("a", "import torch"),
        site.page("b", "1"),
        site.page("c", ("import torch", {"device": "cpu"})),
    )
    done = site.execute(*asking, backend=MadeUp())
    assert {name: [each.code for each in page.diagnostics] for name, page in done.items()} == {
        "a": ["SG324"],
        "b": [],
        "c": [],
    }


def test_more_devices_than_there_are_is_an_error(site: Any, gpus: Machine) -> None:
    """A page that asks for three of two devices is not run, and never on fewer; a build that runs nothing goes on without it."""
    page = site.page("a", "1", gpus=3)
    executed = site.execute(page, backend=MadeUp())["a"]
    (told,) = executed.diagnostics
    assert (executed.state, told.code, told.severity) == ("not run", "SG327", "error")
    assert told.message == "the page cannot run: it asks for 3 CUDA devices, and 2 are here"
    assert str(told.location) == "content/a/index.md:10"
    assert [each.code for each in site.execute(page, allowed=False)["a"].diagnostics] == ["SG307"]


def test_more_devices_than_there_are_shows_results_of_another_machine(
    site: Any, gpus: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page whose three devices were there once shows that result, labelled, and no error."""
    page = site.page("a", "1", gpus=3)
    with monkeypatch.context() as there:
        there.setattr(devices, "cuda_names", lambda *_: ("H200",) * 3)
        site.execute(page, backend=MadeUp())

    shown = site.execute(page, backend=MadeUp())["a"]

    assert (shown.state, [each.code for each in shown.diagnostics]) == ("other device", ["SG313"])


def test_any_device_is_no_part_of_the_key(site: Any, gpus: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """`device: any` holds everywhere; a benchmark belongs to its CPU."""
    page = site.page("a", ("1", {"device": "any"}))
    timed = site.page("t", ("1", {"device": "any", "benchmark": True}))
    site.execute(page, timed, backend=MadeUp())
    other = Machine(cpu_model="cpu10", cpu_count=1)
    monkeypatch.setattr(devices, "detect", lambda: other)
    monkeypatch.setattr(devices, "cuda_names", lambda *_: ())
    again = site.execute(page, timed, allowed=False)
    assert (again["a"].state, again["a"].provenance.device) == ("cached", "H200")
    assert again["t"].state == "stale"


def test_results_that_cannot_be_kept_are_shown(site: Any) -> None:
    """A results folder that cannot be written costs a warning, not the results."""
    site.config.results_dir.write_text("a file", encoding="utf-8")
    executed = site.execute(site.page("a", "1"), backend=MadeUp())["a"]
    assert executed.state == "fresh"
    assert [diagnostic.code for diagnostic in executed.diagnostics] == ["SG314"]


def test_damaged_record_runs_again_and_heals(site: Any) -> None:
    """A record that was cut short, and that no index knows, is replaced by a new run."""
    page = site.page("a", "1")
    site.execute(page, backend=MadeUp())
    (path,) = site.config.results_dir.rglob("*.json")
    path.write_bytes(path.read_bytes()[:100])
    shutil.rmtree(site.config.state_dir / "results")
    healed = site.execute(page, backend=MadeUp())["a"]
    assert healed.state == "fresh"
    assert site.execute(page, backend=MadeUp())["a"].state == "cached"


def test_depends_is_relative_to_the_page_or_the_site(site: Any) -> None:
    """A pattern starts at the page's folder, climbs with `..`, or starts at the root with `/`."""
    page = site.page("a", ("1", {"depends": ("x.csv", "../*.csv", "/data/**/*.csv")}))
    for name in ("content/a/x.csv", "content/y.csv", "data/deep/z.csv"):
        (site.root / name).parent.mkdir(parents=True, exist_ok=True)
        (site.root / name).write_text(name, encoding="utf-8")
    site.execute(page, backend=MadeUp())
    (record,) = _records(site)
    assert [file.path for file in record.inputs.depends] == ["../y.csv", "/data/deep/z.csv", "x.csv"]


def test_secret_variables_are_named_and_not_kept(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The value of a variable let through is in the key, but never that of a secret."""
    monkeypatch.setenv("MODE", "fast")
    monkeypatch.setenv("MY_TOKEN", "correct-horse")
    site.execute(site.page("a", "1", env=("MODE", "MY_TOKEN")), backend=MadeUp())
    (record,) = _records(site)
    assert record.inputs.env == {"MODE": "fast", "MY_TOKEN": None}


def test_values_of_front_matter_have_one_form() -> None:
    """Dates become text, and what JSON cannot hold does too, so a key can always be taken."""
    given = {"a": datetime(2030, 1, 1, tzinfo=UTC), "b": (1, {"c": float("inf")}), "d": None}
    assert fingerprint.plain(given) == {"a": "2030-01-01 00:00:00+00:00", "b": [1, {"c": "inf"}], "d": None}
