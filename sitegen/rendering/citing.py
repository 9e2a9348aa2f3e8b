"""How a page is cited: its entry in BibTeX."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sitegen.rendering.views import PageView

_SPECIAL: Final = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}
"""Characters that mean something to TeX (The TeXbook, chapter 7)."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""BibTeX's own macros."""


def bibtex(page: PageView, author: str, site: str) -> str:
    """The page as an entry `@misc`; its URL is the canonical one, which is not escaped, as the package `url` reads it.

    Args:
        page: what is cited.
        author: its author; kept whole, however many words the name has.
        site: the title of the site.
    """
    date = page.date
    fields = [
        ("author", f"{{{_escaped(author)}}}"),
        ("title", f"{{{_escaped(page.label)}}}"),
        *((("year", str(date.year)), ("month", _MONTHS[date.month - 1])) if date else ()),
        ("howpublished", _escaped(site)),
        ("url", page.canonical_url),
    ]
    width = max(len(name) for name, _ in fields)
    lines = [f"  {name:{width}} = {value if name == 'month' else f'{{{value}}}'}," for name, value in fields]
    return "\n".join([f"@misc{{{_key(page.key, author, date)},", *lines, "}"])


def _key(key: str, author: str, date: datetime | None) -> str:
    """`name2026ppo`: letters and digits alone."""
    parts = (
        author.split()[-1] if author.split() else "",
        str(date.year) if date else "",
        key.rpartition("/")[2],
    )
    return "".join(re.sub(r"[^a-z0-9]+", "", part.lower()) for part in parts) or "page"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
