"""Pygments' definitions made when they are asked for: a state when it is entered, an expression when it is tried.

Pygments compiles every expression of a lexer when it is made: 15 ms for Python's, of which most pages need a third, and
that is the part without letters of all scripts (`narrowed.py`). Its own method still makes the states, and an
expression that is compiled later is the same expression; so nobody can tell but by the time. Lexers of plug-ins are
left alone: an expression that cannot be compiled should be told when the lexer is made.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from threading import RLock
from typing import Any, Final

from pygments import lexer as pygments_lexer

_OWN: Final = "pygments.lexers."
_PYGMENTS: Final[Any] = pygments_lexer
_META: Final[Any] = _PYGMENTS.RegexLexerMeta
_PROCESS_TOKENDEF: Final = _META.process_tokendef
_PROCESS_REGEX: Final = _META._process_regex
_MAKING: Final = RLock()


class Matcher:
    """Stands for the `match` of a compiled expression."""

    __slots__ = ("_match", "expression", "flags")

    def __init__(self, expression: str, flags: int) -> None:
        self.expression = expression
        self.flags = flags
        self._match: Any = None

    @property
    def __self__(self) -> re.Pattern[str]:
        """What a bound `match` says that it is bound to."""
        return re.compile(self.expression, self.flags)

    def __call__(self, text: str, position: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """As `re.Pattern.match`."""
        if self._match is None:
            self._match = self.__self__.match
        found: re.Match[str] | None = self._match(text, position, end)
        return found


class Definitions(dict[str, Any]):
    """The states of a lexer, by name: triples of a `match`, an action and what state comes then."""

    def __init__(self, lexer: Any, written: Mapping[str, Any]) -> None:
        super().__init__()
        self._lexer = lexer
        self._written = written
        self._made: dict[str, Any] = {}

    def __missing__(self, name: str) -> Any:
        with _MAKING:
            made = self._made.copy()  # a state that another thread sees is whole
            self._lexer._process_state(self._written, made, name)
            self._made = made
            self.update(made)
        return self[name]

    def _whole(self) -> dict[str, Any]:
        for name in self._written:
            self[name]  # makes it
        return self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __contains__(self, name: object) -> bool:
        return name in self._whole()

    def keys(self) -> Any:
        """The names of all states."""
        return self._whole().keys()

    def values(self) -> Any:
        """All states."""
        return self._whole().values()

    def items(self) -> Any:
        """All states with their names."""
        return self._whole().items()


def install() -> None:
    """Let every lexer of Pygments that is made in this process from now on have its definitions on demand."""
    _META.process_tokendef = _process_tokendef
    _META._process_regex = _process_regex


def _process_tokendef(cls: Any, name: str, tokendefs: Mapping[str, Any] | None = None) -> Any:
    """Preprocess a dictionary of token definitions."""
    if not cls.__module__.startswith(_OWN):
        return _PROCESS_TOKENDEF(cls, name, tokendefs)
    made = cls._all_tokens[name] = Definitions(cls, tokendefs or cls.tokens[name])
    return made


def _process_regex(cls: Any, regex: Any, rflags: int, state: str) -> Any:
    """Preprocess the regular expression of a token definition."""
    if not cls.__module__.startswith(_OWN):
        return _PROCESS_REGEX(cls, regex, rflags, state)
    return Matcher(regex.get() if isinstance(regex, _PYGMENTS.Future) else regex, rflags)
