"""What a `.bib` file holds, as values: entries with plain text and people in their parts; `bib_files.py` reads it."""

from __future__ import annotations

import re
from dataclasses import field
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from sitegen.content.bibliography_text import Name
from sitegen.content.document import Digest
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict, compact
from sitegen.values import dataclass

__all__ = ["Bibliography", "Entry", "Name", "place_of_field"]

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_YEAR: Final = re.compile(r"\b(1[5-9]|20|21)\d\d\b")
_ARXIV: Final = re.compile(
    r"(?:arxiv[:\s.]*|/(?:abs|pdf)/)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(v\d+)?", re.I
)
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+")
_OF_PATHS: Final = "/:;()%!$&'*+,=@"
"""Signs that stand in the path of an address as they are."""


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a bibliography."""

    key: str
    """As it is written after the brace; case counts."""
    kind: str
    """`article`, `inproceedings`, ...; lower case."""
    fields: FrozenDict[str, str]
    """By lower-case name, as plain text, with macros resolved and those that `crossref` gives; people as they are written."""
    latex: FrozenDict[str, str]
    """The same as LaTeX, with macros resolved: what a BibTeX file of its own would say."""
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    has_more_authors: bool = False
    """The list ends in `and others`."""
    bibtex: str
    """The source text, from its `@` to its closing brace."""
    location: SourceLocation

    def text(self, *names: str) -> str:
        """The first of these fields that is not empty."""
        return next((value for name in names if (value := self.fields.get(name))), "")

    @property
    def title(self) -> str:
        """Without braces; with its subtitle, where biblatex's `subtitle` gives one."""
        title, subtitle = self.text("title"), self.text("subtitle")
        return f"{title}: {subtitle}" if title and subtitle else title

    @property
    def date(self) -> tuple[int, ...]:
        """(year), (year, month) or (year, month, day), from `date`, else `year`, `month` and `day`; empty: it has none."""
        if match := _DATE.match(self.text("date")):
            return _valid_date(*match.groups())
        year = _YEAR.search(self.text("year"))
        return _valid_date(year[0], _month(self.text("month")), self.text("day")) if year else ()

    @property
    def year(self) -> int | None:
        """None: it has none, or one that is no number (`in press`)."""
        return self.date[0] if self.date else None

    @property
    def venue(self) -> str:
        """Where it appeared, as it is written: journal, proceedings, book, school or institution."""
        return self.text(
            *("journal", "journaltitle", "booktitle", "eventtitle", "school", "institution"),
            *("organization", "howpublished", "publisher"),
        )

    @property
    def doi(self) -> str:
        """`10.1000/182`, without the address of a resolver; empty: it has none."""
        match = _DOI.search(self.text("doi")) or (
            _DOI.search(self.text("url")) if "doi.org/" in self.text("url") else None
        )
        return match[0] if match else ""

    @property
    def doi_url(self) -> str:
        """The address of its DOI, which may hold signs that no address has (`<`, `#`); empty: it has none."""
        return f"https://doi.org/{quote(self.doi, safe=_OF_PATHS)}" if self.doi else ""

    @property
    def arxiv(self) -> str:
        """`1707.06347`, without its version: from `arxiv`, `eprint`, or what a journal or address says of arXiv."""
        own = self.text("arxiv")
        if not own and self.text("archiveprefix", "eprinttype", "archive").lower() in ("", "arxiv"):
            own = self.text("eprint")
        for written in (
            own,
            *(
                value
                for name in ("journal", "url", "note", "howpublished")
                if "arxiv" in (value := self.text(name)).lower()
            ),
        ):
            if written and (match := _ARXIV.search(written)):
                return match[1]
        return ""

    @property
    def url(self) -> str:
        """Where it is read: `url`, else its DOI's, else arXiv's; empty: nowhere on the web."""
        if own := self.text("url"):
            return own
        if self.doi:
            return self.doi_url
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """What a `.bib` file holds."""

    path: PurePosixPath
    """Below the site's root."""
    digest: Digest
    """Of the file."""
    entries: FrozenDict[str, Entry]
    """By key, in the file's order."""
    diagnostics: tuple[Diagnostic, ...] = field(default=())


def place_of_field(entry: Entry, name: str) -> SourceLocation:
    """Where a field of an entry is written; the entry's own place where another one gives it the field."""
    match = re.search(rf"(?i)(?<=[,\s]){re.escape(name)}(?=\s*=)", entry.bibtex)
    location = entry.location
    if match is None or location.line is None:
        return location
    start = entry.bibtex.rfind("\n", 0, match.start()) + 1
    first = (location.column or 1) if start == 0 else 1
    line = location.line + entry.bibtex.count("\n", 0, start)
    return SourceLocation(path=location.path, line=line, column=first + match.start() - start)


def _month(text: str) -> str:
    if text.isdecimal():
        return text
    number = next(
        (number for number, name in enumerate(MONTHS, 1) if text[:3].lower() == name[:3].lower()), 0
    )
    return str(number or "")


def _valid_date(year: str, month: str | None, day: str | None) -> tuple[int, ...]:
    """As far as it is given and possible."""
    if not int(year):  # `0000` stands for none where a program wrote the file
        return ()
    found = [int(year)]
    if month and month.isdecimal() and 1 <= int(month) <= len(MONTHS):
        found.append(int(month))
        if day and day.isdecimal() and 1 <= int(day) <= 31:
            found.append(int(day))
    return tuple(found)
