"""Pagers: what each lists, where it is, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config, Pagination, load_config
from sitegen.rendering.lists import pagination
from sitegen.rendering.lists.pagination import Paginator, pager_output_path, pager_url, paginate
from sitegen.rendering.values import RenderedFile

Render = Callable[..., dict[str, str]]


@pytest.fixture
def render(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> Render:
    """Renders a site with five posts and other files: path to text."""

    def make(files: dict[str, str] | None = None, **settings: Any) -> dict[str, str]:
        posts = {
            f"content/posts/{number}.md": f'+++\ntitle = "P{number}"\ntags = ["t"]\n+++\n'
            for number in range(5)
        }
        root = write_site({"sitegen.toml": 'baseURL = "https://example.org/b/"\n', **posts, **(files or {})})
        config = replace(load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), environ={}), **settings)
        return {
            path: (file.content or b"").decode("utf-8", "replace")
            for path, file in render_content(config).items()
        }

    return make


def _below(files: dict[str, str], folder: str) -> set[str]:
    return {path for path in files if path.startswith(folder) and path.endswith(".html")}


def test_pagers_of_a_list() -> None:
    """Numbers from 1, addresses beside the list, nothing before the first and after the last."""
    pagers = [paginate("abcde", number=number, size=2, url="/p/", path="page") for number in (1, 2, 3)]

    assert [pager.pages for pager in pagers] == [("a", "b"), ("c", "d"), ("e",)]
    assert [(pager.previous, pager.next) for pager in pagers] == [
        (None, "/p/page/2/"),
        ("/p/", "/p/page/3/"),
        ("/p/page/2/", None),
    ]
    assert {(pager.first, pager.last, pager.total, pager.total_items) for pager in pagers} == {
        ("/p/", "/p/page/3/", 3, 5)
    }
    assert [(pager.number, pager.url, pager.is_current) for pager in pagers[1].pagers] == [
        (1, "/p/", False),
        (2, "/p/page/2/", True),
        (3, "/p/page/3/", False),
    ]


def test_an_empty_list_has_one_page_and_no_pagers() -> None:
    """As Hugo's: 0 in all, and the list's own address."""
    pager: Paginator[str] = paginate((), number=1, size=2, url="/p/", path="page")

    assert (pager.total, pager.pages, pager.pagers, pager.last, pager.next) == (0, (), (), "/p/", None)


@pytest.mark.parametrize(
    ("url", "output", "expected"),
    [
        ("/p/", "p/index.html", ("/p/page/2/", "p/page/2/index.html")),
        ("/p.html", "p.html", ("/p/page/2.html", "p/page/2.html")),
    ],
)
def test_addresses_and_files_fit(tmp_path: Path, url: str, output: str, expected: tuple[str, str]) -> None:
    """Also with ugly URLs."""
    config = Config(root=tmp_path, now=datetime(2026, 11, 20, tzinfo=UTC))

    found = pager_url(url, "page", 2), str(pager_output_path(PurePosixPath(output), config, 2))

    assert found == expected


def test_a_pager_costs_what_it_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pagers of a list of four times the length make four times as many addresses, not sixteen."""
    made = 0
    original = pagination.pager_url

    def counted(url: str, path: str, number: int) -> str:
        nonlocal made
        made += 1
        return original(url, path, number)

    monkeypatch.setattr(pagination, "pager_url", counted)
    counts = []
    for length in (1000, 4000):
        made = 0
        for number in range(1, length // 10 + 1):
            paginate(range(length), number=number, size=10, url="/p/", path="page")
        counts.append(made)

    assert counts[1] / counts[0] == pytest.approx(4, rel=0.01)


def test_a_pager_has_an_address_of_its_own(render: Render) -> None:
    """Its canonical address and its title are not the list's, and its head names the pagers beside it."""
    files = render(pagination=Pagination(pager_size=2))
    second = files["posts/page/2/index.html"]

    assert _below(files, "posts/page/") == {f"posts/page/{number}/index.html" for number in (1, 2, 3)}
    assert '<link rel="canonical" href="https://example.org/b/posts/page/2/">' in second
    assert '<link rel="prev" href="/b/posts/">\n<link rel="next" href="/b/posts/page/3/">\n</head>' in second
    assert "Page 2</title>" in second
    assert '<link rel="canonical" href="https://example.org/b/posts/">' in files["posts/index.html"]
    assert "url=https://example.org/b/posts/" in files["posts/page/1/index.html"]


def test_a_page_asks_for_a_size_of_its_own(render: Render) -> None:
    """`pagerSize` in front matter; what is no size counts for nothing."""
    files = render(
        {
            "content/posts/_index.md": '+++\ntitle = "Posts"\npagerSize = 4\n+++\n',
            "content/tags/t/_index.md": '+++\ntitle = "T"\npagerSize = "many"\n+++\n',
        },
        pagination=Pagination(pager_size=3, path="seite", disable_aliases=True),
    )

    assert _below(files, "posts/seite/") == {"posts/seite/2/index.html"}
    assert _below(files, "tags/t/seite/") == {"tags/t/seite/2/index.html"}
    assert files["posts/index.html"].count('class="row"') == 4


def test_home_and_taxonomies_can_be_cut_too(render: Render) -> None:
    """By a template that calls for it: home has the site's pages, a taxonomy its terms."""
    listing = "{% for item in page.paginator(size=2).pages %}{{ item.url }} {% endfor %}"

    files = render({"templates/home.html": listing, "templates/taxonomy.html": listing})

    assert files["page/3/index.html"] == "/b/posts/4/ "
    assert files["tags/index.html"] == "/b/tags/t/ "
    assert _below(files, "page/") == {f"page/{number}/index.html" for number in (1, 2, 3)}
