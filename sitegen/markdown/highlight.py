"""Code to highlighted HTML with Pygments' short class names, in Hugo's frames: one cached call per distinct block."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from pygments import lex
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename, guess_lexer
from pygments.token import STANDARD_TYPES, Token
from pygments.util import ClassNotFound

from sitegen.markdown.chroma import LANGUAGES
from sitegen.markdown.fences import parse_line_ranges

_LONGEST_COLOURED: Final = 400_000
"""Characters; a longer block is data, and Pygments needs about 1 s per 400 kB."""
_LONGEST_GUESSED: Final = 20_000
"""Characters; what a block is in, its beginning tells."""
_BROWSERS_TAB_WIDTH: Final = 4
"""What the theme's style sheet says."""

_ALIASES: Final = {"ipython3": "ipython", "python3": "python", "py3": "python", "jsonc": "json5"}
_NOT_COLOURED: Final = frozenset({"text", "plain", "plaintext", "txt", "no-highlight", "fallback"})


@lru_cache(maxsize=4096)
def highlight(
    code: str,
    language: str,
    *,
    line_numbers: bool = False,
    numbers_in_table: bool = False,
    line_number_start: int = 1,
    hl_lines: str = "",
    anchors: str = "",
    filename: str | None = None,
    label: str | None = None,
    is_inline: bool = False,
    guess_syntax: bool = False,
    tab_width: int = _BROWSERS_TAB_WIDTH,
) -> str:
    """A block of code as HTML; plain where the language is unknown.

    Args:
        code: the block's text; a newline at its end is added where it is missing.
        language: a name that Chroma or Pygments knows, case does not count; empty for none.
        line_numbers: a number before each line (not selectable by the theme's style).
        numbers_in_table: numbers and code are the two cells of a table.
        line_number_start: the number of the first line.
        hl_lines: `1,3-5`, counted from 1 whatever `line_number_start` is; what cannot be read is ignored.
        anchors: what the ids of line numbers begin with, each then a link to itself; empty for none.
        filename: a title above the code.
        label: the accessible name of the scrollable block.
        is_inline: part of a sentence.
        guess_syntax: find out the language of a block that has none.
        tab_width: columns of a tab.
    """
    body = code if code.endswith("\n") or not code else code + "\n"
    lexer, has_frame = _lexer(language), language.lower() in LANGUAGES
    if guess_syntax and lexer is None and not has_frame:
        lexer, has_frame, language = _guessed(body), True, "fallback"
    lines = (
        list(_coloured_lines(body, lexer))
        if lexer is not None and len(code) <= _LONGEST_COLOURED
        else _plain_lines(body)
    )
    if is_inline:
        css = f"code-inline language-{html.escape(language, quote=True)}" if language else "code-inline"
        return f'<code class="{css}">{"".join(lines)}</code>'
    marked = parse_line_ranges(hl_lines) if hl_lines else frozenset()
    has_frame = has_frame or bool(filename or line_numbers or marked)
    numbers = _numbers(len(lines), line_number_start, anchors) if line_numbers else []
    if numbers or marked:
        lines = list(_framed_lines(lines, marked, [] if numbers_in_table else numbers))
    style = f' style="tab-size: {tab_width}"' if tab_width != _BROWSERS_TAB_WIDTH else ""
    block = _pre("".join(lines), language, style=style, label=label, is_chroma=has_frame)
    if not has_frame:
        return block + "\n"
    if numbers and numbers_in_table:
        block = _table(numbers, marked, block)
    title = f'<div class="code-filename">{html.escape(filename)}</div>' if filename else ""
    return f'<div class="highlight">{title}{block}</div>\n'


def _pre(content: str, language: str, *, style: str, label: str | None, is_chroma: bool) -> str:
    name = html.escape(language, quote=True)
    attributes = f' class="language-{name}" data-lang="{name}"' if language else ""
    accessible = f' role="group" aria-label="{html.escape(label)}"' if label else ""
    css = ' class="chroma"' if is_chroma else ""
    return f'<pre tabindex="0"{css}{style}{accessible}><code{attributes}>{content}</code></pre>'


# --- colours --------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    name = language.lower()
    if not name or name in _NOT_COLOURED:
        return None
    try:
        return get_lexer_by_name(_ALIASES.get(name, name), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return _lexer_of_file(name) if name in LANGUAGES else None


def _lexer_of_file(name: str) -> Lexer | None:
    """The lexer of a language that is named by a file's name or its ending: `kt`, `.htaccess`."""
    for file in (name, f"x.{name}"):
        try:
            return get_lexer_for_filename(file, stripnl=False, ensurenl=False)
        except ClassNotFound:
            continue
    return None


def _guessed(code: str) -> Lexer | None:
    try:
        return guess_lexer(code[:_LONGEST_GUESSED], stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _class_of(token_type: Any) -> str:
    """Pygments' short name of a token type, or of the nearest one above it that has one."""
    kind = token_type
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return STANDARD_TYPES[kind]


def _coloured_lines(code: str, lexer: Lexer) -> Iterator[str]:
    """Lines of HTML, each with its newline; spans never cross a line, so lines can be wrapped."""
    line: list[str] = []
    text_type: Any = Token.Text  # also white space and what no rule knows
    for token_type, text in lex(code, lexer):
        css = "" if token_type in text_type else _class_of(token_type)
        for part in re.split("(\n)", text):
            if part == "\n":
                yield "".join(line) + "\n"
                line = []
            elif part:
                escaped = html.escape(part, quote=False)
                line.append(f'<span class="{css}">{escaped}</span>' if css else escaped)
    if line:
        yield "".join(line)


def _plain_lines(code: str) -> list[str]:
    return [line + "\n" for line in html.escape(code, quote=False).split("\n")[:-1]]


# --- lines ----------------------------------------------------------------------------------------


def _numbers(count: int, first: int, anchors: str) -> list[tuple[str, str]]:
    """Of each line the attributes of its number's element, and what stands in it: the number, padded on the left."""
    width = len(str(first + count - 1))
    padded = [f"{number:>{width}}" for number in range(first, first + count)]
    if not anchors:
        return [("", number) for number in padded]
    prefix = html.escape(anchors, quote=True)
    ids = [f"{prefix}-{number}" for number in range(first, first + count)]
    return [
        (f' id="{place}"', f'<a class="lnlinks" href="#{place}">{number}</a>')
        for place, number in zip(ids, padded, strict=True)
    ]


def _framed_lines(
    lines: Sequence[str], marked: frozenset[int], numbers: Sequence[tuple[str, str]]
) -> Iterator[str]:
    """Each line in `<span class="line">`, with its number where there are any."""
    for index, line in enumerate(lines):
        css = "line hl" if index + 1 in marked else "line"
        number = f'<span class="ln"{numbers[index][0]}>{numbers[index][1]}</span>' if numbers else ""
        yield f'<span class="{css}">{number}<span class="cl">{line}</span></span>'


def _table(numbers: Sequence[tuple[str, str]], marked: frozenset[int], block: str) -> str:
    """Numbers on the left, code on the right, so that only the code is copied."""
    lines = (
        f'<span class="hl"><span class="lnt"{attributes}>{number}\n</span></span>'
        if index in marked
        else f'<span class="lnt"{attributes}>{number}\n</span>'
        for index, (attributes, number) in enumerate(numbers, 1)
    )
    return (
        '<div class="chroma">\n<table class="lntable"><tr><td class="lntd">\n'
        f'<pre tabindex="0" class="chroma"><code>{"".join(lines)}</code></pre></td>\n'
        f'<td class="lntd">\n{block}</td></tr></table>\n</div>\n'
    )
