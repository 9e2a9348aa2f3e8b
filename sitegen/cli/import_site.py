"""`sitegen import`: another generator's site, rewritten as one of ours."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path, PurePosixPath

import click

from sitegen.cli.diagnostics import print_diagnostics
from sitegen.cli.main import EXIT_SITE_HAS_ERRORS
from sitegen.cli.options import errors_printed
from sitegen.importing.importers import Importer, importers


@click.group("import", short_help="Rewrite a Hugo, Jekyll or Quarto site, or notebooks.")
def command() -> None:
    """Rewrite another generator's site as one of ours, and say what a person must look at.

    The source is only read. What is written to TARGET is a whole site with a report, IMPORT.md.
    """


def _command(importer: Importer) -> click.Command:
    """The command of one importer: SOURCE, TARGET, the flags of all and its own."""

    def run(source: Path, target: Path | None, dry_run: bool, force: bool, **switches: bool) -> None:
        _import(
            importer, source, target, switches={name: True for name, on in switches.items() if on},
            dry_run=dry_run, force=force,
        )  # fmt: skip

    run.__doc__ = (
        f"Rewrite a {importer.generator} site: SOURCE is {importer.takes}.\n\n"
        "TARGET must be empty or not there; by default it is SOURCE-sitegen in the current folder."
    )
    made = click.command(importer.name)(run)
    own = [
        click.Option([f"--{name.replace('_', '-')}"], is_flag=True, help=words)
        for name, words in importer.switches.items()
    ]
    made.params = [
        click.Argument(["source"], type=click.Path(path_type=Path)),
        click.Argument(["target"], type=click.Path(path_type=Path, file_okay=False), required=False),
        *own,
        click.Option(["--dry-run"], is_flag=True, help="Only say what would be written, and the report."),
        click.Option(["--force"], is_flag=True, help="Write over an earlier import; other files stay."),
    ]
    return made


for _importer in importers().values():
    command.add_command(_command(_importer))


def _import(
    importer: Importer,
    source: Path,
    target: Path | None,
    *,
    switches: dict[str, bool],
    dry_run: bool,
    force: bool,
) -> None:
    from sitegen.importing.report import REPORT_NAME, report_text, summary_text
    from sitegen.importing.values import ImportedFile
    from sitegen.importing.write import check_target, write_site

    root = source.resolve()
    folder = (target or Path(f"{root.stem if root.is_file() else root.name}-sitegen")).absolute()
    with errors_printed(root):
        check_target(root, folder, force=force)
        imported = importer.load()(root, **switches)
        report = report_text(imported, generator=importer.generator, source=root)
        if not dry_run:
            content = ImportedFile(path=PurePosixPath(REPORT_NAME), content=report.encode())
            write_site((*imported.files, content), folder)
    print_diagnostics(imported.diagnostics, root if root.is_dir() else root.parent, "text")
    if dry_run:
        for file in sorted(imported.files, key=lambda file: file.path):
            click.echo(file.path)
    click.echo(summary_text(imported, target=folder, written=not dry_run))
    if not dry_run:
        click.echo(f"all of it, with its places: {folder / REPORT_NAME}")
        click.echo(f"next: sitegen serve -s {shlex.quote(str(target or folder.name))}")
    if any(diagnostic.severity == "error" for diagnostic in imported.diagnostics):
        sys.exit(EXIT_SITE_HAS_ERRORS)
