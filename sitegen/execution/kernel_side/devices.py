"""In the kernel: CUDA as torch uses it. What a cell queued belongs to the cell's time, memory and failures; deterministic algorithms.

Never imports torch: a page without it pays nothing, and one that has no CUDA is not made to start it.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def install(arrivals: Any) -> None:
    """Prepare for torch, whether it is loaded already (a forked kernel) or will be.

    Args:
        arrivals: our module of that name.
    """
    if os.environ.get("SITEGEN_DETERMINISTIC") == "1":
        arrivals.when_imported("torch", _be_deterministic)


def before_cell() -> None:
    """Start the peak of every device's memory again."""
    torch = _started_torch()
    if torch is not None:  # never run on a GPU
        for number in range(torch.cuda.device_count()):
            torch.cuda.reset_peak_memory_stats(number)


def after_cell(shell: Any, result: Any) -> int | None:
    """Wait for what the cell queued; the most memory that its tensors had, in bytes, on all devices of the page together.

    CUDA runs beside Python and tells of an error at a later call, which may be in another cell. So the wait's error becomes the
    cell's own.

    Args:
        shell: IPython's.
        result: IPython's, of the cell.

    Returns:
        None where torch has not started CUDA.
    """
    torch = _started_torch()
    if torch is None:
        return None
    try:  # never run on a GPU
        numbers = range(torch.cuda.device_count())
        for number in numbers:
            # to wait for a device that the page never used would start CUDA there, at the cost of its memory
            if number == torch.cuda.current_device() or torch.cuda.memory_reserved(number):
                torch.cuda.synchronize(number)
        return sum(int(torch.cuda.max_memory_allocated(number)) for number in numbers)
    except RuntimeError as error:
        if result is not None and result.success:
            result.error_in_exec = error
            shell.showtraceback()
        return None


def _started_torch() -> Any:
    """torch, if it has started CUDA in this process; to ask whether there is CUDA would start it."""
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    is_initialized = getattr(cuda, "is_initialized", None)
    return torch if is_initialized is not None and is_initialized() else None


def _be_deterministic(torch: Any) -> None:
    # not `use_deterministic_algorithms`: it imports all of the compiler (2 s), which is told by TORCHINDUCTOR_DETERMINISTIC
    torch.set_deterministic_debug_mode("error")  # never run on a GPU
    torch.backends.cudnn.benchmark = False
