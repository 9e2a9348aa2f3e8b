"""Damaged characters: what is repaired, what is left alone, and that nothing is made worse."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.checking.mojibake import find_mojibake, repaired

TEXTS = {
    "French": "C’est l’été : « naïve façade », cœur, déjà vu…",
    "German": "Größe über Öl – „süße Füße“",
    "Chinese": "中文很好，世界你好",
    "Russian": "Привет, мир",
    "Greek": "Το γράμμα αλφα",
    "signs": "a → b — don’t “quote” ™ …",
    "emoji": "🧠 brain, 🚀, ⚙️",
}
UNTOUCHED = [
    "IRMÃ”, SÃO PAULO, MAÇÃ…, Ã é um til, “Ã”",
    "naïve résumé, CHÂTEAU\u00a0!, «texte\u00a0»",
    "“curly” ‘quotes’ – dash — em … • ™",
    "„Ä“ und „Ö“ und „Ü“, MENÜ“, süß† und groß‡",
    "√±1, √2, ±0.5, ¬p ∨ q, ¬Ω, ∂L/∂θ ≤ ∑, x̄ ± σ, 100 °C ‰",
    "vest–øst, PÅ“, Łódź, Ångström, Æ–Ø",
    "你好，世界。Привет! مرحبا שלום",
    "🧠 🚀 ⚙️ 👩\u200d💻",
]


def as_windows_1252(text: str) -> str:
    """The text as a program shows it that takes UTF-8 for Windows-1252, with controls where that has nothing."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode()
    )


def as_latin_1(text: str) -> str:
    """The same for ISO 8859-1."""
    return text.encode().decode("latin-1")


def as_mac_roman(text: str) -> str:
    """The same for Mac Roman."""
    return text.encode().decode("mac_roman")


def mend(text: str) -> str:
    """The text with every certain place repaired."""
    return repaired(text, find_mojibake(text))


@pytest.mark.parametrize("damage", [as_windows_1252, as_latin_1, as_mac_roman])
@pytest.mark.parametrize("language", TEXTS)
def test_damaged_text_is_whole_again(language: str, damage: object) -> None:
    """Prose in several languages, read in each of the code pages."""
    text = TEXTS[language]
    assert callable(damage)
    assert mend(damage(text)) == text


@pytest.mark.parametrize("text", [*UNTOUCHED, *TEXTS.values()])
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Words that end with a capital and a quotation mark, mathematics, daggers after letters, whole text."""
    assert find_mojibake(text) == ()


def test_a_brain_that_lost_its_first_byte() -> None:
    """`üß†` alone is the emoji whose F0 a Mac program dropped, not the letter U+07C6 that two of its signs spell."""
    assert mend("### üß† Neural") == "### 🧠 Neural"
    assert mend("süß† bleibt") == "süß† bleibt"


def test_text_that_was_damaged_twice() -> None:
    """Each layer is taken off."""
    assert mend(as_windows_1252(as_windows_1252("café – naïve"))) == "café – naïve"


def test_a_byte_order_mark_in_the_text_goes() -> None:
    """`ï»¿` is no text at all."""
    assert mend("ï»¿Title") == "Title"


def test_a_doubtful_place_is_believed_in_company_only() -> None:
    """`¬Ω` may be mathematics; beside `‚Äî` and `‚Äô` it is a half."""
    assert mend("¬Ω cup") == "¬Ω cup"
    assert mend("¬Ω cup ‚Äî don‚Äôt") == "½ cup — don’t"


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Co", "Cn"]), max_size=60))
def test_repair_is_done_once(text: str) -> None:
    """Whatever the text: repaired once, there is no damage of the same kind left to find at the same places."""
    once = mend(text)
    assert len(once) <= len(text)
    assert mend(once) == once or len(mend(once)) < len(once)


def test_places_are_apart_and_in_order() -> None:
    """A text with damage of both code pages is cut into places that do not overlap."""
    damages = find_mojibake("Ã© ‚Äî Ã¼ber ‚Äô Ã©t√©")
    ends = [damage.end for damage in damages]
    assert all(end <= following.start for end, following in zip(ends, damages[1:], strict=False))
    assert len(damages) == 6


def test_the_work_is_linear() -> None:
    """Four times the text has four times the places; a long run of signs is one pass."""
    small, large = "Ã©‚Äî na√Øve " * 500, "Ã©‚Äî na√Øve " * 2000
    assert len(find_mojibake(large)) == 4 * len(find_mojibake(small))
    assert find_mojibake("Ã" * 200_000) == ()
