"""What links mean, and what looking it up asks of other pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import cast

import pytest

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex, StaticFile
from sitegen.frozen import FrozenDict
from sitegen.rendering.links import adopt_published_files, published_files, resolve_link


class _Counted(Mapping[PageKey, IndexedPage]):
    """Pages that lie on disk: whoever asks for one has it read."""

    def __init__(self, pages: Mapping[PageKey, IndexedPage]) -> None:
        self.pages = pages
        self.read: list[PageKey] = []

    def __getitem__(self, key: PageKey) -> IndexedPage:
        self.read.append(key)
        return self.pages[key]

    def __contains__(self, key: object) -> bool:
        return key in self.pages

    def __iter__(self) -> Iterator[PageKey]:
        return iter(self.pages)

    def __len__(self) -> int:
        return len(self.pages)


@pytest.fixture
def site(
    make_place: Callable[..., IndexedPage], make_index: Callable[..., SiteIndex], config: Config
) -> tuple[SiteIndex, _Counted]:
    """Twenty posts and a static file."""
    static = StaticFile(output_path=PurePosixPath("img/a.png"), file=config.root / "static/img/a.png")
    index = make_index(*(make_place(f"/posts/p{number}") for number in range(20)), static_files=(static,))
    pages = _Counted(index.pages)
    return replace(index, pages=cast("FrozenDict[PageKey, IndexedPage]", pages)), pages


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/posts/p7/", "/blog/posts/p7/"),
        ("/posts/p7.md#end", "/blog/posts/p7/#end"),
        ("p7.md", "/blog/posts/p7/"),
        ("/img/a.png?v=1", "/blog/img/a.png?v=1"),
    ],
)
def test_a_link_asks_for_the_page_that_it_names_once(
    site: tuple[SiteIndex, _Counted], config: Config, target: str, url: str
) -> None:
    """Pages of one folder that link to one page share the answer; no page is asked that is not named."""
    index, pages = site
    adopt_published_files(index, config, {"img/a.png": str(config.root / "static/img/a.png")})
    linking = [pages.pages[PageKey(f"/posts/p{number}")] for number in range(5)]

    found = {resolve_link(target, page, index, config).url for page in linking}

    assert found == {url}
    assert set(pages.read) <= {"/posts/p0", "/posts/p7"}  # the first that links, and what it names
    assert len(pages.read) <= 3


def test_published_files_are_those_of_static_and_of_bundles(
    site: tuple[SiteIndex, _Counted], config: Config
) -> None:
    """What a build may keep and hand in again."""
    index, _ = site

    assert published_files(index) == {"img/a.png": str(config.root / "static/img/a.png")}
