"""Who wrote a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView


class PageAuthor(NamedTuple):
    """One of those whom a page's front matter names."""

    name: str
    url: str = ""
    """Of the author's own page: as written, else of the term where `authors` is a taxonomy."""
    affiliation: str = ""
    orcid: str = ""
    """Without an address before it."""


def people_of(page: PageView) -> tuple[PageAuthor, ...]:
    """Who the front matter says wrote a page, in its order; empty where it is the site's author."""
    written = page.params.get("authors") or page.params.get("author")
    named = written if isinstance(written, tuple | list) else (written,)
    people = tuple(_people(named))
    if "authors" not in page.terms:
        return people
    tables = {person.name.casefold(): person for person in people}
    return tuple(
        person._replace(url=person.url or term.url or "")
        if (person := tables.get(term.title.casefold())) is not None
        else PageAuthor(term.title, term.url or "")
        for term in page.terms["authors"]
    )


def authors_of(page: PageView) -> tuple[str, ...]:
    """The names of those who wrote a page, as `people_of` has them."""
    return tuple(person.name for person in people_of(page))


def _people(named: tuple[object, ...] | list[object]) -> Iterator[PageAuthor]:
    for author in named:
        if isinstance(author, str) and author.strip():
            yield PageAuthor(author.strip())
        elif isinstance(author, Mapping) and _text(author.get("name")):
            yield PageAuthor(
                _text(author["name"]),
                _text(author.get("url")),
                _text(author.get("affiliation") or author.get("affiliations")),
                _text(author.get("orcid")).rstrip("/").rpartition("/")[2],
            )


def _text(value: object) -> str:
    """A text, or a list of them with commas; empty for all else."""
    if isinstance(value, tuple | list):
        return ", ".join(part for each in value if (part := _text(each)))
    return value.strip() if isinstance(value, str) else ""
