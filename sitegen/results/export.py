"""Every metric of every run with its provenance, as rows: for a spreadsheet, a notebook, another tool."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from sitegen.content.document import Digest
from sitegen.results.provenance import outline_of
from sitegen.results.record import MetricPart
from sitegen.results.store import StoredRecord

COLUMNS: Final = (
    "page",
    "metric",
    "value",
    "unit",
    "better",
    "spread",
    "spread_kind",
    "n",
    "reference",
    "reference_source",
    "tolerance",
    "cell",
    "record",
    "key",
    "ok",
    "accepted",
    "started",
    "seconds",
    "device",
    "device_group",
    "profile",
    "seed",
    "commit",
    "is_dirty",
    "python",
    "platform",
    "packages",
)
"""In this order; new ones are added at the end."""


def export_rows(stored: Iterable[StoredRecord], accepted: Container[Digest]) -> list[dict[str, Any]]:
    """One row a metric and run, with the columns above; `packages` is a table of names and versions."""
    return [_row(found, metric, accepted) for found in stored for metric in found.record.metrics]


def as_csv(rows: Iterable[dict[str, Any]]) -> str:
    """The rows with a line of column names; packages as `numpy 2.4.6; torch 2.13.0`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        packages = "; ".join(f"{name} {version}" for name, version in sorted(row["packages"].items()))
        writer.writerow({**row, "packages": packages})
    return text.getvalue()


def utc(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _row(stored: StoredRecord, metric: MetricPart, accepted: Container[Digest]) -> dict[str, Any]:
    record = stored.record
    outline = outline_of(record, stored.digest)
    reference = metric.reference
    values = (
        record.page,
        metric.name,
        metric.value,
        metric.unit,
        metric.better,
        metric.spread,
        metric.spread_kind,
        metric.n,
        reference.value if reference is not None else None,
        reference.source if reference is not None else None,
        metric.tolerance,
        metric.cell,
        stored.digest,
        record.key,
        record.ok,
        stored.digest in accepted,
        utc(record.run.started),
        record.run.seconds,
        outline.device,
        outline.device_group,
        record.run.profile,
        record.run.seed,
        record.run.commit,
        record.run.is_dirty,
        record.environment.python,
        record.environment.platform,
        record.environment.packages,
    )
    return dict(zip(COLUMNS, values, strict=True))
