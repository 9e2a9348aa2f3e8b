r"""`$..$`, `$$..$$`, `\(..\)`, `\[..\]` and bare AMS environments: found by Markdown rules, typeset to MathML at build time."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from math_core import LatexError, LatexToMathML

from sitegen.values import dataclass

LENIENT: Final = "lenient-math"
"""The key in a text's `env` that lets `$ x^2 $` be an equation, as Jupyter does in notebooks."""
_MACROS: Final = {
    # math-core 0.9 knows none of these; each is its nearest relative.
    "substack": r"\begin{matrix}#1\end{matrix}",
    "smash": "#1",
    "mbox": r"\text{#1}",
    "mathbbm": r"\mathbb{#1}",
    "mathds": r"\mathbb{#1}",
    "ref": r"\eqref{#1}",
}
_NUMBERED: Final = r"(?:equation|align|gather|multline|alignat|flalign|eqnarray)"
_NUMBERED_ENVIRONMENT: Final = re.compile(r"\\begin\{" + _NUMBERED + r"\}")
_ENVIRONMENT: Final = re.compile(r"\\begin\{(" + _NUMBERED + r"\*?)\}")
_TAG_OR_LABEL: Final = re.compile(r"\\(?:tag\*?|label)\s*\{")
_LOOKS_LIKE_MATH: Final = re.compile(r"\\[A-Za-z]|[\^_=]")
_PLAIN_DOLLARS: Final = re.compile(r"\$(?!\$)[^$\\]*+(?:\\[^$][^$\\]*+)*+\$")
"""All between two dollars, of which no backslash stands before the second."""
_CLOSES_FIRST: Final = re.compile(r"[^{}]*+(?<!\\)}")
"""What begins with the end of a group stands between the dollars of two patterns, as in `{"^a$"} and {"^b$"}`."""
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
"""What Markdown takes a backslash away from."""
_DELIMITED: Final = -100
"""Below it are the keys in a block's cache (whose own keys are places) of where delimiters close last."""
_LABEL: Final = re.compile(r"[ \t]*\{#(eq-[\w-]+)\}\Z")
_NAMED_ENTITY: Final = re.compile(r"&(?!(?:lt|gt|amp|quot);)[A-Za-z]+;")


Delimiters = tuple[str, str, Literal["block", "inline"]]
"""What opens an equation, what closes it, and whether it is displayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """LaTeX as it stands between its delimiters."""

    latex: str
    is_display: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EquationError:
    """Why an equation cannot be typeset."""

    message: str
    line: int
    """Of the LaTeX, from 0."""


# --- typesetting ----------------------------------------------------------------------------------


def typeset(equations: Sequence[Equation]) -> tuple[str | EquationError, ...]:
    """MathML of a page's equations, numbered through the page and referring to each other."""
    prepared = [(_prepared(equation), equation.is_display) for equation in equations]
    try:
        return tuple(_as_utf8(mathml) for mathml in _converter().convert_all(prepared))
    except LatexError:
        pass
    # One is wrong: find out which, then number the others among themselves.
    alone = [_typeset_alone(latex, is_display) for latex, is_display in prepared]
    good = [item for item, result in zip(prepared, alone, strict=True) if isinstance(result, str)]
    try:
        together = iter(_converter().convert_all(good))
    except LatexError:  # a reference to an equation that is wrong
        return tuple(alone)
    return tuple(_as_utf8(next(together)) if isinstance(result, str) else result for result in alone)


@lru_cache(maxsize=4096)
def _typeset_alone(latex: str, is_display: bool) -> str | EquationError:
    try:
        return _as_utf8(_converter().convert_with_local_state(latex, displaystyle=is_display))
    except LatexError as error:
        offset, _, reason = str(error).partition(": ")
        before = latex.encode()[: int(offset)] if offset.isdigit() else b""
        text = (reason or offset).strip().rstrip(".")
        message = text[:1].lower() + text[1:].replace('"', "`").replace("\\\\", "\\")
        return EquationError(message=message, line=before.count(b"\n"))


@lru_cache(maxsize=1)
def _converter() -> LatexToMathML:
    # `\widetilde` renders a little differently in each browser: better than an error.
    return LatexToMathML(macros=_MACROS, fancy_error=False, allow_unreliable_rendering=True)


def _prepared(equation: Equation) -> str:
    """The LaTeX in the words that math-core knows."""
    latex = equation.latex.strip()
    # Posts for generators that take a backslash away double it; neither makes sense in LaTeX.
    latex = latex.replace(r"\\\\", r"\\").replace(r"\_{", "_{")
    latex = latex.replace(r"\begin{split}", r"\begin{aligned}").replace(r"\end{split}", r"\end{aligned}")
    # `\tag` and `\label` are only taken inside a numbered environment.
    if equation.is_display and _TAG_OR_LABEL.search(latex) and not _NUMBERED_ENVIRONMENT.search(latex):
        is_numbered = r"\tag" in latex or r"\label" in latex
        latex = f"\\begin{{equation}}{latex}\\end{{equation}}" if is_numbered else latex
    return latex


def _as_utf8(mathml: str) -> str:
    """Without HTML's named entities, so that it is XML for feeds too."""
    return _NAMED_ENTITY.sub(lambda match: html.unescape(match[0]), mathml)


# --- Markdown rules -------------------------------------------------------------------------------


def equations_plugin(md: MarkdownIt, delimiters: Sequence[Delimiters] = ()) -> None:
    """Tokens `math_inline`, `math_display` (inside a paragraph) and `math_block` with LaTeX as content.

    Args:
        md: the parser; its text rule stops at `$`, at a backslash and at the openings of `delimiters`.
        delimiters: what the site's passthrough extension has; all between two is an equation. Dollar signs
            are read as everywhere, so that prices stay text.
    """
    added = [item for item in delimiters if item[0].strip("$") and item[1]]
    if added:
        md.inline.ruler.before("escape", "math_delimited", partial(_delimited, added))
    md.inline.ruler.before("escape", "math_dollar", _dollar)
    md.inline.ruler.before("escape", "math_backslash", _backslash)
    if not delimiters:  # with passthrough, a doubled backslash makes text of a delimiter
        md.inline.ruler.before("escape", "math_doubled", _doubled)
    md.block.ruler.before(
        "fence", "math_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _delimited(delimiters: Sequence[Delimiters], state: StateInline, silent: bool) -> bool:
    """An equation between the site's own delimiters."""
    source, start = state.src, state.pos
    for index, (opening, closing, kind) in enumerate(delimiters):
        if not source.startswith(opening, start):
            continue
        first = start + len(opening)
        key = _DELIMITED - index
        if key not in state.cache:
            state.cache[key] = source.rfind(closing)
        end = source.find(closing, first, state.posMax) if first <= state.cache[key] else -1
        if end >= 0 and source[first:end].strip():
            is_display = kind == "block"
            return _push(state, silent, source[first:end], end + len(closing), opening, is_display=is_display)
    return False


def _dollar(state: StateInline, silent: bool) -> bool:
    """`$..$` not beside white space or digits outside, so that `$5 and $6` stays text; `$$..$$` in a paragraph."""
    source, start = state.src, state.pos
    if source[start] != "$":
        return False
    mark = "$$" if source.startswith("$$", start) else "$"
    first = start + len(mark)
    before, after = source[start - 1 : start], source[first : first + 1]
    if mark == "$" and (before.isdigit() or (before.isalpha() and after.isdigit())):
        return False
    plain = _PLAIN_DOLLARS.match(source, start, state.posMax)
    end = plain.end() - 1 if plain is not None else _closing_dollar(state, first, mark)
    latex = source[first:end]
    is_spaced = mark == "$" and (after.isspace() or latex[-1:].isspace())
    if is_spaced and not (state.env.get(LENIENT) and _LOOKS_LIKE_MATH.search(latex)):
        return False
    if end < 0 or not latex.strip() or "**" in latex or "](" in latex:  # `**$name**`, `[$5](a.md)`
        return False
    if mark == "$" and (source[end + 1 : end + 2].isdigit() or "`" in latex or _CLOSES_FIRST.match(latex)):
        return False
    return _push(state, silent, latex, end + len(mark), mark, is_display=mark == "$$")


def _closing_dollar(state: StateInline, position: int, mark: str) -> int:
    """The next unescaped `mark`, or -1."""
    source = state.src
    if position > _last(state, mark):
        return -1
    while (end := source.find(mark, position, state.posMax)) >= 0:
        backslashes = 0
        while source[end - 1 - backslashes] == "\\":
            backslashes += 1
        if backslashes % 2 == 0:
            return end
        position = end + 1
    return -1


def _backslash(state: StateInline, silent: bool) -> bool:
    r"""`\(..\)` and, inside a paragraph, `\[..\]`."""
    source, start = state.src, state.pos
    opening = source[start : start + 2]
    if opening not in {r"\(", r"\["}:
        return False
    closing = r"\)" if opening == r"\(" else r"\]"
    if start + 2 > _last(state, closing):
        return False
    end = source.find(closing, start + 2, state.posMax)
    if end < 0 or not source[start + 2 : end].strip():
        return False
    # Exported Markdown is full of escaped brackets: `file\(s\)`, `\[sic\]`. Those stay text.
    is_escape = opening == r"\[" or source[start - 1 : start].isalnum()
    if is_escape and not _LOOKS_LIKE_MATH.search(source, start + 2, end):
        return False
    return _push(state, silent, source[start + 2 : end], end + 2, opening, is_display=opening == r"\[")


def _doubled(state: StateInline, silent: bool) -> bool:
    r"""`\\(..\\)` and `\\[..\\]`: written so that Hugo, which takes a backslash away, leaves one for a script."""
    source, start = state.src, state.pos
    opening = source[start : start + 3]
    if opening not in {r"\\(", r"\\["}:
        return False
    closing = r"\\)" if opening == r"\\(" else r"\\]"
    first = start + len(opening)
    end = source.find(closing, first, state.posMax) if first <= _last(state, closing) else -1
    latex = _ESCAPE.sub(r"\1", source[first:end])
    if end < 0 or not latex.strip() or (closing == r"\\]" and not _LOOKS_LIKE_MATH.search(latex)):
        return False
    return _push(state, silent, latex, end + len(closing), opening, is_display=closing == r"\\]")


def _last(state: StateInline, mark: str) -> int:
    """The last place of `mark`: what cannot be closed costs no scan."""
    # `cache` maps positions; negative keys are free.
    key = -1 - ("$", "$$", r"\)", r"\]", r"\\)", r"\\]").index(mark)
    if key not in state.cache:
        state.cache[key] = state.src.rfind(mark)
    return state.cache[key]


def _push(state: StateInline, silent: bool, latex: str, end: int, opening: str, *, is_display: bool) -> bool:
    if not silent:
        token = state.push("math_display" if is_display else "math_inline", "math", 0)
        token.content, token.markup = latex, opening
    state.pos = end
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""`$$`, `\[` or `\begin{align}` at the start of a line, up to its closing at the end of one; no blank line."""
    if state.is_code_block(start):
        return False
    first = state.bMarks[start] + state.tShift[start]
    line = _without_label(state.src[first : state.eMarks[start]].rstrip())
    opening, closing = _delimiters(line)
    if not opening:
        return False
    if len(line) >= len(opening) + len(closing) and line.endswith(closing):
        last = start
    elif closing in line[len(opening) :]:
        return False  # more than one equation, or text behind it: the paragraph's
    else:
        last = _closing_line(state, start, closing)
        if last < 0 or last >= end:
            return False
    if silent:
        return True
    content = state.getLines(start, last + 1, state.sCount[start], False).strip()
    label = _LABEL.search(content) if content.endswith("}") else None
    if label is not None:
        content = content[: label.start()]
    if opening in {"$$", r"\["}:
        content = content[len(opening) : len(content) - len(closing)]
        if label is not None:
            content = f"{content}\\label{{{label[1]}}}"
    elif label is not None and not opening.endswith("*}") and r"\label" not in content:
        content = f"{content.removesuffix(closing)}\\label{{{label[1]}}}{closing}"
    token = state.push("math_block", "math", 0)
    token.content = content
    token.map = [start, last + 1]
    state.line = last + 1
    return True


def _without_label(line: str) -> str:
    """A line without Quarto's label at its end: `$$ {#eq-x}`."""
    return _LABEL.sub("", line) if line.endswith("}") else line


def _delimiters(line: str) -> tuple[str, str]:
    if line.startswith("$$"):
        return "$$", "$$"
    if line.startswith(r"\["):
        return r"\[", r"\]"
    if environment := _ENVIRONMENT.match(line):
        return environment[0], rf"\end{{{environment[1]}}}"
    return "", ""


def _closing_line(state: StateBlock, start: int, closing: str) -> int:
    """The first line after `start` that ends with `closing` with no blank line before it, or -1.

    Found by bisection in a list made once per text, so that many unclosed `$$` cost no scan each.
    """
    known = state.env.setdefault("math_lines", {})
    if closing not in known:
        stripped = [_without_label(line.rstrip()) for line in state.src.split("\n")]
        known[closing] = [i for i, line in enumerate(stripped) if line.endswith(closing)]
        known[""] = [i for i, line in enumerate(stripped) if not line.strip("> \t")]
    after = bisect_left(known[closing], start + 1)
    blank = bisect_left(known[""], start + 1)
    if after == len(known[closing]):
        return -1
    found: int = known[closing][after]
    if blank < len(known[""]) and known[""][blank] < found:
        return -1
    return found
