"""The shortcodes of a Hugo site: where its content calls them, which are its own, and what becomes of those here."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.content.shortcodes import BUILT_IN
from sitegen.errors import SourceLocation
from sitegen.importing.hugo_templates import parameters, reads_inner, translate
from sitegen.importing.papermod import SHORTCODES
from sitegen.importing.sources import read_text
from sitegen.importing.values import ImportedFile, Note
from sitegen.markdown.shortcode_tags import Tag, lex

_FOLDERS: Final = ("_shortcodes", "shortcodes")
_EXTENSIONS: Final = (".html", ".md")
_MOST_PLACES: Final = 10
"""That the head of a stub names."""
_MOST_IN_REPORT: Final = 3


@dataclass(slots=True)
class Calls:
    """The calls of one shortcode in the content of a site."""

    name: str
    places: list[SourceLocation] = field(default_factory=list)
    is_closed: bool = False
    """Some call has a closing tag, or closes itself."""
    arguments: dict[str, None] = field(default_factory=dict)
    """The names, or numbers, of all arguments given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A shortcode's Go template."""

    name: str
    path: PurePosixPath
    """Below the site."""
    text: str


def find_calls(text: str, path: PurePosixPath, calls: dict[str, Calls]) -> None:
    """Add the calls in a text to `calls`, by lower-case name; tags that are wrong are the build's to tell."""
    starts: list[int] = []
    for item in lex(text, ()):
        if not isinstance(item, Tag):
            continue
        known = calls.setdefault(item.name.lower(), Calls(item.name))
        known.is_closed = known.is_closed or item.is_closing or item.is_self_closing
        if item.is_closing:
            continue
        starts = starts or [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        line = bisect_right(starts, item.start)
        known.places.append(SourceLocation(path=path, line=line, column=item.start - starts[line - 1] + 1))
        known.arguments |= dict.fromkeys((*item.named, *map(str, range(len(item.positional)))))


def find_templates(source: Path, layouts: Iterable[PurePosixPath]) -> dict[str, Found]:
    """Lower-case name to Go template; the first folder of layouts that has one counts, as in Hugo."""
    found: dict[str, Found] = {}
    for folder in layouts:
        for kind in _FOLDERS:
            root = source / folder / kind
            for file in sorted(root.rglob("*")) if root.is_dir() else ():
                if file.suffix in _EXTENSIONS and file.is_file():
                    name = file.relative_to(root).with_suffix("").as_posix()
                    path = PurePosixPath(file.relative_to(source).as_posix())
                    found.setdefault(name.lower(), Found(name=name, path=path, text=read_text(file)))
    return found


def shortcode_files(
    calls: Mapping[str, Calls], templates: Mapping[str, Found]
) -> Iterator[tuple[ImportedFile, tuple[Note, ...]]]:
    """For each shortcode that the content calls: its template here, where it needs one, and what is to be said."""
    for name, used in sorted(calls.items()):
        if not used.places:
            continue
        template = templates.get(name)
        if template is not None:
            yield _own(used, template)
        elif name in SHORTCODES:
            yield _known(used, SHORTCODES[name])
        elif name not in BUILT_IN:
            yield _missing(used)


def _own(used: Calls, found: Found) -> tuple[ImportedFile, tuple[Note, ...]]:
    """A translation, or a stub, of a template that the site or its theme has."""
    translation = translate(found.text)
    target = _target(found.name)
    if translation.jinja:
        head = _comment(
            f"Translated from {found.path} by `sitegen import`: look at it once beside a page that uses it.",
            *_usage(used),
        )
        note = Note(
            kind="converted",
            topic=f"shortcode {found.name}",
            message=f"`{found.path}` is translated to `{target}`; {_count(used)}",
            location=SourceLocation(path=found.path),
            hint="look once at a page that uses it",
        )
        # Nothing stands between the comment and the template: it may stand in a line of text.
        return ImportedFile(path=target, content=f"{head}{translation.jinja}".encode()), (note,)
    asked = parameters(found.text)
    lines = [
        f"To be translated from {found.path}: until then its calls are an error (SG206).",
        f"Not translated because of {translation.reason}.",
        *([f"Arguments: {', '.join(asked)}."] if asked else []),
        *_usage(used),
        "",
        "The Go template:",
        "",
        found.text.strip("\n"),
    ]
    stub = _stub(lines, uses_inner=reads_inner(found.text))
    return ImportedFile(path=target, content=stub.encode()), _look(
        used, f"`{found.path}` needs a Jinja version ({translation.reason})", target
    )


def _known(used: Calls, template: str) -> tuple[ImportedFile, tuple[Note, ...]]:
    """Ours for a shortcode of a widely used theme, whose template is not in the source."""
    target = _target(used.name)
    head = _comment("Written by `sitegen import` for the shortcode of PaperMod of that name.", *_usage(used))
    note = Note(
        kind="converted",
        topic=f"shortcode {used.name}",
        message=f"taken for PaperMod's: `{target}`; {_count(used)}",
        location=used.places[0],
        hint="look once at a page that uses it",
    )
    return ImportedFile(path=target, content=f"{head}{template}".encode()), (note,)


def _missing(used: Calls) -> tuple[ImportedFile, tuple[Note, ...]]:
    """A stub for a shortcode whose template is not in the source."""
    target = _target(used.name)
    lines = [
        "To be written: the site that it is called in had no template for it. Until then its calls are an error (SG206).",
        *([f"Arguments: {', '.join(used.arguments)}."] if used.arguments else []),
        *_usage(used),
    ]
    stub = _stub(lines, uses_inner=used.is_closed)
    message = "its Go template is not in the source: a theme or a module has it"
    return ImportedFile(path=target, content=stub.encode()), _look(used, message, target)


def _look(used: Calls, message: str, target: PurePosixPath) -> tuple[Note, ...]:
    """One note with all its first places: one a call would bury the rest of the report."""
    return (
        Note(
            kind="look",
            topic=f"shortcode {used.name}",
            message=f"{message}; {_count(used)}: {_places(used, _MOST_IN_REPORT)}",
            location=used.places[0],
            hint=f"write `{target}`",
        ),
    )


def _stub(lines: Iterable[str], *, uses_inner: bool) -> str:
    """A template that says at each call that it is not written; `inner` in it tells whether calls are closed."""
    inner = "{% if inner %}{{ inner }}{% endif %}" if uses_inner else ""
    return f"{_comment(*lines)}\n{{{{ untranslated() }}}}{inner}\n"


def _comment(*lines: str) -> str:
    text = "\n".join(lines)
    return "{# " + text.replace("{#", "{ #").replace("#}", "# }") + " #}"


def _usage(used: Calls) -> tuple[str, ...]:
    return (f"Used: {_count(used)}: {_places(used, _MOST_PLACES)}.",)


def _count(used: Calls) -> str:
    count, files = len(used.places), len({place.path for place in used.places})
    return f"{count} {'call' if count == 1 else 'calls'} in {files} {'file' if files == 1 else 'files'}"


def _places(used: Calls, most: int) -> str:
    shown = ", ".join(f"{place.path}:{place.line}" for place in used.places[:most])
    return f"{shown}, and {len(used.places) - most} more" if len(used.places) > most else shown


def _target(name: str) -> PurePosixPath:
    return PurePosixPath("templates/shortcodes") / f"{re.sub(r'[^0-9A-Za-z_/-]', '-', name)}.html"
