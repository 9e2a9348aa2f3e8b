"""Drift: a metric with a tolerance that has left it since the last accepted run of the same code and inputs.

The baseline of a record is the newest accepted record of the same device class and profile with the same items 1, 3, 5
and 8: only packages, interpreter and chance lie between the two. A record is accepted when it is the first of its code
(the oldest of those), or by `sitegen results accept`. What a person has accepted is no drift itself, whichever
record is newer.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable

import msgspec

from sitegen.content.document import Digest
from sitegen.content.executed import Drift
from sitegen.results.record import CHANGED, UNWATCHED, Record, canonical
from sitegen.results.store import StoredRecord


def drifts_of(
    stored: StoredRecord, records: Iterable[StoredRecord], accepted: Container[Digest]
) -> tuple[Drift, ...]:
    """What of a record has left its tolerance; empty in the smoke profile, for a failed run, and for a baseline itself.

    Args:
        stored: the record in use.
        records: those that may be its baseline: the history of its page, in any order.
        accepted: digests of the records that somebody has accepted.
    """
    record = stored.record
    if record.run.profile == "smoke" or not record.ok or stored.digest in accepted:
        return ()
    if all(metric.tolerance is None for metric in record.metrics):
        return ()
    baseline = baseline_of(stored, records, accepted)
    if baseline is None:
        return ()
    before = {metric.name: metric.value for metric in baseline.record.metrics}
    return tuple(
        Drift(
            metric=metric.name,
            value=metric.value,
            baseline=before[metric.name],
            tolerance=metric.tolerance,
            baseline_record=baseline.digest,
            baseline_started=baseline.record.run.started,
        )
        for metric in record.metrics
        if metric.tolerance is not None
        and metric.name in before
        and not _is_within(metric.value, before[metric.name], metric.tolerance)
    )


def baseline_of(
    stored: StoredRecord, records: Iterable[StoredRecord], accepted: Container[Digest]
) -> StoredRecord | None:
    """The record that this one is compared with; None where it is the baseline itself.

    Args:
        stored: the record in use, of a run that did not fail.
        records: as for `drifts_of`.
        accepted: as for `drifts_of`.
    """
    wanted = _code_of(stored.record)
    alike = {
        found.digest: found
        for found in records
        if found.record.ok and wanted is not None and _code_of(found.record) == wanted
    }
    alike[stored.digest] = stored
    by_age = sorted(alike.values(), key=lambda found: (found.record.run.started, found.digest))
    newest = next((found for found in reversed(by_age) if found.digest in accepted), by_age[0])
    return None if newest.digest == stored.digest else newest


def _code_of(record: Record) -> bytes | None:
    """Items 1, 3, 5 and 8 with the device class and the profile, to be compared; None where item 8 is not known."""
    if UNWATCHED in record.observed.unseen or any(file.digest == CHANGED for file in record.observed.files):
        return None
    inputs = msgspec.structs.replace(record.inputs, list_version=0, kernel="", language="", interpreter="")
    seen = record.observed
    files = sorted((file.base, file.path, file.digest) for file in seen.files)
    folders = sorted((folder.base, folder.path, folder.names) for folder in seen.folders)
    absent = sorted((path.base, path.path) for path in seen.absent)
    return canonical([inputs, files, folders, absent])


def _is_within(value: float, baseline: float, tolerance: float) -> bool:
    """Whether a value keeps to its tolerance; `1.1` does to `1.0 ± 0.1`, though binary fractions say otherwise."""
    distance = abs(value - baseline)
    return distance <= tolerance or math.isclose(distance, tolerance, rel_tol=1e-9)
