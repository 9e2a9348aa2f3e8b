"""`sitegen new`: a site, a post, a page, a project, a talk, slides, news, a CI workflow."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitegen.cli.options import errors_printed, site_options, source_option

if TYPE_CHECKING:
    from sitegen.scaffold.content import ContentKind
    from sitegen.scaffold.site import CiService


@click.group("new", short_help="Make a site, a post, a page, a project, a talk or a CI workflow.")
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


@command.command("post")
@click.argument("name", metavar="TITLE|PATH")
@source_option
def post_command(name: str, source: Path) -> None:
    """Write a post: below content/posts/ by its TITLE, or where PATH (posts/name.md) says."""
    _new_content("post", name, source)


@command.command("page")
@click.argument("name", metavar="TITLE|PATH")
@source_option
def page_command(name: str, source: Path) -> None:
    """Write a page: below content/ by its TITLE, or where PATH (about/index.md) says."""
    _new_content("page", name, source)


@command.command("project")
@click.argument("name", metavar="TITLE|PATH")
@source_option
def project_command(name: str, source: Path) -> None:
    """Write a project: below content/projects/ by its TITLE, or where PATH says."""
    _new_content("project", name, source)


@command.command("talk")
@click.argument("name", metavar="TITLE|PATH")
@source_option
def talk_command(name: str, source: Path) -> None:
    """Write a talk: below content/talks/ by its TITLE, or where PATH says."""
    _new_content("talk", name, source)


@command.command("slides")
@click.argument("name", metavar="TITLE|PATH")
@source_option
def slides_command(name: str, source: Path) -> None:
    """Write a talk whose page is its slides: below content/talks/ by its TITLE, or where PATH says."""
    _new_content("slides", name, source)


@command.command("news")
@click.argument("name", metavar="TITLE|PATH")
@source_option
def news_command(name: str, source: Path) -> None:
    """Write an item of news: below content/news/ by its TITLE, or where PATH says."""
    _new_content("news", name, source)


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


def _new_content(kind: ContentKind, name: str, source: Path) -> None:
    from sitegen.scaffold.content import new_content

    options = site_options(source, "development")
    with errors_printed(options.root):
        config = options.load()
        file = new_content(config, kind, name)
    click.echo(config.relative_to_root(file))
    if "\ndraft = true\n" in file.read_text(encoding="utf-8"):
        click.echo("a draft: `sitegen serve -D` shows it, and `sitegen build` leaves it out", err=True)
