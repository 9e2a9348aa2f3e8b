"""`::: {.class #id}` ... `:::`, Pandoc's fenced divs; those of Quarto's callouts become alerts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from sitegen.config.words import ENGLISH, Words
from sitegen.markdown.fences import Attribute, attributes_of

OPENING: Final = re.compile(r":{3,}[ \t]*\{([^\n]*)\}[ \t]*:*[ \t]*")
_CLOSING: Final = re.compile(r":{3,}[ \t]*")
_CODE: Final = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})")
CALLOUTS: Final = {f"callout-{kind}": kind for kind in ("note", "tip", "important", "warning", "caution")}
"""Quarto's class to the kind of our alerts."""
_OF_ANY_ELEMENT: Final = frozenset({"id", "class", "lang", "dir", "role", "title"})


def divs_plugin(md: MarkdownIt, words: Words = ENGLISH) -> None:
    """A div needs its attributes in braces and its end: anything else stays text, as in Hugo."""
    md.block.ruler.before(
        "fence", "fenced_div", partial(_div, words), {"alt": ["reference", "blockquote", "list"]}
    )


def _div(words: Words, state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = state.bMarks[start] + state.tShift[start]
    if state.src[first : first + 3] != ":::" or state.is_code_block(start):
        return False
    opening = OPENING.fullmatch(state.src[first : state.eMarks[start]])
    attributes = attributes_of(opening[1]) if opening is not None else None
    if not attributes:
        return False
    closing = _closing(state, start, end)
    if closing is None:
        return False
    if not silent:
        _tokens(state, start, closing, attributes, words)
    return True


def _closing(state: StateBlock, start: int, end: int) -> int | None:
    """The line that ends the div; those inside it end first, and what stands in a code fence ends nothing."""
    ends: dict[int, int] = state.env.setdefault("div_ends", {}).setdefault(state.src, {})
    if start in ends:
        return ends[start] if ends[start] < end else None
    opened, code = [start], ""
    for line in range(start + 1, end):
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if not state.isEmpty(line) and state.sCount[line] < state.blkIndent:
            break  # the list or quotation that holds it is over
        fence = _CODE.match(text) if text[:1] in "`~" and text else None
        if code:
            code = "" if fence is not None and fence[1].startswith(code) else code
        elif fence is not None:
            code = fence[1]
        elif text.startswith(":::"):
            if OPENING.fullmatch(text):
                opened.append(line)
            elif _CLOSING.fullmatch(text):
                ends[opened.pop()] = line
                if not opened:
                    return line
    for line in opened:  # looked for once, however many are open
        ends[line] = len(state.bMarks)
    return None


def _tokens(
    state: StateBlock, start: int, closing: int, attributes: Iterable[Attribute], words: Words
) -> None:
    kept = tuple(_kept(attribute) for attribute in attributes)
    classes = [str(each.value) for each in kept if each.name == "class"]
    kind = next((CALLOUTS[name] for name in classes if name in CALLOUTS), None)
    old_parent, old_end = state.parentType, state.lineMax
    state.parentType, state.lineMax = "blockquote", closing
    opening = state.push("div_open" if kind is None else "alert_open", "div", 1)
    opening.map = [start, closing + 1]
    opening.meta = {"attributes": kept}
    before = len(state.tokens)
    state.md.block.tokenize(state, start + 1, closing)
    if kind is not None:
        given = {each.name.lower(): each.value for each in attributes}
        sign = {"true": "-", "false": "+"}.get(str(given.get("collapse", "")).lower(), "")
        opening.meta = {"kind": kind, "sign": sign, "given": attributes}
        said = str(given.get("title", "") or "")
        _title(state, before, said, words(f"text.{kind}"), start)
    state.push("div_close" if kind is None else "alert_close", "div", -1)
    state.parentType, state.lineMax = old_parent, old_end
    state.line = closing + 1


def _kept(attribute: Attribute) -> Attribute:
    """An attribute as HTML has it for any element: another one, such as Quarto's `width`, as `data-width`."""
    name = attribute.name.lower()
    if name in _OF_ANY_ELEMENT or name.startswith(("data-", "aria-")):
        return attribute
    return Attribute(name=f"data-{name}", value=attribute.value, offset=attribute.offset)


def _title(state: StateBlock, before: int, written: str, kind: str, line: int) -> None:
    """A callout's title: its attribute's, else the heading that it begins with, else its kind in words."""
    text = written
    inner = state.tokens[before:]
    if not text and inner and inner[0].type == "heading_open":
        text = inner[1].content
        del state.tokens[before : before + 3]
    level = state.level
    content = Token("inline", "", 0, map=[line, line + 1], block=True, level=level + 1)
    content.content, content.children = text or kind, []
    state.tokens[before:before] = [
        Token("alert_title_open", "p", 1, block=True, level=level),
        content,
        Token("alert_title_close", "p", -1, block=True, level=level),
    ]
