"""The tag of one picture: what its author says in it, and what is written in its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Final

from sitegen.config.values import Images
from sitegen.rendering.pictures.picture_places import SHARE
from sitegen.rendering.pictures.published_pictures import Offered
from sitegen.rendering.urls import attributes
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`{quality=60 zoom=false}` behind a picture, as `data-` attributes."""

    quality: int | None
    formats: tuple[str, ...] | None
    lqip: bool | None
    zoom: bool

    def of(self, settings: Images) -> Images:
        """The site's settings for this picture."""
        changed = {
            name: value
            for name, value in (("quality", self.quality), ("formats", self.formats), ("lqip", self.lqip))
            if value is not None
        }
        return replace(settings, **changed) if changed else settings  # type: ignore[arg-type]  # by name


OURS: Final = frozenset({"data-quality", "data-formats", "data-lqip", "data-zoom"})
"""Attributes that no reader gets."""
_ATTRIBUTE: Final = re.compile(r"""\s+(?P<name>[^\s"'<>/=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
"""Read with its value: the words of an `alt` are no attributes."""
_FALSE: Final = frozenset({"false", "no", "off", "0"})


def said_of(given: Mapping[str, str]) -> Said:
    """What the attributes of a picture's tag say."""
    quality = whole_number(given.get("data-quality"))
    formats = given.get("data-formats")
    lqip = given.get("data-lqip")
    return Said(
        quality=min(quality, 100) if quality else None,
        formats=None
        if formats is None
        else tuple(form for form in re.split(r"[\s,]+", formats.lower()) if form in ("avif", "webp")),
        lqip=None if lqip is None else lqip.lower() not in _FALSE,
        zoom=given.get("data-zoom", "").lower() not in _FALSE,
    )


def loading(given: Mapping[str, str], *, is_first: bool) -> dict[str, str | None]:
    """When it is to be loaded, unless the tag says so itself."""
    if given.keys() & {"loading", "decoding", "fetchpriority"}:
        return {}
    first = {"fetchpriority": "high"} if is_first else {"loading": "lazy"}
    return {**first, "decoding": "async"}


def offering(tag: str, offered: Offered | None, sizes: str) -> str:
    """A picture with its forms; the tag alone where there are none."""
    if offered is None or not offered.choices:
        return tag
    sources = "".join(
        f'<source type="{choice.media_type}" srcset="{escape(choice.srcset)}" sizes="{sizes}">'
        for choice in offered.choices
    )
    return f"<picture>{sources}{tag}</picture>"


def player(given: Mapping[str, str], size_px: tuple[int, int] | None) -> str:
    """A film where the author named one as a picture: it shows its first frame, and waits for the reader."""
    kept = {name: given[name] for name in ("id", "class", "title", "width", "height") if name in given}
    if size_px is not None and not kept.keys() & {"width", "height"}:
        kept |= {"width": str(size_px[0]), "height": str(size_px[1])}
    if given.get("alt"):
        kept["aria-label"] = given["alt"]
    written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
    return f'<video src="{escape(given["src"])}" controls playsinline preload="metadata"{written}></video>'


def with_colours(html: str, colours: tuple[str, ...], given: Mapping[str, str]) -> str:
    """A picture above a drawing of its colours, which is seen until it comes; both have the picture's share."""
    shares = [name for name in given.get("class", "").split() if SHARE.fullmatch(name)]
    drawn = "".join(
        f'<rect x="{place % 4}" y="{place // 4}" width="1" height="1" fill="{colour}"/>'
        for place, colour in enumerate(colours)
    )
    drawing = f'<svg viewBox="0 0 4 3" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
    return f'<span class="{" ".join(("lqip", *shares))}">{drawing}{html}</span>'


def alone(shown: str, written: str, columns: list[str], caption: str) -> str:
    """A picture in a paragraph of its own: with a caption, a figure."""
    name = "figure" if caption else "p"
    opening = f"<{name}{written}>"
    if columns:
        given = attributes(opening).get("class", "").split()
        opening = with_attributes(opening, {"class": " ".join((*given, *columns))})
    if not caption:
        return f"{opening}{shown}</p>"
    return f"{opening}{shown}<figcaption>{escape(caption, quote=False)}</figcaption></figure>"


def with_attributes(tag: str, changed: Mapping[str, str | None]) -> str:
    """A tag with attributes added, replaced, or removed where the value is None."""
    end = "/>" if tag.endswith("/>") else ">"
    inner = tag[: -len(end)].rstrip()
    left = {name: "" if value is None else f' {name}="{escape(value)}"' for name, value in changed.items()}
    if left:
        inner = _ATTRIBUTE.sub(lambda match: left.pop(match["name"].lower(), match[0]), inner)
    return "".join((inner, *left.values(), end))


def whole_number(text: str | None) -> int | None:
    """What an attribute counts, where that is a whole number above zero."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and int(text) else None
