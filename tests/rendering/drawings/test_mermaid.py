"""Mermaid: its messages and their lines."""

from __future__ import annotations

from typing import Any

import pytest

from sitegen.rendering.drawings.mermaid import _drawn

PARSE = (
    "Parse error on line {line}:\n...LR  A[x --> B\n--------------------^\nExpecting 'SQE', 'PIPE', got '1'"
)


@pytest.mark.parametrize(
    ("source", "told", "line"),
    [
        ("graph LR\n A[x\n", 2, 2),
        ("graph LR\n A[x\n", 9, 2),
        ("\n\n%% a comment\ngraph LR\n %% another\n A[x", 2, 6),
        ("---\ntitle: T\n---\ngraph LR\n A[x", 2, 5),
        ("%%{init: {'theme': 'dark'}}%%\ngraph LR\n A[x", 3, 3),
    ],
)
def test_a_message_is_of_the_line_that_the_author_wrote(source: str, told: int, line: int) -> None:
    """Mermaid counts without comments and front matter; beyond the end it is the last line."""
    made = _drawn({"error": PARSE.format(line=told), "line": told - 1}, source, None)

    assert made.line == line
    assert made.problem.endswith("...LR A[x --> B (found `1`)") or "A[x --> B" in made.problem
    assert "Expecting" not in made.problem


@pytest.mark.parametrize(
    ("made", "line"),
    [
        ({"error": "No diagram type detected matching given configuration for text: x"}, 1),
        ({"error": "Something else"}, None),
        ({"error": "Parsing failed: Expecting token at line: 2, column: 3"}, 2),
    ],
)
def test_messages_of_other_parsers(made: dict[str, Any], line: int | None) -> None:
    """Some say the line in other words, some none."""
    assert _drawn(made, "a\nb\nc", None).line == line


def test_what_is_no_drawing_is_told() -> None:
    """And does not end the build."""
    assert "cannot be shown" in _drawn({"svg": "<svg"}, "a", None).problem
