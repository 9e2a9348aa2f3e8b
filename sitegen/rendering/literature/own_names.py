"""Whether an author of a paper is the site's own, though one name is written in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sitegen.content.bibliography_text import Name, names_of
from sitegen.content.publications import bare

_PARTS: Final = re.compile(r"[\s.\-‐~]+")


class OwnNames:
    """The names under which the site's author publishes."""

    def __init__(self, name: str, aliases: Iterable[str] = ()) -> None:
        """Take them.

        Args:
            name: of the configuration's `author`: `Jane Q. Doe` or `Doe, Jane Q.`.
            aliases: further ones, such as a name before marriage.
        """
        written = [each for each in (name, *aliases) if each.strip()]
        self._names = [found for each in written for found in names_of(each)[0]]

    def is_one(self, name: Name) -> bool:
        """Whether a name may be the author's: the same family name, and given names of which none contradicts another."""
        return any(_are_one(name, own) for own in self._names)


def _are_one(name: Name, own: Name) -> bool:
    if bare(name.text) == bare(own.text):  # also where it is not clear which part is the family name
        return True
    if name.literal or own.literal or _family(name) != _family(own):
        return False
    if name.suffix and own.suffix and bare(name.suffix) != bare(own.suffix):
        return False
    given, owns = _given(name), _given(own)
    # without a given name it could be anybody of the family
    return bool(given and owns) and all(map(_agree, given, owns))


def _family(name: Name) -> str:
    return bare(f"{name.particle} {name.family}")


def _given(name: Name) -> list[str]:
    return [part for each in _PARTS.split(name.given) if (part := bare(each))]


def _agree(one: str, other: str) -> bool:
    """The same name, or one is the other's initial."""
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other
