"""What differs, and who has read it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.build.plan import Differences, in_words
from sitegen.build.reads import Packer
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
