"""Cells that do not end: each is told once, with its place, and nothing of it is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sitegen.content.executed import ErrorOutput, ExecutedDocument
from sitegen.errors import Diagnostic
from sitegen.execution.backends import LocalBackend

pytestmark = pytest.mark.kernel

CATCHES = "while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt:\n        pass"
ENDS_WELL = "import time\ntry:\n    time.sleep(100)\nexcept KeyboardInterrupt:\n    print('caught')"
DEAF = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
REPLACED = "import os\nos.execvp('sleep', ['sleep', '1000'])"
"""An interrupt ends it: that it died of it is not what its author has to know."""
CHILD = """
import os, signal, time
if os.fork() == 0:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
    os.setsid()
    while True: time.sleep(1)
while True: time.sleep(1)
"""
LIMIT: dict[str, Any] = {"timeout_s": 1.0}


@pytest.fixture(scope="module")
def pages(shared_site: Any, started_since: Any) -> Iterator[dict[str, ExecutedDocument]]:
    """Every page of this module, run once and side by side; after an interrupt kernels are given one second."""
    site = shared_site
    documents = [
        site.page("catches", (CATCHES, LIMIT), "'never'"),
        site.page("well", (ENDS_WELL, LIMIT), "'never'"),
        site.page("holds", ("sum(range(10**12))", LIMIT)),
        site.page("deaf", (DEAF, LIMIT)),
        site.page("child", (CHILD, LIMIT)),
        site.page("replaced", (REPLACED, LIMIT)),
        site.page("page", "1", "import time\ntime.sleep(100)", "'never'", page_timeout_s=6.0),
        site.page("fine", "'fine'"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sitegen.execution.connection._INTERRUPT_S", 1.0)
        yield site.execute(*documents)


def _only(page: ExecutedDocument) -> Diagnostic:
    (diagnostic,) = page.diagnostics
    return diagnostic


@pytest.mark.parametrize("name", ["catches", "well", "holds", "deaf", "child", "replaced"])
def test_cell_ends_at_its_limit(pages: dict[str, ExecutedDocument], name: str) -> None:
    """Whatever the cell does against it there is one message, with page and line, and no later cell runs."""
    diagnostic = _only(pages[name])
    assert (diagnostic.code, diagnostic.message) == ("SG302", "the cell did not end in 1 s")
    assert str(diagnostic.location) == f"content/{name}/index.md:10"
    assert next(iter(pages[name].runs.values())).status == "timeout"
    assert {run.status for run in pages[name].runs.values()} <= {"timeout", "skipped"}


def test_cell_that_ended_well_after_the_interrupt_has_no_exception(
    pages: dict[str, ExecutedDocument],
) -> None:
    """What a cell printed while it caught the interrupt is kept, and no exception is made up."""
    (output,) = pages["well"].runs["cell-1"].outputs  # type: ignore[index]
    assert not isinstance(output, ErrorOutput)
    assert output.text == "caught\n"  # type: ignore[union-attr]
    assert _only(pages["well"]).details is None


def test_limit_of_the_page_is_told_as_that(pages: dict[str, ExecutedDocument]) -> None:
    """Where the page's time is over, the message names the page's limit, at the cell that ran then."""
    diagnostic = _only(pages["page"])
    assert (diagnostic.code, diagnostic.message) == ("SG302", "the page did not end in 6 s")
    assert str(diagnostic.location).startswith("content/page/index.md:2")
    assert "page-timeout" in (diagnostic.hint or "")


def test_others_are_right_and_nothing_is_left(pages: dict[str, ExecutedDocument], started_since: Any) -> None:
    """A page beside them has its result, and no process is alive when all are done."""
    assert pages["fine"].state == "fresh"
    assert started_since() == []


def test_start_is_within_the_limit_of_the_page(site: Any) -> None:
    """A kernel that does not answer in the page's time is ended; the message names it and the limit."""
    job = site.job(site.page("short", "1", "'never'", page_timeout_s=0.5))
    job = replace(job, kernel=replace(job.kernel, argv=("sleep", "100"), name="sleepy"))
    (run,) = LocalBackend(site.config).run([job])
    (diagnostic,) = run.diagnostics
    assert diagnostic.code == "SG304"
    assert diagnostic.message == (
        "the kernel `sleepy` could not be started: it did not answer in 0.5 s, the page's `page-timeout`"
    )
    assert [cell.status for cell in run.cells] == ["skipped", "skipped"]
