"""`[params]` of `sitegen.toml` that the theme reads: a value of another kind, and a key that is misspelt.

In files of Hugo's the same names may be anything, so there nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.fields import describe
from sitegen.content.front_places import OWN_SETTINGS, place_in_settings
from sitegen.content.value_forms import FLAG, LICENCE, LINK, TEXT, TEXTS, Form, is_slip, one_of
from sitegen.errors import Diagnostic, SourceLocation

_FLAG_OR_TABLE: Final = Form(
    words="`true`, `false` or a table",
    hint="write `true`, or a table of settings",
    fits=lambda value: isinstance(value, (bool, Mapping)),
)
_TABLE_OR_OFF: Final = Form(
    words="a table or `false`",
    hint="write `key = value` pairs below it",
    fits=lambda value: value is False or isinstance(value, Mapping),
)
_BUTTONS: Final = Form(
    words="a table of fields and labels",
    hint='write it as in `demo = "Demo"` below `[params.publications.buttons]`',
    fits=lambda value: (
        all(isinstance(label, str) for label in value.values())
        if isinstance(value, Mapping)
        else isinstance(value, tuple) and all(isinstance(each, Mapping) and "field" in each for each in value)
    ),
)
_PARAMS: Final[Mapping[str, Form]] = {
    "author_aliases": TEXTS, "cite": FLAG, "footnotes": one_of("margin", "end"), "analytics": FLAG,
    "repository": LINK, "branch": TEXT, "edit": TEXT, "repositoryFolder": TEXT, "pagesBranch": TEXT,
    "favicon": TEXT, "stylesheet": TEXT, "license": LICENCE, "license_url": LINK, "code_license": LICENCE,
    "social_cards": _FLAG_OR_TABLE, "publications": _TABLE_OR_OFF, "comments": _TABLE_OR_OFF,
}  # fmt: skip
"""As the documentation spells them."""


def wrong_params(config: Config) -> Iterator[Diagnostic]:
    """SG103 for a value of another kind, SG102 for a slip; warnings."""
    known = {name.lower(): name for name in _PARAMS}
    for key, value in config.params.items():
        name = known.get(key)
        if name is None:
            meant = next((each for each in _PARAMS if is_slip(key, each.lower())), None)
            at = _own_place(config, key) if meant is not None else None
            if at is not None:
                message = f"`params.{key}` is none of the theme's"
                yield _told("SG102", message, f"did you mean `{meant}`?", at)
        elif value not in (None, ""):
            yield from _wrong_kind(name, value, _PARAMS[name], config)
    publications = config.params.get("publications")
    buttons = publications.get("buttons") if isinstance(publications, Mapping) else None
    if buttons is not None:
        yield from _wrong_kind("publications.buttons", buttons, _BUTTONS, config)


def _wrong_kind(name: str, value: Any, form: Form, config: Config) -> Iterator[Diagnostic]:
    at = None if form.fits(value) else _own_place(config, name)
    if at is not None:
        yield _told("SG103", f"`params.{name}` is {describe(value)}, not {form.words}", form.hint, at)


def _own_place(config: Config, name: str) -> SourceLocation | None:
    """Where the site's own settings have a key; None where only another file has it."""
    at = place_in_settings(config, name.rpartition(".")[2])
    return at if at.line is not None and str(at.path) == OWN_SETTINGS else None


def _told(code: str, message: str, hint: str, at: SourceLocation) -> Diagnostic:
    return Diagnostic(code=code, severity="warning", message=message, location=at, hint=hint)
