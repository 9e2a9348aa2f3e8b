"""What an import says at its end: what a person must look at, grouped, with the place of each thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from sitegen.importing.values import Imported, Note, NoteKind

REPORT_NAME: Final = "IMPORT.md"
REPORT_SIGN: Final = "<!-- written by sitegen import -->"
"""In the report's first lines: by it the folder of an import is known again."""

_HEADINGS: Final[Mapping[NoteKind, tuple[str, str]]] = {
    "look": ("To look at", "These work otherwise than before, or not yet."),
    "lost": ("Left out", "Nothing of sitegen stands for these."),
    "converted": ("Converted", "These are written in another way and mean the same."),
    "kept": ("Kept", "These are as they were."),
}
_TO_DO: Final = "Remove this file when nothing in it is left to do; it is no part of the site."
_LINES_A_TOPIC: Final = 12
"""Of the summary in a terminal; the report has all."""

Groups = dict[NoteKind, dict[str, list[Note]]]


def report_text(imported: Imported, *, generator: str, source: Path) -> str:
    """The report as Markdown: all notes by kind and topic, each with its place.

    Args:
        imported: what was read.
        generator: whose site it was.
        source: from where.
    """
    lines = [
        f"# Imported from {generator}",
        "",
        REPORT_SIGN,
        "",
        f"Source: `{source.name}`. {_sentence(imported)} {_TO_DO}",
    ]
    for diagnostic in imported.diagnostics:
        where = f"`{diagnostic.location}`: " if diagnostic.location else ""
        lines += ["", f"**Error {diagnostic.code}**: {where}{diagnostic.message}."]
    for kind, topics in grouped(imported.notes).items():
        heading, meaning = _HEADINGS[kind]
        lines += ["", f"## {heading}", "", meaning]
        for topic, notes in topics.items():
            lines += ["", f"### {topic} ({_places(notes)})", ""]
            hints = list(dict.fromkeys(note.hint for note in notes if note.hint))
            if len(hints) == 1:
                lines += [f"{hints[0][:1].upper()}{hints[0][1:]}.", ""]
            lines += _entries(notes, with_hints=len(hints) > 1)
    return "\n".join(lines) + "\n"


def summary_text(imported: Imported, *, target: Path, written: bool) -> str:
    """The report's short form for a terminal: counts by topic, with the first places of what is to be looked at."""
    verb = "wrote" if written else "would write"
    lines = [f"{verb} {_sentence(imported).rstrip('.')} to {target}"]
    for kind, topics in grouped(imported.notes).items():
        total = sum(len(notes) for notes in topics.values())
        lines.append(f"{_HEADINGS[kind][0].lower()}: {total}")
        if kind not in ("look", "lost"):
            continue
        for topic, notes in topics.items():
            lines.append(f"  {topic} ({_places(notes)})")
            places = [_place(note) for note in notes][:_LINES_A_TOPIC]
            lines += [f"    {place}" for place in places]
            if len(notes) > len(places):
                lines.append(f"    ... and {len(notes) - len(places)} more")
    return "\n".join(lines)


def grouped(notes: Iterable[Note]) -> Groups:
    """Notes by kind, in the order of urgency, and by topic, the most frequent first."""
    found: Groups = {kind: {} for kind in _HEADINGS}
    for note in dict.fromkeys(notes):
        found[note.kind].setdefault(note.topic, []).append(note)
    for kind, topics in found.items():
        found[kind] = dict(sorted(topics.items(), key=lambda item: (-len(item[1]), item[0])))
    return {kind: topics for kind, topics in found.items() if topics}


def _sentence(imported: Imported) -> str:
    pages = sum(1 for file in imported.files if _is_page(file.path.parts))
    files = len(imported.files) - pages
    return (
        f"{pages} {'page' if pages == 1 else 'pages'} and {files} other {'file' if files == 1 else 'files'}."
    )


def _is_page(parts: tuple[str, ...]) -> bool:
    return parts[0] in ("content", "notebooks") and parts[-1].lower().endswith(
        (".md", ".html", ".ipynb", ".markdown")
    )


def _places(notes: list[Note]) -> str:
    return f"{len(notes)} {'place' if len(notes) == 1 else 'places'}"


def _entries(notes: list[Note], *, with_hints: bool) -> list[str]:
    """A line for each message; one that stands in many places is written once, with all of them."""
    by_message: dict[tuple[str, str | None], list[Note]] = {}
    for note in notes:
        by_message.setdefault((note.message, note.hint if with_hints else None), []).append(note)
    lines = []
    for (message, hint), same in by_message.items():
        places = ", ".join(f"`{note.location}`" for note in same if note.location is not None)
        text = f"{message}{f' ({hint})' if hint else ''}"
        lines.append(f"- {text}: {places}" if places else f"- {text}")
    return lines


def _place(note: Note) -> str:
    where = f"{note.location}: " if note.location is not None else ""
    return f"{where}{note.message}"
