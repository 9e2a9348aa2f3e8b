"""What earlier look-ups came to, and whether they would come to the same again: no record is read to say so.

A `KnownRun` stands for one page that did not run. It holds whatever its look-up asked beside the page's Document and the
records: of the machine (`questions.py`), of the time, of the store and of what the build was allowed. Where all of that is
as it was, `execute` would decide and show the very same; in every other case it must look again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sitegen.execution import distributions, kernelspecs
from sitegen.execution.questions import EVERY, Noted, Question, is_still
from sitegen.results.places import UNKNOWN, state_of
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.config import Config
    from sitegen.content.document import PageKey
    from sitegen.execution.policy import ExecutionPolicy
    from sitegen.results.files import Files
    from sitegen.results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun:
    """What a page's results were shown by, for as long as its Document is the same; small, and can be pickled."""

    page: PageKey
    frame: str
    """Digest of what the build was allowed and of the settings that have a part in a look-up."""
    store: str
    """State of the store, with what that build kept."""
    made: datetime
    """`Config.now` of the look-up."""
    lasts: timedelta | None
    """How long no record grows too old; None: time has no part in it."""
    answers: tuple[tuple[Question, Any], ...]


class KnownRuns:
    """The look-ups of one build, as `execute` tells them."""

    def __init__(self, policy: ExecutionPolicy, config: Config) -> None:
        self._frame = _frame_of(policy, config)
        self._made = config.now
        self._noted: dict[PageKey, Noted] = {}

    def add(self, page: PageKey, notes: Noted) -> None:
        """A page that did not run, and what its look-up asked."""
        if notes.is_certain:
            self._noted[page] = notes

    def kept(self, store: Store) -> tuple[KnownRun, ...]:
        """One value a page of which something certain can be said, once all that ran is in the store.

        A page that ran is not among them, nor one whose results another page's run may change: the next build looks these
        up again, and then knows.

        Args:
            store: that the build has used.
        """
        state = store.state()
        if state == UNKNOWN:
            return ()
        added = {name for stored in store.added for name in (stored.record.key, stored.record.page)}
        return tuple(
            KnownRun(
                page=page,
                frame=self._frame,
                store=state,
                made=self._made,
                lasts=notes.lasts,
                answers=tuple(notes.answers.items()),
            )
            for page, notes in self._noted.items()
            if not added or (EVERY not in notes.records and notes.records.isdisjoint(added))
        )


def still_shown(
    known: Iterable[KnownRun], files: Files, policy: ExecutionPolicy, config: Config
) -> frozenset[PageKey]:
    """The pages that `execute` must look up again, though their Documents are the same.

    A page with cells of which there is no `KnownRun` is to be looked up as well.

    Args:
        known: of earlier builds, one a page.
        files: where the store lies (`places.open_files`); it is listed, and nothing in it is read.
        policy: of this build.
        config: of this build.
    """
    runs = tuple(known)
    if not runs:
        return frozenset()
    kernelspecs.forget()
    distributions.forget()
    frame, state = _frame_of(policy, config), state_of(files)
    asked: dict[Question, Any] = {}
    changed: set[Question] = set()
    for run in runs:
        for question, answer in run.answers:
            if question not in asked:
                asked[question] = answer
                if not is_still(question, answer):
                    changed.add(question)
            elif asked[question] != answer:  # two builds had two answers: each may be right only for its page
                changed.add(question)
    return frozenset(
        run.page
        for run in runs
        if run.frame != frame
        or run.store != state
        or state == UNKNOWN
        or not _is_in_time(run, config.now)
        or any(question in changed for question, _ in run.answers)
    )


def _is_in_time(run: KnownRun, now: datetime) -> bool:
    return run.lasts is None or timedelta(0) <= now - run.made <= run.lasts


def _frame_of(policy: ExecutionPolicy, config: Config) -> str:
    """The digest of these, and of nothing else; what else the configuration says of runs has come to the Documents.

    1. what the policy allows;
    2. the folders of the site, its pages, its output, its results and its state, and the store's URL;
    3. the site's `execute` table, whose profile a smoke page is held against.
    """
    facts = (
        policy.allowed,
        policy.fresh,
        *map(
            str, (config.root, config.publish_dir, config.results_dir, config.state_dir, config.results_url)
        ),
        repr(config.execute),
    )
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogateescape")).hexdigest()
