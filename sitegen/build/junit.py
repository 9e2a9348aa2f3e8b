"""A build as JUnit XML: a suite a page, a test a cell; what systems for continuous integration show.

There is no standard. This is the common part of what Ant, pytest and Jenkins write and read: `testsuites`, `testsuite` with
`properties`, and `testcase` with, in this order, `skipped`, `error`, `failure` and `system-out`; `file` and `line` of a test
are an addition that pytest made common. GitLab tells tests apart by `classname` and `name`, shows the text of a
failure and not its `message`, and takes no file above 30 MB (docs.gitlab.com, "Unit test reports").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final
from xml.etree import ElementTree as ET

from sitegen.build.report import BuildReport, CellReport, PageReport
from sitegen.errors import Diagnostic, SourceLocation

SITE_SUITE: Final = "site"
"""The suite of what is wrong with no page's cells."""

_NO_VERDICT: Final = frozenset({"SG303", "SG304", "SG325", "SG327"})
"""An `error` and no `failure`: the cell could not be judged, since its kernel or its device was not there."""
_OLD_RESULTS: Final = frozenset({"not run", "stale", "other device", "pinned"})
"""States of a page whose cells did not run, and whose results are none of this code on this machine."""
_LONGEST: Final = 20_000
"""Characters of a text; some hundred failures stay far below the 30 MB that GitLab takes."""

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Of terminals: colours and cursor (CSI), titles and links (OSC), the rest of two characters. ECMA-48."""
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, section 2.2 (`Char`)."""


def junit_xml(report: BuildReport, *, base: str = "") -> bytes:
    """The build as an XML file.

    Args:
        report: of the build.
        base: the way to the site's folder from where the paths in `file` begin.
    """
    folder = PurePosixPath(base)
    found = _sorted_by_page(report)
    suites = [_suite_of_page(page, found.of_page(page), folder) for page in report.executed]
    suites.append(_suite_of_site(report, found.elsewhere, folder))
    root = ET.Element("testsuites", name="sitegen", time=_seconds(report.seconds))
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def legal(text: str) -> str:
    """The text without what a terminal acts on and what XML cannot hold."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", _ESCAPES.sub("", text))


# --- what belongs where -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Findings:
    """Errors and warnings by where they belong."""

    by_cell: dict[tuple[str, int], list[Diagnostic]] = field(default_factory=dict)
    """By page and the cell's place."""
    by_page: dict[str, list[Diagnostic]] = field(default_factory=dict)
    """Of a page with cells, at none of them."""
    elsewhere: list[Diagnostic] = field(default_factory=list)

    def of_page(self, page: PageReport) -> tuple[list[list[Diagnostic]], list[Diagnostic]]:
        """Of each of its cells, and of the rest of the page."""
        cells = [self.by_cell.get((page.page, place), []) for place in range(len(page.cell_runs))]
        return cells, self.by_page.get(page.page, [])


def _sorted_by_page(report: BuildReport) -> _Findings:
    found = _Findings()
    pages = {page.path: page for page in report.executed}
    for diagnostic in report.diagnostics:
        if diagnostic.severity == "info":
            continue
        for where in (diagnostic.location, *diagnostic.related):
            page = None if where is None else pages.get(str(where.path))
            place = None if where is None or page is None else _cell_at(where, page.cell_runs)
            if page is not None and place is not None:
                found.by_cell.setdefault((page.page, place), []).append(diagnostic)
                break
        else:
            page = pages.get(str(diagnostic.location.path)) if diagnostic.location else None
            owner = found.elsewhere if page is None else found.by_page.setdefault(page.page, [])
            owner.append(diagnostic)
    return found


def _cell_at(where: SourceLocation, cells: Sequence[CellReport]) -> int | None:
    """The place of the cell that has this line."""
    for place, cell in enumerate(cells):
        if where.cell != cell.cell:
            continue
        if where.line is None or cell.line is None or cell.end_line is None:
            if where.cell is not None:
                return place
        elif cell.line <= where.line <= cell.end_line:
            return place
    return None


# --- suites and tests -------------------------------------------------------------------------------


def _suite_of_page(
    page: PageReport, found: tuple[list[list[Diagnostic]], list[Diagnostic]], base: PurePosixPath
) -> ET.Element:
    of_cells, of_page = found
    file, names = str(base / page.path), Counter[str]()
    tests = []
    for cell, diagnostics in zip(page.cell_runs, of_cells, strict=True):
        test = _test(
            page.path,
            _once(cell.name, names),
            file=file,
            line=cell.line if cell.cell is None else None,
            seconds=cell.seconds if page.ran else 0.0,
        )
        _judge(test, diagnostics, skipped=_reason_to_skip(page, cell))
        tests.append(test)
    for name, diagnostics in _by_name(of_page):
        line = _line(diagnostics[0].location)
        test = _test(page.path, _once(name, names), file=file, line=line)
        _judge(test, diagnostics)
        tests.append(test)
    spent = page.kernel_seconds or 0.0
    return _suite(page.path, tests, seconds=spent, started=page.started, properties=_properties(page))


def _reason_to_skip(page: PageReport, cell: CellReport) -> str | None:
    if not page.ran and page.state in _OLD_RESULTS:
        return "; ".join((page.state, *page.why))
    if cell.status == "skipped":
        return "a cell above it failed"
    return "no result goes with this cell" if cell.status == "none" else None


def _properties(page: PageReport) -> Iterator[tuple[str, object]]:
    yield "page", page.page
    yield "state", page.state
    yield "ran", page.ran
    yield "why", "; ".join(page.why) or None
    yield "device", page.device
    yield "cuda", ", ".join(str(number) for number in page.cuda) or None
    yield "warm", page.is_warm
    yield "memory_bytes", page.memory_bytes
    yield "record", page.record
    yield "commit", page.commit
    if not page.ran and page.record is not None:
        yield "recorded", page.started
        yield "recorded_seconds", _seconds(page.seconds)


def _suite_of_site(report: BuildReport, diagnostics: Iterable[Diagnostic], base: PurePosixPath) -> ET.Element:
    """What is wrong with no page's cells, by file; one test that passes where nothing is, for an empty report is an error."""
    by_file: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        by_file.setdefault(str(diagnostic.location.path) if diagnostic.location else "", []).append(
            diagnostic
        )
    tests = []
    if report.crash is not None:
        test = _test(SITE_SUITE, "build")
        _add(test, "error", report.crash, message=report.crash.strip().splitlines()[-1], type="crash")
        tests.append(test)
    for path, found in by_file.items():
        test = _test(
            SITE_SUITE,
            path or "build",
            file=str(base / path) if path else None,
            line=_line(found[0].location),
        )
        _judge(test, found)
        tests.append(test)
    facts = (("published", report.published), ("pages", report.pages), ("seconds", _seconds(report.seconds)))
    return _suite(
        SITE_SUITE, tests or [_test(SITE_SUITE, "everything but cells")], seconds=0.0, properties=facts
    )


def _suite(
    name: str,
    tests: Sequence[ET.Element],
    *,
    seconds: float,
    started: str | None = None,
    properties: Iterable[tuple[str, object]],
) -> ET.Element:
    counts = {
        kind: sum(test.find(kind) is not None for test in tests) for kind in ("failure", "error", "skipped")
    }
    suite = ET.Element(
        "testsuite",
        name=legal(name),
        tests=str(len(tests)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=_seconds(seconds),
    )
    if started is not None:
        suite.set("timestamp", started.rstrip("Z"))  # Ant's schema has no zone
    listed = ET.SubElement(suite, "properties")
    for key, value in properties:
        if value is not None:
            words = str(value).lower() if isinstance(value, bool) else str(value)
            ET.SubElement(listed, "property", name=f"sitegen.{key}", value=legal(words))
    suite.extend(tests)
    return suite


def _test(
    group: str, name: str, *, file: str | None = None, line: int | None = None, seconds: float = 0.0
) -> ET.Element:
    test = ET.Element("testcase", classname=legal(group), name=legal(name), time=_seconds(seconds))
    if file is not None:
        test.set("file", legal(file))
    if line is not None:
        test.set("line", str(line))
    return test


def _line(place: SourceLocation | None) -> int | None:
    """In the file; a line of a notebook's cell is none of its file."""
    return place.line if place is not None and place.cell is None else None


def _judge(test: ET.Element, diagnostics: Sequence[Diagnostic], *, skipped: str | None = None) -> None:
    """Say what is wrong with a cell: once at most, since readers count the first and no other."""
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    if errors:
        first, *more = errors
        message = first.message + (f" (and {len(more)} more)" if more else "")
        kind = "error" if first.code in _NO_VERDICT else "failure"
        _add(test, kind, "\n\n".join(map(_told, errors)), message=message, type=first.code)
    elif skipped is not None:
        _add(test, "skipped", "", message=skipped)
    rest = [diagnostic for diagnostic in diagnostics if diagnostic.severity != "error"]
    if rest:
        _add(test, "system-out", "\n\n".join(map(_told, rest)))


def _add(test: ET.Element, kind: str, text: str, **attributes: str) -> None:
    child = ET.SubElement(test, kind, {name: legal(value) for name, value in attributes.items()})
    child.text = legal(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n…") or None


def _told(diagnostic: Diagnostic) -> str:
    where = f"{diagnostic.location}: " if diagnostic.location else ""
    parts = [
        f"{where}{diagnostic.severity} {diagnostic.code}: {diagnostic.message}",
        *(f"see also: {location}" for location in diagnostic.related),
        diagnostic.details,
        f"hint: {diagnostic.hint}" if diagnostic.hint else None,
    ]
    return "\n".join(part for part in parts if part)


def _by_name(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    """Tests for what is wrong beside the cells: an inline expression each, and a line of the page each."""
    by_name: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        place = diagnostic.location
        where = "page" if place is None or place.line is None else f"line {place.line}"
        if place is not None and place.cell is not None:
            where = f"cell {place.cell}, {where}"
        if diagnostic.code == "SG305":
            where = f"inline expression, {where}" + (f":{place.column}" if place and place.column else "")
        by_name.setdefault(where, []).append(diagnostic)
    yield from by_name.items()


def _once(name: str, names: Counter[str]) -> str:
    """The name, with a number where the page has it already: a reader drops the second test of a name."""
    names[name] += 1
    return name if names[name] == 1 else f"{name} ({names[name]})"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
