"""How a page is cited: its entry in BibTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sitegen.rendering.authors import PageAuthor, people_of

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

_SPECIAL: Final = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}
"""Characters that mean something to TeX (The TeXbook, chapter 7)."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""BibTeX's own macros."""


def bibtex(page: PageView, author: str | Sequence[str], site: str) -> str:
    """The page as an entry `@misc`; its URL is the canonical one, which is not escaped, as the package `url` reads it.

    Args:
        page: what is cited.
        author: its author, or its authors; each name is kept whole, however many words it has.
        site: the title of the site.
    """
    date, authors = page.date, [author] if isinstance(author, str) else [*author]
    fields = [
        ("author", " and ".join(f"{{{_escaped(name)}}}" for name in authors)),
        ("title", f"{{{_escaped(page.label)}}}"),
        *((("year", str(date.year)), ("month", _MONTHS[date.month - 1])) if date else ()),
        ("howpublished", _escaped(site)),
        ("url", page.canonical_url),
    ]
    width = max(len(name) for name, _ in fields)
    lines = [f"  {name:{width}} = {value if name == 'month' else f'{{{value}}}'}," for name, value in fields]
    key = _key(page.key, authors[0] if authors else "", date)
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _key(key: str, author: str, date: datetime | None) -> str:
    """`name2026ppo`: letters and digits alone."""
    parts = (
        author.split()[-1] if author.split() else "",
        str(date.year) if date else "",
        key.rpartition("/")[2],
    )
    return "".join(re.sub(r"[^a-z0-9]+", "", part.lower()) for part in parts) or "page"


def citation_meta(page: PageView, author: str, site: str) -> tuple[tuple[str, str], ...]:
    """Highwire Press elements, as Google Scholar reads them (scholar.google.com/intl/en/scholar/inclusion.html).

    Args:
        page: what is cited.
        author: the site's; of a page that names none.
        site: the title of the site.
    """
    people = people_of(page) or ((PageAuthor(author),) if author else ())
    named = [("citation_title", page.label)]
    for person in people:
        named += [("citation_author", person.name), ("citation_author_institution", person.affiliation)]
        named.append(("citation_author_orcid", person.orcid))
    if page.date:
        named.append(("citation_publication_date", f"{page.date:%Y/%m/%d}"))
    named += [("citation_journal_title", site), ("citation_fulltext_html_url", page.canonical_url)]
    return tuple((name, text) for name, text in named if text)


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
