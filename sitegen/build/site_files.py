"""The files of a site, by what becomes of them: those that stay, those that this build has made, those that are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final

from sitegen.build.comparison import StaleFiles
from sitegen.build.intake import Intake
from sitegen.build.last import Last
from sitegen.build.made import Output
from sitegen.build.reindex import Reindexed
from sitegen.build.result import BuildOptions
from sitegen.build.work import Staging
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """The files of the site, by what becomes of them."""

    kept: tuple[Output, ...] = ()
    """Those of the last build that stay."""
    made: tuple[Output, ...] = ()
    """By path."""
    unkept: Sequence[Output] = ()
    """Those of them that the state is to be given still."""
    gone: tuple[tuple[str, str, str], ...] = ()
    """Path, page and part of those of the last build that do not stay."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is told of them all."""
    values: Mapping[str, object] = field(default_factory=FrozenDict)
    """For the state."""


NO_FILES: Final = SiteFiles()


def sorted_out(last: Last, found: Reindexed, files: StaleFiles, intake: Intake) -> SiteFiles:
    """What has been rendered, and what becomes of the last build's files."""
    made = tuple(sorted(intake.outputs, key=lambda output: output.path))
    _, unkept = intake.unkept
    if last.index is None:
        return SiteFiles(made=made, unkept=unkept)
    asked = {each.key: each.parts for each in files.wanted}
    written = {(output.path, output.owner, output.part) for output in made}
    kept: list[Output] = []
    gone: list[tuple[str, str, str]] = []
    for output in last.state.outputs():
        parts = asked.get(PageKey(output.owner), frozenset())
        if output.owner in found.index.pages and parts is not None and output.part not in parts:
            kept.append(output)
        elif (output.path, output.owner, output.part) not in written:
            gone.append((output.path, output.owner, output.part))
    return SiteFiles(kept=tuple(kept), made=made, unkept=unkept, gone=tuple(gone))


def with_search(
    files: SiteFiles, config: Config, options: BuildOptions, last: Last, found: Reindexed, staging: Staging
) -> SiteFiles:
    """The files with those of the search index, which is made of the others."""
    from sitegen.build.search_index import search_index  # here: many sites have no search

    search = search_index(found.index, config, options, last, staging, (*files.kept, *files.made))
    kept, gone = search.without_older(files.kept, files.gone)
    return SiteFiles(
        kept=kept,
        made=search.with_own(files.made),
        unkept=search.with_own(files.unkept),
        gone=gone,
        diagnostics=search.diagnostics,
        values={"search": search.pages},
    )
