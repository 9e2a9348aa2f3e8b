"""`sitegen new`: a site, a page of every kind, a CI workflow."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitegen.cli.options import errors_printed, site_options, source_option
from sitegen.scaffold.kinds import KINDS, Kind

if TYPE_CHECKING:
    from sitegen.scaffold.site import CiService


@click.group("new", short_help="Make a site, a page of any kind or a CI workflow.")
def command() -> None:
    """Make something new. Nothing that exists is ever overwritten."""


@command.command("site")
@click.argument("path", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", default="Your Name", show_default=True, help="The site's title.")
@source_option
def site_command(path: Path, title: str, source: Path) -> None:
    """Make a site in the folder PATH, with a first post whose code runs."""
    from sitegen.scaffold.site import new_site

    root = (source / path).resolve()
    with errors_printed(root):
        created = new_site(root, title=title, now=datetime.now(UTC))
    click.echo(f"{len(created)} files in {root}")
    click.echo(
        "next: sitegen serve" + ("" if root == Path.cwd() else f" -s {shlex.quote(str(source / path))}")
    )


@command.command("ci")
@click.argument("service", type=click.Choice(("github", "gitlab", "netlify", "cloudflare")))
@source_option
def ci_command(service: CiService, source: Path) -> None:
    """Write the workflow of a SERVICE that executes, builds and publishes the site."""
    from sitegen.scaffold.site import new_ci

    root = source.resolve()
    with errors_printed(root):
        created = new_ci(root, service)
    for file in created:
        click.echo(file.relative_to(root))


def _content_command(kind: Kind) -> click.Command:
    """The command of one kind of content; what a site has once needs no name, and takes a title."""

    def write(name: str | None, source: Path) -> None:
        from sitegen.scaffold.content import new_content

        options = site_options(source, "development")
        with errors_printed(options.root):
            config = options.load()
            files = new_content(config, kind, name)
        for file in files:
            click.echo(config.relative_to_root(file))
        if "\ndraft = true" in files[0].read_text(encoding="utf-8"):
            click.echo("a draft: `sitegen serve -D` shows it, and `sitegen build` leaves it out", err=True)

    is_once = bool(kind.path)
    name = click.argument("name", metavar="[TITLE]" if is_once else "TITLE|PATH", required=not is_once)
    return click.command(kind.name, help=kind.help)(name(source_option(write)))


for _kind in KINDS.values():
    command.add_command(_content_command(_kind))
