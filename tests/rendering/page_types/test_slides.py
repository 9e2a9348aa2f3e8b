"""A body cut into slides."""

from __future__ import annotations

import pytest

from sitegen.rendering.page_types.slides import cut_slides


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ('<h2 id="a">A</h2><p>x</p><h2 id="b">B</h2>', ["a", "b"]),
        ("<p>x</p>\n<hr>\n<p>y</p>\n<hr>\n<p>z</p>", ["slide-1", "slide-2", "slide-3"]),
        ('<hr>\n<h2 id="a">A</h2>\n<p>x</p>', ["a"]),
        ('<h2 id="a">A</h2>\n<hr>\n<h3 id="b">B</h3>\n<p>x</p>', ["a", "b"]),
        ('<div><h2 id="in">A</h2><hr></div><h2 id="b">B</h2>', ["slide-1", "b"]),
        ('<p id="slide-1">x</p>', ["slide-1-"]),
        ("<hr><hr>\n<p>x</p><hr />\n", ["slide-1"]),
        ('<img src="a.png" alt=""><hr><p>x</p>', ["slide-1", "slide-2"]),
        ("", []),
    ],
)
def test_cut(body: str, ids: list[str]) -> None:
    """Rules and headings at the top level begin slides; empty ones are left out; ids are unique."""
    assert [slide.id for slide in cut_slides(body)] == ids


def test_level_says_which_headings_begin_a_slide() -> None:
    """`slide-level`; what it cannot be is the default."""
    body = '<h1 id="a">A</h1><h2 id="b">B</h2><h3 id="c">C</h3>'
    assert [len(cut_slides(body, level)) for level in (0, 1, 2, 3, "many", 9)] == [1, 1, 2, 3, 2, 2]


def test_classes_of_the_heading_are_the_slides() -> None:
    """`## Title {.center data-x=1}`: the id and the classes go to the slide, the rest stays."""
    (slide,) = cut_slides('<h2 id="a" class="center" data-x="1">A</h2><p>x</p>')
    assert (slide.id, slide.classes) == ("a", "center")
    assert slide.html == '<h2 data-x="1">A</h2><p>x</p>'


def test_nothing_of_the_body_is_lost() -> None:
    """But for the rules."""
    body = '<p>1</p><h2 id="a">2</h2><pre>3\n</pre><hr><p>4</p>'
    assert "".join(slide.html for slide in cut_slides(body)) == "<p>1</p><h2>2</h2><pre>3\n</pre><p>4</p>"
