"""`sitegen clean`: remove what a build can make again, never what a run has found out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitegen.cli.options import environment_option, errors_printed, site_options, source_option

if TYPE_CHECKING:
    from sitegen.config import Config


@click.command("clean", short_help="Remove the built site and the caches, never the results.")
@source_option
@click.option(
    "-d", "--destination", type=click.Path(path_type=Path), help="Output folder.  [default: public]"
)
@environment_option("production")
def command(source: Path, destination: Path | None, environment: str) -> None:
    """Remove the built site and .sitegen/.

    The results of executed cells stay. So does what sitegen did not write into the output
    folder (CNAME, .git, a file put there by hand): it is listed. With --destination only that
    folder's site goes, and the record of the others stays.
    """
    options = site_options(source, environment, publish_dir=destination and source.resolve() / destination)
    with errors_printed(options.root):
        config = options.load()
        removed, kept = _remove_site(config)
        _remove_state(config, is_whole=destination is None)
    caches = ", and the caches" if destination is None else ""
    click.echo(f"removed {removed} file{'' if removed == 1 else 's'} of the site{caches}", err=True)
    for path in kept:
        click.echo(f"kept, since sitegen did not write it: {config.relative_to_root(path)}", err=True)


def _remove_site(config: Config) -> tuple[int, tuple[Path, ...]]:
    """Publish a site without files; how many were removed, and what of others is left at the top."""
    from sitegen.build.publish import PublishTarget, publish

    target = PublishTarget.of(config)
    if not target.output.is_dir():
        return 0, ()
    removed = publish((), target).removed
    kept = tuple(sorted(target.output.iterdir()))
    if not kept:
        target.output.rmdir()
    return removed, kept


def _remove_state(config: Config, *, is_whole: bool) -> None:
    """Remove the output folder's record, and, of the whole site, all that builds have kept."""
    from sitegen.build.publish import PublishTarget
    from sitegen.files import remove_tree

    preview = config.root / ".sitegen"  # the preview keeps its own here, wherever the site's state is
    folders = [PublishTarget.of(config).state]
    if is_whole:
        folders += [config.state_dir, preview]
    for folder in folders:
        holds_more = any(path.is_relative_to(folder) for path in (config.root, config.results_dir))
        if folder.is_dir() and not holds_more:  # else a mistake in the configuration, not a cache
            remove_tree(folder)
