"""A build as Markdown for the summary of a GitHub job: was it published, what failed, what ran and for how long."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sitegen.build.junit import legal
from sitegen.build.report import BuildReport, PageReport
from sitegen.errors import Diagnostic
from sitegen.rendering.results.numbers import bytes_text, duration_text

_FAILURES_BYTES: Final = 80_000
_WARNINGS_BYTES: Final = 30_000
_PAGES_BYTES: Final = 60_000
_DRIFTS_BYTES: Final = 20_000
"""What a part may take; 200 kB in all. GitHub takes a MiB of a step, and drops all of it where there is more
(docs.github.com, "Workflow commands", job summaries), and a page of that size is of no use to anybody."""
_LONGEST_MESSAGE: Final = 500
_LONGEST_DETAILS: Final = 4000
_FOLDED_ABOVE: Final = 20
"""Rows from which a table is folded."""
_SLOWEST: Final = 5
_TELLING_S: Final = 0.05
"""A cell that took less would be shown as `0.0`."""


def step_summary(report: BuildReport) -> str:
    """The Markdown; it ends in a line break."""
    errors = [diagnostic for diagnostic in report.diagnostics if diagnostic.severity == "error"]
    warnings = [diagnostic for diagnostic in report.diagnostics if diagnostic.severity == "warning"]
    parts = (
        *_head(report, errors, warnings),
        *_messages("Errors", errors, _FAILURES_BYTES, is_folded=False),
        *_crash(report),
        *_drifts(report.executed),
        *_slowest_cells(report.executed),
        *_pages(report.executed),
        *_messages("Warnings", warnings, _WARNINGS_BYTES, is_folded=True),
    )
    return "\n".join(parts) + "\n"


def code(text: str, *, in_table: bool = False) -> str:
    """A text as code in one line: nothing in it is Markdown, HTML, a mention or, in a table, the end of a cell."""
    line = " ".join(legal(text).split())
    if len(line) > _LONGEST_MESSAGE:
        line = line[: _LONGEST_MESSAGE - 1] + "…"
    if in_table:
        line = line.replace("|", r"\|")
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def _head(report: BuildReport, errors: Sequence[object], warnings: Sequence[object]) -> Iterator[str]:
    yield "## sitegen: " + ("published" if report.published else "not published")
    yield ""
    words = [f"{report.pages} page{_s(report.pages)} in {duration_text(report.seconds)}"]
    ran = [page for page in report.executed if page.ran]
    if report.executed:
        words.append(f"{len(ran)} of {len(report.executed)} pages with cells ran in this build")
    if ran:
        kernels, wall = duration_text(report.kernel_seconds), duration_text(report.wall_seconds)
        words.append(f"{kernels} of kernels in {wall}")
    for found, noun in ((errors, "error"), (warnings, "warning")):
        if found:
            words.append(f"**{len(found)} {noun}{_s(len(found))}**")
    yield "; ".join(words) + "."


def _messages(
    title: str, diagnostics: Sequence[Diagnostic], size_bytes: int, *, is_folded: bool
) -> Iterator[str]:
    if not diagnostics:
        return
    items = ("\n".join(_message(diagnostic, with_details=not is_folded)) for diagnostic in diagnostics)
    lines = list(_fitting(items, len(diagnostics), size_bytes))
    heading = f"{title} ({len(diagnostics)})"
    yield from _folded(heading, lines) if is_folded else ("", f"### {heading}", "", *lines)


def _message(diagnostic: Diagnostic, *, with_details: bool) -> Iterator[str]:
    where = f"{code(str(diagnostic.location))} " if diagnostic.location else ""
    yield f"- {where}{diagnostic.code} {code(diagnostic.message)}"
    if diagnostic.details and with_details:
        text = legal(diagnostic.details)
        text = text if len(text) <= _LONGEST_DETAILS else f"{text[:_LONGEST_DETAILS]}\n…"
        # no line may be blank: it would end the HTML
        lines = [html.escape(line, quote=False) if line.strip() else "&nbsp;" for line in text.splitlines()]
        yield "  <details><summary>details</summary><pre>" + "\n  ".join(lines) + "</pre></details>"


def _crash(report: BuildReport) -> Iterator[str]:
    if report.crash is not None:
        lines = [
            html.escape(line, quote=False) or "&nbsp;"
            for line in legal(report.crash)[-_LONGEST_DETAILS:].splitlines()
        ]
        yield from ("", "### Ended half-way", "", "<pre>" + "\n".join(lines) + "</pre>")


def _drifts(pages: Iterable[PageReport]) -> Iterator[str]:
    found = [(page, drift) for page in pages for drift in page.drifts]
    if not found:
        return
    rows = (
        _row(
            _code(page.path),
            _code(drift.metric),
            _code(f"{drift.baseline:.10g}{_unit(drift.unit)} → {drift.value:.10g}{_unit(drift.unit)}"),
            f"± {drift.tolerance:g}",
        )
        for page, drift in found
    )
    yield from ("", f"### Drifted metrics ({len(found)})", "")
    yield from (_row("page", "metric", "accepted → now", "tolerance"), "| --- | --- | --- | --- |")
    yield from _fitting(rows, len(found), _DRIFTS_BYTES)


def _slowest_cells(pages: Iterable[PageReport]) -> Iterator[str]:
    cells = sorted(
        (
            (cell.seconds, page, cell)
            for page in pages
            if page.ran
            for cell in page.cell_runs
            if cell.seconds >= _TELLING_S
        ),
        key=lambda found: -found[0],
    )[:_SLOWEST]
    if not cells:
        return
    yield from ("", "### Slowest cells", "", _row("cell", "", "seconds"), "| --- | --- | ---: |")
    for seconds, page, cell in cells:
        place = (
            f":cell {cell.cell}" if cell.cell is not None else "" if cell.line is None else f":{cell.line}"
        )
        yield _row(_code(f"{page.path}{place}"), _code(cell.label or ""), f"{seconds:.1f}")


def _pages(pages: Sequence[PageReport]) -> Iterator[str]:
    if not pages:
        return
    by_state = sorted(pages, key=lambda page: (not page.ran, page.state, -_seconds(page)))
    rows = (
        _row(
            _code(page.path),
            page.state,
            "yes" if page.ran else "no",
            f"{_seconds(page):.1f}",
            bytes_text(page.memory_bytes) if page.memory_bytes else "",
            _code((page.device or "") + "".join(f" cuda:{number}" for number in page.cuda)),
        )
        for page in by_state
    )
    table = [
        _row("page", "state", "ran now", "seconds", "peak memory", "device"),
        "| --- | --- | --- | ---: | ---: | --- |",
        *_fitting(rows, len(pages), _PAGES_BYTES),
    ]
    heading = f"Pages with cells ({len(pages)})"
    yield from _folded(heading, table) if len(pages) > _FOLDED_ABOVE else ("", f"### {heading}", "", *table)


def _folded(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"<details><summary>{heading}</summary>", "", *lines, "", "</details>")


def _fitting(items: Iterable[str], count: int, size_bytes: int) -> Iterator[str]:
    """As many as the size allows, and how many there are beside."""
    left = size_bytes
    for shown, item in enumerate(items):
        left -= len(item.encode()) + 1
        if left < 0:
            yield f"\n… and {count - shown} more"
            return
        yield item


def _seconds(page: PageReport) -> float:
    """Of its kernel in this build, else of its cells when they ran."""
    return page.seconds if page.kernel_seconds is None else page.kernel_seconds


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _code(text: str) -> str:
    return code(text, in_table=True)


def _unit(unit: str | None) -> str:
    return f" {unit}" if unit else ""


def _s(count: int) -> str:
    return "" if count == 1 else "s"
