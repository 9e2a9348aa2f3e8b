"""What a label makes of Markdown: figures of one picture, boxes with a caption, numbered equations."""

from __future__ import annotations

import pytest

from sitegen.markdown.dialect import tokenize
from sitegen.markdown.parse import parse_fragment


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("![A](a.png){#fig-a}", 1),
        ('![A [link](b.md) and $[0, 1)$](a.png "(T"){#fig-a .wide}', 1),
        ("![A][a]{#fig-a}\n\n[a]: a.png", 1),
        ("![A](a.png) and ![B](b.png){#fig-b}", 0),
        ("![A](a.png) [text](b.md){#fig-b}", 0),
        ("![A](a.png){.wide #fig-a}", 0),
    ],
)
def test_a_figure_is_a_paragraph_of_one_picture(text: str, count: int) -> None:
    """Whatever its caption holds; other words beside it, or a label that is not the first, make no figure."""
    assert parse_fragment(text).html.count("<figure") == count


@pytest.mark.parametrize("inside", ["![A](a.png)", "![A](a.png){.wide}", "![A](a.png){#fig-a}"])
def test_a_box_of_pictures_alone_has_no_words_in_its_caption(inside: str) -> None:
    """A picture is no caption, and nothing stands in place of one."""
    html = parse_fragment(f"::: {{#fig-x}}\n{inside}\n:::\n").html

    assert html.count("<img") == 1
    assert html.endswith("<figcaption></figcaption>\n</figure>\n")


def test_an_environment_has_the_label_behind_it() -> None:
    """It is that of the last row; one that has no number has no label."""
    numbered, starred = (
        tokenize(f"\\begin{{{name}}}\na \\\\\nb\n\\end{{{name}}} {{#eq-x}}")[0].content
        for name in ("align", "align*")
    )

    assert numbered == "\\begin{align}\na \\\\\nb\n\\label{eq-x}\\end{align}"
    assert "label" not in starred
