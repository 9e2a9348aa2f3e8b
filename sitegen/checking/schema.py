"""Front matter held to a JSON Schema of the site, each error at the line of its key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from sitegen.checking.settings import CheckSettings, key_location
from sitegen.config import Config
from sitegen.content.dates import parse_date, time_zone
from sitegen.content.frontmatter import FrontMatter, split, written
from sitegen.content.index import SiteIndex
from sitegen.content.parsers import READERS, UnreadableTextError
from sitegen.content.sources import Source
from sitegen.errors import Diagnostic, SourceLocation, did_you_mean

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_FORMATS: Final = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
_LIST_PAGES: Final = "_index"
"""Key of the schema of `_index.md` files."""
_INSTALL: Final = 'pip install "sitegen-ml[check]"'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """A file's front matter with its keys as written."""

    table: dict[str, Any]
    places: FrontMatter
    first_line: int
    """Of its delimiter."""
    text: list[str]
    """The file's lines up to the body."""


class _UnusableSchema(Exception):  # noqa: N818 - it is caught in this module
    """A schema cannot be read, or is none."""


def check_schema(index: SiteIndex, settings: CheckSettings, config: Config) -> Iterator[Diagnostic]:
    """An error for each place where a page's front matter is not what its schema says.

    The schema is the section's own, else the site's. Keys are matched without regard to case, as front matter is read;
    dates are texts to a schema, however they are written. A `$ref` may name files of the site, and nothing else.
    """
    if settings.schema is None and not settings.schemas:
        return
    try:
        import jsonschema  # noqa: F401 - only whether it is there
    except ImportError:
        yield Diagnostic(
            code="SG718",
            severity="error",
            message="front matter is not checked: what reads a JSON Schema is not installed",
            hint=_INSTALL,
        )
        return
    validators: dict[Path, Validator | None] = {}
    for source in index.all_sources:
        file = _schema_of(source, settings)
        if file is None:
            continue
        if file not in validators:
            try:
                validators[file] = _validator(file, config)
            except _UnusableSchema as problem:
                validators[file] = None
                yield _unusable(file, str(problem), config)
        validator = validators[file]
        if validator is not None:
            yield from _check(source, validator)


def _schema_of(source: Source, settings: CheckSettings) -> Path | None:
    """A section's `_index.md` is held to a schema only where that is said: it seldom has what its posts have."""
    if source.bundle == "branch":
        return settings.schemas.get(_LIST_PAGES)
    parts = source.content_path.parts
    section = parts[0].lower() if len(parts) > 1 else ""
    return settings.schemas.get(section, settings.schema)


def _validator(file: Path, config: Config) -> Validator:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for
    from referencing import Registry, Resource
    from referencing.exceptions import NoSuchResource

    schema = _read_schema(file)
    root = config.root.resolve()

    def retrieve(uri: str) -> Resource[Any]:
        parts = urlsplit(uri)
        path = Path(url2pathname(unquote(parts.path))).resolve()
        if parts.scheme != "file" or not path.is_relative_to(root):
            raise NoSuchResource(uri)
        return Resource.from_contents(_read_schema(path), default_specification=_specification())

    checker = FormatChecker(formats=("email", "regex", "ipv4", "ipv6", "uuid"))
    zone = time_zone(config.time_zone)
    for form in ("date", "date-time"):
        checker.checks(form)(lambda value: not isinstance(value, str) or parse_date(value, zone) is not None)
    # without an address of its own, `other.json` in a schema is a file beside it
    if isinstance(schema, dict):
        schema = {"$id": file.resolve().as_uri(), **schema}
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise _UnusableSchema(f"it is no JSON Schema: {_sentence(error.message)}") from error
    return kind(
        schema,
        registry=Registry(retrieve=retrieve),  # type: ignore[call-arg]
        format_checker=checker,
    )


def _specification() -> Any:
    from referencing.jsonschema import DRAFT202012

    return DRAFT202012


def _read_schema(file: Path) -> Any:
    try:
        text = file.read_text("utf-8-sig")
        return READERS[_FORMATS.get(file.suffix.lower(), "json")](text).value
    except OSError as error:
        raise _UnusableSchema(error.strerror or "it cannot be read") from error
    except UnreadableTextError as error:
        raise _UnusableSchema(f"it cannot be read: {error.message} (line {error.line})") from error
    except UnicodeDecodeError as error:
        raise _UnusableSchema("it cannot be read: it is no UTF-8 text") from error


def _unusable(file: Path, problem: str, config: Config) -> Diagnostic:
    path = config.relative_to_root(file)
    named = key_location(config, "schema")
    return Diagnostic(
        code="SG717",
        severity="error",
        message=f"the schema `{path}` cannot be used: {problem}",
        location=SourceLocation(path=path) if file.is_file() else named,
        hint="mend the schema, or take it out of the configuration",
    )


def _check(source: Source, validator: Validator) -> Iterator[Diagnostic]:
    from referencing.exceptions import Unresolvable

    front = _read_front(source)
    if front is None:
        return
    table = _spelt(front.table, validator.schema)
    try:
        errors = sorted(validator.iter_errors(table), key=lambda error: [str(part) for part in error.path])
    except (Unresolvable, _UnusableSchema) as error:
        message = f"the schema names what is no file of the site: {_sentence(str(error))}"
        yield Diagnostic(
            code="SG717", severity="error", message=message, hint="use a `$ref` to a file of the site"
        )
        return
    for each in errors:
        yield from _diagnostics(each, front, source.path)


def _diagnostics(error: Any, front: _Front, path: PurePosixPath) -> Iterator[Diagnostic]:
    """One for each thing that is wrong; of alternatives, for the one that comes nearest."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        from jsonschema.exceptions import best_match

        error = best_match([error]) or error
    keys = [str(part) for part in error.absolute_path]
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        patterns = list(error.schema.get("patternProperties", {}))
        for key in error.instance:
            if key not in known and not any(re.search(pattern, key) for pattern in patterns):
                name = ".".join([*keys, key])
                yield _diagnostic(
                    f"the schema does not know the key `{name}`",
                    _place([*keys, key], front, path),
                    did_you_mean(key, known) if known else "take it out",
                )
        return
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        named = next((key for key in missing if f"'{key}'" in error.message), missing[0])
        name = ".".join([*keys, named])
        yield _diagnostic(f"`{name}` is missing", _place(keys, front, path), f"give the page a `{named}`")
        return
    subject = f"`{_name(error.absolute_path)}`" if keys else "the front matter"
    yield _diagnostic(f"{subject}: {_said(error)}", _place(keys, front, path), _hint(error))


def _diagnostic(message: str, location: SourceLocation, hint: str) -> Diagnostic:
    return Diagnostic(code="SG715", severity="error", message=message, location=location, hint=hint)


def _said(error: Any) -> str:
    """What is wrong in our words for what schemas of front matter say; else in the library's."""
    value = _shown(error.instance)
    match error.validator:
        case "type":
            wanted = error.validator_value
            kinds = [wanted] if isinstance(wanted, str) else list(wanted)
            return f"{value} is no {' or '.join(kinds)}"
        case "enum":
            return f"{value} is none of {', '.join(_shown(each) for each in error.validator_value)}"
        case "const":
            return f"{value} is not {_shown(error.validator_value)}"
        case "format":
            return f"{value} is no {error.validator_value}"
        case "pattern":
            return f"{value} does not fit `{error.validator_value}`"
        case "minLength" | "minItems" if not error.instance:
            return "it is empty"
        case "minLength" | "maxLength":
            bound = "shorter" if error.validator == "minLength" else "longer"
            return f"it has {len(error.instance)} characters, {bound} than {error.validator_value}"
        case _:
            return _sentence(error.message)


def _hint(error: Any) -> str:
    if error.validator == "enum" and isinstance(error.instance, str):
        return did_you_mean(error.instance, [str(each) for each in error.validator_value])
    described = error.schema.get("description") if isinstance(error.schema, dict) else None
    return str(described) if described else "mend the value, or the schema"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`"


def _name(path: Any) -> str:
    """`authors[0].name`."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def _sentence(message: str) -> str:
    message = " ".join(message.split()).rstrip(".")
    return message[:1].lower() + message[1:]


# --- front matter as it is written


def _read_front(source: Source) -> _Front | None:
    """A page's front matter; None where it has none, or where it cannot be read, of which there is an error already."""
    if source.format in ("notebook", "percent"):
        return None  # its keys lie in a cell, or in metadata of Jupyter's
    data = source.file.read_bytes()
    front = split(data, source.path)
    if any(problem.code == "SG110" for problem in front.diagnostics):
        return None
    return _Front(
        table={str(key): _plain(value) for key, value in written(data, front).items()},
        places=front,
        first_line=max(1, data.count(b"\n", 0, front.text_at[0])),
        text=data[: front.body_offset].decode("utf-8", "replace").split("\n"),
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it: a date of TOML is a text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value


def _spelt(table: dict[str, Any], schema: Any) -> dict[str, Any]:
    """The table with its keys in the schema's spelling: `Title` is `title`."""
    known = schema.get("properties", {}) if isinstance(schema, dict) else {}
    required = schema.get("required", ()) if isinstance(schema, dict) else ()
    by_case = {str(key).lower(): str(key) for key in (*known, *required)}
    return {by_case.get(key.lower(), key): value for key, value in table.items()}


def _place(keys: list[str], front: _Front, path: PurePosixPath) -> SourceLocation:
    """The line and column of the innermost key that has one."""
    for depth in range(len(keys), 1, -1):
        place = front.places.nested.get(".".join(keys[:depth]).lower())
        if place is not None:
            return SourceLocation(path=path, line=place[0], column=place[1])
    line = front.places.lines.get(keys[0].lower()) if keys else None
    if line is None:
        return SourceLocation(path=path, line=front.first_line, column=1)
    written_line = front.text[line - 1]
    return SourceLocation(
        path=path, line=line, column=1 + len(written_line) - len(written_line.lstrip("{ \t"))
    )
