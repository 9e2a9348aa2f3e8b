"""Audio, video and other files that go with a post: for its player and for podcast readers.

The front matter names them: `enclosure`, `audio`, `video` or `podcast`, each a path or URL, a table, or a list of
either. The length of a file of the site is read from the disk; that of one elsewhere is what the front matter says.
"""

from __future__ import annotations

import math
import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote, unquote

from sitegen.config import Config
from sitegen.content.front_places import place_of_keys
from sitegen.content.index import IndexedPage
from sitegen.content.permalinks import leaves_site
from sitegen.errors import Diagnostic
from sitegen.rendering.urls import absolute, with_base
from sitegen.rendering.views.parts import ResourceView
from sitegen.values import dataclass

KEYS: Final = ("enclosure", "enclosures", "audio", "video", "podcast")
_URL_KEYS: Final = ("url", "src", "file", "href")
_SIZE_KEYS: Final = ("length", "size", "bytes", "sizebytes", "size_bytes")
_TYPES: Final = {
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".weba": "audio/webm",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".ogv": "video/ogg",
    ".webm": "video/webm",
}
"""What feed readers and browsers play: Python's own table depends on the machine."""
_DURATION = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,6}):)?([0-9]{1,9})")
_WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes with a post."""

    url: str
    """With the base path, or with a scheme."""
    permalink: str
    """Absolute where the site's is."""
    type: str
    """The media type."""
    size_bytes: int | None
    """None for a file elsewhere of which nobody says it."""
    title: str
    duration_s: int | None


def page_enclosures(
    place: IndexedPage,
    resources: Sequence[ResourceView],
    static_file: Callable[[str], Path | None],
    config: Config,
) -> tuple[tuple[Enclosure, ...], tuple[Diagnostic, ...]]:
    """A page's enclosures, and SG405 for each that names a file which the site does not have.

    Args:
        place: the page.
        resources: the published files of its bundle.
        static_file: the file behind a path below the output folder, where that is a static one.
        config: the site's.
    """
    found: dict[str, Enclosure] = {}  # by address: named by two keys it is one
    problems: list[Diagnostic] = []
    for key in KEYS:
        for written in _entries(place.meta.params.get(key)):
            target = next((str(written[name]) for name in _URL_KEYS if written.get(name)), "").strip()
            media_type = str(written.get("type") or _media_type(target))
            if not target or not (key.startswith("enclosure") or _is_played(media_type)):
                continue  # `video` may be the link to a recording, `audio` a switch of some theme
            located = _locate(target, place, resources, static_file, config)
            if located is None:
                problems.append(_missing(key, target, place))
                continue
            url, size_bytes = located
            enclosure = Enclosure(
                url=url,
                permalink=absolute(config, url),
                type=media_type,
                size_bytes=size_bytes if size_bytes is not None else _whole(written, _SIZE_KEYS),
                title=str(written.get("title") or ""),
                duration_s=_duration(written.get("duration")),
            )
            found.setdefault(url, enclosure)
    return tuple(found.values()), tuple(problems)


def _entries(value: object) -> Iterator[Mapping[str, object]]:
    """What a key says, as tables."""
    for entry in value if isinstance(value, tuple | list) else (value,):
        if isinstance(entry, str):
            yield {"url": entry}
        elif isinstance(entry, Mapping):
            yield entry


def _media_type(target: str) -> str:
    path = PurePosixPath(re.split(r"[?#]", target, maxsplit=1)[0])
    known = _TYPES.get(path.suffix.lower())
    return known or mimetypes.guess_type(quote(path.name))[0] or "application/octet-stream"


def _is_played(media_type: str) -> bool:
    return media_type.startswith(("audio/", "video/"))


def _locate(
    target: str,
    place: IndexedPage,
    resources: Sequence[ResourceView],
    static_file: Callable[[str], Path | None],
    config: Config,
) -> tuple[str, int | None] | None:
    """URL and size of what `target` names: a file of the bundle, a static file, or an address elsewhere."""
    if leaves_site(target):
        url = f"https:{target}" if target.startswith("//") else target
        return (url, None) if url.lower().startswith(("https://", "http://")) else None
    name = unquote(target.removeprefix("./"))
    for resource in resources:
        if name == resource.name or unquote(resource.url).endswith(f"/{name}"):
            return resource.url, resource.size_bytes
    beside = f"{unquote(place.url).strip('/')}/{name}"
    for path in (name.lstrip("/"), beside) if not name.startswith("/") else (name.lstrip("/"),):
        file = static_file(path)
        if file is not None:
            return with_base(config, f"/{quote(path, safe='/~!$&()*+,;=:@')}"), file.stat().st_size
    return None


def _missing(key: str, target: str, place: IndexedPage) -> Diagnostic:
    source = place.source
    return Diagnostic(
        code="SG405",
        severity="warning",
        message=f"`{key}` names the file `{target}`, which is not there",
        location=place_of_keys(source, (key,), place.meta.lines, place.meta.nested, target)
        if source
        else None,
        hint="put the file beside the page (in its bundle) or below `static/`, or correct the path",
    )


def _whole(table: Mapping[str, object], keys: Sequence[str]) -> int | None:
    """The first of some keys that holds a whole number, also as text."""
    for key in keys:
        text = str(table.get(key, "")).strip()
        if _WHOLE.fullmatch(text):
            return int(text)
    return None


def _duration(value: object) -> int | None:
    """Seconds, from a number, or from `MM:SS` or `H:MM:SS`."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return round(value) if math.isfinite(value) and value >= 0 else None
    match = _DURATION.fullmatch(str(value).strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds
