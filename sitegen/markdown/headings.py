"""Ids of headings as Hugo's three algorithms make them, and attributes of blocks as HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from string import ascii_letters, digits
from typing import Final, Literal

from sitegen.markdown.fences import Attribute
from sitegen.markdown.inline import escape_attribute

IdType = Literal["github", "github-ascii", "blackfriday"]
"""Hugo's `autoIDType`."""

_KEPT: Final = f"{ascii_letters}{digits}-_"
_OF_ASCII: Final[dict[int, str | None]] = {
    **dict.fromkeys(range(128)),
    **{ord(character): character.lower() for character in _KEPT},
    ord(" "): "-",
}
"""What becomes of a character in an id."""
_ATTRIBUTE_NAME: Final = re.compile(r"[A-Za-z_:][\w:.-]*")


class Ids:
    """The ids that a page has given out."""

    def __init__(self, taken: Iterable[str] = (), id_type: IdType = "github") -> None:
        self._id_type = id_type
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def of(self, text: str) -> str:
        """A new id for a heading's text: `A  B_c-d.e 1.2` is `a--b_c-de-12`; the second one ends in `-1`."""
        base = heading_id(text, self._id_type) or "heading"
        if base not in self._taken:
            self._taken.add(base)
            return base
        number = self._next.get(base, 1)
        while f"{base}-{number}" in self._taken:
            number += 1
        self._next[base] = number + 1
        self._taken.add(f"{base}-{number}")
        return f"{base}-{number}"

    def take(self, identifier: str) -> str:
        """An id that the author chose, as it is."""
        self._taken.add(identifier)
        return identifier


def heading_id(text: str, id_type: IdType = "github") -> str:
    """The id for a text before duplicates are told apart; may be empty."""
    if id_type == "blackfriday":
        return _blackfriday_id(text)
    text = text.strip()
    if id_type == "github-ascii":
        text = _without_accents(text)
    if text.isascii():
        return text.translate(_OF_ASCII)
    kept = (
        "-" if character in " -" else character.lower()[0]
        for character in text
        if character in " -_" or character.isalpha() or character.isdecimal()
    )
    return "".join(kept)


def _without_accents(text: str) -> str:
    """Letters of ASCII, `é` among them; others and signs are dropped."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if character.isascii())


def _blackfriday_id(text: str) -> str:
    """Runs of letters and digits, one hyphen between them."""
    runs = "".join(
        character.lower()[0] if character.isalpha() or character.isnumeric() else " " for character in text
    )
    return "-".join(runs.split())


def attributes_html(attributes: Iterable[Attribute]) -> str:
    """Attributes but the id, each with its leading blank; event handlers are left out."""
    classes: list[str] = []
    others: dict[str, str] = {}
    for attribute in attributes:
        name = attribute.name.lower()
        if name == "class":
            classes.append(str(attribute.value))
        elif name != "id" and not name.startswith("on") and _ATTRIBUTE_NAME.fullmatch(name):
            others[name] = _text(attribute.value)
    parts = [f' class="{escape_attribute(" ".join(classes))}"'] if classes else []
    parts += [f' {name}="{escape_attribute(value)}"' for name, value in others.items()]
    return "".join(parts)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def chosen_id(attributes: Iterable[Attribute]) -> str | None:
    """The last `#id` of an attribute list."""
    found = [str(attribute.value) for attribute in attributes if attribute.name == "id"]
    return found[-1] if found else None
