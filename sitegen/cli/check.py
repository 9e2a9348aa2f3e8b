"""`sitegen check`: what is wrong with a site that builds, from broken links to damaged characters."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitegen.cli.diagnostics import FORMATS, Format, print_diagnostics
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
    from sitegen.checking.check import CheckResult
    from sitegen.config import Config
    from sitegen.content.document import PageKey


@click.command("check", short_help="Find broken links, damaged text and other faults.")
@click.argument("pages", nargs=-1)
@source_option
@click.option("-b", "--base-url", "--baseURL", help="Where the site will be, with its path.")
@content_options
@environment_option("production")
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--external", is_flag=True, help="Ask other sites whether their pages are there.")
@click.option("--fresh", is_flag=True, help="Ask again what an earlier check has asked.")
@click.option("--fragments", is_flag=True, help="Look for the parts that addresses of other sites name.")
@click.option("--private", is_flag=True, help="Ask addresses of private networks, too.")
@click.option("--fix", is_flag=True, help="Repair damaged characters in the files.")
@click.option("--fix-code", is_flag=True, help="Repair those in code, too.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors and warnings.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="For a person, a program (JSON on stdout), or GitHub's annotations.",
)
def command(
    pages: tuple[str, ...],
    source: Path,
    base_url: str | None,
    build_drafts: bool | None,
    build_future: bool | None,
    build_expired: bool | None,
    environment: str,
    strict: bool,
    external: bool,
    fresh: bool,
    fragments: bool,
    private: bool,
    fix: bool,
    fix_code: bool,
    quiet: bool,
    form: Format,
) -> None:
    """Check the site, or what is written in PAGES: source files, keys (/posts/ppo) or paths of URLs.

    Nothing is run or published. The exit code is 1 where there are errors.
    """
    if fix_code and not fix:
        raise click.UsageError("--fix-code goes with --fix")
    for name, is_given in (("--fresh", fresh), ("--fragments", fragments), ("--private", private)):
        if is_given and not external:
            raise click.UsageError(f"{name} goes with --external")
    from sitegen.checking.check import CheckOptions, check
    from sitegen.checking.crawl import tell_nobody

    options = site_options(
        source,
        environment,
        base_url=base_url,
        build_drafts=build_drafts,
        build_future=build_future,
        build_expired=build_expired,
    )
    with errors_printed(options.root, form):
        config, keys = _named(pages, options.load())
        wanted = CheckOptions(
            pages=keys,
            strict=strict,
            external=external,
            fresh=fresh,
            fragments=fragments,
            private=private,
            heard=tell_nobody if quiet or not sys.stderr.isatty() else _show_progress,
        )
        result = check(config, wanted)
        if fix and _repair(result, is_code_too=fix_code):
            result = check(config, replace(wanted, fresh=False))
    shown = [each for each in result.diagnostics if not quiet or each.severity != "info"]
    print_diagnostics(shown, options.root, form)
    if not quiet:
        click.echo(summarise(result, is_external=external), err=True)
    sys.exit(EXIT_SITE_HAS_ERRORS if result.failed else EXIT_BUILT)


def summarise(result: CheckResult, *, is_external: bool) -> str:
    """What was looked at, and how much was found, in one line."""
    links = f"{result.links} link{'' if result.links == 1 else 's'}"
    if is_external:
        links += f", {result.external} of other sites ({result.asked} asked)"
    counts = Counter(diagnostic.severity for diagnostic in result.diagnostics)
    words = ((counts["error"], "error"), (counts["warning"], "warning"), (counts["info"], "note"))
    found = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in words)
    return f"checked {result.pages} page{'' if result.pages == 1 else 's'}, {links}: {found}"


def _named(pages: tuple[str, ...], config: Config) -> tuple[Config, frozenset[PageKey]]:
    """The keys of the pages; where one is left out of builds, with a configuration that builds all: it is checked before
    it is published.
    """
    if not pages:
        return config, frozenset()
    from sitegen.build.explain import index_site

    try:
        index = index_site(config)
        return config, frozenset(find_page(page, index, config.root) for page in pages)
    except click.BadParameter:
        whole = replace(config, build_drafts=True, build_future=True, build_expired=True)
        index = index_site(whole)
        return whole, frozenset(find_page(page, index, config.root) for page in pages)


def _show_progress(answers: int, of: int) -> None:
    """One line that is written over, and gone at the end: hosts are asked slowly."""
    text = f"asked {answers} of {of}" if answers < of else ""
    click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def _repair(result: CheckResult, *, is_code_too: bool) -> bool:
    """Repair what is damaged and say what was changed; whether anything was."""
    from sitegen.checking.encodings import repair_file

    changed = [line for file in result.damaged for line in repair_file(file, is_code_too=is_code_too)]
    for line in changed:
        click.echo(f"repaired {line}", err=True)
    return bool(changed)
