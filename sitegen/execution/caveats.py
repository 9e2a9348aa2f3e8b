"""What an author should know of what a run was seen to use: SG317 and SG318, from its record, so of a cached page too."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from sitegen.content.document import CodeCell, Document
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution import questions
from sitegen.execution.lockfile import LOCK_FILES, locked_versions
from sitegen.results.record import CHANGED, Observed, Record


def caveats(
    record: Record, document: Document, cells: Sequence[CodeCell], root: Path
) -> Iterator[Diagnostic]:
    """The warnings for a page that shows this record.

    Args:
        record: of the page's own code.
        document: the page.
        cells: those that run.
        root: the site's folder.
    """
    seen = record.observed
    places = [cell.location for cell in cells] or [item.location for item in document.expressions]
    if seen.unseen and not any(cell.options.depends for cell in cells):
        settled = {number for number, cell in enumerate(cells, 1) if cell.options.depends is not None}
        yield from _unseen(seen, places, settled)
    yield from _changed(seen, places[0])
    if document.execution.environment == "lock":
        yield from _lock_differences(record, places[0], root)


def _unseen(
    seen: Observed, places: Sequence[SourceLocation], settled: Container[int]
) -> Iterator[Diagnostic]:
    """One warning a cell that did something we cannot follow, but for those with `depends: []`."""
    by_cell: dict[int, list[str]] = {}
    for what, cell in zip(seen.unseen, (*seen.unseen_cells, *[0] * len(seen.unseen)), strict=False):
        by_cell.setdefault(cell, []).append(what)
    for cell, words in by_cell.items():
        if cell in settled:
            continue
        yield Diagnostic(
            code="SG317",
            severity="warning",
            message=f"what {_listed(words)} read is not known; a change of it would not run the page again",
            location=places[cell - 1] if 0 < cell <= len(places) else places[0],
            hint="name the files in the cell's `depends`; `depends: []` says that it reads none",
        )


def _changed(seen: Observed, place: SourceLocation) -> Iterator[Diagnostic]:
    written = {(path.base, path.path) for path in seen.written}
    for file in seen.files:
        if file.digest != CHANGED:
            continue
        is_own = (file.base, file.path) in written
        yield Diagnostic(
            code="SG317",
            severity="warning",
            message=f"the page reads `{file.path}` and changes it, so it runs in every build"
            if is_own
            else f"`{file.path}` was changed while the page ran: the next build runs the page again",
            location=place,
            hint="write to another file" if is_own else "leave the site's files alone while it is built",
        )


def _lock_differences(record: Record, place: SourceLocation, root: Path) -> Iterator[Diagnostic]:
    lock = record.observed.lock
    if lock is None:
        yield Diagnostic(
            code="SG318",
            severity="warning",
            message='there is no lock file for `environment = "lock"`: the installed versions count',
            location=place,
            hint=f"add one of {', '.join(f'`{name}`' for name in LOCK_FILES)}, or name it under `[execute] lock-file`",
        )
        return
    questions.content_of(root / lock.path)
    try:
        locked = locked_versions(root / lock.path)
    except ValueError as error:
        yield Diagnostic(
            code="SG318",
            severity="warning",
            message=f"`{lock.path}` cannot be read: {error}",
            location=place,
            hint="make the lock file again",
        )
        return
    for name, version in record.environment.packages.items():
        wanted = locked.get(name, frozenset())
        if version not in wanted:
            said = (
                f"{lock.path} has {' or '.join(sorted(wanted))}"
                if wanted
                else f"{lock.path} does not name it"
            )
            yield Diagnostic(
                code="SG318",
                severity="warning",
                message=f"{name} {version} was used, but {said}",
                location=place,
                hint="install from the lock file, or lock again",
            )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
