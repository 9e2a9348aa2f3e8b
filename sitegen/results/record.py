"""The record of one run and its schema: what is written, and what is believed when it is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import msgspec

from sitegen.content.document import CellId, Digest, PageKey
from sitegen.content.executed import CellStatus, Metric, Reference
from sitegen.files import digest_bytes

SCHEMA: Final = 2
"""Version of the JSON below; a record of another version is reported and skipped."""
KEY_LIST: Final = 1
"""Version of the list of what is in a key (`execution/fingerprint.py`)."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a record: immutable, and nothing in it that the schema does not name."""


# --- inputs: what makes the key ---------------------------------------------------------------------


class CellInputs(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """Item 1 for one cell that runs: its code, and the options that change what runs, is drawn or is kept.

    A field with a default came later: it is in the key only where it has another value, so that older keys are still right.
    """

    id: str
    """Its place among the cells that run, from 1: a cell that is only shown changes no key."""
    source: Digest
    exec: bool
    error: bool
    device: str
    fig_width: float | None
    fig_height: float | None
    fig_format: str
    tags: tuple[str, ...]
    """Of `parameters`, `skip-execution`, `raises-exception`: those it has, sorted."""
    output_limit: int | None = None
    """Bytes; None is the default."""
    display_limit: int | None = None


class DeviceInputs(_Part, frozen=True, kw_only=True):
    """Item 4: the device class."""

    kind: Literal["any", "cpu", "cuda"]
    name: str = ""
    count: int = 0
    cpu_model: str = ""
    """Only for a page with a `benchmark` cell."""


class DependsFile(_Part, frozen=True, kw_only=True):
    """Item 5: a file that `depends` names; without digest a pattern that names none."""

    path: str
    digest: Digest | None


class Inputs(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """Items 1 to 6 of the key, one by one; the key is the digest of its canonical JSON.

    As in `CellInputs`, a field with a default is in the key only where it has another value.
    """

    list_version: int
    cells: tuple[CellInputs, ...]
    expressions: Digest
    """Of the inline expressions, each with how many cells run before it."""
    kernel: str
    language: str
    interpreter: str
    parameters: dict[str, Any]
    profile: Literal["full", "smoke"]
    seed: int | None
    env: dict[str, str | None]
    device: DeviceInputs
    depends: tuple[DependsFile, ...]
    deterministic: bool = False
    address_space: int | None = None
    """Bytes; None is no limit."""

    def key(self) -> Digest:
        """The execution key."""
        return Digest(digest_bytes(canonical(self)))

    def but_device(self) -> bytes:
        """The canonical JSON without items 2 and 4: what a run elsewhere must share."""
        return canonical(
            msgspec.structs.replace(
                self, kernel="", language="", interpreter="", device=DeviceInputs(kind="any")
            )
        )


# --- outputs ----------------------------------------------------------------------------------------


class Blob(_Part, frozen=True, kw_only=True):
    """Where a large content lies: a file of the store, named by its digest."""

    digest: Digest
    form: Literal["text", "json", "bytes"]
    """`bytes`: an artifact, as it is."""


class StreamPart(_Part, frozen=True, kw_only=True, tag="stream"):
    """What a cell printed: `text` or, where it is long, `blob`."""

    name: Literal["stdout", "stderr"]
    text: str = ""
    blob: Blob | None = None


class DisplayPart(_Part, frozen=True, kw_only=True, tag="display"):
    """What a cell displayed; a MIME type is in `data` or, where its content is long, in `blobs`."""

    data: dict[str, Any]
    metadata: dict[str, Any]
    is_result: bool
    order: tuple[str, ...]
    """All MIME types in the order of the kernel."""
    blobs: dict[str, Blob] = {}


class ErrorPart(_Part, frozen=True, kw_only=True, tag="error"):
    """An exception that a cell raised."""

    name: str
    value: str
    traceback: str


OutputPart = StreamPart | DisplayPart | ErrorPart


class CellPart(_Part, frozen=True, kw_only=True):
    """What one cell left behind."""

    id: CellId
    label: str | None
    source: Digest
    status: CellStatus
    outputs: tuple[OutputPart, ...]
    seconds: float
    peak_rss_bytes: int | None = None
    peak_cuda_bytes: int | None = None


class ValuePart(_Part, frozen=True, kw_only=True):
    """What one inline expression gave."""

    source: Digest
    output: DisplayPart | ErrorPart


class ReferencePart(_Part, frozen=True, kw_only=True):
    """A published value beside a metric."""

    value: float
    source: str = ""
    spread: float | None = None


class MetricPart(_Part, frozen=True, kw_only=True):
    """A number that a cell reported: the payload of `METRIC_TYPE` and the cell."""

    name: str
    value: float
    unit: str | None = None
    better: Literal["higher", "lower"] | None = None
    spread: float | None = None
    spread_kind: str | None = None
    n: int | None = None
    reference: ReferencePart | None = None
    tolerance: float | None = None
    cell: str = ""

    def as_metric(self, cell: CellId) -> Metric:
        """The same as a value of the pipeline."""
        reference = self.reference
        return Metric(
            name=self.name,
            value=self.value,
            unit=self.unit,
            better=self.better,
            spread=self.spread,
            spread_kind=self.spread_kind,
            n=self.n,
            reference=None
            if reference is None
            else Reference(value=reference.value, source=reference.source, spread=reference.spread),
            tolerance=self.tolerance,
            cell=cell,
        )


# --- facts ------------------------------------------------------------------------------------------


class Environment(_Part, frozen=True, kw_only=True):
    """Where the run took place, asked of the kernel."""

    python: str = ""
    implementation: str = ""
    platform: str = ""
    cpu_model: str = ""
    cpu_count: int = 0
    memory_bytes: int = 0
    cuda_device: str = ""
    cuda_count: int = 0
    cuda_driver: str = ""
    cuda_version: str = ""
    torch: str = ""
    packages: dict[str, str] = {}
    """Distributions that the run imported from, with their versions."""


class RunFacts(_Part, frozen=True, kw_only=True):
    """When and how it ran; nothing that names the machine."""

    started: datetime
    """UTC."""
    seconds: float
    seed: int | None
    parameters: dict[str, Any]
    profile: Literal["full", "smoke"]
    backend: str
    host_class: Literal["ci", "local"]
    commit: str | None
    is_dirty: bool
    device_kind: Literal["cpu", "cuda"]


Base = Literal["page", "site", "path", "editable"]
"""What an observed path is relative to: the page's folder where it lies below it, else the site's root. A module outside the
site: `path` is the first folder of the kernel's import path that has it; `editable` a distribution installed in place, whose
name is the path's first part and whose project's folder the rest is relative to."""

CHANGED: Final = Digest("changed")
"""In place of the digest of a file that was changed after the run had opened it: no look-up ever finds it again."""


UNWATCHED: Final = "this run, which could not be watched,"
"""In `Observed.unseen` where the kernel could not say what it had seen: such a record never holds."""


class ObservedFile(_Part, frozen=True, kw_only=True):
    """A module of the site that the run imported, or a file of the site that it read."""

    path: str
    base: Base
    digest: Digest
    """SHA-256 of its content when it was read, or `CHANGED`."""
    size: int | None = None
    """Bytes; looked at before the content."""


class ObservedFolder(_Part, frozen=True, kw_only=True):
    """A folder of the site that the page's code listed, with the names that it found."""

    path: str
    base: Base
    names: tuple[str, ...]
    """Sorted; without those that are not counted (hidden, output and results folders, what the run wrote)."""
    ignored: tuple[str, ...] = ()
    """Names that are not counted for another reason than their leading dot: a look-up leaves them out too."""


class ObservedPath(_Part, frozen=True, kw_only=True):
    """A path of the site that the run looked for in vain, or wrote."""

    path: str
    base: Base


class Observed(_Part, frozen=True, kw_only=True):
    """Items 7 and 8, known only after the run; a look-up verifies them."""

    distributions: dict[str, str] = {}
    """Name to version of every distribution that the run imported from; empty where `lock` counts instead."""
    folder: str | None = None
    """The page's, relative to the site's root: its code may name files outside of it by the way from there."""
    lock: ObservedFile | None = None
    """The lock file, under `environment = "lock"`."""
    files: tuple[ObservedFile, ...] = ()
    folders: tuple[ObservedFolder, ...] = ()
    absent: tuple[ObservedPath, ...] = ()
    """Files that the run failed to open because they were not there."""
    written: tuple[ObservedPath, ...] = ()
    """What the run wrote: never counted, never published as a resource of a bundle."""
    unseen: tuple[str, ...] = ()
    """What may have read files that we cannot see, in words: `the program "git"`, `h5py.File`."""
    unseen_cells: tuple[int, ...] = ()
    """The cell of each of `unseen`: its place among the cells that run, from 1; 0 is not known."""


class Record(_Part, frozen=True, kw_only=True):
    """One run of one page."""

    schema: int = SCHEMA
    key: Digest
    page: PageKey
    inputs: Inputs
    cells: tuple[CellPart, ...]
    values: tuple[ValuePart, ...]
    metrics: tuple[MetricPart, ...]
    environment: Environment
    run: RunFacts
    observed: Observed
    ok: bool
    """False: a cell failed, so the record is history and never a hit."""


class Acceptance(_Part, frozen=True, kw_only=True):
    """A person's word that a record is the result from now on: `accepted/<digest of the record>.json`."""

    schema: int = SCHEMA
    record: Digest
    date: datetime
    """UTC."""
    commit: str | None = None
    """Of the site's repository, when it was accepted."""


# --- to and from bytes ------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal values have equal bytes."""
    return msgspec.json.encode(value, order="sorted")


def encode(record: Record) -> bytes:
    """The record's file: canonical, one line."""
    return canonical(record) + b"\n"


def decode(content: bytes) -> Record:
    """The record in a file.

    Raises:
        msgspec.MsgspecError: it is not a record of this schema.
    """
    return _decode(content, Record)


def encode_acceptance(acceptance: Acceptance) -> bytes:
    """The acceptance's file."""
    return canonical(acceptance) + b"\n"


def decode_acceptance(content: bytes, record: Digest) -> Acceptance:
    """The acceptance in a file.

    Args:
        content: of the file.
        record: the digest that the file is named by.

    Raises:
        msgspec.MsgspecError: it is not an acceptance of this schema.
        ValueError: it is of another record.
    """
    acceptance = _decode(content, Acceptance)
    if acceptance.record != record:
        raise ValueError("it accepts another record than it is named by")
    return acceptance


_T = TypeVar("_T")


def _decode(content: bytes, kind: type[_T]) -> _T:
    version = msgspec.json.decode(content, type=_Version).schema
    if version != SCHEMA:
        raise SchemaError(version)
    return msgspec.json.decode(content, type=kind)


class SchemaError(msgspec.ValidationError):
    """A file of another version of the schema: nothing is wrong with it, but it says nothing to us."""

    def __init__(self, version: int) -> None:
        super().__init__(f"schema {version} is not {SCHEMA}")
        self.version = version


class _Version(msgspec.Struct):
    schema: int
