"""Columns of numbers stand at the right; all others as they are."""

from __future__ import annotations

import pytest

from sitegen.markdown.parse import parse_fragment
from sitegen.rendering.numeric_columns import with_numeric_columns


def _numeric(*cells: str, align: str = "---") -> int:
    """How many cells of a column of a Markdown table are marked, its head among them."""
    rows = "".join(f"| a | {cell} |\n" for cell in cells)
    html = parse_fragment(f"| name | value |\n| --- | {align} |\n{rows}").html
    return with_numeric_columns(html).count('class="numeric"')


@pytest.mark.parametrize(
    "cell",
    ["1", "−0.5", "1,024", "1 024".replace(" ", "\u202f"), "490.04 ± 6.12", "3.2e-4", "≈ 12 %", "12 ms", "5 × 10^3", "0.91 (n=3)",
     "$30", "3/5", "<span class=x>500</span> <b>± 2</b> reward (n=3)", "15047 tokens/s"],
)  # fmt: skip
def test_a_number_with_what_goes_with_it_is_one(cell: str) -> None:
    """Units, spreads and asides as people write them; markup is looked through."""
    assert _numeric(cell) == 2


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-22",
        "two",
        "3 of 5 seeds",
        "v1.2",
        "A100",
        "1 2 3",
        "see [1](a.md)",
        "(3)",
        "1: first",
        "**no**",
    ],
)
def test_a_text_with_numbers_is_none(cell: str) -> None:
    """One such cell leaves the whole column as it is."""
    assert _numeric("1", cell) == 0


def test_cells_without_a_value_do_not_count() -> None:
    """A dash or nothing is no text; a column of them alone is no column of numbers."""
    assert _numeric("1", "–", "", "n/a") == 5
    assert _numeric("–", "") == 0


def test_what_the_author_says_stays() -> None:
    """A column with colons in its line of dashes is not touched."""
    assert _numeric("1", align=":--") == 0


def test_work_is_linear_in_the_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the cells are looked at four times."""
    from sitegen.rendering import numeric_columns

    looked: list[int] = []

    def unescape(text: str) -> str:
        looked[-1] += 1
        return text

    monkeypatch.setattr(numeric_columns, "unescape", unescape)
    for size in (50, 200):
        looked.append(0)
        cell = "<tr>\n" + "<td>1</td>\n" * 4 + "</tr>\n"
        with_numeric_columns("<tr>\n" + "<th>n</th>\n" * 4 + "</tr>\n" + cell * size)
    assert looked == [200, 800]
