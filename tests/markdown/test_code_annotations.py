"""Marks in code, which the list below tells of."""

from __future__ import annotations

import re

import pytest

from sitegen.markdown.highlight import highlight


@pytest.mark.parametrize(
    ("code", "language", "marks"),
    [
        ("x = 1  # <1>\ny = 2 # <2>\n", "python", ["1", "2"]),
        ("x = f(1)  # <1> <2>\n", "python", ["1", "2"]),
        ("int x = 1; // <1>\n", "c", ["1"]),
        ("SELECT 1 -- <1>\n", "sql", ["1"]),
        ("x # <1>\n", "", ["1"]),
        ("x # <2>\n", "python", []),
        ("x  # see <1> there\n", "python", []),
        ('x = "# <1>" + y\n', "python", []),
    ],
)
def test_marks(code: str, language: str, marks: list[str]) -> None:
    """A comment at the end of a line that holds numbers and nothing else; the first is 1."""
    html = highlight(code, language)
    assert re.findall(r'<b class="code-mark">(\d+)</b>', html) == marks
    assert ("&lt;" in html) == (not marks)


def test_marks_with_line_numbers_and_marked_lines() -> None:
    """In frames of lines too."""
    html = highlight("x = 1  # <1>\ny\n", "python", line_numbers=True, hl_lines="1")
    assert html.count('<b class="code-mark">1</b>') == 1
