"""Attributes behind a picture or a link, as Pandoc and Quarto have them: `![](a.png){width=50% .wide}`, `[x](y){.button}`.

Only asked for where a closing bracket is followed by an opening brace. What cannot be read as attributes stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from markdown_it.token import Token

_ITEM: Final = re.compile(
    r"""\s*(?:\#(?P<id>[\w:.-]+)|\.(?P<class>[\w-]+)|(?P<name>[A-Za-z][\w-]*)=(?:"(?P<quoted>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{}<>=]+)))(?=[\s}])"""
)
_END: Final = re.compile(r"\s*\}")
_CURLY: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'"})
"""What typography has made of the quotation marks."""
LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)(px|in|cm|mm|pt|%)?")
_PIXELS: Final = {None: 1.0, "px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54, "pt": 96 / 72}
OF_PICTURES: Final = frozenset(
    [
        "alt",
        "title",
        "loading",
        "decoding",
        "fetchpriority",
        "lang",
        "dir",
        "role",
        "quality",
        "formats",
        "lqip",
        "zoom",
    ]
)
OF_LINKS: Final = frozenset(["title", "target", "rel", "download", "hreflang", "type", "lang", "dir", "role"])
_OURS: Final = frozenset({"quality", "formats", "lqip", "zoom"})
"""Settings of `[images]` for one picture: they become `data-` attributes, which the theme reads."""
_SHARES: Final = (33, 67, *range(5, 101, 5))
"""Per cent of a column that there are classes for (`w-50`): no style attribute is needed."""

MEANT: Final = "sitegen attributes"
"""Key of a token's `meta`: its attributes as a dict of name to value."""


def with_attributes(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with what stands in braces behind a picture or a link as its attributes."""
    found = list(tokens)
    for place in range(len(found) - 1):
        token, following = found[place], found[place + 1]
        if token.type not in ("image", "link_close") or following.type != "text":
            continue
        read = read_attributes(following.content)
        if read is None:
            continue
        items, end = read
        holder = place if token.type == "image" else _opening(found, place)
        if holder is None:
            continue
        meant = _meant(items, is_picture=token.type == "image")
        found[holder] = found[holder].copy(meta={**found[holder].meta, MEANT: meant})
        found[place + 1] = following.copy(content=following.content[end:])
    return found


def _opening(tokens: Sequence[Token], closing: int) -> int | None:
    """Where the link begins that ends at `closing`: links hold no links."""
    return next((place for place in range(closing, -1, -1) if tokens[place].type == "link_open"), None)


def read_attributes(text: str) -> tuple[list[tuple[str, str]], int] | None:
    """Names and values, and where the closing brace ends; None for what are no attributes."""
    if not text.startswith("{"):
        return None
    plain = text.translate(_CURLY)
    items: list[tuple[str, str]] = []
    position = 1
    while match := _ITEM.match(plain, position):
        position = match.end()
        if match["id"]:
            items.append(("id", match["id"]))
        elif match["class"]:
            items.append(("class", match["class"]))
        else:
            value = next(match[name] for name in ("quoted", "single", "bare") if match[name] is not None)
            items.append((match["name"].lower(), value))
    rest = _END.match(plain, position)
    return (items, rest.end()) if items and rest is not None else None


def _meant(items: Sequence[tuple[str, str]], *, is_picture: bool) -> dict[str, str]:
    """What becomes of them in HTML; what has no place there is left out."""
    classes: list[str] = []
    found: dict[str, str] = {}
    for name, value in items:
        if name == "class":
            classes += value.split()
        elif name == "id" or name.startswith(("data-", "aria-")):
            found[name] = value
        elif is_picture and name in ("width", "height"):
            _measure(name, value, found, classes)
        elif name in (OF_PICTURES if is_picture else OF_LINKS):
            found[f"data-{name}" if is_picture and name in _OURS else name] = value
    if classes:
        found["class"] = " ".join(dict.fromkeys(classes))
    return found


def _measure(name: str, value: str, found: dict[str, str], classes: list[str]) -> None:
    match = LENGTH.fullmatch(value)
    if match is None or not float(match[1]):
        return
    if match[2] != "%":
        found[name] = str(max(1, round(float(match[1]) * _PIXELS[match[2]])))
    elif name == "width":
        share = min(_SHARES, key=lambda known: abs(known - float(match[1])))
        classes.append(f"w-{share}")
