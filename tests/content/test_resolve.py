"""References to pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.content.document import PageKey
from sitegen.content.resolve import left_out
from sitegen.content.site import SiteIndex, resolve_page

FILES = {
    f"content/{name}": "---\ntitle: T\n---\n"
    for name in (
        "_index.md",
        "about.md",
        "posts/_index.md",
        "posts/a.md",
        "posts/b.md",
        "posts/bundle/index.md",
        "posts/My Page.md",
        "docs/a.md",
        "docs/deep/only.md",
        "notes/x/twice.md",
        "notes/y/twice.md",
    )
}


@pytest.fixture
def index(index_site: Callable[..., SiteIndex]) -> SiteIndex:
    """A site with names that occur once and twice."""
    return index_site(FILES)


@pytest.mark.parametrize(
    ("target", "base", "expected"),
    [
        ("/posts/a", "/about", "/posts/a"),
        ("/posts/a.md", "/about", "/posts/a"),
        ("/posts/bundle/index.md", "/about", "/posts/bundle"),
        ("/posts/_index.md", "/about", "/posts"),
        ("/posts/", "/about", "/posts"),
        ("/", "/about", "/"),
        ("a.md", "/posts/b", "/posts/a"),
        ("./a.md", "/posts/b", "/posts/a"),
        ("../docs/a.md", "/posts/b", "/docs/a"),
        ("a.md", "/docs/deep/only", None),
        ("a.md", "/posts", "/posts/a"),
        ("bundle/index.md", "/posts/a", "/posts/bundle"),
        ("../a.md", "/posts/bundle", "/posts/a"),
        ("a.md", "/posts/bundle", "/posts/a"),
        ("index.md", "/posts/bundle", "/posts/bundle"),
        ("_index.md", "/posts/a", "/posts"),
        ("posts/a", "/about", "/posts/a"),
        ("only", "/about", "/docs/deep/only"),
        ("deep/only.md", "/about", "/docs/deep/only"),
        ("twice", "/about", None),
        ("x/twice", "/about", "/notes/x/twice"),
        ("My Page.md", "/posts/a", "/posts/my-page"),
        ("My%20Page.md", "/posts/a", "/posts/my-page"),
        ("gone.md", "/posts/a", None),
        ("/gone", "/posts/a", None),
        ("", "/posts/a", None),
    ],
)
def test_resolve(index: SiteIndex, target: str, base: str, expected: str | None) -> None:
    """From the root, beside the file, from the root without a slash, then by a name that is alone."""
    assert resolve_page(index, target, PageKey(base)) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("later.md#part", "content/posts/later.md"),
        ("/posts/My%20Draft.md", "content/posts/My Draft.md"),
        ("draft-bundle", "content/posts/draft-bundle/index.md"),
        ("a.md", None),
        ("nowhere.md", None),
    ],
)
def test_page_that_this_build_leaves_out_is_known(
    index_site: Callable[..., SiteIndex], target: str, expected: str | None
) -> None:
    """Whoever links to a draft is told of it, not that there is no such file."""
    index = index_site(
        FILES
        | {
            "content/posts/later.md": "---\ntitle: T\ndate: 2999-01-01\n---\n",
            "content/posts/My Draft.md": "---\ntitle: T\ndraft: true\n---\n",
            "content/posts/draft-bundle/index.md": "---\ntitle: T\ndraft: true\n---\n",
        }
    )

    hint = left_out(index, target)

    assert (hint and hint.split("`")[1]) == expected
