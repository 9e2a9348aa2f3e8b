"""Read a `.bib` file: its entries as values, and what is wrong in it, by line and column.

bibtexparser splits the file; macros, cross-references and LaTeX are resolved here, since its own steps drop an
entry in which one name or one macro is wrong.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sitegen.content.bibliography import MONTHS, Bibliography, Entry
from sitegen.content.bibliography_text import names_of, plain_text, verbatim_text
from sitegen.content.document import Digest
from sitegen.errors import Diagnostic, Severity, SourceLocation, near_match
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict

if TYPE_CHECKING:
    from bibtexparser.model import Entry as Block

KINDS: Final = frozenset(
    [
        "article",
        "artwork",
        "audio",
        "bibnote",
        "book",
        "bookinbook",
        "booklet",
        "collection",
        "commentary",
        "conference",
        "customa",
        "customb",
        "customc",
        "customd",
        "custome",
        "customf",
        "dataset",
        "electronic",
        "image",
        "inbook",
        "incollection",
        "inproceedings",
        "inreference",
        "jurisdiction",
        "legal",
        "legislation",
        "letter",
        "manual",
        "mastersthesis",
        "misc",
        "movie",
        "music",
        "mvbook",
        "mvcollection",
        "mvproceedings",
        "mvreference",
        "online",
        "patent",
        "performance",
        "periodical",
        "phdthesis",
        "preprint",
        "proceedings",
        "reference",
        "report",
        "review",
        "set",
        "software",
        "standard",
        "suppbook",
        "suppcollection",
        "suppperiodical",
        "techreport",
        "thesis",
        "unpublished",
        "video",
        "webpage",
        "www",
        "xdata",
    ]
)
"""BibTeX's and biblatex's kinds of entries, and two that services write."""
_MONTH_MACROS: Final[Mapping[str, str]] = {name[:3].lower(): name for name in MONTHS}
_VERBATIM: Final = frozenset({"doi", "url", "eprint", "arxiv", "file", "crossref", "isbn", "issn", "volume"})
"""Beside those whose value is an address: fields that are no LaTeX text."""
_ADDRESS: Final = re.compile(r"\s*[{\"]*\s*(\\url\{)?\s*(https?://|/|\.{0,2}/)")
_SILENT: Final = logging.NullHandler()
_PEOPLE: Final = ("author", "editor")
_BOOKS: Final = frozenset({"proceedings", "book", "collection", "mvbook", "mvproceedings", "mvcollection"})
_PART: Final = re.compile(r'"(?:[^"{}]|\{[^{}]*\})*"|[^\s"{]+')
"""A value in quotes or without: its end is where a comma has to stand."""
_BRACE: Final = re.compile(r"[{}]")
_LOST: Final = re.compile(
    r"^([ \t]*)([A-Za-z]+)[ \t]*[{(][^,\n]*,[ \t]*(?:$|[A-Za-z_-]+[ \t]*=)", re.MULTILINE
)
"""An entry without its `@`: behind its key the line ends, or a field follows."""
_NEAR: Final = 40
"""Lines below the first one of a value in which a part of it is looked for."""


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
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8-sig", "replace")) + 1
        location = SourceLocation(path=shown, line=data.count(b"\n", 0, start) + 1, column=column)
        problem = _problem(location, "the bibliography is not UTF-8 text", "save the file as UTF-8")
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
                key=lambda each: (
                    (each.location.line or 0, each.location.column or 0) if each.location else (0, 0)
                ),
            )
        ),
    )


class _Reader:
    """One file while it is read."""

    def __init__(self, path: PurePosixPath) -> None:
        self.path = path
        self.problems: list[Diagnostic] = []
        self._macros: dict[str, str] = dict(_MONTH_MACROS)
        self._lines: list[str] = []

    def entries(self, text: str) -> dict[str, Entry]:
        """By key, in the file's order; what is wrong is in `problems`."""
        self._lines = text.split("\n")
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
                self._macros[block.key.lower()] = self._value(block.value, line, block.key)
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
                    self._place(line, entry.key, "@"),
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
                self._look_at(block, line)
            elif isinstance(block, model.ImplicitComment):
                self._report_lost(block.comment or "", line)
        return found

    def _look_at(self, entry: Block, line: int) -> None:
        """Tells of a kind that is a slip of another, and of a key that no page can name."""
        kind = entry.entry_type.lower()
        if kind not in KINDS and (near := near_match(kind, KINDS)) is not None:
            place = self._place(line, entry.entry_type)
            self._report(place, f"`@{kind}` is no kind of entry", f"did you mean `@{near}`?", "warning")
        if not entry.key or any(sign.isspace() for sign in entry.key):
            message = f"`{entry.key}` is no key" if entry.key else "an entry has no key"
            hint = "write a word without spaces behind the opening brace: pages name the entry by it"
            self._report(self._place(line, entry.key or "@"), message, hint)

    def _report_lost(self, text: str, line: int) -> None:
        """What stands between entries is a comment; what looks like an entry is one without its `@`."""
        for match in _LOST.finditer(text):
            if match[2].lower() in KINDS:
                place = self._place(line + text.count("\n", 0, match.start(2)), match[2])
                self._report(
                    place, f"`{match[2]}` has no `@`, so the entry is left out", f"write `@{match[2]}`"
                )

    def _fields(self, block: Block) -> dict[str, str]:
        """LaTeX as it is written, macros replaced; of two fields with one name the first."""
        fields: dict[str, str] = {}
        for each in block.fields:
            name = each.key.rpartition("\n")[2].strip()  # biber's comments end with their line
            if name.startswith("%"):
                continue
            value = self._value(each.value, (each.start_line or 0) + 1, name)
            fields.setdefault(name.lower(), value)
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
            line = next(
                (each.start_line for each in blocks[key].fields if each.key.lower() == "crossref"), None
            )
            self._report(
                self._place((line or 0) + 1, parent),
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
            location=self._place((block.start_line or 0) + 1, block.key, "@"),
        )

    def _value(self, value: Any, line: int, field: str) -> str:
        """A value's parts (`"a" # macro # {b}`) without what encloses them, joined."""
        return "".join(self._part(part, line, field) for part in _parts(str(value)))

    def _part(self, part: str, line: int, field: str) -> str:
        whole = _PART.match(part)
        end = len(part) if whole is None else whole.end()
        if part[:1] == "{":
            end = _closing(part)
        rest = part[end:].strip()
        if rest and (part[0] in '{"' or "=" in rest):
            self._report(
                self._place(line + part.count("\n", 0, len(part) - len(rest)), rest.partition("\n")[0]),
                f"`{field}` goes on behind its value: a comma is missing before `{rest[:30]}`",
                "put a comma behind each value",
            )
            part = part[:end].strip()
        if part[:1] in ("{", '"'):
            return part[1:-1]
        if part.isdigit() or not part:
            return part
        if part.lower() not in self._macros:
            self._report(
                self._place(line, part),
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
                location=self._place(line, entry.key, "@"),
                hint="remove this entry"
                if is_same
                else "give one of the entries another key; the first counts",
                related=(self._place((first.start_line or 0) + 1, entry.key, "@"),) if first else (),
            )
        )

    def _report_broken(self, block: Any, line: int) -> None:
        reason = str(getattr(block.error, "abort_reason", block.error)).strip().rstrip(".")
        opening = (block.raw or "").strip().partition("\n")[0].rstrip(" ,")
        reason = reason[:1].lower() + reason[1:]
        self._report(
            self._place(line, opening),
            f"the entry `{opening}` cannot be read: {reason}",
            "look for a missing brace, quote or comma in it",
        )

    def _place(self, line: int, text: str, before: str = "") -> SourceLocation:
        """A text on or below a line; with `before`, the last one of that sign in front of it on its line."""
        for number in range(line, min(line + _NEAR, len(self._lines) + 1)):
            at = self._lines[number - 1].find(text)
            if at < 0:
                continue
            if before:
                at = max(self._lines[number - 1].rfind(before, 0, at + 1), 0)
            return SourceLocation(path=self.path, line=number, column=at + 1)
        return SourceLocation(path=self.path, line=line, column=1)

    def _report(
        self, location: SourceLocation, message: str, hint: str, severity: Severity = "error"
    ) -> None:
        self.problems.append(_problem(location, message, hint, severity))


def _problem(location: SourceLocation, message: str, hint: str, severity: Severity = "error") -> Diagnostic:
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


def _closing(part: str) -> int:
    """One past the brace that closes the first one."""
    if part.count("}") == 1 or "}" not in part[:-1]:
        return part.find("}") + 1 or len(part)
    depth = 0
    for match in _BRACE.finditer(part):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.end()
    return len(part)
