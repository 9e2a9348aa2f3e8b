"""Which pages can be related to others than in the last build: those that share what has changed, not all of a site."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from sitegen.content.document import PageKey
from sitegen.rendering.lists.related import RelatedPages

_Word = tuple[int, str]
"""The number of a kind of keyword, and the keyword."""


def other_relations(
    before: RelatedPages, now: RelatedPages, doubtful: Collection[PageKey]
) -> frozenset[PageKey] | None:
    """The pages whose related pages may be others; None where all may.

    Of two pages that are as they were, what they share and which of them is first is as it was. So a page can be related
    to others only if it shares one of the keywords that a page has got or lost, of which it may name that page: one
    that is not newer, unless newer ones are wanted.

    Args:
        before: of the last build, by the same settings.
        now: of this build.
        doubtful: pages that may not be what they were, new ones and those that are gone.
    """
    states = (_State(before), _State(now))
    changed = {key for key in doubtful if states[0].of(key) != states[1].of(key)}
    whole: set[PageKey] = set()
    both = before._number.keys() & now._number.keys()
    if not _is_same_order(states, both):  # by date, by title, or by the site's order
        whole = {key for key in doubtful if any(state.of(key) is not None for state in states)}
        changed |= whole
    if (
        not _is_same_order(states, both - changed)
        or not (before._number.keys() ^ now._number.keys()) <= changed
    ):
        return None
    found = set(changed)
    for key in changed:
        was, is_now = (state.of(key) for state in states)
        is_whole = key in whole or was is None or is_now is None or was.newness != is_now.newness
        for state, own, other in ((states[0], was, is_now), (states[1], is_now, was)):
            if own is not None:
                words = own.words if is_whole or other is None else _differing(own.words, other.words)
                found.update(page for word in words for page in state.that_may_name(own.newness, word))
    for place, word in _dropped(before, now):  # of too many pages, or no longer
        for state in states:
            found.update(state.that_may_name(math.inf, (place, word)))
    return frozenset(found)


class _Known(NamedTuple):
    """What makes a page one that others are related to."""

    newness: float
    words: tuple[_Word, ...]


class _State:
    """Related pages at one moment."""

    def __init__(self, related: RelatedPages) -> None:
        self.related = related

    def of(self, key: PageKey) -> _Known | None:
        """What is known of a page; None of one that is related to none."""
        related = self.related
        number = related._number.get(key)
        if number is None:
            return None
        group = related._group[number]
        words = ((place, word) for place, each in enumerate(related._keywords) for word in each[group])
        return _Known(related._newness[number], tuple(words))

    def that_may_name(self, newness: float, word: _Word) -> Iterator[PageKey]:
        """The pages with a keyword that may name one of that date."""
        related, (place, text) = self.related, word
        older = bisect_right(related._newness, newness)  # they are newer than it, or of its date
        undated = 0 if related._settings.include_newer else bisect_left(related._newness, math.inf)
        for group in related._postings[place].get(text, ()):
            for number in related._members[group]:
                if number < older or number >= undated:
                    yield related._keys[number]


def _is_same_order(states: Sequence[_State], keys: Collection[PageKey]) -> bool:
    """Whether some pages stand one behind the other as they did."""
    one, other = ([key for key in state.related._keys if key in keys] for state in states)
    return one == other


def _differing(own: Sequence[_Word], other: Sequence[_Word]) -> Iterator[_Word]:
    """The keywords that a page has more often than it has them in the other state."""
    return iter(Counter(own) - Counter(other))


def _dropped(before: RelatedPages, now: RelatedPages) -> Iterator[_Word]:
    """Keywords that only one of both relates pages by."""
    for place, (was, is_now) in enumerate(zip(before._postings, now._postings, strict=True)):
        yield from ((place, word) for word in was.keys() ^ is_now.keys())
