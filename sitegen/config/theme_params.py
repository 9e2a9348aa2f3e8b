"""`[params]` of `sitegen.toml` that the theme reads: a value of another kind, and a key that is misspelt.

In files of Hugo's the same names may be anything, so there nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sitegen.config.layers import Entry
from sitegen.config.text import KeyPath
from sitegen.config.value_forms import FLAG, LICENCE, LINK, TEXT, TEXTS, Form, describe, is_slip, one_of
from sitegen.errors import Diagnostic
from sitegen.frozen import freeze

_OWN: Final = "sitegen"
"""The name of a site's own settings, without its ending."""
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
_CONSENT: Final = Form(
    words='`true`, `false` or `"unasked"`',
    hint='write `true` to ask each reader, `"unasked"` to count without, or `false`',
    fits=lambda value: isinstance(value, bool) or value == "unasked",
)
_PARAMS: Final[Mapping[str, Form]] = {
    "author_aliases": TEXTS, "cite": FLAG, "footnotes": one_of("margin", "end"), "analytics": _CONSENT,
    "repository": LINK, "branch": TEXT, "edit": TEXT, "repositoryFolder": TEXT, "pagesBranch": TEXT,
    "favicon": TEXT, "stylesheet": TEXT, "license": LICENCE, "license_url": LINK, "code_license": LICENCE,
    "social_cards": _FLAG_OR_TABLE, "publications": _TABLE_OR_OFF, "comments": _TABLE_OR_OFF,
}  # fmt: skip
"""As the documentation spells them."""


def wrong_params(entry: Entry) -> Iterator[Diagnostic]:
    """SG103 for a value of another kind, SG102 for a slip; warnings.

    Args:
        entry: the setting `params`.
    """
    params = entry.value if isinstance(entry.value, Mapping) else {}
    known = {name.lower(): name for name in _PARAMS}
    for key, value in params.items():
        name = known.get(str(key).lower())
        if name is not None:
            yield from _wrong_kind(entry, (key,), value, _PARAMS[name])
            continue
        meant = next((each for each in _PARAMS if is_slip(str(key).lower(), each.lower())), None)
        if meant is not None:
            yield from _told(
                entry, (key,), "SG102", f"`params.{key}` is none of the theme's", f"did you mean `{meant}`?"
            )
    publications = params.get("publications")
    if isinstance(publications, Mapping) and publications.get("buttons") is not None:
        yield from _wrong_kind(entry, ("publications", "buttons"), publications["buttons"], _BUTTONS)


def _wrong_kind(entry: Entry, path: KeyPath, value: object, form: Form) -> Iterator[Diagnostic]:
    frozen = freeze(value)
    if frozen is not None and frozen != "" and not form.fits(frozen):
        message = f"`params.{'.'.join(map(str, path))}` is {describe(frozen)}, not {form.words}"
        yield from _told(entry, path, "SG103", message, form.hint)


def _told(entry: Entry, path: KeyPath, code: str, message: str, hint: str) -> Iterator[Diagnostic]:
    """What is wrong, where the site's own settings say it."""
    at = entry.locate(path, value=code == "SG103")
    if at is not None and at.path.stem == _OWN:
        yield Diagnostic(code=code, severity="warning", message=message, location=at, hint=hint)
