"""Where a page's notebook can be had and opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.frozen import FrozenDict
from sitegen.rendering.results.open_links import download_links

BOTH = frozenset({PurePosixPath("index.ipynb"), PurePosixPath("index.py")})


def labels(place: IndexedPage, config: Config, **params: str) -> dict[str, str]:
    """Label to address, for a site with such `params`."""
    links = download_links(BOTH, place, replace(config, params=FrozenDict(params)))
    return {link.label: link.url for link in links}


def test_files_come_first_and_pages_without_them_have_none(
    config: Config, make_place: Callable[..., IndexedPage]
) -> None:
    """Notebook and script with the base path; nothing for a page that no kernel runs."""
    place = make_place("/posts/a", "page")
    assert list(labels(place, config).values()) == ["/blog/posts/a/index.ipynb", "/blog/posts/a/index.py"]
    assert download_links(frozenset(), place, config) == ()


def test_colab_opens_what_lies_on_a_branch(config: Config, make_place: Callable[..., IndexedPage]) -> None:
    """A published notebook where the site is on a branch; nothing from hosts that Colab cannot read."""
    place = make_place("/posts/a", "page")
    repository = "https://github.com/you/site"
    assert "Open in Colab" not in labels(place, config, repository=repository)
    found = labels(place, config, repository=f"{repository}.git", pagesbranch="gh-pages")
    assert (
        found["Open in Colab"]
        == "https://colab.research.google.com/github/you/site/blob/gh-pages/posts/a/index.ipynb"
    )
    other = labels(place, config, repository="https://gitlab.com/you/site", pagesBranch="pages")
    assert "Open in Colab" not in other


@pytest.mark.parametrize(("has_environment", "expected"), [(True, True), (False, False)])
def test_binder_opens_notebooks_of_a_repository_with_an_environment(
    config: Config,
    make_place: Callable[..., IndexedPage],
    tmp_path: Any,
    has_environment: bool,
    expected: bool,
) -> None:
    """The source notebook, in the site's folder of the repository."""
    place = make_place("/posts/a", "page")
    assert place.source is not None
    place = replace(place, source=replace(place.source, path=PurePosixPath("content/posts/a.ipynb")))
    if has_environment:
        (tmp_path / "requirements.txt").write_text("numpy\n", encoding="utf-8")

    found = labels(
        place, config, repository="https://github.com/you/site", branch="dev", repositoryFolder="web"
    )

    assert ("Open in Binder" in found) is expected
    if expected:
        assert found["Open in Binder"] == (
            "https://mybinder.org/v2/gh/you/site/dev?labpath=web%2Fcontent%2Fposts%2Fa.ipynb"
        )
        assert found["Open in Colab"].endswith("/github/you/site/blob/dev/web/content/posts/a.ipynb")
