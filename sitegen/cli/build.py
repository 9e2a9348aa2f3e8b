"""`sitegen build`: execute what changed, build the site, publish it whole or not at all."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sitegen.cli.diagnostics import Format, print_diagnostics, tally
from sitegen.cli.main import EXIT_BUILT, EXIT_SITE_HAS_ERRORS
from sitegen.cli.options import (
    build_options,
    content_options,
    diagnostics_option,
    environment_option,
    errors_printed,
    execution_options,
    site_options,
    source_option,
    url_options,
)
from sitegen.cli.reports import Reports, check_report, make_report
from sitegen.errors import Diagnostic

if TYPE_CHECKING:
    from sitegen.build.activity import Activity
    from sitegen.build.result import BuildOptions, BuildResult
    from sitegen.config import Config
    from sitegen.execution.events import Event

_NO_CACHES: Final = frozenset({"publish", "preview", "serve"})
"""What of `.sitegen/` says which files in the output folder are ours, or belongs to a preview that may be running."""


@click.command("build", short_help="Execute and build the site into its output folder.")
@source_option
@click.option(
    "-d", "--destination", type=click.Path(path_type=Path), help="Output folder.  [default: public]"
)
@url_options
@content_options
@environment_option("production")
@build_options
@execution_options
@diagnostics_option
@click.option(
    "--report",
    "reports",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    callback=check_report,
    help="Write what the build did to this file: .xml is JUnit, .json the build's report, .html a page to be read. May be given again.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors and warnings.")
@click.option(
    "--explain", is_flag=True, help="Say of each file that is made again what it read that has changed."
)
@click.option("--no-cache", is_flag=True, help="Ignore what earlier builds left, but for the results.")
def command(
    source: Path,
    destination: Path | None,
    base_url: str | None,
    relative_urls: bool | None,
    build_drafts: bool | None,
    build_future: bool | None,
    build_expired: bool | None,
    environment: str,
    strict: bool,
    keep_going: bool,
    fresh: bool,
    execute: bool,
    jobs: int | None,
    form: Format,
    reports: tuple[Path, ...],
    quiet: bool,
    explain: bool,
    no_cache: bool,
) -> None:
    """Build the site. Pages with code cells are executed where their results are out of date.

    With an error the old site stays whole, and the exit code is 1.
    """
    from sitegen.build.activity import Activity

    options = site_options(
        source,
        environment,
        publish_dir=destination and source.resolve() / destination,
        base_url=base_url,
        relative_urls=relative_urls,
        build_drafts=build_drafts,
        build_future=build_future,
        build_expired=build_expired,
    )
    activity, written = Activity(), Reports(options.root, reports)
    with errors_printed(options.root, form), _interrupted_by_signals(), written.also_of_failure(activity):
        config = options.load()
        if no_cache:
            forget_caches(config)
        written.keep_in(config)
        wanted = replace(
            make_build_options(strict=strict, keep_going=keep_going, fresh=fresh, execute=execute),
            explain=explain,
        )
        result = _build(config, wanted, activity, jobs=jobs, is_quiet=quiet)
        diagnostics = all_diagnostics(result)
        report = make_report(result, diagnostics, activity)
    print_diagnostics(diagnostics, options.root, form)
    if explain:
        click.echo("\n".join(explained(result)))
    if not quiet:
        if any(page.ran for page in report.executed):
            from sitegen.cli.executed import describe_executed

            click.echo("\n".join(describe_executed(report)), err=True)
        click.echo(summarise(config, result, diagnostics), err=True)
    written.write(report)
    sys.exit(EXIT_SITE_HAS_ERRORS if result.failed else EXIT_BUILT)


@contextlib.contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Let the signals by which systems end programs end this one as Ctrl-C does: kernels and their processes stop."""

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [
        number for name in names if signal.getsignal(number := getattr(signal, name)) == signal.SIG_DFL
    ]
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # Python sets handlers in the main thread only
    for number in numbers:  # what is ignored already, as under `nohup`, stays so
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def make_build_options(*, strict: bool, keep_going: bool, fresh: bool, execute: bool) -> BuildOptions:
    """The flags as the pipeline takes them; nothing is executed where that is not installed."""
    from sitegen.build.result import BuildOptions
    from sitegen.execution.kernelspecs import can_execute
    from sitegen.execution.policy import ExecutionPolicy

    return BuildOptions(
        strict=strict,
        keep_going=keep_going,
        policy=ExecutionPolicy(allowed=execute and can_execute(), fresh=fresh),
    )


def all_diagnostics(result: BuildResult) -> tuple[Diagnostic, ...]:
    """The build's diagnostics, with a hint where cells could not run for want of an installation."""
    from sitegen.execution.kernelspecs import can_execute

    if not result.states or can_execute():
        return result.diagnostics
    hint = Diagnostic(
        code="SG308",
        severity="info",
        message="no cell was executed: what executes them is not installed",
        hint='pip install "sitegen-ml[execute]"',
    )
    return (*result.diagnostics, hint)


def summarise(
    config: Config, result: BuildResult, diagnostics: Iterable[Diagnostic], *, address: str | None = None
) -> str:
    """What a build did, in a few lines: pages, cells, what was left out, what is wrong, where the site is.

    Args:
        config: of the build.
        result: of the build.
        diagnostics: all of them.
        address: where the site is; None for the path of its home page.
    """
    from sitegen.cli.progress import format_seconds

    pages = f"{result.pages} page{'' if result.pages == 1 else 's'}"
    is_same = result.published is not None and not result.published.changed_paths
    built = "" if result.published is None or is_same else "built "
    same = ": no file of the site has changed" if is_same else ""
    lines = [f"{built}{pages} in {format_seconds(result.seconds)}{same}"]
    states = Counter(result.states.values())
    if states:
        counts = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
        lines.append(f"pages with cells: {counts}")
    skipped = result.skipped
    left_out = (
        (skipped.drafts, "draft" if skipped.drafts == 1 else "drafts", "-D"),
        (skipped.future, "future", "-F"),
        (skipped.expired, "expired", "-E"),
    )
    words = ", ".join(f"{count} {name} ({flag})" for count, name, flag in left_out if count)
    if words:
        lines.append(f"left out: {words}")
    wrong = tally(tuple(diagnostics))
    if wrong:
        lines.append(wrong)
    if result.published is not None:
        lines.append(f"site: {address or _shown(config.publish_dir / 'index.html')}")
    else:
        is_there = (config.publish_dir / "index.html").exists()
        lines.append("not published: " + ("the last site stays" if is_there else "there is no site yet"))
    return "\n".join(lines)


def explained(result: BuildResult) -> Iterator[str]:
    """Of each file that was made again, in the order of paths, what it read that is not what it was."""
    for reason in result.reasons:
        yield f"{reason.path}: {', '.join(reason.words)}"
    if not result.reasons:
        yield "nothing was made again: no file that the last build read has changed"


def forget_caches(config: Config) -> None:
    """Remove what earlier builds kept to be faster; the results are no cache and stay."""
    from sitegen.files import remove_tree

    if config.state_dir.is_dir():
        for entry in config.state_dir.iterdir():
            if entry.name not in _NO_CACHES:
                remove_tree(entry)


def _build(
    config: Config, options: BuildOptions, activity: Activity, *, jobs: int | None, is_quiet: bool
) -> BuildResult:
    from sitegen.build.build import build
    from sitegen.cli.progress import make_progress
    from sitegen.execution.backends import LocalBackend
    from sitegen.results.store import open_store

    with make_progress(is_quiet=is_quiet) as progress:

        def listen(event: Event) -> None:
            activity(event)
            progress(event)

        backend = LocalBackend(config, workers=jobs, listener=listen)
        try:
            return build(config, options, backend=backend, store=open_store(config))
        except BaseException:  # Ctrl-C as well: no kernel outlives the command
            backend.cancel()
            raise


def _shown(path: Path) -> str:
    """Relative to where the command was called if it is below, so that it can be clicked and copied."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
