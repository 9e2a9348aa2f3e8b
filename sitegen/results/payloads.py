"""What `sitegen.lab` reports from a cell: the schema of each payload."""

from __future__ import annotations

from typing import Final, Literal, TypeVar

import msgspec

from sitegen.content.executed import DisplayOutput
from sitegen.frozen import thaw
from sitegen.results.media_types import ARTIFACT_TYPE, CURVE_TYPE, METRIC_TYPE, OURS, SEED_TYPE
from sitegen.results.record import MetricPart

S = TypeVar("S", bound=msgspec.Struct)


class _Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one call sends; nothing in it that the schema does not name."""


class SeedPayload(_Payload, frozen=True, kw_only=True):
    """`lab.seed`."""

    seed: int


class CurvePayload(_Payload, frozen=True, kw_only=True):
    """`lab.curve`: all points of one curve of a cell, thinned where there were very many."""

    name: str
    x_label: str
    y_label: str
    y_scale: Literal["linear", "log"]
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    """As many as `x`; None: the value was not finite."""
    points: int
    """How many points the cell gave."""
    not_finite: int
    """How many of them had no finite y."""

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError("x and y have not the same length")


class ArtifactPayload(_Payload, frozen=True, kw_only=True):
    """`lab.artifact`: a file that was kept."""

    name: str
    """Of the file, without its folder."""
    size_bytes: int
    digest: str
    """SHA-256 of its content."""

    def __post_init__(self) -> None:
        if not self.name or self.name in (".", "..") or "/" in self.name or "\\" in self.name:
            raise ValueError("the name is no file's")


class ProgressPayload(_Payload, frozen=True, kw_only=True):
    """`lab.progress`: how far a loop has come; told while it runs and never kept."""

    bar: str
    done: int
    total: int | None
    level: int
    """0 for the outermost bar."""
    ended: bool


_SCHEMAS: Final[dict[str, type[msgspec.Struct]]] = {
    METRIC_TYPE: MetricPart,
    SEED_TYPE: SeedPayload,
    CURVE_TYPE: CurvePayload,
    ARTIFACT_TYPE: ArtifactPayload,
}


def misfit(output: DisplayOutput) -> str | None:
    """What is wrong with a report of a cell, in words; None where all is well, and for any other display."""
    for media_type, schema in _SCHEMAS.items():
        if media_type in output.data:
            try:
                msgspec.convert(thaw(output.data[media_type]), schema)
            except msgspec.ValidationError as error:
                what = media_type.removeprefix(OURS).removesuffix("+json")
                return f"a {what} that cannot be read: {error}"
    return None


def curve_of(output: DisplayOutput) -> CurvePayload | None:
    """The curve that an output is; None for any other display, and for a curve that does not fit."""
    return _as(output, CURVE_TYPE, CurvePayload)


def artifact_of(output: DisplayOutput) -> ArtifactPayload | None:
    """The artifact that an output describes; None for any other display, and for one that does not fit."""
    return _as(output, ARTIFACT_TYPE, ArtifactPayload)


def _as(output: DisplayOutput, media_type: str, schema: type[S]) -> S | None:
    if media_type not in output.data:
        return None
    try:
        return msgspec.convert(thaw(output.data[media_type]), schema)
    except msgspec.ValidationError:
        return None
