"""What has to be made again: facts whose values differ between two builds, and who has read one of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sitegen.build.reads import Marks, Noted, PackedReads, mark
from sitegen.content.document import PageKey
from sitegen.rendering.incremental.dependencies import Changes
from sitegen.rendering.incremental.facts import World
from sitegen.rendering.recorder import RawFact

_NOBODY = PageKey("\0")
"""A key that no page has: a fact of its own differs only where facts of all pages can."""


class Differences:
    """The facts that differ."""

    def __init__(self, facts: Iterable[RawFact]) -> None:
        self.facts = frozenset(facts)
        self._marks = {mark(fact): fact for fact in self.facts if fact[0] == "page"}
        self._others = frozenset(fact for fact in self.facts if fact[0] != "page")

    def __bool__(self) -> bool:
        return bool(self.facts)

    def touch(self, reads: PackedReads) -> bool:
        """Whether one of them is among the reads."""
        return any(True for _ in self.among(reads))

    def among(self, reads: PackedReads) -> Iterator[RawFact]:
        """Those that are among the reads."""
        if not self.facts:
            return
        if self._others:
            yield from self._others & reads.shared
            yield from (fact for fact in reads.named if fact in self._others)
        marks = reads.marks
        if len(self._marks) * 8 < len(marks):  # looked for in the bytes, where that is the shorter way
            yield from (fact for found, fact in self._marks.items() if found in marks)
        else:
            known = self._marks
            for start in range(0, len(marks), 8):
                fact = known.get(marks[start : start + 8])
                if fact is not None:
                    yield fact


def differences(
    changes: Changes,
    noted: Noted,
    marks: Callable[[], Marks],
    keys: Sequence[PageKey],
    before: World,
    now: World,
) -> Differences:
    """The noted facts whose values differ.

    Args:
        changes: what can differ at all.
        noted: the facts.
        marks: of the facts of pages; asked for only where any page's may differ.
        keys: of all pages, of now and before.
        before: the site of the last build, in the same stage.
        now: this build's.
    """
    changes = now.narrowed(before, changes)
    return Differences(
        fact for fact in _candidates(changes, noted, marks, keys) if before.value(fact) != now.value(fact)
    )


def _candidates(
    changes: Changes, noted: Noted, marks: Callable[[], Marks], keys: Sequence[PageKey]
) -> Iterator[RawFact]:
    for fact in (*noted.shared, *noted.named):
        if changes.may_differ(*fact):
            yield fact
    touched = changes.places | changes.summaries | changes.results
    for field in noted.fields:
        owners = changes.owners(field)
        if owners is not None:
            read = marks() if owners else ()
            yield from (fact for key in owners if (fact := ("page", key, field)) in read)
        elif changes.may_differ("page", _NOBODY, field):
            read = marks()
            yield from (fact for key in keys if (fact := ("page", key, field)) in read)
        else:
            yield from (("page", key, field) for key in touched if changes.may_differ("page", key, field))


def in_words(fact: RawFact) -> str:
    """A fact as `sitegen build --explain` tells it: what a page read that is not what it was."""
    subject, owner, field = fact
    if subject == "page":
        return f"`{field}` of the page `{owner}`"
    if subject == "site":
        return f"`site.{field}`"
    if subject == "setting":
        return f"the setting `{field}`"
    if subject == "data":
        return f"the data `{owner}`" if owner else "which data there are"
    if subject == "link":
        return f"where the link `{field}` leads"
    if subject == "citation":
        return f"what is cited as `{field}`"
    if subject == "pager":
        return f"pager {field.partition(',')[0]} of the list `{owner}`"
    return f"the {_WORDS[subject]} `{owner}`"


_WORDS = {"template": "template", "asset": "asset", "static": "static file", "file": "file"}
