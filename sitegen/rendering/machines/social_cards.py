"""The picture that stands for a page where its address is shared: which pages have one, what it says, and its file.

It is kept by what is written on it.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes, digest_file
from sitegen.rendering.assets import theme_folder
from sitegen.rendering.authors import authors_of
from sitegen.rendering.machines.card_drawing import (
    CardFont,
    SocialCard,
    can_lay_out,
    draw,
    is_font,
    joins,
    missing_letters,
    writable,
)
from sitegen.rendering.processed import ProcessedFiles
from sitegen.rendering.urls import page_folder, url_of_output
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.parts import ParamsView
from sitegen.rendering.views.site_view import SiteView, config_view

_PARAM: Final = "social_cards"
_COLOURS: Final = {"background": "#fdfdfb", "foreground": "#1c1e21", "accent": "#08665a"}
"""The light ones of the theme."""
_LETTERS_NAMED: Final = 60
"""In a message."""


def social_card(page: PageView, site: SiteView) -> SocialCard | None:
    """A page's card; None where cards are not asked for, and where the page has a picture of its own.

    Asked for by `[params.social_cards]` of the configuration: `social_cards = true`, or a table with `background`,
    `foreground`, `accent` (colours as `#rrggbb`), `font` and `bold_font` (paths of TrueType or OpenType files below the root). A
    page's `social_card = false` wants none. What its font cannot write is left out; without its title there is none.
    """
    wanted = _wanted(page, site)
    return writable(wanted) if wanted is not None else None


def _wanted(page: PageView, site: SiteView) -> SocialCard | None:
    """A page's card with all that it is to say, whether or not its font can write that."""
    params = config_view(site.settings, site.recorder).params
    asked = params.get(_PARAM)
    if not asked or not (page.is_page or page.is_home) or not page.url:
        return None
    if page.image or page.params.get("social_card") is False:
        return None
    settings = _settings(asked)
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
        fonts=_fonts(settings, site),
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
    """What is to be told of a font that is none, and of letters that it lacks: a card that says less, or is none."""
    card = _wanted(page, site)
    if card is None:
        return ()
    told = [*_wrong_fonts(site)]
    missing = missing_letters(card)
    if missing:
        source = site.index.pages[page.key].source
        told.append(_not_in_font(missing, SourceLocation(path=source.path) if source else None))
    return tuple(told)


def _settings(asked: object) -> Mapping[str, object]:
    """The table, where it is one."""
    return asked if isinstance(asked, ParamsView) else {}


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


def _fonts(settings: Mapping[str, object], site: SiteView) -> tuple[CardFont, CardFont]:
    """The regular and the bold one: the site's own, else the theme's, also for one that is not there or no font."""
    regular = _own_font(settings.get("font"), site)
    bold = _own_font(settings.get("bold_font"), site) or regular
    folder = theme_folder() / "vendor" / "inter"
    return (
        regular or _card_font(folder / "inter-regular.ttf"),
        bold or _card_font(folder / "inter-bold.ttf"),
    )


def _own_font(path: object, site: SiteView) -> CardFont | None:
    if not isinstance(path, str) or not path:
        return None
    below_root = str(PurePosixPath(path))
    site.recorder.read("file", below_root)
    file = site.settings.root / below_root
    font = _card_font(file) if file.is_file() else None
    return font if font is not None and is_font(font) else None


@functools.lru_cache(maxsize=8)
def _digest_of(file: Path, _changed_ns: int) -> str:
    return digest_file(file)


def _wrong_fonts(site: SiteView) -> Iterator[Diagnostic]:
    """SG409 for each font that the site names and cards cannot be drawn with."""
    settings = _settings(config_view(site.settings, site.recorder).params.get(_PARAM))
    for key in ("font", "bold_font"):
        named = settings.get(key)
        if not isinstance(named, str) or not named or _own_font(named, site) is not None:
            continue
        is_there = (site.settings.root / named).is_file()
        yield Diagnostic(
            code="SG409",
            severity="warning",
            message=f"the social cards have the theme's font: `{key}` names `{named}`, which "
            f"is {'no TrueType or OpenType font' if is_there else 'not there'}",
            hint="correct the path, which is below the site's folder, or name another font",
        )


def _card_font(file: Path) -> CardFont:
    return CardFont(file, _digest_of(file, file.stat().st_mtime_ns))


def _not_in_font(letters: str, where: SourceLocation | None) -> Diagnostic:
    """The same words for all pages that lack letters of one script, so that a site is told once."""
    hint = 'name a font that has them: `[params.social_cards]`, `font = "assets/NAME.ttf"`; or give the page an `image`'
    if not can_lay_out() and any(map(joins, letters)):
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
