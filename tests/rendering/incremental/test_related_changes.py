"""Of the pages that are not found, none is related to others than before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sitegen.config import Config, RelatedIndex
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.frozen import FrozenDict
from sitegen.rendering.incremental.related_changes import other_relations
from sitegen.rendering.lists.related import RelatedPages

_TAGS = ("x", "y", "z", "w")
_POST = st.tuples(
    st.integers(0, 5) | st.none(), st.lists(st.sampled_from(_TAGS), max_size=3), st.sampled_from("AB")
)
"""Day, tags and title."""
_SITE = st.lists(_POST, min_size=2, max_size=24)
_EDITS = st.lists(st.tuples(st.integers(0, 24), _POST | st.none()), max_size=3)
_SETTINGS = st.fixed_dictionaries(
    {"threshold": st.sampled_from((10, 50, 80)), "include_newer": st.booleans(), "to_lower": st.just(True)}
)


def _made(
    posts: dict[int, tuple[int | None, list[str], str]], make: Callable[..., IndexedPage], order: int
) -> list[IndexedPage]:
    pages = [
        make(
            f"/posts/p{number}",
            title=title,
            meta={
                "date": None if day is None else datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=90 * day),
                "terms": FrozenDict({"tags": tuple(tags)}),
            },
        )
        for number, (day, tags, title) in posts.items()
    ]
    return pages[order:] + pages[:order]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(  # a page that moves among those that share what it keeps
    site=[(None, ["x"], "B"), (None, [], "A"), (None, [], "A")],
    edits=[(0, (None, [], "A"))],
    given_settings={"threshold": 10, "include_newer": False, "to_lower": True},
    dropped=0,
    turn=0,
)
@given(
    site=_SITE,
    edits=_EDITS,
    given_settings=_SETTINGS,
    dropped=st.sampled_from((0, 30)),
    turn=st.integers(0, 1),
)
def test_who_is_not_found_is_related_as_before(
    make_place: Callable[..., IndexedPage],
    config: Config,
    site: list[tuple[int | None, list[str], str]],
    edits: list[tuple[int, tuple[int | None, list[str], str] | None]],
    given_settings: dict[str, object],
    dropped: int,
    turn: int,
) -> None:
    """Whatever posts come, go, and change their date, tags or title, and by whatever settings."""
    indices = (
        RelatedIndex(name="tags", weight=80, cardinality_threshold=dropped),
        RelatedIndex(name="date", weight=10, pattern="2006"),
    )
    config = replace(config, related=replace(config.related, indices=indices, **given_settings))  # type: ignore[arg-type]
    old = dict(enumerate(site))
    new = dict(old)
    for number, post in edits:
        if post is None:
            new.pop(number, None)
        else:
            new[number] = post
    before, now = (
        RelatedPages(_made(posts, make_place, order), config, heading_ids=lambda _: ())
        for posts, order in ((old, 0), (new, turn))
    )
    doubtful = {
        PageKey(f"/posts/p{number}")
        for number in old.keys() | new.keys()
        if old.get(number) != new.get(number)
    }

    found = other_relations(before, now, doubtful)

    for number in old.keys() & new.keys() if found is not None else ():
        key = PageKey(f"/posts/p{number}")
        if key not in (found or ()):
            assert [before.of(key, count) for count in (None, 1, 3)] == [
                now.of(key, count) for count in (None, 1, 3)
            ]


def test_a_new_post_is_no_matter_to_older_ones(
    make_place: Callable[..., IndexedPage], config: Config
) -> None:
    """Of a thousand posts that share its tag none may name it; of newer ones those with its tag."""
    posts = {number: (number, ["x" if number % 2 else "y"], str(number)) for number in range(40)}
    before = RelatedPages(_made(posts, make_place, 0), config, heading_ids=lambda _: ())  # type: ignore[arg-type]

    def after(day: int) -> frozenset[PageKey] | None:
        now = RelatedPages(
            _made({**posts, 99: (day, ["x"], "new")}, make_place, 0),
            config,
            heading_ids=lambda _: (),
        )
        return other_relations(before, now, {PageKey("/posts/p99")})

    assert set(after(41) or ()) == {"/posts/p99"}
    assert set(after(36) or ()) >= {"/posts/p37", "/posts/p39", "/posts/p99"}
    assert "/posts/p35" not in (after(36) or ())
