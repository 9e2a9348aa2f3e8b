"""A body's HTML, which is Hugo's, with what a reader's screen needs: tables that scroll, images that keep their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.rendering.recorder import NO_RECORDER, Recorder

if TYPE_CHECKING:
    from sitegen.rendering.pictures.published_pictures import Pictures

_TABLE: Final = re.compile(r"<table[^<>]*>\n\t<thead>\n\t\t\t<tr>\n.*?</table>", re.DOTALL)
"""A table as Markdown writes it; one of raw HTML or of an output has a frame of its own."""
_ACTS: Final = re.compile(r"<(?:img|input|pre><code>|table)")
"""Where something is to be done: found in one search, which costs what two `in` cost."""
_NUMBERED: Final = '<table class="lntable">'
"""Of code with line numbers."""
_TASK: Final = re.compile(r'<li>(\s*(?:<p>)?)<input ((?:checked="" )?)disabled="" type="checkbox"( /)?> ')


def on_screen(
    html: str,
    place: IndexedPage,
    index: SiteIndex,
    config: Config,
    recorder: Recorder = NO_RECORDER,
    *,
    pictures: Callable[[], Pictures] | None = None,
    files: Mapping[PurePosixPath, bytes] | None = None,
) -> str:
    """The body as the theme shows it.

    Wide tables scroll by themselves, pictures load when they come near, have their size from the start and forms to
    choose from, and the check boxes of task lists have names.

    Args:
        html: of the body.
        place: the page.
        index: of the site.
        config: of the site.
        recorder: is told what is read of the site.
        pictures: gives what makes the forms of pictures; None: they have none.
        files: which composing the page has made.
    """
    acts = list(_ACTS.finditer(html))
    kinds = {act[0] for act in acts}
    if "<img" in kinds:
        from sitegen.rendering.pictures.screen_pictures import with_pictures  # here: most pages have none

        made = pictures() if pictures is not None else None
        html = with_pictures(html, place, index, config, pictures=made, files=files, recorder=recorder)
        acts = list(_ACTS.finditer(html))
    if "<pre><code>" in kinds or "<table" in kinds:
        html = _with_frames(html, acts, config.words)
    return _TASK.sub(partial(_named, config.words), html) if "<input" in kinds else html


def _with_frames(html: str, acts: Sequence[re.Match[str]], words: Words) -> str:
    """Code and tables that scroll: each beginning is known."""
    parts: list[str] = []
    done = 0
    for act in acts:
        start = act.start()
        if start < done or act[0] not in ("<pre><code>", "<table"):
            continue
        table = _TABLE.match(html, start)
        if table is not None:
            end, frame = table.end(), _scrolling(_quiet(table[0]), words)
        elif html.startswith(_NUMBERED, start):
            end = start + len(_NUMBERED)
            frame = _quiet(_NUMBERED)
        elif act[0] == "<table":
            continue
        else:
            end, frame = act.end(), _quiet(act[0])
        parts += (html[done:start], frame)
        done = end
    parts.append(html[done:])
    return "".join(parts)


def _quiet(html: str) -> str:
    """Code that scrolls by the keyboard too; tables of line numbers that are read as text."""
    html = html.replace("<pre><code>", '<pre tabindex="0"><code>')
    return html.replace(_NUMBERED, '<table class="lntable" role="presentation">')


def _scrolling(table: str, words: Words) -> str:
    from sitegen.rendering.numeric_columns import with_numeric_columns  # here: most pages have no table

    name, table = escape(words("text.a_table")), with_numeric_columns(table)
    return f'<div class="table-scroll" tabindex="0" role="group" aria-label="{name}">\n{table}\n</div>'


def _named(words: Words, match: re.Match[str]) -> str:
    name = escape(words("text.done" if match[2] else "text.to_do"))
    return (
        f'<li class="task-list-item">{match[1]}<input {match[2]}disabled="" type="checkbox" '
        f'aria-label="{name}"{match[3] or ""}> '
    )
