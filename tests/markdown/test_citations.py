"""Pandoc's citations: what stands in the brackets, and where a text has none."""

from __future__ import annotations

import pytest

from sitegen.content.document import Citation
from sitegen.markdown.citations import _CLUSTER, citations_of
from sitegen.markdown.dialect import tokenize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@a", (Citation(key="a"),)),
        ("see @a, pp. 33-35; also @b-2, chap. 1", (
            Citation(key="a", prefix="see", locator="33-35"),
            Citation(key="b-2", prefix="also", label="chapter", locator="1"),
        )),
        ("-@a", (Citation(key="a", is_without_author=True),)),
        ("@a, 7", (Citation(key="a", locator="7"),)),
        ("@a and others", (Citation(key="a", suffix="and others"),)),
        ("@a, fig. 2, left", (Citation(key="a", label="figure", locator="2", suffix="left"),)),
        ("@{a.b}", (Citation(key="a.b"),)),
        ("@a, {p. iv}", (Citation(key="a", locator="iv"),)),
        ("@fig-a", None),
        ("mail a@b.org", None),
        ("@a; text", None),
    ],
)  # fmt: skip
def test_what_stands_between_the_brackets(text: str, expected: tuple[Citation, ...] | None) -> None:
    """Keys with prefixes, locators by their labels, suffixes; all else is no citation."""
    assert citations_of(text) == expected


def written(text: str, *, cites: bool = True) -> list[str]:
    """The citations of a text, as they are written."""
    return [
        child.meta["written"]
        for token in tokenize(text, cites=cites)
        for child in token.children or []
        if child.type == "citation"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "`@a`",
        r"\@a",
        "[x @a](b.md)",
        "me@a.org",
        "[@a](b.md)",
        "![@a](b.png)",
        "    @a",
        "$@a$",
        "<!-- @a -->",
    ],
)
def test_text_that_is_no_citation(text: str) -> None:
    """Code, links, addresses, escapes and equations stay what they are."""
    assert written(text) == []


def test_a_page_without_a_bibliography_has_no_citations() -> None:
    """The rule is only there where a page can cite."""
    assert written("[@a] and @b") == ["[@a]", "@b"]
    assert written("[@a] and @b", cites=False) == []


def test_a_locator_stands_behind_a_key_in_the_text() -> None:
    """`@key [p. 3]` is one citation, and a bracket that is a link is not its locator."""
    assert written("@a [p. 3] and @a [p. 3](x.md).") == ["@a [p. 3]", "@a"]


def test_a_bracket_that_is_not_closed_is_read_once() -> None:
    """The suite's time limit is the assertion: work that doubles with each reference would not end, nor its square."""
    references = tokenize("[" + "and see @fig-a, " * 60)[1].children or []

    assert sum(child.type == "reference" for child in references) == 60
    assert _CLUSTER.match("[" + "@a " * 300_000) is None
