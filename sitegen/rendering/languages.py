"""What a template must know of a language: which way it is written, and what it calls itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_RIGHT_TO_LEFT: Final = frozenset("ar arc ckb dv fa he iw ks nqo ps sd syr ug ur yi".split())  # noqa: SIM905
"""Primary subtags of BCP 47 whose usual script runs from right to left (CLDR, `characterOrder`)."""
_RIGHT_TO_LEFT_SCRIPTS: Final = frozenset({"adlm", "arab", "hebr", "nkoo", "syrc", "thaa"})
_NAMES: Final[Mapping[str, str]] = {
    "ar": "العربية",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "ru": "Русский",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}


def direction(language: str) -> str:
    """`rtl` or `ltr`, by a tag of BCP 47: its script where it names one, else the usual one of its language."""
    parts = language.lower().replace("_", "-").split("-")
    scripts = [part for part in parts[1:] if len(part) == 4 and part.isalpha()]  # RFC 5646, 2.2.3
    if scripts:
        return "rtl" if scripts[0] in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if parts[0] in _RIGHT_TO_LEFT else "ltr"


def language_name(language: str) -> str:
    """What the speakers of a language call it; the tag itself where that is not known here."""
    return _NAMES.get(language.lower().replace("_", "-").split("-")[0], language)
