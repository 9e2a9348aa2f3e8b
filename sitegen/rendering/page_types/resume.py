"""The CV that a page of type `cv` shows: found beside it or in `data/`, its entries as templates print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.content.resumes import (
    Entry,
    Resume,
    missing_resume,
    no_text,
    read_resume,
    resume_file,
    resume_name,
)
from sitegen.errors import ContentError, TemplateError
from sitegen.frozen import FrozenDict
from sitegen.rendering.dates import DateText
from sitegen.rendering.templating.filters import date as date_text
from sitegen.rendering.urls import with_base
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "work": ("position", "name"),
    "volunteer": ("position", "organization"),
    "education": ("studyType", "area"),
    "awards": ("title",),
    "publications": ("name",),
    "languages": ("language",),
}
"""Fields that an entry is called by, of sections where it is not `name`: the first that is there; of education both."""
_ORGANISATIONS: Final = ("name", "organization", "institution", "awarder", "issuer", "publisher", "entity")
_TEXTS: Final = ("description", "summary", "reference")
_FACTS: Final = ("location", "type", "score", "level", "fluency")
_LISTS: Final = ("highlights", "courses")
_WORDS: Final = ("keywords", "roles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when to when."""

    start: str
    """ISO 8601, as written; empty where none is given."""
    end: str
    is_open: bool
    """It began and has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CvEntry:
    """One entry of a section."""

    title: str
    organisation: str
    url: str
    period: Period
    facts: tuple[str, ...]
    """A place, a level, a score."""
    texts: tuple[str, ...]
    """Paragraphs."""
    items: tuple[str, ...]
    """Of a list: highlights, courses."""
    words: tuple[str, ...]
    """Keywords, roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CvSection:
    """A section of the CV."""

    name: str
    """The schema's: `work`, `education`, ..."""
    entries: tuple[CvEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cv:
    """A CV, ready to be printed."""

    name: str
    label: str
    summary: str
    image: str
    email: str
    phone: str
    url: str
    place: str
    profiles: tuple[Entry, ...]
    """`network`, `username`, `url` each, where it is given."""
    sections: tuple[CvSection, ...]
    file_url: str
    """Of the file, where it lies in the page's folder; else empty."""


def resume_of(page: PageView) -> Cv:
    """The CV of a page: the file is noted, so that an edit of it makes the page again.

    Raises:
        TemplateError: SG128; there is no such file, or it cannot be read.
    """
    site, place = page._site, page._place
    urls = {each.name: each.url for each in page.resources}  # asked for in vain too: the file may come
    file = resume_file(place, site.settings)
    path = site.settings.relative_to_root(file)
    site.recorder.read("file", str(path))
    url = urls.get(resume_name(place), "")
    # what is wrong has been told with the index, in the same words
    try:
        resume = read_resume(file.read_text(encoding="utf-8-sig"), path)
    except ContentError as error:
        raise TemplateError(error.diagnostic) from error
    except OSError as error:
        raise TemplateError(missing_resume(place, path)) from error
    except UnicodeDecodeError as error:
        raise TemplateError(no_text(path)) from error
    return _cv(resume, url, site.settings)


def _cv(resume: Resume, url: str, config: Config) -> Cv:
    basics, location = _addressed(resume.basics, config), resume.location
    parts = (
        *(location.get(each, "") for each in ("address", "city", "region")),
        location.get("countryCode", ""),
    )
    return Cv(
        **{
            name: basics.get(name, "")
            for name in ("name", "label", "summary", "image", "email", "phone", "url")
        },
        place=", ".join(part for part in parts if part),
        profiles=tuple(_addressed(profile, config) for profile in resume.profiles),
        sections=tuple(
            CvSection(name=name, entries=tuple(_entry(name, _addressed(entry, config)) for entry in entries))
            for name, entries in resume.sections
        ),
        file_url=url,
    )


def _addressed(entry: Entry, config: Config) -> Entry:
    """An entry whose `url` has the site's base path, where it is of this site."""
    url = entry.get("url", "")
    if not url.startswith("/") or url.startswith("//"):
        return entry
    return FrozenDict({**entry, "url": with_base(config, url)})


def _entry(section: str, entry: Entry) -> CvEntry:
    fields = _TITLES.get(section, ("name",))
    given = [(field, entry[field]) for field in fields if field in entry]
    used = given if section == "education" else given[:1]
    organisation = next(
        (entry[field] for field in _ORGANISATIONS if field in entry and field not in dict(used)), ""
    )
    return CvEntry(
        title=", ".join(text for _, text in used),
        organisation=organisation,
        url=entry.get("url", ""),
        period=_period(entry),
        facts=_taken(entry, _FACTS),
        texts=_taken(entry, _TEXTS),
        items=_joined(entry, _LISTS),
        words=_joined(entry, _WORDS),
    )


def _period(entry: Entry) -> Period:
    day = entry.get("date", entry.get("releaseDate", ""))
    start, end = entry.get("startDate", ""), entry.get("endDate", "")
    return Period(start=start, end=end or day, is_open=bool(start and not end))


def _taken(entry: Entry, fields: Iterable[str]) -> tuple[str, ...]:
    return tuple(entry[field] for field in fields if field in entry)


def _joined(entry: Entry, fields: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for field in fields for text in entry.get(field, ()))


def partial_date(written: str, pattern: str = "%b %Y", *, write: DateText = date_text) -> str:
    """A date of a CV in words, as exact as it is written: `2020`, `Mar 2020`.

    Args:
        written: `2020`, `2020-03` or `2020-03-31`.
        pattern: for a date with a month, as of `strftime`.
        write: the filter `date` of the site's language.
    """
    if re.fullmatch(r"\d{4}", written) or not written:
        return written
    year, month = written.split("-")[:2]
    return write(date(int(year), int(month), 1), pattern)
