"""White space that shows nowhere, taken out of templates where they are compiled: a page costs nothing.

Only the template's own text is read, in the order in which it is written, and only runs of white space between tags, and
between the attributes of a tag, are changed. A run is dropped where browsers drop it: inside the edges of a block, and between
two of them; else one sign of it stays, so no words are joined. `pre`, `textarea`, `script` and `style`, comments and values in quotes stay as they are, and
so does a template whose tags cannot be told apart (one that opens a tag for another to close).
"""

from __future__ import annotations

import re
from typing import Final

from jinja2 import nodes

_BLOCKS: Final = frozenset(
    # elements whose own edges no text shares a line with; `li`, `dt` and `dd` may be set in a row by a style sheet
    "html head body title meta link script style base noscript template main header footer nav section article aside"  # noqa: SIM905
    " div p h1 h2 h3 h4 h5 h6 ul ol dl table caption colgroup thead tbody tfoot tr td th figure figcaption form"
    " fieldset hr blockquote details summary dialog pre".split()
)
_RAW: Final = frozenset({"pre", "textarea", "script", "style"})
_TEXT: Final = re.compile(r"[^<]+")
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_INSIDE: Final = re.compile(r"\s+|[\"'>]|[^\s\"'>]+")
_ENDS: Final = {
    "--": re.compile("-->"),
    **{name: re.compile(f"</{name}", re.ASCII | re.IGNORECASE) for name in _RAW},
}
_OUTSIDE: Final = frozenset({"shortcodes"})
"""Folders of templates whose text becomes a part of Markdown."""


def minified(template: nodes.Template, name: str | None) -> nodes.Template:
    """The template with less white space; as it is where it is no HTML page's.

    Args:
        template: as it was read; its texts are changed in place.
        name: of the template.
    """
    if name is None or not name.endswith(".html") or not _OUTSIDE.isdisjoint(name.split("/")[:-1]):
        return template
    texts = list(template.find_all(nodes.TemplateData))
    reader = _Reader()
    changed = [reader.read(text.data) for text in texts]
    if reader.is_between_tags:
        for text, data in zip(texts, changed, strict=True):
            text.data = data
    return template


class _Reader:
    """Reads the texts of a template one after the other, and knows where in the HTML it is."""

    def __init__(self) -> None:
        self._element = ""
        """The tag being read, with its `/`; empty outside."""
        self._quote = ""
        self._raw = ""
        """What is being read whole: an element of `_RAW`, or `--`, a comment."""

    @property
    def is_between_tags(self) -> bool:
        """Whether nothing is left open."""
        return not (self._element or self._raw)

    def read(self, data: str) -> str:
        """The text without what shows nowhere."""
        parts: list[str] = []
        before: str | None = (
            None  # the tag that ends where white space begins; None after a value or a statement
        )
        at = 0
        while at < len(data):
            if self._element:
                at, before = self._tag(data, at, parts)
            elif self._raw:
                at, before = self._whole(data, at, parts)
            elif data.startswith("<!--", at):
                self._raw = "--"
            elif (tag := _TAG.match(data, at)) is not None:
                self._element = f"{tag[1]}{tag[2].lower()}"
                parts.append(tag[0])
                at = tag.end()
            else:
                at, before = self._text(data, at, before, parts), None
        return "".join(parts)

    def _text(self, data: str, at: int, before: str | None, parts: list[str]) -> int:
        """What stands between tags."""
        found = _TEXT.match(data, at)
        if found is None:  # a `<` that begins no tag
            parts.append(data[at])
            return at + 1
        end = found.end()
        text = found[0]
        if text.isspace():
            following = _TAG.match(data, end)
            after = f"{following[1]}{following[2].lower()}" if following is not None else None
            text = "" if _is_dropped(before, after) else ("\n" if "\n" in text else " ")
        parts.append(text)
        return end

    def _tag(self, data: str, at: int, parts: list[str]) -> tuple[int, str | None]:
        """A tag's attributes, to its end or to that of the text."""
        while at < len(data):
            if self._quote:
                end = data.find(self._quote, at)
                stop = len(data) if end < 0 else end + 1
                parts.append(data[at:stop])
                at = stop
                if end >= 0:
                    self._quote = ""
                continue
            found = _INSIDE.match(data, at)
            if found is None:  # never: one of its three takes any sign
                break
            piece, at = found[0], found.end()
            if piece.isspace():
                parts.append(" ")
                continue
            parts.append(piece)
            if piece in ('"', "'"):
                self._quote = piece
            elif piece == ">":
                element, self._element = self._element, ""
                if element in _RAW:
                    self._raw = element
                return at, element
        return at, None

    def _whole(self, data: str, at: int, parts: list[str]) -> tuple[int, str | None]:
        """What is kept as it is, up to its end."""
        ends = _ENDS[self._raw].search(data, at)
        if ends is None:
            parts.append(data[at:])
            return len(data), None
        stop = ends.end() if self._raw == "--" else ends.start()
        parts.append(data[at:stop])
        self._raw = ""
        return stop, None


def _is_dropped(before: str | None, after: str | None) -> bool:
    """Whether browsers drop white space between these two tags; None stands for what is not known."""
    is_open = before is not None and before in _BLOCKS
    is_close = after is not None and after.startswith("/") and after[1:] in _BLOCKS
    if is_open or is_close:
        return True
    return bool(before and after) and str(before).lstrip("/") in _BLOCKS and str(after).lstrip("/") in _BLOCKS
