"""What a backend is given and gives back: plain picklable values, so that a cluster can stand behind it."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from pathlib import Path, PurePosixPath

from sitegen.content.document import CodeCell, InlineExpression, PageKey, ValueId
from sitegen.content.execute_options import PageExecution
from sitegen.content.executed import CellRun, DisplayOutput, ErrorOutput
from sitegen.errors import Diagnostic
from sitegen.execution.kernel_choice import KernelChoice, PageDevice
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One page to execute, with all that the worker needs to know."""

    page: PageKey
    path: PurePosixPath
    """The page's file, relative to the root: named in messages."""
    root: Path
    """The site's folder; at the end of `sys.path`."""
    state_dir: Path
    """Bytecode and the copy of `lab.py` go below it."""
    own_folders: tuple[Path, ...] = ()
    """The build's other folders, output and results: what a page reads or lists there is not observed."""
    cells: tuple[CodeCell, ...]
    """Those that run, in order."""
    expressions: tuple[tuple[int, InlineExpression], ...] = ()
    """How many of `cells` come before it, and the expression; in the order of the page."""
    execution: PageExecution
    kernel: KernelChoice
    device: PageDevice
    why: tuple[str, ...] = ()
    """Why it runs, in words: for the person who waits."""
    expected_s: float | None = None
    """What its last run took; None where there is none."""
    known_modules: tuple[str, ...] = ()
    """Top-level modules of installed packages that its last run imported."""

    @property
    def folder(self) -> Path:
        """The page's folder: what the kernel runs in."""
        return (self.root / self.path).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a run used, as the kernel saw it: raw material of the record's `observed`. Paths are absolute."""

    modules: tuple[str, ...] = ()
    """Modules imported from installed packages, beyond what a kernel needs for itself: of a regular package its top-level
    name, of a namespace package (`google.cloud.storage`) each package in it."""
    files: tuple[str, ...] = ()
    """Imported modules that no package installed, and files below the site's root that were read."""
    times: tuple[tuple[str, int, int, int], ...] = ()
    """Of `files`: modification time (ns since 1970), size (bytes) and inode when each was first opened, where known."""
    folders: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Folders below the site's root that the page's code listed, each with the names in it at that time."""
    absent: tuple[str, ...] = ()
    """Files below the root that could not be opened because they were not there."""
    missing: tuple[str, ...] = ()
    """Top-level names of modules that the page's code, or the site's, tried to import and did not find."""
    written: tuple[str, ...] = ()
    """Files below the root that the run wrote."""
    unseen: tuple[str, ...] = ()
    """What may have read files that we cannot see, in words."""
    unseen_cells: tuple[int, ...] = ()
    """The cell of each of `unseen`: its place among the job's, from 1; 0 is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMemory:
    """The most memory that a cell had in use."""

    rss_bytes: int | None = None
    cuda_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What executing a job gave; outputs are as the kernel sent them, not yet scrubbed."""

    page: PageKey
    started: datetime
    """UTC."""
    seconds: float
    cells: tuple[CellRun, ...]
    """One for each of the job's cells; `skipped` after one that failed."""
    values: FrozenDict[ValueId, DisplayOutput | ErrorOutput] = field(default_factory=FrozenDict)
    memory: tuple[PeakMemory, ...] = ()
    """Of the cells that ran, in order; empty where the kernel could not say."""
    peak_rss_bytes: int | None = None
    """The most that the kernel and the processes below it had in use together; None where nobody looked."""
    environment: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """The facts of `results/record.py`'s Environment without the packages."""
    seed: int | None = None
    traces: Traces = field(default_factory=Traces)
    diagnostics: tuple[Diagnostic, ...] = ()
    """Errors of cells and of the kernel; empty when all went well."""

    @property
    def ok(self) -> bool:
        """Whether this is a result: nothing failed that was not expected to."""
        return not any(diagnostic.severity == "error" for diagnostic in self.diagnostics)
