"""Options that several commands share: Hugo's common flags, and how diagnostics are printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sitegen.cli.diagnostics import FORMATS, Format, print_diagnostics
from sitegen.cli.main import EXIT_SITE_HAS_ERRORS
from sitegen.errors import SiteError
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """Which site, and what the flags set over its configuration."""

    root: Path
    """Absolute."""
    environment: str
    overrides: dict[str, object] = field(default_factory=dict)
    """By the names of Config's fields; only what was given."""

    def load(self, **more: object) -> Config:
        """The configuration: files < environment < flags < `more`.

        Raises:
            ConfigError: it cannot be read.
        """
        from sitegen.config import load_config

        return load_config(self.root, environment=self.environment, overrides={**self.overrides, **more})


def source_option(command: Command) -> Command:
    """`-s/--source`: the site's folder."""
    return click.option(
        "-s",
        "--source",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        help="The site's folder.  [default: the current one]",
    )(command)


def environment_option(default: str) -> Callable[[Command], Command]:
    """`-e/--environment`, with the command's default."""

    def decorate(command: Command) -> Command:
        return click.option(
            "-e",
            "--environment",
            default=default,
            show_default=True,
            envvar=["SITEGEN_ENVIRONMENT", "HUGO_ENVIRONMENT", "HUGO_ENV"],
            help="Build environment.",
        )(command)

    return decorate


def content_options(command: Command) -> Command:
    """`-D`, `-F` and `-E`: build what is left out otherwise."""
    for letter, name, words in (
        ("-E", "expired", "pages that have expired"),
        ("-F", "future", "pages with a date in the future"),
        ("-D", "drafts", "drafts"),
    ):
        command = click.option(
            letter,
            f"--build-{name}",
            f"--build{name.title()}",
            f"build_{name}",
            is_flag=True,
            default=None,
            help=f"Include {words}.",
        )(command)
    return command


def url_options(command: Command) -> Command:
    """`-b/--base-url` and `--relative-urls`."""
    command = click.option(
        "--relative-urls/--no-relative-urls",
        default=None,
        help="Make internal links relative, so the site opens from a folder.",
    )(command)
    return click.option("-b", "--base-url", "--baseURL", help="Where the site will be, with its path.")(
        command
    )


def build_options(command: Command) -> Command:
    """`--strict` and `--keep-going`: what an error and a warning do."""
    command = click.option(
        "--keep-going", is_flag=True, help="Publish what is good, a placeholder where something is wrong."
    )(command)
    return click.option("--strict", is_flag=True, help="Warnings are errors.")(command)


def execution_options(command: Command) -> Command:
    """`--fresh`, `--no-execute` and `--jobs`: what is executed, and how much of it at a time."""

    def check_execute(context: click.Context, parameter: click.Parameter, execute: bool) -> bool:
        del parameter
        if context.params.get("fresh") and not execute:
            raise click.UsageError("--fresh and --no-execute contradict each other", context)
        return execute

    command = click.option(
        "--jobs", type=click.IntRange(min=1), help="How many pages are executed at a time.  [default: cores]"
    )(command)
    command = click.option(
        "--execute/--no-execute",
        default=True,
        callback=check_execute,
        help="Run cells, or use the results that are there.",
    )(command)
    return click.option(
        "--fresh", is_flag=True, is_eager=True, help="Execute every page that can run here, changed or not."
    )(command)


def diagnostics_option(command: Command) -> Command:
    """`--diagnostics`: for a person, a program, or GitHub."""
    return click.option(
        "--diagnostics",
        "form",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How errors and warnings are printed; json goes to stdout.",
    )(command)


def site_options(source: Path, environment: str, **flags: object) -> SiteOptions:
    """The flags as overrides of the configuration; those not given (None) are left out."""
    return SiteOptions(
        root=source.resolve(),
        environment=environment,
        overrides={name: value for name, value in flags.items() if value is not None},
    )


@contextmanager
def errors_printed(root: Path, form: Format = "text") -> Iterator[None]:
    """Print a SiteError that leaves the block as a diagnostic of the site, and exit with 1."""
    try:
        yield
    except SiteError as error:
        print_diagnostics([error.diagnostic], root, form)
        sys.exit(EXIT_SITE_HAS_ERRORS)
