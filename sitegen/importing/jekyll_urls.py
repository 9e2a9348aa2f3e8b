"""The addresses that Jekyll gives posts, pages and documents of collections, and when ours would be others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sitegen.config import Config
from sitegen.content.permalinks import Facts, UnknownTokenError, default_path, expand

STYLES: Final[Mapping[str, str]] = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
"""Source: Jekyll's documentation, "Permalinks", built-in formats."""
_NOT_PRETTY: Final = re.compile(r"[^\w.~!$&'()+,;=@]+")
_NOT_SLUG: Final = re.compile(r"[\W_]+")
_OURS: Final[Mapping[str, str]] = {
    "year": ":year",
    "month": ":month",
    "day": ":day",
    "title": ":slugorcontentbasename",
    "slug": ":slugorcontentbasename",
    "long_month": ":monthname",
    "long_day": ":weekdayname",
    "categories": "",
    "slugified_categories": "",
    "output_ext": "",
}
"""Jekyll's tokens in our patterns; what is missing no pattern of ours can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlFacts:
    """What a pattern of Jekyll may ask of a document."""

    slug: str
    """Of a post the part of its name behind the date, or its `slug`; else the file's name without extension."""
    path: str
    """Below its collection, without extension; of a page its folder."""
    collection: str = ""
    categories: tuple[str, ...] = ()
    date: datetime | None = None
    """In the site's time zone."""
    extension: str = ".html"
    has_own_slug: bool = False


def slugify(text: str, *, is_pretty: bool = False) -> str:
    """Jekyll's `slugify`: letters and digits, other runs as one `-`; `is_pretty` keeps case and `._~!$&'()+,;=@`."""
    if is_pretty:
        return _NOT_PRETTY.sub("-", text).strip("-")
    return _NOT_SLUG.sub("-", text).strip("-").lower()


def jekyll_url(pattern: str, facts: UrlFacts) -> str:
    """The URL path that Jekyll gives, not percent-encoded, with a leading slash."""
    values = _values(facts)
    tokens = re.compile(":(" + "|".join(sorted(values, key=len, reverse=True)) + ")")
    url = tokens.sub(lambda match: values[match[1]], pattern)
    url = re.sub(r"/{2,}", "/", f"/{url}")
    return re.sub(r"(?:^|/)\.(?=/|$)", "", url) or "/"


def our_pattern(pattern: str) -> str | None:
    """The pattern of ours that gives most posts Jekyll's address; None where there is none."""
    if not pattern.endswith(("/", ":output_ext", ".html")):
        return None
    unknown = False

    def fill(match: re.Match[str]) -> str:
        nonlocal unknown
        unknown = unknown or match[1] not in _OURS
        return _OURS.get(match[1], "")

    made = re.sub(r":([a-z_]+)", fill, pattern.removesuffix(".html"))
    made = re.sub(r"/{2,}", "/", f"/{made.strip('/')}/")
    return None if unknown or ":slug" not in made else made


def our_path(pattern: str | None, facts: UrlFacts, *, folder: str, base_name: str, title: str) -> str:
    """The URL path that we would give.

    Args:
        pattern: of our configuration for the section; None: where the file lies.
        facts: of the document.
        folder: of the content file, below `content/`.
        base_name: of the content file, without extension.
        title: of the page.
    """
    slug = facts.slug if facts.has_own_slug else ""
    if pattern is None:
        return default_path(folder, slug or base_name, _PLAIN)
    ours = Facts(
        title=title,
        slug=slug,
        base_name=base_name,
        date=facts.date,
        sections=tuple(folder.split("/")) if folder else (),
        section_slugs=(),
    )
    try:
        return expand(pattern, ours, _PLAIN)
    except UnknownTokenError:
        return ""


_PLAIN: Final = Config(root=Path("/"), now=datetime(2000, 1, 1, tzinfo=UTC))


def _values(facts: UrlFacts) -> dict[str, str]:
    categories = list(dict.fromkeys(category.lower() for category in facts.categories))
    values = {
        "title": slugify(facts.slug, is_pretty=True),
        "slug": slugify(facts.slug),
        "name": slugify(facts.slug),
        "basename": facts.slug,
        "path": facts.path,
        "collection": facts.collection,
        "categories": "/".join(categories),
        "slugified_categories": "/".join(map(slugify, categories)),
        "output_ext": facts.extension,
    }
    return values | (_dates(facts.date) if facts.date is not None else {})


def _dates(date: datetime) -> dict[str, str]:
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    month, day = months[date.month - 1], days[date.weekday()]
    week_year, week, weekday = date.isocalendar()
    return {
        "year": f"{date.year:04d}", "short_year": f"{date.year % 100:02d}",
        "month": f"{date.month:02d}", "i_month": str(date.month),
        "short_month": month[:3], "long_month": month,
        "day": f"{date.day:02d}", "i_day": str(date.day),
        "short_day": day[:3], "long_day": day,
        "y_day": f"{date.timetuple().tm_yday:03d}",
        "week": f"{week:02d}", "w_year": str(week_year), "w_day": str(weekday),
        "hour": f"{date.hour:02d}", "minute": f"{date.minute:02d}", "second": f"{date.second:02d}",
    }  # fmt: skip
