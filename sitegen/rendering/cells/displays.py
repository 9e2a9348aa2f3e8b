"""One displayed thing in several MIME types -> the HTML of the best of them."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import field
from html import escape
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.document import CodeCell, Heading
from sitegen.content.executed import DisplayOutput
from sitegen.errors import Diagnostic
from sitegen.frozen import thaw
from sitegen.markdown.highlight import highlight
from sitegen.rendering.cells.ansi import ansi_html, ansi_lines, without_ansi
from sitegen.rendering.cells.figures import IMAGE_TYPES
from sitegen.rendering.cells.interactive import is_interactive, plot_type
from sitegen.rendering.cells.sanitize import sanitized
from sitegen.rendering.fragments import block_html, inline_markdown, latex_html
from sitegen.rendering.references import as_text, figcaption
from sitegen.rendering.text import plain_text
from sitegen.results.media_types import WIDGET_VIEW
from sitegen.values import dataclass

HTML, MARKDOWN, LATEX, JSON, TEXT, SCRIPT = (
    "text/html",
    "text/markdown",
    "text/latex",
    "application/json",
    "text/plain",
    "application/javascript",
)
PRIORITY: Final = (HTML, WIDGET_VIEW, *IMAGE_TYPES, MARKDOWN, LATEX, SCRIPT, JSON, TEXT)
"""Which form of an output is shown, after a figure that a script of the site draws: the first that it has."""

_ERROR: Final = "Error"
"""What `site.css` writes above an error."""
_SCOPED_STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_BORDER = re.compile(r'(<table\b[^>]*?)\sborder="\d+"', re.IGNORECASE)
_STRING_REPR = re.compile(r"""[bru]{0,2}(['"]).*\1""", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A piece of output as HTML."""

    html: str
    headings: tuple[Heading, ...] = ()
    features: frozenset[str] = field(default_factory=frozenset)
    diagnostics: tuple[Diagnostic, ...] = ()


def best_type(output: DisplayOutput, *, is_trusted: bool) -> str | None:
    """The MIME type that is shown; None where there is nothing that a page can show.

    An output that is not trusted and needs a script is a picture where it brings one; its HTML form is the script's.
    """
    if is_trusted:
        return plot_type(output) or next((name for name in PRIORITY if name in output.data), None)
    scripted = next((name for name in output.data if name == WIDGET_VIEW or is_interactive(name)), None)
    if scripted is not None:
        return next((name for name in IMAGE_TYPES if name in output.data), scripted)
    return next((name for name in PRIORITY if name in output.data and name != SCRIPT), None)


def text_of(output: DisplayOutput, media_type: str) -> str:
    """A form's text; a notebook's list of lines is joined."""
    content = output.data[media_type]
    return "".join(map(str, content)) if isinstance(content, tuple) else str(content)


def display_html(
    output: DisplayOutput,
    media_type: str,
    *,
    cell: CodeCell,
    is_trusted: bool,
    number: str | None = None,
    words: Words = ENGLISH,
) -> Shown:
    """The HTML of one form of an output that is no picture.

    Args:
        output: what was displayed.
        media_type: the form.
        cell: that displayed it.
        is_trusted: whether HTML is kept whole.
        number: `Table 1`, where this is the table that the cell's label names.
        words: of the site.
    """
    text = text_of(output, media_type)
    if media_type == HTML:
        return _html(text, cell, words, is_trusted=is_trusted, number=number)
    if media_type == MARKDOWN:
        html = _markdown(text, is_trusted=is_trusted)
        if number is not None and _TABLE.search(html):
            return _captioned(html, inline_markdown(cell.options.tbl_cap), cell, number, "output-markdown")
        return Shown(html=f'<div class="output output-markdown">{html}</div>\n')
    if media_type == LATEX:
        math = _latex(text, is_trusted=is_trusted)
        return Shown(html=f'<div class="output output-latex">{math}</div>\n', features=frozenset({"math"}))
    if media_type == SCRIPT:
        return Shown(html=f'<div class="output output-html"><script>{text}</script></div>\n')
    if media_type == JSON:
        pretty = json.dumps(thaw(output.data[JSON]), indent=2, ensure_ascii=False)
        return Shown(html=f'<div class="output output-json">{highlight(pretty, "json")}</div>\n')
    return Shown(html=text_html(text, "output-text", cell.options.output_fold, words))


def text_html(text: str, kind: str, fold: bool | int, words: Words = ENGLISH, title: str = "") -> str:
    """Terminal text in a `<pre>`; beyond `fold` lines, where that is a number, in a `<details>`.

    Args:
        text: as a terminal has it.
        kind: the class of the output.
        fold: how many lines stand before the fold.
        words: of the site.
        title: of an error; the style sheet says it in English.
    """
    named = f' data-title="{escape(title)}"' if title and title != _ERROR else ""
    stripped = text.rstrip("\n")
    if not stripped:
        return ""
    lines = ansi_lines(stripped) if not isinstance(fold, bool) and fold > 0 else []
    if not lines or len(lines) <= fold:
        return f'<div class="output {kind}"{named}><pre tabindex="0">{ansi_html(stripped)}</pre></div>\n'
    shown, hidden = "\n".join(lines[:fold]), "\n".join(lines[fold:])
    more = len(lines) - fold
    summary = escape(words("cell.more_lines", count=more))
    return (
        f'<div class="output {kind}"{named}><pre tabindex="0">{shown}</pre>'
        f'<details class="output-fold"><summary>{summary}</summary><pre tabindex="0">{hidden}</pre></details></div>\n'
    )


def value_html(output: DisplayOutput, *, is_trusted: bool) -> str:
    """An inline expression's value: HTML, Markdown or LaTeX objects as such, all else as text.

    A string shows without the quotes of its repr.
    """
    if HTML in output.data:
        html = text_of(output, HTML)
        return html if is_trusted else sanitized(html)
    if MARKDOWN in output.data:
        html = as_text(inline_markdown(text_of(output, MARKDOWN)))
        return html if is_trusted else sanitized(html)
    if LATEX in output.data:
        return _latex(text_of(output, LATEX), is_trusted=is_trusted)
    if TEXT in output.data:
        return escape(_unquoted(without_ansi(text_of(output, TEXT)).strip()), quote=False)
    return ""


def scrolling(html: str, label: str) -> str:
    """HTML that may be wider than the page, in a box that the keyboard can scroll."""
    return f'<div class="table-scroll" tabindex="0" role="group" aria-label="{escape(label)}">{html}</div>'


def _html(text: str, cell: CodeCell, words: Words, *, is_trusted: bool, number: str | None) -> Shown:
    html = text if is_trusted else sanitized(text)
    # pandas sends a `<style scoped>`, an attribute that HTML no longer has; the theme styles tables
    html = _BORDER.sub(r"\1", _SCOPED_STYLE.sub("", html)).strip()
    html = html.replace(
        "<th></th>", "<td></td>"
    )  # the corner of pandas: it heads nothing, and a screen reader says so
    if not _TABLE.search(html):
        return Shown(html=f'<div class="output output-html">{html}</div>\n')
    caption = inline_markdown(cell.options.tbl_cap)
    box = scrolling(html, plain_text(caption) or words("text.a_table"))
    if not caption and number is None:
        return Shown(html=f'<div class="output output-html">{box}</div>\n', features=frozenset({"table"}))
    return _captioned(box, caption, cell, number, "output-html")


def _captioned(html: str, caption: str, cell: CodeCell, number: str | None, kind: str) -> Shown:
    """A table with its caption above it, and the cell's label where that names it."""
    mark = f' id="{escape(cell.options.label or "")}"' if number is not None else ""
    head = figcaption(caption, number)
    figure = f'<figure class="output {kind} output-table"{mark}>{head}{html}</figure>\n'
    return Shown(html=figure, features=frozenset({"table"}))


def _latex(text: str, *, is_trusted: bool) -> str:
    html = latex_html(text)
    return html if is_trusted else sanitized(html)


def _markdown(text: str, *, is_trusted: bool) -> str:
    html = block_html(text)
    return html if is_trusted else sanitized(html)


def _unquoted(text: str) -> str:
    """The string whose repr `text` is; anything else as it is."""
    if not _STRING_REPR.fullmatch(text):
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return value if isinstance(value, str) else text
