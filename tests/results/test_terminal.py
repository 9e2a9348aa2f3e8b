"""What a terminal shows of streams in the end."""

from __future__ import annotations

import pytest

from sitegen.content.executed import DisplayOutput, Output, StreamOutput
from sitegen.frozen import FrozenDict
from sitegen.results.terminal import last_states, settled


def out(text: str) -> StreamOutput:
    """Printed text."""
    return StreamOutput(name="stdout", text=text)


def err(text: str) -> StreamOutput:
    """Text on stderr, where tqdm writes."""
    return StreamOutput(name="stderr", text=text)


FIGURE = DisplayOutput(data=FrozenDict({"text/plain": "a figure"}))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\r 10%\r 50%\r100%\ndone\n", "100%\ndone\n"),
        ("\r 50%|##|\r          \rdone\n", "done\n"),  # tqdm under `leave=False`
        ("\r 50%\x1b[K\r100%\x1b[K\n", "100%\n"),
        ("\r\x1b[32m 50%\x1b[0m\r\x1b[32m100%\x1b[0m\n", "\x1b[32m100%\x1b[0m\n"),
        (
            "outer 0%\n\rinner 0%\x1b[A\n\rinner 50%\x1b[A\n\rinner 100%\x1b[A\router 100%\n",
            "outer 100%\ninner 100%",
        ),
        ("\x1b[31mred\x1b[0m\n", "\x1b[31mred\x1b[0m\n"),
        ("first line\nsecond\n\x1b[1Athird\n", "first line\nthird\n"),
    ],
)
def test_bars_end_as_on_a_terminal(text: str, shown: str) -> None:
    """Frames, blanks over a line, and the cursor's way up for bars inside bars."""
    assert last_states(text) == shown


@pytest.mark.parametrize(
    ("outputs", "shown"),
    [
        ((out("a"), out("b\n"), err("c")), (out("ab\n"), err("c"))),
        ((err("\r 10%"), err("\r 50%"), err("\r100%\n")), (err("100%\n"),)),
        (
            (err("\r 10%"), out("step 1\n"), err("\r 50%"), out("step 2\n"), err("\r100%\n")),
            (out("step 1\nstep 2\n"), err("100%\n")),
        ),
        ((err("\r 10%"), FIGURE, err("\r100%\n")), (FIGURE, err("100%\n"))),
        ((out("a "), err("warned\n"), out("b\n")), (out("a "), err("warned\n"), out("b\n"))),
    ],
)
def test_streams_merge_and_bars_stand_where_they_ended(
    outputs: tuple[Output, ...], shown: tuple[Output, ...]
) -> None:
    """A bar that came in many pieces, with other outputs in between, is one line; what is not redrawn stays in place."""
    assert settled(outputs) == shown
