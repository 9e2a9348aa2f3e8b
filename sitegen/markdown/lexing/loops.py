"""The faster loops in the place of Pygments' own, held against them before they are trusted.

They replace the methods of Pygments' base classes, in this process: that is the one door through which every
lexer goes, also those with a method of their own around it (C, YAML), those that call others for parts of the text (HTML,
Markdown, consoles) and plug-ins. The tokens are the same, so nobody else who uses Pygments here can tell.
Measured on 20-line blocks, HTML included: Python 1.35 -> 0.21 ms, C++ 1.30 -> 0.36, JavaScript 0.95 -> 0.29, YAML 0.46 -> 0.23.

Guards: of lexers that our tests do not hold against Pygments' own (another version, a plug-in, a rare language) the first
blocks are lexed by both loops and compared, and a lexer that differs, or fails since its tables are not as we know them,
keeps Pygments' loop for good; the tests compare them on the standard library, on samples of many languages and on
random text. Where Pygments' loop would never end, ours says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from pygments import __version__
from pygments.lexer import ExtendedRegexLexer, Lexer, LexerContext, RegexLexer
from pygments.lexers.data import JsonLexer
from pygments.token import Text

from sitegen.markdown.lexing import on_demand
from sitegen.markdown.lexing.dispatch import (
    StuckLexerError,
    Tables,
    Tokens,
    html_of,
    tokens,
    tokens_in_context,
)
from sitegen.markdown.lexing.json_tokens import json_tokens
from sitegen.markdown.lexing.spans import as_html

_CHECKED_BLOCKS: Final = 2
"""Of each lexer, compared with Pygments' own tokens; about 1 ms each."""
_LONGEST_CHECKED: Final = 20_000
"""Characters: the check costs what Pygments costs."""
TESTED_VERSION: Final = "2.21.0"
"""Of Pygments: our tests hold both loops against each other for the lexers below as this version has them."""
TESTED: Final = frozenset(
    {
        "BashLexer",
        "BashSessionLexer",
        "CLexer",
        "CMakeLexer",
        "CppLexer",
        "CssLexer",
        "CudaLexer",
        "DiffLexer",
        "DockerLexer",
        "GettextLexer",
        "GoLexer",
        "HaskellLexer",
        "HtmlDjangoLexer",
        "HtmlLexer",
        "IniLexer",
        "JavaLexer",
        "JavascriptLexer",
        "JsonLdLexer",
        "JsonLexer",
        "JuliaLexer",
        "KotlinLexer",
        "LuaLexer",
        "MakefileLexer",
        "MarkdownLexer",
        "MySqlLexer",
        "NginxConfLexer",
        "PerlLexer",
        "PhpLexer",
        "PowerShellLexer",
        "ProtoBufLexer",
        "PythonConsoleLexer",
        "PythonLexer",
        "PythonTracebackLexer",
        "RstLexer",
        "RubyLexer",
        "RustLexer",
        "SLexer",
        "ScalaLexer",
        "ScssLexer",
        "SqlLexer",
        "SwiftLexer",
        "TOMLLexer",
        "TerraformLexer",
        "TexLexer",
        "TypeScriptLexer",
        "VimLexer",
        "XmlLexer",
        "YamlLexer",
        "ZigLexer",
    }
)
"""Classes of Pygments' own whose tokens need no comparison; it would compile what only Pygments' loop tries: 15 ms for Python."""

_PYGMENTS_LOOP: Final[Any] = RegexLexer.get_tokens_unprocessed
_PYGMENTS_EXTENDED_LOOP: Final[Any] = ExtendedRegexLexer.get_tokens_unprocessed
_PYGMENTS_JSON: Final[Any] = JsonLexer.get_tokens_unprocessed

JSON_PROBES: Final = (
    '{"a": [1, -2.5e+3, true, null], "b\\u00e9\\"" /* c */ : {}}\n// end\n',
    '"a" "b" // c\n: nulltrue 1-2 "\\u1"": /**/ "x" /***/, / "\\u12g" fx [1],:{ \u00e9 \t"a\nb":',
    '"open \\',
    "/* open *",
    '{"a" //',
    "/",
    "1.",
    "tru",
    " ",
    "[",
)
"""Every branch of Pygments' method, and every way in which a text may end."""


class _Lexing:
    """What this process knows of Pygments' lexers."""

    def __init__(self) -> None:
        self.is_installed = False
        self.is_plain = False
        """Pygments' own loops are asked for, for a comparison or for a lexer that is not trusted."""
        self.was_fast = False
        """A loop of ours was used since this was last set to False."""
        self.tables: dict[int, _Both] = {}
        """By the identity of a lexer's definitions, which the value keeps alive."""
        self.to_check: dict[type[Lexer], int] = {}
        self.refused: set[type[Lexer]] = set()


class _Both:
    """The tables of one lexer."""

    __slots__ = ("_definitions", "_tables", "_tables_for_ascii")

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions  # kept alive: its identity is what we are found by
        self._tables = Tables(definitions)
        self._tables_for_ascii = Tables(definitions, is_ascii=True)

    def of(self, text: str) -> Tables:
        """The tables for a text."""
        return self._tables_for_ascii if text.isascii() else self._tables


_LEXING: Final = _Lexing()


def lex_block(lexer: Lexer, code: str) -> list[tuple[int, Any, str]]:
    """The tokens of `code`: position, type, text; what `lexer` alone would give.

    Code on which Pygments would never end is one token of text.

    Args:
        lexer: any of Pygments', without options that change the text.
        code: the block as it is.
    """
    install()
    try:
        if type(lexer) in _LEXING.refused:
            with pygments_alone():
                return _by_options(lexer, code)
        if "\r" in code or code.startswith("\ufeff") or not _is_as_known(lexer):
            return _by_options(lexer, code)
        if _LEXING.to_check.get(type(lexer), _blocks_to_check(type(lexer))) and len(code) <= _LONGEST_CHECKED:
            return _checked(lexer, code)
        return list(lexer.get_tokens_unprocessed(code))
    except StuckLexerError as error:
        _tell("%s: %s", type(lexer).__name__, error)
        return [(0, Text, code)]


def coloured(lexer: Lexer, code: str) -> str:
    """The HTML of a block: `as_html` of `lex_block`, made without tokens where nothing stands between rules and tokens."""
    install()
    kind: Any = type(lexer)
    if (
        kind.get_tokens_unprocessed is _regex_tokens
        and kind not in _LEXING.refused
        and not _LEXING.to_check.get(kind, _blocks_to_check(kind))
        and "\r" not in code
        and not code.startswith("\ufeff")
        and _is_as_known(lexer)
    ):
        tables = _tables_of(lexer, code)
        if tables is not None:
            try:
                return html_of(lexer, code, tables)
            except StuckLexerError:
                pass  # `lex_block` finds it again, and says so
    return as_html(lex_block(lexer, code))


def _by_options(lexer: Lexer, code: str) -> list[tuple[int, Any, str]]:
    """The tokens of code whose line ends, white space or tokens the lexer changes; without positions."""
    return [(0, kind, text) for kind, text in lexer.get_tokens(code)]


def _is_as_known(lexer: Lexer) -> bool:
    """Whether the lexer's tokens are those of its rules: no method, option or filter stands between."""
    return (
        type(lexer).get_tokens is Lexer.get_tokens
        and not lexer.filters
        and not (lexer.stripnl or lexer.stripall or lexer.ensurenl or lexer.tabsize)
    )


def _checked(lexer: Lexer, code: str) -> list[tuple[int, Any, str]]:
    """Our tokens where they are Pygments' too; else Pygments', and the lexer is not tried again."""
    _LEXING.was_fast = False
    try:
        ours = list(lexer.get_tokens_unprocessed(code))
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        ours = []
        _tell("%s: %r", type(lexer).__name__, error)
    else:
        if not _LEXING.was_fast:
            return ours  # no table has been made: there is nothing to compare
    plain = _plain(lexer, code)
    if ours == plain:
        _LEXING.to_check[type(lexer)] = _LEXING.to_check.get(type(lexer), _blocks_to_check(type(lexer))) - 1
    else:
        _LEXING.refused.add(type(lexer))
        _tell("%s is lexed by Pygments alone", type(lexer).__name__)
    return plain


def _blocks_to_check(lexer: type[Lexer]) -> int:
    is_tested = lexer.__name__ in TESTED and lexer.__module__.startswith("pygments.lexers.")
    return 0 if is_tested and __version__ == TESTED_VERSION else _CHECKED_BLOCKS


def _tell(message: str, *parts: object) -> None:
    import logging  # 9 ms, for what happens to nobody

    logging.getLogger(__name__).debug(message, *parts)


def _plain(lexer: Lexer, code: str) -> list[tuple[int, Any, str]]:
    with pygments_alone():
        return list(lexer.get_tokens_unprocessed(code))


@contextmanager
def pygments_alone() -> Iterator[None]:
    """Pygments' own loops, as long as it lasts; tokens must be taken inside."""
    before, _LEXING.is_plain = _LEXING.is_plain, True
    try:
        yield
    finally:
        _LEXING.is_plain = before


# --- in Pygments' place ---------------------------------------------------------------------------


def install() -> None:
    """Let every lexer of this process use our loops, from now on."""
    if _LEXING.is_installed:
        return
    _LEXING.is_installed = True
    on_demand.install()
    RegexLexer.get_tokens_unprocessed = _regex_tokens  # type: ignore[method-assign,assignment]
    ExtendedRegexLexer.get_tokens_unprocessed = _extended_tokens  # type: ignore[method-assign,assignment]
    JsonLexer.get_tokens_unprocessed = _json_tokens  # type: ignore[method-assign]


def _regex_tokens(lexer: Any, text: str, stack: Iterable[str] = ("root",)) -> Tokens:
    """Split `text` into tokens: position, type, text."""
    tables = _tables_of(lexer, text)
    found: Tokens = (
        _PYGMENTS_LOOP(lexer, text, stack) if tables is None else tokens(lexer, text, stack, tables)
    )
    return found


def _extended_tokens(lexer: Any, text: str | None = None, context: LexerContext | None = None) -> Tokens:
    """Split `text`, or what `context` has of its own, into tokens."""
    if context is None and text is not None:
        context = LexerContext(text, 0)
    tables = _tables_of(lexer, context.text) if context else None
    found: Tokens = (
        _PYGMENTS_EXTENDED_LOOP(lexer, text, context)
        if tables is None or context is None
        else tokens_in_context(lexer, context, tables)
    )
    return found


def _json_tokens(lexer: Any, text: str) -> Tokens:
    """Parse JSON data."""
    if _LEXING.is_plain or type(lexer).__module__ != JsonLexer.__module__ or not _is_json_as_known():
        plain: Tokens = _PYGMENTS_JSON(lexer, text)
        return plain
    _LEXING.was_fast = True
    return json_tokens(text)


@cache
def _is_json_as_known() -> bool:
    """Whether this Pygments' `JsonLexer` gives what ours does: it has no tables that we could follow."""
    lexer: Any = JsonLexer()
    return all(list(_PYGMENTS_JSON(lexer, text)) == list(json_tokens(text)) for text in JSON_PROBES)


def _tables_of(lexer: Any, text: str) -> Tables | None:
    """The tables of a lexer."""
    if _LEXING.is_plain:
        return None
    definitions = lexer._tokens
    both = _LEXING.tables.get(id(definitions))
    if both is None:
        both = _LEXING.tables[id(definitions)] = _Both(definitions)
    _LEXING.was_fast = True
    return both.of(text)
