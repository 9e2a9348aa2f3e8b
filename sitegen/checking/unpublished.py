"""Pages that are not published, and when that changes: drafts, pages of the future, expired ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.site import build_index
from sitegen.errors import Diagnostic, SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutPage:
    """A page that this build leaves out."""

    path: PurePosixPath
    """Of its file, relative to the site's root."""
    why: str
    """`a draft`, `of the future until 2026-12-01`."""
    key: str
    """Of the front matter that says so: `draft`, `date`."""
    line: int | None
    cell: int | None = None


class LeftOut:
    """The pages that a build leaves out, found where one of them is asked for."""

    def __init__(self, index: SiteIndex, config: Config) -> None:
        self._index = index
        self._config = config

    def at(self, path: str) -> LeftOutPage | None:
        """The page that would be published there.

        Args:
            path: below the output folder, decoded.
        """
        skipped = self._index.skipped
        if not (skipped.drafts or skipped.future or skipped.expired):
            return None
        return self._by_path.get(path.removesuffix("index.html").rstrip("/"))

    def pages(self) -> tuple[LeftOutPage, ...]:
        """All of them, in the order of the index."""
        return tuple(self._by_path.values())

    @cached_property
    def _by_path(self) -> dict[str, LeftOutPage]:
        whole = replace(self._config, build_drafts=True, build_future=True, build_expired=True)
        index = build_index(self._index.all_sources, whole)
        found: dict[str, LeftOutPage] = {}
        for key, page in index.pages.items():
            why = _why(page, self._config)
            if page.source is not None and why is not None and key not in self._index.pages:
                found[unquote(page.url).strip("/") or str(key)] = why
        return found


def unpublished(left_out: LeftOut) -> Iterator[Diagnostic]:
    """A note for each page that is not published."""
    for page in left_out.pages():
        place = SourceLocation(
            path=page.path, line=page.line, column=1 if page.line else None, cell=page.cell
        )
        flag = {"draft": "-D", "date": "-F"}.get(page.key, "-E")
        yield Diagnostic(
            code="SG713",
            severity="info",
            message=f"the page is not published: {page.why}",
            location=place,
            hint=f"see it with `sitegen serve {flag}`",
        )


def _why(page: IndexedPage, config: Config) -> LeftOutPage | None:
    meta = page.meta
    if meta.draft:
        return _page(page, "a draft", "draft", ("draft", "published"))
    if meta.publish_date is not None and meta.publish_date > config.now:
        why = (
            f"of the future until {_day(meta.publish_date)}, {_days(config.now, meta.publish_date)} from now"
        )
        return _page(page, why, "date", ("publishdate", "pubdate", "published", "date"))
    if meta.expiry_date is not None and meta.expiry_date <= config.now:
        why = f"expired on {_day(meta.expiry_date)}, {_days(meta.expiry_date, config.now)} ago"
        return _page(page, why, "expiry", ("expirydate", "unpublishdate"))
    return None


def _page(page: IndexedPage, why: str, key: str, names: tuple[str, ...]) -> LeftOutPage | None:
    if page.source is None:
        return None
    own = page.source.meta  # a cascade's keys have lines of another file
    line = next((own.lines[name] for name in names if name in own.lines), None)
    return LeftOutPage(path=page.source.path, why=why, key=key, line=line, cell=own.cell if line else None)


def _day(moment: datetime) -> str:
    if moment.hour == moment.minute == moment.second == 0:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M}"


def _days(first: datetime, second: datetime) -> str:
    days = (second - first).days
    if days < 1:
        return "less than a day"
    return f"{days} day{'' if days == 1 else 's'}"
