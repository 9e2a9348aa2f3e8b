"""The site as the last build left it; empty where there was none, or where everything has to be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sitegen.build.bodies import ReadLater, Ref
from sitegen.build.reads import Noted
from sitegen.build.result import Outcome
from sitegen.build.search_state import SearchedPages
from sitegen.build.state import State
from sitegen.build.stock import Program, Stock, program_of
from sitegen.config import Config
from sitegen.config.changed import differing_settings
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.execution.known import KnownRun
from sitegen.rendering.recorder import RECORDED_SETTINGS
from sitegen.rendering.values import PageSummary

if TYPE_CHECKING:
    from sitegen.content.sources import Source
    from sitegen.rendering.lists.related import RelatedPages
    from sitegen.results.ledger import Ledger


class Last:
    """What is known of the last build, each part read when it is asked for."""

    def __init__(self, state: State, config: Config) -> None:
        self.state = state
        self._root = config.root
        known: Program | None = state.value("program")
        self.program = program_of(known)
        """The program that is running now."""
        is_same = known is not None and known.contents == self.program.contents
        # what another release has written need not be readable
        before: Config | None = state.value("config") if is_same else None
        self.is_usable = before is not None and _code_settings(before) == _code_settings(config)
        """Whether any of it holds for this build."""
        self._before, self._now, self._known = before, config, known

    def why_all(self) -> tuple[str, ...]:
        """In words, why none of it holds; empty where there is nothing, or all of it does."""
        if self._known is None or self.is_usable:
            return ()
        if self._before is None:
            return self._known.differences(self.program)
        old, new = _code_settings(self._before), _code_settings(self._now)
        return tuple(f"the setting `{name}`" for name in differing_settings(old, new))

    def _value(self, name: str, instead: Any) -> Any:
        found = self.state.value(name) if self.is_usable else None
        return instead if found is None else found

    @cached_property
    def config(self) -> Config | None:
        """The settings."""
        found: Config | None = self._value("config", None)
        return found

    @cached_property
    def stock(self) -> Stock:
        """The files as they were."""
        found: Stock = self._value("stock", Stock())
        return found

    @property
    def others(self) -> tuple[str, ...]:
        """Absolute paths of the files that were read, but for those that every build reads."""
        return tuple(str(self._root / path) for path in self.digests)

    @cached_property
    def outcome(self) -> Outcome | None:
        """What it found."""
        found: Outcome | None = self._value("outcome", None)
        return found

    @cached_property
    def runs(self) -> tuple[KnownRun, ...]:
        """What the look-ups of its pages with cells came to."""
        found: tuple[KnownRun, ...] = self._value("runs", ())
        return found

    @cached_property
    def surroundings(self) -> Mapping[str, object]:
        """What else it depended on: git, the store, the next date at which the site changes by itself."""
        found: Mapping[str, object] = self._value("surroundings", {})
        return found

    @property
    def next_event(self) -> datetime | None:
        """When a page is published, or expires, without any file being changed."""
        found = self.surroundings.get("next_event")
        return found if isinstance(found, datetime) else None

    # --- the site

    @cached_property
    def refs(self) -> dict[PageKey, Ref]:
        """Where the parts of its pages lie."""
        return self.state.refs() if self.is_usable else {}

    @cached_property
    def index(self) -> SiteIndex | None:
        """Its index; a page of it is read when it is asked for."""
        structure: SiteIndex | None = self._value("structure", None)
        if structure is None:
            return None
        keys: tuple[PageKey, ...] = self._value("keys", ())
        refs = {key: self.refs[key] for key in keys}
        pages: ReadLater[PageKey, IndexedPage] = ReadLater(refs, self.state.bodies.place)
        return replace(structure, pages=pages, all_sources=self.unlisted)

    @cached_property
    def unlisted(self) -> tuple[Source, ...]:
        """Sources of files that were no page of the site, such as drafts."""
        found: tuple[Source, ...] = self._value("unlisted", ())
        return found

    @cached_property
    def related(self) -> RelatedPages | None:
        """Which pages were related to which, where front matter alone said that."""
        found: RelatedPages | None = self._value("related", None)
        return found

    @cached_property
    def files(self) -> Mapping[str, str] | None:
        """`rendering.links.published_files` of its index."""
        found: Mapping[str, str] | None = self._value("files", None)
        return found

    @cached_property
    def summaries(self) -> Mapping[PageKey, PageSummary]:
        """Of every page."""
        return ReadLater(self.refs, self.state.bodies.summary)

    @cached_property
    def ledger(self) -> Ledger | None:
        """Of all runs."""
        found: Ledger | None = self._value("ledger", None)
        return found

    @cached_property
    def templates(self) -> Mapping[str, str]:
        """`rendering.incremental.facts.template_digests`."""
        found: Mapping[str, str] = self._value("templates", {})
        return found

    @cached_property
    def assets(self) -> Mapping[str, str]:
        """`rendering.incremental.facts.asset_digests`."""
        found: Mapping[str, str] = self._value("assets", {})
        return found

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """Path below the root to digest of files that were read while pages were made."""
        found: Mapping[str, str] = self._value("digests", {})
        return found

    @cached_property
    def searched(self) -> SearchedPages:
        """What its search index was made of."""
        found: SearchedPages = self._value("search", SearchedPages())
        return found

    @cached_property
    def noted(self) -> Noted:
        """The facts that were read."""
        found: Noted = self._value("noted", Noted())
        return found


def _code_settings(config: Config) -> Config:
    """The settings without those whose reads are noted, and without the clock."""
    blank = Config(root=config.root, now=config.now)
    return replace(
        config,
        now=datetime.min,
        diagnostics=(),
        **{name: getattr(blank, name) for name in RECORDED_SETTINGS},
    )
