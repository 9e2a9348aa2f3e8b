"""Code to highlighted HTML with Pygments' short class names: one cached call per distinct block."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from pygments import lex
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token
from pygments.util import ClassNotFound

from sitegen.markdown.fences import parse_line_ranges

_LONGEST_COLOURED: Final = 400_000
"""Characters; a longer block is data, and Pygments needs about 1 s per 400 kB."""

_ALIASES: Final = {"ipython3": "ipython", "python3": "python", "py3": "python", "jsonc": "json5"}


@lru_cache(maxsize=4096)
def highlight(
    code: str,
    language: str,
    *,
    line_numbers: bool = False,
    line_number_start: int = 1,
    hl_lines: str = "",
    filename: str | None = None,
    label: str | None = None,
) -> str:
    """A block of code as HTML; plain where the language is unknown.

    Args:
        code: the block's text; a newline at its end is added where it is missing.
        language: a Pygments alias, case does not count; empty for none.
        line_numbers: put `<span class="ln">` before each line (not selectable by the theme's style).
        line_number_start: the number of the first line.
        hl_lines: `1,3-5`, counted from 1 whatever `line_number_start` is; what cannot be read is ignored.
        filename: a title above the code.
        label: the accessible name of the scrollable block.
    """
    body = code if code.endswith("\n") or not code else code + "\n"
    lexer = _lexer(language)
    marked = parse_line_ranges(hl_lines) if hl_lines else frozenset()
    coloured = lexer is not None and len(code) <= _LONGEST_COLOURED
    lines = list(_coloured_lines(body, lexer)) if coloured and lexer else _plain_lines(body)
    if line_numbers or marked:
        lines = list(_framed_lines(lines, marked, line_number_start if line_numbers else None))
    pre = _pre("".join(lines), language, label)
    if not coloured and not filename and not line_numbers and not marked:
        return pre
    title = f'<div class="code-filename">{html.escape(filename)}</div>' if filename else ""
    return f'<div class="highlight">{title}{pre}</div>\n'


def _pre(content: str, language: str, label: str | None) -> str:
    name = html.escape(language, quote=True)
    attributes = f' class="language-{name}" data-lang="{name}"' if language else ""
    accessible = f' role="group" aria-label="{html.escape(label)}"' if label else ""
    return f'<pre tabindex="0"{accessible}><code{attributes}>{content}</code></pre>\n'


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    name = language.lower()
    if not name or name in {"text", "plain", "plaintext", "txt"}:
        return None
    try:
        return get_lexer_by_name(_ALIASES.get(name, name), stripnl=False, ensurenl=False)
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
    return html.escape(code, quote=False).splitlines(keepends=True)


def _framed_lines(lines: list[str], marked: frozenset[int], first_number: int | None) -> Iterator[str]:
    """Each line in `<span class="line">`, numbered where `first_number` is given."""
    last = len(lines) - 1 + (first_number or 0)
    width = len(str(last))
    for index, line in enumerate(lines):
        css = "line hl" if index + 1 in marked else "line"
        number = ""
        if first_number is not None:
            number = f'<span class="ln">{first_number + index:>{width}}</span>'
        yield f'<span class="{css}">{number}<span class="cl">{line}</span></span>'
