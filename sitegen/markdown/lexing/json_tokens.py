"""Pygments' `JsonLexer`, which walks over single characters, as one regular expression: the same tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pygments.token import Comment, Error, Keyword, Name, Number, Punctuation, String, Whitespace

_PIECE: Final = re.compile(
    r"""
      (?P<space>[ \n\r\t]+)
    | (?P<punctuation>[:{}\[\],][{}\[\],]*)
    | (?P<string>"(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{0,3}[^0-9a-fA-F]|\\[^u])*+")
    | (?P<number>[-0-9][-0-9.eE+]*)
    | (?P<constant>[fnt][truefalsn]*)
    | (?P<line>//[^\n]*)
    | (?P<block>/\*(?:[^*]|\*++[^*/])*+\*++/)
    | (?P<open>"[\s\S]*|/\*[\s\S]*|/\Z)
    | (?P<slash>/)
    | (?P<error>[\s\S])
    """,
    re.VERBOSE,
)
_FLOAT: Final = re.compile("[.eE+]")
_WAITING: Final = {
    "space": Whitespace,
    "string": String.Double,
    "line": Comment.Single,
    "block": Comment.Multiline,
}
"""What may stand between a string and the colon that makes it a key."""


def json_tokens(text: str) -> Iterator[tuple[int, Any, str]]:
    """What `JsonLexer.get_tokens_unprocessed` gives: a string before a colon is a key, errors are what is no JSON."""
    waiting: list[tuple[int, Any, str]] = []
    for found in _PIECE.finditer(text):
        name, start, piece = found.lastgroup, found.start(), found.group()
        kind = _WAITING.get(name) if name else None
        if kind is not None:
            if waiting or kind is String.Double:
                waiting.append((start, kind, piece))
            else:
                yield start, kind, piece
            continue
        if waiting:
            is_key = piece[0] == ":"
            for token in waiting:
                yield (token[0], Name.Tag, token[2]) if is_key and token[1] is String.Double else token
            waiting.clear()
        match name:
            case "punctuation":
                yield start, Punctuation, piece
            case "number":
                yield start, Number.Float if _FLOAT.search(piece) else Number.Integer, piece
            case "constant":
                yield start, Keyword.Constant, piece
            case _:
                yield start, Error, piece
    yield from waiting
