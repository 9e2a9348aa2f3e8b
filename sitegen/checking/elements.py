"""What a page's HTML holds that can be wrong: addresses, ids, pictures, headings, links without words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Final

from sitegen.rendering.urls import attributes, opening_tags

_NAMED: Final = {
    ("a", "href"): "link",
    ("area", "href"): "link",
    ("img", "src"): "image",
    ("img", "srcset"): "image",
    ("source", "srcset"): "image",
    ("image", "href"): "image",
    ("image", "xlink:href"): "image",
    ("input", "src"): "image",
    ("video", "poster"): "image",
    ("video", "src"): "video",
    ("audio", "src"): "audio file",
    ("source", "src"): "media file",
    ("track", "src"): "caption file",
    ("script", "src"): "script",
    ("iframe", "src"): "frame",
    ("embed", "src"): "embedded file",
    ("object", "data"): "embedded file",
    ("form", "action"): "form's address",
    ("button", "formaction"): "form's address",
    ("blockquote", "cite"): "cited source",
    ("q", "cite"): "cited source",
    ("use", "href"): "drawing",
    ("use", "xlink:href"): "drawing",
    ("link", "imagesrcset"): "image",
}
"""Element and attribute to what a reader would call the thing that is named."""
_ATTRIBUTES: Final = frozenset(attribute for _, attribute in _NAMED)
_RELATIONS: Final = {
    "stylesheet": "style sheet",
    "canonical": "canonical address",
    "alternate": "alternate version",
    "icon": "icon",
    "apple-touch-icon": "icon",
    "manifest": "manifest",
    "next": "link",
    "prev": "link",
    "preload": "preloaded file",
    "modulepreload": "script",
}
"""`rel` of a `link` to what it names; of others (`preconnect`, `me`, `webmention`) the address is no file of the site."""
_META_ADDRESSES: Final = frozenset(
    {"og:image", "og:image:url", "og:image:secure_url", "og:url", "og:audio", "og:video", "twitter:image"}
)
_CSS_URL: Final = re.compile(
    r"""/\*(?:.*?\*/|.*)|url\(\s*(?:"([^"]*)"|'([^']*)'|([^\s"'()]*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""",
    re.DOTALL,
)
_HEADING: Final = re.compile(r"h([1-6])")
_ANY_TAG: Final = re.compile(r"<[^>]*>")
_LONGEST_LINK: Final = 4000
"""Characters in which a link's end is looked for: one that is longer surely has words."""
_NO_ADDRESS: Final = frozenset({"", "#"})
_PLACEHOLDER: Final = 'class="build-error"'
"""In an address a shortcode that failed: the build has told of it, and nobody knows what it would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An address in a file."""

    url: str
    """As it stands there, without character references."""
    noun: str
    """What it names: `link`, `image`, `style sheet`."""
    offset: int
    """Where its tag begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something about an element that a reader notices, with where its tag begins."""

    kind: str
    """`no alt`, `empty alt` (of a figure with a caption), `decoration` (an empty one elsewhere), `nameless`, `heading`."""
    detail: str
    """The image's address, the link's, the levels."""
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """One HTML file, read once."""

    references: tuple[Reference, ...]
    ids: frozenset[str]
    """Of elements, and names of old anchors."""
    repeated_ids: tuple[tuple[str, int], ...]
    """With where the second element begins."""
    flaws: tuple[Flaw, ...]


def scan_html(html: str) -> Scanned:
    """What can be checked in a page, in one pass over its tags; scripts, comments and templates are skipped."""
    return _Scan(html).run()


def css_references(css: str, start: int = 0) -> list[Reference]:
    """The addresses in a style sheet: `url()` and `@import`, not those in comments."""
    found = []
    for match in _CSS_URL.finditer(css):
        url = next((group for group in match.groups() if group), "")
        if url:
            noun = "style sheet" if match[0].startswith("@") else "file in a style"
            found.append(Reference(url=url, noun=noun, offset=start + match.start()))
    return found


class _Scan:
    """One pass over a page."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._references: list[Reference] = []
        self._ids: set[str] = set()
        self._repeated: dict[str, int] = {}
        self._flaws: list[Flaw] = []
        self._level = 1
        self._figure_end = -1
        self._has_caption = False
        self._skip_to = 0

    def run(self) -> Scanned:
        for start, end in opening_tags(self._html):
            if start < self._skip_to:
                continue
            tag = self._html[start:end]
            name = re.match(r"<[^\s/>]*", tag)
            element = name[0][1:].lower() if name else ""
            if element == "template":
                self._skip_to = self._closing("template", end, len(self._html))
            elif "=" in tag or element in ("img", "figure", "style", "button") or _HEADING.fullmatch(element):
                self._element(element, attributes(tag), start, end)
        return Scanned(
            references=tuple(self._references),
            ids=frozenset(self._ids),
            repeated_ids=tuple(self._repeated.items()),
            flaws=tuple(self._flaws),
        )

    def _element(self, element: str, given: dict[str, str], start: int, end: int) -> None:
        self._note_id(element, given, start)
        self._note_addresses(element, given, start)
        if "url(" in given.get("style", ""):
            self._references += _at(css_references(given["style"]), start)
        if element == "style":
            css = self._html[end : self._closing("style", end, len(self._html))]
            self._references += css_references(css, end)
        elif element == "figure":
            self._figure_end = self._closing("figure", end, len(self._html))
            self._has_caption = self._html.find("<figcaption", end, self._figure_end) >= 0
        elif element == "img":
            self._note_alt(given, start)
        elif element in ("a", "button"):
            self._note_name(element, given, start, end)
        elif heading := _HEADING.fullmatch(element):
            level = int(heading[1])
            if level > self._level + 1:
                self._flaws.append(Flaw(kind="heading", detail=f"{self._level} {level}", offset=start))
            self._level = level

    def _note_id(self, element: str, given: dict[str, str], start: int) -> None:
        identifier = given.get("id", "")
        if identifier:
            if identifier in self._ids:
                self._repeated.setdefault(identifier, start)
            self._ids.add(identifier)
        if element == "a" and given.get("name"):
            self._ids.add(given["name"])

    def _note_addresses(self, element: str, given: dict[str, str], start: int) -> None:
        for attribute in _ATTRIBUTES & given.keys():
            noun = _NAMED.get((element, attribute))
            if noun is None or (element == "area" and not given[attribute]):
                continue
            urls = _candidates(given[attribute]) if attribute.endswith("srcset") else [given[attribute]]
            self._add(urls, noun, start)
        if element == "link" and "href" in given:
            relations = given.get("rel", "").lower().split()
            noun = next((_RELATIONS[each] for each in relations if each in _RELATIONS), None)
            if noun is not None:
                self._add([given["href"]], noun, start)
        elif element == "meta":
            self._note_meta(given, start)

    def _note_meta(self, given: dict[str, str], start: int) -> None:
        content = given.get("content", "")
        if given.get("http-equiv", "").lower() == "refresh":
            self._add([content.partition("url=")[2]], "redirect", start)
        elif given.get("property", given.get("name", "")).lower() in _META_ADDRESSES:
            self._add([content], "preview's address", start)

    def _add(self, urls: list[str], noun: str, start: int) -> None:
        for url in urls:
            if _PLACEHOLDER in url:
                continue
            if url.strip() or noun in ("link", "image"):  # `[text]()`: the rest may be filled in by scripts
                self._references.append(Reference(url=url.strip(), noun=noun, offset=start))

    def _note_alt(self, given: dict[str, str], start: int) -> None:
        if given.get("role") in ("presentation", "none") or given.get("aria-hidden") == "true":
            return
        name = given.get("src") or given.get("srcset", "").split(" ")[0]
        if _PLACEHOLDER in name:
            return
        shown = "data:" if name.startswith("data:") else name
        if "alt" not in given:
            if not given.get("aria-label") and not given.get("aria-labelledby"):
                self._flaws.append(Flaw(kind="no alt", detail=shown, offset=start))
        elif not given["alt"].strip():
            is_captioned = start < self._figure_end and self._has_caption
            kind = "empty alt" if is_captioned else "decoration"
            self._flaws.append(Flaw(kind=kind, detail=shown, offset=start))

    def _note_name(self, element: str, given: dict[str, str], start: int, end: int) -> None:
        if element == "a" and given.get("href", "") in _NO_ADDRESS:
            return
        is_said = any(given.get(name, "").strip() for name in ("aria-label", "aria-labelledby", "title"))
        if is_said or given.get("aria-hidden") == "true" or "hidden" in given:
            return
        close = self._closing(element, end, end + _LONGEST_LINK)
        inner = self._html[end:close]
        if close == end + _LONGEST_LINK or not _is_empty(inner):
            return
        self._flaws.append(Flaw(kind="nameless", detail=given.get("href", element), offset=start))

    def _closing(self, element: str, start: int, end: int) -> int:
        """Where the element that is open at `start` ends; `end` where that is further."""
        for spelling in (f"</{element}", f"</{element.upper()}"):
            found = self._html.find(spelling, start, end)
            if found >= 0:
                return found
        return end


def _is_empty(inner: str) -> bool:
    """Whether what stands in a link or button says nothing: no text, no picture or drawing with a name."""
    if unescape(_ANY_TAG.sub("", inner)).strip():
        return False
    return not re.search(r"""\b(?:alt|aria-label|title)\s*=\s*["']?[^\s"'>]|<title""", inner, re.IGNORECASE)


def _candidates(srcset: str) -> list[str]:
    parts = (part.strip() for part in re.split(r",\s+|,$", srcset))
    return [part.split()[0] for part in parts if part]


def _at(references: list[Reference], offset: int) -> list[Reference]:
    return [Reference(url=each.url, noun=each.noun, offset=offset) for each in references]
