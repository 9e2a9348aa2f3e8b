"""Citations and references in two plain styles of ours, author-year and numeric, for sites that name no CSL style."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, Literal

from sitegen.config.words import ENGLISH, Words
from sitegen.content.bibliography import Entry, Name
from sitegen.content.document import Citation, CitationHole
from sitegen.values import dataclass

OPEN: Final = 0xE100
"""Below a text of a citation, the link of its item N stands between the character of this code plus N and `CLOSE`."""
CLOSE: Final = "\ue0ff"
_MOST_NAMED: Final = 2
"""Authors of a citation; of more the first stands for all."""
_SEVERAL: Final = re.compile(r"[-\N{EN DASH},&]")
_HYPHENS: Final = re.compile(r"(?<=[\w.])\s*-+\s*(?=\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A citation whose keys the page's bibliography has."""

    hole: CitationHole
    entries: tuple[Entry, ...]
    """One for each item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """The citations of a page and its bibliography in one style."""

    citations: tuple[str, ...]
    """HTML of each cluster, the links between `OPEN` and `CLOSE`."""
    references: tuple[tuple[str, str], ...]
    """Key and HTML of each reference, in the order of the list."""
    is_numbered: bool


def formatted(
    clusters: Sequence[Cluster],
    uncited: Sequence[Entry],
    style: Literal["author-year", "numeric"],
    words: Words = ENGLISH,
) -> Formatted:
    """The page's citations.

    Args:
        clusters: in the order of the page.
        uncited: what is listed though nothing cites it.
        style: `numeric` lists in the order of citation, `author-year` by author, year and title.
        words: of the site.
    """
    cited = {entry.key: entry for cluster in clusters for entry in cluster.entries}
    entries = [*cited.values(), *(entry for entry in uncited if entry.key not in cited)]
    is_numbered = style == "numeric"
    if not is_numbered:
        entries.sort(key=sort_key)
    labels = (
        {entry.key: str(number) for number, entry in enumerate(entries, 1)}
        if is_numbered
        else _years(entries, words)
    )
    write = _numeric if is_numbered else _author_year
    return Formatted(
        citations=tuple(write(cluster, labels, words) for cluster in clusters),
        references=tuple(
            (entry.key, reference_html(entry, "" if is_numbered else labels[entry.key], words))
            for entry in entries
        ),
        is_numbered=is_numbered,
    )


# --- citations --------------------------------------------------------------------------------------


def by_line(entry: Entry, words: Words = ENGLISH) -> str:
    """The authors in a sentence, as text: `Mnih et al.`; of a work without any its title."""
    people = entry.authors or entry.editors
    if not people:
        return entry.title or entry.key
    names = [_family(name) for name in people]
    if len(names) > _MOST_NAMED or entry.has_more_authors:
        return words("text.and_others", name=names[0])
    return words("text.and").join(names)


def linked(number: int, html: str) -> str:
    """The link of a citation's item."""
    return f"{chr(OPEN + number)}{html}{CLOSE}"


def locator_text(item: Citation, words: Words = ENGLISH) -> str:
    """`pp. 33–35`; empty for none."""
    if not item.locator:
        return ""
    table = "locators" if _SEVERAL.search(item.locator) else "locator"
    return words(f"{table}.{item.label}", text=with_dashes(item.locator))


def with_dashes(text: str) -> str:
    """A range of pages with the dash of a range."""
    return _HYPHENS.sub("\N{EN DASH}", text)


def tail(item: Citation, words: Words = ENGLISH) -> str:
    """What stands behind an item: its locator and the author's words."""
    parts = [locator_text(item, words), item.suffix.removeprefix(",").strip()]
    return "".join(f", {escape(part, quote=False)}" for part in parts if part)


def _author_year(cluster: Cluster, years: Mapping[str, str], words: Words) -> str:
    parts: list[str] = []
    for number, (item, entry) in enumerate(zip(cluster.hole.items, cluster.entries, strict=True)):
        year, before = years[entry.key], escape(f"{item.prefix} ".lstrip(), quote=False)
        if cluster.hole.is_in_text:
            name = escape(by_line(entry, words), quote=False)
            said = tail(item, words)
            return (
                linked(number, f"{name} ({year}") + f"{said})" if said else linked(number, f"{name} ({year})")
            )
        shown = year if item.is_without_author else f"{escape(by_line(entry, words), quote=False)}, {year}"
        parts.append(f"{before}{linked(number, shown)}{tail(item, words)}")
    return f"({'; '.join(parts)})"


def _numeric(cluster: Cluster, numbers: Mapping[str, str], words: Words) -> str:
    parts: list[str] = []
    for number, (item, entry) in enumerate(zip(cluster.hole.items, cluster.entries, strict=True)):
        before = escape(f"{item.prefix} ".lstrip(), quote=False)
        parts.append(f"{before}{linked(number, numbers[entry.key])}{tail(item, words)}")
    marks = f"[{'; '.join(parts) if any(map(tail, cluster.hole.items)) else ', '.join(parts)}]"
    if cluster.hole.is_in_text:
        return f"{escape(by_line(cluster.entries[0], words), quote=False)} {marks}"
    return marks


def _years(entries: Sequence[Entry], words: Words) -> dict[str, str]:
    """Key to year, with a letter where two works of one by-line have the same."""
    same: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        year = (
            str(entry.year)
            if entry.year
            else escape(entry.text("year"), quote=False) or words("text.no_date")
        )
        same.setdefault((by_line(entry, words), year), []).append(entry.key)
    found: dict[str, str] = {}
    for (_, year), keys in same.items():
        for number, key in enumerate(keys):
            mark = chr(ord("a") + number % 26) if len(keys) > 1 else ""
            found[key] = year + mark
    return found


# --- references -------------------------------------------------------------------------------------


def sort_key(entry: Entry) -> tuple[str, int, str]:
    """By author, year and title."""
    people = " ".join(name.sort_text for name in entry.authors or entry.editors)
    return (people or entry.title).casefold(), entry.year or 9999, entry.title.casefold()


def reference_html(entry: Entry, year: str, words: Words = ENGLISH) -> str:
    """A reference without its links.

    Args:
        entry: of the bibliography.
        year: stands behind the authors; empty: at the end.
        words: of the site.
    """
    parts: list[str] = []
    people = _people(entry, words)
    if people:
        parts.append(f"{escape(people, quote=False)}{f' ({year})' if year else ''}.")
    title = entry.title.rstrip(".")
    if title:
        end = "" if title.endswith(("?", "!")) else "."
        parts.append(f"<cite>{escape(title, quote=False)}</cite>{end}")
    if year and not people:
        parts.append(f"({year}).")
    place = _place(entry)
    own_year = escape(entry.text("year"), quote=False) if not year and entry.year is None else ""
    last = own_year or (str(entry.year) if entry.year and not year else "")
    behind = ", ".join(part for part in (place, last) if part)
    if behind:
        parts.append(f"{behind}.")
    return " ".join(parts)


def _people(entry: Entry, words: Words) -> str:
    people = entry.authors or entry.editors
    names = [name.text for name in people]
    if entry.has_more_authors:
        return words("text.people_and_others", names=", ".join(names)) if names else ""
    listed = (
        names[0]
        if len(names) == 1
        else words("text.and").join((", ".join(names[:-1]), names[-1]))
        if names
        else ""
    )
    if listed and not entry.authors:
        listed += words("text.editors", count=len(names))
    return listed


def _place(entry: Entry) -> str:
    """Where it appeared: venue, volume with number, pages."""
    venue = entry.venue
    parts = [f"<i>{escape(venue, quote=False)}</i>"] if venue else []
    volume, number = entry.text("volume"), entry.text("number", "issue")
    counted = f"{volume}({number})" if volume and number else volume or number
    if counted and (entry.kind != "techreport"):
        parts.append(escape(counted, quote=False))
    pages = entry.text("pages")
    if pages:
        parts.append(escape(with_dashes(pages), quote=False))
    publisher = entry.text("publisher", "school", "institution")
    if publisher and publisher != venue:
        parts.append(escape(publisher, quote=False))
    return ", ".join(parts)


def _family(name: Name) -> str:
    if name.literal:
        return name.literal
    return " ".join(part for part in (name.particle, name.family) if part) or name.given
