"""Where a page's file names another file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sitegen.content.index import IndexedPage
from sitegen.rendering.named_places import place_of


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("## a.jpg\n\nsee ![A](a.jpg)\n", 3, 10),
        ('## a.jpg\n\n<img src="b/a.jpg">\n', 3, 13),
        ("image: a.jpg\n", 1, 8),
        ("nothing\n", None, None),
    ],
)
def test_an_address_goes_before_a_mention(
    make_place: Callable[..., IndexedPage], text: str, line: int | None, column: int | None
) -> None:
    """A heading may have the same words."""
    place = make_place("/posts/a")
    assert place.source is not None
    place.source.file.parent.mkdir(parents=True)
    place.source.file.write_text(text)

    found = place_of("/posts/a/a.jpg", place)

    assert found is not None
    assert (found.line, found.column) == (line, column)
    assert place_of("a.jpg", replace(place, source=None)) is None


@pytest.mark.parametrize("written", ["https://example.org/cat/", "https://example.org/cat?of=a/b"])
def test_an_address_without_a_file_s_name_is_found(
    make_place: Callable[..., IndexedPage], written: str
) -> None:
    """By the last part of it that has letters."""
    place = make_place("/posts/a")
    assert place.source is not None
    place.source.file.parent.mkdir(parents=True)
    place.source.file.write_text(f"Some (b) text\n\n![A]({written})\n")

    found = place_of(written, place)

    assert found is not None
    assert (found.line, found.column) == (3, 6)
