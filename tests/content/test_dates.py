"""Dates in front matter, file names and `Posted:` lines."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from sitegen.content.dates import (
    date_in_file_name,
    date_in_posted_line,
    date_sources,
    parse_date,
    time_zone,
)

UTC = timezone.utc  # noqa: UP017


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-01", "2024-07-01T00:00:00+00:00"),
        ("2024-07-01T15:04:05Z", "2024-07-01T15:04:05+00:00"),
        ("2024-07-01T15:04:05-07:00", "2024-07-01T15:04:05-07:00"),
        ("2024-07-01T15:04:05-0700", "2024-07-01T15:04:05-07:00"),
        ("2024-07-01 15:04:05", "2024-07-01T15:04:05+00:00"),
        ("2024-07-01 9:04:05 -0430", "2024-07-01T09:04:05-04:30"),
        ("2024-07-01 15:04:05.25 +0200", "2024-07-01T15:04:05.250000+02:00"),
        ("2024-07-01 15:04:05 -0700 MST", "2024-07-01T15:04:05-07:00"),
        ("15 Oct 2023", "2023-10-15T00:00:00+00:00"),
        ("Mon, 02 Jan 2006 15:04:05 -0700", "2006-01-02T15:04:05-07:00"),
        ("Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05+00:00"),
    ],
)
def test_front_matter_date(text: str, expected: str) -> None:
    """The forms that Hugo reads, with their zone."""
    found = parse_date(text, UTC)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "value", ["2024-13-45", "2024-02-30", "May 6, 2024", "06/05/2024", "soon", "2024", True, (), ""]
)
def test_no_date(value: object) -> None:
    """What Hugo refuses is no date, and neither is a bare number."""
    assert parse_date(value, UTC) is None


def test_native_dates_without_a_zone_are_in_the_sites() -> None:
    """TOML's local dates get the site's zone; one with an offset keeps it."""
    zone = time_zone("Europe/Berlin")
    east = timezone(timedelta(hours=9))
    assert parse_date(date(2024, 7, 1), zone) == datetime(2024, 7, 1, tzinfo=zone)
    assert parse_date(datetime(2024, 7, 1, 8), zone) == datetime(2024, 7, 1, 8, tzinfo=zone)
    assert parse_date(datetime(2024, 7, 1, 8, tzinfo=east), zone) == datetime(2024, 7, 1, 8, tzinfo=east)


def test_unknown_time_zone_is_utc() -> None:
    """A zone that this machine does not know stops nothing."""
    assert time_zone("Moon/Tranquility").utcoffset(None) == timedelta(0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2024-07-04-Some Post", ("2024-07-04T00:00:00+00:00", "Some Post")),
        ("2024-07-04_x", ("2024-07-04T00:00:00+00:00", "x")),
        ("2024-07-04-node.js tips", ("2024-07-04T00:00:00+00:00", "node")),
        ("2024-07-04", ("2024-07-04T00:00:00+00:00", "")),
        ("2024-07-04T12-30-59-x", ("2024-07-04T12:30:59+00:00", "x")),
        ("2024-13-04-x", None),
        ("2024-07-041", None),
        ("post-2024-07-04", None),
    ],
)
def test_file_name_date(name: str, expected: tuple[str, str] | None) -> None:
    """A name that begins with a date gives it and the rest as slug."""
    found = date_in_file_name(name, UTC)
    assert (found and (found.date.isoformat(), found.slug)) == expected


@pytest.mark.parametrize(
    ("line", "expected", "is_whole_line"),
    [
        ("*Posted: July 1, 2024*", "2024-07-01", True),
        ("_Posted: July 1, 2024_", "2024-07-01", True),
        ("**Posted:** July 1, 2024", "2024-07-01", True),
        ("**Posted**: Jul 1st 2024", "2024-07-01", True),
        ("***Published on 1 July 2024***", "2024-07-01", True),
        ("_Published: 1st of July, 2024_", "2024-07-01", True),
        ("Date: 2024-07-01", "2024-07-01", True),
        ("date: 2024/7/1", "2024-07-01", True),
        ("Posted: Sept. 30, 2024.", "2024-09-30", True),
        ("*Posted July 2024*", "2024-07-01", True),
        ("Posted on July 1, 2024 by the author", "2024-07-01", False),
    ],
)
def test_posted_line(line: str, expected: str, is_whole_line: bool) -> None:
    """A `Posted:` line in emphasis or not, the date in several spellings."""
    found = date_in_posted_line(line, UTC)
    assert found is not None
    assert (found.date.date().isoformat(), found.is_whole_line) == (expected, is_whole_line)


@pytest.mark.parametrize(
    "line",
    [
        "Posted: someday",
        "Posted: 07/01/2024",
        "Date night was July 1, 2024",
        "Published July 1, 2024 in a journal",
        "Posted: July 41, 2024",
        "The date: July 1, 2024",
        "    Posted: July 1, 2024",
        "",
    ],
)
def test_no_posted_line(line: str) -> None:
    """Prose, code and dates that can be read in two ways give none."""
    assert date_in_posted_line(line, UTC) is None


def test_date_sources_of_hugo() -> None:
    """Aliases follow their key."""
    assert date_sources({}, "date") == ("date", "publishdate", "pubdate", "published", "lastmod", "modified")


def test_configured_date_sources() -> None:
    """`:default` stands for what was there before."""
    configured = {"date": (":filename", ":default")}
    assert date_sources(configured, "date")[:2] == (":filename", "date")
