"""The site of this build held against the last one's: which pages must be composed, and which files rendered, again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from sitegen.build.bodies import ReadLater, Ref
from sitegen.build.last import Last
from sitegen.build.made import Composed, Wanted
from sitegen.build.plan import Differences, differences, in_words
from sitegen.build.publish import Published
from sitegen.build.reads import PackedReads
from sitegen.build.reindex import Reindexed
from sitegen.build.result import has_errors
from sitegen.build.state import Table
from sitegen.build.stock import Stock
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.files import digest_file
from sitegen.rendering.incremental.dependencies import Changes
from sitegen.rendering.incremental.facts import World
from sitegen.rendering.incremental.link_names import ChangedNames, changed_names
from sitegen.rendering.links import adopt_published_files
from sitegen.rendering.recorder import RECORDED_SETTINGS
from sitegen.rendering.values import PageSummary
from sitegen.results.ledger import Ledger
from sitegen.values import dataclass

Words = tuple[str, ...]
"""Why something is made again; empty where nobody has asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleFiles:
    """The files that have to be rendered."""

    wanted: tuple[Wanted, ...]
    """Lists of many pages first: each is done by one process."""
    words: Mapping[tuple[PageKey, str], Words] = field(default_factory=dict)
    """Page and part to the reason, where it is not the page itself."""

    @property
    def count(self) -> int:
        """How many there are, at least."""
        return sum(each.pagers if each.parts is None else len(each.parts) for each in self.wanted)


_CARRIERS: Final = tuple(
    PageKey(key)
    for key in (
        "/:assets",
        "/:static",
        "/404.html",
        "/robots.txt",
        "/llms.txt",
        "/_headers",
        "/opensearch.xml",
    )
)
"""The pages that stand for assets and static files, and those that give way to a static file: they come back with no
file of the last build to say so."""


class Comparison:
    """This build's site beside the last one's."""

    def __init__(
        self,
        config: Config,
        last: Last,
        found: Reindexed,
        stock: Stock,
        differing: set[str],
        *,
        templates: Mapping[str, str],
        assets: Mapping[str, str],
        is_explained: bool,
    ) -> None:
        """Hold them against each other.

        Args:
            config: of this build.
            last: what the last one left.
            found: the index of this build.
            stock: the files that there are.
            differing: absolute paths of files that are not as they were.
            templates: `rendering.incremental.facts.template_digests`.
            assets: `rendering.incremental.facts.asset_digests`.
            is_explained: reasons are put into words.
        """
        self._config = config
        self._last = last
        self._found = found
        self._index = found.index
        self._differing = differing
        self._templates = templates
        self._assets = assets
        self._is_explained = is_explained
        self.digests = FileDigests(config, last, stock, differing)

    # --- composing

    def stale_pages(self) -> dict[PageKey, Words]:
        """The pages that have to be composed, in order, each with the reason."""
        last, keys = self._last, self._found.keys
        before = last.index
        if before is None:
            why = last.why_all() if self._is_explained else ()
            return dict.fromkeys(keys, (f"everything is built: {', '.join(why)}",) if why else ())
        reasons: dict[PageKey, Words] = {}
        known = last.refs
        for key in keys:
            if key not in known:
                reasons[key] = ("the page is new",)
        for key in self._found.touched & known.keys():
            if key in self._index.pages:
                reasons[key] = (_edited(self._index, key),)
        for key, diagnostics, waited in self._last.state.pages_to_ask():
            if key in reasons or key not in self._index.pages:
                continue
            if waited:
                reasons[key] = ("results of cells may be others",)
            elif has_errors(diagnostics):
                reasons[key] = ("something was wrong with it",)
        found = self._differences(self._changes)
        if found:
            for key, reads in self._last.state.page_reads():
                if key not in reasons and key in self._index.pages and found.touch(reads):
                    reasons[key] = self._words(found, reads)
        return {key: reasons[key] for key in keys if key in reasons}

    # --- rendering

    def stale_files(
        self,
        composed: Iterable[Composed],
        refs: Mapping[PageKey, Ref],
        ledger: Ledger,
        published: Published,
    ) -> StaleFiles:
        """The files that have to be rendered, once all pages are composed.

        Args:
            composed: by this build.
            refs: of all pages.
            ledger: of this build.
            published: what the output folder holds.
        """
        if self._last.index is None:
            return StaleFiles(wanted=tuple(Wanted(key, None, 1) for key in self._by_weight(refs)))
        bodies = self._last.state.bodies
        was, now = self._last.summaries, ReadLater(refs, bodies.summary)
        remade, summaries = self._that_differ(composed, refs, was, now)
        parts: dict[PageKey, dict[str, Words]] = {}
        pagers: dict[PageKey, set[str]] = {}
        for path, owner, part, digest, diagnostics in self._last.state.outputs_to_ask():
            if part.startswith("html/"):
                pagers.setdefault(owner, set()).add(part)  # pictures and assets that it names are of its part
            if owner in remade or owner not in refs:
                continue
            if published.digest(path) != digest:
                parts.setdefault(owner, {})[part] = ("it is not in the output folder as it was written",)
            elif has_errors(diagnostics):
                parts.setdefault(owner, {})[part] = ("something was wrong with it",)
        changes = replace(
            self._changes, summaries=frozenset(summaries), results=self._results_that_differ(ledger)
        )
        found = self._differences(changes, (was, now), ledger)
        for _, owner, part, reads in self._last.state.output_reads() if found else ():
            if owner not in remade and owner in refs and found.touch(reads):
                parts.setdefault(owner, {})[part] = self._words(found, reads)
        return StaleFiles(
            wanted=tuple(
                Wanted(key, None if key in remade else frozenset(parts[key]), 1 + len(pagers.get(key, ())))
                for key in self._by_weight({**dict.fromkeys(remade), **parts})
            ),
            words={(key, part): words for key, each in parts.items() for part, words in each.items()},
        )

    def _that_differ(
        self,
        composed: Iterable[Composed],
        refs: Mapping[PageKey, Ref],
        was: Mapping[PageKey, PageSummary],
        now: Mapping[PageKey, PageSummary],
    ) -> tuple[set[PageKey], set[PageKey]]:
        """The pages that are not what they were, and those of which other pages may show something else."""
        known, bodies = self._last.refs, self._last.state.bodies
        remade = {key for key in self._found.moved if key in refs}
        summaries = set(known.keys() - refs.keys())
        for page in composed:
            before = known.get(page.key)
            if before is None or not bodies.same_page(before, page.ref):
                remade.add(page.key)
            if before is None or was[page.key] != now[page.key]:
                summaries.add(page.key)
        sources = self._index.by_source
        if self._found.is_addresses or any(
            self._config.relative_to_root(Path(path)) not in sources for path in self._differing
        ):
            remade.update(key for key in _CARRIERS if key in refs)
        return remade, summaries

    def _results_that_differ(self, now: Ledger) -> frozenset[PageKey]:
        before = self._last.ledger
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

    def _words(self, found: Differences, reads: PackedReads) -> Words:
        """Why something is made again: only put into words where that was asked for."""
        if not self._is_explained:
            return ()
        return tuple(sorted({in_words(fact) for fact in found.among(reads)}))

    # --- what differs

    @cached_property
    def _may_names_differ(self) -> bool:
        """Whether a link can lead elsewhere, or a file that was read can hold something else."""
        changes = self._changes
        return bool(
            changes.is_addresses
            or changes.places
            or changes.static
            or changes.files is None
            or not changes.files.isdisjoint(self._last.digests)
        )

    @cached_property
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
            is_bibliographies=before.bibliographies != index.bibliographies,
            names=self._names_that_differ(before),
            settings=frozenset(
                name for name in RECORDED_SETTINGS if getattr(old, name) != getattr(config, name)
            ),
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

    def _names_that_differ(self, before: SiteIndex) -> ChangedNames | None:
        found, last = self._found, self._last
        if not (found.is_addresses or found.is_structure):
            return None  # only links of pages that moved are asked for
        return changed_names(
            before,
            self._index,
            self._config,
            places=found.moved,
            files=(last.files, found.files),
            unlisted=(last.unlisted, found.unlisted),
        )

    def _differences(
        self,
        changes: Changes,
        summaries: tuple[Mapping[PageKey, PageSummary], Mapping[PageKey, PageSummary]] | None = None,
        ledger: Ledger | None = None,
    ) -> Differences:
        """The noted facts that differ: before pages are composed, or with their summaries of then and now."""
        last = self._last
        if last.index is None or last.config is None or changes == Changes():
            return Differences(())
        if last.files is not None:
            adopt_published_files(last.index, last.config, last.files)
        was, now = summaries if summaries is not None else (None, None)
        before = World(
            last.index,
            last.config,
            summaries=was,
            ledger=last.ledger if summaries is not None else None,
            templates=last.templates,
            assets=last.assets,
            file_digest=self.digests.before,
            related=last.related,
        )
        after = World(
            self._index,
            self._config,
            summaries=now,
            ledger=ledger,
            templates=self._templates,
            assets=self._assets,
            file_digest=self.digests.now,
            related=self._found.related,
        )
        table: Table = "page" if summaries is None else "output"
        named = last.state.named(table) if self._may_names_differ else frozenset()
        marks = cache(lambda: last.state.marks(table))
        keys = (*self._found.keys, *(key for key in last.index.pages if key not in self._index.pages))
        noted = replace(last.noted, named=named, shared=last.state.shared(table))
        return differences(changes, noted, marks, keys, before, after)


class FileDigests:
    """Digests of files that are read while pages are made, as they were and as they are."""

    def __init__(self, config: Config, last: Last, stock: Stock, differing: set[str]) -> None:
        self._root = config.root
        self._last = last.digests
        self._stock = stock
        self._differing = differing
        self._read: set[str] = set()
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
        is_due = path not in self._last or place in self._differing
        if is_due and path not in self._read:
            self._read.add(path)
            self.known[path] = self._digest(place)

    def _digest(self, place: str) -> str:
        try:
            digest = digest_file(Path(place))
        except OSError:
            return ""
        # what was read of one that has changed while the site was made, nobody knows: the next build reads it again
        return digest if self._stock.still_has(place) else f"changed meanwhile: {digest}"

    def with_those_of(self, paths: Iterable[str]) -> dict[str, str]:
        """Path to digest of all files that were read, also of these."""
        for path in paths:
            self.keep(path)
        return dict(self.known)


def _edited(index: SiteIndex, key: PageKey) -> str:
    source = index.pages[key].source
    return "its place in the site" if source is None else f"the file `{source.path}`"
