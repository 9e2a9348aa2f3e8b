"""Who wrote a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sitegen.rendering.views import PageView


def authors_of(page: PageView) -> tuple[str, ...]:
    """Who the front matter says wrote a page, also where `authors` is a taxonomy; empty where it is the site's author."""
    if "authors" in page.terms:
        return tuple(term.title for term in page.terms["authors"])
    written = page.params.get("authors") or page.params.get("author")
    named = written if isinstance(written, tuple | list) else (written,)
    names = (author.get("name") if isinstance(author, Mapping) else author for author in named)
    return tuple(name.strip() for name in names if isinstance(name, str) and name.strip())
