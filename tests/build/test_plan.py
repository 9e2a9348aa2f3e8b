"""What differs, and who has read it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.build.plan import Differences, in_words
from sitegen.build.reads import Marks, Packer
from sitegen.rendering.recorder import RawFact, Subject

FACTS = st.tuples(
    st.sampled_from(["page", "site", "setting", "data", "template", "asset", "static", "link", "file"]),
    st.sampled_from(["", "/a", "/b", "/c"]),
    st.sampled_from(["", "title", "date", "related(5)"]),
)


@given(read=st.frozensets(FACTS), changed=st.frozensets(FACTS))
def test_what_differs_is_found_among_packed_reads(
    read: frozenset[RawFact], changed: frozenset[RawFact]
) -> None:
    """All of it and nothing else, whatever kind of fact, few or many."""
    found = Differences(changed)
    packed = Packer().pack(read)

    assert frozenset(found.among(packed)) == read & changed
    assert found.touch(packed) == bool(read & changed)
    assert bool(found) == bool(changed)


@given(read=st.lists(st.frozensets(FACTS)))
def test_every_fact_of_a_page_that_was_read_is_known_by_its_mark(read: list[frozenset[RawFact]]) -> None:
    """What seems not to have been read need not be evaluated: so nothing may be missing."""
    marks = Marks(Packer().pack(facts).marks for facts in read)

    assert all(fact in marks for facts in read for fact in facts if fact[0] == "page")


def test_facts_that_nobody_has_read_are_hardly_any() -> None:
    """Most are told from those that were read: a new page does not have every fact of all pages evaluated."""
    packer = Packer()
    marks = Marks(packer.pack([("page", f"/posts/{number}", "title")]).marks for number in range(1000))

    assert sum(("page", f"/posts/{number}", "date") in marks for number in range(1000)) < 20


def test_equal_shared_reads_are_kept_once() -> None:
    """Most pages of a kind read the same of the site."""
    packer = Packer()
    first = packer.pack([("site", "", "menus"), ("page", "/a", "title")])
    second = packer.pack([("page", "/b", "date"), ("site", "", "menus")])

    assert first.shared is second.shared
    assert first.marks != second.marks
    assert packer.fields == {"title", "date"}


def test_facts_are_told_in_words() -> None:
    """As `--explain` prints them."""
    told = [
        in_words(fact)
        for fact in (
            ("page", "/a", "title"),
            ("site", "", "menus"),
            ("setting", "", "params.x"),
            ("data", "team", ""),
            ("template", "page.html", ""),
            ("link", "/a", "b.md"),
            ("static", "a.png", ""),
        )
    ]
    assert told == [
        "`title` of the page `/a`",
        "`site.menus`",
        "the setting `params.x`",
        "the data `team`",
        "the template `page.html`",
        "where the link `b.md` leads",
        "the static file `a.png`",
    ]


@pytest.mark.parametrize("subject", get_args(Subject))
def test_every_fact_has_words(subject: Subject) -> None:
    """Whatever is noted can be told; a subject that is added needs its words."""
    assert "`" in in_words((subject, "owner", "1,0"))
