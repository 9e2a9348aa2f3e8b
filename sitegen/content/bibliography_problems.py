"""What is told of bibliographies beside what cannot be read in them: entries with an empty place, keys of two files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from sitegen.content.bibliographies import Bibliographies
from sitegen.content.bibliography import Bibliography, Entry
from sitegen.content.publications import Publications, bare
from sitegen.errors import Diagnostic


def bibliography_problems(known: Bibliographies, found: Publications | None) -> Iterator[Diagnostic]:
    """SG132 for a key that two files have for different works, SG134 for a paper with an empty place in its row."""
    yield from _doubles(known)
    for papers in found.of_section.values() if found is not None else ():
        for paper in papers:
            missing = [
                name
                for name, is_there in (
                    ("title", paper.entry.title),
                    ("author", paper.entry.authors or paper.entry.editors),
                    ("year", paper.entry.date or paper.text("year", "pubstate")),
                )
                if not is_there
            ]
            if missing:
                yield lacks(paper.entry, missing)


def lacks(entry: Entry, fields: Iterable[str]) -> Diagnostic:
    """What is told of an entry that a page shows without these fields."""
    named = " and ".join(f"no `{name}`" for name in fields)
    return Diagnostic(
        code="SG134",
        severity="warning",
        message=f"the entry `{entry.key}` has {named}, and its place on the page is empty",
        location=entry.location,
        hint="add it to the entry",
    )


def _doubles(known: Bibliographies) -> Iterator[Diagnostic]:
    """Of the files that one page reads together; the same work in two files is none."""
    told: set[tuple[object, object]] = set()
    lists = [known.of_site, *((*paths, *known.of_site) for paths in known.of_page.values())]
    for paths in dict.fromkeys(tuple(dict.fromkeys(paths)) for paths in lists):
        first: dict[str, Entry] = {}
        for path in paths:
            for entry in _new_entries(known.files, path, first):
                other = first[entry.key]
                if not _is_same(entry, other) and (entry.location, other.location) not in told:
                    told.add((entry.location, other.location))
                    yield _double(entry, other)


def _new_entries(
    files: Mapping[PurePosixPath, Bibliography], path: PurePosixPath, first: dict[str, Entry]
) -> Iterator[Entry]:
    """The entries of a file whose key another file has; the others are noted in `first`."""
    for key, entry in files[path].entries.items():
        if first.setdefault(key, entry) is not entry:
            yield entry


def _is_same(entry: Entry, other: Entry) -> bool:
    return bare(entry.title) == bare(other.title)


def _double(entry: Entry, first: Entry) -> Diagnostic:
    return Diagnostic(
        code="SG132",
        severity="warning",
        message=f"the key `{entry.key}` is that of another work in `{first.location.path}`, which counts",
        location=entry.location,
        hint="give one of the entries another key",
        related=(first.location,),
    )
