"""The filters of templates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from sitegen.rendering.templating import filters


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (date(2026, 11, 2), "2026-11-02"),
        (datetime(2026, 11, 2, 8, 30, 1, 117050, tzinfo=UTC), "2026-11-02T08:30:01+00:00"),
        (datetime(2026, 11, 2, tzinfo=timezone(timedelta(hours=1))), "2026-11-02T00:00:00+01:00"),
    ],
)
def test_isodate_is_what_html_and_atom_take(value: date | None, text: str) -> None:
    """Seconds at most: HTML's `<time>` has no microseconds."""
    assert filters.isodate(value) == text


@pytest.mark.parametrize(
    "value",
    [
        datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=UTC),
        datetime(999, 12, 31, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        datetime(2026, 11, 2),
    ],
)
def test_rfc822_is_what_mail_has(value: datetime) -> None:
    """As the standard library writes it, whose `email` costs too much for a date."""
    assert filters.rfc822(value) == format_datetime(value)


def test_date_leaves_a_leading_zero_out() -> None:
    """`%-d` is no platform's business."""
    assert filters.date(date(2026, 11, 2), "%-d %B %Y") == "2 November 2026"


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (-86.36, ".1f", "\N{MINUS SIGN}86.4"),
        (0.00002, ".1e", "2.0e\N{MINUS SIGN}05"),
        (0.123456, None, "0.1235"),
        (-1234, ",d", "\N{MINUS SIGN}1,234"),
    ],
)
def test_a_number_has_a_minus_sign(value: float, pattern: str | None, text: str) -> None:
    """By a format or by itself."""
    assert filters.number(value, pattern) == text
