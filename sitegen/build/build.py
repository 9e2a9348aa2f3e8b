"""One build: nothing where nothing has changed, else what has to be made is made and published. It imports little."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from sitegen.build.bodies import DamagedStateError
from sitegen.build.last import Last
from sitegen.build.publish import (
    Published,
    PublishedSite,
    PublishTarget,
    published,
    refusal_of,
    refusals,
)
from sitegen.build.reads import reads_clock
from sitegen.build.result import BuildOptions, BuildResult, Outcome, Reason, has_errors
from sitegen.build.state import State, damaged, opened
from sitegen.build.stock import Stock, take_stock
from sitegen.config import Config
from sitegen.content.git_dates import git_state
from sitegen.errors import Diagnostic, PublishError
from sitegen.execution.known import still_shown
from sitegen.results.places import open_files
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.build.pipeline import MadeSite
    from sitegen.execution.backends import Backend
    from sitegen.results.store import Store

_MENDED: Final = "SG321"
"""The code of what was put right among the results."""


def build(config: Config, options: BuildOptions, *, backend: Backend, store: Store) -> BuildResult:
    """Build the site; with an error the old site stays as it is, unless `keep_going`.

    Args:
        config: the site's configuration.
        options: what this build is asked for.
        backend: runs the cells; used only for pages whose records do not hold.
        store: the records of earlier runs.
    """
    started = time.perf_counter()
    target = PublishTarget.of(config)
    with ExitStack() as stack:
        with refusals(target):
            state = stack.enter_context(opened(config.state_dir / "build" / target.state.name))
        try:
            return _Build(config, options, target, state, started).result(backend, store, state.diagnostics)
        except (DamagedStateError, sqlite3.DatabaseError) as error:
            state.throw_away()
            told = (damaged(str(error)),)
            return _Build(config, options, target, state, started).result(backend, store, told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What is there before anything is made."""

    stock: Stock
    published: Published
    differing: set[str]
    """Absolute paths of files that are not as they were."""
    git: str
    """State of the history that dates are taken from."""
    is_another_day: bool
    """The clock has passed a date at which a page comes or goes, or has been put back."""


class _Build:
    """One build, with its clock."""

    def __init__(
        self, config: Config, options: BuildOptions, target: PublishTarget, state: State, started: float
    ) -> None:
        self._config = config
        self._options = options
        self._target = target
        self._state = state
        self._started = started
        self._last = Last(state, config)

    def result(self, backend: Backend, store: Store, told: Iterable[Diagnostic]) -> BuildResult:
        """What it did."""
        before = self._look()
        outcome = self._last.outcome
        if outcome is not None and self._is_unchanged(before, outcome):
            site = PublishedSite(folder=self._target.output, unchanged=len(before.published.intact))
            # what was put right in the last build is no news in this one
            standing = tuple(each for each in outcome.diagnostics if each.code != _MENDED)
            return self._finished(replace(outcome, diagnostics=standing), site, told)
        return self._made(before, backend, store, told)

    # --- nothing has changed

    def _look(self) -> _Before:
        last, config = self._last, self._config
        stock = take_stock(config, last.others)
        event, before = last.next_event, last.config
        return _Before(
            stock=stock,
            published=published(self._target),
            differing=last.stock.differing(stock),
            git=git_state(config),
            is_another_day=(event is not None and config.now >= event)
            or (before is not None and config.now < before.now),
        )

    def _is_unchanged(self, before: _Before, outcome: Outcome) -> bool:
        """Whether a build would find the site that is published, and nothing else to say."""
        last, known = self._last, self._last.surroundings
        return (
            not before.differing
            and not before.is_another_day
            and known.get("git") in ("", before.git)
            and before.published.is_whole
            and before.published.generation == known.get("generation")
            and not known.get("reads_clock")
            and last.config is not None
            and last.config.with_clock_of(self._config) == self._config
            and not has_errors(outcome.diagnostics)
            and not self._options.policy.fresh
            and self._are_results_shown(outcome)
        )

    def _are_results_shown(self, outcome: Outcome) -> bool:
        """Whether every page with cells would show what it shows."""
        if not outcome.states:
            return True
        runs = self._last.runs
        if outcome.states.keys() - {run.page for run in runs}:
            return False
        return not still_shown(runs, open_files(self._config), self._options.policy, self._config)

    # --- something has

    def _made(
        self, before: _Before, backend: Backend, store: Store, told: Iterable[Diagnostic]
    ) -> BuildResult:
        from sitegen.build.publish import staging

        last = self._last
        must_reindex = (
            before.is_another_day
            or last.surroundings.get("git") not in ("", before.git)
            or last.config is None
            or last.config.with_clock_of(self._config) != self._config
        )
        site = None
        with ExitStack() as stack:
            ahead = None
            if (
                last.index is None
            ):  # begun before the pipeline is imported, which takes longer than to read 500 pages
                from sitegen.build.read_ahead import reading_ahead

                ahead = stack.enter_context(reading_ahead(self._config))
            from sitegen.build.pipeline import UnfinishedError, make_site
            from sitegen.build.work import Staging

            folder = stack.enter_context(staging(self._target))
            is_first = not self._target.output.exists()
            twin = stack.enter_context(staging(self._target)) if is_first else None
            try:
                made = make_site(
                    self._config,
                    self._options,
                    last,
                    before.stock,
                    before.differing,
                    Staging(folder=str(folder), twin=str(twin or ""), published=before.published),
                    must_reindex=must_reindex,
                    ahead=ahead,
                    backend=backend,
                    store=store,
                )
            except UnfinishedError as error:
                refused = refusal_of(error, self._target).diagnostic
                return self._finished(error.outcome, None, (*told, refused))
            if self._options.keep_going or not has_errors(self._judged((*told, *made.outcome.diagnostics))):
                try:
                    site = self._publish(made, folder, twin, before.published)
                except PublishError as error:
                    told = (*told, error.diagnostic)
        self._keep(made, before, site)
        return self._finished(made.outcome, site, told, made.reasons)

    def _publish(self, made: MadeSite, folder: Path, twin: Path | None, known: Published) -> PublishedSite:
        from sitegen.build.publish import publish

        return publish(
            made.made,
            self._target,
            kept={output.path: output.digest for output in made.kept},
            known=known,
            staged_in=folder,
            linked_in=twin,
        )

    def _keep(self, made: MadeSite, before: _Before, site: PublishedSite | None) -> None:
        """Leave for the next build what it will want to know. A state that cannot be written is none.

        What was not published is kept as well: the next build does not find it in the output folder, and renders it
        again, but parses nothing again.
        """
        surroundings = {
            "git": before.git if made.found.index.depends_on_git else "",  # a commit then changes nothing
            "generation": None if site is None else site.generation,
            "next_event": made.found.index.next_event,
            "reads_clock": reads_clock(made.noted.shared, self._config.now),
        }
        try:
            self._state.commit(
                values={
                    **made.values,
                    "templates": self._as_rendered_by(made.values["templates"], before.stock),
                    "program": self._last.program,
                    "config": self._config,
                    "stock": before.stock.with_others(str(self._config.root / path) for path in made.read),
                    "outcome": made.outcome,
                    "surroundings": surroundings,
                },
                composed=made.unkept[0],
                gone_pages=made.gone_pages,
                outputs=made.unkept[1],
                gone_outputs=made.gone_outputs,
            )
            self._state.compact()
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                self._state.throw_away()

    def _as_rendered_by(self, digests: object, stock: Stock) -> dict[str, str]:
        """Digests of templates; of one that was edited meanwhile nobody knows which text has made which file."""
        found: dict[str, str] = dict(cast("Mapping[str, str]", digests))
        folder = os.fspath(self._config.templates_dir) + os.sep
        for path in stock.files:
            name = path.removeprefix(folder).replace(os.sep, "/")
            if name in found and path.startswith(folder) and not stock.still_has(path):
                found[name] = f"changed meanwhile: {found[name]}"
        return found

    # --- the end

    def _judged(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        return tuple(
            diagnostic.as_error() if self._options.strict and diagnostic.severity == "warning" else diagnostic
            for diagnostic in diagnostics
        )

    def _finished(
        self,
        outcome: Outcome,
        site: PublishedSite | None,
        told: Iterable[Diagnostic],
        reasons: tuple[Reason, ...] = (),
    ) -> BuildResult:
        return BuildResult(
            published=site,
            diagnostics=self._judged((*told, *outcome.diagnostics)),
            pages=outcome.pages,
            states=outcome.states,
            skipped=outcome.skipped,
            seconds=time.perf_counter() - self._started,
            reports=outcome.reports,
            heaviest=outcome.heaviest,
            reasons=reasons,
        )
