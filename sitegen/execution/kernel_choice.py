"""Which kernel and which device a page gets: two small values, apart from the jobs so that a look-up loads few modules."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from sitegen.frozen import FrozenDict
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelChoice:
    """A kernel by name, found without Jupyter."""

    name: str
    language: str
    """Lower case: `python`."""
    argv: tuple[str, ...]
    """As in `kernel.json`, with `{connection_file}`."""
    env: FrozenDict[str, str] = field(default_factory=FrozenDict)
    interpreter: str
    """Implementation and version: `CPython 3.11.9`; empty for a language we cannot ask."""
    search_path: tuple[str, ...] = ()
    """Folders in which the kernel's distributions are installed, absolute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDevice:
    """Where a page runs, decided before it does."""

    kind: Literal["cpu", "cuda"]
    name: str = ""
    """The CUDA device's name."""
    count: int = 0
    """CUDA devices that the page gets."""
