"""What a template gave to the file that is published: head links, addresses, policy, weight. Nothing of it changes after."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import PurePosixPath

from sitegen import __version__
from sitegen.config import Config
from sitegen.content.document import Digest
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic, TemplateError
from sitegen.files import digest_bytes
from sitegen.rendering.loading.csp import with_policy
from sitegen.rendering.loading.loads import Loads, loads_of
from sitegen.rendering.urls import make_relative
from sitegen.rendering.values import RenderedFile, Weight

_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_NEIGHBOUR = re.compile(r"""<link\b[^<>]*\brel=["']?(?:prev|next)\b""")

Weigh = Callable[[str, int, Loads, PurePosixPath], tuple[Weight, tuple[Diagnostic, ...]]]
"""HTML, its bytes, what it loads and its file's path to what it weighs, and what is wrong with that."""


def html_file(
    path: PurePosixPath,
    html: str,
    place: IndexedPage,
    config: Config,
    diagnostics: tuple[Diagnostic, ...] = (),
    weigh: Weigh | None = None,
) -> RenderedFile:
    """A page's HTML as it is published: with links for where it lies, its policy, and what it weighs."""
    # 404.html is served at any depth: its links stay site-absolute
    if config.relative_urls and place.kind != "404":
        html = make_relative(html, path, config.base_path)
    loads = loads_of(html) if config.content_security_policy or weigh is not None else None
    if config.content_security_policy:  # nothing of the page changes after this
        html = with_policy(html, config.content_security_sources, loads)
    if weigh is None or loads is None:
        return page_file(path, html.encode("utf-8", "replace"), place, diagnostics)
    content = html.encode("utf-8", "replace")
    weight, over = weigh(html, len(content), loads, path)
    return replace(page_file(path, content, place, (*diagnostics, *over)), weight=weight)


def page_file(
    path: PurePosixPath, content: bytes, place: IndexedPage, diagnostics: tuple[Diagnostic, ...] = ()
) -> RenderedFile:
    """A file that a page gives, with what is wrong with it."""
    return RenderedFile(
        path=path,
        digest=Digest(digest_bytes(content)),
        content=content,
        owner=place.key,
        diagnostics=diagnostics,
    )


def with_generator(html: str) -> str:
    """The home page names its generator, as Hugo's does, unless its template has seen to it."""
    if 'name="generator"' in html:
        return html
    head = _HEAD.search(html)
    if head is None:
        return html
    meta = f'\n<meta name="generator" content="sitegen {escape(__version__)}">'
    return html[: head.end()] + meta + html[head.end() :]


def with_neighbours(html: str, previous: str | None, following: str | None) -> str:
    """A pager's head names the pagers beside it, which only a rendered page knows, unless its template has seen to it."""
    head = _HEAD.search(html)
    end = html.find("</head>")
    if head is None or end < 0 or _NEIGHBOUR.search(html, head.end(), end):
        return html
    links = "".join(
        f'<link rel="{name}" href="{escape(url)}">\n'
        for name, url in (("prev", previous), ("next", following))
        if url
    )
    return html[:end] + links + html[end:]


def failure_html(error: TemplateError) -> str:
    """What is published, under `--keep-going`, where a template failed."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Template error</title></head>'
        f'<body><div class="build-error" role="alert"><pre>{escape(str(error))}</pre></div></body></html>\n'
    )
