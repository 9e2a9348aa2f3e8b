"""`# <1>` at the end of a line of code, as Quarto writes it: a numbered mark, told of by the ordered list below."""

from __future__ import annotations

import re
from typing import Final

FIRST: Final = "<1>"
"""A block has marks only where it has this one."""
_SIGNS: Final = r"(?:#|//|--|%|;)+[ \t]*((?:&lt;\d{1,2}&gt;[ \t]*)+)"
_MARK: Final = re.compile(rf'<span class="c[\w-]*">{_SIGNS}</span>|{_SIGNS}(?=\n|\Z)')
"""A comment that holds nothing else, as the highlighter writes it; with or without the colour of a comment."""
_NUMBER: Final = re.compile(r"\d+")


def annotated(content: str) -> str:
    """Highlighted code with its marks.

    Args:
        content: HTML; what ends no line, or stands in a comment beside words, stays.
    """
    return _MARK.sub(
        lambda match: "".join(
            f'<b class="code-mark">{number}</b>' for number in _NUMBER.findall(match[1] or match[2])
        ),
        content,
    )
