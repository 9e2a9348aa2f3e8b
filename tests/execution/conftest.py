"""Documents made by hand, a site in a temporary folder, and a backend that counts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import CellId, CodeCell, Document, InlineExpression, PageKey, ValueId
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.content.executed import ExecutedDocument
from sitegen.errors import SourceLocation
from sitegen.execution import cuda, devices, distributions, fingerprint, kernelspecs
from sitegen.execution.backends import LocalBackend
from sitegen.execution.events import Event
from sitegen.execution.jobs import Job, Run
from sitegen.execution.kernel_choice import KernelChoice, PageDevice
from sitegen.execution.run import ExecutionPolicy, execute
from sitegen.results.store import open_store


class CountingBackend:
    """The local pool, with the pages that it was asked to run."""

    name = "local"

    def __init__(self, config: Config) -> None:
        self.events: list[Event] = []
        self.local = LocalBackend(config, workers=4, listener=self.events.append)
        self.pages: list[PageKey] = []

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """As the pool does."""
        queue = tuple(jobs)
        self.pages += [job.page for job in queue]
        return self.local.run(queue)

    def cancel(self) -> None:
        """As the pool does."""
        self.local.cancel()


class Site:
    """A site of hand-made documents: pages of cells, one folder each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = Config(
            root=root,
            now=datetime(2030, 1, 1, tzinfo=UTC),
            results_dir=root / "results",
            state_dir=root / ".sitegen",
        )

    def page(
        self,
        name: str,
        *cells: str | tuple[str, dict[str, Any]],
        values: Iterable[tuple[int, str]] = (),
        **execution: Any,
    ) -> Document:
        """A page whose cells start at lines 10, 20, ...; `values` are (cells before, expression)."""
        path = PurePosixPath(f"content/{name}/index.md")
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        made = []
        for number, cell in enumerate(cells, 1):
            source, options = cell if isinstance(cell, tuple) else (cell, {})
            made.append(
                CodeCell(
                    id=CellId(f"cell-{number}"),
                    language="python",
                    source=source,
                    location=SourceLocation(path=path, line=10 * number),
                    options=CellOptions(**options),
                )
            )
        return Document(
            page=PageKey(f"/{name}"),
            path=path,
            execution=PageExecution(enabled=True, **execution),
            cells=tuple(made),
            expressions=tuple(
                InlineExpression(
                    id=ValueId(f"value-{number}"),
                    source=source,
                    after_cells=before,
                    location=SourceLocation(path=path, line=200 + number),
                )
                for number, (before, source) in enumerate(values, 1)
            ),
        )

    def job(self, page: Document, device: PageDevice | None = None, **more: Any) -> Job:
        """The job of a page, for a backend; on the CPU unless a device is given."""
        kernel = kernelspecs.find_kernel("python3")
        assert kernel is not None
        return Job(
            page=page.page,
            path=page.path,
            root=self.root,
            state_dir=self.config.state_dir,
            cells=fingerprint.running_cells(page, kernel),
            expressions=fingerprint.placed_expressions(page, kernel),
            execution=page.execution,
            kernel=kernel,
            device=device or PageDevice(kind="cpu"),
            **more,
        )

    def execute(
        self, *documents: Document, backend: Any = None, **policy: bool
    ) -> dict[str, ExecutedDocument]:
        """Executed pages by name, from a store that is opened anew."""
        backend = backend or CountingBackend(self.config)
        done = execute(documents, backend, open_store(self.config), ExecutionPolicy(**policy), self.config)
        return {page.document.page.strip("/"): page for page in done}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site."""
    return Site(tmp_path)


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that the tests of a module share, to start few kernels."""
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def make_site() -> Callable[[Path], Site]:
    """Makes an empty site in a folder: for a test that needs several."""
    return Site


@pytest.fixture(scope="session")
def counting() -> Callable[[Site], CountingBackend]:
    """Makes a backend that counts for a site."""
    return lambda site: CountingBackend(site.config)


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> PageDevice:
    """A machine with two CUDA devices that every kernel's torch sees; the device of a page that takes one.

    Kernels are real and told which they have (`CUDA_VISIBLE_DEVICES`), but a torch in them finds none.
    """
    driver = cuda.Driver(
        version="570.1",
        devices=tuple(
            cuda.Device(name="H200", uuid=f"GPU-{number}", memory_bytes=2**37) for number in range(2)
        ),
    )
    installed = distributions.installed_version
    monkeypatch.setattr(cuda, "driver", lambda: driver)
    monkeypatch.setattr(cuda, "ask_torch", lambda _: tuple(device.name for device in driver.devices))
    monkeypatch.setattr(cuda, "used_bytes", lambda uuids: 2**30 * len(tuple(uuids)))
    monkeypatch.setattr(devices, "detect", devices.detect.__wrapped__)  # not what was found before
    monkeypatch.setattr(
        distributions,
        "installed_version",
        functools.cache(lambda name, path: "2.13.0" if name == "torch" else installed(name, path)),
    )
    for name in (cuda.VISIBLE, cuda.ORDER):
        monkeypatch.delenv(name, raising=False)
    return PageDevice(kind="cuda", name="H200", count=1)


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    """Makes the job of a page from its cells, in a site whose environment has a few small packages."""
    packages = tmp_path / "env/lib/python3.11/site-packages"
    for path, text in {
        "alpha/__init__.py": "from .made import made\n",
        "alpha/made.py": "",
        "alpha/sub.py": "",
        "alpha/deep/__init__.py": "",
        "alpha/deep/part.py": "",
        "beta.py": "",
        "gamma/__init__.py": "def __getattr__(name): ...\n",
        "gamma/lazy.py": "",
        "space/one/__init__.py": "",
        "jax/__init__.py": "",
    }.items():
        file = packages / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    kernel = KernelChoice(
        name="python3",
        language="python",
        argv=("python", "-m", "ipykernel_launcher", "-f", "{connection_file}"),
        interpreter="CPython 3.11.7",
        search_path=(str(packages),),
    )

    def make(*cells: str, name: str = "page", files: dict[str, str] | None = None, **more: Any) -> Job:
        path = PurePosixPath(f"content/{name}/index.md")
        folder = (tmp_path / path).parent
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in (files or {}).items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
        fields: dict[str, Any] = {"execution": PageExecution(), "kernel": kernel, **more}
        return Job(
            page=PageKey(f"/{name}"),
            path=path,
            root=tmp_path,
            state_dir=tmp_path / ".sitegen",
            cells=tuple(
                CodeCell(
                    id=CellId(f"cell-{number}"),
                    language="python",
                    source=source,
                    location=SourceLocation(path=path, line=number),
                    options=CellOptions(),
                )
                for number, source in enumerate(cells)
            ),
            device=PageDevice(kind="cpu"),
            **fields,
        )

    return make
