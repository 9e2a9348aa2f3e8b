"""Fences that are not cells: highlighted, with Hugo's options from the fence and from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sitegen.config import Highlight
from sitegen.markdown.chroma import LANGUAGES
from sitegen.markdown.fences import Attribute, FenceInfo, as_line_ranges
from sitegen.markdown.headings import attributes_html, chosen_id
from sitegen.markdown.highlight import highlight
from sitegen.markdown.inline import escape, escape_attribute

TITLES: Final = ("filename", "title")
OPTIONS: Final = frozenset(
    {
        "anchorlinenos",
        "code_line_numbers",
        "guesssyntax",
        "hl_inline",
        "hl_lines",
        "label",
        "lineanchors",
        "linenos",
    }
    | {"linenostart", "linenumbersintable", "noclasses", "style", "tabwidth"}
)
"""Names that say how code is shown; every other attribute goes on the wrapper, as Hugo's."""
_OF_ANY_ELEMENT: Final = frozenset({"class", "id", "lang", "dir"})
_FRAME: Final = '<div class="highlight">'


def static_code(code: str, fence: FenceInfo, settings: Highlight, *, ordinal: int = 0) -> str:
    """The HTML of a static fence.

    Args:
        code: its content.
        fence: its info string.
        settings: the site's; the fence's options come first.
        ordinal: how many fences the page has before it, for the ids of line numbers.
    """
    if not settings.code_fences:
        css = f' class="language-{escape_attribute(fence.language)}"' if fence.language else ""
        return f"<pre><code{css}>{escape(code)}</code></pre>\n"
    code = code.rstrip("\n")
    if fence.language.lower() not in LANGUAGES:  # only the fence's own options hold, as Hugo's none
        settings = replace(settings, line_numbers=False, highlighted_lines="")
    options = {item.name.lower().replace("-", "_"): item.value for item in fence.attributes}
    numbered = options.get("linenos", options.get("code_line_numbers", settings.line_numbers))
    start = options.get("linenostart", settings.first_line_number)
    is_inline = _is_on(options.get("hl_inline", False))
    width = options.get("tabwidth", settings.tab_width)
    html = highlight(
        code and f"{code}\n",
        fence.language,
        line_numbers=_is_on(numbered) and not is_inline,
        numbers_in_table=_in_table(numbered, options, settings),
        line_number_start=_number(start, 1),
        hl_lines=as_line_ranges(options.get("hl_lines", settings.highlighted_lines)),
        anchors=_anchors(options, settings, ordinal),
        filename=next((str(options[name]) for name in TITLES if options.get(name)), None),
        is_inline=is_inline,
        guess_syntax=_is_on(options.get("guesssyntax", settings.guess_syntax)),
        tab_width=_number(width, settings.tab_width),
    )
    return html if is_inline else _wrapped(html, _of_wrapper(fence), settings.wrapper_class)


def _is_on(value: object) -> bool:
    return value not in {False, "false", None}


def _number(value: object, default: int) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 10 else default


def _in_table(numbered: object, options: Mapping[str, object], settings: Highlight) -> bool:
    """`linenos` may say it itself: `table` or `inline`."""
    if numbered in {"table", "inline"}:
        return numbered == "table"
    return _is_on(options.get("linenumbersintable", settings.line_numbers_in_table))


def _anchors(options: Mapping[str, object], settings: Highlight, ordinal: int) -> str:
    if not _is_on(options.get("anchorlinenos", settings.anchor_line_numbers)):
        return ""
    return str(options.get("lineanchors", settings.line_anchors) or f"hl-{ordinal}")


def _of_wrapper(fence: FenceInfo) -> list[Attribute]:
    """The attributes that are no options: of a fence marked as a cell, those that HTML has for every element."""
    names = [item.name.lower() for item in fence.attributes]
    return [
        item
        for item, name in zip(fence.attributes, names, strict=True)
        if name in _OF_ANY_ELEMENT
        or name.startswith(("data-", "aria-"))
        or (fence.form == "plain" and name.replace("-", "_") not in OPTIONS and name not in TITLES)
    ]


def _wrapped(html: str, kept: list[Attribute], wrapper_class: str) -> str:
    """The block with the author's id, classes and other attributes on its wrapper."""
    if not kept and wrapper_class == "highlight":
        return html
    if not html.startswith(_FRAME):
        if not kept:
            return html
        html = f"{_FRAME}{html.rstrip()}</div>\n"
    identifier = chosen_id(kept)
    identified = f' id="{escape_attribute(identifier)}"' if identifier else ""
    classes = [Attribute(name="class", value=wrapper_class, offset=0)]
    return html.replace(_FRAME, f"<div{identified}{attributes_html([*classes, *kept])}>", 1)
