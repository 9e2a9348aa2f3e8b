"""`sitegen why`: why a build would run a page or would not, in words."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitegen.cli.diagnostics import print_diagnostics
from sitegen.cli.main import EXIT_BUILT, EXIT_SITE_HAS_ERRORS
from sitegen.cli.options import (
    content_options,
    environment_option,
    errors_printed,
    site_options,
    source_option,
)
from sitegen.cli.pages import find_page

if TYPE_CHECKING:
    from sitegen.build.explain import Explanation


@click.command("why", short_help="Say why a page would run, or would not.")
@click.argument("page", required=False)
@source_option
@environment_option("production")
@content_options
@click.option(
    "--execute/--no-execute", default=True, help="Ask of a build that runs cells, or of one that does not."
)
@click.option("--json", "is_json", is_flag=True, help="A JSON list on stdout.")
def command(
    page: str | None,
    source: Path,
    environment: str,
    build_drafts: bool | None,
    build_future: bool | None,
    build_expired: bool | None,
    execute: bool,
    is_json: bool,
) -> None:
    """Say what a build would do with PAGE, and why; without PAGE, with every page that has cells.

    PAGE is a source file, a page's key (/posts/ppo) or its URL's path. Nothing is run.
    """
    from sitegen.build.explain import explain, index_site
    from sitegen.execution.policy import ExecutionPolicy
    from sitegen.results.store import open_store

    asked = {"build_drafts": build_drafts, "build_future": build_future, "build_expired": build_expired}
    if page is not None:  # one that is named is found, whatever its dates
        asked = dict.fromkeys(asked, True)
    options = site_options(source, environment, **asked)
    with errors_printed(options.root):
        config = options.load()
        index = index_site(config)
        keys = tuple(index.pages) if page is None else (find_page(page, index, options.root),)
        store = open_store(config)
        found = explain(keys, index, store, ExecutionPolicy(allowed=execute), config)
    errors = [problem for each in found for problem in each.diagnostics if problem.severity == "error"]
    print_diagnostics([*errors, *store.take_problems()], options.root, "text")
    if page is None:
        found = tuple(each for each in found if each.why)
    if is_json:
        click.echo(json.dumps([_fields(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(_words(each) if page is not None else f"{each.page}: {_words(each)}")
    sys.exit(EXIT_SITE_HAS_ERRORS if errors else EXIT_BUILT)


def _words(found: Explanation) -> str:
    if not found.why:
        return f"`{found.page}` has no cells that run"
    outcome = "would run" if found.would_run else "would not run"
    if found.state not in (None, "cached"):
        outcome = f"{outcome} ({found.state})"
    return f"{outcome}: {'; '.join(found.why)}"


def _fields(found: Explanation) -> dict[str, object]:
    return {
        "page": found.page,
        "path": found.path,
        "would_run": found.would_run,
        "state": found.state,
        "why": found.why,
        "record": found.record,
        "started": found.started.isoformat().replace("+00:00", "Z") if found.started is not None else None,
    }
