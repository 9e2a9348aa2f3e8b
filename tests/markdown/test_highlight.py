"""Highlighting by itself: what rendering asks for beyond what a fence says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from sitegen.markdown.fences import as_line_ranges, parse_info, parse_line_ranges
from sitegen.markdown.highlight import highlight


def test_a_label_names_the_scrollable_block() -> None:
    """Assistive tools announce it."""
    html = highlight("x", "python", label="Listing <1>")

    assert '<pre tabindex="0" class="chroma" role="group" aria-label="Listing &lt;1&gt;">' in html


def test_aliases_of_python_are_coloured() -> None:
    """Kernels' and notebooks' names of the language."""
    assert all(
        'class="kn"' in highlight("import a", name) for name in ("python3", "Python", "ipython3", "py")
    )


def test_a_file_name_stands_above_plain_code_too() -> None:
    """The title does not depend on a known language."""
    assert highlight("a", "nonsense", filename="a.x").startswith(
        '<div class="highlight"><div class="code-filename">'
    )


@settings(max_examples=100, deadline=None)
@given(
    code=st.text(st.characters(exclude_characters="\x00\r\x0b\x0c\x85", exclude_categories=("Cs", "Cc"))),
    language=st.sampled_from(["python", "html", "bash", "", "nonsense"]),
    numbers=st.booleans(),
    marked=st.sampled_from(["", "1,3-4", "nonsense"]),
)
def test_the_code_is_all_there(code: str, language: str, numbers: bool, marked: str) -> None:
    """Colours change nothing of the text."""
    html = highlight(code, language, line_numbers=numbers, hl_lines=marked)

    tree = LexborHTMLParser(html)
    for number in tree.css(".ln"):
        number.decompose()
    node = tree.css_first("code")
    assert node is not None
    shown = node.text()
    assert shown.rstrip("\n") == code.rstrip("\n")


def test_line_ranges_take_hugos_and_quartos_forms() -> None:
    """What is no range is left out; a huge one is cut."""
    assert parse_line_ranges("1,3-5 9") == {1, 3, 4, 5, 9}
    assert parse_line_ranges("x, 2-, 7") == {7}
    assert len(parse_line_ranges("1-999999")) <= 100_001
    assert as_line_ranges((1, "3-4")) == "1,3-4"
    assert as_line_ranges("1 3-4") == "1,3-4"
    assert as_line_ranges(2) == "2"


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("{}[]\"'=,.# abpython-", max_size=60)))
def test_no_info_string_makes_the_reader_fail(info: str) -> None:
    """Damage is said, not raised."""
    fence = parse_info(info)

    assert fence.form in {"plain", "braced", "myst"}
