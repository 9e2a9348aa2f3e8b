"""The site whose results a command looks at, and its records by their names."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from sitegen.cli.diagnostics import print_diagnostics
from sitegen.cli.main import EXIT_SITE_HAS_ERRORS
from sitegen.cli.options import Command, environment_option, errors_printed, site_options, source_option
from sitegen.cli.pages import find_page
from sitegen.errors import Diagnostic
from sitegen.results.provenance import device_group_of
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.config import Config
    from sitegen.content.document import Digest, PageKey
    from sitegen.content.site import SiteIndex
    from sitegen.results.store import Store, StoredRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSite:
    """The site whose results are looked at."""

    root: Path
    config: Config
    index: SiteIndex
    store: Store

    def page(self, name: str) -> PageKey:
        """The page that is meant, also one that the site no longer has.

        Raises:
            click.BadParameter: there is none.
        """
        return find_page(name, self.index, self.root, gone={found.record.page for found in self.store.all()})

    def of_page(self, name: str) -> tuple[StoredRecord, ...]:
        """The page's records, newest first.

        Raises:
            click.BadParameter: there is no such page, or it has none.
        """
        page = self.page(name)
        found = self.store.of_page(page)
        if not found:
            raise click.BadParameter(f"`{page}` has no records: it was never run", param_hint="PAGE")
        return found

    def shown(self, pages: Sequence[PageKey]) -> dict[PageKey, Digest]:
        """Page to the digest of the record that a build without execution would show."""
        from sitegen.build.explain import explain
        from sitegen.content.document import Digest
        from sitegen.execution.policy import ExecutionPolicy

        keys = [page for page in pages if page in self.index.pages and self.index.pages[page].source]
        found = explain(keys, self.index, self.store, ExecutionPolicy(allowed=False), self.config)
        return {each.page: Digest(each.record) for each in found if each.record is not None}

    def current(self, name: str) -> StoredRecord:
        """The record that the page shows; of a page that the site no longer has, the newest.

        Raises:
            click.BadParameter: there is no such page, or it has none.
        """
        page = self.page(name)
        digest = self.shown([page]).get(page)
        shown = next((found for found in self.store.all() if found.digest == digest), None)
        return shown or self.of_page(name)[0]


def results_options(command: Command) -> Command:
    """`-s` and `-e`."""
    return source_option(environment_option("production")(command))


@contextmanager
def opened(source: Path, environment: str) -> Iterator[OpenedSite]:
    """The site with its store; what is wrong with the store is told at the end."""
    from sitegen.build.explain import index_site
    from sitegen.results.store import open_store

    options = site_options(source, environment, build_drafts=True, build_future=True, build_expired=True)
    with errors_printed(options.root):
        config = options.load()
        store = open_store(config)
        try:
            yield OpenedSite(root=options.root, config=config, index=index_site(config), store=store)
        except OSError as error:
            _cannot(f"the results in `{store.files.name}`: {error.strerror or error}", options.root)
        finally:
            print_diagnostics(store.take_problems(), options.root, "text")


def _cannot(message: str, root: Path) -> NoReturn:
    wrong = Diagnostic(
        code="SG314",
        severity="error",
        message=message,
        hint="see that the place can be reached, and that it can be written",
    )
    print_diagnostics([wrong], root, "text")
    sys.exit(EXIT_SITE_HAS_ERRORS)


def named(name: str, records: Sequence[StoredRecord], parameter: str) -> StoredRecord:
    """The record of that digest.

    Raises:
        click.BadParameter: there is none, or more than one begins so.
    """
    found = by_digest(name, records, parameter)
    if found is None:
        known = ", ".join(each.digest[:12] for each in records[:5])
        raise click.BadParameter(
            f"no record `{name}` of this page; the newest: {known}", param_hint=parameter
        )
    return found


def by_digest(name: str, records: Sequence[StoredRecord], parameter: str) -> StoredRecord | None:
    """The record whose digest begins so; None for what is no digest, or none of theirs.

    Raises:
        click.BadParameter: more than one begins so.
    """
    wanted = name.lower()
    if len(wanted) < 4 or not all(letter in "0123456789abcdef" for letter in wanted):
        return None
    found = [each for each in records if each.digest.startswith(wanted)]
    if len(found) > 1:
        several = ", ".join(each.digest[: len(wanted) + 4] for each in found[:5])
        raise click.BadParameter(f"{len(found)} records begin with `{name}`: {several}", param_hint=parameter)
    return found[0] if found else None


def run_before(stored: StoredRecord, records: Sequence[StoredRecord]) -> StoredRecord:
    """The newest run before this one that did not fail, of its device class and profile where there is one.

    Raises:
        click.UsageError: it is the first.
    """
    run = stored.record.run
    group = device_group_of(stored.record)
    earlier = [
        each
        for each in records
        if each.record.ok and each.digest != stored.digest and each.record.run.started <= run.started
    ]
    alike = [
        each
        for each in earlier
        if device_group_of(each.record) == group and each.record.run.profile == run.profile
    ]
    found = next(iter(alike or earlier), None)
    if found is None:
        raise click.UsageError(f"the run {stored.digest[:12]} is the first of this page: name two records")
    return found
