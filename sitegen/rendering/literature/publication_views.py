"""What templates see of a paper: its row, its links and what machines read of it; every value made by `publications.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorView:
    """One author."""

    name: str
    is_own: bool
    """The site's author, by the configured name or one of its `author_aliases`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationLink:
    """A button."""

    field: str
    """The BibTeX field that it comes from."""
    label: str
    url: str
    """With the base path, or of another site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """The picture of the `preview` field."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationView:
    """A paper, as templates read it."""

    key: str
    anchor: str
    """Id of its row, and the last part of its page's URL."""
    title: str
    url: str
    """Of its page, else its row in the list; with the base path."""
    page: PageView | None
    """Of its own."""
    list_page: PageView | None
    authors: tuple[AuthorView, ...]
    has_more_authors: bool
    """The list ends in `and others`."""
    short: str
    """`Schulman et al. 2017`."""
    type: str
    """`Journal articles`, ...: the heading of its type."""
    badge: str
    """The venue in short: the `abbr` field, else what the venue itself says; empty where it says nothing short."""
    venue: str
    """Where it appeared, with volume and pages."""
    year: str
    """Four digits, or what stands in their place; empty where there is none."""
    award: str
    note: str
    abstract: str
    bibtex: str
    """Of the paper and of its preprint, without fields that are only of this site."""
    links: tuple[PublicationLink, ...]
    topics: tuple[str, ...]
    is_selected: bool
    preview: Thumbnail | None
    citation: tuple[tuple[str, str], ...]
    """Names and contents of `<meta>` elements in Google Scholar's form."""
    json_ld: dict[str, object]
    """A `ScholarlyArticle`, for `jsonify`."""

    @property
    def link(self) -> str:
        """Where its title leads: its page, else its first button; empty where there is neither."""
        if self.page is not None:
            return self.url
        return self.links[0].url if self.links else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationGroup:
    """The papers of a year."""

    title: str
    anchor: str
    papers: tuple[PublicationView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterLink:
    """A way to narrow the list."""

    title: str
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationList:
    """What a section of papers, or one of its filter pages, shows."""

    groups: tuple[PublicationGroup, ...]
    count: int
    total: int
    """Of the whole section."""
    title: str
    """Of the section."""
    all_url: str
    current: str
    """The title of the filter; empty where all papers are shown."""
    words: str
    """What is shown, in a sentence."""
    types: tuple[FilterLink, ...]
    topics: tuple[FilterLink, ...]
