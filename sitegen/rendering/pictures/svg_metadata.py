"""SVG files without what editors write of their users: `metadata`, paths of their machine, EXIF of photographs inside."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Final
from xml.parsers import expat

from sitegen.rendering.pictures.photo_metadata import metadata, without_metadata

_SUSPICIOUS: Final = re.compile(
    rb"<(?:\w+:)?metadata\b|\s(?:inkscape:export-filename|sodipodi:(?:docname|docbase|absref))\s*="
)
_PATHS: Final = frozenset(
    {"inkscape:export-filename", "sodipodi:docname", "sodipodi:docbase", "sodipodi:absref"}
)
_ATTRIBUTE: Final = re.compile(rb"""\s+([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")
_TAG: Final = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_PHOTOGRAPH: Final = re.compile(
    rb"(data:image/(?:jpe?g|png|webp|gif|avif);base64,)((?:[A-Za-z0-9+/=\s]|&#(?:x[9ad]|9|1[03]);)++)(?=[\"')])",
    re.IGNORECASE,
)
"""The whole of it, or nothing: what is cut in a part of a picture breaks it. Inkscape breaks its lines by `&#10;`."""
_LINE_END: Final = re.compile(rb"&#\w+;")


def without_editor(content: bytes) -> bytes:
    """The drawing as it looks, without these; the same object where it has none. One that is no XML is left to others."""
    if b"base64," in content:
        bare = _PHOTOGRAPH.sub(_bare, content)
        content = content if bare == content else bare
    if not _SUSPICIOUS.search(content):
        return content
    cuts = _cuts(content)
    if not cuts:
        return content
    parts, done = [], 0
    for start, end in cuts:
        parts.append(content[done:start])
        done = end
    return b"".join((*parts, content[done:]))


def _bare(match: re.Match[bytes]) -> bytes:
    try:
        photograph = base64.b64decode(_LINE_END.sub(b"", match[2]))
    except binascii.Error:
        return match[0]
    found = metadata(io.BytesIO(photograph))
    if not found.is_personal or found.uncut:
        return match[0]
    return match[1] + base64.b64encode(without_metadata(photograph, found.orientation))


def _cuts(content: bytes) -> list[tuple[int, int]]:
    """Which bytes go, in their order."""
    found: list[tuple[int, int]] = []
    depth, opened = 0, 0
    parser = expat.ParserCreate()

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal depth, opened
        position = parser.CurrentByteIndex
        if depth or name.rsplit(":", 1)[-1] == "metadata":
            opened = opened if depth else position
            depth += 1
        elif not _PATHS.isdisjoint(given):
            tag = _TAG.match(content, position)
            attributes = _ATTRIBUTE.finditer(content, position, tag.end()) if tag is not None else ()
            found.extend(each.span() for each in attributes if each[1].decode("utf-8", "replace") in _PATHS)

    def end(_name: str) -> None:
        nonlocal depth
        if depth:
            depth -= 1
            if not depth:
                opening = _TAG.match(content, opened)
                is_empty = opening is not None and opening[0].endswith(b"/>")
                last = opening if is_empty else _TAG.match(content, parser.CurrentByteIndex)
                found.append((opened, last.end() if last is not None else parser.CurrentByteIndex))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        return []
    return found
