"""A body's HTML, which is Hugo's, with what a reader's screen needs: tables that scroll, images that keep their place."""

from __future__ import annotations

import re
from typing import Final

from sitegen.config import Config
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.rendering.image_sizes import with_image_sizes
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.urls import attributes, map_tags

_TABLE: Final = re.compile(r"<table[^<>]*>\n\t<thead>\n\t\t\t<tr>\n.*?</table>", re.DOTALL)
"""A table as Markdown writes it; one of raw HTML or of an output has a frame of its own."""
_TASK: Final = re.compile(r'<li>(\s*(?:<p>)?)<input ((?:checked="" )?)disabled="" type="checkbox"( /)?> ')


def on_screen(
    html: str, place: IndexedPage, index: SiteIndex, config: Config, recorder: Recorder = NO_RECORDER
) -> str:
    """The body as the theme shows it.

    Wide tables scroll by themselves, images load when they come near and have their size from the start, and the
    check boxes of task lists have names.
    """
    if "<img" in html:
        html = with_image_sizes(map_tags(html, "img", _lazy), place, index, config, recorder)
    if "<pre><code>" in html:
        html = html.replace("<pre><code>", '<pre tabindex="0"><code>')  # it scrolls, by the keyboard too
    if 'class="lntable"' in html:
        html = html.replace('<table class="lntable">', '<table class="lntable" role="presentation">')
    if "<table" in html:
        html = _TABLE.sub(_scrolling, html)
    if 'type="checkbox"' in html:
        html = _TASK.sub(_named, html)
    return html


def _lazy(tag: str) -> str:
    given = attributes(tag)
    if not given.get("src") or given.keys() & {"loading", "decoding", "fetchpriority"}:
        return tag
    end = "/>" if tag.endswith("/>") else ">"
    return f'{tag[: -len(end)].rstrip()} loading="lazy" decoding="async"{" " if end == "/>" else ""}{end}'


def _scrolling(match: re.Match[str]) -> str:
    return f'<div class="table-scroll" tabindex="0" role="group" aria-label="Table">\n{match[0]}\n</div>'


def _named(match: re.Match[str]) -> str:
    name = "Done" if match[2] else "To do"
    return (
        f'<li class="task-list-item">{match[1]}<input {match[2]}disabled="" type="checkbox" '
        f'aria-label="{name}"{match[3] or ""}> '
    )
