"""`:rocket:` as 🚀: GitHub's short codes, where the site has `enableEmoji`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_CODE: Final = re.compile(r":([A-Za-z0-9_+-]+):")
_GITHUB: Final = {"beetle": "🪲", "egg": "🥚"}
"""Where GitHub means another picture than the package does."""

STOPS: Final = (":[A-Za-z0-9_+-]+:",)
"""Where text stops because a short code may stand there."""


def emoji_plugin(md: MarkdownIt) -> None:
    """Tokens `emoji` for short codes that are known; the parser's text rule stops at `STOPS`."""
    md.inline.ruler.push("emoji", _short_code)


def _short_code(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":":
        return False
    match = _CODE.match(state.src, state.pos, state.posMax)
    picture = _picture(match[1]) if match is not None else ""
    if match is None or not picture:
        return False
    if not silent:
        token = state.push("emoji", "", 0)
        token.content, token.markup = picture, match[0]
    state.pos = match.end()
    return True


@lru_cache(maxsize=1024)
def _picture(name: str) -> str:
    """What a name stands for; empty where it is unknown."""
    import emoji  # here, since its data are only read where a site wants them

    if name in _GITHUB:
        return _GITHUB[name]
    code = f":{name}:"
    picture = emoji.emojize(code, language="alias")
    return "" if picture == code else picture
