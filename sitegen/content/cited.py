"""What a page may cite: its bibliographies, an entry of them, and what it lists uncited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sitegen.content.bibliographies import bibliographies_of
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.errors import did_you_mean

if TYPE_CHECKING:
    from sitegen.content.bibliography import Entry

_KEY: Final = re.compile(r"@?([^\s,;@]+)")


def has_bibliography(index: SiteIndex, page: PageKey) -> bool:
    """Whether `@key` on a page may be a citation."""
    known = index.bibliographies
    return known is not None and (bool(known.of_site) or page in known.of_page)


def keys_of(index: SiteIndex, page: PageKey) -> dict[str, Entry]:
    """Every entry that a page may cite, by key; of two with one key that of the first bibliography."""
    return {
        key: entry for book in reversed(bibliographies_of(index, page)) for key, entry in book.entries.items()
    }


def near_keys(index: SiteIndex, page: PageKey, key: str) -> str | None:
    """A hint for a key that no bibliography of the page has."""
    books = bibliographies_of(index, page)
    if not books:
        return 'name one in the front matter: `bibliography = "references.bib"`, or in the configuration'
    return (
        did_you_mean(key, keys_of(index, page)) or f"it has {', '.join(f'`{book.path}`' for book in books)}"
    )


def uncited_keys(place: IndexedPage) -> tuple[str, ...]:
    """Keys that the front matter's `nocite` lists, `*` for all: a list, or a text as in Pandoc (`@a, @b`)."""
    written = place.meta.params.get("nocite")
    if not written:
        return ()
    texts = written if isinstance(written, tuple) else (written,)
    return tuple(dict.fromkeys(key for text in texts for key in _KEY.findall(str(text))))
