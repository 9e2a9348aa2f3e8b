"""Figures that cells draw: files beside the page, and the HTML that shows them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.content.document import CodeCell, DisplayOutput
from sitegen.content.index import IndexedPage
from sitegen.rendering.images import size_px
from sitegen.rendering.urls import page_folder, url_of_output

IMAGE_TYPES: Final = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}
"""MIME types of pictures to the suffix of their files, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture, published as a file."""

    url: str
    """With the base path."""
    size_px: tuple[int, int] | None


class FigureFiles:
    """The files that a page's figures become, collected while the page is composed."""

    def __init__(self, page: IndexedPage, config: Config) -> None:
        self._page = page
        self._config = config
        self.files: dict[PurePosixPath, bytes] = {}

    def add(self, output: DisplayOutput, media_type: str, cell: CodeCell) -> Figure | None:
        """Publish one of an output's pictures; None where its data is broken."""
        content = _content(output.data[media_type], media_type)
        if content is None:
            return None
        stem = f"figure-{cell.options.label or cell.id}"
        name = self._free_name(stem, IMAGE_TYPES[media_type])
        self.files[name] = content
        url = url_of_output(self._config, page_folder(self._page) / name)
        return Figure(url=url, size_px=_size(content, media_type, output.metadata, cell))

    def _free_name(self, stem: str, suffix: str) -> PurePosixPath:
        number = 1
        while any(name.stem == f"{stem}-{number}" for name in self.files):
            number += 1
        return PurePosixPath(f"{stem}-{number}.{suffix}")


def image_type(data: Mapping[str, object]) -> str | None:
    """The best picture among an output's forms."""
    return next((media_type for media_type in IMAGE_TYPES if media_type in data), None)


def figure_html(
    figures: Sequence[Figure],
    *,
    alt: str,
    caption: str,
    identifier: str | None,
    subcaptions: Sequence[str] = (),
    columns: int | None = None,
    is_first: bool = False,
) -> str:
    """One `<figure>` for a cell's pictures: alone, or as a grid with captions of their own.

    Args:
        figures: at least one.
        alt: the alternative text, of each picture.
        caption: inline HTML; empty for none.
        identifier: the figure's id.
        subcaptions: inline HTML, in the pictures' order.
        columns: of the grid; None for one row.
        is_first: the page's first picture is loaded at once, the others when they come near.
    """
    images = [
        image_html(figure, alt, is_lazy=not is_first or number > 0) for number, figure in enumerate(figures)
    ]
    if len(images) > 1:
        cells = [
            f'<figure class="subfigure">{image}{_figcaption(subcaptions[number])}</figure>'
            if number < len(subcaptions)
            else f'<div class="subfigure">{image}</div>'
            for number, image in enumerate(images)
        ]
        grid = "\n".join(cells)
        body = f'<div class="figure-grid" style="--columns:{columns or len(images)}">\n{grid}\n</div>'
    else:
        body = images[0]
    mark = f' id="{escape(identifier)}"' if identifier else ""
    return f'<figure class="output output-figure"{mark}>{body}{_figcaption(caption)}</figure>\n'


def image_html(figure: Figure, alt: str, *, is_lazy: bool) -> str:
    """The `<img>` of a figure."""
    size = f' width="{figure.size_px[0]}" height="{figure.size_px[1]}"' if figure.size_px else ""
    lazy = ' loading="lazy"' if is_lazy else ""
    return f'<img src="{escape(figure.url)}" alt="{escape(alt)}"{size}{lazy} decoding="async">'


def _figcaption(caption: str) -> str:
    return f"<figcaption>{caption}</figcaption>" if caption else ""


def _content(data: object, media_type: str) -> bytes | None:
    text = "".join(map(str, data)) if isinstance(data, tuple) else str(data)
    if media_type == "image/svg+xml":
        return text.encode("utf-8") if "<svg" in text else None
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return None


def _size(
    content: bytes, media_type: str, metadata: Mapping[str, object], cell: CodeCell
) -> tuple[int, int] | None:
    """In CSS pixels: what the run says (`retina` halves), else the picture's own."""
    said = metadata.get(media_type)
    if isinstance(said, Mapping):
        width, height = said.get("width"), said.get("height")
        if isinstance(width, (int, float)) and isinstance(height, (int, float)):
            return round(width), round(height)
    size = size_px(content, media_type)
    if size is not None and media_type == "image/png" and cell.options.fig_format == "retina":
        return size[0] // 2, size[1] // 2
    return size
