"""The words that readers of a site meet, in its language: the theme's tables, and over them the site's own.

A table is a TOML file of groups; `page.skip` is the key `skip` of the group `page`. A value is a text, which may have
places for values (`{count}`), or a table of its plural forms by CLDR's categories (`one`, `other`, ...), chosen by `count`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.config.plurals import FORMS, plural_form
from sitegen.config.text import plain_key, read_settings
from sitegen.errors import ConfigError, Diagnostic, did_you_mean, near_match
from sitegen.files import digest_bytes, digest_file
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

Forms = FrozenDict[str, str]
Text = str | Forms
DEFAULT: Final = "en"
SHIPPED: Final = ("ar", "de", "en", "es", "fr", "ru", "zh")
"""Languages that the theme has a table of."""
FOLDER: Final = "strings"
"""Of a site's `templates/`: its own texts, a file a language."""
_PLACE: Final = re.compile(r"\{(\w+)\}")
_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})
"""Parts of a tag that say that Chinese is not written in the theme's letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts of one language. The table is read when the first text is asked for."""

    language: str = DEFAULT
    """The site's, a BCP 47 tag."""
    own: FrozenDict[str, Text] = field(default_factory=FrozenDict)
    """Key to what the site says in place of the theme."""

    @property
    def base(self) -> str:
        """The language that plurals and the theme's table are taken of."""
        return base_language(self.language)

    def forms(self, key: str) -> Text:
        """A text as the tables have it, the English one where the language's own lacks it.

        Raises:
            UnknownWordError: no table has the key.
        """
        found = _table(self.base, self.own).get(key)
        if found is None:
            found = theme_table(DEFAULT).get(key)
        if found is None:
            raise UnknownWordError(key)
        return found

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values; `count` chooses among plural forms.

        Raises:
            UnknownWordError: no table has the key.
        """
        text = self.forms(key)
        if not isinstance(text, str):
            text = self.form(text, values.get("count", 0))
        return with_values(text, values) if values else text

    def form(self, forms: Mapping[str, str], count: object) -> str:
        """The form that a count takes; `other` where the table lacks it."""
        number = count if isinstance(count, int) else int(str(count))
        return forms.get(plural_form(self.base, number)) or forms["other"]


class UnknownWordError(LookupError):
    """No table has the key; the message names the near match."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        match = near_match(self.key, theme_table(DEFAULT))
        return f"unknown string `{self.key}`" + (f"; did you mean `{match}`?" if match else "")


def base_language(tag: str) -> str:
    """The first part of a tag, lower case; Chinese in traditional letters is a language of its own here: `zh-hant`."""
    first, *others = tag.lower().replace("_", "-").split("-")
    if first == "zh" and not _TRADITIONAL.isdisjoint(others) and "hans" not in others:
        return "zh-hant"
    return first or DEFAULT


def with_values(text: str, values: Mapping[str, object]) -> str:
    """The text with values in their places; a place without one stays as it is written, for a script to fill."""
    return _PLACE.sub(lambda match: str(values[match[1]]) if match[1] in values else match[0], text)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A text in parts: what is written, and behind it the name of the place that follows; empty for none."""
    parts = _PLACE.split(text)
    for number in range(0, len(parts), 2):
        yield parts[number], parts[number + 1] if number + 1 < len(parts) else ""


def places_of(text: Text) -> frozenset[str]:
    """The names of a text's places; of plural forms, of all of them."""
    texts = (text,) if isinstance(text, str) else tuple(text.values())
    return frozenset(name for each in texts for name in _PLACE.findall(each))


@functools.cache
def theme_table(language: str) -> FrozenDict[str, Text]:
    """Every text of a language that the theme ships, by its key."""
    return FrozenDict(_flat(tomllib.loads(_theme_file(language).read_text(encoding="utf-8"))))


def _theme_file(language: str) -> Path:
    from sitegen import theme

    return Path(theme.__file__).parent / FOLDER / f"{language}.toml"


def words_digest(words: Words) -> str:
    """Of all that the words are made of; the tables are not read as TOML."""
    shipped = {DEFAULT, words.base} & set(SHIPPED)
    tables = "".join(digest_file(_theme_file(language)) for language in sorted(shipped))
    own = sorted(
        (key, text if isinstance(text, str) else sorted(text.items())) for key, text in words.own.items()
    )
    return digest_bytes(f"{tables}\n{own!r}".encode())


def own_words(language: str, templates: Path, root: Path) -> Words:
    """The words of a site: the theme's, and what the site's files `strings/de.toml`, `strings/de-AT.toml` say instead.

    Args:
        language: a BCP 47 tag.
        templates: the site's folder of templates.
        root: the site's, for messages.

    Raises:
        ConfigError: a file cannot be read (SG101), has a key that the theme does not know (SG102), or a value that
            cannot stand there (SG103).
    """
    own: dict[str, Text] = {}
    if (templates / FOLDER).is_dir():
        for path in word_files(language, templates):
            if path.is_file():
                own |= _read(path, root)
    return Words(language=language or DEFAULT, own=FrozenDict(own))


def word_files(language: str, templates: Path) -> tuple[Path, ...]:
    """Where a site may have words of its own; what a later file says counts."""
    tags = dict.fromkeys((base_language(language), language))
    return tuple(templates / FOLDER / f"{tag}.toml" for tag in tags)


def _table(language: str, own: FrozenDict[str, Text]) -> Mapping[str, Text]:
    return _laid_over(language, own) if own or language not in SHIPPED else theme_table(language)


@functools.lru_cache(maxsize=8)
def _laid_over(language: str, own: FrozenDict[str, Text]) -> Mapping[str, Text]:
    return {**theme_table(language if language in SHIPPED else DEFAULT), **own}


def _flat(tables: Mapping[str, object], above: str = "") -> Iterator[tuple[str, Text]]:
    for name, value in tables.items():
        key = f"{above}.{name}" if above else name
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, Mapping) and value.keys() <= set(FORMS) and "other" in value:
            yield key, FrozenDict({form: str(text) for form, text in value.items()})
        elif isinstance(value, Mapping):
            yield from _flat(value, key)
        else:
            raise TypeError(key)


def _read(path: Path, root: Path) -> dict[str, Text]:
    """One file of a site."""
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    file = read_settings(path, PurePosixPath(shown.as_posix()))

    def wrong(key: str, code: str, message: str, hint: str | None) -> ConfigError:
        at = file.locate(tuple(plain_key(part) for part in key.split(".")))
        return ConfigError(Diagnostic(code=code, severity="error", message=message, location=at, hint=hint))

    try:
        found = dict(_flat(file.tree))
    except TypeError as error:
        key = str(error)
        raise wrong(key, "SG103", f"`{key}` must be a text", 'write it as `key = "text"`') from error
    known = theme_table(DEFAULT)
    for key, value in found.items():
        if key not in known:
            raise wrong(key, "SG102", f"unknown string `{key}`", did_you_mean(key, known))
        places = places_of(known[key])
        extra = sorted(places_of(value) - places)
        if extra:
            listed = ", ".join(f"`{{{name}}}`" for name in sorted(places)) or "none"
            raise wrong(key, "SG103", f"`{key}` has no value for `{{{extra[0]}}}`", f"its values: {listed}")
        if isinstance(value, Mapping) and isinstance(known[key], str) and "count" not in places:
            raise wrong(key, "SG103", f"`{key}` counts nothing: it has no plural forms", "write one text")
    return found


ENGLISH: Final = Words()
