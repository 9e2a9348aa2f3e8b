"""SVG files without what runs or loads: the same bytes, less the parts that are taken out.

A drawing that has none of these is published byte for byte. expat reads the file, as XML and not as HTML (nh3 reads HTML: it
would lose name spaces and the prolog), and says where each element begins and ends.
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

_SUSPICIOUS: Final = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\?xml-stylesheet|[\s:<](?:script|foreignobject|handler|listener|iframe|embed|object)\b|\son[a-z]+\s*="
    rb"|(?:java|vb)script:|&#|@import|attributename\s*=\s*[\"'](?:\w+:)?(?:href|on)|(?:href|src)\s*=\s*[\"']\s*(?!#)[^\"'#\s]|url\(\s*[\"']?\s*(?!#)[^\"'#)\s]|data:",
    re.IGNORECASE,
)
"""Bytes without which there is nothing to take out: most drawings are read no further."""
_REMOVED: Final = frozenset(
    {"script", "foreignobject", "handler", "listener", "iframe", "embed", "object", "audio", "video"}
)
_ANIMATIONS: Final = frozenset({"set", "animate", "animatetransform", "animatemotion"})
_LOADING: Final = frozenset(
    {"image", "use", "feimage", "pattern", "lineargradient", "radialgradient", "mpath"}
)
_ATTRIBUTE: Final = re.compile(rb"""\s+([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")
_DATA_PICTURE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif)[;,]", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://|mailto:|[^:]*\Z", re.IGNORECASE)
_LOADS: Final = re.compile(
    r"@import|url\(\s*+[\"']?+\s*+(?!#|data:image/(?:png|jpe?g|gif|webp|avif)[;,])", re.IGNORECASE
)
_BLANKS: Final = re.compile(r"[\s\x00-\x1f]+")

EMPTY: Final = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'
"""Published in place of a drawing that cannot be made safe."""


class UnsafeError(Exception):
    """A drawing that cannot be read, and so not made safe, with why in words."""


def safe_svg(content: bytes) -> bytes:
    """The drawing without scripts, handlers, foreign content and what it loads; the same object where it has none.

    Links (`a`) to web addresses stay, and so do pictures that are part of the file.

    Raises:
        UnsafeError: it may have such things, and is no XML that can be read.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnsafeError("it is in UTF-16")
    if not _SUSPICIOUS.search(content):
        return content
    cuts = _Cuts(content).found()
    if not cuts:
        return content
    parts: list[bytes] = []
    done = 0
    for start, end in sorted(cuts):
        if start >= done:
            parts.append(content[done:start])
        done = max(done, end)
    parts.append(content[done:])
    return b"".join(parts)


class _Cuts:
    """Which bytes of one drawing are taken out."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._cuts: list[tuple[int, int]] = []
        self._removed: list[tuple[str, int]] = []
        self._style_start: int | None = None
        self._texts: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._texts.append
        self._parser.EntityDeclHandler = self._entity
        self._parser.ProcessingInstructionHandler = self._instruction

    def found(self) -> list[tuple[int, int]]:
        try:
            self._parser.Parse(self._content, True)
        except expat.ExpatError as error:
            raise UnsafeError(f"it is not well formed: {error}") from error
        return self._cuts

    def _entity(self, name: str, is_parameter: int, value: str | None, *_: object) -> None:
        if value is None or is_parameter or re.search(r"[<&]|script:", value, re.IGNORECASE):
            raise UnsafeError(f"it declares the entity `{name}`")

    def _instruction(self, target: str, _data: str) -> None:
        if target.lower() == "xml-stylesheet":
            start = self._parser.CurrentByteIndex
            self._cuts.append((start, self._content.index(b"?>", start) + 2))

    def _start(self, name: str, given: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        local = name.rsplit(":", 1)[-1].lower()
        if local in _REMOVED or (local in _ANIMATIONS and _changes_link(given)):
            self._removed.append((name, start))
            return
        if self._removed:
            if self._removed[-1][0] == name:
                self._removed.append((name, start))
            return
        self._texts.clear()
        unsafe = {key for key, value in given.items() if not _is_safe(local, key, value)}
        if unsafe:
            self._cut_attributes(start, unsafe)

    def _end(self, name: str) -> None:
        position = self._parser.CurrentByteIndex
        if self._removed:
            if self._removed[-1][0] == name:
                _, start = self._removed.pop()
                if not self._removed:
                    self._cuts.append((start, self._element_end(start, position)))
            return
        if name.rsplit(":", 1)[-1].lower() == "style" and _LOADS.search("".join(self._texts)):
            opening = self._content.rfind(b"<" + name.encode(), 0, position)
            self._cuts.append((self._tag_end(opening), position))

    def _element_end(self, start: int, position: int) -> int:
        """Behind an element that begins at `start` and whose closing tag, if it has one, is at `position`."""
        tag_end = self._tag_end(start)
        if self._content[tag_end - 2 : tag_end] == b"/>":
            return tag_end
        return self._content.index(b">", position) + 1

    def _cut_attributes(self, start: int, names: set[str]) -> None:
        end = self._tag_end(start)
        for match in _ATTRIBUTE.finditer(self._content, start, end):
            if match[1].decode("utf-8", "replace") in names:
                self._cuts.append(match.span())
                names.discard(match[1].decode("utf-8", "replace"))
        if names:  # written in a way that we do not see
            raise UnsafeError(f"an attribute cannot be found: `{min(names)}`")

    def _tag_end(self, start: int) -> int:
        """Behind the `>` of the tag that begins at `start`; one in a value is none."""
        match = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""").match(self._content, start)
        if match is None:
            raise UnsafeError("a tag does not end")
        return match.end()


def _changes_link(given: dict[str, str]) -> bool:
    """Whether an animation sets a link or a handler."""
    target = given.get("attributeName", "").rsplit(":", 1)[-1].lower()
    return target == "href" or target.startswith("on")


def _is_safe(element: str, attribute: str, value: str) -> bool:
    local = attribute.rsplit(":", 1)[-1].lower()
    plain = _BLANKS.sub("", value)
    if local.startswith("on"):
        return False
    if local in ("href", "src"):
        if plain.startswith("#") or not plain:
            return True
        if element == "a":
            return _WEB.match(plain) is not None
        return element in _LOADING and _DATA_PICTURE.match(plain) is not None
    if attribute.lower().startswith("xmlns") or local in ("id", "class", "d"):
        return True
    return not _LOADS.search(value) and not re.search(r"(?:java|vb)script:", plain, re.IGNORECASE)
