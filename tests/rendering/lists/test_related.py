"""Related pages: the cases that the comparison with Hugo (`test_lists_beside_hugo.py`) does not have."""

from __future__ import annotations

import pickle
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sitegen.config import Config, Related, RelatedIndex
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.frozen import FrozenDict
from sitegen.rendering.lists import related as module
from sitegen.rendering.lists.related import RelatedPages

START = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def post(make_place: Callable[..., IndexedPage]) -> Callable[..., IndexedPage]:
    """Makes a post: `post("a", day=3, tags=("x",))`."""

    def make(name: str, *, day: int | None = 0, tags: Iterable[str] = (), **meta: Any) -> IndexedPage:
        date = START + timedelta(days=day) if day is not None else None
        fields = {"date": date, "terms": FrozenDict({"tags": tuple(tags)}), **meta}
        return make_place(f"/posts/{name}", title=name, meta=fields)

    return make


def _none(_: PageKey) -> tuple[str, ...]:
    return ()


def _related(pages: Iterable[IndexedPage], config: Config, name: str, count: int | None = None) -> list[str]:
    found = RelatedPages(pages, config, heading_ids=_none).of(PageKey(f"/posts/{name}"), count)
    return [key.removeprefix("/posts/") for key in found]


def test_more_in_common_comes_first_then_what_is_newer(
    config: Config, post: Callable[..., IndexedPage]
) -> None:
    """By weight, then by date, then by name; without a date last; never the page itself, never a newer one."""
    pages = [
        post("me", day=9, tags="xyz"),
        post("two", day=1, tags="xy"),
        post("one-b", day=2, tags="x"),
        post("one-a", day=2, tags="y"),
        post("undated", day=None, tags="z"),
        post("newer", day=10, tags="xyz"),
        post("other", day=3, tags="q"),
    ]

    assert _related(pages, config, "me") == ["two", "one-a", "one-b", "undated"]
    with_newer = replace(config, related=replace(config.related, include_newer=True))
    assert _related(pages, with_newer, "me")[0] == "newer"
    assert _related(pages, config, "me", 2) == ["two", "one-a"]
    assert _related(pages, config, "nobody") == []


def test_a_shared_year_alone_is_not_enough(config: Config, post: Callable[..., IndexedPage]) -> None:
    """With the default threshold; with a lower one it is."""
    pages = [post("me", day=9), post("same-year", day=1), post("before", day=-400)]

    assert _related(pages, config, "me") == []
    low = replace(config, related=replace(config.related, threshold=10))
    assert _related(pages, low, "me") == ["same-year"]


def test_no_weight_is_no_index(config: Config, post: Callable[..., IndexedPage]) -> None:
    """An index of weight 0 is switched off, and so is all where no index is left."""
    nothing = replace(config, related=Related(indices=(RelatedIndex(name="tags"),)))

    assert _related([post("me", tags="x"), post("a", tags="x")], nothing, "me") == []


def test_headings_in_common(config: Config, post: Callable[..., IndexedPage]) -> None:
    """The index `fragments` compares the ids of headings."""
    by_heading = replace(config, related=Related(indices=(RelatedIndex(name="fragments", weight=80),)))
    ids = {"/posts/me": ("setup", "end"), "/posts/a": ("setup",), "/posts/b": ("start",)}

    pages = [post("me", day=2), post("a", day=1), post("b", day=0)]
    found = RelatedPages(pages, by_heading, heading_ids=lambda key: ids[key]).of(PageKey("/posts/me"))

    assert found == ("/posts/a",)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_first_few_are_the_first_of_all(
    config: Config, post: Callable[..., IndexedPage], count: int
) -> None:
    """Leaving out early what cannot be among the first changes nothing."""
    pages = [
        post(f"p{number}", day=number * 7 % 50, tags={"abcdef"[number % 6], "abcdef"[number * 5 % 4], "g"})
        for number in range(60)
    ]
    low = replace(config, related=replace(config.related, threshold=30))

    for settings in (config, low):
        index = RelatedPages(pages, settings, heading_ids=_none)
        assert {page.key: index.of(page.key, count) for page in pages} == {
            page.key: index.of(page.key)[:count] for page in pages
        }


def test_tags_of_a_few_pages_each_cost_a_few_steps_each(
    config: Config, post: Callable[..., IndexedPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the pages with four times the tags: four times the work, though all share the year."""
    looked_at = 0

    class Counting(Counter[int]):
        def update(self, pages: Iterable[int] | None = None, /, **_: int) -> None:  # type: ignore[override]
            nonlocal looked_at
            numbers = tuple(pages or ())
            looked_at += len(numbers)
            super().update(numbers)

    monkeypatch.setattr(module, "Counter", Counting)
    counts = []
    for length in (100, 400):
        pages = [post(f"p{number}", day=number % 300, tags=(f"t{number // 5}",)) for number in range(length)]
        index = RelatedPages(pages, config, heading_ids=_none)
        looked_at = 0
        for page in pages:
            index.of(page.key, 4)
        counts.append(looked_at)

    assert counts[1] <= 4.5 * counts[0]


_WORDS = st.lists(st.sampled_from("abcdefg"), max_size=5).map(tuple)
_INDICES = st.lists(
    st.builds(
        RelatedIndex,
        name=st.sampled_from(("tags", "keywords", "date", "lastmod", "fragments", "topics")),
        weight=st.sampled_from((0, 1, 10, 40, 80, 100, -20)),
        pattern=st.sampled_from(("", "2006-01")),
        cardinality_threshold=st.sampled_from((0, 0, 30, 60)),
    ),
    min_size=1,
    max_size=4,
)


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_pages=st.lists(
        st.tuples(st.none() | st.integers(0, 120), _WORDS, _WORDS, _WORDS, st.integers(0, 2)), max_size=24
    ),
    related=st.builds(
        Related,
        indices=_INDICES.map(tuple) | st.just(Related().indices),
        threshold=st.sampled_from((0, 20, 50, 80, 100)),
        include_newer=st.booleans(),
    ),
    rare=st.sampled_from((0, 2, 100)),
    count=st.integers(1, 5),
)
def test_the_quick_way_finds_what_looking_at_every_page_finds(
    config: Config,
    post: Callable[..., IndexedPage],
    given_pages: list[tuple[int | None, tuple[str, ...], tuple[str, ...], tuple[str, ...], int]],
    related: Related,
    rare: int,
    count: int,
) -> None:
    """Whatever the indices, weights and thresholds; words that few have are looked at one by one, others not."""
    pages = [
        post(f"p{number}", day=day, tags=tags, keywords=words, params=FrozenDict({"topics": words[:title]}))
        for number, (day, tags, words, _, title) in enumerate(given_pages)
    ]
    ids = {page.key: entry[3] for page, entry in zip(pages, given_pages, strict=True)}
    index = RelatedPages(pages, replace(config, related=related), heading_ids=lambda key: ids[key])
    index._rare = rare

    found = {page.key: index.of(page.key, count) for page in pages}

    assert found == {page.key: _first_of_all(index, page.key)[:count] for page in pages}


def _first_of_all(index: RelatedPages, key: PageKey) -> tuple[PageKey, ...]:
    """Every pair of pages held against each other, as Hugo's documentation has it.

    What is too weak to relate pages even with all that it has of the page itself relates none: the same word twice in
    both pages would else count four times.
    """
    if index._highest == index._lowest:
        return ()
    me = index._number[key]
    strong = index._by_strength(index._group[me])[0]
    others = []
    for number, other in enumerate(index._keys):
        if number == me or number < index._first_allowed(me):
            continue
        weight = times = strong_matches = 0
        for place, settings_of in enumerate(index._indices):
            mine, theirs = (index._keywords[place][index._group[page]] for page in (me, number))
            matches = sum(theirs.count(word) for word in mine if word in index._postings[place])
            weight, times = weight + matches * settings_of.weight, times + matches
            strong_matches += matches if place in strong else 0
        if strong_matches and index._norm(int(weight / times)) >= index._settings.threshold // times:
            others.append((-weight, number, other))
    return tuple(other for _, _, other in sorted(others))


def test_a_few_tags_of_many_pages_cost_a_few_steps_each(
    config: Config, post: Callable[..., IndexedPage]
) -> None:
    """Four times the pages with the same thirty tags: four times the work, though a tag has four times the pages."""
    calls = []
    for length in (200, 800):
        pages = [
            post(f"p{number}", day=number, tags={f"t{number * step % 30}" for step in (1, 7, 11)})
            for number in range(length)
        ]
        calls.append(_calls(RelatedPages(pages, config, heading_ids=_none), pages))

    assert calls[1] <= 4.5 * calls[0]


def test_it_is_kept_for_the_next_build(config: Config, post: Callable[..., IndexedPage]) -> None:
    """Pickled and read again it answers the same; what it has worked out on the way is not kept with it."""
    pages = [post(f"p{number}", day=number, tags=("a", f"t{number % 3}")) for number in range(90)]
    index = RelatedPages(pages, config, heading_ids=_none)
    size = len(pickle.dumps(index))
    before = [index.of(page.key, 3) for page in pages]

    kept = pickle.dumps(index)

    assert [pickle.loads(kept).of(page.key, 3) for page in pages] == before
    assert len(kept) == size


def test_a_tag_of_all_pages_costs_a_few_steps_each(config: Config, post: Callable[..., IndexedPage]) -> None:
    """Four times the pages that share all that they have: four times the work."""
    calls = []
    for length in (100, 400):
        pages = [post(f"p{number}", day=number % 300, tags="ab") for number in range(length)]
        index = RelatedPages(pages, config, heading_ids=_none)
        calls.append(_calls(index, pages))

    assert calls[1] <= 4.5 * calls[0]


def _calls(index: RelatedPages, pages: Iterable[IndexedPage]) -> int:
    """How many functions are called to find four pages for each."""
    count = 0

    def profile(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        for page in pages:
            index.of(page.key, 4)
    finally:
        sys.setprofile(before)
    return count
