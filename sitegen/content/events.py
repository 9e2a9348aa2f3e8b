"""When the site changes though nobody edits it: the next date at which a page is published, or expires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Final

from sitegen.config import Config
from sitegen.content.metadata import PageMeta

_TICK: Final = timedelta(microseconds=1)
_LAST: Final = datetime.max.replace(tzinfo=timezone.utc) - timedelta(days=2)  # noqa: UP017
"""Later dates, in any time zone, come for no build."""


def next_event(metas: Iterable[PageMeta], config: Config) -> datetime | None:
    """The first moment after `config.now` at which an index of these pages is another one; None where there is none.

    It is the date of publishing or of expiry of a page that is no draft, of its own or by a cascade. As a list without a date
    of its own takes the newest day of publishing that is strictly past, the moment after such a day counts too for
    pages that are shown already; only there the index may be the same.

    Args:
        metas: of every page, also of those that are left out now; the cascade is applied.
        config: with the time from which on is looked, and whether drafts, future and expired pages are built.
    """
    return min((moment for meta in metas for moment in _moments(meta, config)), default=None)


def _moments(meta: PageMeta, config: Config) -> Iterator[datetime]:
    now, published, expires = config.now, meta.publish_date, meta.expiry_date
    is_past = published is None or published < now
    if (is_past and expires is None) or (meta.draft and not config.build_drafts):
        return
    is_due = published is not None and now < published and not config.build_future
    if published is not None and not is_past and published < _LAST:
        yield published if is_due else published + _TICK
    # one that expires before it is published is of the future all the while
    was_published = config.build_future or published is None or expires is None or published <= expires
    if expires is not None and now < expires < _LAST and not config.build_expired and was_published:
        yield expires
