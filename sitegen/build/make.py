"""A build that has something to do: the nine calls, each for the pages that need it, with what the last build left for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sitegen.build.bodies import ReadLater, Ref
from sitegen.build.last import FACTS, Last
from sitegen.build.made import Composed, Output, Waiting, Wanted
from sitegen.build.missing import gather_missing
from sitegen.build.pipeline import in_order_of_lines
from sitegen.build.plan import Differences, differences, in_words
from sitegen.build.reads import Noted, PackedReads
from sitegen.build.reindex import Reindexed, reindex
from sitegen.build.report import PageReport, report_pages
from sitegen.build.result import BuildOptions, Outcome, Reason
from sitegen.build.stock import Stock
from sitegen.build.work import Staging, Workshop, highlights_folder
from sitegen.build.workers import FEWEST_PAGES, Workers, working
from sitegen.config import Config
from sitegen.content.document import ExecutedDocument, PageKey, RunSummary
from sitegen.content.site import SiteIndex
from sitegen.errors import Diagnostic
from sitegen.execution.backends import Backend
from sitegen.execution.known import KnownRuns
from sitegen.execution.run import execute
from sitegen.files import digest_file
from sitegen.frozen import FrozenDict
from sitegen.markdown.lexing.kept import kept_highlights
from sitegen.rendering.dependencies import Changes
from sitegen.rendering.facts import World, asset_digests, template_digests
from sitegen.rendering.values import PageSummary
from sitegen.results.ledger import Ledger, build_ledger, summarise
from sitegen.results.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSite:
    """A site that is ready to be published, and what the next build will want to know of it."""

    reindexed: Reindexed
    composed: tuple[Composed, ...]
    """By this build."""
    gone_pages: tuple[PageKey, ...]
    kept: tuple[Output, ...]
    """Files that the last build has published, and that are as they were."""
    made: tuple[Output, ...]
    """Files that this build has rendered."""
    gone_outputs: tuple[tuple[str, str], ...]
    """Path and page."""
    outcome: Outcome
    reasons: tuple[Reason, ...]
    next_event: datetime | None
    """When a page comes or goes without any file being changed."""
    reads_clock: bool
    """Something on the site shows when it was built."""
    values: Mapping[str, object]
    """For the state: the rest of what the next build asks."""


def make(
    config: Config,
    options: BuildOptions,
    last: Last,
    stock: Stock,
    differing: set[str],
    staging: Staging,
    *,
    must_reindex: bool,
    backend: Backend,
    store: Store,
) -> MadeSite:
    """Make what has to be made of the site; files that were rendered wait in the staging folder.

    Args:
        config: the site's configuration.
        options: what this build is asked for.
        last: what the last build left; empty to make everything.
        stock: the files that there are.
        differing: absolute paths of those that are not as they were.
        staging: where rendered files go, and what is published already.
        must_reindex: the index may differ although no file does.
        backend: runs the cells; used only for pages whose records do not hold.
        store: the records of earlier runs.
    """
    return _Making(config, options, last, stock, differing, staging, backend, store).site(must_reindex)


_CLOCK: Final = ("site", "", "build_date")


class _Making:
    """One build: what it knows, step by step."""

    def __init__(
        self,
        config: Config,
        options: BuildOptions,
        last: Last,
        stock: Stock,
        differing: set[str],
        staging: Staging,
        backend: Backend,
        store: Store,
    ) -> None:
        self._config = config
        self._options = options
        self._last = last
        self._stock = stock
        self._differing = differing
        self._staging = staging
        self._backend = backend
        self._store = store
        self._state = last.state
        self._digests = _Digests(config, last, differing)
        self._reasons: dict[PageKey, tuple[str, ...]] = {}
        self._parts: dict[tuple[PageKey, str], tuple[str, ...]] = {}
        self._known = KnownRuns(options.policy, config)

    def site(self, must_reindex: bool) -> MadeSite:
        """The whole of it."""
        config, last = self._config, self._last
        found = reindex(config, last, self._stock, self._differing, must_be_made=must_reindex)
        if last.index is None:
            self._state.forget()
        self._found, self._index = found, found.index
        self._templates = template_digests(config)
        workshop = Workshop(config, found.index, self._state.bodies, self._staging)
        self._assets = asset_digests(workshop.assets)
        self._world = self._changes()

        stale = self._stale_pages()
        with kept_highlights(highlights_folder(config)) as highlights, ExitStack() as stack:
            if len(stale) >= FEWEST_PAGES:
                highlights.load()  # once, for all workers
            workers = stack.enter_context(working(workshop, len(stale)))
            composed, executed = self._composed(stale, workers, workshop)
            reports = report_pages(executed)
            refs = {**last.refs, **{page.key: page.ref for page in composed}}
            refs = {key: refs[key] for key in found.keys}
            workers.tell("gather", self._ledger, refs)
            wanted = self._stale_outputs(composed, refs)
            made = tuple(sorted(workers.each("render", wanted), key=lambda output: output.path))
            fields = frozenset(field for each in workers.tell("fields") for field in each)
        return self._made_site(composed, executed, reports, wanted, made, fields)

    # --- what differs

    def _changes(self) -> Changes:
        """What differs before anything has been composed."""
        last, index, config = self._last, self._index, self._config
        before = last.index
        if before is None or last.config is None:
            return Changes()
        old = last.config
        data = before.data if self._found.is_made_anew else index.data
        below_root = {str(config.relative_to_root(Path(path))) for path in self._differing}
        static = {str(file.output_path): file.file for file in index.static_files}
        was_static = (
            {str(file.output_path): file.file for file in before.static_files}
            if self._found.is_made_anew
            else static
        )
        return Changes(
            places=self._found.moved,
            is_structure=self._found.is_structure,
            is_addresses=self._found.is_addresses,
            settings=frozenset(name for name in FACTS if getattr(old, name) != getattr(config, name)),
            data=frozenset(
                name
                for name in data.keys() | index.data.keys()
                if data.get(name, before) != index.data.get(name, before)
            ),
            templates=last.templates != self._templates,
            assets=last.assets != self._assets,
            static=frozenset(
                path
                for path in static.keys() | was_static.keys()
                if static.get(path) != was_static.get(path) or str(static.get(path)) in self._differing
            ),
            files=frozenset(below_root),
        )

    def _differences(
        self,
        changes: Changes,
        summaries: tuple[Mapping[PageKey, PageSummary], Mapping[PageKey, PageSummary]] | None = None,
    ) -> Differences:
        """The noted facts that differ: before pages are composed, or with their summaries of then and now."""
        last = self._last
        if last.index is None or last.config is None or changes == Changes():
            return Differences(())
        was, now = summaries if summaries is not None else (None, None)
        before = World(
            last.index,
            last.config,
            summaries=was,
            ledger=last.ledger if summaries is not None else None,
            templates=last.templates,
            assets=last.assets,
            file_digest=self._digests.before,
        )
        after = World(
            self._index,
            self._config,
            summaries=now,
            ledger=self._ledger if summaries is not None else None,
            templates=self._templates,
            assets=self._assets,
            file_digest=self._digests.now,
        )
        needs_names = changes.is_addresses or changes.files or changes.static or changes.places
        noted = replace(last.noted, named=self._state.named() if needs_names else frozenset())
        keys = (*self._found.keys, *(key for key in last.index.pages if key not in self._index.pages))
        return differences(changes, noted, keys, before, after)

    # --- composing

    def _stale_pages(self) -> list[PageKey]:
        """The pages that have to be composed, in order; why is noted."""
        last, keys = self._last, self._found.keys
        before = last.index
        if before is None:
            return list(keys)
        reasons = self._reasons
        known = last.refs
        for key in keys:
            if key not in known:
                reasons[key] = ("the page is new",)
        for key in self._found.touched & known.keys():
            if key in self._index.pages:
                reasons[key] = (_edited(self._index, key),)
        for key, diagnostics, waited in self._state.pages_to_ask():
            if key in reasons or key not in self._index.pages:
                continue
            if waited:
                reasons[key] = ("results of cells may be others",)
            elif _has_error(diagnostics):
                reasons[key] = ("something was wrong with it",)
        found = self._differences(self._world)
        if found:
            for key, reads in self._state.page_reads():
                if key not in reasons and key in self._index.pages and found.touch(reads):
                    reasons[key] = self._words(found, reads)
        return [key for key in keys if key in reasons]

    def _composed(
        self, stale: Sequence[PageKey], workers: Workers, workshop: Workshop
    ) -> tuple[tuple[Composed, ...], tuple[ExecutedDocument, ...]]:
        """The pages that had to be composed; those that wait for runs are executed meanwhile."""
        composed: dict[PageKey, Composed] = {}
        waiting: dict[PageKey, Waiting] = {}
        for item in workers.each("compose", stale):
            if isinstance(item, Waiting):
                waiting[item.document.page] = item
            else:
                composed[item.key] = item
        in_order = [waiting[key] for key in stale if key in waiting]
        documents = tuple(item.document for item in in_order)
        finished: dict[PageKey, ExecutedDocument] = {}
        if documents:
            runs = execute(
                documents, self._backend, self._store, self._options.policy, self._config, known=self._known
            )
            finished = {run.document.page: run for run in runs}  # they come as they finish
        executed = tuple(finished[document.page] for document in documents)
        summaries: Iterable[RunSummary] = (summarise(run) for run in executed)
        self._ledger: Ledger = build_ledger(summaries, self._store)
        for item in in_order:
            key = item.document.page
            composed[key] = workshop.compose_executed(finished[key], self._ledger, item.reads)
        return tuple(composed[key] for key in stale), executed

    # --- rendering

    def _stale_outputs(self, composed: Iterable[Composed], refs: Mapping[PageKey, Ref]) -> list[Wanted]:
        """The pages of which files have to be rendered: all of them, or the parts that are named."""
        last, bodies = self._last, self._state.bodies
        wanted: dict[PageKey, set[str] | None] = {}
        if last.index is None:
            return [Wanted(key, None, 1) for key in self._by_weight(self._found.keys)]
        was, now = last.summaries, ReadLater(refs, bodies.summary)
        summaries = set(last.refs.keys() - refs.keys())
        for page in composed:
            known = last.refs.get(page.key)
            if known is None or not bodies.same_page(known, page.ref):
                wanted[page.key] = None
            if known is None or was[page.key] != now[page.key]:
                summaries.add(page.key)
        for key in self._found.moved:
            if key in refs:
                wanted[key] = None
                self._reasons.setdefault(key, ("its place in the site",))
        sources = self._index.by_source
        if self._found.is_addresses or any(
            self._config.relative_to_root(Path(path)) not in sources for path in self._differing
        ):
            wanted.update(dict.fromkeys(_carriers(self._index)))
        changes = replace(self._world, summaries=frozenset(summaries), results=self._results_that_differ())
        found = self._differences(changes, (was, now))
        pagers: Counter[PageKey] = Counter()
        for path, owner, part, digest, diagnostics in self._state.outputs_to_ask():
            if part.startswith("html/"):
                pagers[owner] += 1
            if wanted.get(owner, ()) is None or owner not in refs:
                continue
            if self._staging.published.digest(path) != digest:
                self._want(wanted, owner, part, ("it is not in the output folder as it was written",))
            elif _has_error(diagnostics):
                self._want(wanted, owner, part, ("something was wrong with it",))
        if found:
            for _, owner, part, reads in self._state.output_reads():
                if wanted.get(owner, ()) is not None and owner in refs and found.touch(reads):
                    self._want(wanted, owner, part, self._words(found, reads))
        return [
            Wanted(key, None if (parts := wanted[key]) is None else frozenset(parts), 1 + pagers[key])
            for key in self._by_weight(wanted)
        ]

    def _want(
        self, wanted: dict[PageKey, set[str] | None], key: PageKey, part: str, why: tuple[str, ...]
    ) -> None:
        parts = wanted.setdefault(key, set())
        if parts is not None:
            parts.add(part)
            self._parts[key, part] = why

    def _results_that_differ(self) -> frozenset[PageKey]:
        before, now = self._last.ledger, self._ledger
        if before is None or before == now:
            return frozenset()
        return frozenset(
            key
            for ledger in (before, now)
            for key in (*ledger.states, *ledger.runs, *ledger.written, *ledger.page_cells)
        )

    def _by_weight(self, keys: Iterable[PageKey]) -> list[PageKey]:
        """Lists of many pages first: each is done by one process."""
        children = self._index.children
        return sorted(keys, key=lambda key: -len(children.get(key, ())))

    def _words(self, found: Differences, reads: PackedReads) -> tuple[str, ...]:
        """Why something is made again: only put into words where that was asked for."""
        if not self._options.explain:
            return ()
        return tuple(sorted({in_words(fact) for fact in found.among(reads)}))

    # --- the end

    def _made_site(
        self,
        composed: tuple[Composed, ...],
        executed: tuple[ExecutedDocument, ...],
        reports: tuple[PageReport, ...],
        wanted: Sequence[Wanted],
        made: tuple[Output, ...],
        fields: frozenset[str],
    ) -> MadeSite:
        asked = {each.key: each.parts for each in wanted}
        written = {(output.path, output.owner) for output in made}
        kept: list[Output] = []
        gone: list[tuple[str, str]] = []
        for output in self._state.outputs() if self._last.index is not None else ():
            parts = asked.get(PageKey(output.owner), frozenset())
            if output.owner in self._index.pages and parts is not None and output.part not in parts:
                kept.append(output)
            elif (output.path, output.owner) not in written:
                gone.append((output.path, output.owner))
        found = self._found
        states = {run.document.page: run.state for run in executed if run.state is not None}
        noted = self._noted(composed, made, fields)
        outcome = Outcome(
            pages=found.rendered,
            states=FrozenDict(states),
            skipped=self._index.skipped,
            reports=reports,
            diagnostics=self._diagnostics(composed, kept, made),
        )
        return MadeSite(
            reindexed=found,
            composed=composed,
            gone_pages=tuple(key for key in self._last.refs if key not in self._index.pages),
            kept=tuple(kept),
            made=made,
            gone_outputs=tuple(gone),
            outcome=outcome,
            reasons=tuple(self._explained(made)) if self._options.explain else (),
            next_event=self._index.next_event,
            reads_clock=_CLOCK in noted.shared,
            values=self._values(composed, made, noted),
        )

    def _diagnostics(
        self, composed: Iterable[Composed], kept: Iterable[Output], made: Iterable[Output]
    ) -> tuple[Diagnostic, ...]:
        """All of the site, once each: also what an earlier build has found in what is as it was."""
        own = {page.key: page.diagnostics for page in composed}
        if self._last.index is not None:
            own |= {
                key: diagnostics
                for key, diagnostics, _ in self._state.pages_to_ask()
                if key not in own and key in self._index.pages
            }
        found = in_order_of_lines(
            (
                self._config.diagnostics,
                self._index.diagnostics,
                *own.values(),
                self._ledger.diagnostics,
                *(output.diagnostics for output in kept if output.diagnostics),
                *(output.diagnostics for output in made if output.diagnostics),
            )
        )
        return gather_missing(found, self._config.root)

    def _explained(self, made: Iterable[Output]) -> Iterator[Reason]:
        for output in made:
            key = PageKey(output.owner)
            words = self._parts.get((key, output.part)) or self._reasons.get(key, ())
            yield Reason(path=output.path, words=words or ("everything is built",))

    def _noted(self, composed: Iterable[Composed], made: Iterable[Output], fields: frozenset[str]) -> Noted:
        before = self._last.noted
        reads = (item.reads.shared for group in (composed, made) for item in group)
        shared = {id(facts): facts for facts in reads}.values()
        return Noted(fields=before.fields | fields, shared=before.shared.union(*shared))

    def _values(
        self, composed: Iterable[Composed], made: Iterable[Output], noted: Noted
    ) -> dict[str, object]:
        """What the next build asks for by name."""
        found = self._found
        for group in (composed, made):
            for item in group:
                for subject, owner, _ in item.reads.named:
                    if subject == "file":
                        self._digests.keep(owner)
        values: dict[str, object] = {
            "noted": noted,
            "ledger": self._ledger,
            "runs": self._known.kept(self._store),
            "templates": self._templates,
            "assets": self._assets,
            "digests": self._digests.known,
            "others": self._digests.outside(self._stock),
        }
        if found.is_made_anew:
            values |= {
                "structure": replace(found.index, pages=FrozenDict(), all_sources=()),
                "keys": found.keys,
                "unlisted": found.unlisted,
            }
        return values


class _Digests:
    """Digests of files that are read while pages are made, as they were and as they are."""

    def __init__(self, config: Config, last: Last, differing: set[str]) -> None:
        self._root = config.root
        self._last = last.digests
        self._differing = differing
        self.known: dict[str, str] = dict(last.digests)
        """Path below the root to digest; empty where there is no file."""

    def before(self, path: str) -> object:
        """What the last build read."""
        return self._last.get(path)

    def now(self, path: str) -> object:
        """What there is."""
        self.keep(path)
        return self.known[path]

    def keep(self, path: str) -> None:
        """Know the digest of a file; one that is as it was is not read."""
        place = str(self._root / path)
        if path not in self._last or place in self._differing:
            try:
                self.known[path] = digest_file(Path(place))
            except OSError:
                self.known[path] = ""

    def outside(self, stock: Stock) -> tuple[str, ...]:
        """Absolute paths of those that lie in none of the site's folders."""
        places = (str(self._root / path) for path in self.known)
        return tuple(sorted(place for place in places if place not in stock.files))


def _edited(index: SiteIndex, key: PageKey) -> str:
    source = index.pages[key].source
    return "its place in the site" if source is None else f"the file `{source.path}`"


def _has_error(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)


def _carriers(index: SiteIndex) -> list[PageKey]:
    """The pages that stand for assets and static files."""
    return [key for key in (PageKey("/:assets"), PageKey("/:static")) if key in index.pages]
