"""Related pages: the cases that the comparison with Hugo (`test_lists_beside_hugo.py`) does not have."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import pytest

from sitegen.config import Config, Related, RelatedIndex
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.frozen import FrozenDict
from sitegen.rendering import related as module
from sitegen.rendering.related import RelatedPages

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
