"""Outputs that are too much: what is kept, what the page says of the rest, and what the author is told."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from sitegen.content.executed import DisplayOutput, ErrorOutput, ExecutedDocument, StreamOutput
from sitegen.errors import Diagnostic
from sitegen.execution.backends import LocalBackend
from sitegen.execution.events import MetricReported

pytestmark = pytest.mark.kernel

SMALL: dict[str, Any] = {"output_limit_bytes": 1000, "display_limit": 20}
FRAMES = """
from IPython.display import clear_output
for i in range(500): clear_output(wait=True); print("step", i); display(i)
"""
FORKS = """
import os
for _ in range(2):
    if os.fork() == 0:
        for _ in range(200): print("c" * 49)
        os._exit(0)
for _ in range(2): os.wait()
print("parent")
"""


@pytest.fixture(scope="module")
def pages(shared_site: Any) -> dict[str, ExecutedDocument]:
    """Every page of this module, run once and side by side."""
    site = shared_site
    documents = [
        site.page("long", "print('x' * 10**8)\nprint('never')", "'next'"),
        site.page("both", ("import sys\nprint('o' * 2000); print('e' * 3000, file=sys.stderr)", SMALL)),
        site.page(
            "loops", ("while True:\n    print('again')", {"timeout_s": 1.5, "output_limit_bytes": 1000})
        ),
        site.page(
            "program", ("import os\nos.system('yes | head -c 1000000')\nprint('after')", SMALL), "print('ok')"
        ),
        site.page(
            "bar",
            ("for i in range(2000): print('\\r' + f'{i} ' + '#' * 60, end='')\nprint('\\ndone')", SMALL),
            (
                "for i in range(300): print(f'a {i}' + '.' * 40 + f'\\nb {i}' + '.' * 40, end='\\r\\x1b[1A')",
                SMALL,
            ),
        ),
        site.page("updates", ("h = display(0, display_id=True)\nfor i in range(3000): h.update(i)", SMALL)),
        site.page(
            "frames",
            (
                FRAMES,
                SMALL,
            ),
        ),
        site.page("displays", ("for i in range(300): display(i)\nprint('end')", SMALL)),
        site.page(
            "large",
            "from IPython.display import HTML\ndisplay(HTML('<b>' * 40_000_000)); display(HTML('<i>small</i>'))",
        ),
        site.page("repr", ("'z' * 10**7", SMALL)),
        site.page("error", "raise ValueError('q' * 10**7)"),
        site.page("value", "x = 'x' * 2 * 10**7", values=[(1, "x"), (1, "len(x)")]),
        site.page("forks", (FORKS, SMALL)),
        site.page("many", ("for i in range(3000): display(i)", {"display_limit": 3000})),
    ]
    executed: dict[str, ExecutedDocument] = site.execute(*documents)
    return executed


def _outputs(page: ExecutedDocument, cell: str = "cell-1") -> tuple[Any, ...]:
    return dict(page.runs.items())[cell].outputs  # type: ignore[index]


def _printed(page: ExecutedDocument, cell: str = "cell-1", name: str = "stdout") -> str:
    streams = [output for output in _outputs(page, cell) if isinstance(output, StreamOutput)]
    return "".join(stream.text for stream in streams if stream.name == name)


def _shown(page: ExecutedDocument) -> list[Any]:
    return [out.data["text/plain"] for out in _outputs(page) if isinstance(out, DisplayOutput)]


def _only(page: ExecutedDocument) -> Diagnostic:
    (diagnostic,) = page.diagnostics
    return diagnostic


def test_long_text_is_cut_where_the_limit_is(pages: dict[str, ExecutedDocument]) -> None:
    """What came before the limit is kept to the character, the page says how much is missing, and the page goes on."""
    page = pages["long"]
    warning = _only(page)
    assert page.state == "fresh"
    assert _printed(page) == "x" * 10**6 + (
        "\n[left out here: 99 MB more of printed text; output-limit is 1 MB]\n"
    )
    assert (warning.code, warning.severity, str(warning.location)) == (
        "SG326",
        "warning",
        "content/long/index.md:10",
    )
    assert warning.message == (
        "outputs of the cell were left out: 99 MB more of printed text; `output-limit` is 1 MB"
    )
    assert "#| output-limit:" in (warning.hint or "")
    assert _outputs(page, "cell-2")[0].data["text/plain"] == "'next'"


def test_both_streams_share_the_limit(pages: dict[str, ExecutedDocument]) -> None:
    """The limit is the cell's: after it nothing of either stream is kept, and it is said once."""
    page = pages["both"]
    assert _printed(page).startswith("o" * 1000 + "\n[left out here: 4 kB more")
    assert "e" * 10 not in _printed(page, name="stderr")
    assert "4 kB more of printed text" in _only(page).message


def test_endless_printing_ends_by_its_time(pages: dict[str, ExecutedDocument]) -> None:
    """A loop that prints for ever is interrupted, and what it printed first is on the page."""
    page = pages["loops"]
    assert [diagnostic.code for diagnostic in page.diagnostics] == ["SG302", "SG326"]
    assert _printed(page).startswith("again\nagain\n")
    assert isinstance(_outputs(page)[-1], ErrorOutput)


def test_programs_are_cut_too(pages: dict[str, ExecutedDocument]) -> None:
    """What a program writes to the cell's file descriptors counts as what the cell prints."""
    page = pages["program"]
    text = _printed(page)
    assert text.startswith("y\n" * 500)
    assert text.count("y\n") == 500
    assert "SG326" in [diagnostic.code for diagnostic in page.diagnostics]
    assert _printed(page, "cell-2") == "ok\n"


def test_progress_bars_are_not_cut(pages: dict[str, ExecutedDocument]) -> None:
    """Only what a line is in the end counts, also where several lines are drawn again."""
    page = pages["bar"]
    assert page.diagnostics == ()
    assert _printed(page) == "1999 " + "#" * 60 + "\ndone\n"
    assert _printed(page, "cell-2").splitlines() == ["a 299" + "." * 40, "b 299" + "." * 40]


def test_last_state_of_updates_is_kept(pages: dict[str, ExecutedDocument]) -> None:
    """Beyond the limit updates wait: the display has the last one, and nothing was lost."""
    assert pages["updates"].diagnostics == ()
    assert _shown(pages["updates"]) == ["2999"]


def test_last_frame_is_kept(pages: dict[str, ExecutedDocument]) -> None:
    """A loop of clearing and drawing ends with its last picture, however often it drew."""
    assert pages["frames"].diagnostics == ()
    assert (_printed(pages["frames"]), _shown(pages["frames"])) == ("step 499\n", ["499"])


def test_displays_beyond_the_limit_are_left_out(pages: dict[str, ExecutedDocument]) -> None:
    """The first are kept, the notice has the number of the others, and what is printed after them stays."""
    page = pages["displays"]
    assert _shown(page) == [str(number) for number in range(20)]
    assert _printed(page) == "\n[left out here: 280 more displays; display-limit is 20]\nend\n"
    assert _only(page).message.endswith("280 more displays; `display-limit` is 20")


def test_too_large_display_is_left_out_alone(pages: dict[str, ExecutedDocument]) -> None:
    """A display too large for any page makes room for a notice; a small one after it is shown."""
    page = pages["large"]
    assert "[left out here: 120 MB of displayed data; a cell may display 101 MB]" in _printed(page)
    assert _outputs(page)[-1].data["text/html"] == "<i>small</i>"
    assert _only(page).code == "SG326"


def test_long_representation_is_shortened(pages: dict[str, ExecutedDocument]) -> None:
    """The text of a result is no longer than what the cell may print."""
    (text,) = _shown(pages["repr"])
    assert text.startswith("'" + "z" * 999)
    assert text.endswith("characters were left out]")
    assert len(text) < 1100


def test_long_exception_is_shortened(pages: dict[str, ExecutedDocument]) -> None:
    """An exception with megabytes as its message is told without them."""
    diagnostic = _only(pages["error"])
    assert diagnostic.code == "SG301"
    assert 1000 < len(diagnostic.message) < 200_000


def test_long_inline_value_is_an_error(pages: dict[str, ExecutedDocument]) -> None:
    """A value of many megabytes fits into no sentence; the others are there."""
    page = pages["value"]
    assert _only(page).code == "SG305"
    assert "too long for a page" in _only(page).message
    assert [
        str(value.data["text/plain"]) for value in page.values.values() if isinstance(value, DisplayOutput)
    ] == ["20000000"]


def test_forked_processes_share_the_limit(pages: dict[str, ExecutedDocument]) -> None:
    """What children print is kept as long as the cell's limit lasts, and the rest is counted."""
    page = pages["forks"]
    # the two write at once: the limit of 1,000 bytes cuts a line of either, and pieces can meet
    assert 900 <= sum(map(len, re.findall("c{2,}", _printed(page)))) <= 1000
    assert "parent\n" in _printed(page)
    assert _only(page).code == "SG326"


def test_no_display_is_lost_on_the_way(pages: dict[str, ExecutedDocument]) -> None:
    """More messages at once than libzmq's queues take by default all arrive."""
    assert _shown(pages["many"]) == [str(number) for number in range(3000)]


def test_other_languages_are_cut_here(site: Any) -> None:
    """A kernel without our side is cut when its outputs come."""
    cell = ("for i in range(50): print('x' * 50)\nfor i in range(30): display(i)", SMALL)
    job = site.job(site.page("foreign", cell))
    job = replace(job, kernel=replace(job.kernel, language="other"))
    (run,) = LocalBackend(site.config).run([job])
    text = "".join(output.text for output in run.cells[0].outputs if isinstance(output, StreamOutput))
    assert [diagnostic.code for diagnostic in run.diagnostics] == ["SG326"]
    assert text.startswith(
        ("x" * 50 + "\n") * 19 + "x" * 31 + "\n[left out here: 1.55 kB more of printed text"
    )
    assert sum(isinstance(output, DisplayOutput) for output in run.cells[0].outputs) == 20


def test_metrics_are_told_as_they_come(site: Any, counting: Any) -> None:
    """A metric is an event, with the cell, before the cell ends."""
    backend = counting(site)
    site.execute(
        site.page("told", "from sitegen import lab\nlab.metric('loss', 0.5, unit='nats')"), backend=backend
    )
    (event,) = [event for event in backend.events if isinstance(event, MetricReported)]
    kinds = [type(each).__name__ for each in backend.events]
    assert (event.name, event.value, event.unit, event.cell) == ("loss", 0.5, "nats", "cell-1")
    assert kinds.index("MetricReported") < kinds.index("CellFinished")
