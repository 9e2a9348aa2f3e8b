r"""`@fig-loss`, `@tbl-x`, `@lst-x`, `@eq-x`, `@sec-x`: cross-references in prose, in Quarto's form."""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from sitegen.markdown.at_signs import match_at

_KINDS: Final = "[Ff]ig|[Tt]bl|[Ll]st|[Ee]q|[Ss]ec"
_LABEL: Final = rf"(?:{_KINDS})-\w(?:[\w-]*\w)?"
_REFERENCE: Final = re.compile(rf"@({_LABEL})(?![\w@/]|\.\w)")
"""Not `@fig-tree.org` and not `@fig-tree@example.org`: those are names of somebody."""
_WORDS: Final = r"[^\[\]@;`\n]{1,60}?\s"
_ITEM: Final = rf"(?:{_WORDS})?-?@{_LABEL}\s*"
_BRACKETED: Final = re.compile(rf"\[\s*+({_ITEM}(?:[;,]\s*+{_ITEM})*)\](?![(\[:])")
"""White space before an item is none of its words: what could be either doubles the ways to fail with each item."""
_PART: Final = re.compile(rf"(?:^|[;,])\s*+(?P<words>{_WORDS})?(?P<alone>-?)@(?P<label>{_LABEL})")
_TARGET: Final = re.compile(rf"@({_LABEL})")
STOPS: Final = (f"@(?:{_KINDS})-",)
"""Where text stops because a reference may begin."""


def references_plugin(md: MarkdownIt) -> None:
    """Tokens `reference` with the label in `meta`; `[@fig-loss]` is the same without its brackets.

    `[Fig. @fig-loss]` has words of the author's before the number, `[-@fig-loss]` none.
    """
    md.inline.ruler.before("link", "bracketed_reference", _bracketed)
    md.inline.ruler.before("autolink", "reference", _reference)


def referred_label(target: str) -> str | None:
    """The label that a link's target names, as in `[the loss](@fig-loss)`."""
    match = _TARGET.fullmatch(target)
    return _lowered(match[1]) if match is not None else None


def open_reference(label: str) -> str:
    """A link to a label in text that is no page yet: a caption, an argument; the page puts the number into it."""
    return f'<a class="reference" href="#{label}"></a>'


def _reference(state: StateInline, silent: bool) -> bool:
    match = match_at(state, _REFERENCE)
    if match is None:
        return False
    if not silent:
        _push(state, match[1], None)
    state.pos = match.end()
    return True


def _bracketed(state: StateInline, silent: bool) -> bool:
    """`[@fig-a; @fig-b]`: nothing but references and words before them, and no link."""
    source, start = state.src, state.pos
    if state.linkLevel > 0 or not source.startswith("[", start) or source[start - 1 : start] == "!":
        return False
    match = _BRACKETED.match(source, start, state.posMax)
    if match is None:
        return False
    if not silent:
        for number, part in enumerate(_PART.finditer(match[1])):
            if number:
                state.push("text", "", 0).content = ", "
            words = (part["words"] or "").strip()
            _push(state, part["label"], words if words or part["alone"] else None)
    state.pos = match.end()
    return True


def _push(state: StateInline, label: str, prefix: str | None) -> None:
    state.push("reference", "a", 0).meta = {"label": _lowered(label), "prefix": prefix}


def _lowered(label: str) -> str:
    """`Fig-x` is `fig-x` at the beginning of a sentence."""
    return label[0].lower() + label[1:]
