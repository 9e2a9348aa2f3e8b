"""The posts as a blog in the form of a generator: written, edited, and looked through once it is built."""

from __future__ import annotations

import math
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks import posts
from benchmarks.generators import THEMES, Generator
from benchmarks.measuring import Failed
from benchmarks.posts import Post, Variant

PAGER_SIZE: Final = 20
FEED_SIZE: Final = 50
_POSTS: Final = Path("content/posts")
_LOOKED_AT: Final = 200
"""Posts whose pages are read to see whether their code is highlighted."""
_TOKENS: Final = 60
"""Parts of highlighted code that a page has at least: 20 in each of three blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """A corpus in the form that a generator reads."""

    generator: Generator
    folder: Path
    count: int
    """Posts."""
    variant: Variant

    def write_theme(self) -> None:
        """Configuration and templates, into a folder that is not there yet."""
        shutil.copytree(THEMES / self.generator.theme, self.folder)
        for name, text in self.generator.extra.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, "utf-8")
        for name, target in self.generator.linked.items():
            (self.folder / name).symlink_to(target)
        (self.folder / _POSTS).mkdir(parents=True, exist_ok=True)

    def put(self, post: Post) -> None:
        """Write the post's file."""
        self._file(post.number).write_text(self.generator.front_matter(post) + post.body, "utf-8")

    def drop(self, number: int) -> None:
        """Remove the post's file."""
        self._file(number).unlink(missing_ok=True)

    def post(self, number: int) -> Post:
        """As it was before any edit."""
        return posts.post(number, self.count, self.variant)

    @property
    def base_template(self) -> Path:
        """The template that all pages extend."""
        return self.folder / self.generator.base_template

    @property
    def output(self) -> Path:
        """The folder of the built site."""
        return self.folder / self.generator.output

    def page(self, number: int) -> Path:
        """Where a post's page is in the output."""
        return self.output / "posts" / posts.post_name(number) / "index.html"

    def remove(self, names: Iterable[str], *, but: Iterable[str] = ()) -> None:
        """Remove folders that a build has made, but for some below them."""
        kept = [self.folder / name for name in but]
        for name in names:
            _remove(self.folder / name, kept)

    def check(self) -> None:
        """See that the built site, unedited, has what all generators are measured with.

        Raises:
            Failed: a page is missing, or not highlighted; the feed or the site map has not what it should.
        """
        listed = [posts.outline(number, self.variant) for number in range(1, self.count + 1)]
        missing = [path for path in self._expected(listed) if not (self.output / path).is_file()]
        if missing:
            raise Failed(f"{self.generator.name} did not make {len(missing)} files, such as {missing[0]}")
        for each in listed[:: max(1, len(listed) // _LOOKED_AT)]:
            page = self.page(each.number).read_text("utf-8")
            if page.count(self.generator.token) < _TOKENS:
                raise Failed(f"{self.generator.name}: the code of {each.name} is not highlighted")
        items = (self.output / "index.xml").read_text("utf-8").count(self.generator.feed_item)
        if items != min(FEED_SIZE, len(listed)):
            raise Failed(f"{self.generator.name}: the feed has {items} items")
        # of more than 50,000 pages, sitegen makes a map of maps, as sitemaps.org wants it
        maps = sorted(self.output.glob("sitemap*/*.xml")) + sorted(self.output.glob("sitemap*.xml"))
        places = sum(file.read_text("utf-8").count("<loc>") for file in maps)
        if places < len(listed) + 2:
            raise Failed(f"{self.generator.name}: the site map has {places} places")

    def copy(self, folder: Path) -> Blog:
        """The same blog, never built, in a folder that is not there yet."""
        made = {str(self.folder / name) for name in self.generator.made}

        def is_made(parent: str, names: list[str]) -> set[str]:
            return {name for name in names if str(Path(parent, name)) in made}

        shutil.copytree(self.folder, folder, symlinks=True, ignore=is_made)
        return replace(self, folder=folder)

    def differing(self, other: Blog) -> list[str]:
        """Files that only one of two built sites has, or that say something else."""
        ours, theirs = (
            {path.relative_to(blog.output).as_posix() for path in blog.output.rglob("*") if path.is_file()}
            for blog in (self, other)
        )
        return sorted(
            (ours ^ theirs)
            | {
                name
                for name in ours & theirs
                if (self.output / name).read_bytes() != (other.output / name).read_bytes()
            }
        )

    def sizes(self) -> dict[str, int]:
        """How many files the site has, how many bytes are in them, and in what is kept for the next build."""
        files = list(_files(self.output))
        state = {
            (found.st_dev, found.st_ino): found.st_size
            for name in self.generator.state
            for found in _files(self.folder / name)
        }
        for found in files:  # a hard link to a published file is no second one
            state.pop((found.st_dev, found.st_ino), None)
        return {
            "files": len(files),
            "output_bytes": sum(found.st_size for found in files),
            "state_bytes": sum(state.values()),
        }

    def _file(self, number: int) -> Path:
        return self.folder / _POSTS / f"{posts.post_name(number)}.md"

    def _expected(self, made: list[Post]) -> Iterator[str]:
        """Every page of the site, as all generators make them."""
        yield from ("sitemap.xml", "tags/index.html", "categories/index.html")
        yield from (f"posts/{each.name}/index.html" for each in made)
        listed = Counter({"": len(made), "posts/": len(made)})
        listed.update(f"tags/{tag}/" for each in made for tag in each.tags)
        listed.update(f"categories/{each.category}/" for each in made)
        for place, count in listed.items():
            yield f"{place}index.html"
            for number in range(2, math.ceil(count / PAGER_SIZE) + 1):
                yield f"{place}page/{number}/index.html"


def _remove(folder: Path, kept: list[Path]) -> None:
    if folder in kept:
        return
    if not any(path.is_relative_to(folder) for path in kept):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.is_dir():
        for child in folder.iterdir():
            if child.is_dir() and not child.is_symlink():
                _remove(child, kept)
            else:
                child.unlink()


def _files(folder: Path) -> Iterator[os.stat_result]:
    for parent, _, names in os.walk(folder):
        yield from ((Path(parent) / name).stat() for name in names)
