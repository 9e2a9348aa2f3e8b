"""`sitegen results`: list, show, compare, accept, prune and export what runs have left behind."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from sitegen.cli.stored import by_digest, named, opened, results_options, run_before
from sitegen.cli.tables import print_json, print_table
from sitegen.results.provenance import outline_of

if TYPE_CHECKING:
    from sitegen.results.prune import PrunePlan
    from sitegen.results.store import StoredRecord

State = Literal["ok", "failed", "accepted", "smoke"]

_PLANNED: Final = ("record", "page", "started", "device_group", "state")
"""What is told of a record that would go."""

json_option = click.option("--json", "is_json", is_flag=True, help="JSON on stdout.")


@click.group("results", short_help="List, compare, accept and prune the results of runs.")
def command() -> None:
    """Look at the results of runs, and decide about them. Nothing is ever run.

    PAGE is a source file, a page's key (/posts/ppo) or the path of its URL. RECORD is the
    digest of a record or its beginning, where no other begins so.
    """


# --- looking ----------------------------------------------------------------------------------------


@command.command("list", short_help="List the records, newest first.")
@click.argument("page", required=False)
@click.option(
    "--state",
    type=click.Choice(("ok", "failed", "accepted", "smoke")),
    help="Only records that succeeded, failed, were accepted, or are of the smoke profile.",
)
@json_option
@results_options
def list_command(
    page: str | None, state: State | None, is_json: bool, source: Path, environment: str
) -> None:
    """List the records, of all pages or of PAGE, newest first."""
    with opened(source, environment) as site:
        found = site.of_page(page) if page is not None else tuple(site.store.all())
        accepted = site.store.acceptances()
        is_wanted: Callable[[StoredRecord], bool] = {
            None: lambda _: True,
            "ok": lambda each: each.record.ok,
            "failed": lambda each: not each.record.ok,
            "accepted": lambda each: each.digest in accepted,
            "smoke": lambda each: each.record.run.profile == "smoke",
        }[state]
        rows = [_summary(each, each.digest in accepted) for each in found if is_wanted(each)]
    if is_json:
        print_json(rows)
        return
    print_table(
        ("record", "page", "started", "device", "profile", "seconds>", "metrics>", "state"),
        [
            (
                row["record"][:12],
                row["page"],
                row["started"],
                row["device_group"],
                row["profile"],
                f"{row['seconds']:.1f}",
                str(len(row["metrics"])),
                row["state"],
            )
            for row in rows
        ],
    )


def _summary(stored: StoredRecord, is_accepted: bool) -> dict[str, Any]:
    from sitegen.results.export import utc

    record = stored.record
    outline = outline_of(record, stored.digest)
    return {
        "record": stored.digest,
        "page": record.page,
        "key": record.key,
        "started": utc(record.run.started),
        "seconds": record.run.seconds,
        "device": outline.device,
        "device_group": outline.device_group,
        "profile": record.run.profile,
        "state": "failed" if not record.ok else "accepted" if is_accepted else "ok",
        "metrics": {metric.name: metric.value for metric in record.metrics},
    }


@command.command("show", short_help="Show a record, or the one that a page shows.")
@click.argument("what", metavar="RECORD|PAGE")
@json_option
@results_options
def show_command(what: str, is_json: bool, source: Path, environment: str) -> None:
    """Show a record, or the one that a page shows: where, when and of what it was made, and its metrics."""
    import msgspec

    from sitegen.cli.record_words import lines_of

    with opened(source, environment) as site:
        stored = by_digest(what, tuple(site.store.all()), "RECORD") or site.current(what)
        acceptance = site.store.acceptances().get(stored.digest)
    if is_json:
        print_json(
            {
                "record": stored.digest,
                "accepted": msgspec.to_builtins(acceptance) if acceptance is not None else None,
                **msgspec.to_builtins(stored.record),
            }
        )
        return
    for line in lines_of(stored, acceptance):
        click.echo(line)


@command.command("diff", short_help="Say what differs between two runs of a page.")
@click.argument("page")
@click.argument("before", metavar="[A]", required=False)
@click.argument("after", metavar="[B]", required=False)
@json_option
@results_options
def diff_command(
    page: str, before: str | None, after: str | None, is_json: bool, source: Path, environment: str
) -> None:
    """Say what differs between two runs of PAGE: inputs, environment, files, metrics, outputs by cell.

    A and B are records; B is the one that the page shows unless given, A the run before it on the
    same kind of device.
    """
    from sitegen.cli.record_words import difference_lines
    from sitegen.results.compare import compare

    with opened(source, environment) as site:
        records = site.of_page(page)
        late = named(after, records, "B") if after else site.current(page)
        early = named(before, records, "A") if before else run_before(late, records)
        found = compare(early.record, late.record)
    if is_json:
        print_json(
            {
                "page": late.record.page,
                "before": early.digest,
                "after": late.digest,
                "changes": [
                    {
                        "subject": change.subject,
                        "name": change.name,
                        "before": None if change.is_content else change.before,
                        "after": None if change.is_content else change.after,
                        "words": change.words(),
                    }
                    for change in found
                ],
            }
        )
        return
    for line in difference_lines(early, late, found):
        click.echo(line)


@command.command("history", short_help="Show the metrics of a page over its runs.")
@click.argument("page")
@click.argument("metric", required=False)
@click.option("--profile", type=click.Choice(("full", "smoke")), default="full", show_default=True)
@json_option
@results_options
def history_command(
    page: str, metric: str | None, profile: str, is_json: bool, source: Path, environment: str
) -> None:
    """Show the metrics of PAGE over its runs, oldest first, a table for each kind of device."""
    from sitegen.cli.record_words import history_rows, history_tables
    from sitegen.errors import did_you_mean

    with opened(source, environment) as site:
        records = [
            found
            for found in reversed(site.of_page(page))
            if found.record.ok and found.record.run.profile == profile
        ]
        accepted = site.store.acceptances()
    names = list(dict.fromkeys(each.name for found in records for each in found.record.metrics))
    if metric is not None and metric not in names:
        hint = did_you_mean(metric, names) if names else "its runs reported none"
        raise click.BadParameter(f"`{page}` has no metric `{metric}`; {hint}", param_hint="METRIC")
    wanted = names if metric is None else [metric]
    if is_json:
        print_json(history_rows(records, wanted, accepted))
        return
    for title, columns, rows in history_tables(records, wanted, accepted):
        print_table(columns, rows, title=title)


@command.command("export", short_help="Write every metric with its provenance, as CSV or JSON.")
@click.argument("page", required=False)
@click.option("--format", "form", type=click.Choice(("csv", "json")), default="csv", show_default=True)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
@results_options
def export_command(
    page: str | None, form: Literal["csv", "json"], is_json: bool, source: Path, environment: str
) -> None:
    """Write every metric of every run with its provenance, of all pages or of PAGE, to stdout."""
    from sitegen.results.export import as_csv, export_rows

    with opened(source, environment) as site:
        found = site.of_page(page) if page is not None else tuple(site.store.all())
        rows = export_rows(found, site.store.acceptances())
    if is_json or form == "json":
        print_json(rows)
    else:
        click.echo(as_csv(rows), nl=False)


# --- deciding ---------------------------------------------------------------------------------------


@command.command("accept", short_help="Accept the record that a page shows as its baseline.")
@click.argument("page")
@click.option(
    "--record", "digest", metavar="DIGEST", help="This record instead of the one that the page shows."
)
@json_option
@results_options
def accept_command(page: str, digest: str | None, is_json: bool, source: Path, environment: str) -> None:
    """Accept the record that PAGE shows: its metrics are the baseline from now on."""
    from sitegen.content.git_dates import ask_git
    from sitegen.results.export import utc

    with opened(source, environment) as site:
        stored = named(digest, site.of_page(page), "--record") if digest else site.current(page)
        if not stored.record.ok:
            raise click.UsageError(
                f"the record {stored.digest[:12]} is of a run that failed: there is no result"
            )
        earlier = site.store.acceptances().get(stored.digest)
        commit = (ask_git(site.root, "rev-parse", "HEAD") or "").strip() or None
        word = earlier or site.store.accept(
            stored, date=datetime.now(UTC).replace(microsecond=0), commit=commit
        )
    if is_json:
        print_json(
            {
                "page": stored.record.page,
                "record": stored.digest,
                "date": utc(word.date),
                "commit": word.commit,
                "was_accepted": earlier is not None,
            }
        )
        return
    name = f"the run of {utc(stored.record.run.started)} ({stored.digest[:12]}) of `{stored.record.page}`"
    if earlier is not None:
        click.echo(f"{name} was accepted already, on {utc(earlier.date)}")
    else:
        click.echo(f"accepted {name}")


@command.command("prune", short_help="Remove old runs, and blobs that no run names.")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Runs that stay of each page, kind of device and profile.",
)
@click.option("--dry-run", is_flag=True, help="Show what would go, and remove nothing.")
@click.option("-y", "--yes", is_flag=True, help="Remove without asking.")
@json_option
@results_options
def prune_command(keep: int, dry_run: bool, yes: bool, is_json: bool, source: Path, environment: str) -> None:
    """Remove old runs, and blobs that no run names.

    The newest runs stay, and what the site shows, what was accepted, and what drift is measured
    from. Without --yes it shows what would go, and asks on a terminal.
    """
    from sitegen.results.prune import plan, prune

    with opened(source, environment) as site:
        in_use = frozenset(site.shown(tuple(site.index.pages)).values())
        now_s = time.time()
        planned = plan(site.store, keep=keep, in_use=in_use, now_s=now_s)
        if is_json:
            is_meant = yes and not dry_run
        else:
            _print_plan(planned)
            is_meant = bool(planned.paths) and not dry_run and (yes or _is_meant())
        removed = prune(site.store, planned, now_s=now_s) if is_meant else 0
    if is_json:
        print_json(
            {
                "records": [_summary(found, is_accepted=False) for found in planned.records],
                "files": planned.paths,
                "size_bytes": planned.size_bytes,
                "kept": planned.kept,
                "removed": removed,
            }
        )
    elif is_meant:
        click.echo(f"removed {removed} file{'' if removed == 1 else 's'}")


def _print_plan(planned: PrunePlan) -> None:
    if not planned.paths:
        click.echo(f"nothing to remove: all {planned.kept} records stay")
        return
    rows = [_summary(found, is_accepted=False) for found in planned.records]
    if rows:
        print_table(
            ("record", "page", "started", "device", "state"),
            [tuple(row[name][:12] if name == "record" else row[name] for name in _PLANNED) for row in rows],
        )
    counts = (
        (len(planned.records), "record", "records"),
        (len(planned.other_schema), "record of an older schema", "records of an older schema"),
        (len(planned.blobs), "blob that no record names", "blobs that no record names"),
        (len(planned.set_aside), "damaged file set aside", "damaged files set aside"),
    )
    words = ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)
    click.echo(f"to remove: {words}; {_size(planned.size_bytes)}. {planned.kept} stay.")


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.1f} kB"


def _is_meant() -> bool:
    if not sys.stdin.isatty():
        click.echo("nothing was removed: say --yes to remove", err=True)
        return False
    return click.confirm("Remove them?")
