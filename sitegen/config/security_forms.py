"""The sources of `contentSecuritySources`, as an author writes them.

W3C, Content Security Policy Level 3, 2.3.1 (source lists) and 6 (directives).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from sitegen.config.forms import FormError, Unknown, as_list
from sitegen.errors import did_you_mean, near_match

_DIRECTIVES: Final = (
    *("default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem"),
    *("style-src-attr", "img-src", "media-src", "font-src", "connect-src", "frame-src", "child-src"),
    *("worker-src", "object-src", "manifest-src", "fenced-frame-src", "form-action", "base-uri"),
)
_KEYWORDS: Final = frozenset(
    {
        *("none", "self", "unsafe-inline", "unsafe-eval", "unsafe-hashes", "strict-dynamic", "report-sample"),
        *("wasm-unsafe-eval", "inline-speculation-rules", "trusted-types-eval"),
    }
)
_SCHEMES: Final = ("https", "http", "wss", "ws", "data", "blob", "mediastream", "filesystem")
_QUOTED: Final = re.compile(r"'(?:nonce-[\w+/-]+=*|sha(?:256|384|512)-[\w+/-]+=*)'")
_HOST: Final = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(?:\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?:\d+|\*))?(?:/[^\s;,]*)?",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def source_lists(value: object, unknown: Unknown) -> object:
    """Directive to its sources; one text stands for a list of one. Sources keep their case: hashes and paths have it."""
    if not isinstance(value, Mapping):
        return value
    return {
        str(key).lower(): as_list(item, unknown) if isinstance(item, (str, list, tuple)) else [item]
        for key, item in value.items()
        if item is not None
    }


def check_sources(value: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """The same lists.

    Raises:
        FormError: a directive takes no sources, or a source is none.
    """
    for directive, sources in value.items():
        if directive not in _DIRECTIVES:
            problem = f"`{directive}` is no directive that takes sources"
            raise FormError((directive,), problem, did_you_mean(directive, _DIRECTIVES))
        for number, source in enumerate(sources):
            hint = _wrong(source)
            if hint is not None:
                raise FormError((directive, number), f"`{source}` is no source", hint)
    return value


def _wrong(source: str) -> str | None:
    """What to do about a source that is none; None where it is one."""
    if len(parts := source.split()) > 1 and not any(map(_wrong, parts)):  # as they stand in the header
        return f"write a list: `[{', '.join(map(json.dumps, parts))}]`"
    if source in _KEYWORDS:
        return f"write it in single quotes: `\"'{source}'\"`"
    inside = source[1:-1] if len(source) > 1 and source[0] == source[-1] == "'" else ""
    if inside in _KEYWORDS or _QUOTED.fullmatch(source):
        return None
    match = _SCHEME.fullmatch(source) or _HOST.fullmatch(source)
    if match is None or inside:
        return "write a host: `https://example.org`"
    scheme = (match[1] or "https").lower()
    if scheme in _SCHEMES:
        return None
    near = near_match(scheme, _SCHEMES)
    return f"did you mean `{near}`?" if near else "write a host: `https://example.org`"
