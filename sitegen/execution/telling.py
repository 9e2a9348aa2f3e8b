"""What a kernel says of a cell while it runs, as the events that a build listens to."""

from __future__ import annotations

import msgspec

from sitegen.content.document import CodeCell
from sitegen.execution.collecting import Ears
from sitegen.execution.events import CellStarted, Listener, MetricReported, OutputReceived, ProgressMade
from sitegen.execution.jobs import Job
from sitegen.results.payloads import ProgressPayload
from sitegen.results.record import MetricPart


def ears_of(job: Job, cell: CodeCell, tell: Listener) -> Ears:
    """Ears for one cell that tell a listener what they hear."""

    def hear(kind: str, size: int) -> None:
        tell(OutputReceived(page=job.page, cell=cell.id, kind=kind, size_characters=size))

    def progress(payload: object) -> None:
        try:
            made = msgspec.convert(payload, ProgressPayload)
        except msgspec.ValidationError:  # somebody else's display of the same MIME type
            return
        tell(
            ProgressMade(
                page=job.page,
                cell=cell.id,
                bar=made.bar,
                done=made.done,
                total=made.total,
                level=made.level,
                ended=made.ended,
            )
        )

    def measure(payload: object) -> None:
        try:
            made = msgspec.convert(payload, MetricPart)
        except msgspec.ValidationError:  # SG322 says so when the page is done
            return
        tell(MetricReported(page=job.page, cell=cell.id, name=made.name, value=made.value, unit=made.unit))

    return Ears(heard=hear, progressed=progress, measured=measure)


def started(job: Job, cell: CodeCell, number: int) -> CellStarted:
    """The event that a cell was sent; `number` from 1."""
    return CellStarted(
        page=job.page,
        cell=cell.id,
        number=number,
        cells=len(job.cells),
        line=cell.location.line if cell.location.cell is None else None,
        label=cell.options.label,
    )
