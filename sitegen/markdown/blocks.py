"""Block rules of the dialect beyond CommonMark and GFM tables: alerts with titles, heading attributes."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from sitegen.config.values import Markup
from sitegen.config.words import Words
from sitegen.markdown.block_attributes import block_attributes_plugin
from sitegen.markdown.divs import divs_plugin
from sitegen.markdown.fences import attributes_of
from sitegen.markdown.paragraphs import BRACES

_KNOWN: Final = frozenset({"note", "tip", "important", "warning", "caution"})
"""GitHub's alerts; any other name of letters is taken too, as Hugo and Obsidian do."""

_ALERT: Final = re.compile(r"\[!([A-Za-z]+)\]([+-]?)(?:[ \t]+([^\n]*))?(?:\n|$)")
_HEADING_ATTRIBUTES: Final = re.compile(r"(?<!\\)\{([^{}\n]*)\}$")
_CLOSING_SIGNS: Final = re.compile(r"(?:^|[ \t]+)#+$")
"""`## Title ## {#id}`"""
_NUMERIC_REFERENCE: Final = re.compile(r"&#([xX]?[0-9a-fA-F]{1,7});")


def blocks_plugin(md: MarkdownIt, markup: Markup) -> None:
    """The rules work on block tokens, before their inline content is read."""
    divs_plugin(md, markup.words)
    md.core.ruler.after("block", "alerts", partial(_alerts, markup.words))
    md.core.ruler.after("block", "anchors", _anchors)
    if markup.heading_attributes:
        md.core.ruler.after("block", "heading_attributes", _heading_attributes)
    if markup.block_attributes:
        block_attributes_plugin(md)


def _alerts(words: Words, state: StateCore) -> None:
    """`> [!NOTE]-  title`: blockquote tokens become `alert_open` (with kind and sign in `meta`), a title, `alert_close`."""
    if ">" not in state.src or "[!" not in state.src:
        return
    tokens: list[Token] = []
    closing_types: list[bool] = []
    source = iter(range(len(state.tokens)))
    for index in source:
        token = state.tokens[index]
        if token.type == "blockquote_open":
            match = _alert_match(state.tokens, index)
            closing_types.append(match is not None)
            if match is not None:
                tokens.extend(_alert_opening(token, match, words))
                paragraph = state.tokens[index + 2]
                paragraph.content = paragraph.content[match.end() :].lstrip(" \t")
                if not paragraph.content.strip():
                    for _ in range(3):  # the paragraph held nothing but the marker
                        next(source, None)
                continue
        elif token.type == "blockquote_close" and closing_types.pop():
            token.type, token.tag = "alert_close", "div"
        tokens.append(token)
    state.tokens = tokens


def _alert_match(tokens: list[Token], index: int) -> re.Match[str] | None:
    if index + 2 >= len(tokens) or tokens[index + 1].type != "paragraph_open":
        return None
    return _ALERT.match(tokens[index + 2].content)


def _alert_opening(blockquote: Token, match: re.Match[str], words: Words) -> list[Token]:
    kind, sign, written = match[1].lower(), match[2], (match[3] or "").strip()
    opening = Token("alert_open", "div", 1, map=blockquote.map, block=True, level=blockquote.level)
    opening.meta = {**blockquote.meta, "kind": kind, "sign": sign}
    title = Token("inline", "", 0, map=blockquote.map, block=True, level=blockquote.level + 2)
    title.content = written or (words(f"text.{kind}") if kind in _KNOWN else kind.capitalize())
    title.children = []
    return [
        opening,
        Token("alert_title_open", "p", 1, block=True, level=blockquote.level + 1),
        title,
        Token("alert_title_close", "p", -1, block=True, level=blockquote.level + 1),
    ]


def _heading_attributes(state: StateCore) -> None:
    """`## Title {#id .class data-x=1}`, Hugo's form: the attributes go to the heading token."""
    if BRACES not in state.env:
        return
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type != "heading_open" or not inline.content.endswith("}"):
            continue
        match = _HEADING_ATTRIBUTES.search(inline.content)
        if match is None:
            continue
        attributes = attributes_of(match[1])
        if attributes is not None:
            inline.content = _CLOSING_SIGNS.sub("", inline.content[: match.start()].rstrip())
            opening.meta = {**opening.meta, "attributes": (*opening.meta.get("attributes", ()), *attributes)}
        elif match[1][:1] in {"#", "."}:
            opening.meta = {**opening.meta, "damaged": "{" + match[1] + "}"}


def _anchors(state: StateCore) -> None:
    """A heading's id is made of its source: of `What&#8217;s` Hugo makes `what8217s`."""
    if "&" not in state.src or "&#" not in state.src:
        return
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open" and "&#" in inline.content:
            opening.meta = {**opening.meta, "anchor": _NUMERIC_REFERENCE.sub(r"\\#\1;", inline.content)}
