"""Code to highlighted HTML with Pygments' short class names, in Hugo's frames: one cached call per distinct block."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from sitegen.markdown.chroma import LANGUAGES
from sitegen.markdown.code_annotations import FIRST, annotated
from sitegen.markdown.fences import parse_line_ranges
from sitegen.markdown.lexing.kept import installed

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_LONGEST_COLOURED: Final = 400_000
"""Characters; a longer block is data, and Pygments needs about 1 s per 400 kB."""
_LONGEST_GUESSED: Final = 20_000
"""Characters; what a block is in, its beginning tells."""
_LONGEST_REMEMBERED: Final = 10_000
"""Characters, of a block that is remembered without a folder to keep it in."""
_FORMAT: Final = "1"
"""Of the coloured HTML that is kept across builds: to be raised when the same code gives other HTML."""
_BROWSERS_TAB_WIDTH: Final = 4
"""What the theme's style sheet says."""

_ALIASES: Final = {"ipython3": "ipython", "python3": "python", "py3": "python", "jsonc": "json5"}
_NOT_COLOURED: Final = frozenset({"text", "plain", "plaintext", "txt", "no-highlight", "fallback"})


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
    has_frame, is_guessed = language.lower() in LANGUAGES, False
    if guess_syntax and not has_frame and _lexer(language) is None:
        has_frame, is_guessed, language = True, True, "fallback"
    content = (
        _coloured(body, language, is_guessed=is_guessed) if len(code) <= _LONGEST_COLOURED else _plain(body)
    )
    if FIRST in code:
        content = annotated(content)
    if is_inline:
        css = f"code-inline language-{html.escape(language, quote=True)}" if language else "code-inline"
        return f'<code class="{css}">{content}</code>'
    marked = parse_line_ranges(hl_lines) if hl_lines else frozenset()
    has_frame = has_frame or bool(filename or line_numbers or marked)
    numbers: Sequence[tuple[str, str]] = []
    if line_numbers or marked:
        lines = _lines(content)
        numbers = _numbers(len(lines), line_number_start, anchors) if line_numbers else []
        content = "".join(_framed_lines(lines, marked, [] if numbers_in_table else numbers))
    style = f' style="tab-size: {tab_width}"' if tab_width != _BROWSERS_TAB_WIDTH else ""
    block = _pre(content, language, style=style, label=label, is_chroma=has_frame)
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


def _coloured(code: str, language: str, *, is_guessed: bool) -> str:
    """Lines of HTML; a span never crosses the end of a line, so lines can be wrapped.

    Args:
        code: ends with a newline.
        language: as the author names it.
        is_guessed: the language is found out from the code.
    """
    name = language.lower()
    if not is_guessed and (not name or name in _NOT_COLOURED):
        return _plain(code)
    kept = installed()
    if kept is None:
        made = _made if len(code) <= _LONGEST_REMEMBERED else _made.__wrapped__
        return made(code, name, is_guessed)[0]
    key = kept.key(_made_by(is_guessed), "" if is_guessed else name, code)
    found = kept.get(key)
    if found is None:
        found, is_lasting = _made.__wrapped__(code, name, is_guessed)
        if is_lasting:
            kept.put(key, found)
    return found


@cache
def _made_by(is_guessed: bool) -> str:
    """What stands for the program in a key: our version and Pygments', and for a guess what else can be guessed."""
    import pygments

    versions = f"{_FORMAT} {pygments.__version__}"
    if not is_guessed:
        return versions
    from importlib.metadata import entry_points

    plug_ins = entry_points(group="pygments.lexers")
    return f"{versions} guessed {sorted((item.value, item.dist and item.dist.version) for item in plug_ins)}"


@lru_cache(maxsize=256)
def _made(code: str, name: str, is_guessed: bool) -> tuple[str, bool]:
    """The HTML, and whether it is worth keeping: not where there is no lexer, or one of a plug-in, which may change."""
    lexer = _guessed(code) if is_guessed else _lexer(name)
    html_ = _plain(code) if lexer is None else _with_colours(code, lexer)
    return html_, is_guessed or (lexer is not None and type(lexer).__module__.startswith("pygments.lexers."))


def _with_colours(code: str, lexer: Lexer) -> str:
    # Pygments costs 30 ms to import: a page whose blocks are all kept does without
    from sitegen.markdown.lexing.loops import coloured

    return coloured(lexer, code)


def _plain(code: str) -> str:
    return html.escape(code, quote=False)


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    name = language.lower()
    if not name or name in _NOT_COLOURED:
        return None
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    from sitegen.markdown.lexing.loops import install

    install()  # before any lexer is made: then it makes its expressions when they are tried
    try:
        return get_lexer_by_name(_ALIASES.get(name, name), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return _lexer_of_file(name) if name in LANGUAGES else None


def _lexer_of_file(name: str) -> Lexer | None:
    """The lexer of a language that is named by a file's name or its ending: `kt`, `.htaccess`."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    for file in (name, f"x.{name}"):
        try:
            return get_lexer_for_filename(file, stripnl=False, ensurenl=False)
        except ClassNotFound:
            continue
    return None


def _guessed(code: str) -> Lexer | None:
    from pygments.lexers import guess_lexer
    from pygments.util import ClassNotFound

    try:
        return guess_lexer(code[:_LONGEST_GUESSED], stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


# --- lines ----------------------------------------------------------------------------------------


def _lines(content: str) -> list[str]:
    """Each with its newline; the last may have none."""
    *whole, rest = content.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


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
