"""The nouns of a page that has run: ExecutedDocument, what its cells gave, and where that comes from."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Literal

from sitegen.content.document import CellId, CodeCell, Digest, Document, PageKey, ValueId
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOutput:
    """What a cell printed, neighbours of one stream merged."""

    name: Literal["stdout", "stderr"]
    text: str
    """May hold ANSI escapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayOutput:
    """What a cell displayed: one thing in several forms."""

    data: FrozenDict[str, object]
    """MIME type to content: text as `str`, images as base64 `str`, JSON frozen, an artifact's content as `bytes`."""
    metadata: FrozenDict[str, object] = field(default_factory=FrozenDict)
    is_result: bool = False
    """The value of the cell's last expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorOutput:
    """An exception that a cell raised."""

    name: str
    value: str
    traceback: str
    """The author's frames only, plain text, lines of the Markdown file."""


Output = StreamOutput | DisplayOutput | ErrorOutput
CellStatus = Literal["ok", "error", "timeout", "died", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRun:
    """What one cell left behind."""

    cell: CellId
    status: CellStatus
    outputs: tuple[Output, ...] = ()
    seconds: float = 0.0
    source_digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A published value that a metric is shown beside."""

    value: float
    source: str
    spread: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that a cell reported with `lab.metric` or `lab.benchmark`."""

    name: str
    value: float
    unit: str | None = None
    better: Literal["higher", "lower"] | None = None
    spread: float | None = None
    """What it is, is said by `spread_kind`."""
    spread_kind: str | None = None
    """`sd`, `IQR`, ...; None where the author did not say."""
    n: int | None = None
    reference: Reference | None = None
    tolerance: float | None = None
    cell: CellId


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A metric that has left its tolerance since the baseline: the newest accepted run of the same code and inputs."""

    metric: str
    value: float
    baseline: float
    tolerance: float
    """In the unit of the metric, as the run that is shown declares it."""
    baseline_record: Digest
    baseline_started: datetime
    """UTC."""


RunState = Literal["pinned", "failed", "drifted", "fresh", "cached", "other device", "stale", "not run"]
"""Where the results that a page shows come from; `fresh` (this build ran it) and `cached` are both `reproduced` on
the page, `stale` is of older code, data or packages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a page's results come from: the facts that the badge and the panel print."""

    record: Digest
    key: Digest
    started: datetime
    """UTC."""
    seconds: float
    device: str
    """`cpu` with the CPU's model, or the CUDA device's name."""
    device_class: Literal["cpu", "cuda"]
    seed: int | None
    profile: Literal["full", "smoke"]
    commit: str | None
    is_dirty: bool
    environment: FrozenDict[str, object]
    """Interpreter, platform, CPU, memory, packages with versions: as the kernel said."""
    device_group: str = ""
    """Item 4 of the key in words: only numbers of one group are compared, or joined by a line."""
    code: Digest = Digest("")
    """Of item 1 of the key: the cells that ran with their options, and the inline expressions."""
    parameters: FrozenDict[str, object] = field(default_factory=FrozenDict)
    facts: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """The rest of the record without its outputs, by the record's names: `inputs`, `cells`, `observed`, `run`. Empty for a
    run of the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedDocument:
    """A Document with what its cells gave; a page without cells passes through."""

    document: Document
    state: RunState | None = None
    """None: no cell of the page is to run."""
    runs: FrozenDict[CellId, CellRun] = field(default_factory=FrozenDict)
    values: FrozenDict[ValueId, DisplayOutput | ErrorOutput] = field(default_factory=FrozenDict)
    metrics: tuple[Metric, ...] = ()
    provenance: Provenance | None = None
    drifts: tuple[Drift, ...] = ()
    """What left its tolerance; not empty exactly where the state is `drifted`."""
    why: tuple[str, ...] = ()
    """Why it ran, or why these results are shown: in words, as `sitegen why` says it."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Of the run alone; the document keeps its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCell:
    """A cell that other pages may embed, with what its run gave."""

    cell: CodeCell
    run: CellRun | None
    """None where the page's results have nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What other pages may know of a page's run."""

    page: PageKey
    state: RunState | None
    metrics: tuple[Metric, ...] = ()
    provenance: Provenance | None = None
    drifts: tuple[Drift, ...] = ()
    cells: tuple[LabelledCell, ...] = ()
    """The page's cells, in its order; those without a label can be embedded by a tag or by a notebook's cell id."""
