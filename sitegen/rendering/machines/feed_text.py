"""A page's HTML as a feed reader gets it: absolute URLs, no scripts, nothing to press."""

from __future__ import annotations

import re
from collections import OrderedDict
from html import escape
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from markupsafe import Markup

from sitegen.config import Config
from sitegen.config.words import ENGLISH, Words
from sitegen.rendering.cells.figures import light_colours, light_only
from sitegen.rendering.stepping import stepper
from sitegen.rendering.urls import absolute, attributes, make_absolute

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

T = TypeVar("T")

MOST_KEPT: Final = 24 * 1024 * 1024
"""Characters: the whole texts of some 800 posts."""
_OVERHEAD: Final = 1000
"""Of an entry beside its texts, in the same unit."""
_DROPPED: Final = frozenset({"script", "style", "button", "template", "form", "dialog", "nav"})
"""Elements that go with all that they hold."""
_TAG = re.compile(
    r"""<(?:!--|(?P<closes>/?)(?P<name>[a-zA-Z][^\s/<>"']*+)(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>)""",
)
"""As in `urls.py`: a `<` outside quotes ends the attempt, so that any text is read in linear time."""
_UNCHANGED: Final = stepper(
    values=r"(?:class|id|href|src|srcset|alt|title|rel|width|height|loading|decoding|scope|align|display|encoding|xmlns|lang)="
    r'"(?!plot["-])[^"\s]*+"',  # a value with a blank in it may hold what looks like an attribute that goes
    stops=_DROPPED | {"iframe", "input", "details"},
    ends=_DROPPED | {"p"},
)
_INTERACTIVE = re.compile(
    r"""\s(?:on[a-z]+|tabindex|contenteditable|autofocus|data-[\w.-]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?""",
    re.IGNORECASE,
)
_HAS_SOURCE = re.compile(r"""\ssrc\s*=\s*["']?[^"'\s>]""", re.IGNORECASE)
_STYLE = re.compile(r'\sstyle="[^"]*"')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold at all."""
_CONTROL_BYTES: Final = bytes((*range(9), 11, 12, *range(14, 32)))
_CONTROL_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")


class FeedTexts:
    """The HTML of pages as feeds have it."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def summary(self, page: PageView) -> str:
        """The summary; the description where there is none."""
        return feed_html(page.summary, self._config, page.url) or str(Markup.escape(page.description))

    def content(self, page: PageView) -> str:
        """The whole text."""
        return feed_html(page.content, self._config, page.url)


class Kept(Generic[T]):
    """What was made last, by a page's key and whether it has the whole text: a page is in the feeds of several lists.

    What has not been asked for longest goes where their texts become too long, so that a site with a thousand tags does
    not hold the texts of all its pages.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        """Make it empty, for so many characters."""
        self._most = most
        self._length = 0
        self._made: OrderedDict[tuple[str, bool], tuple[T, int]] = OrderedDict()

    def get(self, key: tuple[str, bool]) -> T | None:
        """What is kept; None for what is not, or no more."""
        found = self._made.get(key)
        if found is None:
            return None
        self._made.move_to_end(key)
        return found[0]

    def keep(self, key: tuple[str, bool], made: T, length: int) -> T:
        """The same, kept; `length` is that of its texts, in characters."""
        self._made[key] = (made, length + _OVERHEAD)
        self._length += length + _OVERHEAD
        while self._length > self._most and len(self._made) > 1:
            _, (_, gone) = self._made.popitem(last=False)
            self._length -= gone
        return made


def feed_html(html: str, config: Config, page_url: str) -> str:
    """A page's content for a feed.

    What only a script draws becomes a link to the page, beside the picture of it where there is one.

    Args:
        html: as the page has it.
        config: the site's.
        page_url: the page's, with the base path; `#part` links are made absolute with it.
    """
    if not html:
        return ""
    text = _static(without_controls(html), absolute(config, page_url), config.words)
    return make_absolute(light_colours(light_only(text)), config, page_url).strip()


def without_controls(text: str) -> str:
    """Without the characters that no XML file can hold: a title in TOML may have one as an escape."""
    text = _CONTROL_REFERENCE.sub("", text)
    return _CONTROL.sub("", text) if _has_controls(text) else text


def _has_controls(text: str) -> bool:
    """Whether there is any, at a third of the price of a search: a feed is a megabyte."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return True
    has_any = len(encoded.translate(None, _CONTROL_BYTES)) < len(encoded)
    return has_any or (not text.isascii() and ("\ufffe" in text or "\uffff" in text))


def _static(html: str, permalink: str, words: Words = ENGLISH) -> str:
    """The HTML in one pass: without what needs a script, with boxes as characters and folds open."""
    parts: list[str] = []
    done = position = 0
    is_in_note = False
    unclosed: set[str] = set()
    while match := _TAG.search(html, _stepped(html, position)):
        start, position = match.span()
        tag = match.group()
        if match["name"] is None:  # a comment
            end = html.find("-->", position)
            parts.append(html[done:start])
            done = position = end + 3 if end >= 0 else len(html)
            continue
        name = match["name"].lower()
        if name in _DROPPED:
            parts.append(html[done:start])
            done = position = position if match["closes"] else _after(html, name, position, unclosed)
        elif name == "iframe" and not match["closes"] and not _HAS_SOURCE.search(tag):
            # its document is an attribute, most often with a script
            parts += (html[done:start], f"<p>{_see(permalink, words)}</p>")
            done = position = _after(html, name, position, unclosed)
        elif match["closes"]:
            if is_in_note and name == "p":
                parts += (html[done:start], f" {_see(permalink, words)}")
                done, is_in_note = start, False
        elif (changed := _tag(name, tag)) != tag:
            parts += (html[done:start], changed)
            done = position
        if name == "div" and 'class="plot-note"' in tag:
            is_in_note = True
    return "".join((*parts, html[done:]))


def _see(permalink: str, words: Words) -> str:
    return f'<a href="{escape(permalink)}">{escape(words("feed.see_page"))}</a>.'


def _stepped(html: str, position: int) -> int:
    """Where the next tag is that a feed may have otherwise."""
    match = _UNCHANGED.match(html, position)
    return match.end() if match is not None else position


def _after(html: str, name: str, position: int, unclosed: set[str]) -> int:
    """Where an element that is dropped ends; behind its own tag where nothing closes it."""
    if name in unclosed:
        return position
    closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, position)
    if closing is None:
        unclosed.add(name)
        return position
    return closing.end()


def _tag(name: str, tag: str) -> str:
    """One opening tag as a feed has it."""
    if name == "input":
        return _checkbox(tag)
    if "=" in tag:
        tag = _INTERACTIVE.sub("", tag)
        if 'class="plot"' in tag:
            tag = _STYLE.sub("", tag)  # the height that the drawing would have
    if name == "details" and not re.search(r"\sopen\b", tag):
        return f"{tag[:-1]} open>"
    return tag


def _checkbox(tag: str) -> str:
    """A task list's box as a character; other inputs go."""
    found = attributes(tag)
    if found.get("type", "").lower() != "checkbox":
        return ""
    return "\u2611" if "checked" in found else "\u2610"
