"""The words for what went wrong, without a kernel."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.content.document import CellId, CodeCell, source_digest
from sitegen.content.execute_options import CellOptions
from sitegen.content.parameters import parameters_source
from sitegen.errors import SourceLocation
from sitegen.execution.failures import cell_raised, exit_words, log_tail, out_of_memory
from sitegen.execution.limits import Excess, Reason
from sitegen.execution.notebook import outputs_of, with_widget_state
from sitegen.execution.tracebacks import Raised, explain


@pytest.mark.parametrize(
    ("returncode", "words"),
    [
        (-9, "killed by signal 9; most likely out of memory"),
        (137, "killed by signal 9; most likely out of memory"),
        (-11, "killed by signal 11 (SIGSEGV)"),
        (1, "exited with code 1"),
        (0, "exited with code 0"),
        (None, "its process is gone"),
    ],
)
def test_how_a_process_ended(returncode: int | None, words: str) -> None:
    """A signal is named, and the one that memory killers send is explained."""
    assert exit_words(returncode) == words


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("ModuleNotFoundError", "No module named 'matplotlib'", "`python -m pip install matplotlib`"),
        ("ModuleNotFoundError", "No module named 'sklearn.svm'", "`python -m pip install sklearn`"),
        ("ValueError", "No module named 'x'", "mend the cell"),
    ],
)
def test_a_module_that_is_not_there_has_a_command_as_its_hint(name: str, value: str, hint: str) -> None:
    """Of a name with dots its first part; every other exception is the cell's own."""
    where = SourceLocation(path=PurePosixPath("a.md"), line=3)
    cell = CodeCell(id=CellId("a"), language="python", source="1", location=where, options=CellOptions())

    told = cell_raised(cell, Raised(name=name, value=value, location=where, details=""))

    assert told.code == "SG301"
    assert hint in (told.hint or "")


@pytest.mark.parametrize(
    ("reason", "used", "bound", "words", "hint"),
    [
        (
            "page",
            2_314_000_000,
            2 * 10**9,
            "2.31 GB of memory in use, and its `memory` is 2 GB",
            "give it more",
        ),
        (
            "machine",
            23 * 10**9,
            24_276_000_000,
            "23 GB of memory in use, and this machine can give 24.3 GB",
            "build",
        ),
        (
            "shortage",
            900_400_000,
            8 * 10**6,
            "900 MB of memory in use, and this machine had 8 MB left",
            "say with",
        ),
    ],
)
def test_page_that_had_too_much(reason: Reason, used: int, bound: int, words: str, hint: str) -> None:
    """Both sizes as authors write them, and the way out for this case."""
    excess = Excess(reason=reason, used_bytes=used, bound_bytes=bound)
    said = out_of_memory(SourceLocation(path=PurePosixPath("a.md"), line=3), excess)
    assert said.message == f"the page was ended in this cell: it had {words}"
    assert (said.hint or "").startswith(f"use less at once (smaller batches, fewer rows), or {hint}")


def test_log_shows_what_the_process_said(tmp_path: Path) -> None:
    """The last lines of the log, without ipykernel's own."""
    log = tmp_path / "log"
    log.write_text("[IPKernelApp] start\n\n" + "\n".join(str(n) for n in range(20)), encoding="utf-8")
    assert log_tail(log) == "\n".join(str(n) for n in range(10, 20))
    assert log_tail(tmp_path / "none") is None


def _frame(source: str, line: int, function: str = "") -> dict[str, Any]:
    return {
        "cell": source_digest(source),
        "cell_lines": source.count("\n") + 1,
        "file": "x.py",
        "line": line,
        "column": 2,
        "function": function,
    }


def test_deep_recursion_is_shortened(site: Any) -> None:
    """Of a thousand frames the first and the last ten are shown."""
    source = "def f():\n  f()\nf()"
    job = site.job(site.page("a", source))
    frames = [_frame(source, 3), *[_frame(source, 2, "f")] * 999]
    raised = explain(
        job, job.cells[0], "RecursionError", "too deep\nreally", {"frames": frames, "causes": []}
    )
    assert raised.summary == "RecursionError: too deep"
    assert "... 980 more frames" in raised.details
    assert str(raised.location) == "content/a/index.md:11:3"


def test_frames_of_a_magic_count_from_the_end(site: Any) -> None:
    """Code that a cell magic ran is found at the end of its cell."""
    job = site.job(site.page("a", "%%capture out\nx = 1\n1/0"))
    reported = {"frames": [_frame("x = 1\n1/0", 2)], "causes": ["KeyError: 'a'"]}
    raised = explain(job, job.cells[0], "ZeroDivisionError", "division by zero", reported)
    assert raised.location.line == 12
    assert raised.details.splitlines()[-2:] == [
        "caused by KeyError: 'a'",
        "ZeroDivisionError: division by zero",
    ]


def test_without_frames_the_cell_is_named(site: Any) -> None:
    """Where the kernel cannot be asked (another language), the cell's first line must do."""
    job = site.job(site.page("a", "stop('x')"))
    raised = explain(job, job.cells[0], "Error", "", None)
    assert (raised.summary, raised.location, raised.details) == ("Error", job.cells[0].location, "Error")


def test_widget_state_goes_with_the_first_view() -> None:
    """A widget's view shows nothing without the state of the page's widgets."""
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}}
    node = {"outputs": [{"output_type": "display_data", "data": view, "metadata": {}}]}
    plain = outputs_of({"outputs": []}, None)
    _, (shown,) = with_widget_state([plain, outputs_of(node, None)], {"m": 1})
    assert list(shown.data) == [*view, "application/vnd.jupyter.widget-state+json"]  # type: ignore[union-attr]


def test_lone_surrogates_cannot_stop_a_build() -> None:
    """Text that is no text is stored with question marks."""
    (stream,) = outputs_of(
        {"outputs": [{"output_type": "stream", "name": "stdout", "text": "a\ud800"}]}, None
    )
    assert stream.text == "a?"  # type: ignore[union-attr]


def test_parameters_are_python() -> None:
    """Every value that front matter can hold becomes a literal."""
    source = parameters_source({"a": True, "b": [1, 2.5, None], "c": {"d": "é\n"}, "e": float("inf")})
    scope: dict[str, object] = {}
    exec(source, scope)
    assert [scope[name] for name in "abce"] == [True, [1, 2.5, None], {"d": "é\n"}, float("inf")]
