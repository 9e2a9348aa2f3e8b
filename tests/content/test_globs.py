"""Path patterns of cascades and resources."""

from __future__ import annotations

import pytest

from sitegen.content.globs import matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/posts/**", "/posts/a/b", True),
        ("/posts/*", "/posts/a/b", False),
        ("/posts/*", "/posts/a", True),
        ("{/posts,/posts/**}", "/posts", True),
        ("{page,section}", "section", True),
        ("{page,section}", "home", False),
        ("*.PNG", "a.png", True),
        ("img-?.png", "img-1.png", True),
        ("img-[0-9].png", "img-x.png", False),
        ("img-[!0-9].png", "img-x.png", True),
        ("a.png", "axpng", False),
        ("**.{png,jpg}", "sub/a.jpg", True),
        ("a[", "a[", True),
        ("{a,b", "b", True),
    ],
)
def test_matches(pattern: str, path: str, expected: bool) -> None:
    """`*` stays in one part, `**` does not; case does not count; a broken pattern is text."""
    assert matches(pattern, path) is expected
