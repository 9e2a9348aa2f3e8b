"""What `sitegen.lab` reports from a kernel, as it reaches the build and its record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sitegen.content.document import CellId
from sitegen.content.executed import DisplayOutput, ExecutedDocument, StreamOutput
from sitegen.execution.events import ProgressMade
from sitegen.results.media_types import ARTIFACT_CONTENT, CURVE_TYPE, PROGRESS_TYPE
from sitegen.results.payloads import artifact_of, curve_of

pytestmark = pytest.mark.kernel

TRAIN = """from sitegen import lab
import time, ipywidgets
for epoch in lab.progress(range(3)):
    time.sleep(0.25)
    for _ in lab.progress(iter(range(3))):
        lab.curve("loss", epoch, 1.0 / (epoch + 1), x_label="epoch")
with open("out.csv", "wb") as file:
    file.write(b"\\xff\\x00one")
lab.artifact("out.csv")
with open("out.csv", "wb") as file:
    file.write(b"two")
"""
BARS = """from IPython.display import display
def bar(value):
    parts = [ipywidgets.HTML(value="50% &lt;b&gt;"), ipywidgets.IntProgress(value=value, max=4), ipywidgets.HTML(value=" 2/4")]
    box = ipywidgets.HBox(parts)
    display(box)
    return box
bar(2)
bar(4).close()
"""
FOREIGN = """from IPython.display import display
display({"application/vnd.sitegen.metric+json": {"name": "m", "worth": 1}}, raw=True)"""


@pytest.fixture(scope="module")
def run(shared_site: Any) -> tuple[ExecutedDocument, list[Any], Any]:
    """A page that reports everything, executed once; the events of its run, and the page as its record gives it."""
    from tests.execution.conftest import CountingBackend

    backend = CountingBackend(shared_site.config)
    page = shared_site.page("a", TRAIN, BARS)
    first = shared_site.execute(page, backend=backend)["a"]
    return first, backend.events, shared_site.execute(page, allowed=False)["a"]


def test_reports_are_kept_and_progress_is_not(run: tuple[ExecutedDocument, list[Any], Any]) -> None:
    """A curve is one output however many calls; a file is as it was at the call; a bar leaves nothing."""
    executed, _, stored = run
    assert [found.message for found in executed.diagnostics if found.severity == "error"] == []
    for page in (executed, stored):
        outputs = [
            output for output in page.runs[CellId("cell-1")].outputs if isinstance(output, DisplayOutput)
        ]
        assert [name for output in outputs for name in output.data if name == PROGRESS_TYPE] == []
        (curve,) = [curve_of(output) for output in outputs if CURVE_TYPE in output.data]
        assert curve is not None
        assert (curve.points, curve.x[0], curve.y[-1]) == (9, 0.0, 0.333333333)
        (kept,) = [output for output in outputs if artifact_of(output) is not None]
        assert kept.data[ARTIFACT_CONTENT] == b"\xff\x00one"


def test_progress_is_told_while_the_cell_runs(run: tuple[ExecutedDocument, list[Any], Any]) -> None:
    """Events of the outer loop with its count, up to its end."""
    _, events, _ = run
    outer = [event for event in events if isinstance(event, ProgressMade) and event.level == 0]
    assert [(event.total, event.page, event.cell) for event in outer[:1]] == [(3, "/a", "cell-1")]
    assert (outer[-1].done, outer[-1].ended) == (3, True)


def test_bars_of_widgets_are_text(run: tuple[ExecutedDocument, list[Any], Any]) -> None:
    """A bar between labels, as tqdm's, is the line of a terminal; one that was closed is gone."""
    executed, _, _ = run
    assert executed.runs[CellId("cell-2")].outputs == (
        StreamOutput(name="stderr", text="50% <b>|█████     | 2/4\n"),
    )


def test_reports_that_do_not_fit_fail_the_run(site: Any, counting: Callable[[Any], Any]) -> None:
    """A number that would be missing is an error at its cell; so is a file that cannot be kept."""
    broken = site.page("b", FOREIGN)
    missing = site.page("c", "1 + 1\n\nfrom sitegen import lab\nlab.artifact('nothing.bin')")

    done = site.execute(broken, missing, backend=counting(site))

    found = [
        (each.code, each.location.line if each.location else None)
        for name in ("b", "c")
        for each in done[name].diagnostics
        if each.severity == "error"
    ]
    assert found == [("SG322", 10), ("SG320", 13)]
    assert done["b"].state == "failed"
