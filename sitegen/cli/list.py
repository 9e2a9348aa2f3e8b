"""`sitegen list`: content files with the columns of `hugo list`, as CSV or JSON; what is wrong with them on stderr."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from sitegen.cli.diagnostics import print_diagnostics
from sitegen.cli.options import (
    environment_option,
    errors_printed,
    site_options,
    source_option,
    url_options,
)

if TYPE_CHECKING:
    from sitegen.config import Config
    from sitegen.content.site import IndexedPage

Which = Literal["all", "drafts", "future", "expired", "published"]

COLUMNS: Final = (
    "path",
    "slug",
    "title",
    "date",
    "expiryDate",
    "publishDate",
    "draft",
    "permalink",
    "kind",
    "section",
)
"""Source: Hugo 0.168.0, what `hugo list all` prints as its first line."""
_NO_DATE: Final = "0001-01-01T00:00:00Z"
"""What Hugo prints where there is no date: Go's zero time."""


@click.command("list", short_help="List content files: all, drafts, future, expired or published.")
@click.argument(
    "which", type=click.Choice(("all", "drafts", "future", "expired", "published")), default="all"
)
@click.option("--format", "form", type=click.Choice(("csv", "json")), default="csv", show_default=True)
@source_option
@environment_option("production")
@url_options
def command(
    which: Which,
    form: Literal["csv", "json"],
    source: Path,
    environment: str,
    base_url: str | None,
    relative_urls: bool | None,
) -> None:
    """List content files with Hugo's columns. No page is parsed, no cell run; a page with errors is listed too."""
    from sitegen.content.site import build_index
    from sitegen.content.sources import discover

    options = site_options(source, environment, base_url=base_url, relative_urls=relative_urls)
    with errors_printed(options.root):
        config = options.load(build_drafts=True, build_future=True, build_expired=True)
        index = build_index(discover(config), config)
    print_diagnostics((*config.diagnostics, *index.diagnostics), options.root, "text")
    rows = [
        _row(page, config)
        for page in index.pages.values()
        if page.source and page.meta.build.list == "always" and _is_listed(page, which, config)
    ]
    click.echo(_as_csv(rows) if form == "csv" else json.dumps(rows, indent=2, ensure_ascii=False))


def _is_listed(page: IndexedPage, which: Which, config: Config) -> bool:
    # a section's dates may be those of its pages, which say nothing of its own file
    meta = page.source.meta if page.source is not None and page.kind != "page" else page.meta
    is_future = meta.publish_date is not None and meta.publish_date > config.now
    is_expired = meta.expiry_date is not None and meta.expiry_date <= config.now
    if which == "published":
        return not (meta.draft or is_future or is_expired)
    return {"all": True, "drafts": meta.draft, "future": is_future, "expired": is_expired}[which]


def _row(page: IndexedPage, config: Config) -> dict[str, str]:
    meta = page.meta
    values = (
        str(page.source.path) if page.source else "",
        meta.slug,
        meta.title,
        _date(page.date),
        _date(meta.expiry_date),
        _date(meta.publish_date),
        "true" if meta.draft else "false",
        _permalink(page, config),
        page.kind,
        page.section,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _permalink(page: IndexedPage, config: Config) -> str:
    if not page.url:
        return ""
    # with ugly URLs Hugo writes a list page's file out, which we link to by its folder
    is_folder = config.ugly_urls and page.kind != "page" and page.url.endswith("/")
    file_name = "index.html" if is_folder and not page.meta.url else ""
    return config.base_url.rstrip("/") + page.url + file_name


def _date(moment: datetime | None) -> str:
    """RFC 3339 as Go prints it: whole seconds, `Z` for UTC."""
    if moment is None:
        return _NO_DATE
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    offset = moment.strftime("%z")[:5]
    return text + ("Z" if offset in ("", "+0000") else f"{offset[:3]}:{offset[3:]}")


def _as_csv(rows: Iterable[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().removesuffix("\n")
