"""The command group: exit codes, and what it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import sitegen.cli.main as cli
from sitegen import __version__
from sitegen.cli.main import main
from sitegen.errors import Diagnostic, SiteError

HEAVY = (
    "jinja2",
    "markdown_it",
    "jupyter_client",
    "jupyter_core",
    "nbclient",
    "nbformat",
    "starlette",
    "uvicorn",
    "watchdog",
    "rich",
    "pygments",
    "PIL",
    "msgspec",
    "yaml",
    "asyncio",
)

LOADED = """
import json, sys
from sitegen.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["new", "--help"], ["build", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """Help and version come at once: neither templates nor kernels nor servers are imported."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )

    modules = set(json.loads(done.stdout.splitlines()[-1]))

    assert "sitegen.cli.main" in modules
    assert modules.isdisjoint(HEAVY)


def test_version_names_program_and_number(runner: CliRunner) -> None:
    """`--version` prints what a bug report needs."""
    assert runner.invoke(main, ["--version"]).stdout == f"sitegen {__version__}\n"


def test_help_lists_every_command_without_its_module(runner: CliRunner) -> None:
    """The short help in the table is the command's own."""
    shown = runner.invoke(main, ["--help"]).stdout

    for name in cli._COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert f"{name} " in shown
        assert command.short_help == cli._COMMANDS[name][1]


def test_unknown_command_is_a_usage_error(runner: CliRunner) -> None:
    """Exit code 2, as for a wrong option."""
    assert runner.invoke(main, ["bild"]).exit_code == cli.EXIT_USAGE


def test_site_error_has_no_traceback(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an author can act on is a diagnostic, and exit code 1."""

    @click.command("clean")
    def failing() -> None:
        raise SiteError(Diagnostic(code="SG105", severity="error", message="no site here"))

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: failing)

    result = runner.invoke(main, ["clean"])

    assert (result.exit_code, result.stderr) == (cli.EXIT_SITE_HAS_ERRORS, "error SG105: no site here\n\n")


def test_bug_keeps_its_traceback(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is said to be our fault, and exit code 70."""

    @click.command("clean")
    def failing() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: failing)

    result = runner.invoke(main, ["clean"])

    assert result.exit_code == cli.EXIT_BUG
    assert "Traceback" in result.stderr
    assert "this is a bug in sitegen" in result.stderr


def test_module_runs_as_a_program(tmp_path: Path) -> None:
    """`python -m sitegen` is the command."""
    done = subprocess.run(
        [sys.executable, "-m", "sitegen", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    assert done.stdout == f"sitegen {__version__}\n"


def test_fresh_and_no_execute_contradict_each_other(runner: CliRunner) -> None:
    """In either order, it is a usage error."""
    for arguments in (["--fresh", "--no-execute"], ["--no-execute", "--fresh"]):
        result = runner.invoke(main, ["build", *arguments])

        assert result.exit_code == cli.EXIT_USAGE
        assert "--fresh and --no-execute contradict each other" in result.stderr


def test_nothing_printed_names_the_wrong_distribution(runner: CliRunner) -> None:
    """Another project has `sitegen` on PyPI: ours is `sitegen-ml`."""
    shown = "".join(
        runner.invoke(main, [*name, "--help"]).output for name in ([], ["build"], ["serve"], ["new"])
    )

    assert "pip install sitegen " not in shown


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_builds_where_all_streams_are_closed(tmp_path: Path) -> None:
    """A job without any standard stream (`2>&-`) has its site all the same, and none of its files becomes a stream."""
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "_index.md").write_text('+++\ntitle = "Home"\n+++\n', encoding="utf-8")

    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -m sitegen build -s "$1" <&- >&- 2>&-', sys.executable, str(tmp_path)],
        check=False,
    )

    assert done.returncode == 0
    assert (tmp_path / "public" / "index.html").is_file()
