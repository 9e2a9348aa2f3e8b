"""A card for shared links as a picture: what is written on it, which of its letters its fonts have, and the pixels.

Drawn by Pillow with the theme's own font (Inter, SIL OFL 1.1) unless the site names one, so that every machine draws the same.
"""

from __future__ import annotations

import functools
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sitegen.files import digest_bytes
from sitegen.values import dataclass

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH: Final = 1200
HEIGHT: Final = 630
"""Pixels: what Open Graph's readers cut least (1.91 to 1)."""
_VERSION: Final = 3
"""Raised when the drawing changes."""
_EDGE: Final = 80
"""Pixels that stay free at each side."""
_TITLE_SIZES: Final = (84, 72, 62, 54, 46)
"""Pixels: the largest at which the title has at most `_TITLE_LINES` lines."""
_TITLE_LINES: Final = 3
_TEXT_SIZE: Final = 34
_TEXT_LINES: Final = 2
_SMALL_SIZE: Final = 28
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d$")
_RTL: Final = frozenset({"R", "AL"})


class CardFont(NamedTuple):
    """A font file in one state of it: what is kept of it is kept by both, since a preview sees a file change."""

    file: Path
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialCard:
    """What is written on a card, and how."""

    site: str
    title: str
    description: str
    line: str
    """Author and date."""
    background: str
    foreground: str
    accent: str
    fonts: tuple[CardFont, CardFont]
    """Regular and bold."""

    @property
    def recipe(self) -> str:
        """All that its pixels depend on, but for the version of Pillow."""
        parts = (
            self.site,
            self.title,
            self.description,
            self.line,
            self.background,
            self.foreground,
            self.accent,
            "".join(font.digest for font in self.fonts),
        )
        return f"social card {_VERSION}\0" + "\0".join(parts)

    @property
    def name(self) -> str:
        """Of the file: another card has another address, since whoever shows cards keeps them by address."""
        return f"card-{digest_bytes(self.recipe.encode('utf-8', 'replace'))[:12]}.png"


def draw(card: SocialCard) -> bytes:
    """The card as a PNG of 1200 x 630 pixels."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), card.background)
    pen = ImageDraw.Draw(image)
    muted = _mixed(card.foreground, card.background, 0.7)
    sheet = _Sheet(image, pen, is_rtl=_is_rtl(card.title or card.site))
    pen.rectangle((0, 0, WIDTH, 14), fill=card.accent)
    regular, bold = card.fonts
    small, text = _font(regular, _SMALL_SIZE), _font(regular, _TEXT_SIZE)
    top: float = _EDGE
    if card.site and card.site != card.title:
        bold_small = _font(bold, _SMALL_SIZE)
        site = _wrapped(card.site, bold_small, sheet.width, 1)
        top = sheet.write(site, top, bold_small, card.accent) + 44
    title, lines = _fitted(card.title, bold, sheet.width)
    top = sheet.write(lines, top, title, card.foreground) + 28
    bottom = HEIGHT - _EDGE - _SMALL_SIZE
    wrapped = _wrapped(card.description, text, sheet.width, _TEXT_LINES)
    if wrapped and top + len(wrapped) * _height(text) < bottom - 20:
        sheet.write(wrapped, top, text, muted)
    if card.line:
        # digits behind Arabic letters run with them, a date part by part (UAX 9, W2), but for a mark between
        line = _DATE.sub("\u200e\\g<0>", card.line) if sheet.is_rtl else card.line
        sheet.write(_wrapped(line, small, sheet.width, 1), bottom, small, muted)
    content = io.BytesIO()
    # letters' edges are shades of few colours: a palette of 64 holds them, in a third of the bytes; octrees in a fifth of the time
    few = image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(content, "PNG", compress_level=6)
    return content.getvalue()


def missing_letters(card: SocialCard) -> str:
    """Letters and digits of its text that its fonts cannot write; a sign such as an emoji is left out without a word."""
    texts = ((card.fonts[0], card.description + card.line), (card.fonts[1], card.site + card.title))
    missing = dict.fromkeys(
        letter
        for font, text in texts
        if not text.isascii()
        for letter in text
        if unicodedata.category(letter)[0] in "LN" and not _can_write(font, letter)
    )
    return "".join(missing)


def writable(card: SocialCard) -> SocialCard | None:
    """The card without what its fonts cannot write; None where that is a letter of its title."""
    regular, bold = card.fonts
    title = _written(bold, card.title)
    if title is None:
        return None
    return replace(
        card,
        title=title,
        site=_written(bold, card.site) or "",
        description=_written(regular, card.description) or "",
        line=_written(regular, card.line) or "",
    )


def _written(font: CardFont, text: str) -> str | None:
    """The text without signs that a font lacks; None where it lacks a letter or a digit."""
    if text.isascii():
        return text
    kept: list[str] = []
    for letter in text:
        if _can_write(font, letter):
            kept.append(letter)
        elif unicodedata.category(letter)[0] in "LN":
            return None
    return " ".join("".join(kept).split())


def _can_write(font: CardFont, letter: str) -> bool:
    if letter.isascii() or letter.isspace():
        return True
    return _has_glyph(font, letter) and (not joins(letter) or can_lay_out())


def joins(letter: str) -> bool:
    """Whether its shape or place depends on its neighbours: letters from right to left, scripts of India and beside it."""
    code = ord(letter)
    return unicodedata.bidirectional(letter) in _RTL or 0x900 <= code <= 0xDFF or 0xF00 <= code <= 0x109F


@functools.cache
def can_lay_out() -> bool:
    """Whether Pillow puts such letters right: it takes FriBiDi from the system."""
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


@functools.lru_cache(maxsize=8)
def is_font(font: CardFont) -> bool:
    """Whether a file is a font that cards can be drawn with."""
    try:
        _font(font, _SMALL_SIZE)
    except OSError:
        return False
    return True


@functools.lru_cache(maxsize=16_384)
def _has_glyph(font: CardFont, letter: str) -> bool:
    """Whether a font draws a letter as itself, and not as the box that stands for none."""
    drawn = _font(font, 32)
    return bytes(drawn.getmask(letter)) != bytes(drawn.getmask("\uffff"))


@functools.lru_cache(maxsize=32)
def _font(font: CardFont, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(font.file), size)


def _height(font: FreeTypeFont) -> int:
    return round(font.size * 1.22)


def _mixed(first: str, second: str, share: float) -> str:
    """A colour between two, as `color-mix` has it."""
    pairs = ((int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02x}" for one, other in pairs)


def _is_rtl(text: str) -> bool:
    """Whether a text begins on the right: its first letter with a direction says so (UAX 9, P2 and P3)."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in _RTL or direction == "L":
            return direction in _RTL
    return False


class _Sheet:
    """Where lines are written, one below the other."""

    def __init__(self, image: Image, pen: ImageDraw, *, is_rtl: bool) -> None:
        self._image = image
        self._pen = pen
        self.is_rtl = is_rtl
        self.width = WIDTH - 2 * _EDGE

    def write(self, lines: tuple[str, ...], top: float, font: FreeTypeFont, colour: str) -> float:
        """Write lines from a height on; the height below them."""
        for line in lines:
            side = WIDTH - _EDGE if self.is_rtl else _EDGE
            self._pen.text((side, top), line, fill=colour, font=font, anchor="ra" if self.is_rtl else "la")
            top += _height(font)
        return top


def _fitted(title: str, font: CardFont, width: int) -> tuple[FreeTypeFont, tuple[str, ...]]:
    """The title's lines, at the largest size at which they are few; at the smallest, cut."""
    for size in _TITLE_SIZES:
        drawn = _font(font, size)
        lines = _wrapped(title, drawn, width, _TITLE_LINES + 1)
        if len(lines) <= _TITLE_LINES:
            return drawn, lines
    return drawn, _wrapped(title, drawn, width, _TITLE_LINES)


def _wrapped(text: str, font: FreeTypeFont, width: int, most: int) -> tuple[str, ...]:
    """Lines of words that fit, at most so many: the last ends with an ellipsis where words are left out."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text, font, width):
        longer = f"{line} {word}" if line else word
        if not line or font.getlength(longer) <= width:
            line = longer
            continue
        lines.append(line)
        line = word
        if len(lines) == most:
            return (*lines[:-1], _cut(lines[-1], font, width))
    return tuple([*lines, line] if line else lines)


def _pieces(text: str, font: FreeTypeFont, width: int) -> Iterator[str]:
    """Words; one that is too long for a line, or a text without spaces, is taken apart."""
    for word in text.split():
        if font.getlength(word) <= width:
            yield word
            continue
        piece = ""
        for letter in word:
            if piece and font.getlength(piece + letter) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece


def _cut(line: str, font: FreeTypeFont, width: int) -> str:
    while line and font.getlength(line + "…") > width:
        line = line[:-1].rstrip()
    return line + "…"
