"""What earlier look-ups came to: said to hold only where `execute` would show the very same."""

from __future__ import annotations

import functools
import json
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.content.document import CellId, Document, PageKey, source_digest
from sitegen.content.executed import CellRun, DisplayOutput, ExecutedDocument, StreamOutput
from sitegen.execution import devices, kernelspecs, questions
from sitegen.execution.devices import Machine
from sitegen.execution.jobs import Job, Run, Traces
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.execution.known import KnownRun, KnownRuns, still_shown
from sitegen.execution.policy import ExecutionPolicy
from sitegen.execution.run import execute
from sitegen.frozen import FrozenDict, freeze
from sitegen.results.credentials import is_secret_name
from sitegen.results.media_types import METRIC_TYPE
from sitegen.results.places import open_files
from sitegen.results.store import open_store

CPU = Machine(cpu_model="m", cpu_count=2)
GPU = Machine(cpu_model="m", cpu_count=2, cuda_devices=("H200",), cuda_driver="1")
START = datetime(2030, 1, 1, tzinfo=UTC)
PAGE = PageKey("/page")


@dataclass(slots=True)
class Reader:
    """A backend whose page reads all that a page can read, prints more than a record holds, and reports a metric."""

    world: World
    name: str = "made-up"
    ran: list[PageKey] = field(default_factory=list)

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """One run a job."""
        for job in jobs:
            self.ran.append(job.page)
            cell, folder = job.cells[0], job.folder
            metric = {"name": "loss", "value": self.world.loss, "tolerance": 0.1}
            helpers = [folder / "helper.py", job.root / "lib/tool.py"]
            yield Run(
                page=job.page,
                started=self.world.now,
                seconds=1.0,
                cells=(
                    CellRun(
                        cell=cell.id,
                        status="ok",
                        outputs=(
                            StreamOutput(name="stdout", text="long " * 8_000),
                            DisplayOutput(data=FrozenDict({METRIC_TYPE: freeze(metric)})),
                        ),
                        source_digest=source_digest(cell.source),
                    ),
                ),
                traces=Traces(
                    modules=("alpha",),
                    files=tuple(str(path) for path in helpers if path.is_file()),
                    folders=(
                        (str(folder / "runs"), tuple(path.name for path in (folder / "runs").iterdir())),
                    ),
                    absent=(str(folder / "weights.bin"),),
                    missing=("beta",),
                ),
            )

    def cancel(self) -> None:
        """Nothing runs."""


@dataclass(slots=True)
class World:
    """A site with one page and all that its results depend on."""

    root: Path
    packages: Path
    patch: pytest.MonkeyPatch
    now: datetime = START
    loss: float = 1.0
    policy: ExecutionPolicy = field(default_factory=ExecutionPolicy)
    profile: str = "full"
    known: tuple[KnownRun, ...] = ()
    shown: dict[PageKey, ExecutedDocument] = field(default_factory=dict)
    backend: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.backend = Reader(self)
        self.write("content/page/helper.py", "a")
        self.write("content/page/data.csv", "1")
        self.write("content/page/runs/one", "")
        self.write("lib/tool.py", "a")
        self.install("alpha", "1.0")
        self.install("unused", "1.0")
        self.has(CPU)
        self.patch.setattr(kernelspecs, "can_execute", lambda: True)
        self.patch.setattr(kernelspecs, "find_kernel", functools.cache(self.kernel))
        self.patch.setenv("FLAVOUR", "sweet")

    def write(self, path: str, text: str, *, age_s: int = 3600) -> None:
        """A file that was last written some time ago."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.older(file, age_s)

    def older(self, file: Path, age_s: int = 3600) -> None:
        """Give a file a time stamp that the clock has left behind."""
        written = file.stat().st_mtime - age_s
        os.utime(file, (written, written))

    def install(self, name: str, version: str) -> None:
        """As a packages' tool does: a new folder in place of the old."""
        for folder in self.packages.glob(f"{name}-*.dist-info"):
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
        folder = self.packages / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n\n", encoding="utf-8")
        (folder / "RECORD").write_text(f"{name}/__init__.py,,\n", encoding="utf-8")

    def kernel(self, name: str) -> KernelChoice | None:
        """The one kernel that there is."""
        if name != "python3":
            return None
        return KernelChoice(
            name=name,
            language="python",
            argv=("python",),
            interpreter="CPython 3.11.7",
            search_path=(str(self.packages),),
        )

    def has(self, machine: Machine) -> None:
        """From now on this is the machine."""
        self.patch.setattr(devices, "detect", lambda: machine)
        self.patch.setattr(devices, "cuda_names", lambda *_: machine.cuda_devices)

    @property
    def config(self) -> Config:
        """As of now."""
        return Config(
            root=self.root,
            now=self.now,
            results_dir=self.root / "results",
            state_dir=self.root / ".sitegen",
            execute=FrozenDict({"profile": self.profile}),
        )

    def build(self, *documents: Document) -> dict[PageKey, ExecutedDocument]:
        """What `execute` shows; what it came to is known from then on."""
        store, config = open_store(self.config), self.config
        known = KnownRuns(self.policy, config)
        done = execute(documents, self.backend, store, self.policy, config, known=known)
        self.shown = {page.document.page: page for page in done}
        self.known = pickle.loads(pickle.dumps(known.kept(store)))
        return self.shown

    def settle(self) -> None:
        """Let the clock leave the results behind."""
        for file in self.root.rglob("results/**/*"):
            if file.is_file():
                self.older(file)

    def again(self) -> frozenset[PageKey]:
        """The pages that must be looked up again."""
        return still_shown(self.known, open_files(self.config), self.policy, self.config)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A site before its first build."""
    return World(root=tmp_path / "site", packages=tmp_path / "packages", patch=monkeypatch)


@pytest.fixture
def document(site: Any) -> Document:
    """A page with all that an author may say of a run."""
    options: dict[str, Any] = {"depends": ("*.csv",)}
    made: Document = site.page(
        "page", ("1", options), env=("FLAVOUR",), max_age_s=30 * 86400.0, parameters=FrozenDict({"n": "x"})
    )
    return made


def _added_record(world: World, document: Document) -> None:
    """Another build of another version of the page, which leaves a record."""
    cell = replace(document.cells[0], source="2")
    other = World(root=world.root, packages=world.packages, patch=world.patch, now=world.now)
    other.build(replace(document, cells=(cell,)))


def _accepted(world: World, document: Document) -> None:
    store = open_store(world.config)
    store.accept(store.of_page(document.page)[0], date=world.now, commit=None)


def _in_results(pattern: str, change: Callable[[Path], object]) -> Callable[[World, Document], None]:
    def act(world: World, document: Document) -> None:
        del document
        (file,) = world.root.glob(f"results/{pattern}")
        change(file)

    return act


def _of(change: Callable[[World], object]) -> Callable[[World, Document], None]:
    def act(world: World, document: Document) -> None:
        del document
        change(world)

    return act


CHANGES: dict[str, Callable[[World, Document], None]] = {
    "module that it imported": _of(lambda world: world.write("content/page/helper.py", "b")),
    "module of the same size and time": _of(lambda world: world.write("lib/tool.py", "b")),
    "module that is gone": _of(lambda world: (world.root / "lib/tool.py").unlink()),
    "file of `depends`": _of(lambda world: world.write("content/page/data.csv", "2")),
    "new file of `depends`": _of(lambda world: world.write("content/page/more.csv", "1")),
    "folder that it listed": _of(lambda world: world.write("content/page/runs/two", "")),
    "file that was absent": _of(lambda world: world.write("content/page/weights.bin", "")),
    "module that was missing": _of(lambda world: (world.packages / "beta.py").write_text("")),
    "upgraded package": _of(lambda world: world.install("alpha", "1.1")),
    "removed package": _of(lambda world: world.install("alpha", "0")),
    "variable": _of(lambda world: world.patch.setenv("FLAVOUR", "sour")),
    "unset variable": _of(lambda world: world.patch.delenv("FLAVOUR")),
    "visible devices": _of(lambda world: world.patch.setenv("CUDA_VISIBLE_DEVICES", "0")),
    "CUDA device": _of(lambda world: world.has(GPU)),
    "CPU": _of(lambda world: world.has(Machine(cpu_model="n", cpu_count=2))),
    "home folder": _of(lambda world: world.patch.setenv("HOME", "/elsewhere")),
    "no kernel": _of(
        lambda world: world.patch.setattr(kernelspecs, "find_kernel", functools.cache(lambda _: None))
    ),
    "another interpreter": _of(
        lambda world: world.patch.setattr(
            kernelspecs,
            "find_kernel",
            functools.cache(lambda name: replace(_kernel(world, name), interpreter="CPython 3.12.1")),
        )
    ),
    "no installation": _of(lambda world: world.patch.setattr(kernelspecs, "can_execute", lambda: False)),
    "age": _of(lambda world: setattr(world, "now", world.now + timedelta(days=31))),
    "clock set back": _of(lambda world: setattr(world, "now", world.now - timedelta(days=1))),
    "not allowed": _of(lambda world: setattr(world, "policy", ExecutionPolicy(allowed=False))),
    "fresh": _of(lambda world: setattr(world, "policy", ExecutionPolicy(fresh=True))),
    "profile of the site": _of(lambda world: setattr(world, "profile", "smoke")),
    "another record": _added_record,
    "accepted record": _accepted,
    "record gone": _in_results("runs/*/*.json", lambda file: file.unlink()),
    "record damaged": _in_results("runs/*/*.json", lambda file: file.write_bytes(b"x" * file.stat().st_size)),
    "blob gone": _in_results("blobs/*", lambda file: file.unlink()),
    "blob damaged": _in_results("blobs/*", lambda file: file.write_bytes(b"x" * file.stat().st_size)),
}
"""All that a look-up may depend on."""

NOTHING: dict[str, Callable[[World, Document], None]] = {
    "nothing": lambda *_: None,
    "touched module": _of(lambda world: os.utime(world.root / "content/page/helper.py")),
    "other file": _of(lambda world: world.write("content/page/notes.txt", "x")),
    "other package": _of(lambda world: world.install("unused", "2.0")),
    "other variable": _of(lambda world: world.patch.setenv("SMELL", "sour")),
    "a day later": _of(lambda world: setattr(world, "now", world.now + timedelta(days=1))),
    "touched blob": _in_results("blobs/*", os.utime),
}
"""What none depends on."""


def _kernel(world: World, name: str) -> KernelChoice:
    kernel = world.kernel(name)
    assert kernel is not None
    return kernel


def _cached(world: World, document: Document) -> None:
    """Two builds: the first runs the page, the second finds its record."""
    world.build(document)
    world.settle()
    world.build(document)
    assert world.shown[PAGE].state == "cached"


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_what_can_change_a_result_is_looked_at_again(
    world: World, document: Document, change: Callable[[World, Document], None]
) -> None:
    """Every input of a look-up, one at a time."""
    _cached(world, document)
    assert world.again() == frozenset()
    change(world, document)
    assert world.again() == {PAGE}


@pytest.mark.parametrize("change", NOTHING.values(), ids=list(NOTHING))
def test_what_changes_no_result_is_not_looked_at(
    world: World, document: Document, change: Callable[[World, Document], None]
) -> None:
    """A touched file, another package, another variable, a young record a day later."""
    _cached(world, document)
    change(world, document)
    assert world.again() == frozenset()


def test_page_that_ran_is_looked_up_once_more(world: World, document: Document) -> None:
    """It is fresh in one build and cached in the next; only then it is known."""
    world.build(document)
    assert (world.shown[PAGE].state, world.known) == ("fresh", ())


def test_run_of_another_page_leaves_the_rest_known(world: World, site: Any, document: Document) -> None:
    """A record of other code and another page has no part in a look-up; one of the same code has."""
    _cached(world, document)
    copied = replace(document, page=PageKey("/copy"), path=document.path.parent.parent / "copy/index.md")
    other = replace(copied, cells=(replace(document.cells[0], source="other"),))
    for path in ("content/copy/helper.py", "content/copy/data.csv", "content/copy/runs/one"):
        world.write(path, "1")
    world.build(document, other)
    assert [run.page for run in world.known] == [PAGE]
    assert world.again() == frozenset()
    world.write("content/copy/data.csv", "2")
    world.build(document, other)
    assert [run.page for run in world.known] == [PAGE]


def test_new_record_of_the_same_key_is_looked_at(world: World, document: Document) -> None:
    """`--fresh` gives a page a second record; a page of the same code may have to show that one."""
    _cached(world, document)
    copied = replace(document, page=PageKey("/copy"))
    world.policy = ExecutionPolicy(fresh=True)
    world.build(copied)
    world.policy = ExecutionPolicy()
    assert world.again() == frozenset()  # nothing is known of the copy
    world.build(document, copied)
    assert {run.page for run in world.known} == {PAGE, PageKey("/copy")}


@pytest.mark.parametrize("state", ["other device", "stale", "pinned", "not run", "drifted"])
def test_every_state_is_known(world: World, site: Any, state: str) -> None:
    """Whatever a page shows holds until something changes."""
    page = site.page("page", ("1", {"device": "cuda"}) if state == "other device" else "1")
    if state == "other device":
        world.has(GPU)
    if state != "not run":
        world.build(page)
    if state == "other device":
        world.has(CPU)
    if state in ("stale", "not run"):
        world.policy = ExecutionPolicy(allowed=False)
    if state in ("stale", "pinned"):
        world.write("content/page/helper.py", "b")
    if state == "pinned":
        page = replace(page, execution=replace(page.execution, cache="frozen"))
    if state == "drifted":
        world.loss, world.now = 2.0, world.now + timedelta(days=1)
        world.policy = ExecutionPolicy(fresh=True)
        world.build(page)
        world.policy = ExecutionPolicy()
    world.settle()
    world.build(page)
    assert world.shown[PAGE].state == state
    assert [run.page for run in world.known] == [PAGE]
    assert world.again() == frozenset()
    world.write("content/page/helper.py", "c")
    assert world.again() == ({PAGE} if state != "not run" else frozenset())


def test_file_that_has_just_been_written_is_read_again(world: World, document: Document) -> None:
    """Within the clock's tick a file may change and keep its stamp, so its content counts."""
    _cached(world, document)
    helper = world.root / "content/page/helper.py"
    os.utime(helper)
    world.build(document)
    stamp = helper.stat()
    helper.write_text("b", encoding="utf-8")
    os.utime(helper, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert world.again() == {PAGE}


def test_damaged_results_are_never_known(world: World, document: Document) -> None:
    """Where a build had to do without an output, the next looks again, though nothing has changed since."""
    _cached(world, document)
    (blob,) = world.root.glob("results/blobs/*")
    blob.unlink()
    world.policy = ExecutionPolicy(allowed=False)
    world.build(document)
    assert (world.shown[PAGE].state, world.known) == ("not run", ())


def test_saved_outputs_are_known_where_no_variable_is_secret(
    world: World, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are searched for the values of secret variables, of which nothing may be kept."""
    for name in [name for name in os.environ if is_secret_name(name)]:
        monkeypatch.delenv(name)
    output = freeze([{"output_type": "stream", "name": "stdout", "text": "hello"}])
    notebook = replace(
        document,
        execution=replace(document.execution, enabled=False),
        saved=FrozenDict({CellId("cell-1"): output}),
    )
    world.build(notebook)
    assert world.again() == frozenset()
    assert [run.page for run in world.known] == [PAGE]
    monkeypatch.setenv("MY_TOKEN", "0123456789abcdef")
    assert world.again() == {PAGE}
    world.build(notebook)
    assert world.known == ()


def test_nothing_secret_is_kept(world: World, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a variable that `env` names its value is kept as a digest, and of a secret one nothing."""
    monkeypatch.setenv("API_TOKEN", "0123456789abcdef")
    page = site.page("page", "1", env=("FLAVOUR", "API_TOKEN"))
    _cached(world, page)
    kept = pickle.dumps(world.known)
    assert b"0123456789abcdef" not in kept
    assert b"sweet" not in kept
    assert b"API_TOKEN" not in kept


def test_asking_reads_no_record(world: World, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is listed; no record, no output and no settled file is opened."""
    _cached(world, document)
    monkeypatch.setattr(questions, "digest_file", lambda path: pytest.fail(f"{path} was read"))
    monkeypatch.setattr("sitegen.results.files.FolderFiles.read", lambda _, path: pytest.fail(path))
    assert world.again() == frozenset()


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(chosen=st.lists(st.sampled_from([*CHANGES, *NOTHING]), min_size=1, max_size=4))
def test_what_is_said_to_hold_is_what_execute_shows(
    tmp_path_factory: pytest.TempPathFactory, site: Any, document: Document, chosen: list[str]
) -> None:
    """After any changes: a page that need not be looked up is shown exactly as before."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("world")
        world = World(root=folder / "site", packages=folder / "packages", patch=patch)
        _cached(world, document)
        for name in chosen:
            before, asked = world.shown, None
            try:
                {**CHANGES, **NOTHING}[name](world, document)
            except (
                FileNotFoundError,
                ValueError,
                KeyError,
                IndexError,
            ):  # an earlier change took its object away
                continue
            asked = world.again()
            known = {run.page for run in world.known}
            ran = len(world.backend.ran)
            world.build(document)
            if PAGE in known and PAGE not in asked:
                assert len(world.backend.ran) == ran
                assert world.shown == before


def test_known_run_is_small(world: World, document: Document) -> None:
    """A few kilobytes a page, whatever its outputs are."""
    _cached(world, document)
    (run,) = world.known
    assert len(pickle.dumps(run)) < 6_000
    assert json.dumps([question for question, _ in run.answers], default=str)
