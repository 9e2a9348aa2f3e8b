"""What is asked of one build, and what it says of itself in the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Literal

from sitegen.build.publish import PublishedSite
from sitegen.build.report import PageReport, PageWeight
from sitegen.content.document import PageKey
from sitegen.content.executed import RunState
from sitegen.content.index import Skipped
from sitegen.errors import Diagnostic
from sitegen.execution.policy import ExecutionPolicy
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What the command line asks of one build."""

    strict: bool = False
    """Warnings are errors."""
    keep_going: bool = False
    """Publish the good pages, with a visible placeholder for what is wrong."""
    explain: bool = False
    """Say of each file why it was made again."""
    search: Literal["current", "any", "none"] = "current"
    """Whether the site's search index is to be of the texts as they are, may be an older one, or is not wanted."""
    links: bool = False
    """Tell the links of every page's Markdown (`made.Composed.links`)."""
    policy: ExecutionPolicy = field(default_factory=ExecutionPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a file was made again."""

    path: str
    """Below the output folder."""
    words: tuple[str, ...]
    """What it read that is not what it was, or that it is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a build found, but for what it did to the output folder: the next one, if nothing has changed, finds the same."""

    pages: int
    """Pages that have a file, list pages included."""
    states: FrozenDict[PageKey, RunState]
    """The pages with cells."""
    skipped: Skipped
    reports: tuple[PageReport, ...]
    """What each page with cells gave."""
    diagnostics: tuple[Diagnostic, ...]
    """Once each, in the order of files and lines."""
    heaviest: tuple[PageWeight, ...] = ()
    """Pages, where the site has a budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build did; `published` is None when errors kept the old site."""

    published: PublishedSite | None
    diagnostics: tuple[Diagnostic, ...]
    """In the order of files and lines."""
    pages: int
    """Pages rendered, list pages included."""
    states: FrozenDict[PageKey, RunState]
    """The pages with cells."""
    skipped: Skipped
    seconds: float
    reports: tuple[PageReport, ...] = ()
    """What each page with cells gave."""
    reasons: tuple[Reason, ...] = ()
    """Of each file that was made again, where that was asked for."""
    heaviest: tuple[PageWeight, ...] = ()
    """The pages that weigh most, where the site has a budget."""

    @property
    def failed(self) -> bool:
        """Whether anything is an error (exit code 1)."""
        return has_errors(self.diagnostics)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether one of them is an error."""
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)
