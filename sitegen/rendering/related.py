"""Related pages, found as Hugo finds them: by keywords that pages share, each kind of keyword with its weight.

Source: Hugo's documentation of related content; the arithmetic is held against the program itself in the tests.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sitegen.config import Config, RelatedIndex
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.content.permalinks import go_date

_NO_DATE: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Go's zero time: pages without a date are of one year."""
_DATES: Final = ("date", "lastmod", "publishdate", "expirydate")


class RelatedPages:
    """An inverted index over the regular pages: keyword to the pages that have it.

    Pages are numbered by their publishing date, newest first, then by name: the order in which equals are listed.
    """

    def __init__(
        self,
        pages: Iterable[IndexedPage],
        config: Config,
        *,
        heading_ids: Callable[[PageKey], tuple[str, ...]],
    ) -> None:
        self._settings = config.related
        self._heading_ids = heading_ids
        self._indices = [index for index in self._settings.indices if index.weight]
        weights = [0, *(index.weight for index in self._settings.indices)]
        self._lowest, self._highest = min(weights), max(weights)
        self._pages = sorted(pages, key=lambda page: (_newest_first(page), page.title))
        self._newness = [_newest_first(page) for page in self._pages]
        self._number = {page.key: number for number, page in enumerate(self._pages)}
        self._keywords = [[self._keywords_of(page, index) for page in self._pages] for index in self._indices]
        self._postings = [
            _postings(keywords, index.cardinality_threshold)
            for keywords, index in zip(self._keywords, self._indices, strict=True)
        ]

    def of(self, key: PageKey, count: int | None = None) -> tuple[PageKey, ...]:
        """The pages related to one, the most related first.

        Args:
            key: of a regular page; any other has none.
            count: how many at most; all where this is None.
        """
        number = self._number.get(key)
        if number is None or self._highest == self._lowest:
            return ()
        first = self._first_allowed(number)
        if count is not None:
            found = self._ranked(number, self._matches(number, first, count))
            if len(found) >= count:  # what was left out early weighs less than any of these
                return self._keys(heapq.nsmallest(count, found))
        return self._keys(sorted(self._ranked(number, self._matches(number, first, None)))[:count])

    def _ranked(self, number: int, matches: Mapping[int, tuple[int, int]]) -> list[tuple[int, int]]:
        """The pages over the threshold, as what sorts them."""
        return [
            (-weight, other)
            for other, (weight, times) in matches.items()
            if other != number and self._norm(int(weight / times)) >= self._settings.threshold // times
        ]

    def _keys(self, ranked: Iterable[tuple[int, int]]) -> tuple[PageKey, ...]:
        return tuple(self._pages[other].key for _, other in ranked)

    def _matches(self, number: int, first: int, enough: int | None) -> dict[int, tuple[int, int]]:
        """Page to the sum of the weights of what it shares with page `number`, and how many things that is.

        Args:
            number: of the page that is asked for.
            first: pages before this number are left out.
            enough: how many are needed: those that cannot be among so many may be left out.
        """
        strong, weak = self._by_strength(number)
        most_by_weak = sum(self._indices[place].weight * len(self._keywords[place][number]) for place in weak)
        found: dict[int, tuple[int, int]] = {}
        for place in strong:
            weight = self._indices[place].weight
            counts: Counter[int] = Counter()
            for keyword in self._keywords[place][number]:
                pages = self._postings[place].get(keyword, ())
                counts.update(pages[bisect_left(pages, first) :] if first else pages)
            if len(strong) == 1 and enough is not None and weight > most_by_weak:
                least = _times_of(enough + 1, counts)  # the page itself is among them
                return self._with_weak(
                    {other: (weight * times, times) for other, times in counts.items() if times >= least},
                    weak,
                    number,
                )
            for other, times in counts.items():
                before, matches = found.get(other, (0, 0))
                found[other] = (before + weight * times, matches + times)
        return self._with_weak(found, weak, number)

    def _with_weak(
        self, found: dict[int, tuple[int, int]], weak: Iterable[int], number: int
    ) -> dict[int, tuple[int, int]]:
        for place in weak:
            self._add_weak(found, place, number)
        return found

    def _add_weak(self, found: dict[int, tuple[int, int]], place: int, number: int) -> None:
        """Adds what a weak index says of the pages that are already found."""
        postings = self._postings[place]
        asked = Counter(keyword for keyword in self._keywords[place][number] if keyword in postings)
        weight = self._indices[place].weight
        for other, (before, matches) in found.items() if asked else ():
            times = sum(asked[keyword] for keyword in self._keywords[place][other] if keyword in asked)
            if times:
                found[other] = (before + weight * times, matches + times)

    def _by_strength(self, number: int) -> tuple[list[int], list[int]]:
        """The indices that can bring a page over the threshold, and those that cannot, even all together.

        So a whole year of posts is not gone through for each of them because they share the year.
        """
        places = sorted(range(len(self._indices)), key=lambda place: self._indices[place].weight)
        weak: list[int] = []
        keywords = 0
        for place in places:
            keywords += len(self._keywords[place][number])
            weight = self._indices[place].weight
            if keywords and (weight < 0 or self._norm(weight) >= self._settings.threshold // keywords):
                break
            weak.append(place)
        asked = (place for place in range(len(self._indices)) if self._keywords[place][number])
        return [place for place in asked if place not in weak], weak

    def _first_allowed(self, number: int) -> int:
        """The number of the newest page that may be named: pages newer than the one itself are not, by default."""
        if self._settings.include_newer or _published(self._pages[number]) is None:
            return 0
        return bisect_left(self._newness, self._newness[number])

    def _norm(self, weight: int) -> int:
        return math.floor((weight - self._lowest) / (self._highest - self._lowest) * 100 + 0.5)

    def _keywords_of(self, page: IndexedPage, index: RelatedIndex) -> tuple[str, ...]:
        name = index.name.lower()
        if name == "fragments":
            return self._heading_ids(page.key)
        if name in _DATES:
            return (go_date(_date(page, name) or _NO_DATE, index.pattern or "2006"),)
        found = _texts(_param(page, name))
        if index.to_lower or self._settings.to_lower:
            return tuple(keyword.lower() for keyword in found)
        return found


def _postings(keywords: Sequence[tuple[str, ...]], cardinality_threshold: int) -> dict[str, list[int]]:
    """Keyword to the numbers of its pages, ascending; without those that too many pages have."""
    found: dict[str, list[int]] = {}
    for number, words in enumerate(keywords):
        for word in words:
            found.setdefault(word, []).append(number)
    if not cardinality_threshold:
        return found
    having_any = sum(1 for words in keywords if words)
    return {
        word: pages
        for word, pages in found.items()
        if math.ceil(len(pages) / having_any * 100) <= cardinality_threshold
    }


def _times_of(enough: int, counts: Counter[int]) -> int:
    """The number of matches that at least `enough` pages reach, as high as can be; 0 where there are fewer pages."""
    reached = 0
    for times, pages in sorted(Counter(counts.values()).items(), reverse=True):
        reached += pages
        if reached >= enough:
            return times
    return 0


def _published(page: IndexedPage) -> datetime | None:
    return page.meta.publish_date or page.date


def _newest_first(page: IndexedPage) -> float:
    """A sort key; pages without a date come last."""
    published = _published(page)
    return -published.timestamp() if published else math.inf


def _date(page: IndexedPage, name: str) -> datetime | None:
    return {
        "date": page.date,
        "lastmod": page.lastmod,
        "publishdate": page.meta.publish_date,
        "expirydate": page.meta.expiry_date,
    }[name]


def _param(page: IndexedPage, name: str) -> object:
    """What the front matter says; never what the site's `params` say, as elsewhere in Hugo."""
    meta = page.meta
    if name in meta.terms:
        return meta.terms[name]
    if name == "keywords" and meta.keywords:
        return meta.keywords
    if name in ("title", "type", "layout", "slug", "description") and getattr(meta, name):
        return getattr(meta, name)
    return meta.params.get(name)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(entry) for entry in value) if isinstance(value, tuple | list) else ()
