"""What a value of front matter or of `params` may be, in words and as a test; and when a name is a slip of another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sitegen.values import dataclass

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S+|//?\S*|#\S+", re.IGNORECASE)
LANGUAGE: Final = re.compile(r"[a-z]{2,8}(?:[-_][a-z0-9]{1,8})*|x-default", re.IGNORECASE)
"""A tag of BCP 47 as far as its form goes; `x-default` is a search engine's."""
_SHORTEST: Final = 5
"""Letters of a key that another is taken for a slip of: of shorter ones too many words are one letter away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a key may hold."""

    words: str
    """For the message: `a whole number`."""
    hint: str
    fits: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    written = value.strip() if isinstance(value, str) else value
    if isinstance(written, str):
        return written.isascii() and written.isdigit()
    return isinstance(written, int) and not isinstance(written, bool) and written >= 0


def are_texts(value: object) -> bool:
    """Whether it is a text, or a list of texts."""
    items = value if isinstance(value, tuple) else (value,)
    return all(item is None or isinstance(item, str) for item in items)


def one_of(*words: str) -> Form:
    """One of some words."""
    said = " or ".join(f"`{word}`" for word in words)
    return Form(words=said, hint=f"write {said}", fits=lambda value: value in words)


FLAG: Final = Form(
    words="`true` or `false`",
    hint="write `true` or `false`, without quotes",
    fits=lambda value: isinstance(value, bool),
)
TEXT: Final = Form(words="text", hint="put one text in quotes", fits=lambda value: isinstance(value, str))
WORD: Final = Form(
    words="text",
    hint="put one text in quotes",
    fits=lambda value: isinstance(value, str) or _is_number(value),
)
TEXTS: Final = Form(words="a text or a list of texts", hint='write it as in `["one", "two"]`', fits=are_texts)
WHOLE: Final = Form(words="a whole number", hint="write it as in `3`, without quotes", fits=_is_whole)
NUMBER: Final = Form(words="a number", hint="write it as in `2`, without quotes", fits=_is_number)
LEVEL: Final = Form(
    words="a whole number from 0 to 6",
    hint="write the level of the headings that begin a slide, as in `2`",
    fits=lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6,
)
LINK: Final = Form(
    words="an address",
    hint="write an address with `https://`, or a path of the site that begins with `/`",
    fits=lambda value: isinstance(value, str) and _ADDRESS.fullmatch(value.strip()) is not None,
)
TARGET: Final = Form(
    words="an address or the name of a file",
    hint="write one text: an address with `https://`, or a file of the page's folder; more of them go into `links`",
    fits=lambda value: isinstance(value, str),
)
MEDIA: Final = Form(
    words="an address, a file, a table or a list of these",
    hint="write an address with `https://`, or a file of the page's folder",
    fits=lambda value: isinstance(value, (str, tuple, Mapping, bool)),  # a switch of some theme
)
PICTURE: Final = Form(
    words="the path of a picture",
    hint="write one text: a file of the page's folder or of `static/`",
    fits=lambda value: isinstance(value, (str, Mapping)),  # a table is another theme's, and no picture here
)
TABLE: Final = Form(
    words="a table", hint="write `key = value` pairs below it", fits=lambda value: isinstance(value, Mapping)
)
LIST: Final = Form(
    words="a list of tables", hint='write it as in `[{ name = "Poster", url = "poster.pdf" }]`',
    fits=lambda value: isinstance(value, tuple),
)  # fmt: skip
LANG: Final = Form(
    words="the tag of a language",
    hint="write it as in `de` or `zh-hans`",
    fits=lambda value: isinstance(value, str) and LANGUAGE.fullmatch(value) is not None,
)
PEOPLE: Final = Form(
    words="a name or a list of names and tables",
    hint='write it as in `["Ada Lovelace", { name = "George Boole" }]`',
    fits=lambda value: all(
        each is None or isinstance(each, (str, Mapping))
        for each in (value if isinstance(value, tuple) else (value,))
    ),
)
LICENCE: Final = Form(
    words="the name of a licence or `false`",
    hint='write it as in `"CC BY 4.0"`',
    fits=lambda value: value is False or isinstance(value, str),
)
OPTIONAL: Final = Form(words="", hint="", fits=lambda _: True)


def is_slip(name: str, meant: str, *, also_plural: bool = False) -> bool:
    """Whether one letter is too much, missing, another or changed places with the next; not an `s` at the end."""
    if name == meant or abs(len(name) - len(meant)) > 1 or len(meant) < _SHORTEST:
        return False
    if not also_plural and name.rstrip("s") == meant.rstrip("s"):
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(name, meant, strict=False)) if a != b), min(len(name), len(meant))
    )
    rest, other = name[start:], meant[start:]
    if len(rest) == len(other):
        return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    return rest[1:] == other or rest == other[1:]


def describe(value: object) -> str:
    """A value in a message: `the text "x"`, `a list`."""
    if isinstance(value, str):
        return f'the text "{value[:60]}"'
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "a table"
    return f"`{value}`"
