"""The kinds of content that `sitegen new` writes: what each is called, where it goes, and what goes with it."""

from __future__ import annotations

from typing import Final

from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind; its text is `theme/starter/NAME.md`, or of that name with its file's ending."""

    name: str
    help: str
    """Of its command, in full sentences."""
    section: str = ""
    """The folder below `content/` that a page of a title goes to."""
    has_folder: bool = False
    """A page has a folder of its own: figures and data of its cells lie beside it."""
    path: str = ""
    """The one place of what a site has once, below `content/`; empty: the title says it."""
    title: str = ""
    """Of that, where none is given."""
    suffix: str = ".md"
    beside: tuple[str, ...] = ()
    """Files of `theme/starter/NAME/` that are written into the folder of the page."""


_BY_TITLE: Final = (
    Kind(
        name="post",
        help="Write a post: below content/posts/ by its TITLE, or where PATH (posts/name.md) says.",
        section="posts",
        has_folder=True,
    ),
    Kind(name="page", help="Write a page: below content/ by its TITLE, or where PATH (about/index.md) says."),
    Kind(
        name="project",
        help="Write a project: below content/projects/ by its TITLE, or where PATH says.",
        section="projects",
        has_folder=True,
    ),
    Kind(
        name="talk",
        help="Write a talk: below content/talks/ by its TITLE, or where PATH says.",
        section="talks",
        has_folder=True,
    ),
    Kind(
        name="slides",
        help="Write a talk whose page is its slides: below content/talks/ by its TITLE, or where PATH says.",
        section="talks",
        has_folder=True,
    ),
    Kind(
        name="news",
        help="Write an item of news: below content/news/ by its TITLE, or where PATH says.",
        section="news",
    ),
    Kind(
        name="notebook",
        help="Write a notebook: below notebooks/ by its TITLE, or where PATH (content/posts/name.ipynb) says.",
        suffix=".ipynb",
    ),
)
_ONCE: Final = (
    Kind(
        name="home", help="Write the home page, content/_index.md, of blocks.", path="_index.md", title="Home"
    ),
    Kind(
        name="about",
        help="Write the page about you, content/about.md.",
        path="about.md",
        title="About",
    ),
    Kind(
        name="cv",
        help="Write a CV, content/cv/index.md, with the resume.json that it shows.",
        path="cv/index.md",
        title="CV",
        beside=("resume.json",),
    ),
    Kind(
        name="publications",
        help="Write the list of your papers, content/publications/, with the papers.bib that it shows.",
        path="publications/_index.md",
        title="Publications",
        beside=("papers.bib",),
    ),
    Kind(
        name="benchmarks",
        help="Write the page of all numbers that cells have reported, content/benchmarks.md.",
        path="benchmarks.md",
        title="Benchmarks",
    ),
    Kind(
        name="series",
        help="Write the page of all series of posts, content/series/_index.md.",
        path="series/_index.md",
        title="Series",
    ),
    Kind(
        name="tags",
        help="Write the page of all tags, content/tags/_index.md.",
        path="tags/_index.md",
        title="Tags",
    ),
    Kind(
        name="archive",
        help="Write the page of all posts by year and month, content/archive.md.",
        path="archive.md",
        title="Archive",
    ),
    Kind(
        name="search",
        help="Write the search page, content/search.md.",
        path="search.md",
        title="Search",
    ),
)
KINDS: Final = {kind.name: kind for kind in (*_BY_TITLE, *_ONCE)}
"""By name, in the order of the help."""
