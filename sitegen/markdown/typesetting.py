"""The equations of a text, typeset all together, and what is said of those that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from markdown_it.token import Token

from sitegen.errors import Diagnostic
from sitegen.markdown.equations import Equation, EquationError, typeset
from sitegen.markdown.inline import Work, escape
from sitegen.markdown.tokens import lines_of

_EQUATIONS: Final = frozenset({"math_inline", "math_display", "math_block"})
_COMMAND: Final = re.compile(r"`(\\[A-Za-z]+)`")
_LONGEST_QUOTED: Final = 60
"""Characters of the text in a message."""


def typeset_tokens(tokens: Iterable[Token], work: Work) -> None:
    """Give each equation its MathML (`meta["mathml"]`), numbered through the text; a wrong one its source."""
    found: list[tuple[Token, tuple[int, int]]] = []
    for token in tokens:
        children = token.children
        if children:
            if len(children) > 1 or children[0].type != "text":
                found += [(child, lines_of(token)) for child in children if child.type in _EQUATIONS]
        elif token.type in _EQUATIONS:
            found.append((token, lines_of(token)))
    if not found:
        return
    equations = [Equation(latex=token.content, is_display=token.type != "math_inline") for token, _ in found]
    for (token, block), result in zip(found, typeset(equations), strict=True):
        if isinstance(result, str):
            work.features.add("math")
            token.meta["mathml"] = result
            continue
        if token.markup == "$" and "\\" not in token.content:  # prices, patterns: nobody meant an equation
            token.type, token.content = "text", f"${token.content}$"
            work.diagnostics.append(_text_diagnostic(token, block, work))
            continue
        work.features.add("math")
        token.meta["mathml"] = f'<code class="math-error">{escape(token.content.strip())}</code>'
        work.diagnostics.append(_equation_diagnostic(token, block, result, work))


def _text_diagnostic(token: Token, block: tuple[int, int], work: Work) -> Diagnostic:
    shown = " ".join(token.content.split())
    return Diagnostic(
        code="SG220",
        severity="warning",
        message=f"no equation, so shown as text: `{shown[:_LONGEST_QUOTED]}{'…' if len(shown) > _LONGEST_QUOTED else ''}`",
        location=work.lines.location(*work.find(token.content.partition("\n")[0], block)),
        hint="write a dollar sign that is not math as `\\$`",
    )


def _equation_diagnostic(
    token: Token, block: tuple[int, int], error: EquationError, work: Work
) -> Diagnostic:
    first_line = token.content.strip().split("\n", 1)[0]
    line, column = work.find(first_line, block)
    line += error.line
    named = _COMMAND.search(error.message)
    if named is not None:
        at, found = work.find(named[1], (line, line + 1))
        column = found if found is not None and at == line else column
    elif error.line:
        column = None
    return Diagnostic(
        code="SG220",
        severity="error",
        message=f"equation cannot be typeset: {error.message}",
        location=work.lines.location(line, column),
        hint="correct the LaTeX, or write a dollar sign that is not math as `\\$`",
    )
