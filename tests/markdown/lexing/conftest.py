"""Tokens by both loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pygments.lexers import get_lexer_by_name

from sitegen.markdown.lexing import loops
from sitegen.markdown.lexing.dispatch import StuckLexerError

Tokens = list[tuple[int, Any, str]]
Both = Callable[[str, str], tuple[Tokens, Tokens]]


@pytest.fixture(scope="session")
def both() -> Both:
    """The tokens of a text in a language: ours, and Pygments' own; none where those would never end."""

    def lex(language: str, text: str) -> tuple[Tokens, Tokens]:
        loops.install()
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        try:
            ours = list(lexer.get_tokens_unprocessed(text))
        except StuckLexerError:
            return [], []  # Pygments' own would not come back
        with loops.pygments_alone():
            return ours, list(lexer.get_tokens_unprocessed(text))

    return lex
