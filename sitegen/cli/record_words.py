"""Records as `sitegen results` tells them: facts, differences, histories."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sitegen.content.document import Digest
from sitegen.results.compare import Change, metric_words
from sitegen.results.export import utc
from sitegen.results.provenance import device_group_of, outline_of
from sitegen.results.record import Acceptance
from sitegen.results.store import StoredRecord

_SUBJECTS: Final = {
    "inputs": "inputs",
    "environment": "environment",
    "observed": "packages and files that the runs used",
    "metrics": "metrics",
    "outputs": "outputs",
}


def lines_of(stored: StoredRecord, acceptance: Acceptance | None) -> Iterator[str]:
    """A record's facts, one a line, by subject."""
    record, run, environment = stored.record, stored.record.run, stored.record.environment
    outline = outline_of(record, stored.digest)
    yield from _facts(
        f"record {stored.digest}",
        {
            "page": record.page,
            "key": record.key,
            "started": utc(run.started),
            "seconds": f"{run.seconds:.1f}",
            "state": "ok" if record.ok else "failed",
            "accepted": f"{utc(acceptance.date)} {(acceptance.commit or '')[:12]}".strip()
            if acceptance
            else "",
            "commit": f"{run.commit or ''}{' with changes' if run.commit and run.is_dirty else ''}",
            "profile": run.profile,
            "seed": "" if run.seed is None else str(run.seed),
            "parameters": ", ".join(f"{name} = {value}" for name, value in run.parameters.items()),
            "backend": f"{run.backend} ({run.host_class})",
        },
    )
    yield from _facts(
        "environment",
        {
            "device": outline.device,
            "python": f"{environment.implementation} {environment.python}".strip(),
            "platform": environment.platform,
            "CPU": f"{environment.cpu_model}, {environment.cpu_count} cores" if environment.cpu_count else "",
            "memory": f"{environment.memory_bytes / 2**30:.1f} GiB" if environment.memory_bytes else "",
            "CUDA": f"{environment.cuda_version}, driver {environment.cuda_driver}"
            if environment.cuda_device
            else "",
            "packages": ", ".join(f"{name} {version}" for name, version in environment.packages.items()),
        },
    )
    yield from _facts(
        "metrics",
        {
            metric.name: metric_words(metric)
            + (
                f"; published {metric.reference.value:g} ({metric.reference.source})"
                if metric.reference
                else ""
            )
            for metric in record.metrics
        },
    )
    yield from _facts(
        "cells",
        {
            f"{number} {cell.label or ''}".strip(): f"{cell.status}, {cell.seconds:.1f} s, {len(cell.outputs)} outputs"
            for number, cell in enumerate(record.cells, 1)
        },
    )
    yield from _facts(
        "files",
        {file.path: file.digest[:12] for file in record.observed.files}
        | {file.path: (file.digest or "names no file")[:12] for file in record.inputs.depends},
    )


def difference_lines(before: StoredRecord, after: StoredRecord, changes: Sequence[Change]) -> Iterator[str]:
    """What differs between two records, by subject."""
    for name, stored in (("before", before), ("after", after)):
        outline = outline_of(stored.record, stored.digest)
        yield f"{name:6}  {stored.digest[:12]}  {utc(stored.record.run.started)}  {outline.device}"
    if not changes:
        yield "nothing differs but the time of the run"
    for subject, group in groupby(changes, key=lambda change: change.subject):
        yield ""
        yield f"{_SUBJECTS[subject]}:"
        for change in group:
            yield f"  {change.words()}"


def history_rows(
    records: Sequence[StoredRecord], metrics: Sequence[str], accepted: Container[Digest]
) -> list[dict[str, Any]]:
    """One object a run, oldest first."""
    return [
        {
            "record": stored.digest,
            "started": utc(stored.record.run.started),
            "device": device_group_of(stored.record),
            "commit": stored.record.run.commit,
            "accepted": stored.digest in accepted,
            "metrics": {
                metric.name: {
                    "value": metric.value,
                    "unit": metric.unit,
                    "spread": metric.spread,
                    "n": metric.n,
                }
                for metric in stored.record.metrics
                if metric.name in metrics
            },
        }
        for stored in records
    ]


def history_tables(
    records: Sequence[StoredRecord], metrics: Sequence[str], accepted: Container[Digest]
) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """A title, columns and rows for each device class; runs oldest first."""
    by_device: dict[str, list[StoredRecord]] = {}
    for stored in records:
        by_device.setdefault(device_group_of(stored.record), []).append(stored)
    columns = ("started", "record", "commit", *(f"{name}>" for name in metrics), "accepted")
    for device, runs in by_device.items():
        yield device, columns, [_history_row(stored, metrics, accepted) for stored in runs]


def _history_row(
    stored: StoredRecord, metrics: Sequence[str], accepted: Container[Digest]
) -> tuple[str, ...]:
    values = {metric.name: metric_words(metric) for metric in stored.record.metrics}
    return (
        utc(stored.record.run.started),
        stored.digest[:12],
        (stored.record.run.commit or "")[:10],
        *(values.get(name, "") for name in metrics),
        "accepted" if stored.digest in accepted else "",
    )


def _facts(title: str, facts: Mapping[str, str]) -> Iterator[str]:
    told = {name: value for name, value in facts.items() if value}
    if not told:
        return
    yield title
    width = max(len(name) for name in told)
    for name, value in told.items():
        yield f"  {name.ljust(width)}  {value}"
