"""What a page's HTML has a browser run and load: one look at its tags, for its policy (`csp.py`) and its weight (`budget.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Final
from urllib.parse import urlsplit

from sitegen.values import dataclass

_ATTRIBUTES: Final = r"""((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)"""
"""As in `urls.py`: a `<` outside quotes ends the attempt, so that any text is read in linear time."""
_BLOCK: Final = re.compile(rf"<(script|style)\b{_ATTRIBUTES}>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG: Final = re.compile(rf"<([a-z][a-z0-9-]*)\b{_ATTRIBUTES}>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
_LOADING: Final = tuple(
    f"<{name}"
    for name in [
        "script",
        "img",
        "source",
        "video",
        "audio",
        "track",
        "iframe",
        "embed",
        "object",
        "form",
        "input",
        "button",
        "image",
        "use",
        "link",
    ]
)
"""How tags begin that a browser may fetch something for by itself."""
_LONGEST_TAG: Final = 2_000
"""Characters that are looked back from an address for the tag that it is in."""
_SCRIPT_TYPES: Final = frozenset(
    {
        *("", "module", "importmap", "speculationrules"),
        *("text/javascript", "application/javascript", "text/ecmascript", "application/ecmascript"),
        *("text/x-javascript", "application/x-javascript", "text/jscript", "text/livescript"),
    }
)
"""`type`s of script elements that run or say what runs; any other holds data, which no policy is asked about."""
_HOST: Final = re.compile(r"(?:[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
"""What may stand in a policy as a host: no sign that ends a source or a directive, and no `*`."""
_SOURCES: Final[Mapping[tuple[str, str], str]] = {
    ("script", "src"): "script-src",
    ("img", "src"): "img-src",
    ("img", "srcset"): "img-src",
    ("source", "srcset"): "img-src",
    ("source", "src"): "media-src",
    ("video", "src"): "media-src",
    ("video", "poster"): "img-src",
    ("audio", "src"): "media-src",
    ("track", "src"): "media-src",
    ("iframe", "src"): "frame-src",
    ("embed", "src"): "object-src",
    ("object", "data"): "object-src",
    ("form", "action"): "form-action",
    ("input", "formaction"): "form-action",
    ("button", "formaction"): "form-action",
    ("image", "href"): "img-src",
}
"""Element and attribute to the directive that is asked about the address in it."""
_LINKS: Final[Mapping[str, str]] = {
    "stylesheet": "style-src",
    "icon": "img-src",
    "apple-touch-icon": "img-src",
    "manifest": "manifest-src",
    "modulepreload": "script-src",
}
"""`rel` of a link element to the directive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """What a page runs and loads by itself, pictures of the site aside."""

    inline: tuple[tuple[str, str], ...]
    """Element (`script` or `style`) and text of what stands in the page."""
    scripts: tuple[str, ...]
    """Addresses of scripts, as they are written."""
    deferred: tuple[str, ...]
    """Of those in a `template`, which is loaded when another script has a use for it."""
    elsewhere: tuple[tuple[str, str], ...]
    """Directive and host of what comes from other sites; `form-action`, which only a reader asks for, too."""
    third_parties: int
    """Elements that load from other sites; those in a `template`, which wait for a reader's press, aside."""


def loads_of(html: str) -> Loads:
    """What a page has a browser load, as it is published."""
    inline, scripts, deferred = _scripts(html)
    found = tuple(_elsewhere(html)) if _loads_from_elsewhere(html) else ()
    return Loads(
        inline=inline,
        scripts=scripts,
        deferred=deferred,
        elsewhere=tuple(each for _, tag in found for each in tag),
        third_parties=sum(
            any(directive != "form-action" for directive, _ in tag) and not _is_in_template(html, at)
            for at, tag in found
        ),
    )


def style_sheets(html: str) -> Iterator[str]:
    """Addresses of the page's style sheets, as they are written; those in a `template` aside."""
    at = html.find("stylesheet")
    while at >= 0:
        start = html.rfind("<", max(0, at - _LONGEST_TAG), at)
        tag = _TAG.match(html, start) if start >= 0 and html.startswith("<link", start) else None
        if tag is not None:
            given = attributes(tag[2])
            if (
                "stylesheet" in given.get("rel", "").lower().split()
                and given.get("href")
                and not _is_in_template(html, start)
            ):
                yield given["href"]
        at = html.find("stylesheet", at + 1)


def tags(html: str) -> Iterator[dict[str, str]]:
    """The attributes of each tag that has any."""
    return (attributes(tag[2]) for tag in _TAG.finditer(html) if tag[2])


def attributes(text: str) -> dict[str, str]:
    """A tag's attributes by name, of which the first of several counts."""
    found: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(text):
        value = attribute[2] or ""
        found.setdefault(attribute[1].lower(), unescape(value[1:-1] if value[:1] in ('"', "'") else value))
    return found


def candidates(srcset: str) -> Iterable[str]:
    """The addresses of a `srcset`."""
    return (part.split()[0] for part in srcset.split(",") if part.strip())


def _scripts(html: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]:
    """What stands in the page itself, what it loads, what it may load later."""
    inline: list[tuple[str, str]] = []
    scripts: list[str] = []
    deferred: list[str] = []
    for opening in ("<script", "<style", "<SCRIPT", "<STYLE"):
        at = html.find(opening)
        while at >= 0:
            block = _BLOCK.match(html, at)
            if block is not None:
                given = attributes(block[2]) if block[2] else {}
                if block[1].lower() == "style":
                    inline.append(("style", block[3]))
                elif given.get("type", "").strip().lower() in _SCRIPT_TYPES:
                    if "src" in given:
                        (deferred if _is_in_template(html, at) else scripts).append(given["src"])
                    else:
                        inline.append(("script", block[3]))
            at = html.find(opening, block.end() if block is not None else at + 1)
    return tuple(inline), tuple(scripts), tuple(deferred)


def _is_in_template(html: str, at: int) -> bool:
    return html.rfind("<template", 0, at) > html.rfind("</template", 0, at)


def _elsewhere(html: str) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
    """For each tag that takes something from other sites: where it begins, its directives and hosts."""
    for tag in _TAG.finditer(html):
        if "//" in tag[2]:
            found = tuple(_of_tag(tag[1].lower(), attributes(tag[2])))
            if found:
                yield tag.start(), found


def _of_tag(element: str, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if element == "link":
        for rel in given.get("rel", "").lower().split():
            if rel in _LINKS:
                yield from _hosts(_LINKS[rel], given.get("href", ""))
        return
    for name, value in given.items():
        directive = _SOURCES.get((element, name))
        if directive is not None:
            yield from _hosts(directive, *(candidates(value) if name == "srcset" else (value,)))


def _loads_from_elsewhere(html: str) -> bool:
    """Whether any tag may take something from another site; a look at every tag costs ten times as much."""
    at = html.find("//")
    while at >= 0:
        start = html.rfind("<", max(0, at - _LONGEST_TAG), at)
        if start >= 0 and html.startswith(_LOADING, start):
            tag = html[start:at]
            names_a_page = tag.startswith("<link") and ("canonical" in tag or "alternate" in tag)
            if not (names_a_page or _is_over(html, start, at)):
                return True
        at = html.find("//", at + 2)
    return False


def _is_over(html: str, start: int, at: int) -> bool:
    """Whether a tag ends before `at`, which is then in its element's text: data of a page is full of addresses."""
    tag = _TAG.match(html, start)
    return tag is not None and tag.end() <= at


def _hosts(directive: str, *urls: str) -> Iterator[tuple[str, str]]:
    for url in urls:
        try:
            parts = urlsplit(url.strip())
        except ValueError:  # no URL: a browser loads nothing
            continue
        host = _ascii(parts.netloc.rpartition("@")[2].lower())
        if parts.scheme.lower() in ("http", "https", "") and _HOST.fullmatch(host):
            scheme = f"{parts.scheme.lower()}://" if parts.scheme else ""
            yield directive, scheme + host


def _ascii(host: str) -> str:
    """A host as a policy has to name it; as it is, where it is none."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
