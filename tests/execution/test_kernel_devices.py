"""A cell on a GPU, made up in a real kernel: its time, its memory, its failures; and deterministic algorithms."""

from __future__ import annotations

from typing import Any

import pytest

from sitegen.execution.backends import LocalBackend
from sitegen.execution.jobs import Run
from sitegen.execution.kernel_choice import PageDevice

pytestmark = pytest.mark.kernel

TORCH = '''
"""A torch with two CUDA devices, on which work is queued: it is done, or fails, when somebody waits for it."""

import time
import types

__version__ = "2.13.0"
asked = []
backends = types.SimpleNamespace(cudnn=types.SimpleNamespace(benchmark=True))
version = types.SimpleNamespace(cuda="12.8")
set_deterministic_debug_mode = asked.append


class _Cuda:
    started, failing, waited = False, False, []
    seconds, reserved, peak = [0.0, 0.0], [0, 0], [0, 0]

    def is_available(self):
        return True

    def is_initialized(self):
        return self.started

    def device_count(self):
        return 2

    def current_device(self):
        return 0

    def get_device_name(self, number):
        return "made up"

    def memory_reserved(self, number):
        return self.reserved[number]

    def max_memory_allocated(self, number):
        return self.peak[number]

    def reset_peak_memory_stats(self, number):
        self.peak[number] = 0

    def synchronize(self, number):
        self.waited.append(number)
        if self.failing:
            self.failing = False
            raise RuntimeError("CUDA error: device-side assert triggered")
        time.sleep(self.seconds[number])
        self.seconds[number] = 0.0


cuda = _Cuda()


def queue(number, seconds, size):
    cuda.started = True
    cuda.seconds[number] += seconds
    cuda.reserved[number] += size
    cuda.peak[number] = max(cuda.peak[number], size)
'''


def _run(site: Any, name: str, *cells: Any, **execution: Any) -> Run:
    page = site.page(name, *cells, **execution)
    (site.root / page.path).with_name("torch.py").write_text(TORCH, encoding="utf-8")
    job = site.job(page, PageDevice(kind="cpu"))
    (run,) = LocalBackend(site.config, workers=1).run([job])
    assert isinstance(run, Run)
    return run


def _text(run: Run, number: int) -> str:
    return "".join(getattr(output, "text", "") for output in run.cells[number - 1].outputs)


@pytest.fixture(scope="module")
def queued(shared_site: Any) -> Run:
    """Cells that queue work on two devices and do not wait for it."""
    return _run(
        shared_site,
        "queued",
        "import torch",
        "torch.queue(0, 0.5, 100)",
        "torch.queue(1, 0.0, 50); torch.queue(0, 0.0, 30)",
        "print(torch.cuda.waited, torch.asked, torch.backends.cudnn.benchmark)",
        ("torch.cuda.failing = True", {"error": True}),
        "print('next')",
    )


def test_cell_takes_as_long_as_what_it_queued(queued: Run) -> None:
    """The seconds of a cell end when its devices have done their work, not when Python has."""
    assert queued.cells[1].seconds >= 0.5


def test_peak_memory_is_that_of_the_cell_on_all_devices(queued: Run) -> None:
    """Each cell starts anew, and the devices of a page are summed; before CUDA is started there is none to tell."""
    assert [memory.cuda_bytes for memory in queued.memory][:4] == [None, 100, 80, 0]


def test_only_devices_in_use_are_waited_for(queued: Run) -> None:
    """To wait for a device that the page never used would start CUDA on it."""
    assert _text(queued, 4).startswith("[0, 0, 1] ")


def test_failure_on_the_device_belongs_to_the_cell_that_queued_it(queued: Run) -> None:
    """CUDA tells of an error late; it is the cell's own, and here it is expected."""
    failed = queued.cells[4]
    assert failed.status == "error"
    assert "device-side assert" in getattr(failed.outputs[-1], "value", "")


def test_deterministic_only_on_request(shared_site: Any, queued: Run) -> None:
    """With the option, torch is deterministic right after the page has imported it, whoever imports it; else it is left alone."""
    helper = "import torch; first = (list(torch.asked), torch.backends.cudnn.benchmark)"
    (shared_site.root / "content/asked").mkdir(parents=True, exist_ok=True)
    (shared_site.root / "content/asked/helper.py").write_text(helper, encoding="utf-8")
    cell = "import sys; print('torch' in sys.modules); import helper; print(helper.first)"
    asked = _run(shared_site, "asked", cell, deterministic=True)
    assert _text(asked, 1) == "False\n(['error'], False)\n"
    assert _text(queued, 4).endswith(" [] True\n")


@pytest.mark.slow
def test_real_torch_is_deterministic(site: Any) -> None:
    """The calls are those of the torch that is installed."""
    pytest.importorskip("torch")
    page = site.page(
        "a",
        "import torch\nprint(torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark)",
        deterministic=True,
    )
    (run,) = LocalBackend(site.config, workers=1).run([site.job(page)])
    assert _text(run, 1) == "True False\n"
