"""Kernels forked from a process that has libraries loaded: their results are those of cold ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sitegen.content.document import Document
from sitegen.content.executed import DisplayOutput, ExecutedDocument, StreamOutput
from sitegen.execution.events import PageFinished
from sitegen.execution.processes import IS_SUPPORTED
from sitegen.results.record import Record
from sitegen.results.store import open_store

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not IS_SUPPORTED, reason="kernels are forked on Linux only"),
]

TORCH = """
import threading
import numpy as np
import torch
from torch import nn
"""
MATMUL = """
torch.manual_seed(0)
a, b = torch.randn(700, 700), torch.randn(700, 700)
exact = (a.double() @ b.double())
assert torch.get_num_threads() == 2
assert (a @ b - exact).abs().max() < 1e-3
assert np.abs(a.numpy() @ b.numpy() - exact.numpy()).max() < 1e-3
found = []
thread = threading.Thread(target=lambda: found.append(a @ b))
thread.start(); thread.join(30)
assert (found[0] - exact).abs().max() < 1e-3
print(float((a @ b).sum()))
"""
TRAINING = """
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(20, 200), nn.ReLU(), nn.Linear(200, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
x = torch.randn(512, 20)
y = x.square().sum(1, keepdim=True)
losses = []
for _ in range(60):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < losses[0] / 20
print(losses)
"""
CONVOLUTION = """
torch.manual_seed(0)
layer = nn.Conv2d(3, 16, 3)
picture = torch.randn(8, 3, 48, 48, requires_grad=True)
layer(picture).square().mean().backward()
exact = nn.Conv2d(3, 16, 3).double()
exact.load_state_dict({name: value.double() for name, value in layer.state_dict().items()})
exact(picture.detach().double()).square().mean().backward()
assert (layer.weight.grad.double() - exact.weight.grad).abs().max() < 1e-5
print(float(layer.weight.grad.sum()), float(picture.grad.sum()))
"""
LOADER = """
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(torch.arange(64.0)), batch_size=8, num_workers=2)
assert sum(float(batch.sum()) for (batch,) in loader) == 2016
torch.set_num_threads(1)
assert torch.get_num_threads() == 1
print(float((a @ b).sum()))
"""
DRAWS = "print(np.random.rand(), np.random.default_rng().random(), torch.rand(1).item(), __import__('random').random())"
SEEDED = "np.random.seed(3); torch.manual_seed(3)\nprint(np.random.rand(3), np.random.default_rng(3).random(3), torch.rand(3))"
PLOTS = """
%matplotlib inline
import numpy as np
import matplotlib.pyplot as plt
"""
LOADED = """
import sys, os
print(sorted({name.partition(".")[0] for name in sys.modules}))
print(len(sys.modules), sys.path, sys.flags, [type(finder).__name__ for finder in sys.meta_path])
print(sorted(os.environ), __import__("warnings").filters)
"""
HELPER = "import numpy as np\nimport early\ndef mean():\n    return float(np.loadtxt('data.txt').mean())\n"


@dataclass(frozen=True)
class Built:
    """A site whose pages were all executed."""

    pages: dict[str, ExecutedDocument]
    records: dict[str, Record]
    is_warm: dict[str, bool | None]


def _documents(site: Any, *, warm: bool) -> list[Document]:
    def page(name: str, *cells: Any, **execution: Any) -> Document:
        document: Document = site.page(name, *cells, warm=warm, **execution)
        return document

    folder = site.root / "content/local"
    folder.mkdir(parents=True)
    (folder / "helper.py").write_text(HELPER, encoding="utf-8")
    (folder / "data.txt").write_text("1\n2\n", encoding="utf-8")
    (site.root / "early.py").write_text("import matplotlib.pyplot\n", encoding="utf-8")
    styled = site.root / "content/styled"
    styled.mkdir(parents=True)
    (styled / "matplotlibrc").write_text("lines.linewidth: 7\n", encoding="utf-8")
    (styled / "random.py").write_text("raise ImportError\n", encoding="utf-8")
    loop = ("while True:\n    pass", {"timeout_s": 0.5})
    quiet = "import warnings\nwarnings.filterwarnings('ignore')"
    return [
        page("torch", TORCH, MATMUL, TRAINING, CONVOLUTION, LOADER, cpus=2),
        page("draws-1", TORCH, DRAWS, SEEDED, cpus=2),
        page("draws-2", TORCH, DRAWS, "lab = __import__('sitegen.lab').lab; lab.seed(4)", SEEDED, cpus=2),
        page("plots", PLOTS, "plt.plot(np.arange(9.0)); plt.title('x')", "fig, ax = plt.subplots(); ax.imshow(np.eye(3))"),
        page("modules", quiet, PLOTS, LOADED),
        page("local", "import helper\nhelper.mean()"),
        page("loop", "import numpy as np\nimport matplotlib.pyplot as plt", loop),
        page("styled", PLOTS, "import random\nplt.rcParams['lines.linewidth']"),
    ]  # fmt: skip


def _built(site: Any, backend: Any, *, warm: bool) -> Built:
    documents = [each for each in _documents(site, warm=warm) if warm or each.page != "/draws-2"]
    pages = site.execute(*documents, backend=backend)
    store = open_store(site.config)
    found = {name: next(iter(store.of_page(page.document.page)), None) for name, page in pages.items()}
    return Built(
        pages=pages,
        records={name: stored.record for name, stored in found.items() if stored is not None},
        is_warm={
            event.page.strip("/"): event.is_warm
            for event in backend.events
            if isinstance(event, PageFinished)
        },
    )


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
    make_site: Callable[[Path], Any],
    counting: Callable[[Any], Any],
) -> tuple[Built, Built]:
    """The same pages executed in warm kernels and in cold ones."""
    pytest.importorskip("torch")
    pytest.importorskip("matplotlib")
    warm, cold = (make_site(tmp_path_factory.mktemp(name)) for name in ("warm", "cold"))
    return _built(warm, counting(warm), warm=True), _built(cold, counting(cold), warm=False)


def _text(page: ExecutedDocument) -> list[str]:
    outputs = [output for run in page.runs.values() for output in run.outputs]
    return [output.text for output in outputs if isinstance(output, StreamOutput)]


def test_pages_that_share_imports_are_forked_with_them_loaded(both: tuple[Built, Built]) -> None:
    """But for the one whose folder has settings that an import reads, and those with `warm: false`."""
    warm, cold = both
    assert {name for name, is_warm in warm.is_warm.items() if not is_warm} == {"styled"}
    assert not any(cold.is_warm.values())


def test_torch_computes_and_trains_with_several_threads(both: tuple[Built, Built]) -> None:
    """Against float64, in the page itself; and to the last bit as in a cold kernel."""
    warm, cold = both
    assert [d.message for d in warm.pages["torch"].diagnostics] == []
    assert len(_text(warm.pages["torch"])) == 4
    assert _text(warm.pages["torch"]) == _text(cold.pages["torch"])


def test_unseeded_numbers_differ_and_seeded_ones_are_equal(both: tuple[Built, Built]) -> None:
    """Each of the four sources is seeded anew in each kernel."""
    warm, cold = both
    one, other = (_text(warm.pages[name])[0].split() for name in ("draws-1", "draws-2"))
    assert len(one) == 4
    assert all(first != second for first, second in zip(one, other, strict=True))
    assert (
        _text(warm.pages["draws-1"])[1] == _text(warm.pages["draws-2"])[-1] == _text(cold.pages["draws-1"])[1]
    )


def test_an_interrupt_ends_a_cell_and_not_the_kernel(both: tuple[Built, Built]) -> None:
    """The cell's last line is known, so the kernel could still be asked."""
    warm, cold = both
    assert [(d.code, d.message) for d in warm.pages["loop"].diagnostics] == [
        (d.code, d.message) for d in cold.pages["loop"].diagnostics
    ]
    [(first, second)] = [tuple(warm.pages["loop"].runs.values())]
    assert (first.status, second.status) == ("ok", "timeout")


@pytest.mark.parametrize("name", ["torch", "plots", "modules", "local", "styled"])
def test_a_record_does_not_tell_whether_the_kernel_was_warm(both: tuple[Built, Built], name: str) -> None:
    """Outputs byte for byte, packages, files, and the key."""
    warm, cold = both
    assert warm.pages[name].diagnostics == cold.pages[name].diagnostics == ()
    assert [run.outputs for run in warm.pages[name].runs.values()] == [
        run.outputs for run in cold.pages[name].runs.values()
    ]
    assert warm.pages[name].runs
    assert warm.records[name].observed == cold.records[name].observed
    assert warm.records[name].inputs.key() == cold.records[name].inputs.key()


def test_figures_are_drawn_in_warm_kernels(both: tuple[Built, Built]) -> None:
    """So that what is compared above is something."""
    warm, _ = both
    outputs = [output for run in warm.pages["plots"].runs.values() for output in run.outputs]
    drawn = [
        output for output in outputs if isinstance(output, DisplayOutput) and "image/svg+xml" in output.data
    ]
    assert len(drawn) == 2


def test_what_is_unsafe_is_not_loaded_and_the_page_is_right(
    tmp_path: Path,
    make_site: Callable[[Path], Any],
    counting: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A package that starts a thread when it is imported: refused, remembered, and imported by each page for itself."""
    packages = tmp_path / "env/site-packages"
    packages.mkdir(parents=True)
    (packages / "threaded.py").write_text(
        "import threading\npool = threading.Thread(target=threading.Event().wait, daemon=True)\npool.start()\n",
        encoding="utf-8",
    )
    (packages / "calm.py").write_text("answer = 42\n", encoding="utf-8")
    monkeypatch.syspath_prepend(packages)
    monkeypatch.setenv("PYTHONPATH", str(packages))
    from sitegen.execution import kernelspecs

    kernelspecs.find_kernel.cache_clear()
    site = make_site(tmp_path / "site")
    source = "import calm, threaded\nprint(calm.answer, threaded.pool.is_alive())"
    backend = counting(site)
    try:
        pages = site.execute(*(site.page(name, source) for name in "ab"), backend=backend)
    finally:
        kernelspecs.find_kernel.cache_clear()
    assert [_text(page) for page in pages.values()] == [["42 True\n"], ["42 True\n"]]
    assert [event.is_warm for event in backend.events if isinstance(event, PageFinished)] == [
        True,
        True,
    ]
    assert "threaded" in (site.config.state_dir / "preload.json").read_text(encoding="utf-8")
