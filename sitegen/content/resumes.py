"""Read a CV in the format of JSON Resume: basics and sections of entries, checked against its schema.

Source: the schema of version 1.0.0, https://github.com/jsonresume/resume-schema. Keys that it does not have are allowed
there, and left out here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from sitegen.errors import ContentError, Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

Form = Literal["text", "date", "texts"]


def _each(form: Form, names: str) -> dict[str, Form]:
    return dict.fromkeys(names.split(), form)


_PERIOD: Final = _each("date", "startDate endDate")
_BASICS: Final = _each("text", "name label image email phone url summary")
_LOCATION: Final = _each("text", "address postalCode city countryCode region")
_PROFILE: Final = _each("text", "network username url")
_SECTIONS: Final[Mapping[str, Mapping[str, Form]]] = {
    "work": {
        **_each("text", "name location description position url summary"),
        **_PERIOD,
        "highlights": "texts",
    },
    "volunteer": {**_each("text", "organization position url summary"), **_PERIOD, "highlights": "texts"},
    "education": {**_each("text", "institution url area studyType score"), **_PERIOD, "courses": "texts"},
    "awards": {**_each("text", "title awarder summary"), "date": "date"},
    "certificates": {**_each("text", "name url issuer"), "date": "date"},
    "publications": {**_each("text", "name publisher url summary"), "releaseDate": "date"},
    "skills": {**_each("text", "name level"), "keywords": "texts"},
    "languages": _each("text", "language fluency"),
    "interests": {"name": "text", "keywords": "texts"},
    "references": _each("text", "name reference"),
    "projects": {
        **_each("text", "name description url entity type"),
        **_PERIOD,
        **_each("texts", "highlights keywords roles"),
    },
}
_DATE: Final = re.compile(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SAID: Final[Mapping[Form, str]] = {
    "text": "a text",
    "date": "a date such as `2020`, `2020-03` or `2020-03-31`",
    "texts": "a list of texts",
}

Entry = FrozenDict[str, Any]
"""A field of the schema to its text, or its tuple of texts; what the file does not have is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """A CV, as far as it is filled in."""

    basics: Entry
    location: Entry
    profiles: tuple[Entry, ...]
    sections: tuple[tuple[str, tuple[Entry, ...]], ...]
    """The schema's name of each section that has entries, in the order of the file."""


def read_resume(text: str, path: PurePosixPath) -> Resume:
    """The CV that a file holds.

    Args:
        text: of the file.
        path: the file's, for messages.

    Raises:
        ContentError: SG128; not JSON, or not as the schema has it, with the place of the first such value.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise _problem(
            path,
            f"the CV is not JSON: {_lowered(error.msg)}",
            (error.lineno, error.colno),
            "look for a comma, a quote or a brace that is missing or too much",
        ) from error
    except (RecursionError, ValueError) as error:
        raise _problem(path, f"the CV cannot be read: {error}", (1, 1), "shorten what is in it") from error
    wrong = next(_wrong(value), None)
    if wrong is not None:
        keys, said = wrong
        name = ".".join(map(str, keys)) or "the whole"
        raise _problem(
            path, f"`{name}` is not {said}", _place_of(text, keys), "see https://jsonresume.org/schema"
        )
    basics = value.get("basics") or {}
    return Resume(
        basics=_entry(basics, _BASICS),
        location=_entry(basics.get("location") or {}, _LOCATION),
        profiles=tuple(_entry(each, _PROFILE) for each in basics.get("profiles") or ()),
        sections=tuple(
            (name, tuple(_entry(each, _SECTIONS[name]) for each in entries))
            for name, entries in value.items()
            if name in _SECTIONS and entries
        ),
    )


def _entry(table: Mapping[str, Any], forms: Mapping[str, Form]) -> Entry:
    return FrozenDict(
        {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in table.items()
            if name in forms and value
        }
    )


# --- what is wrong --------------------------------------------------------------------------------

_Wrong = tuple[tuple[str | int, ...], str]


def _wrong(value: object) -> Iterator[_Wrong]:
    """Each value that is not what the schema wants: the way to it, and what it should be."""
    if not isinstance(value, dict):
        yield (), 'a table: `{ "basics": { ... } }`'
        return
    basics = value.get("basics")
    if basics is not None:
        yield from _wrong_fields(basics, _BASICS, ("basics",))
        if isinstance(basics, dict):
            if basics.get("location") is not None:
                yield from _wrong_fields(basics["location"], _LOCATION, ("basics", "location"))
            if basics.get("profiles") is not None:
                yield from _wrong_entries(basics["profiles"], _PROFILE, ("basics", "profiles"))
    for name, forms in _SECTIONS.items():
        if value.get(name) is not None:
            yield from _wrong_entries(value[name], forms, (name,))


def _wrong_entries(value: object, forms: Mapping[str, Form], way: tuple[str | int, ...]) -> Iterator[_Wrong]:
    if not isinstance(value, list):
        yield way, "a list of entries"
        return
    for number, entry in enumerate(value):
        yield from _wrong_fields(entry, forms, (*way, number))


def _wrong_fields(value: object, forms: Mapping[str, Form], way: tuple[str | int, ...]) -> Iterator[_Wrong]:
    if not isinstance(value, dict):
        yield way, "a table of fields"
        return
    for name, form in forms.items():
        given = value.get(name)
        if given is not None and not _is(given, form):
            yield (*way, name), _SAID[form]


def _is(value: object, form: Form) -> bool:
    if form == "texts":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, str) and (form == "text" or not value or _DATE.fullmatch(value) is not None)


def _place_of(text: str, keys: Sequence[str | int]) -> tuple[int, int]:
    """Line and column of the value that a way of names and numbers leads to, in a text that is JSON."""
    decoder = json.JSONDecoder()

    def past_space(position: int) -> int:
        match = _SPACE.match(text, position)
        return match.end() if match is not None else position

    position = past_space(0)
    for key in keys:
        position, number = past_space(position + 1), 0
        while True:
            name: str | int = number
            if isinstance(key, str):
                name, position = decoder.raw_decode(text, position)
                position = past_space(past_space(position) + 1)
            if name == key:
                break
            _, position = decoder.raw_decode(text, position)
            position, number = past_space(past_space(position) + 1), number + 1
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _problem(path: PurePosixPath, message: str, place: tuple[int, int], hint: str) -> ContentError:
    line, column = place
    return ContentError(
        Diagnostic(
            code="SG128",
            severity="error",
            message=message,
            location=SourceLocation(path=path, line=line, column=column),
            hint=hint,
        )
    )


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
