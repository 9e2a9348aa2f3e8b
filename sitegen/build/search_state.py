"""What a build leaves of its search index for the next one; small, since every build that follows one reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from sitegen.frozen import FrozenDict
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedPages:
    """The pages that an index was made of."""

    texts: Mapping[str, tuple[str, str]] = field(default_factory=FrozenDict)
    """Path of each page's HTML to its digest and the digest of what of it is searched, which is empty for nothing."""
    files: int = 0
    """How many the index has; 0: there is none."""

    @property
    def indexed(self) -> dict[str, str]:
        """Path to the digest of what is searched, of the pages that are."""
        return {path: text for path, (_, text) in self.texts.items() if text}

    def with_files(self, count: int) -> SearchedPages:
        """The same with an index."""
        return replace(self, files=count)
