"""What a template must know of a language: which way it is written, what it calls itself; and the same page in others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.rendering.urls import absolute, with_base

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

ELSE: Final = "x-default"
"""In place of a language: the page for readers of all others."""
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

_TERRITORIES: Final[Mapping[str, str]] = {
    "ar": "AR", "bg": "BG", "ca": "ES", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "en": "US", "es": "ES", "et": "EE",
    "fa": "IR", "fi": "FI", "fr": "FR", "he": "IL", "hi": "IN", "hr": "HR", "hu": "HU", "id": "ID", "it": "IT", "ja": "JP",
    "ko": "KR", "lt": "LT", "lv": "LV", "nb": "NO", "nl": "NL", "nn": "NO", "no": "NO", "pl": "PL", "pt": "BR", "ro": "RO",
    "ru": "RU", "sk": "SK", "sl": "SI", "sr": "RS", "sv": "SE", "th": "TH", "tr": "TR", "uk": "UA", "vi": "VN", "zh": "CN",
}  # fmt: skip
"""Where a language is spoken most (CLDR, likely subtags); of Arabic what Open Graph's readers know: `ar_AR`."""


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


def open_graph_locale(language: str) -> str:
    """`de_AT`, as Open Graph wants it (ogp.me: `language_TERRITORY`); empty where the territory is not known."""
    first, *others = language.replace("_", "-").split("-")
    named = next((part.upper() for part in others if len(part) == 2), "")
    usual = "TW" if "hant" in language.lower() else _TERRITORIES.get(first.lower(), "")
    territory = named or usual
    return f"{first.lower()}_{territory}" if territory else ""


def page_language(params: Mapping[str, object], config: Config) -> str:
    """The language that a page is written in: its front matter's `lang`, else the site's."""
    found = params.get("lang")
    return found.replace("_", "-") if isinstance(found, str) and found else config.language


def alternates_of(
    params: Mapping[str, object], permalink: str, config: Config
) -> tuple[tuple[str, str], ...]:
    """The page in all its languages, each with its absolute address; empty where it names no translations.

    The page itself is among them, as search engines want it. `x-default` is the page that the front matter names by that key,
    else the English one.

    Args:
        params: of the page.
        permalink: of the page.
        config: of the site.
    """
    written = params.get("translations")
    if not isinstance(written, Mapping):
        return ()
    found = {page_language(params, config) or "en": permalink}
    for language, target in written.items():
        if isinstance(target, str) and target:
            found.setdefault(language.replace("_", "-"), absolute(config, with_base(config, target)))
    english = next((address for tag, address in found.items() if tag.lower().split("-")[0] == "en"), "")
    if english:
        found.setdefault(ELSE, english)
    return tuple(found.items()) if len(found) > 1 else ()


def alternates(page: PageView) -> tuple[tuple[str, str], ...]:
    """The page in all its languages: see `alternates_of`."""
    return alternates_of(page.params, page.permalink, page._site.settings)
