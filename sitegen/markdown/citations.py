"""`[@key]`, `[see @key, pp. 33-35; also @other]`, `[-@key]` and `@key`: citations as Pandoc and Quarto write them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from sitegen.content.document import Citation
from sitegen.markdown.at_signs import match_at

STOPS: Final = (r"@[\w{]",)
"""Where text stops because a citation may begin."""
OPENED: Final = '<span class="citation" data-cites="'
"""How a citation begins in HTML that is no page yet."""
_OPENED: Final = re.compile(rf'{OPENED}([^"]*)"></span>')
HERE: Final = '<div class="bibliography-here"></div>\n'
"""Where the page's bibliography is to stand."""

_KEY: Final = r"@(?:\{(?P<braced>[^{}\s]+)\}|(?P<key>\w(?:[:.#$%&+?<>~/-]?\w)*))"
_IN_TEXT: Final = re.compile(rf"{_KEY}(?!@)")
_ITEM: Final = re.compile(rf"(?P<prefix>(?:.*?[\s(])??)(?P<alone>-?){_KEY}(?P<rest>.*)", re.DOTALL)
_CLUSTER: Final = re.compile(r"\[([^\[\]`@]*+@[^\[\]`]*+)\](?![(\[])")
_BEHIND: Final = re.compile(r"[ \t]?\[([^\[\]@`\n]+)\](?![(\[:])")
"""`[p. 3]` behind a citation in the text."""
_NUMBERED: Final = re.compile(r"(?:fig|tbl|lst|eq|sec)-", re.IGNORECASE)
"""What cross-references begin with: no key of a bibliography does."""

_LABELS: Final = {
    "page": ("pages?", r"pp?\."),
    "chapter": ("chapters?", r"chaps?\.", r"ch\."),
    "section": ("sections?", r"secs?\.", "§§?"),
    "figure": ("figures?", r"figs?\."),
    "equation": ("equations?", r"eqs?\."),
    "table": ("tables?", r"tabs?\."),
    "appendix": ("appendix", "appendices", r"apps?\."),
    "algorithm": ("algorithms?", r"algs?\."),
    "theorem": ("theorems?", r"thms?\."),
    "volume": ("volumes?", r"vols?\."),
    "issue": ("numbers?", r"nos?\."),
    "part": ("parts?", r"pts?\."),
    "paragraph": ("paragraphs?", r"paras?\.", "¶¶?"),
    "line": ("lines?", r"ll?\."),
    "note": ("notes?", r"nn?\."),
    "column": ("columns?", r"cols?\."),
    "verse": ("verses?", r"vv?\."),
}
"""Pandoc's labels of locators, and those that papers of the field need beside them."""
_LABEL: Final = "|".join(f"(?P<{name}>{'|'.join(words)})" for name, words in _LABELS.items())
_NUMBER: Final = r"[0-9A-Z]*[0-9][\w.:]*|[ivxlcdm]+\b|[A-Z]\b"
_RANGE: Final = rf"(?:{_NUMBER})(?:\s*(?:[-\N{{EN DASH}},&]+)\s*(?:{_NUMBER}))*"
_LOCATOR: Final = re.compile(rf"\s*(?:(?:{_LABEL})\s*)?(?P<locator>{_RANGE})", re.IGNORECASE)
_BRACED: Final = re.compile(r"\s*\{([^{}]*)\}")


def open_citation(written: str) -> str:
    """A citation in HTML that is no page yet, such as a caption; the page makes links of it."""
    return f'{OPENED}{html.escape(written)}"></span>'


def fill_open(html: str, fill: Callable[[re.Match[str]], str]) -> str:
    """HTML with something in place of its open citations; the first group of a match is the citation, escaped."""
    return _OPENED.sub(fill, html) if OPENED in html else html


def citations_plugin(md: MarkdownIt) -> None:
    """Tokens `citation` with its items in `meta`: only a parser of pages that have a bibliography is given them."""
    md.inline.ruler.before("link", "bracketed_citation", _bracketed)
    md.inline.ruler.before("autolink", "citation", _in_text)


def citations_of(text: str) -> tuple[Citation, ...] | None:
    """What stands between the brackets of a citation; None where that is none.

    Args:
        text: `see @key, pp. 33-35; also @other`.
    """
    found: list[Citation] = []
    for part in text.split(";"):
        match = _ITEM.fullmatch(part.strip())
        if match is None:
            return None
        key = match["braced"] or match["key"]
        if _NUMBERED.match(key):
            return None
        label, locator, suffix = _located(match["rest"])
        found.append(
            Citation(
                key=key,
                prefix=match["prefix"].strip(),
                label=label,
                locator=locator,
                suffix=suffix,
                is_without_author=bool(match["alone"]),
            )
        )
    return tuple(found)


def _located(rest: str) -> tuple[str, str, str]:
    """The label, the locator and what is left of the text behind a key."""
    written = rest.lstrip()
    text = written.removeprefix(",").lstrip()
    braced = _BRACED.match(text)
    if braced is not None:
        label, locator, left = _located(f", {braced[1]}")
        return label, locator or left, text[braced.end() :].strip(" ,")
    match = _LOCATOR.match(text)
    if match is None:
        return "page", "", written.strip()
    label = next((name for name in _LABELS if match[name]), "")
    if not label and not match["locator"][:1].isdigit():
        return "page", "", written.strip()  # `and others`, `X`: words
    return label or "page", match["locator"].rstrip(".,:"), text[match.end() :].strip(" ,")


def _bracketed(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if state.linkLevel > 0 or source[start] != "[" or source[start - 1 : start] == "!":
        return False
    match = _CLUSTER.match(source, start, state.posMax)
    items = citations_of(match[1]) if match is not None else None
    if match is None or items is None:
        return False
    if not silent:
        state.push("citation", "a", 0).meta = {"items": items, "is_in_text": False, "written": match[0]}
    state.pos = match.end()
    return True


def _in_text(state: StateInline, silent: bool) -> bool:
    match = match_at(state, _IN_TEXT)
    if match is None:
        return False
    source, start = state.src, state.pos
    key = match["braced"] or match["key"]
    if _NUMBERED.match(key):
        return False
    if not silent:
        end, label, locator, suffix = match.end(), "page", "", ""
        behind = _BEHIND.match(source, end, state.posMax)
        if behind is not None:
            label, locator, suffix = _located(f", {behind[1]}")
            end = behind.end()
        token = state.push("citation", "a", 0)
        cited = Citation(key=key, label=label, locator=locator, suffix=suffix)
        token.content = source[start:end]
        token.meta = {"items": (cited,), "is_in_text": True, "written": source[start:end]}
        state.pos = end
        return True
    state.pos = match.end()
    return True
