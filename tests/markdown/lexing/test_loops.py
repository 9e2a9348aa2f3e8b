"""Tokens by first characters are Pygments' own: of code, of damaged code, of anything."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygments
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pygments.lexer import Lexer, RegexLexer, bygroups
from pygments.lexers import get_lexer_by_name
from pygments.lexers.python import PythonLexer
from pygments.token import Keyword, Name, Text

from sitegen.markdown.lexing import loops
from sitegen.markdown.lexing.dispatch import Tables, tokens
from sitegen.markdown.lexing.spans import as_html

Both = Callable[[str, str], tuple[list[Any], list[Any]]]

_SAMPLES = {file.stem: file.read_text("utf-8") for file in (Path(__file__).parent / "samples").iterdir()}
"""A few lines of each language, by Pygments' name of it."""
_LANGUAGES = sorted(_SAMPLES)
_FUZZED = [
    "python",
    "pycon",
    "c",
    "cpp",
    "yaml",
    "json",
    "javascript",
    "typescript",
    "bash",
    "console",
    "html",
    "css",
    "rust",
    "go",
    "toml",
    "ruby",
    "perl",
    "php",
    "sql",
    "markdown",
    "restructuredtext",
    "xml",
    "scss",
    "html+jinja",
]
_PIECES = st.sampled_from(
    [
        "\n",
        "\t",
        " ",
        "  ",
        '"',
        "'",
        '"""',
        "`",
        "\\",
        "/*",
        "*/",
        "//",
        "#",
        "<",
        ">",
        "</",
        "${",
        "{{",
        "}}",
        "é",
        "名",
        "ſ",
        "K",
        "\u2028",
        "\x1c",
        "\x00",
        "\U0001f600",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ":",
        "-",
        "=",
        "@",
        "$",
        "%",
        "&",
        "!",
        "0x1f",
        "1e5",
        "def ",
        "class",
        "if",
        "<<END\n",
        "END\n",
        "---\n",
        "- a",
        "a: b",
        "r'",
        'f"{',
        'u8"',
        "|\n",
        ">>> ",
        "$ ",
        "\n\n",
        "    ",
    ]
)


@pytest.mark.parametrize("language", _LANGUAGES)
def test_tokens_are_pygments_own(language: str, both: Both) -> None:
    """Whole, with every line taken away in turn, and cut off in the middle of strings and comments."""
    text = _SAMPLES[language]
    lines = text.splitlines(keepends=True)
    texts = [
        text,
        text[:-1],
        text.replace("    ", "\t"),
        *(text[: len(text) * part // 9] for part in range(1, 9)),
    ]
    texts += ["".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]

    for variant in texts:
        ours, plain = both(language, variant)
        assert ours == plain


def test_the_standard_library_has_the_same_tokens(both: Both) -> None:
    """Python of many hands, with what it has in strings."""
    folder = Path(sysconfig.get_path("stdlib"))
    files = sorted(folder.glob("*.py"))[::6]
    assert len(files) > 20

    for file in files:
        text = file.read_text("utf-8", errors="replace")[:8_000]
        ours, plain = both("python", text)
        assert ours == plain, file


@settings(max_examples=150, deadline=None)
@given(language=st.sampled_from(_FUZZED), pieces=st.lists(_PIECES, max_size=30))
def test_damaged_code_has_the_same_tokens(both: Both, language: str, pieces: list[str]) -> None:
    """What opens strings, comments and blocks, in any order."""
    ours, plain = both(language, "".join(pieces))

    assert ours == plain


@settings(max_examples=100, deadline=None)
@given(language=st.sampled_from(_FUZZED), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_has_the_same_tokens(both: Both, language: str, text: str) -> None:
    """Letters of every script, and characters that no language knows."""
    ours, plain = both(language, text)

    assert ours == plain


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(_LANGUAGES), st.integers(0, 10_000), st.text("\r\n\t \ufeff", max_size=4))
def test_line_ends_of_every_kind_are_lexed_as_pygments_does(language: str, at: int, inserted: str) -> None:
    """`lex_block` takes code as an author's file has it."""
    text = _SAMPLES[language]
    code = inserted + text[: at % len(text)] + inserted + text[at % len(text) :].replace("\n", "\r\n")
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)

    ours = [(kind, part) for _, kind, part in loops.lex_block(lexer, code)]

    assume(ours != [(Text, code)])  # Pygments' own would not come back
    with loops.pygments_alone():
        assert ours == list(lexer.get_tokens(code))


@pytest.mark.timeout(20)
def test_code_on_which_pygments_never_ends_is_text() -> None:
    """A traceback's line that is none: its lexer goes from one state to the other and back."""
    lexer = get_lexer_by_name("pytb", stripnl=False, ensurenl=False)
    code = '  File "a.py", line 1 of 3\n'

    assert loops.lex_block(lexer, code) == [(0, Text, code)]


class _Odd(RegexLexer):
    """Every kind of rule that a table could get wrong."""

    name = "Odd"
    tokens = {  # noqa: RUF012 -- as Pygments wants it
        "root": [
            (r"(?<=a)b", Keyword),
            (r"(?=x)(?:)", Name, "x"),
            (r"(?i:k)+", Name.Builtin),
            (r"[^\W\d_]+?(?!a)", Name),
            (r"(é)(ß)?", bygroups(Name.Class, None)),  # type: ignore[no-untyped-call]
            (r"^-", Name.Label, ("x", "#push")),
            (r"(?:ab|\d{2,3}|[^a-z\n])(?P<t>.)?(?(t)!|$)", Name.Tag),
            (r"\Z", Text, "end"),
        ],
        "end": [(r"\Bn", Text, "#pop")],
        "x": [(r"x*", Name.Other, "#pop"), (r"", Text, "#pop:2")],
    }


@settings(max_examples=200, deadline=None)
@given(st.text("abkKKxé ß-12!\n名", max_size=12))
def test_every_kind_of_rule_is_tried_where_it_can_match(text: str) -> None:
    """Look-arounds, cases, optional groups, conditions, rules that match nothing."""
    lexer: Any = _Odd()

    ours = list(tokens(lexer, text, ("root",), Tables(lexer._tokens, is_ascii=text.isascii())))

    with loops.pygments_alone():
        assert ours == list(lexer.get_tokens_unprocessed(text))


def test_lexers_inside_others_are_faster_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's scripts and styles, a console's code: no lexer goes another way."""
    loops.install()
    seen: list[type] = []
    kept = loops._tables_of

    def noted(lexer: Any, text: str) -> Tables | None:
        seen.append(type(lexer))
        return kept(lexer, text)

    monkeypatch.setattr(loops, "_tables_of", noted)

    list(get_lexer_by_name("html").get_tokens_unprocessed(_SAMPLES["html"]))
    list(get_lexer_by_name("pycon").get_tokens_unprocessed(_SAMPLES["pycon"]))

    assert {"HtmlLexer", "CssLexer", "JavascriptLexer", "PythonLexer"} <= {kind.__name__ for kind in seen}


def test_a_lexer_whose_tokens_differ_is_left_to_pygments(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first blocks are compared; what is not the same is not used, then or later."""

    class _Mended(PythonLexer):
        """A class of its own, so that nothing of this test stays."""

    calls: list[str] = []

    def wrong(lexer: Any, text: str, stack: Any, tables: Tables) -> Any:
        calls.append(text)
        return iter([(0, Text, text)])

    monkeypatch.setattr(loops, "tokens", wrong)
    lexer = _Mended(stripnl=False, ensurenl=False)
    with loops.pygments_alone():
        plain = list(lexer.get_tokens_unprocessed("def f(): pass\n"))

    first = list(loops.lex_block(lexer, "def f(): pass\n"))
    second = list(loops.lex_block(lexer, "def f(): pass\r\n"))

    assert first == plain
    assert [token[1:] for token in second] == [token[1:] for token in plain]
    assert calls == ["def f(): pass\n"]


def test_a_lexer_whose_tables_are_not_as_known_is_left_to_pygments(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails in ours does not fail in Pygments'."""

    class _Changed(PythonLexer):
        """A class of its own."""

    def failing(lexer: Any, text: str, stack: Any, tables: Tables) -> Any:
        raise ValueError("too many values to unpack")
        yield

    monkeypatch.setattr(loops, "tokens", failing)
    lexer = _Changed(stripnl=False, ensurenl=False)

    found = list(loops.lex_block(lexer, "x = 1\n"))

    assert "".join(text for _, _, text in found) == "x = 1\n"
    assert _Changed in loops._LEXING.refused


def test_options_that_change_the_text_are_left_to_pygments() -> None:
    """A filter, or white space taken away."""
    lexer = get_lexer_by_name("python", stripall=True)
    lexer.add_filter("keywordcase", case="upper")

    found = [(kind, text) for _, kind, text in loops.lex_block(lexer, "\n\npass\n\n")]

    assert found == [(Keyword, "PASS"), (Text.Whitespace, "\n")]


def test_lexers_that_are_not_compared_are_those_that_are_tested() -> None:
    """With another version of Pygments all are compared again; then these tests hold for it, if they pass."""
    names = {type(get_lexer_by_name(language)).__name__ for language in _LANGUAGES}

    assert names == loops.TESTED
    assert pygments.__version__ == loops.TESTED_VERSION


def test_a_tested_lexer_asks_pygments_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own loop would compile what ours never tries; a class of somebody else's with the same name is compared."""
    asked: list[str] = []
    kept = loops._plain

    def plain(lexer: Lexer, code: str) -> list[tuple[int, Any, str]]:
        asked.append(type(lexer).__module__)
        return kept(lexer, code)

    other = type("PythonLexer", (PythonLexer,), {"__module__": "somebody"})
    monkeypatch.setattr(loops, "_plain", plain)

    loops.lex_block(get_lexer_by_name("python", stripnl=False, ensurenl=False), "x = 1\n")
    loops.lex_block(other(stripnl=False, ensurenl=False), "x = 1\n")

    assert asked == ["somebody"]


class _Counted:
    """A rule's `match` that counts its calls."""

    calls = 0

    def __init__(self, match: Any) -> None:
        self.__self__ = match.__self__

    def __call__(self, text: str, position: int) -> re.Match[str] | None:
        _Counted.calls += 1
        found: re.Match[str] | None = self.__self__.match(text, position)
        return found


def _tries(text: str) -> int:
    lexer: Any = get_lexer_by_name("python", stripnl=False, ensurenl=False)
    definitions = {
        name: [(_Counted(match), action, new_state) for match, action, new_state in rules]
        for name, rules in lexer._tokens.items()
    }
    _Counted.calls = 0
    for _ in tokens(lexer, text, ("root",), Tables(definitions)):
        pass
    return _Counted.calls


@pytest.mark.parametrize("piece", ["((((", '"""', "\x00é ", "a.b.", "    x = f(y)\n"])
def test_the_rules_tried_grow_as_the_text(piece: str) -> None:
    """Four times the text, four times the tries: also for text that no rule knows."""
    once, four_times = _tries(piece * 500), _tries(piece * 2_000)

    assert four_times <= 4 * once + 50


def test_few_rules_are_tried_for_a_token() -> None:
    """Some three where Pygments tries thirty."""
    text = _SAMPLES["python"]
    lexer = get_lexer_by_name("python", stripnl=False, ensurenl=False)
    count = sum(1 for _ in lexer.get_tokens_unprocessed(text))

    assert count < _tries(text) < 5 * count


@pytest.mark.parametrize("language", _LANGUAGES)
def test_html_without_tokens_is_the_same(language: str) -> None:
    """Of code, of code cut off, and of what no rule knows."""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    text = _SAMPLES[language]

    for variant in (text, text[: len(text) // 2], f"{text}\x00\n é ``` \" ' <<", text.replace("\n", "\r\n")):
        assert loops.coloured(lexer, variant) == as_html(loops.lex_block(lexer, variant))


@pytest.mark.timeout(20)
def test_html_of_code_on_which_pygments_never_ends_is_text() -> None:
    """As its tokens are."""
    lexer = get_lexer_by_name("pytb", stripnl=False, ensurenl=False)

    assert loops.coloured(lexer, '  File "a.py", line 1 of <3\n').endswith("1 of &lt;3\n")
