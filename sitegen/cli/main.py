"""The `sitegen` command: its subcommands, imported only when called, and its exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from sitegen import __version__
from sitegen.cli.diagnostics import print_diagnostics
from sitegen.errors import SiteError

EXIT_BUILT: Final = 0
EXIT_SITE_HAS_ERRORS: Final = 1
EXIT_USAGE: Final = 2
"""click's own."""
EXIT_BUG: Final = 70
"""`EX_SOFTWARE` of BSD's sysexits.h."""

_COMMANDS: Final = {
    "build": ("sitegen.cli.build", "Execute and build the site into its output folder."),
    "serve": ("sitegen.cli.serve", "Preview the site, rebuilt and reloaded at each change."),
    "new": ("sitegen.cli.new", "Make a site, a page of any kind or a CI workflow."),
    "import": ("sitegen.cli.import_site", "Rewrite a Hugo, Jekyll or Quarto site, or notebooks."),
    "why": ("sitegen.cli.why", "Say why a page would run, or would not."),
    "check": ("sitegen.cli.check", "Find broken links, damaged text and other faults."),
    "fetch": ("sitegen.cli.fetch", "Ask GitHub and others about the repositories that pages name."),
    "list": ("sitegen.cli.list", "List content files: all, drafts, future, expired or published."),
    "results": ("sitegen.cli.results", "List, compare, accept and prune the results of runs."),
    "clean": ("sitegen.cli.clean", "Remove the built site and the caches, never the results."),
}
"""Name to module and short help; the module's command is its attribute `command`."""

_NEW_OBJECTS: Final = 50_000
"""Between two searches for unreachable cycles (Python: 700): nearly all that a build makes lives as long as the build."""


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is called, and not for a list of them.

    `sitegen --help` and shell completion so load neither templates nor servers; a test holds them to it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of use."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, its module imported; None for an unknown name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{_COMMANDS[cmd_name][0]} has no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands by the help texts in the table, importing none."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, short_help) for name, (_, short_help) in _COMMANDS.items()])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The program, in a process of its own.

        Cycles are looked for more rarely, and not at all in the objects that the process ends with: of a build without
        changes that is a seventh.
        """
        gc.set_threshold(_NEW_OBJECTS)
        _open_missing_streams()
        try:
            return super().__call__(*args, **kwargs)
        finally:
            gc.freeze()

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run the command line and exit with one of the codes above.

        An error that somebody can act on is printed without a traceback; everything else is a
        bug of ours and keeps it.
        """
        try:
            return super().main(args, *more, **extra)
        except SiteError as error:
            print_diagnostics([error.diagnostic], Path.cwd(), "text")
            sys.exit(EXIT_SITE_HAS_ERRORS)
        except Exception:  # the border: what reaches it is a bug
            traceback.print_exc()
            click.echo("\nthis is a bug in sitegen: please report it with the lines above", err=True)
            sys.exit(EXIT_BUG)


def _open_missing_streams() -> None:
    """Where a stream was closed by who called us, give it the null device: else a file of ours becomes descriptor 0, 1 or 2."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  (until the process ends)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="sitegen %(version)s")
def main() -> None:
    """Build a site from Markdown whose code cells really run."""
