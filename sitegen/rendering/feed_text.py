"""A page's HTML as a feed reader gets it: absolute URLs, no scripts, nothing to press."""

from __future__ import annotations

import re

from sitegen.config import Config
from sitegen.rendering.figures import light_only
from sitegen.rendering.urls import attributes, make_absolute, map_tags

_NOT_FOR_FEEDS = re.compile(
    r"<(script|style|button|template|form|dialog|nav)\b[^>]*>.*?</\1\s*>|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_INTERACTIVE = re.compile(
    r"""\s(?:on[a-z]+|tabindex|contenteditable|autofocus|data-[\w.-]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?""",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold at all."""


def feed_html(html: str, config: Config, page_url: str) -> str:
    """A page's content for a feed.

    Args:
        page_url: the page's, with the base path; `#part` links are made absolute with it.
    """
    if not html:
        return ""
    text = without_controls(_NOT_FOR_FEEDS.sub("", html))
    text = _INPUT.sub(_checkbox, text)
    text = _TAG.sub(lambda tag: _INTERACTIVE.sub("", tag.group()), text)
    text = light_only(map_tags(text, "details", _open))
    return make_absolute(text, config, page_url).strip()


def without_controls(text: str) -> str:
    """Without the characters that no XML file can hold: a title in TOML may have one as an escape."""
    return _CONTROL.sub("", text)


def _checkbox(tag: re.Match[str]) -> str:
    """A task list's box as a character; other inputs go."""
    found = attributes(tag.group())
    if found.get("type", "").lower() != "checkbox":
        return ""
    return "\u2611" if "checked" in found else "\u2610"


def _open(tag: str) -> str:
    return tag if re.search(r"\sopen\b", tag) else f"{tag[:-1]} open>"
