"""Terminal colours in HTML."""

from __future__ import annotations

import pytest

from sitegen.rendering.cells.ansi import ansi_html, ansi_lines, without_ansi


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("\x1b[31mred\x1b[0m plain", '<span class="ansi-red">red</span> plain'),
        ("\x1b[1;92mok\x1b[22m!", '<span class="ansi-bold ansi-bright-green">ok</span><span class="ansi-bright-green">!</span>'),
        ("\x1b[44mx\x1b[49my", '<span class="ansi-blue-bg">x</span>y'),
        ("\x1b[103mx", '<span class="ansi-bright-yellow-bg">x</span>'),
        ("\x1b[38;5;9mx", '<span class="ansi-bright-red">x</span>'),
        ("\x1b[38;5;196mx", '<span style="color:rgb(255,0,0)">x</span>'),
        ("\x1b[48;5;244mx", '<span style="background-color:rgb(128,128,128)">x</span>'),
        ("\x1b[38;2;1;2;300mx", '<span style="color:rgb(1,2,255)">x</span>'),
        ("\x1b[38:2:1:2:3mx", '<span style="color:rgb(1,2,3)">x</span>'),
        ("\x1b[mx\x1b[2K\x1b[1Ay", "xy"),
        ("\x1b]8;;https://x.y\x07link\x1b]8;;\x1b\\", "link"),
        ("10%\r50%\r100%", "100%"),
        ("done\r\nnext", "done\nnext"),
        ("bell\x07\x00", "bell"),
        ("\x1b[38;5mx\x1b[38mx\x1b[999mx", "xxx"),
        ("broken\x1b[", "broken"),
    ],
)  # fmt: skip
def test_escapes_become_spans(text: str, html: str) -> None:
    """The sixteen colours are classes, others inline styles; what moves the cursor is dropped."""
    assert ansi_html(text) == html


def test_each_line_is_balanced() -> None:
    """A colour that goes over lines is opened anew in each, so that lines can be folded."""
    assert ansi_lines("\x1b[31ma\nb\x1b[0m\nc") == [
        '<span class="ansi-red">a</span>',
        '<span class="ansi-red">b</span>',
        "c",
    ]


def test_the_text_alone() -> None:
    """Inline values have no colours."""
    assert without_ansi("\x1b[31m0.9\x1b[0m") == "0.9"
