"""A `.bib` file as values: its entries with plain text and people in their parts, and what is wrong in it, by line.

bibtexparser splits the file; macros, cross-references and LaTeX are resolved here, since its own steps drop an
entry in which one name or one macro is wrong.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sitegen.content.bibliography_text import Name, names_of, plain_text, verbatim_text
from sitegen.content.document import Digest
from sitegen.errors import Diagnostic, Severity, SourceLocation
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict, compact
from sitegen.values import dataclass

if TYPE_CHECKING:
    from bibtexparser.model import Entry as Block

__all__ = ["Bibliography", "Entry", "Name", "read_bibliography"]

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH_MACROS: Final[Mapping[str, str]] = {name[:3].lower(): name for name in MONTHS}
_VERBATIM: Final = frozenset({"doi", "url", "eprint", "arxiv", "file", "crossref", "isbn", "issn", "volume"})
"""Beside those whose value is an address: fields that are no LaTeX text."""
_ADDRESS: Final = re.compile(r"\s*[{\"]*\s*(\\url\{)?\s*(https?://|/|\.{0,2}/)")
_SILENT: Final = logging.NullHandler()
_PEOPLE: Final = ("author", "editor")
_BOOKS: Final = frozenset({"proceedings", "book", "collection", "mvbook", "mvproceedings", "mvcollection"})
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_YEAR: Final = re.compile(r"\b(1[5-9]|20|21)\d\d\b")
_ARXIV: Final = re.compile(
    r"(?:arxiv[:\s.]*|/(?:abs|pdf)/)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(v\d+)?", re.I
)
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+")


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
            return f"https://doi.org/{self.doi}"
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


def read_bibliography(path: Path, root: Path) -> Bibliography:
    """The entries of a file.

    An entry that cannot be read is an SG131 error, a key that stands twice an SG132 one (the first entry counts);
    all the others are there.

    Args:
        path: of the file; UTF-8.
        root: the site's folder, which paths in messages are relative to.
    """
    data = path.read_bytes()
    shown = PurePosixPath(path.relative_to(root) if path.is_relative_to(root) else path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = _problem(shown, line, "the bibliography is not UTF-8 text", "save the file as UTF-8")
        return Bibliography(
            path=shown, digest=Digest(digest_bytes(data)), entries=FrozenDict(), diagnostics=(problem,)
        )
    reader = _Reader(shown)
    entries = reader.entries(text.replace("\r\n", "\n"))
    return Bibliography(
        path=shown,
        digest=Digest(digest_bytes(data)),
        entries=FrozenDict(entries),
        diagnostics=tuple(
            sorted(
                reader.problems,
                key=lambda each: each.location.line if each.location and each.location.line else 0,
            )
        ),
    )


class _Reader:
    """One file while it is read."""

    def __init__(self, path: PurePosixPath) -> None:
        self.path = path
        self.problems: list[Diagnostic] = []
        self._macros: dict[str, str] = dict(_MONTH_MACROS)

    def entries(self, text: str) -> dict[str, Entry]:
        """By key, in the file's order; what is wrong is in `problems`."""
        blocks = self._blocks(text)
        written: dict[str, Mapping[str, str]] = {}
        for key, block in blocks.items():
            written[key] = self._fields(block)
        return {
            key: self._entry(block, self._with_parent(key, written, blocks)) for key, block in blocks.items()
        }

    def _blocks(self, text: str) -> dict[str, Block]:
        """Entries by key; `@string`s go to the macros, in the file's order."""
        from bibtexparser import model
        from bibtexparser.splitter import Splitter

        logging.getLogger("bibtexparser").addHandler(_SILENT)  # it would print what we report
        found: dict[str, Block] = {}
        for block in Splitter(text).split().blocks:
            line = (block.start_line or 0) + 1  # the library counts from 0
            if isinstance(block, model.DuplicateBlockKeyBlock) and isinstance(
                block.ignore_error_block, model.String
            ):
                block = block.ignore_error_block  # a macro may be set anew, as in BibTeX
            if isinstance(block, model.String):
                self._macros[block.key.lower()] = self._value(block.value, line)
            elif isinstance(block, model.DuplicateBlockKeyBlock) and isinstance(
                block.ignore_error_block, model.Entry
            ):
                self._report_double(block.ignore_error_block, found, line)
            elif isinstance(block, model.DuplicateFieldKeyBlock) and isinstance(
                block.ignore_error_block, model.Entry
            ):
                entry = block.ignore_error_block
                names = ", ".join(f"`{name}`" for name in sorted(block.duplicate_keys))
                self._report(
                    line,
                    f"the entry `{entry.key}` has the field {names} twice",
                    "keep one of them; the first counts",
                    "warning",
                )
                if entry.key in found:
                    self._report_double(entry, found, line)
                else:
                    found[entry.key] = entry
            elif isinstance(block, model.ParsingFailedBlock):
                self._report_broken(block, line)
            elif isinstance(block, model.Entry):
                found[block.key] = block
        return found

    def _fields(self, block: Block) -> dict[str, str]:
        """LaTeX as it is written, macros replaced; of two fields with one name the first."""
        fields: dict[str, str] = {}
        for each in block.fields:
            fields.setdefault(each.key.lower(), self._value(each.value, (each.start_line or 0) + 1))
        return fields

    def _with_parent(
        self, key: str, written: Mapping[str, Mapping[str, str]], blocks: Mapping[str, Block]
    ) -> Mapping[str, str]:
        """With what the entry that `crossref` names gives it: BibTeX looks one level up."""
        own = written[key]
        parent = verbatim_text(own.get("crossref", ""))
        if not parent or parent == key:
            return own
        if parent not in written:
            line = (blocks[key].start_line or 0) + 1
            self._report(
                line,
                f"`crossref` of `{key}` names `{parent}`, which is not in the file",
                "add that entry, or remove `crossref`",
                "warning",
            )
            return own
        above = dict(written[parent])
        title = above.pop("title", "")
        if title and blocks[parent].entry_type.lower() in _BOOKS:
            above.setdefault("booktitle", title)
        return {
            **{
                name: value
                for name, value in above.items()
                if name not in ("crossref", "selected", "abstract", "keywords")
            },
            **own,
        }

    def _entry(self, block: Block, written: Mapping[str, str]) -> Entry:
        authors, has_more = names_of(written.get("author", ""))
        editors, _ = names_of(written.get("editor", ""))
        return Entry(
            key=block.key,
            kind=block.entry_type.lower(),
            fields=FrozenDict({name: _plain(name, value) for name, value in written.items()}),
            latex=FrozenDict(written),
            authors=authors,
            editors=editors,
            has_more_authors=has_more,
            bibtex=(block.raw or "").strip(),
            location=SourceLocation(path=self.path, line=(block.start_line or 0) + 1),
        )

    def _value(self, value: Any, line: int) -> str:
        """A value's parts (`"a" # macro # {b}`) without what encloses them, joined."""
        return "".join(self._part(part, line) for part in _parts(str(value)))

    def _part(self, part: str, line: int) -> str:
        if part[:1] in ("{", '"'):
            return part[1:-1]
        if part.isdigit() or not part:
            return part
        if part.lower() not in self._macros:
            self._report(
                line,
                f"the macro `{part}` is not defined",
                f'write `@string{{{part} = "..."}}` above, or put the value in braces',
                "warning",
            )
        return self._macros.get(part.lower(), part)

    def _report_double(self, entry: Block, found: Mapping[str, Block], line: int) -> None:
        first = found.get(entry.key)
        is_same = first is not None and (first.raw or "").split() == (entry.raw or "").split()
        self.problems.append(
            Diagnostic(
                code="SG132",
                severity="warning" if is_same else "error",
                message=f"the key `{entry.key}` stands twice in the bibliography",
                location=SourceLocation(path=self.path, line=line),
                hint="remove this entry"
                if is_same
                else "give one of the entries another key; the first counts",
                related=(SourceLocation(path=self.path, line=(first.start_line or 0) + 1),) if first else (),
            )
        )

    def _report_broken(self, block: Any, line: int) -> None:
        reason = str(getattr(block.error, "abort_reason", block.error)).strip().rstrip(".")
        opening = (block.raw or "").strip().partition("\n")[0].rstrip(" ,")
        reason = reason[:1].lower() + reason[1:]
        self._report(
            line,
            f"the entry `{opening}` cannot be read: {reason}",
            "look for a missing brace, quote or comma in it",
        )

    def _report(self, line: int, message: str, hint: str, severity: Severity = "error") -> None:
        self.problems.append(_problem(self.path, line, message, hint, severity))


def _problem(
    path: PurePosixPath, line: int, message: str, hint: str, severity: Severity = "error"
) -> Diagnostic:
    location = SourceLocation(path=path, line=line)
    return Diagnostic(code="SG131", severity=severity, message=message, location=location, hint=hint)


def _plain(name: str, value: str) -> str:
    if name in _PEOPLE:
        return plain_text(value)
    if name in _VERBATIM or _ADDRESS.match(value):
        return verbatim_text(value)
    return plain_text(value)


def _parts(value: str) -> Iterator[str]:
    """What `#` joins, outside braces and quotes."""
    depth, is_quoted, start = 0, False, 0
    for place, sign in enumerate(value):
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif sign == '"' and depth == 0:
            is_quoted = not is_quoted
        elif sign == "#" and depth == 0 and not is_quoted:
            yield value[start:place].strip()
            start = place + 1
    yield value[start:].strip()


def _month(text: str) -> str:
    if text.isdigit():
        return text
    number = next(
        (number for number, name in enumerate(MONTHS, 1) if text[:3].lower() == name[:3].lower()), 0
    )
    return str(number or "")


def _valid_date(year: str, month: str | None, day: str | None) -> tuple[int, ...]:
    """As far as it is given and possible."""
    found = [int(year)]
    if month and month.isdigit() and 1 <= int(month) <= len(MONTHS):
        found.append(int(month))
        if day and day.isdigit() and 1 <= int(day) <= 31:
            found.append(int(day))
    return tuple(found)
