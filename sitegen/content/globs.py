"""Path patterns as Hugo's: `*` within a part, `**` across parts, `?`, `[a-z]` and `{a,b}`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_FITS_NOTHING: Final = re.compile(r"(?!)")


def matches(pattern: str, path: str) -> bool:
    """Whether a whole path fits the pattern; case does not count."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(_translate(pattern), re.IGNORECASE | re.DOTALL)
    except re.error:  # `[z-a]`
        return _FITS_NOTHING


def _translate(pattern: str) -> str:
    parts: list[str] = []
    depth = 0
    for part in re.findall(r"\*\*|\[[!^]?[^\]]+\]|\\.|.", pattern, re.DOTALL):
        if part == "**":
            parts.append(".*")
        elif part == "*":
            parts.append("[^/]*")
        elif part == "?":
            parts.append("[^/]")
        elif len(part) > 2 and part[0] == "[":
            inside = re.sub(r"[\\\[&|~]", r"\\\g<0>", part[1:-1]).replace("--", r"-\-")
            parts.append("[" + inside.replace("!", "^", part[1] == "!") + "]")
        elif part == "{":
            depth += 1
            parts.append("(?:")
        elif part == "}" and depth:
            depth -= 1
            parts.append(")")
        elif part == "," and depth:
            parts.append("|")
        else:
            parts.append(re.escape(part[-1]))
    return "".join(parts) + ")" * depth
