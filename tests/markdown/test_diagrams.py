"""Fences that are drawn: their options, their place, and what stays code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.content.document import DiagramHole, Document, Html

Parse = Callable[..., Document]


def _diagrams(document: Document) -> list[DiagramHole]:
    return [segment for segment in document.segments if isinstance(segment, DiagramHole)]


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("mermaid", "mermaid"),
        ("{mermaid}", "mermaid"),
        ("dot", "graphviz"),
        ("graphviz", "graphviz"),
        ("{dot}", "graphviz"),
        ("{.mermaid .wide}", "mermaid"),
    ],
)
def test_these_fences_are_drawn(parse_body: Parse, info: str, language: str) -> None:
    """Plain, in Quarto's braces, and in Pandoc's."""
    document = parse_body(f"```{info}\na\n```\n")

    assert [each.language for each in _diagrams(document)] == [language]
    assert document.diagnostics == ()


@pytest.mark.parametrize("info", ["text", "mermaidjs", "{.python .dot}", "goat"])
def test_other_fences_are_code(parse_body: Parse, info: str) -> None:
    """A class that is not the first is none of the language."""
    assert _diagrams(parse_body(f"```{info}\na\n```\n")) == []


def test_options_are_read_as_those_of_cells(parse_body: Parse) -> None:
    """From comments of the language and from braces; the source comes without them, and its first line is known."""
    text = (
        "Text.\n\n```{dot}\n//| label: fig-net\n//| fig-cap: A *net*\n//| column: page\n\ndigraph {}\n```\n"
    )

    (diagram,) = _diagrams(parse_body(text))

    assert diagram.source == "\ndigraph {}"
    assert (diagram.options.label, diagram.options.fig_cap) == ("fig-net", "A *net*")
    assert diagram.options.column == "page"
    line = diagram.location.line
    assert line is not None
    assert parse_body(text).path == diagram.location.path
    (plain,) = _diagrams(parse_body("```mermaid {#fig-x fig-alt='A way'}\n%%| fig-cap: C\ngraph LR\n```\n"))
    assert (plain.options.label, plain.options.fig_alt, plain.options.fig_cap) == ("fig-x", "A way", "C")
    assert plain.location.line == line - 4
    assert "fig-cap" not in plain.code


def test_an_unknown_option_is_an_error_at_its_line(parse_body: Parse) -> None:
    """As of a cell; attributes of a plain fence are the code's, as Hugo has them."""
    document = parse_body("```mermaid\n%%| fig-capt: C\ngraph LR\n```\n")
    (plain,) = _diagrams(parse_body('```mermaid {data-x="1"}\ngraph LR\n```\n'))

    (problem,) = document.diagnostics
    assert problem.code == "SG210"
    assert "fig-cap" in (problem.hint or "")
    assert 'data-x="1"' in plain.code


@pytest.mark.parametrize("text", ["```dot {eval=false}\na\n```\n", "```{mermaid}\n%%| eval: false\na\n```\n"])
def test_what_is_not_to_be_drawn_is_code(parse_body: Parse, text: str) -> None:
    """A page about a language shows it; nobody misses a kernel for it."""
    document = parse_body(text)

    assert _diagrams(document) == []
    assert any("<pre" in segment.text for segment in document.segments if isinstance(segment, Html))
    assert document.diagnostics == ()


def test_a_fence_with_a_shortcode_is_code(parse_body: Parse) -> None:
    """What the shortcode gives is HTML."""
    assert _diagrams(parse_body("```dot\n{{< echo >}}\n```\n")) == []


def test_a_diagram_is_no_part_of_a_summary(parse_body: Parse) -> None:
    """Lists show several pages."""
    document = parse_body("First.\n\n```dot\ndigraph {}\n```\n\n<!--more-->\n\nSecond.\n")

    assert not any(isinstance(segment, DiagramHole) for segment in document.summary)
    assert len(_diagrams(document)) == 1
