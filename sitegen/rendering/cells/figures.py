"""Figures that cells draw: files beside the page, and the HTML that shows them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import PurePosixPath
from typing import Final, Literal

from sitegen.config import Config
from sitegen.content.document import CodeCell
from sitegen.content.executed import DisplayOutput
from sitegen.content.index import IndexedPage
from sitegen.rendering.pictures.animations import film_of, is_animated
from sitegen.rendering.pictures.images import size_px
from sitegen.rendering.references import figcaption
from sitegen.rendering.urls import attributes, map_tags, page_folder, url_of_output
from sitegen.results.media_types import DARK_TYPES
from sitegen.values import dataclass

IMAGE_TYPES: Final = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}
"""MIME types of pictures to the suffix of their files, best first."""

_SIDE: Final = re.compile(r"light-dark\((#\w+),#\w+\)")
_TOKEN: Final = re.compile(r"var\(--[\w-]+,(light-dark\(#\w+,#\w+\))\)")

Ground = Literal["", "light", "dark"]
"""The card that a picture stands on, where its own ground may be transparent and it has no drawing for the other mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture or film, published as files. URLs are with the base path."""

    url: str
    """Of the picture; of a film, its poster."""
    size_px: tuple[int, int] | None
    """CSS pixels."""
    dark_url: str = ""
    """Of the same figure drawn for a dark page."""
    ground: Ground = "light"
    film_url: str = ""
    """Of a video, or of an animated WebP."""

    @property
    def is_video(self) -> bool:
        """Whether the film is one that a player shows."""
        return self.film_url.endswith(".mp4")


class FigureFiles:
    """The files that a page's figures become, collected while the page is composed."""

    def __init__(self, page: IndexedPage, config: Config) -> None:
        self._page = page
        self._config = config
        self.files: dict[PurePosixPath, bytes] = {}

    def add(self, output: DisplayOutput, media_type: str, cell: CodeCell) -> Figure | None:
        """Publish one of an output's pictures, with its drawing for dark pages; None where its data is broken."""
        content = _content(output.data[media_type], media_type)
        if content is None:
            return None
        size = _size(content, media_type, output.metadata)
        if is_animated(content):
            return self.add_film(content, media_type, cell, size)
        name = self._free_name(f"figure-{cell.options.label or cell.id}", IMAGE_TYPES[media_type])
        self.files[name] = content
        dark = _content(output.data.get(DARK_TYPES.get(media_type, "")), media_type)
        dark_url = ""
        if dark is not None:
            dark_name = name.with_stem(f"{name.stem}-dark")
            self.files[dark_name] = dark
            dark_url = self._url(dark_name)
        wants_dark = output.metadata.get("needs_background") == "dark"  # matplotlib's inline backend says so
        ground: Ground = "" if dark_url or media_type == "image/jpeg" else "dark" if wants_dark else "light"
        return Figure(url=self._url(name), size_px=size, dark_url=dark_url, ground=ground)

    def add_film(
        self, content: bytes, media_type: str, cell: CodeCell, size: tuple[int, int] | None = None
    ) -> Figure | None:
        """Publish an animated picture as a film with a poster; None where its data is broken."""
        film = film_of(content, self._config.state_dir / "cache" / "films")
        if film is None:
            return None
        name = self._free_name(f"figure-{cell.options.label or cell.id}", film.form)
        poster = name.with_suffix(".png")
        self.files |= {name: film.content, poster: film.poster}
        return Figure(
            url=self._url(poster),
            size_px=size or size_px(content, media_type),
            ground="",
            film_url=self._url(name),
        )

    def add_named(self, content: bytes, path: PurePosixPath) -> str:
        """Publish a file under a name of its own, with a number where another file has it; its URL."""
        name, number = path, 1
        while self.files.get(name, content) != content:
            number += 1
            name = path.with_stem(f"{path.stem}-{number}")
        self.files[name] = content
        return self._url(name)

    def add_file(self, content: bytes, suffix: str, cell: CodeCell) -> str:
        """Publish what a cell displayed as a file; its URL."""
        name = self._free_name(f"output-{cell.options.label or cell.id}", suffix)
        self.files[name] = content
        return self._url(name)

    def _url(self, name: PurePosixPath) -> str:
        return url_of_output(self._config, page_folder(self._page) / name)

    def _free_name(self, stem: str, suffix: str) -> PurePosixPath:
        taken, number = {name.stem for name in self.files}, 1
        while f"{stem}-{number}" in taken:
            number += 1
        return PurePosixPath(f"{stem}-{number}.{suffix}")


def image_type(data: Mapping[str, object]) -> str | None:
    """The best picture among an output's forms."""
    return next((media_type for media_type in IMAGE_TYPES if media_type in data), None)


def figure_html(
    figures: Sequence[Figure],
    *,
    alts: Sequence[str],
    caption: str,
    identifier: str | None,
    number: str | None = None,
    subcaptions: Sequence[str] = (),
    columns: int | None = None,
    is_first: bool = False,
) -> str:
    """One `<figure>` for a cell's pictures: alone, or as a grid with captions of their own.

    Args:
        figures: at least one.
        alts: the alternative text of each.
        caption: inline HTML; empty for none.
        identifier: the figure's id; the pictures of a grid have `-1`, `-2`, ... after it.
        number: `Figure 1`, where others may refer to it.
        subcaptions: inline HTML, in the pictures' order; with one, all have `(a)`, `(b)`, ...
        columns: of the grid; None for at most three.
        is_first: the page's first picture is loaded at once, the others when they come near.
    """
    images = [
        image_html(figure, alt, is_lazy=not is_first or place > 0)
        for place, (figure, alt) in enumerate(zip(figures, alts, strict=True))
    ]
    if len(images) > 1:
        cells = (_subfigure(image, place, subcaptions, identifier) for place, image in enumerate(images))
        grid = "\n".join(cells)
        width = columns or (2 if len(images) == 4 else min(len(images), 3))
        body = f'<div class="figure-grid" style="--columns:{width}">\n{grid}\n</div>'
    else:
        body = images[0]
    mark = f' id="{escape(identifier)}"' if identifier else ""
    return f'<figure class="output output-figure"{mark}>{body}{figcaption(caption, number)}</figure>\n'


def image_html(figure: Figure, alt: str, *, is_lazy: bool) -> str:
    """The tags of one figure: a picture, a pair for light and dark pages, or a film."""
    size = f' width="{figure.size_px[0]}" height="{figure.size_px[1]}"' if figure.size_px else ""
    said = f' alt="{escape(alt)}"'
    if figure.is_video:
        return (
            f'<video src="{escape(figure.film_url)}" poster="{escape(figure.url)}" controls muted loop playsinline '
            f'preload="none"{size} aria-label="{escape(alt)}"></video>'
        )
    lazy = ' loading="lazy"' if is_lazy else ""
    rest = f'{said}{size}{lazy} decoding="async">'
    if figure.film_url:
        still = f'<source media="(prefers-reduced-motion: reduce)" srcset="{escape(figure.url)}">'
        return f'<picture>{still}<img src="{escape(figure.film_url)}"{rest}</picture>'
    if figure.dark_url:
        # a hidden picture is loaded all the same unless it is lazy; `hidden` is for readers without our style sheet
        rest = f'{said}{size} loading="lazy" decoding="async"'
        return (
            f'<img class="only-light" src="{escape(figure.url)}"{rest}>'
            f'<img class="only-dark" src="{escape(figure.dark_url)}"{rest} hidden>'
        )
    card = f' class="on-{figure.ground}"' if figure.ground else ""
    return f'<img{card} src="{escape(figure.url)}"{rest}'


def light_only(html: str) -> str:
    """The HTML for readers that have not our style sheet: of a pair the light picture, and light ones on white."""
    return map_tags(html, "img", _light_tag)


def light_colours(html: str) -> str:
    """The HTML with the colours of light pages in its diagrams."""
    return _SIDE.sub(r"\1", _TOKEN.sub(r"\1", html)) if "light-dark(" in html else html


def _light_tag(tag: str) -> str:
    names = attributes(tag).get("class", "").split()
    if "only-dark" in names:
        return ""
    if not {"only-light", "on-light"}.intersection(names):
        return tag
    return re.sub(r'class="[^"]*"', 'style="background:#fff"', tag, count=1)


def _subfigure(image: str, place: int, subcaptions: Sequence[str], identifier: str | None) -> str:
    mark = f' id="{escape(identifier)}-{place + 1}"' if identifier else ""
    if not subcaptions:
        return f'<div class="subfigure"{mark}>{image}</div>'
    letter = f"({chr(ord('a') + place)})" if place < 26 else f"({place + 1})"
    text = f"{letter} {subcaptions[place]}" if place < len(subcaptions) else letter
    return f'<figure class="subfigure"{mark}>{image}<figcaption>{text}</figcaption></figure>'


def _content(data: object, media_type: str) -> bytes | None:
    if data is None:
        return None
    text = "".join(map(str, data)) if isinstance(data, tuple) else str(data)
    if media_type == "image/svg+xml":
        return text.encode("utf-8", "replace") if "<svg" in text else None
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return None


def _size(content: bytes, media_type: str, metadata: Mapping[str, object]) -> tuple[int, int] | None:
    """In CSS pixels: what the run says (half of the pixels, for `retina`), else the picture's own."""
    own = size_px(content, media_type)
    said = metadata.get(media_type)
    width, height = (
        (_number(said.get(name)) for name in ("width", "height"))
        if isinstance(said, Mapping)
        else (None, None)
    )
    if width and height:
        return round(width), round(height)
    if own is None or not (width or height):
        return own
    ratio = own[1] / own[0]
    return (
        (round(width), round(width * ratio)) if width else (round((height or 0) / ratio), round(height or 0))
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
