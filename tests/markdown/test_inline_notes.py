"""Footnotes that are written where they are referred to."""

from __future__ import annotations

from sitegen.markdown.parse import parse_fragment


def test_no_label_of_an_author_is_that_of_a_note_in_place() -> None:
    """Labels may hold any sign but brackets; both texts are shown."""
    html = parse_fragment("a^[in place] b[^^1]\n\n[^^1]: below\n").html

    assert "<p>in place" in html
    assert "<p>below" in html
