"""The site that `make site` builds opens from the disk, without a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.rendering.values import RenderedFile

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.browser
def test_the_theme_works_from_file_urls(
    chromium: Browser,
    tmp_path: Path,
    config: Config,
    make_place: Callable[..., IndexedPage],
    make_index: Callable[..., SiteIndex],
    render_site: Callable[..., dict[str, RenderedFile]],
) -> None:
    """From home to a post and back by links alone; styles and scripts load; nothing is asked of the network."""
    index = make_index(
        make_place("/", "home", title="Home"),
        make_place("/posts", "section"),
        make_place("/posts/a", parent=PageKey("/posts"), title="A post"),
        make_place("/assets", "assets", url="", output_path=None),
    )
    bodies = {
        "/": '<p><a id="post" href="/blog/posts/a/">A</a></p>',
        "/posts/a": '<p><a id="up" href="/blog/">Up</a></p>',
    }
    for path, file in render_site(index, bodies, replace(config, relative_urls=True)).items():
        target = tmp_path / "public" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content or b"")
    page = chromium.new_page()
    problems: list[str] = []
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.on(
        "request", lambda request: problems.append(request.url) if request.url.startswith("http") else None
    )

    page.goto((tmp_path / "public/index.html").as_uri())
    page.click("#post")
    title = page.title()
    sheets = page.evaluate("document.styleSheets.length")
    page.click("#up")

    assert title.startswith("A post")
    assert sheets >= 1
    assert page.url == (tmp_path / "public/index.html").as_uri()
    assert problems == []
    page.close()
