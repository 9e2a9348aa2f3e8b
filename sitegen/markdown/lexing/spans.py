"""Tokens to HTML: a `<span>` a token with Pygments' short class name, none across the end of a line."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from pygments.token import STANDARD_TYPES, Token

_LONGEST_KEPT: Final = 32
"""Characters: longer tokens (comments, strings) rarely come twice."""
_MOST_KEPT: Final = 2_048
"""Texts of one type; then its table begins anew. 100 types of 300 bytes an entry stay below 60 MiB; code uses twenty."""


class _Pieces(dict[str, str]):
    """From the texts of one type of token to their HTML."""

    def __init__(self, css: str) -> None:
        super().__init__()
        self._open = f'<span class="{css}">' if css else ""

    def __missing__(self, text: str) -> str:
        piece = escape(text, quote=False)
        if self._open:
            piece = "\n".join([f"{self._open}{part}</span>" if part else "" for part in piece.split("\n")])
        if len(text) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[text] = piece
        return piece


class _Kinds(dict[Any, _Pieces]):
    """From a type of token to its texts."""

    def __missing__(self, kind: Any) -> _Pieces:
        pieces = self[kind] = _Pieces(_class_of(kind))
        return pieces


_KINDS: Final = _Kinds()


def _class_of(kind: Any) -> str:
    """Pygments' short name of a type, or of the nearest one above it that has one; none for text and white space."""
    if kind in Token.Text:
        return ""
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return STANDARD_TYPES[kind]


def pieces_of(kind: Any) -> dict[str, str]:
    """From the texts of a type of token to their HTML, made when they are asked for; the same object each time."""
    return _KINDS[kind]


def as_html(tokens: Iterable[tuple[int, Any, str]]) -> str:
    """The HTML of tokens: position, type, text. As many lines as the code has; a line's spans end before its newline."""
    kinds = _KINDS
    return "".join([kinds[kind][text] for _, kind, text in tokens])
