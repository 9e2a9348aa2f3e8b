"""The state of the parser for blocks: lines and their indents as the library finds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from sitegen.markdown.block_parser import BlockState, may_reach

LISTS = ("bMarks", "eMarks", "tShift", "sCount", "bsCount", "lineMax", "src")


def _state(text: str) -> BlockState:
    return BlockState(text, MarkdownIt(), {}, [])


@given(st.text(alphabet="ab \t\n\f\u00a0", max_size=40))
def test_lines_are_where_the_library_finds_them(text: str) -> None:
    """Tabs go to the next fourth column; blanks behind the last line's end are no line."""
    ours, librarys = _state(text), StateBlock(text, MarkdownIt(), {}, [])

    assert [getattr(ours, name) for name in LISTS] == [getattr(librarys, name) for name in LISTS]


@given(st.text(alphabet="ab \t\n", max_size=40), st.integers(0, 6), st.booleans())
def test_lines_are_cut_as_the_library_cuts_them(text: str, indent: int, keeps_end: bool) -> None:
    """With and without an indent, with and without the last line's end."""
    ours, librarys = _state(text), StateBlock(text, MarkdownIt(), {}, [])

    cut = [ours.getLines(first, ours.lineMax, indent, keeps_end) for first in range(ours.lineMax + 1)]

    assert cut == [
        librarys.getLines(first, librarys.lineMax, indent, keeps_end) for first in range(librarys.lineMax + 1)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n---", True),
        ("a\nb\nc ---  ", True),
        ("a\n\n---", False),
        ("a\n \t\n---", False),
        ("a\nb", False),
        ("a", False),
        ("--- a\nb", False),
    ],
)
def test_a_paragraph_reaches_what_no_empty_line_parts_it_from(text: str, expected: bool) -> None:
    """A line that could be a heading's underline is looked for up to the next empty line."""
    assert may_reach(_state(text), 0, "=- \t") is expected
