"""Which form of a plural a whole number takes, by CLDR's rules for the languages that the theme speaks.

Source: Unicode CLDR 46, supplemental data `plurals.xml` (cardinal rules), for whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

FORMS: Final = ("zero", "one", "two", "few", "many", "other")
"""CLDR's categories; every language has `other`."""
_MILLION: Final = 1_000_000


def plural_form(language: str, count: int) -> str:
    """The category of a count.

    Args:
        language: the first part of a BCP 47 tag, lower case; one without a rule here counts as English does.
        count: what is counted; its sign does not matter.
    """
    return _RULES.get(language, _one_or_other)(abs(count))


def forms_of(language: str) -> tuple[str, ...]:
    """The categories that counts below a million have in a language."""
    return _FORMS.get(language, ("one", "other"))


def _one_or_other(count: int) -> str:
    return "one" if count == 1 else "other"


def _french(count: int) -> str:
    if count in (0, 1):
        return "one"
    return "many" if count % _MILLION == 0 else "other"


def _spanish(count: int) -> str:
    if count == 1:
        return "one"
    return "many" if count and count % _MILLION == 0 else "other"


def _russian(count: int) -> str:
    last, two_last = count % 10, count % 100
    if last == 1 and two_last != 11:
        return "one"
    return "few" if last in (2, 3, 4) and two_last not in (12, 13, 14) else "many"


def _arabic(count: int) -> str:
    if count <= 2:
        return ("zero", "one", "two")[count]
    two_last = count % 100
    return "few" if 3 <= two_last <= 10 else "many" if two_last >= 11 else "other"


def _chinese(count: int) -> str:  # noqa: ARG001 -- nouns have one form
    return "other"


_RULES: Final[Mapping[str, Callable[[int], str]]] = {
    "ar": _arabic,
    "es": _spanish,
    "fr": _french,
    "ru": _russian,
    "zh": _chinese,
}
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "ar": FORMS,
    "ru": ("one", "few", "many"),
    "zh": ("other",),
}
