"""What each page weighs, held against the budget of the site: a page over it is an error (SG415).

Scripts and style sheets are gzipped once for all pages, as a host sends them; a page costs a look at its tags, which its policy
takes as well. Scripts that draw figures and widgets are counted apart: a plot library is a hundred times a page.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote

from sitegen.config import Budget, Config
from sitegen.config.budget_forms import LIMITS, NO_LIMIT
from sitegen.config.forms import FormError
from sitegen.config.text import plain_key
from sitegen.content.front_places import place_of_keys
from sitegen.content.index import IndexedPage
from sitegen.content.permalinks import leaves_site
from sitegen.errors import Diagnostic, SourceLocation, did_you_mean
from sitegen.rendering.assets import Asset
from sitegen.rendering.loading.loads import Loads, style_sheets
from sitegen.rendering.urls import page_folder
from sitegen.rendering.values import Page, Weight

if TYPE_CHECKING:
    from sitegen.rendering.views.site_view import SiteView

CODE: Final = "SG415"
_FONT: Final = re.compile(r"@font-face\s*\{[^}]*?url\(\s*[\"']?(?!data:)", re.IGNORECASE)
_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "js": ("scripts of {} bytes", "gzipped"),
    "css": ("style sheets of {} bytes", "gzipped"),
    "html": ("HTML of {} bytes", "gzipped"),
    "images": ("pictures of {} bytes", ""),
    "figures": ("scripts for figures of {} bytes", ""),
    "fonts": ("{} web fonts", ""),
    "requests": ("{} files to be loaded", ""),
    "third_party": ("{} elements that load from other sites", ""),
}
"""Limit to what a page has of it, and how that is counted."""


class _Piece(NamedTuple):
    """A script or a style sheet that a page loads."""

    name: str
    size: int
    fonts: int = 0
    is_drawing: bool = False


class Scales:
    """Weighs the pages of one site, in one process."""

    def __init__(self, budget: Budget, config: Config, assets: Mapping[str, Asset]) -> None:
        self._budget = budget
        self._config = config
        self._assets = {asset.path.as_posix(): asset for asset in assets.values()}
        self._pieces: dict[str, _Piece] = {}
        """By path below the output folder: what all pages share."""

    def weigh(
        self,
        html: str,
        size_bytes: int,
        loads: Loads,
        path: PurePosixPath,
        *,
        page: Page,
        place: IndexedPage,
        site: SiteView,
    ) -> tuple[Weight, tuple[Diagnostic, ...]]:
        """What a page weighs, and what of it is too much.

        Args:
            html: as it is published.
            size_bytes: of it.
            loads: what is in it.
            path: of the file, below the output folder.
            page: whose file it is.
            place: of the page.
            site: is asked for static files, which is noted.
        """
        limits, wrong = self._limits(place)
        scripts = [self._piece(url, path, page, place, site) for url in loads.scripts]
        sheets = [self._piece(url, path, page, place, site) for url in style_sheets(html)]
        if page.shared:  # what a template waits with is a plot library, or not the page's to answer for
            later = (self._piece(url, path, page, place, site) for url in loads.deferred)
            scripts += [piece for piece in later if piece.is_drawing]
        scripts += [_inline(text) for element, text in loads.inline if element == "script"]
        sheets += [_inline(text) for element, text in loads.inline if element == "style"]
        own = [piece for piece in scripts if not piece.is_drawing]
        images, shown = 0, 0
        if limits.images >= 0 or limits.requests >= 0:
            from sitegen.rendering.loading.budget_pictures import weight_of_pictures

            images, shown = weight_of_pictures(html, place, site)
        loaded = len(loads.scripts) + sum(piece.name != _INLINE for piece in sheets)
        weight = Weight(
            html=size_bytes,
            js=sum(piece.size for piece in own),
            css=sum(piece.size for piece in sheets),
            figures=sum(piece.size for piece in scripts if piece.is_drawing),
            images=images,
            fonts=sum(piece.fonts for piece in sheets),
            requests=1 + loaded + shown + loads.third_parties if limits.requests >= 0 else 0,
            third_party=loads.third_parties,
        )
        found = {"js": own, "css": sheets, "fonts": sheets, "figures": [*filter(_is_drawing, scripts)]}
        over = [*_over(limits, weight, html)]
        if not over and not wrong:
            return weight, ()
        where = SourceLocation(path=place.source.path if place.source is not None else path)
        return weight, (*wrong, *(_told(each, found, where) for each in over))

    def _limits(self, place: IndexedPage) -> tuple[Budget, tuple[Diagnostic, ...]]:
        """The site's limits, with those of the page's front matter over them."""
        written = place.meta.params.get("budget")
        if written is None:
            return self._budget, ()
        return _page_limits(written, self._budget, place)

    def _piece(self, url: str, path: PurePosixPath, page: Page, place: IndexedPage, site: SiteView) -> _Piece:
        name = self._output_path(url, path)
        if name is None:
            return _Piece(name=url, size=0)  # from elsewhere, which is counted
        asset = self._assets.get(name)
        if asset is not None:
            return self._kept(name, asset.name, asset.content)
        shared = page.shared.get(PurePosixPath(name)) if page.shared else None
        if shared is not None:
            size = len(shared) if isinstance(shared, bytes) else shared.stat().st_size
            return _Piece(name=name, size=size, is_drawing=True)
        file = site.static_file(name)
        if file is None:
            below = page_folder(place)
            file = next((each.file for each in place.resources if f"{below / each.name}" == name), None)
        return self._kept(name, name, file.read_bytes()) if file is not None else _Piece(name=name, size=0)

    def _kept(self, path: str, name: str, content: bytes) -> _Piece:
        piece = self._pieces.get(path)
        if piece is None:
            fonts = len(_FONT.findall(content.decode("utf-8", "replace"))) if path.endswith(".css") else 0
            piece = self._pieces[path] = _Piece(name=name, size=_gzipped(content), fonts=fonts)
        return piece

    def _output_path(self, url: str, path: PurePosixPath) -> str | None:
        """Where the file of a URL lies below the output folder; None where it lies elsewhere."""
        base, url = self._config.base_path, url.partition("#")[0].partition("?")[0]
        if url.startswith(self._config.base_url):
            url = base + url[len(self._config.base_url) :]
        if leaves_site(url):
            return None
        if url.startswith("/"):
            return unquote(url[len(base) :]) if url.startswith(base) else None
        return normpath(f"{path.parent}/{unquote(url)}")


_INLINE: Final = "in the page itself"


@lru_cache(maxsize=256)
def _inline(text: str) -> _Piece:
    return _Piece(
        name=_INLINE, size=_gzipped(text.encode("utf-8", "replace")), fonts=len(_FONT.findall(text))
    )


def _gzipped(content: bytes) -> int:
    return len(gzip.compress(content, 9, mtime=0))


def _is_drawing(piece: _Piece) -> bool:
    return piece.is_drawing


class _Over(NamedTuple):
    """A limit that a page is over."""

    title: str
    field: str
    has: int
    limit: int


def _over(limits: Budget, weight: Weight, html: str) -> Iterator[_Over]:
    for title, (field, _) in LIMITS.items():
        limit: int = getattr(limits, field)
        if limit == NO_LIMIT:
            continue
        has: int = _gzipped(html.encode("utf-8", "replace")) if field == "html" else getattr(weight, field)
        if has > limit:
            yield _Over(title=title, field=field, has=has, limit=limit)


def _told(over: _Over, found: Mapping[str, Sequence[_Piece]], where: SourceLocation) -> Diagnostic:
    """What is too much, and which files it is; pages with the same words are told of together (`build/missing.py`)."""
    what, how = _TEXTS[over.field]
    pieces = ", ".join(f"`{piece.name}` {piece.size:,}" for piece in found.get(over.field, ()) if piece.size)
    counted = f" {how}" if how else ""
    named = f" ({pieces})" if pieces and over.field != "fonts" else ""
    return Diagnostic(
        code=CODE,
        severity="error",
        message=f"{what.format(f'{over.has:,}')}{counted}, and `budget.{over.title}` allows {over.limit:,}{named}",
        location=where,
        hint=f"load less, or raise `{over.title}` in `[budget]`, of the site or of the page",
    )


def _page_limits(
    written: object, budget: Budget, place: IndexedPage
) -> tuple[Budget, tuple[Diagnostic, ...]]:
    """The limits with what a page's front matter says: `budget = false`, or a table of limits."""
    if written is False:
        return Budget(**{field: NO_LIMIT for field, _ in LIMITS.values()}), ()
    if not isinstance(written, Mapping):
        return budget, () if written is True else (_wrong("`budget` must be a table or `false`", "", place),)
    known = {plain_key(title): (field, read) for title, (field, read) in LIMITS.items()}
    said: dict[str, int] = {}
    wrong: list[Diagnostic] = []
    for key, value in written.items():
        entry = known.get(plain_key(str(key)))
        if entry is None:
            wrong.append(
                _wrong(f"`budget` has no limit `{key}`", did_you_mean(str(key), LIMITS), place, str(key))
            )
            continue
        field, read = entry
        try:
            said[field] = read(value)
        except FormError as error:
            wrong.append(_wrong(f"`budget.{key}`: {error}", error.hint, place, str(key)))
    return replace(budget, **said), tuple(wrong)


def _wrong(message: str, hint: str, place: IndexedPage, key: str = "") -> Diagnostic:
    meta = place.meta
    keys = ("budget", f"budget.{key}") if key else ("budget",)
    where = place_of_keys(place.source, keys, meta.lines, meta.nested) if place.source is not None else None
    return Diagnostic(code="SG111", severity="error", message=message, location=where, hint=hint or None)
