"""UTF-8 text that was once read in a wrong code page: found and repaired only where there is no doubt.

The code pages are those that text goes through in practice: Windows-1252 (with ISO 8859-1, whose control characters it
leaves out) and Mac Roman. A candidate is a run of characters whose bytes in the code page are whole UTF-8 sequences. It is
certain where the result is text that somebody writes, `ftfy` calls the characters less likely than the result, and no
ordinary text looks like it: `IRMÃ”` ends with a quotation mark, `süß†` with a dagger, `√±` may be mathematics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

CodePage = Literal["Windows-1252", "Mac Roman"]

_COMPANY: Final = 2
"""Certain places in a text from which on a doubtful one of the same code page is believed."""
_MOST_LAYERS: Final = 3
"""How often a text is taken to have been read wrongly."""
_LEAD_2, _LEAD_3, _LEAD_4, _TAIL = range(0xC2, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF5), range(0x80, 0xC0)
"""Bytes that begin a sequence of UTF-8 (RFC 3629, section 4), and those that go on."""
_EMOJI: Final = range(0x1F300, 0x1FB00)
_BOM: Final = "\ufeff"
_LATIN: Final = re.compile("[\u00a0-\u024f]")
_JOINERS: Final = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\u00ad")
_ORDINARY_2: Final = (
    range(0xA0, 0x250),
    range(0x2B0, 0x2EF),
    range(0x300, 0x530),
    range(0x5D0, 0x5EB),
    range(0x600, 0x700),
)
"""Characters of two bytes that are believed: Latin, Greek, Cyrillic, Hebrew letters, Arabic. `MENÜ“` would be Syriac."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A place in a text, and what stood there once."""

    start: int
    end: int
    text: str
    repair: str
    """Empty for a byte order mark."""
    code_page: CodePage


def find_mojibake(text: str) -> tuple[Damage, ...]:
    """The certain places, in order and apart from each other; in time linear in the text."""
    if text.isascii():
        return ()
    found: list[Damage] = []
    for page in get_args(CodePage):
        certain: list[Damage] = []
        doubtful: list[Damage] = []
        for damage in _candidates(text, page):
            (certain if _is_certain(damage, text) else doubtful).append(damage)
        found += certain
        if len(certain) >= _COMPANY:
            found += [damage for damage in doubtful if _is_doubtful_only(damage)]
    found.sort(key=lambda damage: (damage.start, -damage.end))
    apart: list[Damage] = []
    for damage in found:
        if not apart or damage.start >= apart[-1].end:
            apart.append(damage)
    return tuple(apart)


def repaired(text: str, damages: tuple[Damage, ...]) -> str:
    """The text with these places repaired."""
    parts: list[str] = []
    position = 0
    for damage in damages:
        parts += (text[position : damage.start], damage.repair)
        position = damage.end
    return "".join((*parts, text[position:]))


# --- candidates


@cache
def _bytes_of(page: CodePage) -> dict[str, int]:
    """Character to byte, of the upper half of a code page."""
    codec = "cp1252" if page == "Windows-1252" else "mac_roman"
    found = {}
    for byte in range(0x80, 0x100):
        try:
            found[bytes([byte]).decode(codec)] = byte
        except UnicodeDecodeError:  # five bytes that Windows-1252 leaves out; programs keep them as controls
            continue
    if page == "Windows-1252":
        found |= {chr(byte): byte for byte in range(0x80, 0xA0)}
    return found


@cache
def _sequences(page: CodePage) -> re.Pattern[str]:
    known = _bytes_of(page)

    def one_of(wanted: range) -> str:
        return (
            "[" + "".join(re.escape(character) for character, byte in known.items() if byte in wanted) + "]"
        )

    tail = one_of(_TAIL)
    whole = f"{one_of(_LEAD_2)}{tail}|{one_of(_LEAD_3)}{tail}{{2}}|{one_of(_LEAD_4)}{tail}{{3}}"
    # Mac Roman's F0 is Apple's logo, which most programs drop: what is left of a brain begins with `ü`, 9F
    return re.compile(f"(?:{whole})+" + (f"|ü{tail}{{2}}" if page == "Mac Roman" else ""))


def _candidates(text: str, page: CodePage) -> Iterator[Damage]:
    known = _bytes_of(page)
    for match in _sequences(page).finditer(text):
        data = bytes(known[character] for character in match[0])
        if data[0] not in (*_LEAD_2, *_LEAD_3, *_LEAD_4):
            data = b"\xf0" + data
        result = _decoded(data)
        if result is None or not _is_plausible(result):
            continue
        result = _without_more_layers(result, page)
        yield Damage(
            start=match.start(),
            end=match.end(),
            text=match[0],
            repair=result.replace(_BOM, ""),
            code_page=page,
        )


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:  # too long a form, or a surrogate
        return None


def _without_more_layers(text: str, page: CodePage) -> str:
    """Text that was read wrongly more than once."""
    known = _bytes_of(page)
    for _ in range(_MOST_LAYERS - 1):
        if not _sequences(page).fullmatch(text):
            break
        inner = _decoded(bytes(known[character] for character in text))
        if inner is None or not _is_plausible(inner):
            break
        text = inner
    return text


def _is_plausible(text: str) -> bool:
    """Whether somebody writes these characters; C1 controls are a layer more."""
    return all(
        character in _JOINERS
        or character == _BOM
        or (
            any(ord(character) in each for each in _ORDINARY_2)
            if ord(character) < 0x800
            else unicodedata.category(character) not in ("Cn", "Co", "Cs", "Cc")
        )
        or (0x80 <= ord(character) < 0xA0)
        for character in text
    ) and not all(0x80 <= ord(character) < 0xA0 for character in text)


# --- certainty


def _is_certain(damage: Damage, text: str) -> bool:
    written, result = damage.text, damage.repair
    if any("\x80" <= character < "\xa0" for character in result):
        return False
    if any("\x80" <= character < "\xa0" for character in written):
        return True  # a C1 control: no program of today writes one
    before = text[damage.start - 1 : damage.start]
    after = text[damage.end : damage.end + 1]
    if damage.code_page == "Mac Roman" and written[0] == "ü" and len(written) == 3 and len(result) == 1:
        return ord(result) in _EMOJI and not before.isalnum()
    if _is_sign(result) and len(written) > 2 * len(result):
        return True
    if len(result) > 2 and result.isalpha() and _is_of_one_script(result) and not _LATIN.match(result):
        return True  # a word of another script in one piece
    from ftfy.badness import badness

    if badness(before + written + after) <= badness(before + result + after):
        return False
    if len(written) > 2:
        return len(result) * 2 < len(written) or _is_of_one_script(result)
    if damage.code_page == "Mac Roman":
        return _is_certain_mac(written, result, before, after)
    if _is_punctuation(written[1]):
        return after.isalpha() or before.islower()
    return True


def _is_certain_mac(written: str, result: str, before: str, after: str) -> bool:
    """Of one character: a letter in a word (`na√Øve`), or a Greek one; signs before signs may be mathematics."""
    if written[0] in "¬–—":
        return False
    if written[0] == "√":
        is_in_word = before.isalpha() or (after.isalpha() and written[1].isalpha())
        return is_in_word and result.islower()
    return result.isalpha() and not _is_punctuation(written[1])


def _is_doubtful_only(damage: Damage) -> bool:
    """Whether company makes it certain: not where the result is a control character."""
    return not any("\x80" <= character < "\xa0" for character in damage.repair)


def _is_sign(text: str) -> bool:
    """Whether these are punctuation, arrows, symbols and emoji alone: no letters, whose bytes may spell a word."""
    return all(0x2000 <= ord(each) < 0x2C00 or ord(each) in _EMOJI or each in _JOINERS for each in text)


def _is_of_one_script(text: str) -> bool:
    """Whether the letters are of one script, by the first word of their names: LATIN, GREEK, CYRILLIC."""
    scripts = {unicodedata.name(each, "?").split(" ")[0] for each in text if each.isalpha()}
    return len(scripts) <= 1


def _is_punctuation(character: str) -> bool:
    """Quotation marks, dashes, spaces: what follows a capital letter in ordinary text."""
    return unicodedata.category(character)[0] in "PZ" or character in "†‡•™"
