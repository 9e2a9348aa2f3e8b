"""Equations that never end, references between equations that lead nowhere, labels that no rule reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it.token import Token

from sitegen.errors import Diagnostic, near_match
from sitegen.markdown.inline import Work
from sitegen.markdown.slips import slip
from sitegen.markdown.tokens import lines_of

_EQUATIONS: Final = frozenset({"math_inline", "math_display", "math_block"})
_OPENING: Final = re.compile(
    r"\$\$|\\begin\{(?:equation|align|gather|multline|alignat|flalign|eqnarray)\*?\}"
)
_LABEL: Final = re.compile(r"\\label\s*\{([^{}]*)\}")
_REFERENCE: Final = re.compile(r"\\(?:eq)?ref\s*\{([^{}]*)\}")
_BEHIND: Final = re.compile(r"\s*\{#([\w:-]+)\}")


def math_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """What is wrong with a text's equations beside their LaTeX."""
    if not work.markup.math:
        return
    equations: list[tuple[Token, Token]] = []
    has_dollars = False
    for token in tokens:
        if token.type in _EQUATIONS:
            equations.append((token, token))
        for place, child in enumerate(token.children or ()):
            if child.type in _EQUATIONS:
                equations.append((child, token))
                yield from _behind(token, place, work)
        if token.type == "inline" and ("$$" in token.content or "\\begin{" in token.content):
            yield from _unclosed(token, work, has_dollars=has_dollars)
            has_dollars = has_dollars or any(line.strip() == "$$" for line in token.content.split("\n"))
    yield from _labels(equations, work)


def _unclosed(token: Token, work: Work, *, has_dollars: bool) -> Iterator[Diagnostic]:
    """A line that begins an equation and is text: told at the first, not at what was meant for its end."""
    texts = "\n".join(child.content for child in token.children or () if child.type == "text")
    for number, line in enumerate(token.content.split("\n")):
        opening = _OPENING.fullmatch(line.strip())
        if (
            opening is None
            or opening[0] not in texts
            or (opening[0] == "$$" and has_dollars)
            or not token.map
        ):
            continue
        ending = "$$" if opening[0] == "$$" else opening[0].replace("begin", "end")
        at = token.map[0] + number
        yield slip(
            work,
            "SG220",
            f"the equation that begins with `{opening[0]}` does not end, so it is text",
            f"end it with a line `{ending}`; no empty line may stand in it",
            written=opening[0],
            block=(at, at + 1),
        )
        return


def _behind(token: Token, place: int, work: Work) -> Iterator[Diagnostic]:
    """`$$ a $$ {#equ-x}`: a label that does not begin with `eq-` stays text."""
    children = token.children or []
    behind = children[place + 1] if place + 1 < len(children) else None
    match = _BEHIND.match(behind.content) if behind is not None and behind.type == "text" else None
    if match is None or (children[place].type == "math_inline" and not match[1].startswith("eq-")):
        return
    if children[place].type == "math_inline":
        message, hint = (
            "an equation in a sentence has no number",
            "write it between `$$`, in a paragraph of its own",
        )
    elif match[1].startswith("eq-"):
        message = "an equation with other words in its paragraph has no number"
        hint = "put it into a paragraph of its own"
    else:
        message = f"`{{#{match[1]}}}` behind an equation is no label, so it is text"
        hint = "write `{#eq-...}`"
    yield slip(work, "SG228", message, hint, written=f"{{#{match[1]}}}", block=lines_of(token))


def _labels(equations: Sequence[tuple[Token, Token]], work: Work) -> Iterator[Diagnostic]:
    """Labels that stand twice, and references to none."""
    labels: set[str] = set()
    for equation, token in equations:
        for label in _LABEL.findall(equation.content) if "\\label" in equation.content else ():
            sign = f"{{#{label}}}"
            block = lines_of(token)
            line, column = work.find(sign, block)
            if column is None:
                line, column = work.find(f"{{{label}}}", block)
            if label in labels or label.startswith("eq-"):
                work.take_label(label, work.lines.location(line, column))
            labels.add(label)
    for equation, token in equations:
        for label in _REFERENCE.findall(equation.content) if "ref" in equation.content else ():
            if label not in labels:
                near = near_match(label, labels)
                yield slip(
                    work,
                    "SG222",
                    f"`{label}` is the label of no equation of this page",
                    f"did you mean `{near}`?"
                    if near
                    else f"write `\\label{{{label}}}` into the equation that is meant",
                    written=f"{{{label}}}",
                    block=lines_of(token),
                )
