"""`sitegen fetch`: ask the hosts of repositories what pages show of them, and keep it in `data/`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sitegen.cli.main import EXIT_BUILT, EXIT_SITE_HAS_ERRORS
from sitegen.cli.options import environment_option, errors_printed, site_options, source_option


@click.command("fetch", short_help="Ask GitHub and others about the repositories that pages name.")
@click.argument("addresses", nargs=-1)
@source_option
@environment_option("production")
def command(addresses: tuple[str, ...], source: Path, environment: str) -> None:
    """Ask for the facts of ADDRESSES, or of all repositories that front matter names (repo, model, dataset, demo).

    They are kept in data/repositories.json with their day, and pages show them from there: no build asks. Where a
    host does not answer, what was known stays, and the exit code is 1. GITHUB_TOKEN, GITLAB_TOKEN,
    CODEBERG_TOKEN and HF_TOKEN are sent where they are set.
    """
    from sitegen.build.explain import index_site
    from sitegen.content.repositories import repository_of
    from sitegen.fetching import repositories

    wrong = [address for address in addresses if not repository_of(address)]
    if wrong:
        raise click.BadParameter(
            f"`{wrong[0]}` is no repository; as in `https://github.com/owner/name` (GitHub, GitLab, Codeberg, Hugging Face)"
        )
    options = site_options(source, environment)
    with errors_printed(options.root):
        config = options.load()
        wanted = tuple(repository_of(address) for address in addresses)
        known = repositories.read_repositories(config)
        named = wanted or repositories.named_repositories(index_site(config))
        kept = {each: facts for each, facts in known.items() if wanted or each in named}
        has_failed = False
        for fetched in repositories.fetch(named, repositories.ask):
            if fetched.facts is None:
                has_failed = True
                stays = ", what was known stays" if fetched.repository in known else ""
                click.echo(f"{fetched.repository}: {fetched.problem}{stays}", err=True)
                continue
            kept[fetched.repository] = {**fetched.facts, "seen": config.now.date().isoformat()}
            click.echo(f"{fetched.repository}: {repositories.describe(fetched.facts)}", err=True)
        if kept != known:
            path = repositories.write_repositories(kept, config)
            click.echo(f"written: {config.relative_to_root(path)}", err=True)
        elif not named:
            click.echo(
                "no page names a repository (repo, model, dataset or demo in its front matter)", err=True
            )
    sys.exit(EXIT_SITE_HAS_ERRORS if has_failed else EXIT_BUILT)
