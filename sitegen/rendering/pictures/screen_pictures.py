"""The pictures of a body as a reader's screen wants them: their size from the start, forms to choose from, captions.

One pass over the HTML. Each picture is seen with what it stands in: a column, a grid, a link, a paragraph of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.files import digest_bytes
from sitegen.rendering.cells.figures import Figure, image_html
from sitegen.rendering.links import file_of_url
from sitegen.rendering.pictures.images import file_size_px, size_px
from sitegen.rendering.pictures.photo_metadata import file_metadata
from sitegen.rendering.pictures.picture_places import Around, inside, leave, most_px, sizes_attribute
from sitegen.rendering.pictures.picture_tags import (
    OURS,
    Said,
    alone,
    loading,
    offering,
    player,
    said_of,
    whole_number,
    with_attributes,
    with_colours,
)
from sitegen.rendering.pictures.published_pictures import Offered, Picture, Pictures, file_digest, reader
from sitegen.rendering.pictures.variants import PictureError
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.urls import attributes, page_folder, url_of_output

_PIECE: Final = re.compile(
    r"<(?:!--|(?P<closes>/)?(?P<name>img|a|picture|figure|div|section|aside|p|button|summary|label|h[1-6]"
    r"|script|style|textarea|template|svg)(?=[\s/>])(?P<rest>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>)",
    re.IGNORECASE,
)
_RAW: Final = frozenset({"script", "style", "textarea"})
_ALONE_AFTER: Final = re.compile(r"\s*(</a>)?\s*</p>")
_ALONE_BEFORE: Final = re.compile(r"<p(?P<attributes>(?:\s[^<>]*)?)>\s*(?P<link><a\s[^<>]*>)?\s*")
_RASTER: Final = (".jpg", ".jpeg", ".jfif", ".png", ".apng", ".webp", ".avif", ".gif")
_MOVING: Final = (".gif", ".webp", ".png", ".apng", ".avif")
_FILMS: Final = (".mp4", ".m4v", ".mov", ".webm", ".ogv")
_NOT_SHOWN: Final = (
    ".heic",
    ".heif",
    ".hif",
    ".tif",
    ".tiff",
    ".dng",
    ".psd",
    ".eps",
    ".pdf",
    ".jxl",
    ".jp2",
)
"""Pictures that most browsers do not show, so that a page with one is broken for most readers."""
_SVG_PX: Final = (300, 150)
"""Of a drawing that gives itself no size: CSS Images 3, 5.1, of a replaced element."""
_LONGEST_OPENING: Final = 2000
"""Characters of a paragraph's tag and a link's, before a picture that stands alone."""
_SMALL_PX: Final = 200
"""A narrower picture is an icon or a badge: it is not what a page is waiting for."""
_WORTH_ZOOM: Final = 1.3
"""How much larger a picture must be than it is shown."""

_COMPARED: Final = re.compile(
    r'(<div class="compare"[^<>]*>\s*<p>)\s*(<img\s[^<>]*>)(?:\s|<br[^<>]*>)*(<img\s[^<>]*>)\s*</p>'
)
"""Two pictures to compare in one paragraph: each gets one, and so a caption."""


def with_pictures(
    html: str,
    place: IndexedPage,
    index: SiteIndex,
    config: Config,
    *,
    pictures: Pictures | None = None,
    files: Mapping[PurePosixPath, bytes] | None = None,
    recorder: Recorder = NO_RECORDER,
    is_first: bool = True,
) -> str:
    """The HTML of a body with its pictures ready for a screen.

    Args:
        html: with `<img` in it.
        place: the page.
        index: of the site.
        config: of the site.
        pictures: makes the forms; None: pictures have their size, and no forms.
        files: of the page being rendered, which its cells have drawn.
        recorder: is told which files are asked for.
        is_first: no picture of the page stands before.
    """
    return _Body(
        _COMPARED.sub(_one_each, html) if "compare" in html else html,
        place,
        index,
        config,
        pictures,
        files or {},
        recorder,
        is_first=is_first,
    ).html()


class _Body:
    def __init__(
        self,
        html: str,
        place: IndexedPage,
        index: SiteIndex,
        config: Config,
        pictures: Pictures | None,
        files: Mapping[PurePosixPath, bytes],
        recorder: Recorder,
        *,
        is_first: bool,
    ) -> None:
        self._html = html
        self._place = place
        self._index = index
        self._config = config
        self._pictures = pictures
        self._files = files
        self._recorder = recorder
        self._is_first = is_first
        self._parts: list[str] = []
        self._done = 0

    def html(self) -> str:
        """All of it."""
        around = [Around()]
        html, position = self._html, 0
        while match := _PIECE.search(html, position):
            position = match.end()
            name = (match["name"] or "").lower()
            if not name:
                position = html.find("-->", position) + 3
                if position < 3:
                    break
            elif name == "img":
                if not match["closes"]:
                    position = self._image(match, around)
            elif name in _RAW:
                if not match["closes"]:
                    closing = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(html, position)
                    position = closing.start() if closing else len(html)
            elif match["closes"]:
                leave(around, name)
            elif not match["rest"].endswith("/"):
                around.append(inside(around[-1], name, match[0]))
        self._parts.append(html[self._done :])
        return "".join(self._parts)

    def _image(self, match: re.Match[str], stack: list[Around]) -> int:
        """One picture; where in the HTML to go on."""
        around = stack[-1]
        tag = match[0]
        given = attributes(tag)
        if not given.get("src"):
            return match.end()
        opening = self._html.rfind("<p", max(self._done, match.start() - _LONGEST_OPENING), match.start())
        before = _ALONE_BEFORE.fullmatch(self._html, opening, match.start()) if opening >= 0 else None
        after = _ALONE_AFTER.match(self._html, match.end()) if before is not None else None
        if before is None or after is None or bool(before["link"]) != bool(after[1]):
            self._put(match.start(), self._shown(tag, given, around), match.end())
            return match.end()
        classes = given.get("class", "").split()
        columns = [name for name in classes if name.startswith("column-")]
        is_markup = "align" in before["attributes"]  # HTML of the author's: Markdown makes no such paragraph
        caption = given.get("title", "") if not (around.has_caption or is_markup) else ""
        if columns or caption:
            kept = [name for name in classes if name not in columns]
            tag = with_attributes(
                tag, {"class": " ".join(kept) or None, **({"title": None} if caption else {})}
            )
            given = attributes(tag)
            around = inside(around, "figure", f'<figure class="{" ".join(columns)}">')
        around = replace(around, is_link=around.is_link or bool(before["link"]))
        shown = f"{before['link'] or ''}{self._shown(tag, given, around)}{after[1] or ''}"
        self._put(before.start(), alone(shown, before["attributes"], columns, caption), after.end())
        leave(stack, "p")
        return after.end()

    def _put(self, start: int, html: str, end: int) -> None:
        self._parts += (self._html[self._done : start], html)
        self._done = end

    # --- one picture

    def _shown(self, tag: str, given: Mapping[str, str], around: Around) -> str:
        if (
            given["src"].partition("#")[0].partition("?")[0].lower().endswith(_FILMS)
            and not around.is_picture
        ):
            return player(given, self._size(given["src"]))
        picture = self._picture(given["src"])
        size = picture.size_px if picture is not None else self._size(given["src"])
        said = said_of(given)
        tag = with_attributes(tag, dict.fromkeys(name for name in given if name in OURS))
        src = given["src"]
        if picture is not None and picture.url:
            src = picture.url
            tag = with_attributes(tag, {"src": src})
        if (
            picture is not None
            and self._pictures is not None
            and given["src"].partition("?")[0].lower().endswith(_MOVING)
            and not around.is_picture
            and not around.is_link
            and "column-card" not in given.get("class", "")  # a list is quiet: a card has the first frame
        ):
            film = self._film(picture, given)
            if film is not None:
                return film
        width, height = whole_number(given.get("width")), whole_number(given.get("height"))
        shown_px = most_px(around, given, width or (size[0] if size else None))
        is_first = self._is_first and (width or (size[0] if size else _SMALL_PX)) >= _SMALL_PX
        extra = loading(given, is_first=is_first)
        if is_first:
            self._is_first = False
        if size is not None and "width" not in given and "height" not in given:
            extra |= {"width": str(size[0]), "height": str(size[1])}
        elif size is not None and width and "height" not in given:
            extra["height"] = str(max(1, round(size[1] * width / size[0])))
        elif size is not None and height and "width" not in given:
            extra["width"] = str(max(1, round(size[0] * height / size[1])))
        tag = with_attributes(tag, extra)
        if picture is None or self._pictures is None or around.is_picture or "srcset" in given:
            return tag
        offered = self._offered(picture, shown_px, said, given["src"])
        html = offering(tag, offered, sizes_attribute(around, given, shown_px))
        if offered is not None and offered.colours:
            html = with_colours(html, offered.colours, given)
        if (
            said.zoom
            and self._config.images.zoom
            and not (around.is_link or around.is_quiet)
            and "only-" not in given.get("class", "")
            and given.get("alt")
            and picture.size_px[0] > _WORTH_ZOOM * shown_px
        ):
            html = f'<a class="zoom" href="{escape(src)}">{html}</a>'
        return html

    def _picture(self, src: str) -> Picture | None:
        """The picture that an address means, where it is one of ours that forms can be made of."""
        if leaves_site(src):
            return self._copied(src)
        path = unquote(src.partition("#")[0].partition("?")[0])
        content = self._composed(path)
        if content is not None:
            size = size_px(content) if path.lower().endswith(_RASTER) else None
            return None if size is None else _of_page(path, content, size)
        file = self._file(src)
        suffix = file.suffix.lower() if file is not None else ""
        if suffix in _NOT_SHOWN:
            self._fail(PictureError(f"most browsers do not show `{suffix}`"), src)
        if file is None or suffix not in _RASTER:
            return None
        size = self._size(src)
        if size is None:
            self._fail(PictureError("it is no whole JPEG, PNG, GIF, WebP or AVIF"), src)
            return None
        return Picture(
            name=file.name,
            digest=file_digest(file, self._place),
            size_px=size,
            size_bytes=file.stat().st_size,
            read=reader(file),
            file=file,
        )

    def _copied(self, src: str) -> Picture | None:
        """The copy of another site's picture, where the author wants one."""
        if self._pictures is None or self._config.images.remote != "copy":
            return None
        if not src.lower().startswith(("http://", "https://", "//")):
            return None
        return self._pictures.copy(src, self._place)

    def _composed(self, path: str) -> bytes | None:
        """What composing the page has made at an address."""
        if not self._files:
            return None
        below = url_of_output(self._config, page_folder(self._place)).rstrip("/") + "/"
        return self._files.get(PurePosixPath(path.removeprefix(unquote(below))))

    def _file(self, src: str) -> Path | None:
        file = file_of_url(src, self._place, self._index, self._config)
        if not leaves_site(src):
            self._recorder.read("link", self._place.key, src)
        if file is not None:
            self._recorder.read("file", str(self._config.relative_to_root(file)))
        return file

    def _size(self, src: str) -> tuple[int, int] | None:
        file = self._file(src)
        size = file_size_px(file) if file is not None else None
        if file is None or size is None:
            return _SVG_PX if file is not None and file.suffix.lower() == ".svg" else None
        if file.suffix.lower() not in _RASTER:
            return size
        return size[::-1] if file_metadata(file).is_sideways else size

    def _offered(self, picture: Picture, shown_px: int, said: Said, src: str) -> Offered | None:
        assert self._pictures is not None  # noqa: S101 -- asked by the caller
        try:
            return self._pictures.offer(picture, shown_px, said.of(self._pictures.settings))
        except PictureError as error:
            self._fail(error, src)
            return None

    def _fail(self, error: PictureError, src: str) -> None:
        if self._pictures is None:  # only its size is asked for
            return
        if self._place.source is not None:  # the message names the line, which another page may stand for
            self._recorder.read("file", str(self._place.source.path))
        self._pictures.fail(error, src, self._place)

    def _film(self, picture: Picture, given: Mapping[str, str]) -> str | None:
        assert self._pictures is not None  # noqa: S101 -- asked by the caller
        try:
            found = self._pictures.film(picture)
        except PictureError as error:
            self._fail(error, given["src"])
            return None
        if found is None:
            return None
        film = Figure(url=found[1], size_px=picture.size_px, ground="", film_url=found[0])
        return image_html(film, given.get("alt", ""), is_lazy=True)


def _of_page(path: str, content: bytes, size: tuple[int, int]) -> Picture:
    return Picture(
        name=path.rsplit("/", 1)[-1],
        digest=digest_bytes(content),
        size_px=size,
        size_bytes=len(content),
        read=lambda: content,
        file=None,
    )


def _one_each(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}</p>\n<p>{match[3]}</p>"
