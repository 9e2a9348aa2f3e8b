"""A build as JUnit XML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sitegen.build.junit import junit_xml, legal
from sitegen.build.report import BuildReport, CellReport, PageReport
from sitegen.errors import Diagnostic, SourceLocation

PATH = "content/posts/ppo.md"
RECORD = "ab" * 32
FRESH = PageReport(
    page="/posts/ppo",
    path=PATH,
    cells=3,
    state="fresh",
    seconds=3.5,
    device="NVIDIA H200",
    record=RECORD,
    why=("seed 1 -> 2",),
    cell_runs=(
        CellReport(label="train", line=10, end_line=14, status="ok", seconds=3.0),
        CellReport(label=None, line=20, end_line=22, status="ok", seconds=0.5),
        CellReport(label=None, line=30, end_line=30, status="ok", seconds=0.0),
    ),
    ran=True,
    kernel_seconds=4.25,
    memory_bytes=1 << 30,
    cuda=(0,),
    is_warm=True,
    started="2030-01-02T03:04:05Z",
    commit="c0ffee",
)
CACHED = replace(FRESH, state="cached", ran=False, kernel_seconds=None, cuda=(), is_warm=None)
TESTCASE = ("skipped", "error", "failure", "system-out", "system-err")
"""Children of a test, in the order of Jenkins's schema."""
ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name"}, {"time", "tests", "failures", "errors", "skipped"}),
    "testsuite": ({"name", "tests"}, {"failures", "errors", "skipped", "time", "timestamp"}),
    "testcase": ({"name", "classname"}, {"time", "file", "line"}),
    "properties": (set(), set()),
    "property": ({"name", "value"}, set()),
    "skipped": ({"message"}, set()),
    "error": ({"message", "type"}, set()),
    "failure": ({"message", "type"}, set()),
    "system-out": (set(), set()),
}
"""Of each element: those that it must have, and those that it may; with pytest's `file` and `line`."""


def wrong(
    line: int | None = None,
    code: str = "SG301",
    *,
    severity: Any = "error",
    path: str = PATH,
    message: str = "cell raised ValueError: no",
    **more: Any,
) -> Diagnostic:
    """A diagnostic at a line of the page."""
    place = SourceLocation(path=PurePosixPath(path), line=line, column=more.pop("column", None))
    return Diagnostic(code=code, severity=severity, message=message, location=place, **more)


def build(*diagnostics: Diagnostic, pages: tuple[PageReport, ...] = (FRESH,), **more: Any) -> ET.Element:
    """The XML of a build, held against what readers expect of it."""
    report = BuildReport(published=False, seconds=9.0, executed=pages, diagnostics=diagnostics, **more)
    root = ET.fromstring(junit_xml(report))
    _check(root)
    return root


def _check(root: ET.Element) -> None:
    for element in root.iter():
        needed, allowed = ATTRIBUTES[element.tag]
        assert needed <= set(element.keys()) <= needed | allowed, element.tag
    suites = root.findall("testsuite")
    assert (root.tag, list(root)) == ("testsuites", suites)
    names = [(test.get("classname"), test.get("name")) for test in root.iter("testcase")]
    assert len(names) == len(set(names)), "GitLab drops the second of a name"
    for suite in suites:
        tests = suite.findall("testcase")
        assert [child.tag for child in suite] == ["properties", *["testcase"] * len(tests)]
        assert len(tests) == int(suite.attrib["tests"]) > 0, "Jenkins takes an empty report for an error"
        for test in tests:
            places = [TESTCASE.index(child.tag) for child in test]
            assert places == sorted(places)
            assert sum(child.tag in ("skipped", "error", "failure") for child in test) <= 1
        for kind in ("failure", "error", "skipped"):
            count = sum(test.find(kind) is not None for test in tests)
            plural = {"failure": "failures", "error": "errors", "skipped": "skipped"}[kind]
            assert int(suite.attrib[plural]) == count
    for total in ("tests", "failures", "errors", "skipped"):
        assert int(root.attrib[total]) == sum(int(suite.attrib[total]) for suite in suites)


def case(root: ET.Element, name: str) -> ET.Element:
    """The test of that name."""
    (found,) = (test for test in root.iter("testcase") if test.get("name") == name)
    return found


def outcomes(root: ET.Element) -> dict[str, list[str]]:
    """What each test has, by name."""
    return {test.attrib["name"]: [child.tag for child in test] for test in root.iter("testcase")}


def properties(root: ET.Element) -> dict[str, str]:
    """Those of the first suite."""
    suite = root.find("testsuite")
    assert suite is not None
    return {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}


def test_page_is_a_suite_and_cell_a_test() -> None:
    """Label or line, file, line and time; what is known of the run as properties."""
    root = build()

    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("name"), suite.get("time"), suite.get("timestamp")) == (
        PATH,
        "4.250",
        "2030-01-02T03:04:05",
    )
    assert dict(case(root, "train").attrib) == {
        "classname": PATH,
        "name": "train",
        "file": PATH,
        "line": "10",
        "time": "3.000",
    }
    assert outcomes(root) == {"train": [], "line 20": [], "line 30": [], "everything but cells": []}
    assert properties(root) == {
        "sitegen.page": "/posts/ppo",
        "sitegen.state": "fresh",
        "sitegen.ran": "true",
        "sitegen.why": "seed 1 -> 2",
        "sitegen.device": "NVIDIA H200",
        "sitegen.cuda": "0",
        "sitegen.warm": "true",
        "sitegen.memory_bytes": str(1 << 30),
        "sitegen.record": RECORD,
        "sitegen.commit": "c0ffee",
    }


def test_failure_has_message_details_and_place() -> None:
    """GitLab shows the text of a failure, Jenkins its message too: both say it all. What follows was not run."""
    page = replace(
        FRESH,
        state="failed",
        cell_runs=(
            FRESH.cell_runs[0],
            replace(FRESH.cell_runs[1], status="error"),
            replace(FRESH.cell_runs[2], status="skipped"),
        ),
    )

    root = build(wrong(21, details="line 21\n    raise\nValueError: no", hint="mend it"), pages=(page,))

    failure = case(root, "line 20").find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("cell raised ValueError: no", "SG301")
    assert failure.text == (
        f"{PATH}:21: error SG301: cell raised ValueError: no\nline 21\n    raise\nValueError: no\nhint: mend it"
    )
    assert outcomes(root)["line 30"] == ["skipped"]


@pytest.mark.parametrize("code", ["SG303", "SG304", "SG325", "SG327"])
def test_kernel_that_is_gone_is_an_error(code: str) -> None:
    """The cell was not judged: that is no failure of it."""
    assert outcomes(build(wrong(10, code)))["train"] == ["error"]


def test_what_fails_beside_the_cells_has_a_test() -> None:
    """An inline expression, a line of the page, other files: nothing that fails a build is left out."""
    root = build(
        wrong(25, "SG305", column=7),
        wrong(25, "SG305", column=9),
        wrong(3, "SG111"),
        wrong(4, "SG110", path="content/about.md"),
        Diagnostic(code="SG501", severity="error", message="cannot be published"),
    )

    assert {name: found for name, found in outcomes(root).items() if found} == {
        "inline expression, line 25:7": ["failure"],
        "inline expression, line 25:9": ["failure"],
        "line 3": ["failure"],
        "content/about.md": ["failure"],
        "build": ["failure"],
    }


def test_failure_in_a_module_belongs_to_its_cell() -> None:
    """The place is in `helpers.py`, the cell that called it is related."""
    call = SourceLocation(path=PurePosixPath(PATH), line=20)

    root = build(wrong(7, path="content/posts/helpers.py", related=(call,)))

    assert outcomes(root)["line 20"] == ["failure"]


def test_conditions_and_drift_stand_at_the_cell_of_the_metric() -> None:
    """A warning passes, as it does in the build; under `--strict` it is an error and fails."""
    unmet, drift = wrong(10, "SG315", message="`loss` is 2"), wrong(20, "SG316", severity="warning")

    lenient, strict = build(unmet, drift), build(unmet, drift.as_error())

    assert (outcomes(lenient)["train"], outcomes(lenient)["line 20"]) == (["failure"], ["system-out"])
    assert outcomes(strict)["line 20"] == ["failure"]


def test_several_errors_of_a_cell_are_one_failure() -> None:
    """Readers count the first and drop the rest, so the first has them all."""
    root = build(wrong(10), wrong(11, "SG315", message="`loss` is 2"))

    failure = case(root, "train").find("failure")
    assert failure is not None
    assert failure.get("message") == "cell raised ValueError: no (and 1 more)"
    assert "`loss` is 2" in str(failure.text)


def test_cached_page_says_that_it_did_not_run() -> None:
    """It passes, in no time, with the record that it rests on."""
    root = build(pages=(CACHED,))

    assert outcomes(root)["train"] == []
    assert case(root, "train").get("time") == "0.000"
    found = properties(root)
    assert (found["sitegen.state"], found["sitegen.ran"]) == ("cached", "false")
    assert (found["sitegen.recorded"], found["sitegen.recorded_seconds"]) == ("2030-01-02T03:04:05Z", "3.500")


@pytest.mark.parametrize("state", ["not run", "stale", "other device", "pinned"])
def test_page_that_could_not_run_is_skipped_with_its_reason(state: Any) -> None:
    """No result of this code on this machine: neither passed nor failed."""
    root = build(pages=(replace(CACHED, state=state, why=("this build does not execute",)),))

    skipped = case(root, "train").find("skipped")
    assert skipped is not None
    assert skipped.get("message") == f"{state}; this build does not execute"


def test_notebook_cells_are_named_and_found_by_number() -> None:
    """Lines of a notebook count from its cell, so all cells begin at 1."""
    cells = tuple(
        CellReport(label=None, line=1, end_line=5, cell=number, status="ok", seconds=0.0) for number in (2, 4)
    )
    place = SourceLocation(path=PurePosixPath(PATH), line=3, cell=4)
    raised = Diagnostic(code="SG301", severity="error", message="no", location=place)

    root = build(raised, pages=(replace(FRESH, cell_runs=cells),))

    assert case(root, "cell 4").get("line") is None
    assert {name: found for name, found in outcomes(root).items() if name.startswith("cell")} == {
        "cell 2": [],
        "cell 4": ["failure"],
    }


def test_label_that_looks_like_a_line_makes_no_second_name() -> None:
    """Two tests of one name are one test to GitLab."""
    cells = (replace(FRESH.cell_runs[0], label="line 20"), FRESH.cell_runs[1])

    root = build(pages=(replace(FRESH, cell_runs=cells),))

    assert set(outcomes(root)) == {"line 20", "line 20 (2)", "everything but cells"}


def test_crash_is_an_error_of_the_site() -> None:
    """With the traceback, and its last line as the message."""
    root = build(pages=(), crash="Traceback:\n  ...\nRuntimeError: no\n")

    error = case(root, "build").find("error")
    assert error is not None
    assert (error.get("message"), error.get("type")) == ("RuntimeError: no", "crash")


def test_file_is_named_from_the_checkout() -> None:
    """So that a system for continuous integration can open it; the names of tests stay those of the site."""
    report = BuildReport(published=True, seconds=1.0, executed=(FRESH,))

    root = ET.fromstring(junit_xml(report, base="site"))

    assert case(root, "train").get("file") == f"site/{PATH}"
    assert case(root, "train").get("classname") == PATH


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x1b\\ \x1bM", "red link "),
        ("nul \x00 bell \x07 \ufffe \ud800", "nul � bell � � �"),
        ("kept:\t\n<&\"'> é \U0001f600", "kept:\t\n<&\"'> é \U0001f600"),
    ],
)
def test_text_of_a_cell_is_legal_xml(text: str, shown: str) -> None:
    """Escapes of terminals go, what XML cannot hold is replaced, the rest comes back as it was."""
    root = build(wrong(10, message=text, details=text, hint=text))

    failure = case(root, "train").find("failure")
    assert legal(text) == shown
    assert failure is not None
    assert failure.get("message") == shown
    assert shown in str(failure.text)


def test_endless_output_is_cut() -> None:
    """GitLab takes no file above 30 MB."""
    written = junit_xml(
        BuildReport(
            published=False, seconds=1.0, executed=(FRESH,), diagnostics=(wrong(10, details="x" * 10**6),)
        )
    )

    assert len(written) < 50_000
