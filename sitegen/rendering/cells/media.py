"""Films and sounds inside HTML outputs -> files beside the page, with a player that waits for the reader."""

from __future__ import annotations

import base64
import binascii
import re
from html import escape
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.document import CodeCell
from sitegen.rendering.cells.figures import FigureFiles, image_html
from sitegen.rendering.pictures.animations import joined
from sitegen.rendering.urls import attributes, map_tags

_SUFFIXES: Final = {
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/x-flac": "flac",
    "audio/mp4": "m4a",
}
_EMBEDDED: Final = re.compile(
    r"""data:(?P<type>(?:video|audio)/[\w.+-]+);base64,(?P<data>[A-Za-z0-9+/=\s]+)"""
)
_JS_ANIMATION: Final = re.compile(r'<div class="animation">.*?</script>', re.DOTALL)
"""The player of matplotlib's `Animation.to_jshtml`; before it the HTML has its style and class."""
_JS_FRAME: Final = re.compile(r'frames\[\d+\] = "data:image/(?:png|jpeg);base64,(?P<data>[^"]*)"')
_JS_INTERVAL: Final = re.compile(r"new Animation\(frames, img_id, slider_id, (?P<ms>[\d.]+)")


def with_files(html: str, cell: CodeCell, files: FigureFiles, words: Words = ENGLISH) -> str:
    """The HTML with its embedded films and sounds as files, and without players that start by themselves."""
    if "frames[" in html and '<div class="animation">' in html:
        html = _without_scripted_films(html, cell, files, words)
    if "<video" not in html and "<audio" not in html:
        return html

    def publish(match: re.Match[str]) -> str:
        suffix = _SUFFIXES.get(match["type"])
        try:
            content = base64.b64decode(re.sub(r"\s", "", match["data"]), validate=True)
        except (binascii.Error, ValueError):
            return match.group()
        return files.add_file(content, suffix, cell) if suffix else match.group()

    html = _EMBEDDED.sub(publish, html)
    return map_tags(map_tags(html, "video", _waiting), "audio", _waiting)


def _without_scripted_films(html: str, cell: CodeCell, files: FigureFiles, words: Words) -> str:
    """Matplotlib's player, which holds every frame as text, as a film like any other."""
    player = _JS_ANIMATION.search(html)
    if player is None:
        return html
    interval = _JS_INTERVAL.search(html)
    frames = []
    for frame in _JS_FRAME.finditer(html):
        try:  # a frame's text is broken into lines by backslashes
            frames.append(base64.b64decode(re.sub(r"[\\\s]|\\n", "", frame["data"])))
        except (binascii.Error, ValueError):
            return html
    animated = joined(frames, float(interval["ms"]) if interval else 100.0)
    film = files.add_film(animated, "image/png", cell) if animated else None
    if film is None:
        return html
    alt = cell.options.fig_alt or cell.options.fig_cap or words("cell.figure")
    return image_html(film, alt, is_lazy=True)


def _waiting(tag: str) -> str:
    """A player that waits to be started; silent, as an animation is, where it was to start by itself."""
    given = attributes(tag)
    kept = {name: value for name, value in given.items() if name not in ("autoplay", "preload")}
    is_video = tag.startswith("<video")
    # without a poster the first frame is what there is to see
    kept |= {"controls": "", "preload": "metadata" if is_video and "poster" not in given else "none"}
    if is_video:
        kept |= {"playsinline": ""} | ({"muted": ""} if "autoplay" in given else {})
    written = (f' {name}="{escape(value)}"' if value else f" {name}" for name, value in kept.items())
    return f"{tag.split(maxsplit=1)[0].rstrip('/>')}{''.join(written)}>"
