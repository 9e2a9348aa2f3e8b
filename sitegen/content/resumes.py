"""Read a CV in the format of JSON Resume: basics and sections of entries, checked against its schema.

Source: the schema of version 1.0.0, https://github.com/jsonresume/resume-schema. Keys that it does not have are allowed
there; here they are left out and told, since nearly all of them are slips.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from sitegen.config import Config
from sitegen.content.front_places import place_of_keys
from sitegen.content.index import IndexedPage
from sitegen.content.json_places import Places
from sitegen.errors import ContentError, Diagnostic, SourceLocation, near_match
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
_SCHEMA: Final = "see https://jsonresume.org/schema"
DEFAULT_NAME: Final = "resume.json"
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
    diagnostics: tuple[Diagnostic, ...] = ()


def read_resume(text: str, path: PurePosixPath) -> Resume:
    """The CV that a file holds, without the values that are not as the schema has them, of which its diagnostics tell.

    Args:
        text: of the file.
        path: the file's, for messages.

    Raises:
        ContentError: SG128; it is not JSON.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"the CV is not JSON: {_lowered(error.msg)}"
        hint = "look for a comma, a quote or a brace that is missing or too much"
        raise ContentError(_problem(path, message, (error.lineno, error.colno), hint)) from error
    except (RecursionError, ValueError) as error:
        message = f"the CV cannot be read: {error}"
        raise ContentError(_problem(path, message, (1, 1), "shorten what is in it")) from error
    whole = value if isinstance(value, dict) else {}
    basics = _table(whole.get("basics"))
    return Resume(
        basics=_entry(basics, _BASICS),
        location=_entry(_table(basics.get("location")), _LOCATION),
        profiles=_entries(basics.get("profiles"), _PROFILE),
        sections=tuple(
            (name, found)
            for name, entries in whole.items()
            if name in _SECTIONS and (found := _entries(entries, _SECTIONS[name]))
        ),
        diagnostics=tuple(_told(value, text, path)),
    )


def resume_file(page: IndexedPage, config: Config) -> Path:
    """The file that a page's `resume` names, in its folder, else in the data folder; it may not be there."""
    name = resume_name(page)
    found = next((each.file for each in page.resources if str(each.name) == name), None)
    return config.data_dir / name if found is None else found


def resume_name(page: IndexedPage) -> str:
    """What the front matter calls the CV."""
    return str(page.meta.params.get("resume") or DEFAULT_NAME)


def resume_problems(pages: Iterable[IndexedPage], config: Config) -> Iterator[Diagnostic]:
    """What is wrong in the CVs of a site, and which of them are not there: SG128."""
    for page in pages:
        if page.type != "cv" or page.source is None or page.kind not in ("page", "section"):
            continue
        file = resume_file(page, config)
        path = config.relative_to_root(file)
        try:
            yield from read_resume(file.read_text(encoding="utf-8-sig"), path).diagnostics
        except ContentError as error:
            yield error.diagnostic
        except OSError:
            yield missing_resume(page, path)
        except UnicodeDecodeError:
            yield no_text(path)


def missing_resume(page: IndexedPage, path: PurePosixPath) -> Diagnostic:
    """What is told of a page whose CV is not there; `path` is where it was looked for last."""
    name = resume_name(page)
    source, meta = page.source, page.meta
    return Diagnostic(
        code="SG128",
        severity="error",
        message=f"there is no CV `{name}`",
        location=place_of_keys(source, ("resume",), meta.lines, meta.nested, name) if source else None,
        hint=f"write `{path}`, or name the file as `resume` in the front matter",
    )


def no_text(path: PurePosixPath) -> Diagnostic:
    """What is told of a file that is not UTF-8."""
    return _problem(path, f"`{path}` is not UTF-8 text", (1, 1), "save it as UTF-8")


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _entries(value: object, forms: Mapping[str, Form]) -> tuple[Entry, ...]:
    return tuple(_entry(each, forms) for each in (value if isinstance(value, list) else ()) if _table(each))


def _entry(table: Mapping[str, Any], forms: Mapping[str, Form]) -> Entry:
    return FrozenDict(
        {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in table.items()
            if name in forms and value and _is(value, forms[name])
        }
    )


# --- what is wrong --------------------------------------------------------------------------------

_Way = tuple[str | int, ...]
"""Names and numbers that lead to a value."""


def _told(value: object, text: str, path: PurePosixPath) -> Iterator[Diagnostic]:
    """Each value that is not what the schema wants, and each key that it does not have."""
    wrong, unknown = list(_wrong(value)), list(_unknown(value))
    twice = _has_key_twice(text)
    if not wrong and not unknown and not twice:
        return
    places = Places(text)
    for way, said in wrong:
        name = ".".join(map(str, way)) or "the whole"
        yield _problem(path, f"`{name}` is not {said}", places.value(way), _SCHEMA)
    for way, known in unknown:
        message = f"`{'.'.join(map(str, way))}` is no key of JSON Resume; it is not shown"
        near = near_match(str(way[-1]), known)
        hint = f"did you mean `{near}`?" if near else f"{_SCHEMA}; a key of your own begins with `x-`"
        yield replace(_problem(path, message, places.key(way), hint), severity="warning")
    for way, place in places.twice:
        message = f"`{'.'.join(map(str, way))}` is given twice; the last one counts"
        yield replace(_problem(path, message, place, "remove the other one"), severity="warning")


def _wrong(value: object) -> Iterator[tuple[_Way, str]]:
    """Each value of another kind: the way to it, and what it should be."""
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


def _wrong_entries(value: object, forms: Mapping[str, Form], way: _Way) -> Iterator[tuple[_Way, str]]:
    if not isinstance(value, list):
        yield way, "a list of entries"
        return
    for number, entry in enumerate(value):
        yield from _wrong_fields(entry, forms, (*way, number))


def _wrong_fields(value: object, forms: Mapping[str, Form], way: _Way) -> Iterator[tuple[_Way, str]]:
    if not isinstance(value, dict):
        yield way, "a table of fields"
        return
    for name, form in forms.items():
        given = value.get(name)
        if given is not None and not _is(given, form):
            yield (*way, name), _SAID[form]


def _unknown(value: object) -> Iterator[tuple[_Way, Iterable[str]]]:
    """Each key that the schema does not have, with those that it has there; `x-...` is anybody's, and so is `meta`."""
    whole = _table(value)
    basics = _table(whole.get("basics"))
    yield from _unknown_keys(whole, ("basics", *_SECTIONS), ())
    yield from _unknown_keys(basics, (*_BASICS, "location", "profiles"), ("basics",))
    yield from _unknown_keys(_table(basics.get("location")), tuple(_LOCATION), ("basics", "location"))
    lists: list[tuple[_Way, Any, Mapping[str, Form]]]
    lists = [(("basics", "profiles"), basics.get("profiles"), _PROFILE)]
    lists += [((name,), whole.get(name), forms) for name, forms in _SECTIONS.items()]
    for way, entries, forms in lists:
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            yield from _unknown_keys(_table(entry), tuple(forms), (*way, number))


def _unknown_keys(
    table: Mapping[str, Any], known: tuple[str, ...], way: _Way
) -> Iterator[tuple[_Way, Iterable[str]]]:
    for key in table:
        if key not in known and not key.startswith(("x-", "$")) and (way or key != "meta"):
            yield (*way, key), known


def _is(value: object, form: Form) -> bool:
    if form == "texts":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, str) and (form == "text" or not value or _is_date(value))


def _is_date(value: str) -> bool:
    if _DATE.fullmatch(value) is None:
        return False
    year, month, day = (*map(int, value.split("-")), 1, 1)[:3]
    return day <= monthrange(year, month)[1]


def _has_key_twice(text: str) -> bool:
    found: list[bool] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(items)
        found.append(len(table) < len(items))
        return table

    json.loads(text, object_pairs_hook=pairs)
    return any(found)


def _problem(path: PurePosixPath, message: str, place: tuple[int, int], hint: str) -> Diagnostic:
    line, column = place
    location = SourceLocation(path=path, line=line, column=column)
    return Diagnostic(code="SG128", severity="error", message=message, location=location, hint=hint)


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
