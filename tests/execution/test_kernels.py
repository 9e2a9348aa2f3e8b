"""Pages in real kernels: what comes out, and what an author is told when it does not."""

from __future__ import annotations

import ast
import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from sitegen.content.executed import DisplayOutput, ErrorOutput, ExecutedDocument, StreamOutput
from sitegen.errors import Diagnostic
from sitegen.execution import events

pytestmark = pytest.mark.kernel

HELPER = "def halve(x):\n    return x / 0\n"


@pytest.fixture(scope="module")
def pages(shared_site: Any) -> dict[str, ExecutedDocument]:
    """Every page of this module, run once and side by side."""
    site = shared_site
    helper = site.page("helper", "import helpers\n\nhelpers.halve(1)")
    (site.root / "content/helper/helpers.py").write_text(HELPER, encoding="utf-8")
    expected: dict[str, Any] = {"error": True}
    documents = [
        helper,
        site.page("raises", "x = 1\n\n1/0", "print('never')"),
        site.page("loops", ("while True:\n    pass", {"timeout_s": 1.5})),
        site.page("exits", "print('before')", "import os\nos._exit(1)"),
        site.page("killed", "import os\nos.kill(os.getpid(), 9)"),
        site.page("crashes", "import faulthandler\n\ndef f():\n    faulthandler._sigsegv()\nf()"),
        site.page("syntax", "x = 1\ny = = 2"),
        site.page("calls", "def deep(n):\n    return 1 // n", "deep(1)", "deep(\n  0)"),
        site.page("shown", "class A:\n    def __repr__(self): raise ValueError('no repr')\nA()"),
        site.page("expected", ("int('a')", expected), "print('goes on')"),
        site.page("timed", "%%time\nx = 2\n1/0"),
        site.page(
            "values",
            "a = 2\nname = 'Ada <b>'",
            "a = 3",
            values=[(1, "a"), (1, "name"), (2, "f'{a:.2f}'"), (2, "[1, 2]")],
        ),
        site.page("novalue", "a = 2", values=[(1, "missing"), (1, "a")]),
        site.page(
            "outputs",
            "import sys\nprint('one'); print('two'); print('err', file=sys.stderr)",
            "for i in range(3): print(f'\\r{i}', end='', flush=True)",
            "from IPython.display import HTML, Markdown, Latex, display\n"
            "display(HTML('<b>x</b>')); display(Markdown('*m*')); Latex('$x$')",
            "h = display('first', display_id='d')\nfrom IPython.display import clear_output",
            "h.update('second')\nprint('gone'); clear_output(); print(object())",
            ("raise SystemExit", {"exec": False}),
        ),
        site.page(
            "parameters", ("a = 1\nb = 1", {"tags": ("parameters",)}), "a, b", parameters={"b": [1.5, "x"]}
        ),
        site.page(
            "lab",
            "from sitegen import lab\nlab.seed(7)\nlab.metric('m', 1.5, unit='s', reference=(2, 'paper'))",
            "lab.metric('m', 2.5)\nlab.smoke, __import__('os').environ['SITEGEN_DEVICE']",
            profile="smoke",
        ),
        site.page(
            "figures",
            "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2]);",
            ("plt.plot([1, 2]); fig2 = plt.gcf()", {"fig_format": "png", "fig_width": 3.0}),
            "%matplotlib inline\nplt.plot([1]); fig2.get_size_inches().tolist(), plt.gcf().get_size_inches().tolist()",
        ),
        site.page(
            "place",
            "import os, sys\nprint(os.getcwd()); print(sys.path[-2]); object()",
            "import pathlib; pathlib.Path(sys.path[-1], 'sitegen').is_dir(), 'ADMIN_TOKEN' in os.environ",
        ),
    ]
    executed: dict[str, ExecutedDocument] = site.execute(*documents)
    return executed


def _only(page: ExecutedDocument) -> Diagnostic:
    (diagnostic,) = page.diagnostics
    return diagnostic


def _texts(page: ExecutedDocument, cell: str) -> list[str]:
    outputs = dict(page.runs.items())[cell].outputs  # type: ignore[index]
    return [
        output.text if isinstance(output, StreamOutput) else str(dict(output.data).get("text/plain"))
        for output in outputs
        if not isinstance(output, ErrorOutput)
    ]


def test_exception_names_line_and_stops_the_page(pages: dict[str, ExecutedDocument]) -> None:
    """An exception is reported at its line of the Markdown file; later cells do not run."""
    page = pages["raises"]
    diagnostic = _only(page)
    assert page.state == "failed"
    assert str(diagnostic.location) == "content/raises/index.md:12:1"
    assert (diagnostic.code, diagnostic.message) == (
        "SG301",
        "cell raised ZeroDivisionError: division by zero",
    )
    assert [run.status for run in page.runs.values()] == ["error", "skipped"]
    assert diagnostic.details == ("content/raises/index.md:12\n    1/0\nZeroDivisionError: division by zero")


def test_endless_loop_is_ended(pages: dict[str, ExecutedDocument]) -> None:
    """A cell that does not end is interrupted, named with its line, and the frame it was in is shown."""
    diagnostic = _only(pages["loops"])
    assert (diagnostic.code, diagnostic.message) == ("SG302", "the cell did not end in 1.5 s")
    assert diagnostic.location is not None
    assert diagnostic.location.line == 10
    assert "index.md:1" in (diagnostic.details or "")


def test_exit_and_kill_are_told_apart(pages: dict[str, ExecutedDocument]) -> None:
    """A dead kernel names the cell's line and how the process ended."""
    exited, killed = _only(pages["exits"]), _only(pages["killed"])
    assert str(exited.location) == "content/exits/index.md:20"
    assert (exited.code, exited.message) == ("SG303", "the kernel died in this cell: exited with code 1")
    assert str(killed.location) == "content/killed/index.md:10"
    assert killed.message == "the kernel died in this cell: killed by signal 9; most likely out of memory"


def test_crash_in_compiled_code_shows_where(pages: dict[str, ExecutedDocument]) -> None:
    """What the fault handler wrote is shown without the frames of the kernel itself."""
    diagnostic = _only(pages["crashes"])
    assert diagnostic.message == "the kernel died in this cell: killed by signal 11 (SIGSEGV)"
    assert '"<cell>", line 4 in f' in (diagnostic.details or "")
    assert "site-packages" not in (diagnostic.details or "")


def test_syntax_error_has_line_and_column(pages: dict[str, ExecutedDocument]) -> None:
    """Code that does not compile is reported where Python met it."""
    diagnostic = _only(pages["syntax"])
    assert str(diagnostic.location) == "content/syntax/index.md:11:5"
    assert diagnostic.message == "cell raised SyntaxError: invalid syntax"


def test_frames_are_the_authors(pages: dict[str, ExecutedDocument]) -> None:
    """Frames lead through cells and the site's modules by their own lines, without IPython's."""
    calls, helper = _only(pages["calls"]), _only(pages["helper"])
    assert str(calls.location) == "content/calls/index.md:11:12"
    assert [str(place) for place in calls.related] == ["content/calls/index.md:30"]
    assert (calls.details or "").splitlines()[:4] == [
        "content/calls/index.md:30",
        "    deep(",
        "content/calls/index.md:11 in deep",
        "    return 1 // n",
    ]
    assert str(helper.location) == "content/helper/index.md:12:1"
    assert "content/helper/helpers.py:2 in halve\n    return x / 0" in (helper.details or "")


def test_timed_cell_keeps_lines(pages: dict[str, ExecutedDocument]) -> None:
    """The body of a cell magic is one line further down."""
    assert pages["timed"].diagnostics[0].location is not None
    assert pages["timed"].diagnostics[0].location.line == 12


def test_value_that_cannot_be_shown(pages: dict[str, ExecutedDocument]) -> None:
    """What its `__repr__` raised is told as any exception, though the kernel's reply does not name it."""
    diagnostic = _only(pages["shown"])
    assert (diagnostic.code, diagnostic.message) == ("SG301", "cell raised ValueError: no repr")
    assert str(diagnostic.location) == "content/shown/index.md:11:25"


def test_expected_exception_is_shown(pages: dict[str, ExecutedDocument]) -> None:
    """With `error: true` the exception is an output and the page goes on."""
    page = pages["expected"]
    first, second = page.runs.values()
    (error,) = first.outputs
    assert page.state == "fresh"
    assert isinstance(error, ErrorOutput)
    assert error.traceback.startswith("content/expected/index.md:10\n    int('a')\nValueError: ")
    assert second.status == "ok"


def test_inline_values_see_the_cells_above(pages: dict[str, ExecutedDocument]) -> None:
    """An expression has the value at its place; a string comes without quotes."""
    values = [
        value.data["text/plain"]
        for value in pages["values"].values.values()
        if isinstance(value, DisplayOutput)
    ]
    assert values == ["2", "Ada <b>", "3.00", "[1, 2]"]


def test_failing_expression_names_its_line(pages: dict[str, ExecutedDocument]) -> None:
    """An expression that raises fails the page at its own line; the others are still evaluated."""
    page = pages["novalue"]
    diagnostic = _only(page)
    assert (diagnostic.code, str(diagnostic.location)) == ("SG305", "content/novalue/index.md:201")
    assert diagnostic.message == (
        "inline expression `missing` raised NameError: name 'missing' is not defined"
    )
    assert page.state == "failed"
    assert len(page.values) == 2


def test_outputs_keep_their_forms(pages: dict[str, ExecutedDocument]) -> None:
    """Streams are merged, frames collapsed, displays updated, cleared outputs gone, addresses scrubbed."""
    page = pages["outputs"]
    shown = [
        output
        for output in page.runs["cell-3"].outputs  # type: ignore[index]
        if isinstance(output, DisplayOutput)
    ]
    assert _texts(page, "cell-1") == ["one\ntwo\n", "err\n"]
    assert _texts(page, "cell-2") == ["2"]
    assert [output.data.get("text/html") for output in shown] == ["<b>x</b>", None, None]
    assert shown[1].data["text/markdown"] == "*m*"
    assert (shown[2].data["text/latex"], shown[2].is_result) == ("$x$", True)
    assert _texts(page, "cell-4") == ["'second'"]
    assert _texts(page, "cell-5") == ["<object object at 0x…>\n"]
    assert "cell-6" not in page.runs


def test_parameters_follow_their_cell(pages: dict[str, ExecutedDocument]) -> None:
    """Parameters override the defaults of the cell tagged `parameters`."""
    assert _texts(pages["parameters"], "cell-2") == ["(1, [1.5, 'x'])"]


def test_metrics_seed_and_profile(pages: dict[str, ExecutedDocument]) -> None:
    """A metric reported twice counts last, with a warning as for the smoke run; seed and profile are in the provenance."""
    page = pages["lab"]
    (metric,) = page.metrics
    assert (metric.name, metric.value, metric.cell) == ("m", 2.5, "cell-2")
    assert [diagnostic.code for diagnostic in page.diagnostics] == ["SG311", "SG319"]
    assert page.provenance is not None
    assert (page.provenance.seed, page.provenance.profile) == (7, "smoke")
    assert _texts(page, "cell-2")[-1] == "(True, 'cpu')"


def test_figures_follow_options(pages: dict[str, ExecutedDocument]) -> None:
    """Figures are SVG without a date; format and size hold for their cell alone."""
    page = pages["figures"]
    (first,) = page.runs["cell-1"].outputs  # type: ignore[index]
    (second,) = page.runs["cell-2"].outputs  # type: ignore[index]
    assert isinstance(first, DisplayOutput)
    assert isinstance(second, DisplayOutput)
    assert "<dc:date>" not in str(first.data["image/svg+xml"])
    assert "image/png" in second.data
    third = page.runs["cell-3"].outputs[-1]  # type: ignore[index]
    assert "([3.0, 4.8], [6.4, 4.8])" in _texts(page, "cell-3")
    assert isinstance(third, DisplayOutput)
    assert "<dc:date>" not in str(third.data["image/svg+xml"])
    assert page.provenance is not None
    assert "matplotlib" in json.dumps(list(page.provenance.environment["packages"]))  # type: ignore[call-overload]


def test_kernel_runs_in_the_pages_folder(pages: dict[str, ExecutedDocument]) -> None:
    """The working directory is the page's, the site's root is on the path, and paths are scrubbed."""
    page = pages["place"]
    assert page.state == "fresh"
    assert _texts(page, "cell-1") == ["content/place\n.\n", "<object at 0x…>"]
    assert _texts(page, "cell-2") == ["(True, False)"]


def test_no_kernel_is_left(pages: dict[str, ExecutedDocument]) -> None:
    """When all pages are done no child process is alive."""
    assert pages
    assert [
        child for child in psutil.Process().children(recursive=True) if "ipykernel" in child.cmdline()
    ] == []


def test_events_tell_the_story(site: Any, counting: Any) -> None:
    """A page is queued, started, runs cell by cell, and finishes."""
    backend = counting(site)
    site.execute(site.page("told", "print('x')", "2"), backend=backend)
    kinds = [type(event).__name__ for event in backend.events if not isinstance(event, events.MemorySampled)]
    finished = backend.events[-1]
    assert kinds == [
        "PageQueued", "PageStarted",
        "CellStarted", "OutputReceived", "CellFinished",
        "CellStarted", "OutputReceived", "CellFinished",
        "PageFinished",
    ]  # fmt: skip
    assert isinstance(finished, events.PageFinished)
    assert finished.ok


LEAVES = """
import atexit, os, pathlib, tempfile
from multiprocessing.shared_memory import SharedMemory

folder = tempfile.TemporaryDirectory()
memory = SharedMemory(create=True, size=100)
name = memory.name
atexit.register(pathlib.Path("said.txt").write_text, "goodbye")
folder.name, name
"""


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are just killed elsewhere")
@pytest.mark.parametrize("last", ["'done'", "1/0"])
def test_a_kernel_ends_as_a_program_does(site: Any, last: str) -> None:
    """What cells registered for the exit runs, also after a cell that failed: nothing of theirs stays behind."""
    page = site.execute(site.page("leaves", LEAVES, last))["leaves"]
    folder, name = ast.literal_eval(next(iter(page.runs.values())).outputs[0].data["text/plain"])
    assert (site.root / "content/leaves/said.txt").read_text() == "goodbye"
    assert not Path(folder).exists()
    until = time.monotonic() + 10  # Python's resource tracker is a process of its own, and a moment later
    while Path("/dev/shm", name).exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path("/dev/shm", name).exists()


def test_a_kernel_that_does_not_leave_is_ended(site: Any) -> None:
    """What is registered for the exit may wait for ever; the page does not, and its result holds."""
    page = site.execute(site.page("stays", "import atexit, time\natexit.register(time.sleep, 1000)\n1"))[
        "stays"
    ]
    assert page.state == "fresh"
