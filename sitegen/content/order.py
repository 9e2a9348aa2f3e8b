"""Hugo's default order of pages, and what follows from it: lists, and each page's neighbours."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage

Neighbours = tuple[PageKey | None, PageKey | None]


def default_order(page: IndexedPage) -> tuple[object, ...]:
    """A sort key: weight (none comes last), newest first, link title, path of the file."""
    weight = page.meta.weight
    newest_first = -(page.date.timestamp() // 1) if page.date else float("inf")
    path = str(page.source.content_path).replace(" ", "-") if page.source is not None else ""
    title = page.meta.link_title or page.title
    return (weight == 0, weight, newest_first, *collated(title), path.lower(), path, page.key)


def children_of(
    pages: Sequence[IndexedPage],
    terms: Mapping[PageKey, tuple[tuple[int, PageKey], ...]],
    parents: Mapping[PageKey, PageKey | None],
) -> dict[PageKey, tuple[PageKey, ...]]:
    """The pages of each list page, in order: Hugo's `.Pages`.

    Args:
        pages: in default order.
        terms: each term's pages with their weight in it; those without one come first.
        parents: the section of each page, which may be one that is not built: such a page is in no list of a section.
    """
    in_order = [page for page in pages if page.meta.build.list != "never"]
    place = {page.key: index for index, page in enumerate(in_order)}
    children: dict[PageKey, list[PageKey]] = {
        page.key: [] for page in pages if page.kind in ("home", "section", "taxonomy", "term")
    }
    in_taxonomies = {page.key for page in pages if page.kind in ("taxonomy", "term")}
    for page in in_order:
        parent = parents.get(page.key)
        if parent not in children or page.kind not in ("page", "section", "term"):
            continue
        if page.kind == "term" or parent not in in_taxonomies:  # content/tags/note.md is in no list
            children[parent].append(page.key)
    for term, members in terms.items():
        if term in children:
            shown = [(weight, key) for weight, key in members if key in place]
            children[term] = [
                key for _, key in sorted(shown, key=lambda member: (member[0], place[member[1]]))
            ]
    return {key: tuple(keys) for key, keys in children.items()}


def neighbours_of(
    regular: Iterable[IndexedPage], parents: Mapping[PageKey, PageKey | None]
) -> dict[PageKey, Neighbours]:
    """The (older, newer) page of each regular page in its section; `regular` is in default order."""
    by_section: dict[PageKey | None, list[IndexedPage]] = {}
    for page in regular:
        by_section.setdefault(parents.get(page.key), []).append(page)
    found: dict[PageKey, Neighbours] = {}
    for pages in by_section.values():
        keys: Sequence[PageKey | None] = [None, *(page.key for page in pages), None]
        for newer, page, older in zip(keys, pages, keys[2:], strict=False):
            found[page.key] = (older, newer)
    return found


@lru_cache(maxsize=4096)
def collated(text: str) -> tuple[str, str, str]:
    """A sort key for titles as the Unicode Collation Algorithm has them, in its root order.

    Signs come before digits and those before letters; accents count only between what is equal
    without them, and capitals, which come second, only between what is equal with them.
    """
    if text.isascii():
        return text.lower().translate(_PRIMARY), "", text.swapcase()
    decomposed = unicodedata.normalize("NFKD", text.translate(_EXPANSIONS))
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    primary = "".join(map(_primary, bare.casefold()))
    return primary, decomposed.casefold().translate(_PRIMARY), text.swapcase()


_SIGNS: Final = " \t\n_-\u2013\u2014,;:!\u00a1?\u00bf.\u2026'\u2018\u2019\"\u201c\u201d()[]{}@*/\\&#%`^+<=>|~"
"""In the order of CLDR's root collation, as Hugo sorts them."""
_PRIMARY: Final = {
    **{ord(sign): chr(1 + place) for place, sign in enumerate(_SIGNS)},
    **{ord(digit): f"\x5f{digit}" for digit in "0123456789"},
    ord("$"): "\x5e$",
}
_EXPANSIONS: Final = str.maketrans(
    {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "ł": "l", "Ł": "L", "ı": "i"}
)


def _primary(character: str) -> str:
    """What a character without its accents counts as, in an order where signs are below letters."""
    known = _PRIMARY.get(ord(character))
    if known is not None or character.isascii():
        return known or character
    kind = unicodedata.category(character)
    if kind[0] == "P":
        return f"\x5b{character}"
    if kind[0] == "S":
        return f"\x5e{character}" if kind == "Sc" else f"\x5d{character}"
    if "\uac00" <= character <= "\ud7a3":
        return f"\u3000{character}"  # Hangul before kana and Han
    return character
