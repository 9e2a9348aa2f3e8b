"""The picture that stands for a page where its address is shared: title, description, author and date in real type.

Drawn by Pillow with the theme's own font (Inter, SIL OFL 1.1), so that every machine draws the same; kept by what is written on it.
"""

from __future__ import annotations

import functools
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes, digest_file
from sitegen.rendering.assets import theme_folder
from sitegen.rendering.authors import authors_of
from sitegen.rendering.parts import ParamsView
from sitegen.rendering.processed import ProcessedFiles
from sitegen.rendering.site_view import SiteView, config_view
from sitegen.rendering.urls import page_folder, url_of_output
from sitegen.rendering.views import PageView
from sitegen.values import dataclass

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH: Final = 1200
HEIGHT: Final = 630
"""Pixels: what Open Graph's readers cut least (1.91 to 1)."""
_VERSION: Final = 2
"""Raised when the drawing changes."""
_PARAM: Final = "social_cards"
_EDGE: Final = 80
"""Pixels that stay free at each side."""
_TITLE_SIZES: Final = (84, 72, 62, 54, 46)
"""Pixels: the largest at which the title has at most `_TITLE_LINES` lines."""
_TITLE_LINES: Final = 3
_TEXT_SIZE: Final = 34
_TEXT_LINES: Final = 2
_SMALL_SIZE: Final = 28
_COLOURS: Final = {"background": "#fdfdfb", "foreground": "#1c1e21", "accent": "#08665a"}
"""The light ones of the theme."""
_LETTERS_NAMED: Final = 60
"""In a message."""
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d$")
_RTL: Final = frozenset({"R", "AL"})


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
    fonts: tuple[Path, Path]
    """Regular and bold."""
    fonts_digest: str

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
            self.fonts_digest,
        )
        return f"social card {_VERSION}\0" + "\0".join(parts)

    @property
    def name(self) -> str:
        """Of the file: another card has another address, since whoever shows cards keeps them by address."""
        return f"card-{digest_bytes(self.recipe.encode('utf-8', 'replace'))[:12]}.png"


def social_card(page: PageView, site: SiteView) -> SocialCard | None:
    """A page's card; None where cards are not asked for, and where the page has a picture of its own.

    Asked for by `[params.social_cards]` of the configuration: `social_cards = true`, or a table with `background`,
    `foreground`, `accent` (colours as `#rrggbb`), `font` and `bold_font` (paths of TrueType or OpenType files below the root). A
    page's `social_card = false` wants none. What its font cannot write is left out; without its title there is none.
    """
    wanted = _wanted(page, site)
    return _writable(wanted) if wanted is not None else None


def _wanted(page: PageView, site: SiteView) -> SocialCard | None:
    """A page's card with all that it is to say, whether or not its font can write that."""
    params = config_view(site.settings, site.recorder).params
    asked = params.get(_PARAM)
    if not asked or not (page.is_page or page.is_home) or not page.url:
        return None
    if page.image or page.params.get("social_card") is False:
        return None
    settings = asked if isinstance(asked, ParamsView) else {}
    if settings.get("enabled", True) is False:
        return None
    date = page.date
    names = authors_of(page) or ((site.settings.author.name,) if _author(site) else ())
    return SocialCard(
        site=site.title,
        title=page.label,
        description=page.description,
        line=" · ".join(
            part for part in (", ".join(names[:3]), date.date().isoformat() if date else "") if part
        ),
        fonts=(fonts := _fonts(settings, site)),
        fonts_digest=_fonts_digest(fonts),
        **{name: _colour(settings, name) for name in _COLOURS},
    )


def social_card_url(page: PageView, site: SiteView) -> str:
    """The address of a page's card, with the base path; empty where it has none."""
    card = social_card(page, site)
    if card is None:
        return ""
    folder = page_folder(site.index.pages[page.key])
    return url_of_output(site.settings, folder / card.name)


def social_card_files(page: PageView, site: SiteView) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the card's file, if the page has a card."""
    card = social_card(page, site)
    if card is None:
        return
    from PIL import __version__ as pillow

    kept = ProcessedFiles(_cache(site.settings))
    content = kept.get(
        digest_bytes(card.recipe.encode("utf-8", "replace")), f"pillow {pillow}", lambda: draw(card)
    )
    if content is not None:
        yield card.name, content


def social_card_problems(page: PageView, site: SiteView) -> tuple[Diagnostic, ...]:
    """What is to be told of letters that its font lacks, and so of a card that says less, or is none."""
    card = _wanted(page, site)
    missing = missing_letters(card) if card is not None else ""
    if not missing:
        return ()
    source = site.index.pages[page.key].source
    return (_not_in_font(missing, SourceLocation(path=source.path) if source else None),)


def _author(site: SiteView) -> bool:
    return bool(config_view(site.settings, site.recorder).author.name)


def _cache(config: Config) -> Path:
    return config.root / config.state_dir / "cache" / "cards"


def _colour(settings: Mapping[str, object], name: str) -> str:
    found = settings.get(name)
    return found if isinstance(found, str) and _is_colour(found) else _COLOURS[name]


def _is_colour(text: str) -> bool:
    return (
        len(text) == 7 and text[0] == "#" and all(letter in "0123456789abcdefABCDEF" for letter in text[1:])
    )


def _fonts(settings: Mapping[str, object], site: SiteView) -> tuple[Path, Path]:
    """The regular and the bold one: the site's own, else the theme's; one that is not there is the theme's."""
    regular = _own_font(settings.get("font"), site)
    bold = _own_font(settings.get("bold_font"), site) or regular
    folder = theme_folder() / "vendor" / "inter"
    return regular or folder / "inter-regular.ttf", bold or folder / "inter-bold.ttf"


def _own_font(path: object, site: SiteView) -> Path | None:
    if not isinstance(path, str) or not path:
        return None
    below_root = str(PurePosixPath(path))
    site.recorder.read("file", below_root)
    file = site.settings.root / below_root
    return file if file.is_file() else None


@functools.lru_cache(maxsize=8)
def _digest_of(file: Path, _changed_ns: int) -> str:
    return digest_file(file)


def _fonts_digest(fonts: tuple[Path, Path]) -> str:
    return "".join(_digest_of(font, font.stat().st_mtime_ns) for font in fonts)


def _not_in_font(letters: str, where: SourceLocation | None) -> Diagnostic:
    """The same words for all pages that lack letters of one script, so that a site is told once."""
    hint = 'name a font that has them: `[params.social_cards]`, `font = "assets/NAME.ttf"`; or give the page an `image`'
    if not _can_lay_out() and any(map(_joins, letters)):
        hint = "Pillow has no raqm with FriBiDi, which joins and turns letters: install the system's `libfribidi`"
    scripts = dict.fromkeys(unicodedata.name(letter, "?").split()[0] for letter in letters)
    named = " and ".join(name if name == "CJK" else name.title() for name in sorted(scripts))
    return Diagnostic(
        code="SG409",
        severity="warning",
        message=f"the social cards leave out texts in {named} letters, which their font does not write",
        location=where,
        hint=hint,
        details=f"letters: {letters[:_LETTERS_NAMED]}",
    )


# --- drawing


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
        top = sheet.write((card.site,), top, _font(bold, _SMALL_SIZE), card.accent) + 44
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


def _writable(card: SocialCard) -> SocialCard | None:
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


def _written(font: Path, text: str) -> str | None:
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


def _can_write(font: Path, letter: str) -> bool:
    if letter.isascii() or letter.isspace():
        return True
    return _has_glyph(font, letter) and (not _joins(letter) or _can_lay_out())


def _joins(letter: str) -> bool:
    """Whether its shape or place depends on its neighbours: letters from right to left, scripts of India and beside it."""
    code = ord(letter)
    return unicodedata.bidirectional(letter) in _RTL or 0x900 <= code <= 0xDFF or 0xF00 <= code <= 0x109F


@functools.cache
def _can_lay_out() -> bool:
    """Whether Pillow puts such letters right: it takes FriBiDi from the system."""
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


@functools.lru_cache(maxsize=16_384)
def _has_glyph(font: Path, letter: str) -> bool:
    """Whether a font draws a letter as itself, and not as the box that stands for none."""
    drawn = _font(font, 32)
    return bytes(drawn.getmask(letter)) != bytes(drawn.getmask("\uffff"))


@functools.lru_cache(maxsize=32)
def _font(file: Path, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(file), size)


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


def _fitted(title: str, font: Path, width: int) -> tuple[FreeTypeFont, tuple[str, ...]]:
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
