"""`check`: a site rendered without running anything, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from sitegen.build.order import in_order_of_lines
from sitegen.build.rendered import RenderedSite, rendered_site
from sitegen.checking.addresses import Published
from sitegen.checking.contrast import check_contrast
from sitegen.checking.crawl import Heard, tell_nobody
from sitegen.checking.encodings import DamagedFile, damaged_files, describe_damage
from sitegen.checking.external import check_external
from sitegen.checking.flaws import check_flaws
from sitegen.checking.links import LinkReport, check_links
from sitegen.checking.photographs import check_photographs
from sitegen.checking.places import Places
from sitegen.checking.schema import check_schema
from sitegen.checking.settings import CheckSettings, read_settings
from sitegen.checking.typed_metrics import check_typed_metrics
from sitegen.checking.unpublished import LeftOut, unpublished
from sitegen.checking.unused import check_unused
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.errors import Diagnostic
from sitegen.execution.jobs import Job, Run
from sitegen.execution.run import ExecutionPolicy
from sitegen.results.store import open_store

_OF_RUNS: Final = "SG3"
"""Codes of what a run, or the want of one, is to blame for: no fault of the site's text."""
_OF_LINKS: Final = frozenset({"SG701", "SG702"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What the command line asks of one check."""

    pages: frozenset[PageKey] = frozenset()
    """Only what is written in these pages' files; empty for the whole site."""
    strict: bool = False
    """Warnings are errors."""
    external: bool = False
    """Ask other sites, too."""
    fresh: bool = False
    """Believe no answer of an earlier check."""
    fragments: bool = False
    private: bool = False
    heard: Heard = tell_nobody
    """Is told of each answer of another site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check found."""

    diagnostics: tuple[Diagnostic, ...]
    """Once each, in the order of files and lines."""
    damaged: tuple[DamagedFile, ...]
    """Files with damaged characters, for a repair."""
    pages: int
    links: int
    """Addresses in the published files, those of the theme among them."""
    external: int
    """Different addresses of other sites; asked only where that is wanted."""
    asked: int = 0
    """How many of them were asked now; the rest is known of an earlier check."""

    @property
    def failed(self) -> bool:
        """Whether anything is an error (exit code 1)."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


class _NoBackend:
    """Runs nothing: a check shows the results that are there."""

    name = "none"

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """No run; a job would be a bug of the policy."""
        if any(True for _ in jobs):
            raise RuntimeError("a check runs nothing")
        return iter(())

    def cancel(self) -> None:
        """Nothing runs."""


def check(config: Config, options: CheckOptions) -> CheckResult:
    """Render the site into a folder of its own and look at it. Nothing is run, published or written, but for the cache of `external`.

    Args:
        config: of the site.
        options: of this check.
    """
    # relative URLs are made of absolute ones when a file is written: what is wrong is the same
    config = replace(config, relative_urls=False)
    settings, problems = read_settings(config)
    settings = replace(
        settings,
        fragments=settings.fragments or options.fragments,
        private=settings.private or options.private,
    )
    with rendered_site(
        config, ExecutionPolicy(allowed=False), backend=_NoBackend(), store=open_store(config)
    ) as site:
        return _looked_at(site, config, settings, problems, options)


def _looked_at(
    site: RenderedSite,
    config: Config,
    settings: CheckSettings,
    problems: Iterable[Diagnostic],
    options: CheckOptions,
) -> CheckResult:
    published = Published(site.files, config)
    places, left_out = Places(site, config), LeftOut(site.index, config)
    links = check_links(site, published, places, left_out, settings, config)
    damaged = tuple(damaged_files(site.index, config))
    asked = None
    if options.external:
        asked = check_external(links, places, settings, config, is_fresh=options.fresh, heard=options.heard)
    found = [
        *problems,
        *(asked.diagnostics if asked is not None else ()),
        *_of_pages(site, published, links, places, config),
        *(each for file in damaged for each in describe_damage(file)),
        *unpublished(left_out),
        *check_unused(site, links.named, settings, config),
        *check_photographs(site, config),
        *check_contrast(config),
        *check_schema(site.index, settings, config),
    ]
    diagnostics = _told(_without_doubles(site.diagnostics, found), site, settings, options)
    return CheckResult(
        diagnostics=in_order_of_lines([diagnostics]),
        damaged=tuple(file for file in damaged if _is_wanted(file.text.path, site, options)),
        pages=sum(1 for page in site.index.pages.values() if page.output_path is not None),
        links=links.links,
        external=len(links.external),
        asked=asked.asked if asked is not None else 0,
    )


def _of_pages(
    site: RenderedSite, published: Published, links: LinkReport, places: Places, config: Config
) -> Iterator[Diagnostic]:
    yield from _folded(links.findings.diagnostics())
    yield from check_flaws(site, published, links.scanned, places, config)
    yield from check_typed_metrics(site, places)


def _folded(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """One note a file of links that lead to redirects: they work, and who writes one writes many."""
    redirected: dict[PurePosixPath, list[Diagnostic]] = {}
    for each in found:
        if each.code == "SG703" and each.location is not None:
            redirected.setdefault(each.location.path, []).append(each)
        else:
            yield each
    for same in redirected.values():
        (first,) = in_order_of_lines([tuple(same)])[:1]
        more = f", and {len(same) - 1} more in this file" if len(same) > 1 else ""
        yield replace(first, message=first.message + more)


def _without_doubles(built: Iterable[Diagnostic], found: list[Diagnostic]) -> Iterator[Diagnostic]:
    """What the build says, and what is found: a link that both have is told once, with the build's hint."""
    hints = {
        each.location: each.hint for each in built if each.code == "SG204" and each.severity == "warning"
    }
    links = {each.location for each in found if each.code in _OF_LINKS}
    for each in built:
        if each.code.startswith(_OF_RUNS) or (each.location in hints and each.location in links):
            continue
        yield each
    for each in found:
        hint = hints.get(each.location) if each.code in _OF_LINKS else None
        yield replace(each, hint=hint) if hint else each


def _told(
    found: Iterable[Diagnostic], site: RenderedSite, settings: CheckSettings, options: CheckOptions
) -> tuple[Diagnostic, ...]:
    """Without what the site or the command line does not want to know."""
    return tuple(
        each.as_error() if options.strict and each.severity == "warning" else each
        for each in found
        if each.code not in settings.ignore
        and (not options.pages or (each.location and _is_wanted(each.location.path, site, options)))
    )


def _is_wanted(path: PurePosixPath, site: RenderedSite, options: CheckOptions) -> bool:
    if not options.pages:
        return True
    key = site.index.by_source.get(path)
    if key is not None:
        return key in options.pages
    # a file of a bundle belongs to its page
    return any(
        source is not None and source.bundle == "leaf" and path.is_relative_to(source.path.parent)
        for source in (site.index.pages[page].source for page in options.pages)
    )
