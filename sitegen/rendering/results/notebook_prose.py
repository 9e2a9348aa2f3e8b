"""Prose of a page as it stands in a notebook: numbers in place of what computes them, links that lead back to the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_FENCE: Final = re.compile(r"[\s>]{0,12}(`{3,}|~{3,})")
_SPAN: Final = re.compile(r"(\{eval\})?(?<!`)(`)(?!`)([^`\n]+)`(?!`)")
_EXPRESSION: Final = re.compile(r"\{[\w+-]+\}\s+(.+)")
_METRIC: Final = re.compile(r"\{\{<\s*metric\s+(.*?)\s*>\}\}")
_ESCAPED: Final = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}")
_ARGUMENT: Final = re.compile(
    r"""(?:(?P<name>\w+)\s*=\s*)?(?:"(?P<double>[^"]*)"|`(?P<raw>[^`]*)`|(?P<bare>[^\s"`]+))"""
)
_LINK: Final = re.compile(r"(\]\(\s*)(<[^<>\n]*>|[^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)")
_DEFINITION: Final = re.compile(r"^( {0,3}\[[^\]\n]+\]:\s*)(\S+)")
_HEADING_ATTRIBUTES: Final = re.compile(r"^(#{1,6}\s.*?)\s*\{[#.][^{}]*\}\s*$")
_CITATION: Final = re.compile(
    r"(?P<code>`+[^`]*`+)|\[[^\[\]`]*@[^\[\]`]*\](?![(\[])|(?<![\w@./+\\])@(?:\{[^{}\s]+\}|\w(?:[:.#$%&+?<>~/-]?\w)*)"
)
_MORE: Final = re.compile(r"^\s*<!--\s*more\s*-->\s*$")

Arguments = tuple[tuple[str | None, str], ...]
"""Of a shortcode: name (None for a positional one) and value."""


def notebook_prose(
    markdown: str,
    *,
    value: Callable[[str], str | None],
    metric: Callable[[Arguments], str | None],
    link: Callable[[str], str],
    cite: Callable[[str], str | None] | None = None,
) -> str:
    """Markdown for Jupyter; code blocks in it stay as they are.

    Args:
        markdown: as the author wrote it.
        value: what an inline expression gave, as text; None for one that is not the page's.
        metric: what a `metric` shortcode with these arguments shows, as text; None where it shows nothing.
        link: the address for a link's target.
        cite: what a citation shows, as text; None for a page without any.
    """
    fence = ""
    lines: list[str] = []
    for line in markdown.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            if opening is not None and opening[1].startswith(fence):
                fence = ""
        elif opening is not None:
            fence = opening[1]
        elif _MORE.match(line):
            continue
        else:
            line = _line(line, value, metric, link)
            line = line if cite is None or "@" not in line else _cited(line, cite)
        lines.append(line)
    return "\n".join(lines).strip("\n")


def _cited(line: str, cite: Callable[[str], str | None]) -> str:
    """The line with its citations as the page shows them; code spans stay."""

    def shown(match: re.Match[str]) -> str:
        text = cite(match[0]) if match["code"] is None else None
        return match[0] if text is None else text

    return _CITATION.sub(shown, line)


def _line(
    line: str,
    value: Callable[[str], str | None],
    metric: Callable[[Arguments], str | None],
    link: Callable[[str], str],
) -> str:
    def evaluated(match: re.Match[str]) -> str:
        content = match[3].strip()
        expression = _EXPRESSION.fullmatch(content)
        source = content if match[1] else expression[1].strip() if expression else None
        found = value(source) if source is not None else None
        return match[0] if found is None else found

    def reported(match: re.Match[str]) -> str:
        arguments = tuple(
            (found["name"], next(text for text in found.group("double", "raw", "bare") if text is not None))
            for found in _ARGUMENT.finditer(match[1])
        )
        found_text = metric(arguments)
        return match[0] if found_text is None else found_text

    def addressed(match: re.Match[str]) -> str:
        target = match[2]
        inner = target[1:-1] if target.startswith("<") else target
        address = link(inner)
        return match[1] + (f"<{address}>" if " " in address else address)

    line = _METRIC.sub(reported, _SPAN.sub(evaluated, line))
    line = _DEFINITION.sub(addressed, _LINK.sub(addressed, line))
    line = _HEADING_ATTRIBUTES.sub(r"\1", line)
    return _ESCAPED.sub(r"{{\1\2\3}}", line)
