"""A Content-Security-Policy for each page, made of what stands in its HTML: nothing else can load or run there.

W3C, Content Security Policy Level 3. The policy is a `meta` element at the top of the head, so that it holds on any host and from
a page's first script on; what only a header can say is in the template `_headers`.

An inline script, a style element and an event handler are allowed by the hash of their text, a file of another host by
that host. Style attributes are allowed only on a page that has one, style elements without a hash only beside a script that
makes such: Plotly's and Jupyter widgets'. No page may make code of text (`unsafe-eval`).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from html import escape, unescape
from typing import Final
from urllib.parse import urlsplit

_ATTRIBUTES: Final = r"""((?:[^>"']|"[^"]*"|'[^']*')*)"""
_BLOCK: Final = re.compile(rf"<(script|style)\b{_ATTRIBUTES}>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG: Final = re.compile(rf"<([a-z][a-z0-9-]*)\b{_ATTRIBUTES}>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
_HEAD: Final = re.compile(r"<head\b[^>]*>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
_OWN_POLICY: Final = "content-security-policy"
_HANDLER: Final = re.compile(r" on[A-Za-z]{3,30}\s*=")
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
    {"", "module", "text/javascript", "application/javascript", "text/ecmascript", "application/ecmascript"}
)
"""`type`s of script elements that run; any other holds data, which no policy is asked about."""

VEGA_STYLES: Final = (
    "'sha256-3DGwvqeuzfpl1OM1mb285/TwB5+qWlC5a2FoZJ0askE='",
    "'sha256-AxXafLC2yNU/3Lg+zDmkYjwsZc5mxpXIdju+mGfmiCg='",
)
"""Of the style elements that the Vega scripts of the theme make: its menu, its tooltips. A test in a browser holds them to it."""
_STYLING: Final = ('class="plot-library" data-library="plotly"', "/embed.js")
"""Plotly comes in the version that the kernel has, and Jupyter widgets put addresses of fonts into their styles: no hash is known."""

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
BASE: Final[Mapping[str, tuple[str, ...]]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "media-src": ("'self'", "data:"),
    "font-src": ("'self'", "data:"),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'self'",),
}
"""What every page may do: with the site's own files."""


def with_policy(html: str, extra: Mapping[str, tuple[str, ...]]) -> str:
    """The page with its policy; a page that has one of its own keeps that.

    Args:
        html: the page as it is published: nothing of it may change afterwards.
        extra: directives to sources that the site's author adds, such as hosts that a script asks.
    """
    head = _HEAD.search(html)
    if head is None or _OWN_POLICY in html[head.start() : max(html.find("</head>"), head.end())].lower():
        return html
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(html, extra))}">'
    return f"{html[: head.end()]}\n{meta}{html[head.end() :]}"


def policy(html: str, extra: Mapping[str, tuple[str, ...]]) -> str:
    """The policy of a page, as the header's value."""
    found: dict[str, dict[str, None]] = {name: dict.fromkeys(sources) for name, sources in BASE.items()}

    def allow(directive: str, *sources: str) -> None:
        if directive not in found:
            found[directive] = {}
        found[directive].pop("'none'", None)
        found[directive].update(dict.fromkeys(sources))

    for element, text in _inline(html):
        allow(f"{element}-src", _hashed(text))
    if _HANDLER.search(html):
        handlers = tuple(_handlers(html))
        if handlers:  # not the whole of 'unsafe-inline': these texts and no other
            allow("script-src", "'unsafe-hashes'", *map(_hashed, handlers))
    if "style=" in html and any("style" in attributes for attributes in _tags(html)):
        allow("style-src-attr", "'unsafe-inline'")
    if _loads_from_elsewhere(html):
        for directive, source in _elsewhere(html):
            allow(directive, source)
    if 'data-library="vega"' in html:
        allow("style-src", *VEGA_STYLES)
    if any(each in html for each in _STYLING):
        found["style-src"] = dict.fromkeys(("'self'", "'unsafe-inline'"))  # beside a hash it would not count
    for directive, sources in extra.items():
        allow(directive, *BASE.get(directive, ("'self'",)), *sources)
    return "; ".join(" ".join((name, *sources)) for name, sources in found.items())


def _inline(html: str) -> Iterator[tuple[str, str]]:
    """Element and text of what stands in the page itself."""
    for opening in ("<script", "<style"):
        at = html.find(opening)
        while at >= 0:
            block = _BLOCK.match(html, at)
            if block is not None and _is_run(block):
                yield opening[1:], block[3]
            at = html.find(opening, block.end() if block is not None else at + 1)


def _is_run(block: re.Match[str]) -> bool:
    """Whether an element is a style, or a script whose text is run."""
    if block[1].lower() == "style":
        return True
    given = _attributes(block[2]) if block[2] else {}
    return "src" not in given and given.get("type", "").strip().lower() in _SCRIPT_TYPES


@lru_cache(maxsize=256)
def _hashed(text: str) -> str:
    """A text as a source; browsers hash it with the line ends of HTML."""
    digest = sha256(text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")).digest()
    return f"'sha256-{b64encode(digest).decode('ascii')}'"


def _tags(html: str) -> Iterator[dict[str, str]]:
    """The attributes of each tag that has any."""
    return (_attributes(tag[2]) for tag in _TAG.finditer(html) if tag[2])


def _handlers(html: str) -> Iterator[str]:
    for attributes in _tags(html):
        yield from (value for name, value in attributes.items() if name.startswith("on") and value)


def _elsewhere(html: str) -> Iterator[tuple[str, str]]:
    """Directive and host of what a page takes from other sites."""
    for tag in _TAG.finditer(html):
        if "//" not in tag[2]:
            continue
        element, attributes = tag[1].lower(), _attributes(tag[2])
        if element == "link":
            for rel in attributes.get("rel", "").lower().split():
                if rel in _LINKS:
                    yield from _hosts(_LINKS[rel], attributes.get("href", ""))
            continue
        for name, value in attributes.items():
            directive = _SOURCES.get((element, name))
            if directive is not None:
                yield from _hosts(directive, *(_candidates(value) if name == "srcset" else (value,)))


def _loads_from_elsewhere(html: str) -> bool:
    """Whether any tag may take something from another site; a look at every tag costs ten times as much."""
    at = html.find("//")
    while at >= 0:
        start = html.rfind("<", max(0, at - _LONGEST_TAG), at)
        if start >= 0 and html.startswith(_LOADING, start):
            tag = html[start:at]
            if not ("canonical" in tag or "alternate" in tag):
                return True
        at = html.find("//", at + 2)
    return False


def _candidates(srcset: str) -> Iterable[str]:
    return (part.split()[0] for part in srcset.split(",") if part.strip())


def _hosts(directive: str, *urls: str) -> Iterator[tuple[str, str]]:
    for url in urls:
        try:
            parts = urlsplit(url.strip())
        except ValueError:  # no URL: a browser loads nothing
            continue
        if parts.scheme.lower() in ("http", "https", "") and parts.netloc:
            scheme = f"{parts.scheme.lower()}://" if parts.scheme else ""
            yield directive, scheme + parts.netloc.rpartition("@")[2].lower()


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(text):
        value = attribute[2] or ""
        found.setdefault(attribute[1].lower(), unescape(value[1:-1] if value[:1] in ('"', "'") else value))
    return found
