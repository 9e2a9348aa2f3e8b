"""What is made of a site, taken in as it comes: where everything is made, what was read goes to the state at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from sitegen.build.bodies import Ref
from sitegen.build.last import Last
from sitegen.build.made import Composed, Output
from sitegen.build.reads import NOTHING_READ, PackedReads
from sitegen.build.reindex import Reindexed
from sitegen.build.stock import stamp_of_file
from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.rendering.recorder import RawFact

_AT_ONCE: Final = 256
"""Pages or files that are written to the state together."""


class Intake:
    """Composed pages and rendered files.

    What they read is half of what the process that all others report to would hold of a large site. A build that follows
    a build still asks the state for what was, and has less to take in: it keeps all until the end.
    """

    def __init__(self, last: Last, found: Reindexed) -> None:
        self.composed: list[Composed] = []
        """What they read is not among it where the state has it already."""
        self.outputs: list[Output] = []
        """As `composed`."""
        self.files: set[str] = set()
        """Paths below the root of the files that were read."""
        self.refs: dict[PageKey, Ref] = {}
        """Where the composed pages lie."""
        self._shared: set[frozenset[RawFact]] = set()
        self._state = last.state
        self._index = found.index
        self._is_kept_at_once = last.index is None
        self._pages: list[Composed] = []
        self._outputs: list[Output] = []

    def page(self, page: Composed) -> None:
        """Take in one that was composed just now."""
        self._note(page.reads)
        page = _as_parsed(self._index, page)
        self.refs[page.key] = page.ref
        if self._is_kept_at_once:
            self._pages.append(page)
            page = page._replace(reads=NOTHING_READ)
            if len(self._pages) >= _AT_ONCE:
                self.flush()
        self.composed.append(page)

    def output(self, output: Output) -> None:
        """Take in a file."""
        self._note(output.reads)
        if self._is_kept_at_once:
            self._outputs.append(output)
            output = output._replace(reads=NOTHING_READ)
            if len(self._outputs) >= _AT_ONCE:
                self.flush()
        self.outputs.append(output)

    def flush(self) -> None:
        """Have all in the state that is kept there at once."""
        self._state.add(self._pages, self._outputs)
        self._pages.clear()
        self._outputs.clear()

    @property
    def shared(self) -> frozenset[RawFact]:
        """Facts of the site as a whole that any of them has read."""
        return frozenset[RawFact]().union(*self._shared)

    @property
    def unkept(self) -> tuple[list[Composed], list[Output]]:
        """What the state has not been given."""
        return ([], []) if self._is_kept_at_once else (self.composed, self.outputs)

    def diagnostics(self) -> Mapping[PageKey, tuple[object, ...]]:
        """Of pages."""
        return {page.key: page.diagnostics for page in self.composed}

    def _note(self, reads: PackedReads) -> None:
        self._shared.add(reads.shared)
        for subject, owner, _ in reads.named:
            if subject == "file":
                self.files.add(owner)


def _as_parsed(index: SiteIndex, page: Composed) -> Composed:
    """The page as the next build should know it: composed again, if its file was edited after it was looked at.

    What was parsed is then not what its source says, and an edit that is undone would leave no other trace.
    """
    source = index.pages[page.key].source
    if source is None or stamp_of_file(os.fspath(source.file)) == (source.size_bytes, source.mtime_ns):
        return page
    return page._replace(waited=True)
