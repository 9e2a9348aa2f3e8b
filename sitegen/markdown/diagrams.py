"""Fences that are drawn: Mermaid and Graphviz, with options as cells have them (`%%| label: fig-x`, `//| fig-cap: ...`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from markdown_it.token import Token

from sitegen.config import Highlight
from sitegen.content.document import DiagramHole
from sitegen.content.execute_options import parse_cell_options
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.markdown.cells import OptionReader
from sitegen.markdown.fences import Attribute, FenceInfo
from sitegen.markdown.lines import LineMap
from sitegen.markdown.static_code import static_code
from sitegen.values import dataclass

LANGUAGES: Final[dict[str, Literal["mermaid", "graphviz"]]] = {
    "mermaid": "mermaid",
    "dot": "graphviz",
    "graphviz": "graphviz",
}
"""What a fence says that it is in, and who draws it."""
_MARKERS: Final = {"mermaid": "%%|", "graphviz": "//|"}
_OURS: Final = frozenset({"id", "label", "fig-cap", "fig-alt", "fig-width", "column", "echo", "exec", "eval"})
"""Attributes of a fence that say something of its diagram; others are the code's, as Hugo has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDiagram:
    """A fence in a language that is drawn."""

    hole: DiagramHole | None
    """None: its author wants it shown as code."""
    diagnostics: tuple[Diagnostic, ...]


def parse_diagram(
    token: Token,
    fence: FenceInfo,
    code: str,
    settings: Highlight,
    *,
    ordinal: int,
    lines: LineMap,
    text_lines: Sequence[str],
) -> ParsedDiagram:
    """The diagram that a fence holds.

    Args:
        token: the fence.
        fence: its info string, of one of `LANGUAGES`.
        code: the token's content, as a block of code shows it.
        settings: how static code is shown.
        ordinal: how many fences the page has before it.
        lines: of the text.
        text_lines: the text's lines.
    """
    language = LANGUAGES[fence.language]
    reader = OptionReader(token, lines, text_lines)
    reader.read_info(replace(fence, is_knitr=False, attributes=tuple(filter(_is_ours, fence.attributes))))
    start = reader.read_comments(0, _MARKERS[language])
    named = {option[0].lower().replace("_", "-"): option for option in reader.options}  # later ones win
    options, found = parse_cell_options(tuple(named.values()), FrozenDict())
    shown = reader.code_lines[start:]
    diagnostics = (*reader.diagnostics, *found, *reader.comments(shown, start, _MARKERS[language]))
    if not (options.runs and options.output and options.include) or (options.label or "").startswith("lst-"):
        return ParsedDiagram(hole=None, diagnostics=diagnostics)
    shown = code.split("\n")[start:]
    bare = replace(fence, attributes=tuple(each for each in fence.attributes if not _is_ours(each)))
    html = static_code("\n".join(shown), bare, settings, ordinal=ordinal)
    first_line = (token.map[0] if token.map else 0) + 1
    hole = DiagramHole(
        language=language,
        source="\n".join(reader.code_lines[start:]).rstrip("\n"),
        options=options,
        classes=" ".join(str(each.value) for each in fence.attributes if each.name == "class"),
        code=html.removesuffix("\n") if settings.code_fences else html,
        location=lines.location(first_line + start),
    )
    return ParsedDiagram(hole=hole, diagnostics=diagnostics)


def _is_ours(attribute: Attribute) -> bool:
    return attribute.name.lower().replace("_", "-") in _OURS
