"""What a page may tell of a record: where its numbers come from, without their outputs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import msgspec

from sitegen.content.document import Digest
from sitegen.content.executed import Provenance
from sitegen.files import digest_bytes
from sitegen.frozen import freeze
from sitegen.results.record import Observed, Record, canonical

_HIDING: Final = re.compile(r"\w+(?:\.py|/__init__\.py)")
"""A module that would hide one that the page imports: recorded to be verified, of no use to a reader."""


def provenance_of(record: Record, digest: Digest) -> Provenance:
    """The facts for the badge, the panel and `provenance.json`.

    Args:
        record: of the run.
        digest: the record's own.
    """
    cells = [
        {name: value for name, value in cell.items() if name != "outputs"}
        for cell in msgspec.to_builtins(record.cells)
    ]
    facts = {
        "inputs": msgspec.to_builtins(record.inputs),
        "cells": cells,
        "observed": _told(record.observed),
        "run": msgspec.to_builtins(record.run),
    }
    return replace(outline_of(record, digest), facts=freeze(facts))


def _told(observed: Observed) -> dict[str, Any]:
    """What the run observed, without the dozens of modules that were not there to hide others."""
    absent = tuple(path for path in observed.absent if not _HIDING.fullmatch(path.path))
    told: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(observed, absent=absent))
    return told


def outline_of(record: Record, digest: Digest) -> Provenance:
    """The same without the rest of the record: for a run of the history.

    Args:
        record: of the run.
        digest: the record's own.
    """
    return Provenance(
        record=digest,
        key=record.key,
        started=record.run.started,
        seconds=record.run.seconds,
        device=device_of(record),
        device_class=record.run.device_kind,
        seed=record.run.seed,
        profile=record.run.profile,
        commit=record.run.commit,
        is_dirty=record.run.is_dirty,
        environment=freeze(msgspec.to_builtins(record.environment)),
        device_group=device_group_of(record),
        code=Digest(digest_bytes(canonical([record.inputs.cells, record.inputs.expressions]))),
        parameters=freeze(record.run.parameters),
    )


def device_of(record: Record) -> str:
    """Where it ran: `NVIDIA A100`, `cpu (Some Model)`."""
    if record.run.device_kind == "cuda":
        return _cuda_name(record)
    model = record.environment.cpu_model
    return f"cpu ({model})" if model else "cpu"


def device_group_of(record: Record) -> str:
    """What its numbers may be compared within.

    Also for a page of `device: any`: two machines' numbers are never silently one curve.
    """
    name = _cuda_name(record) if record.run.device_kind == "cuda" else "cpu"
    model = record.inputs.device.cpu_model
    return f"{name} ({model})" if model else name


def _cuda_name(record: Record) -> str:
    """`NVIDIA A100`, or `2 × NVIDIA A100` where the page got several."""
    name = record.environment.cuda_device or record.inputs.device.name or "cuda"
    count = record.inputs.device.count
    return f"{count} \N{MULTIPLICATION SIGN} {name}" if count > 1 else name
