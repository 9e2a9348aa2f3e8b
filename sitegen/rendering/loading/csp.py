"""A Content-Security-Policy for each page, made of what stands in its HTML: nothing else can load or run there.

W3C, Content Security Policy Level 3. The policy is a `meta` element at the top of the head, so that it holds on any host and from
a page's first script on; what only a header can say is in the template `_headers`.

An inline script, a style element and an event handler are allowed by the hash of their text, a file of another host by
that host; WebAssembly where search is loaded. Style attributes are allowed only on a page that has one, style elements of
scripts by the hashes that stand beside the script, without a hash only beside one of which none are known: Mermaid and
plotly.js 2. No page may make code of text (`unsafe-eval`).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import Final

from sitegen.rendering.loading.loads import Loads, loads_of, tags

_HEAD: Final = re.compile(r"<head\b[^>]*>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
_OWN_POLICY: Final = re.compile(
    r"""<meta\s(?:[^>"']|"[^"]*"|'[^']*')*?http-equiv\s*=\s*["']?content-security-policy["'\s>]""",
    re.IGNORECASE,
)
_HANDLER: Final = re.compile(r"\son[A-Za-z]{3,30}\s*=")
VEGA_STYLES: Final = (
    "'sha256-3DGwvqeuzfpl1OM1mb285/TwB5+qWlC5a2FoZJ0askE='",
    "'sha256-AxXafLC2yNU/3Lg+zDmkYjwsZc5mxpXIdju+mGfmiCg='",
)
"""Of the style elements that the Vega scripts of the theme make: its menu, its tooltips. A test in a browser holds them to it."""
_PLOTLY: Final = re.compile(
    r'<template class="plot-library" data-library="plotly(?:-strict)?"(?: data-styles="((?:sha256-[A-Za-z0-9+/]{43}=| )*)")?>'
)
"""The loader of a plotly.js, with the hashes of the style elements that it makes, where they are known (`interactive.py`)."""
_STYLING: Final = '<template class="diagram-library">'
"""Mermaid, where a reader's browser runs it, makes styles for what it measures: no hash is known."""
_VEGA: Final = '<template class="plot-library" data-library="vega">'
_SEARCHING: Final = 'class="search-form"'
_SEARCH_FORM: Final = re.compile(r'<form\b[^<>]* ?class="search-form"')
"""Pagefind is WebAssembly, which this allows and no text as code; the form stands on the search page and in each page's dialog."""

COMMENTS: Final = 'data-comments="giscus"'
"""On a page whose reader may ask for its comments: the button that loads them."""
_COMMENTING: Final = re.compile(r'<[a-z]+\b[^<>]* data-comments="giscus"')
"""In a tag: the same words in code that a page shows ask for nothing."""
GISCUS: Final = "https://giscus.app"
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


def with_policy(html: str, extra: Mapping[str, tuple[str, ...]], loads: Loads | None = None) -> str:
    """The page with its policy; a page that has one of its own keeps that.

    Args:
        html: the page as it is published: nothing of it may change afterwards.
        extra: directives to sources that the site's author adds, such as hosts that a script asks.
        loads: what the page loads, where that is known.
    """
    head = _HEAD.search(html)
    if head is None or _OWN_POLICY.search(html, head.start(), max(html.find("</head>"), head.end())):
        return html
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(html, extra, loads))}">'
    return f"{html[: head.end()]}\n{meta}{html[head.end() :]}"


def policy(html: str, extra: Mapping[str, tuple[str, ...]], loads: Loads | None = None) -> str:
    """The policy of a page, as the header's value."""
    loaded = loads_of(html) if loads is None else loads
    found: dict[str, dict[str, None]] = {name: dict.fromkeys(sources) for name, sources in BASE.items()}

    def allow(directive: str, *sources: str) -> None:
        if directive not in found:
            found[directive] = {}
        found[directive].pop("'none'", None)
        found[directive].update(dict.fromkeys(sources))

    for element, text in loaded.inline:
        allow(f"{element}-src", _hashed(text))
    if _HANDLER.search(html):
        handlers = tuple(_handlers(html))
        if handlers:  # not the whole of 'unsafe-inline': these texts and no other
            allow("script-src", "'unsafe-hashes'", *map(_hashed, handlers))
    if "style=" in html and any("style" in attributes for attributes in tags(html)):
        allow("style-src-attr", "'unsafe-inline'")
    for directive, source in loaded.elsewhere:
        allow(directive, source)
    if COMMENTS in html and _COMMENTING.search(html):
        for directive in ("script-src", "style-src", "frame-src"):
            allow(directive, *BASE.get(directive, ()), GISCUS)
    if _VEGA in html:
        allow("style-src", *VEGA_STYLES)
    if _SEARCHING in html and _SEARCH_FORM.search(html):
        allow("script-src", "'wasm-unsafe-eval'")
    unknown = _STYLING in html
    if 'class="plot-library"' in html:
        for loader in _PLOTLY.finditer(html):
            if loader[1] is None:
                unknown = True
            else:
                allow("style-src", *(f"'{each}'" for each in loader[1].split()))
    if unknown:
        hosts = (each for each in found["style-src"] if not each.startswith("'sha256-"))
        found["style-src"] = dict.fromkeys((*hosts, "'unsafe-inline'"))  # beside a hash it would not count
    for directive, sources in extra.items():
        allow(directive, *BASE.get(directive, ("'self'",)), *sources)
    return "; ".join(" ".join((name, *sources)) for name, sources in found.items())


@lru_cache(maxsize=256)
def _hashed(text: str) -> str:
    """A text as a source; browsers hash it with the line ends of HTML."""
    digest = sha256(text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")).digest()
    return f"'sha256-{b64encode(digest).decode('ascii')}'"


def _handlers(html: str) -> Iterator[str]:
    for attributes in tags(html):
        yield from (value for name, value in attributes.items() if name.startswith("on") and value)
