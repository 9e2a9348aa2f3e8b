"""What a page that runs on this machine has for itself, and what it shares with those that run at the same time."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from sitegen.execution.events import Listener
from sitegen.execution.limits import MemoryWatch
from sitegen.execution.preload import Preload
from sitegen.execution.processes import Processes
from sitegen.execution.turns import Turns
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one page has for itself while it runs."""

    threads: int
    """For numerical libraries in the kernel."""
    cuda: tuple[int, ...] = ()
    """Numbers of CUDA devices, among those that torch sees in the build's own environment; no other page has them meanwhile."""
    cuda_uuids: tuple[str, ...] = ()
    """What the driver calls them, in that order, for `cuda.used_bytes`; empty where it cannot be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilities:
    """What the pages of one `Backend.run` share."""

    environ: Mapping[str, str]
    """The environment that kernels get a part of."""
    lab: Path
    """The folder that `environment.provide_lab` made."""
    turns: Turns
    """Taken around every start of a kernel and every cell, for cells that need the machine alone."""
    processes: Processes
    """Starts the processes of kernels."""
    preload: Preload = field(default_factory=Preload)
    """What is loaded in the process that a page's kernel is forked from."""
    memory: MemoryWatch
    """Looks after the memory that each page uses."""
    cancelled: threading.Event
    """Once it is set, kernels are killed."""
    listener: Listener
    """Is told what happens; may be called from any thread."""
