"""The filters that templates have beside Jinja's own."""

from __future__ import annotations

import json
import re
from datetime import date as date_type
from datetime import datetime
from typing import Final

from markupsafe import Markup

from sitegen.frozen import thaw
from sitegen.rendering.results.numbers import value_text
from sitegen.rendering.text import plain_text, prose_text

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FOUR_DIGITS: Final = 1000
"""Earlier years have fewer on some systems."""
_UNPADDED = re.compile(r"%-([a-zA-Z])")


def date(value: date_type | None, pattern: str = "%B %-d, %Y") -> str:
    """A date as `strftime` writes it; `%-d` (no leading zero) works on every platform. None is empty."""
    if not value:
        return ""
    if (
        pattern == "%Y-%m-%d" and value.year >= _FOUR_DIGITS
    ):  # what lists print; `strftime` takes five times as long
        return f"{value.year}-{value.month:02}-{value.day:02}"
    if pattern == "%Y" and value.year >= _FOUR_DIGITS:
        return str(value.year)
    if "%-" not in pattern:
        return value.strftime(pattern)

    def unpadded(match: re.Match[str]) -> str:
        text = value.strftime(f"%{match[1]}")
        return (text.lstrip("0") or "0") if text.isdigit() else text

    return value.strftime(_UNPADDED.sub(unpadded, pattern))


def isodate(value: date_type | None) -> str:
    """ISO 8601, for `<time datetime>`: RFC 3339 to the second for a datetime. None is empty."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")  # HTML allows three digits of a second, a datetime has six
    return value.isoformat() if value else ""


def rfc822(value: datetime | None) -> str:
    """A date as RSS wants it. None is empty."""
    if not value:
        return ""
    day, month = _DAYS[value.weekday()], _MONTHS[value.month - 1]  # English, whatever `%a` and `%b` say here
    zone = f"{value:%z}" or "-0000"  # RFC 5322, 3.3: the zone is not known
    return f"{day}, {value.day:02} {month} {value.year:04} {value:%H:%M:%S} {zone}"


def plain(value: object) -> str:
    """HTML without its tags."""
    return plain_text(str(value))


def prose(value: object) -> str:
    """The text of the paragraphs of HTML."""
    return prose_text(str(value))


def jsonify(value: object, indent: int | None = None) -> Markup:
    """JSON that may stand inside a `<script>`; views and dates become strings."""
    text = json.dumps(thaw(value), ensure_ascii=False, indent=indent, default=str)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)  # noqa: S704 -- escaped above


def number(value: float, pattern: str | None = None) -> str:
    """A number by a format specification (`.1f`), else with four significant digits."""
    return value_text(value, None, pattern or None)


def xml_escape(value: object) -> Markup:
    """HTML as the text of an XML element."""
    return Markup.escape(str(value))
