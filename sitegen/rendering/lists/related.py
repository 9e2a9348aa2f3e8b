"""Related pages, found as Hugo finds them: by keywords that pages share, each kind of keyword with its weight.

Source: Hugo's documentation of related content; the arithmetic is held against the program itself in the tests.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from sitegen.config import Config, RelatedIndex
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import go_date
from sitegen.rendering.lists.sharing import MOST_KEYWORDS, Levels, Shared, bits_of, pages_of
from sitegen.rendering.values import PageSummary

_NO_DATE: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Go's zero time: pages without a date are of one year."""
_MOST_BITS: Final = 1024
"""Keywords whose pages are kept as bits: of 100,000 pages 12 kB each."""
_DATES: Final = ("date", "lastmod", "publishdate", "expirydate")


class RelatedPages:
    """An inverted index over the regular pages: keyword to the groups of pages that have it.

    Pages are numbered by their publishing date, newest first, then by name: the order in which equals are listed.
    Pages with the same keywords are one group, so that a tag of all pages costs each of them no look at every other.
    Groups are numbered by their last page: those from some number on have the pages from some number on. It can be
    pickled, and holds no page, so that a build can keep it for the next.
    """

    def __init__(
        self,
        pages: Iterable[IndexedPage],
        config: Config,
        *,
        heading_ids: Callable[[PageKey], tuple[str, ...]],
    ) -> None:
        self._settings = config.related
        self._indices = [index for index in self._settings.indices if index.weight]
        weights = [0, *(index.weight for index in self._settings.indices)]
        self._lowest, self._highest = min(weights), max(weights)
        in_order = sorted(pages, key=lambda page: (_newest_first(page), page.title))
        self._keys = [page.key for page in in_order]
        self._newness = [_newest_first(page) for page in in_order]
        self._number = {key: number for number, key in enumerate(self._keys)}
        keywords = [
            tuple(self._keywords_of(page, index, heading_ids) for index in self._indices) for page in in_order
        ]
        self._group, self._members = _groups(keywords)
        self._last = [members[-1] for members in self._members]
        self._keywords = [
            [keywords[number][place] for number in self._last] for place in range(len(self._indices))
        ]
        sizes = [len(members) for members in self._members]
        self._postings = [
            _postings(keywords, sizes, index.cardinality_threshold)
            for keywords, index in zip(self._keywords, self._indices, strict=True)
        ]
        self._rare = max(16, len(self._keys) >> 10)
        self._repeating = frozenset(
            group
            for words in self._keywords
            for group, each in enumerate(words)
            if len(each) > 1 and len(set(each)) < len(each)
        )
        self._repeats = sum(sizes[group] for group in self._repeating)
        self._bits: dict[tuple[int, str], int] = {}
        self._levels: dict[tuple[int, ...], Levels | None] = {}
        self._sizes: dict[tuple[int, str], int] = {}

    def of(self, key: PageKey, count: int | None = None) -> tuple[PageKey, ...]:
        """The pages related to one, the most related first.

        Args:
            key: of a regular page; any other has none.
            count: how many at most; all where this is None.
        """
        number = self._number.get(key)
        if number is None or self._highest == self._lowest:
            return ()
        first, group = self._first_allowed(number), self._group[number]
        if count is not None:
            best = self._best(number, first, count)
            if best is not None:
                return best
            found = self._first(self._matches(group, first, count), number, first, count)
            if len(found) >= count:  # what was left out early weighs less than any of these
                return found
        return self._first(self._matches(group, first, None), number, first, count)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_bits": {}, "_levels": {}, "_sizes": {}}  # quicker made than read

    def _best(self, number: int, first: int, count: int) -> tuple[PageKey, ...] | None:
        """The first pages by `sharing.py`: what many pages have by bits, and who has what few have one by one.

        None where that cannot tell: for too many keywords, odd weights, or words that a page has twice; and where
        looking at each is quicker.
        """
        group = self._group[number]
        asked = [
            (place, word)
            for place in range(len(self._indices))
            for word in self._keywords[place][group]
            if word in self._postings[place]
        ]
        common = [keyword for keyword in asked if self._size(keyword) > self._rare]
        if group in self._repeating or len(common) > MOST_KEYWORDS or self._repeats > self._rare:
            return None
        levels = self._levels_of(tuple(self._indices[place].weight for place, _ in common))
        if levels is None or not levels.weights:  # nobody is related by what many have: then those are few
            return None
        rare = {
            other
            for place, word in asked
            if (place, word) not in common
            for other in self._postings[place][word]
        }
        scored = self._scored(group, rare | self._repeating) if rare or self._repeating else {}
        shared = Shared([self._bits_of(keyword) >> first for keyword in common])
        found: list[int] = []
        for weight in sorted({*levels.weights, *scored}, reverse=True) if scored else levels.weights:
            missing = count - len(found)
            if missing <= 0:
                break
            of_weight = [
                other
                for other_group in scored.get(weight, ())
                for other in self._from(other_group, first, missing)
                if other != number
            ]
            for mask in levels.masks.get(weight, ()):
                of_weight += islice(
                    (
                        other + first
                        for other in pages_of(shared.all_of(mask))
                        if other + first != number
                        and other + first not in found
                        and self._group[other + first] not in rare
                        and self._group[other + first] not in self._repeating
                    ),
                    missing,
                )
            found += sorted(of_weight)[:missing]
        return tuple(self._keys[other] for other in found)

    def _scored(self, group: int, others: Iterable[int]) -> dict[int, list[int]]:
        """What some groups share with one, looked at one by one: weight to the groups that are related by it."""
        strong = self._by_strength(group)[0]
        asked = [
            Counter(word for word in self._keywords[place][group] if word in self._postings[place])
            for place in range(len(self._indices))
        ]
        found: dict[int, list[int]] = {}
        for other in others:
            matches = [
                sum(words[word] for word in self._keywords[place][other] if word in words)
                for place, words in enumerate(asked)
            ]
            if any(matches[place] for place in strong):
                weight = sum(each * index.weight for each, index in zip(matches, self._indices, strict=True))
                if self._is_enough(weight, sum(matches)):
                    found.setdefault(weight, []).append(other)
        return found

    def _size(self, keyword: tuple[int, str]) -> int:
        """How many pages have a keyword."""
        size = self._sizes.get(keyword)
        if size is None:
            place, word = keyword
            size = sum(len(self._members[group]) for group in self._postings[place][word])
            self._sizes[keyword] = size
        return size

    def _bits_of(self, keyword: tuple[int, str]) -> int:
        """The pages that have a keyword."""
        bits = self._bits.get(keyword)
        if bits is None:
            if len(self._bits) >= _MOST_BITS:
                self._bits.clear()
            place, word = keyword
            pages = (page for group in self._postings[place][word] for page in self._members[group])
            bits = self._bits[keyword] = bits_of(pages, len(self._keys))
        return bits

    def _levels_of(self, weights: tuple[int, ...]) -> Levels | None:
        if weights not in self._levels:
            self._levels[weights] = Levels.of(weights, self._is_enough)
        return self._levels[weights]

    def _is_enough(self, weight: int, times: int) -> bool:
        """Whether so many matches, which weigh so much together, make a page related."""
        return self._norm(int(weight / times)) >= self._settings.threshold // times

    def _first(
        self, matches: Mapping[int, tuple[int, int]], number: int, first: int, count: int | None
    ) -> tuple[PageKey, ...]:
        """The first pages, from page `first` on and without page `number`, of groups over the threshold."""
        groups: dict[int, list[int]] = {}
        for group, (weight, times) in matches.items():
            if self._is_enough(weight, times):
                groups.setdefault(weight, []).append(group)
        found: list[int] = []
        for weight in sorted(groups, reverse=True):
            missing = None if count is None else count - len(found)
            if missing is not None and missing <= 0:
                break
            of_weight = [other for group in groups[weight] for other in self._from(group, first, missing)]
            found += [other for other in sorted(of_weight) if other != number][:missing]
        return tuple(self._keys[other] for other in found)

    def _from(self, group: int, first: int, count: int | None) -> list[int]:
        """The pages of a group from page `first` on, and no more than are needed where one is not wanted."""
        members = self._members[group]
        start = bisect_left(members, first) if first else 0
        return members[start : None if count is None else start + count + 1]

    def _matches(self, group: int, first: int, enough: int | None) -> dict[int, tuple[int, int]]:
        """Group to the sum of the weights of what it shares with group `group`, and how many things that is.

        Args:
            group: of the page that is asked for.
            first: groups without a page from this number on are left out.
            enough: how many pages are needed: groups that cannot be among so many may be left out.
        """
        first_group = bisect_left(self._last, first)
        strong, weak = self._by_strength(group)
        most_by_weak = sum(self._indices[place].weight * len(self._keywords[place][group]) for place in weak)
        found: dict[int, tuple[int, int]] = {}
        for place in strong:
            weight = self._indices[place].weight
            counts: Counter[int] = Counter()
            for keyword in self._keywords[place][group]:
                groups = self._postings[place].get(keyword, ())
                counts.update(groups[bisect_left(groups, first_group) :] if first_group else groups)
            if len(strong) == 1 and enough is not None and weight > most_by_weak:
                least = _times_of(enough + 1, counts)  # a page each at least; the page itself is among them
                return self._with_weak(
                    {other: (weight * times, times) for other, times in counts.items() if times >= least},
                    weak,
                    group,
                )
            for other, times in counts.items():
                before, matches = found.get(other, (0, 0))
                found[other] = (before + weight * times, matches + times)
        return self._with_weak(found, weak, group)

    def _with_weak(
        self, found: dict[int, tuple[int, int]], weak: Iterable[int], group: int
    ) -> dict[int, tuple[int, int]]:
        for place in weak:
            self._add_weak(found, place, group)
        return found

    def _add_weak(self, found: dict[int, tuple[int, int]], place: int, group: int) -> None:
        """Adds what a weak index says of the groups that are already found."""
        postings = self._postings[place]
        asked = Counter(keyword for keyword in self._keywords[place][group] if keyword in postings)
        weight = self._indices[place].weight
        for other, (before, matches) in found.items() if asked else ():
            times = sum(asked[keyword] for keyword in self._keywords[place][other] if keyword in asked)
            if times:
                found[other] = (before + weight * times, matches + times)

    def _by_strength(self, group: int) -> tuple[list[int], list[int]]:
        """The indices that can bring a page over the threshold, and those that cannot, even all together.

        So a whole year of posts is not gone through for each of them because they share the year.
        """
        places = sorted(range(len(self._indices)), key=lambda place: self._indices[place].weight)
        weak: list[int] = []
        keywords = 0
        for place in places:
            keywords += len(self._keywords[place][group])
            weight = self._indices[place].weight
            if keywords and (weight < 0 or self._norm(weight) >= self._settings.threshold // keywords):
                break
            weak.append(place)
        asked = (place for place in range(len(self._indices)) if self._keywords[place][group])
        return [place for place in asked if place not in weak], weak

    def _first_allowed(self, number: int) -> int:
        """The number of the newest page that may be named: pages newer than the one itself are not, by default."""
        if self._settings.include_newer or self._newness[number] == math.inf:
            return 0
        return bisect_left(self._newness, self._newness[number])

    def _norm(self, weight: int) -> int:
        return math.floor((weight - self._lowest) / (self._highest - self._lowest) * 100 + 0.5)

    def _keywords_of(
        self, page: IndexedPage, index: RelatedIndex, heading_ids: Callable[[PageKey], tuple[str, ...]]
    ) -> tuple[str, ...]:
        name = index.name.lower()
        if name == "fragments":
            return heading_ids(page.key)
        if name in _DATES:
            return (go_date(_date(page, name) or _NO_DATE, index.pattern or "2006"),)
        found = _texts(parameter(page, name))
        if index.to_lower or self._settings.to_lower:
            return tuple(keyword.lower() for keyword in found)
        return found


def related_pages(index: SiteIndex, config: Config, summaries: Mapping[PageKey, PageSummary]) -> RelatedPages:
    """Which pages of a site are related to which; asks for every regular page.

    Args:
        index: of the site.
        config: of the site.
        summaries: of composed pages, asked for their headings alone (`fragments`).
    """

    def heading_ids(key: PageKey) -> tuple[str, ...]:
        summary = summaries.get(key)
        return summary.heading_ids if summary is not None else ()

    return RelatedPages((index.pages[key] for key in index.regular), config, heading_ids=heading_ids)


def related_by_front_matter(index: SiteIndex, config: Config) -> RelatedPages | None:
    """The same before anything is composed; None where headings relate pages too."""
    if any(each.weight and each.name.lower() == "fragments" for each in config.related.indices):
        return None
    return related_pages(index, config, {})


def _groups(keywords: Sequence[tuple[tuple[str, ...], ...]]) -> tuple[list[int], list[list[int]]]:
    """Number of a page to that of its group; of a group to those of its pages, ascending."""
    groups: dict[tuple[tuple[str, ...], ...], list[int]] = {}
    for number, words in enumerate(keywords):
        groups.setdefault(words, []).append(number)
    members = sorted(groups.values(), key=lambda numbers: numbers[-1])
    group = [0] * len(keywords)
    for place, numbers in enumerate(members):
        for number in numbers:
            group[number] = place
    return group, members


def _postings(
    keywords: Sequence[tuple[str, ...]], sizes: Sequence[int], cardinality_threshold: int
) -> dict[str, list[int]]:
    """Keyword to the numbers of its groups, ascending; without those that too many pages have."""
    found: dict[str, list[int]] = {}
    for group, words in enumerate(keywords):
        for word in words:
            found.setdefault(word, []).append(group)
    if not cardinality_threshold:
        return found
    having_any = sum(size for words, size in zip(keywords, sizes, strict=True) if words)
    return {
        word: groups
        for word, groups in found.items()
        if math.ceil(sum(sizes[group] for group in groups) / having_any * 100) <= cardinality_threshold
    }


def _times_of(enough: int, counts: Counter[int]) -> int:
    """The number of matches that at least `enough` groups reach, as high as can be; 0 where there are fewer."""
    reached = 0
    for times, groups in sorted(Counter(counts.values()).items(), reverse=True):
        reached += groups
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


def parameter(page: IndexedPage, name: str) -> object:
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
