"""The posts as a blog for sitegen; the peers' blogs have the same pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import sitegen
from benchmarks.posts import Post

PAGER_SIZE: Final = 20
FEED_SIZE: Final = 50
TITLE: Final = "A blog"
BASE_URL: Final = "https://example.org/"

_CONFIGURATION: Final = f"""\
title = "{TITLE}"
baseURL = "{BASE_URL}"

[pagination]
pagerSize = {PAGER_SIZE}
disableAliases = true

[services.rss]
limit = {FEED_SIZE}

[outputs]
home = ["html", "rss"]
section = ["html"]
taxonomy = ["html"]
term = ["html"]
"""


def write_sitegen(root: Path, posts: Iterable[Post]) -> None:
    """A site with sitegen's theme. Its home page lists all posts, as its peers' do, and its base template is its own,
    a copy of the theme's, so that it can be edited."""
    _write(root / "sitegen.toml", _CONFIGURATION)
    theme = Path(sitegen.__file__).parent / "theme" / "templates"
    _write(root / "templates" / "base.html", (theme / "base.html").read_text("utf-8"))
    _write(root / "templates" / "home.html", '{% extends "list.html" %}\n')
    write_yaml_posts(root / "content" / "posts", posts)


def write_yaml_posts(folder: Path, posts: Iterable[Post]) -> None:
    """A file for each post, with front matter in YAML as sitegen, Hugo and Eleventy read it."""
    folder.mkdir(parents=True, exist_ok=True)
    for post in posts:
        (folder / f"{post.name}.md").write_text(yaml_post(post), "utf-8")


def yaml_post(post: Post) -> str:
    """The whole file."""
    return (
        f'---\ntitle: "{post.title}"\ndate: {post.date:%Y-%m-%dT%H:%M:%SZ}\ntags: [{", ".join(post.tags)}]\n'
        f'categories: [{post.category}]\ndescription: "{post.description}"\n---\n\n{post.body}'
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
