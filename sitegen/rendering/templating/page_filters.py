"""Filters that the theme's pages of each type ask for; a template that uses none of them imports nothing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup

from sitegen.content.repositories import repository_of
from sitegen.rendering.authors import people_of
from sitegen.rendering.dates import DateText
from sitegen.rendering.languages import alternates, direction, language_name, open_graph_locale
from sitegen.rendering.templating.filters import date as date_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sitegen.rendering.authors import PageAuthor
    from sitegen.rendering.licences import Licence
    from sitegen.rendering.page_types.resume import Cv
    from sitegen.rendering.page_types.slides import Slide
    from sitegen.rendering.source_links import SourceLinks
    from sitegen.rendering.views.page_view import PageView


def authors(page: PageView) -> tuple[PageAuthor, ...]:
    """Those whom the page's own front matter names."""
    return people_of(page)


def licence(page: PageView, params: Mapping[str, object]) -> Licence | None:
    """What a reader may do with the page."""
    from sitegen.rendering import licences

    return licences.licence_of(page, params)


def bibtex(page: PageView, author: str | Sequence[str], site: str) -> str:
    """The page's entry in BibTeX."""
    from sitegen.rendering.literature import citing

    return citing.bibtex(page, author, site)


def citation_meta(page: PageView, author: str, site: str) -> tuple[tuple[str, str], ...]:
    """What search engines for papers are told of the page: names and texts of `<meta>`."""
    from sitegen.rendering.literature import citing

    return citing.citation_meta(page, author, site)


def in_series(pages: Iterable[PageView]) -> tuple[PageView, ...]:
    """The parts of a series in their order."""
    from sitegen.rendering.page_types import series

    return series.in_series(pages)


def source_links(page: PageView, params: Mapping[str, object]) -> SourceLinks | None:
    """Where the page's file is in the site's repository."""
    from sitegen.rendering import source_links as links

    return links.source_links(page, params)


@pass_environment
def home_blocks(environment: Environment, page: PageView) -> list[dict[str, Any]]:
    """The blocks that the home page's front matter names."""
    from sitegen.rendering.page_types import page_keys

    return page_keys.home_blocks(environment, page)


def headline_numbers(page: PageView) -> list[tuple[PageView, Any]]:
    """The numbers under the title that the front matter names, each with its page."""
    from sitegen.rendering.page_types import page_keys

    return page_keys.headline_numbers(page)


def resume(page: PageView) -> Cv:
    """The CV that the page shows."""
    from sitegen.rendering.page_types.resume import resume_of

    return resume_of(page)


def partial_date(written: str, pattern: str = "%b %Y", *, write: DateText = date_text) -> str:
    """A date of a CV, as exact as it is written."""
    from sitegen.rendering.page_types import resume as cv

    return cv.partial_date(written, pattern, write=write)


def slides(body: Markup, level: Any = 2) -> tuple[Slide, ...]:
    """The slides that a page's body is cut into."""
    from sitegen.rendering.page_types.slides import cut_slides

    return cut_slides(str(body), level)


PAGE_FILTERS = {
    "alternates": alternates,
    "authors": authors,
    "bibtex": bibtex,
    "citation_meta": citation_meta,
    "direction": direction,
    "headline_numbers": headline_numbers,
    "home_blocks": home_blocks,
    "in_series": in_series,
    "language_name": language_name,
    "open_graph_locale": open_graph_locale,
    "licence": licence,
    "partial_date": partial_date,
    "repository": repository_of,
    "resume": resume,
    "slides": slides,
    "source_links": source_links,
}
"""By the names that templates call them."""
