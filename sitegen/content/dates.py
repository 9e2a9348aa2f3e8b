"""Dates as authors write them: in front matter (Hugo's forms), in file names and in a `Posted:` line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

DATE_FORMS: Final = (
    "`2024-07-01`, `2024-07-01T15:04:05`, `2024-07-01 15:04:05`, `2024-07-01T15:04:05-07:00` or `1 Jul 2024`"
)
"""What a front-matter date may look like, for hints."""

DEFAULT_DATE_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("date", "publishdate", "lastmod"),
    "lastmod": (":git", "lastmod", "date", "publishdate"),
    "publishdate": ("publishdate", "date"),
    "expirydate": ("expirydate",),
}
"""Which keys give each of a page's dates, first present wins; Hugo's `[frontmatter]` replaces them."""

DATE_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "publishdate": ("pubdate", "published"),
    "lastmod": ("modified",),
    "expirydate": ("unpublishdate",),
}
DATE_KEYS: Final = frozenset(
    {"date", *DATE_ALIASES, *(key for keys in DATE_ALIASES.values() for key in keys)}
)

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_MONTH_NAME: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:(?:[Tt]|[ ]+)(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r"[ ]*(?:([Zz]|UTC|GMT)|([+-]\d\d):?(\d\d)(?:[ ]+[A-Z]{2,5})?)?)?"
)
_DAY_MONTH_YEAR: Final = re.compile(rf"(\d\d?) {_MONTH_NAME} (\d{{4}})", re.IGNORECASE)
_CLOCK: Final = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_OFFSET: Final = r"(?P<hours>[+-]\d\d)(?P<minutes>\d\d)"
_ZONE: Final = rf"(?:{_OFFSET}|[A-Z]{{3,5}})"
_MAIL_AND_LOGS: Final = tuple(
    re.compile(pattern.replace("MONTH", _MONTH_NAME), re.IGNORECASE)
    for pattern in (
        rf"[A-Z]{{3}}, (?P<day>\d\d?) MONTH (?P<year>\d{{4}}) {_CLOCK} {_ZONE}",  # RFC 1123
        rf"[A-Z]{{6,9}}, (?P<day>\d\d)-MONTH-(?P<year>\d\d) {_CLOCK} {_ZONE}",  # RFC 850
        rf"(?P<day>\d\d) MONTH (?P<year>\d\d) (?P<hour>\d\d):(?P<minute>\d\d) {_ZONE}",  # RFC 822
        rf"[A-Z]{{3}} MONTH +(?P<day>\d\d?) {_CLOCK} (?:{_ZONE} )?(?P<year>\d{{4}})",  # C's asctime, date(1), Ruby
    )
)
"""Forms of Go's `time` package that Hugo reads. A zone's abbreviation says nothing there: the site's zone counts."""
_PROSE: Final = re.compile(
    rf"(?:{_MONTH_NAME} (?P<day>\d\d?)(?:st|nd|rd|th)?,? (?P<year>\d{{4}})"
    rf"|(?P<day_2>\d\d?)(?:st|nd|rd|th)?\.? (?:of )?{_MONTH_NAME.replace('month', 'month_2')},? (?P<year_2>\d{{4}})"
    rf"|{_MONTH_NAME.replace('month', 'month_3')} (?P<year_3>\d{{4}})"
    r"|(?P<iso>\d{4}[-/.]\d\d?[-/.]\d\d?))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_POSTED: Final = re.compile(
    r"\s{0,3}(?P<open>[*_]{0,3})(?:posted|published|date)(?: on)?(?P<inner>[*_]{0,3})\s*(?P<colon>:?)"
    r"(?P<inner_2>[*_]{0,3})\s*(?P<rest>\S.*?)\s*",
    re.IGNORECASE,
)
_FILE_NAME: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:.(\d\d)-(\d\d)-(\d\d)(?!\d))?(?!\d)")


@lru_cache(maxsize=8)
def time_zone(name: str) -> tzinfo:
    """The zone of dates that name none; UTC where the name is empty or not known here."""
    if name in ("", "UTC"):
        return timezone.utc  # noqa: UP017 - `datetime.UTC` prints otherwise
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return timezone.utc  # noqa: UP017


def parse_date(value: object, zone: tzinfo) -> datetime | None:
    """A front-matter date as an aware datetime; None where it is not one that Hugo would read.

    Args:
        value: a string, TOML's native date or date-time, or whole seconds since 1970.
        zone: for a value without one.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else on(value, zone)
    if isinstance(value, date):
        return on(datetime.combine(value, time()), zone)
    if isinstance(value, int) and not isinstance(value, bool):
        return _from_seconds(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return _parse_iso(text, zone) or _parse_named_month(text, zone)
    except (ValueError, OverflowError):  # 2024-13-45
        return None


def _from_seconds(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(0, tz=timezone.utc) + timedelta(seconds=seconds)  # noqa: UP017
    except OverflowError:
        return None


def _parse_iso(text: str, zone: tzinfo) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    microsecond = int((match[7] or "0").ljust(9, "0")[:6])
    wall = datetime(year, month, day, hour, minute, second, microsecond)
    if match[9]:
        return wall.replace(tzinfo=_offset(match[9], match[10]))
    return wall.replace(tzinfo=timezone.utc) if match[8] else on(wall, zone)  # noqa: UP017


def _parse_named_month(text: str, zone: tzinfo) -> datetime | None:
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if match is not None:
        return on(datetime(int(match[3]), _MONTHS[match["month"].lower()], int(match[1])), zone)
    found = next((match for form in _MAIL_AND_LOGS if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    parts = found.groupdict()
    year = int(parts["year"])
    if year < 100:  # as Go: 69 is 1969, 68 is 2068
        year += 1900 if year >= 69 else 2000
    clock = (int(parts["hour"]), int(parts["minute"]), int(parts.get("second") or 0))
    wall = datetime(year, _MONTHS[parts["month"].lower()], int(parts["day"]), *clock)
    return (
        wall.replace(tzinfo=_offset(parts["hours"], parts["minutes"])) if parts["hours"] else on(wall, zone)
    )


def on(wall: datetime, zone: tzinfo) -> datetime:
    """A clock's time in a zone. Of an hour that a clock shows twice or never, the one that Go takes."""
    if not isinstance(zone, ZoneInfo):
        return wall.replace(tzinfo=zone)
    try:
        as_if_utc = wall.replace(tzinfo=timezone.utc)  # noqa: UP017
        guess = as_if_utc - (as_if_utc.astimezone(zone).utcoffset() or timedelta())
        return (as_if_utc - (guess.astimezone(zone).utcoffset() or timedelta())).astimezone(zone)
    except OverflowError:  # the year 1
        return wall.replace(tzinfo=zone)


def _offset(hours: str, minutes: str) -> timezone:
    sign = -1 if hours.startswith("-") else 1
    return timezone(timedelta(hours=int(hours), minutes=sign * int(minutes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNameDate:
    """A date that a file's name begins with, and what is left of the name."""

    date: datetime
    slug: str


def date_in_file_name(name: str, zone: tzinfo) -> FileNameDate | None:
    """Hugo's `:filename`: `2024-07-01-some-post`, `2024-07-01T12-30-00 some post`.

    Args:
        name: without its extension; of a leaf bundle, its folder's.
        zone: of the site.
    """
    match = _FILE_NAME.match(name)
    if match is None:
        return None
    parts = [int(part or 0) for part in match.groups()]
    try:
        found = on(datetime(*parts), zone)  # type: ignore[arg-type]
    except ValueError:
        return None
    rest = name[match.end() :]
    before, dot, _ = rest.rpartition(".")  # Hugo takes what follows the last dot for an extension, once more
    return FileNameDate(date=found, slug=(before if dot else rest).strip(" -_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedDate:
    """The date of a `*Posted: July 1, 2024*` line."""

    date: datetime
    is_whole_line: bool
    """Nothing else stands on the line, so nothing is lost when it is not shown again."""


def date_in_posted_line(line: str, zone: tzinfo) -> PostedDate | None:
    """The date of a line that begins with `Posted`, `Published` or `Date`, in emphasis or not.

    Months are named in English or the date is ISO's: `07/01/2024` is two dates and not read.
    """
    match = _POSTED.fullmatch(line)
    if match is None or not (match["colon"] or match["open"] or " on" in line.lower()):
        return None
    rest = match["rest"]
    found = _PROSE.match(rest.lstrip("*_ "))
    if found is None:
        return None
    written = {name.partition("_")[0]: text for name, text in found.groupdict().items() if text}
    try:
        if "iso" in written:
            year, month, day = (int(part) for part in re.split(r"[-/.]", written["iso"]))
        else:
            year, month = int(written["year"]), _MONTHS[written["month"].lower()]
            day = int(written.get("day", "1"))
        moment = datetime(year, month, day, tzinfo=zone)
    except ValueError:
        return None
    tail = rest.lstrip("*_ ")[found.end() :]
    return PostedDate(date=moment, is_whole_line=not tail.strip("*_ .\\"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChains:
    """Where a site's pages take their dates from."""

    sources: tuple[tuple[str, tuple[str, ...]], ...]
    """`date`, `lastmod`, `publishdate`, `expirydate`, each with its keys and `:tokens`, in order."""
    ask_name: bool
    """Whether one of them is the file's name."""


@lru_cache(maxsize=8)
def date_chains(configured: FrozenDict[str, tuple[str, ...]]) -> DateChains:
    """The chains of all four dates.

    Args:
        configured: as for `date_sources`.
    """
    names = ("date", "lastmod", "publishdate", "expirydate")
    sources = tuple((name, date_sources(configured, name)) for name in names)
    return DateChains(sources=sources, ask_name=any(":filename" in chain for _, chain in sources))


def date_sources(configured: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
    """The keys and `:tokens` that give a page's date `name`, in order, with their aliases.

    Args:
        configured: `[frontmatter]` of the configuration, keys lower-cased.
        name: `date`, `lastmod`, `publishdate` or `expirydate`.
    """
    keys: list[str] = []
    for key in configured.get(name, (":default",)):
        keys += DEFAULT_DATE_SOURCES[name] if key.lower() == ":default" else [key.lower()]
    with_aliases = [alias for key in keys for alias in (key, *DATE_ALIASES.get(key, ()))]
    return tuple(dict.fromkeys(with_aliases))
