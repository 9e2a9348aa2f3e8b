"""Front-matter keys that the theme reads: one whose value is of another kind, and one that is misspelt, told at the author's line.

Keys without a meaning here are the author's own and are never told, unless they are one letter away from one that has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.dates import DATE_KEYS
from sitegen.content.document import PageKey
from sitegen.content.fields import describe
from sitegen.content.front_places import place_in_front
from sitegen.content.index import IndexedPage
from sitegen.content.metadata import RESERVED
from sitegen.content.tree import Place
from sitegen.errors import Diagnostic
from sitegen.values import dataclass

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S+|//?\S*|#\S+", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z]{2,8}(?:[-_][a-z0-9]{1,8})*|x-default", re.IGNORECASE)
"""A tag of BCP 47 as far as its form goes; `x-default` is a search engine's."""
_SHORTEST: Final = 5
"""Letters of a key that another is taken for a slip of: of shorter ones too many words are one letter away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a key may hold."""

    words: str
    """For the message: `a whole number`."""
    hint: str
    fits: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    written = value.strip() if isinstance(value, str) else value
    if isinstance(written, str):
        return written.isascii() and written.isdigit()
    return isinstance(written, int) and not isinstance(written, bool) and written >= 0


def _are_texts(value: object) -> bool:
    items = value if isinstance(value, tuple) else (value,)
    return all(isinstance(item, str) for item in items)


def _one_of(*words: str) -> Form:
    said = " or ".join(f"`{word}`" for word in words)
    return Form(words=said, hint=f"write {said}", fits=lambda value: value in words)


_FLAG: Final = Form(
    words="`true` or `false`",
    hint="write `true` or `false`, without quotes",
    fits=lambda value: isinstance(value, bool),
)
_TEXT: Final = Form(words="text", hint="put one text in quotes", fits=lambda value: isinstance(value, str))
_WORD: Final = Form(
    words="text",
    hint="put one text in quotes",
    fits=lambda value: isinstance(value, str) or _is_number(value),
)
_TEXTS: Final = Form(
    words="a text or a list of texts", hint='write it as in `["one", "two"]`', fits=_are_texts
)
_WHOLE: Final = Form(words="a whole number", hint="write it as in `3`, without quotes", fits=_is_whole)
_NUMBER: Final = Form(words="a number", hint="write it as in `2`, without quotes", fits=_is_number)
_LEVEL: Final = Form(
    words="a whole number from 0 to 6",
    hint="write the level of the headings that begin a slide, as in `2`",
    fits=lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6,
)
_LINK: Final = Form(
    words="an address",
    hint="write an address with `https://`, or a path of the site that begins with `/`",
    fits=lambda value: isinstance(value, str) and _ADDRESS.fullmatch(value.strip()) is not None,
)
_TARGET: Final = Form(
    words="an address or the name of a file",
    hint="write one text: an address with `https://`, or a file of the page's folder; more of them go into `links`",
    fits=lambda value: isinstance(value, str),
)
_MEDIA: Final = Form(
    words="an address, a file, a table or a list of these",
    hint="write an address with `https://`, or a file of the page's folder",
    fits=lambda value: isinstance(value, (str, tuple, Mapping, bool)),  # a switch of some theme
)
_PICTURE: Final = Form(
    words="the path of a picture",
    hint="write one text: a file of the page's folder or of `static/`",
    fits=lambda value: isinstance(value, (str, Mapping)),  # a table is another theme's, and no picture here
)
_TABLE: Final = Form(
    words="a table", hint="write `key = value` pairs below it", fits=lambda value: isinstance(value, Mapping)
)
_LIST: Final = Form(
    words="a list of tables", hint='write it as in `[{ name = "Poster", url = "poster.pdf" }]`',
    fits=lambda value: isinstance(value, tuple),
)  # fmt: skip
_LANG: Final = Form(
    words="the tag of a language",
    hint="write it as in `de` or `zh-hans`",
    fits=lambda value: isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None,
)
_PEOPLE: Final = Form(
    words="a name or a list of names and tables",
    hint='write it as in `["Ada Lovelace", { name = "George Boole" }]`',
    fits=lambda value: all(
        isinstance(each, (str, Mapping)) for each in (value if isinstance(value, tuple) else (value,))
    ),
)
_LICENCE: Final = Form(
    words="the name of a licence or `false`",
    hint='write it as in `"CC BY 4.0"`',
    fits=lambda value: value is False or isinstance(value, str),
)
_OPTIONAL: Final = Form(words="", hint="", fits=lambda _: True)

_ANY: Final[Mapping[str, Form]] = {
    "toc": _FLAG, "search": _FLAG, "cite": _FLAG, "social_card": _FLAG,
    "image": _PICTURE, "image_alt": _TEXT, "footnotes": _one_of("margin", "end"), "related_shown": _WHOLE,
    "series_part": _NUMBER, "headline_metrics": _TEXTS, "project": _TEXTS,
    "publication": _TEXTS, "publications": _TEXTS, "papers": _TEXTS, "paper": _TEXTS,
    "bibliography": _TEXTS, "nocite": _TEXTS, "csl": _TEXT, "citations": _one_of("author-year", "numeric"),
    "repo": _TARGET, "demo": _TARGET, "model": _TARGET, "dataset": _TARGET, "slides": _TARGET,
    "poster": _TARGET, "pdf": _TARGET, "video": _MEDIA, "audio": _MEDIA, "enclosure": _MEDIA, "podcast": _MEDIA,
    "lang": _LANG, "author": _PEOPLE, "authors": _PEOPLE,
    "license": _LICENCE, "license_url": _LINK, "code_license": _LICENCE,
    "links": _LIST, "translations": _TABLE, "canonical": _LINK,
    "link": _OPTIONAL, "externalurl": _OPTIONAL, "budget": _OPTIONAL, "comments": _OPTIONAL,
}  # fmt: skip
"""Of any page; those of `_OPTIONAL` mean many things, and are only no slip of another."""
_LISTS: Final[Mapping[str, Form]] = {"pagersize": _WHOLE, "group_by": _one_of("year", "month", "none")}
_OF_TYPE: Final[Mapping[str, Mapping[str, Form]]] = {
    "talks": {"event": _WORD, "event_url": _LINK, "venue": _WORD},
    "projects": {"category": _TEXT, "featured": _FLAG},
    "news": {"link": _LINK},
    "slides": {"slide-level": _LEVEL, "event": _WORD, "event_url": _LINK, "venue": _WORD},
    "cv": {"resume": _TEXT},
}
_HOME: Final[Mapping[str, Form]] = {
    "blocks": _OPTIONAL,  # `rendering/page_keys.py` tells of them
    "headline": _TEXT, "projects_shown": _WHOLE, "posts_shown": _WHOLE,
}  # fmt: skip
_TAXONOMY: Final[Mapping[str, Form]] = {"order": _one_of("count")}
_EVERY: Final = frozenset(
    {*_ANY, *_LISTS, *_HOME, *_TAXONOMY, *(key for keys in _OF_TYPE.values() for key in keys)}
)
_PLURALS: Final[Mapping[str, str]] = {
    "headline_metric": "headline_metrics", "translation": "translations", "projects": "project",
    "block": "blocks", "bibliographies": "bibliography",
}  # fmt: skip
"""A slip that is only a letter at the end, of words that hardly mean anything else; any other such word is the author's."""
_TYPES: Final = frozenset(
    (
        "archive",
        "archives",
        "benchmarks",
        "cv",
        "news",
        "projects",
        "publications",
        "search",
        "slides",
        "talks",
    )
)
"""Of which the theme has templates."""
_FEEDS: Final = ("html", "rss", "atom", "jsonfeed")
_OTHERS: Final = frozenset({"categories", "tags", "series", "menu", "menus", "events", "venues"})
"""Words of many themes."""


def wrong_keys(
    pages: Mapping[PageKey, IndexedPage], places: Mapping[PageKey, Place], config: Config
) -> Iterator[Diagnostic]:
    """What is told of the front matter of the pages that are built; what a cascade gives is not looked at.

    SG111 for a value of another kind, SG417 for a key that is a slip of one that the theme reads; warnings.

    Args:
        pages: of the site.
        places: the same pages with their own front matter, and others.
        config: of the site.
    """
    known = frozenset(plural.lower() for plural in config.taxonomies.values())
    for key, place in places.items():
        meta = place.meta
        if place.source is None or key not in pages:
            continue
        if meta.type and meta.type not in _TYPES:
            yield from _wrong_type(pages, place, config)
        if meta.outputs:
            yield from _wrong_outputs(place)
        if meta.params:
            yield from _wrong_params(pages, place, known)


def _wrong_params(
    pages: Mapping[PageKey, IndexedPage], place: Place, taxonomies: frozenset[str]
) -> Iterator[Diagnostic]:
    meta, page = place.meta, pages[place.key]
    read, slips = _looked_at(tuple(meta.params), page.type.lower(), page.kind)
    for name, form in read:
        value = meta.params[name]
        if value is not None and value != "" and not form.fits(value):
            yield _wrong_kind(name, value, form, place)
        elif name in _INSIDE:
            yield from _INSIDE[name](value, place)
    for name, meant in slips:
        is_free = name in taxonomies or name not in meta.lines or meant in meta.given
        if not is_free and not (name == "projects" and "/projects" not in pages):
            yield _slip(name, meant, place)
    if "series" in meta.params and _are_texts(meta.params["series"]) and page.kind == "page":
        message = "`series` is none of the site's taxonomies, so the page is no part of one"
        hint = 'write `series = "series"` below `[taxonomies]` in the configuration'
        yield _told("SG417", message, hint, place, "series")


def _wrong_type(pages: Mapping[PageKey, IndexedPage], place: Place, config: Config) -> Iterator[Diagnostic]:
    """A type that is a slip of one that the theme has templates for; the site's own are never told."""
    written = place.meta.type
    near = next(
        (type_ for type_ in sorted(_TYPES) if _is_slip(written.lower(), type_, also_plural=True)), None
    )
    if near is None or f"/{written}" in pages or (config.templates_dir / written).is_dir():
        return
    message = f"the theme has no pages of the type `{written}`"
    yield _told("SG417", message, f"did you mean `{near}`?", place, "type", text=written)


def _wrong_outputs(place: Place) -> Iterator[Diagnostic]:
    """Slips of feeds; Hugo's other formats, and a site's own, are not made here."""
    for name in place.meta.outputs:
        near = None if name in _FEEDS else next((feed for feed in _FEEDS if _is_slip(name, feed)), None)
        if near is not None:
            message = f"`outputs` has `{name}`, which is no feed"
            yield _told("SG417", message, f"did you mean `{near}`?", place, "outputs", text=name)


@lru_cache(maxsize=1024)
def _looked_at(
    names: tuple[str, ...], type_: str, kind: str
) -> tuple[tuple[tuple[str, Form], ...], tuple[tuple[str, str], ...]]:
    """The keys of a page that have a form, and those that are a slip of one: the same for all pages of one pattern."""
    forms = dict(_ANY)
    if kind == "home":
        forms |= {**_HOME, **_LISTS}
    elif kind != "page":
        forms |= _LISTS
    if kind == "taxonomy":
        forms |= _TAXONOMY
    if kind == "page" or type_ == "cv":
        forms |= _OF_TYPE.get(type_, {})
    read = tuple((name, form) for name in names if (form := forms.get(name)) is not None)
    slips = []
    for name in names:
        meant = (
            None if name in _EVERY or name in _OTHERS or name in DATE_KEYS else _meant(name, frozenset(forms))
        )
        if meant is not None:
            slips.append((name, meant))
    return read, tuple(slips)


def _meant(name: str, known: frozenset[str]) -> str | None:
    plain = _PLURALS.get(name)
    if plain in known:
        return plain
    bare = name.replace("_", "").replace("-", "")
    for meant in sorted(known | RESERVED):
        if bare == meant.replace("_", "").replace("-", ""):
            return None if meant in _SPELT_TWICE else meant
    return next((meant for meant in sorted(known | RESERVED) if _is_slip(name, meant)), None)


_SPELT_TWICE: Final = frozenset({"pagersize"})
"""Keys that may be written with `_` too."""


def _is_slip(name: str, meant: str, *, also_plural: bool = False) -> bool:
    """Whether one letter is too much, missing, another or changed places with the next; not an `s` at the end."""
    if name == meant or abs(len(name) - len(meant)) > 1 or len(meant) < _SHORTEST:
        return False
    if not also_plural and name.rstrip("s") == meant.rstrip("s"):
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(name, meant, strict=False)) if a != b), min(len(name), len(meant))
    )
    rest, other = name[start:], meant[start:]
    if len(rest) == len(other):
        return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    return rest[1:] == other or rest == other[1:]


# --- what is in a table or a list -----------------------------------------------------------------


def _wrong_links(value: Any, place: Place) -> Iterator[Diagnostic]:
    """Entries of `links` that are no table with `name` and `url`: they are not shown."""
    for number, entry in enumerate(value if isinstance(value, tuple) else ()):
        table = (
            {str(key).lower(): item for key, item in entry.items()} if isinstance(entry, Mapping) else None
        )
        if table is not None and isinstance(table.get("url"), str) and table["url"]:
            continue
        said = describe(entry) if table is None else "a table without `url`"
        yield _told(
            "SG111",
            f"an entry of `links` is {said}; it is left out",
            'write it as in `{ name = "Poster", url = "poster.pdf" }`',
            place, "links", f"links.{number}",
        )  # fmt: skip


def _wrong_languages(value: Any, place: Place) -> Iterator[Diagnostic]:
    """Entries of `translations` that are no language or no address."""
    for language, target in value.items() if isinstance(value, Mapping) else ():
        path = f"translations.{language}"
        if _LANGUAGE.fullmatch(language) is None:
            message = f"`translations` has `{language}`, which is no language"
            yield _told("SG111", message, "write its tag, as in `de` or `zh-hans`", place, path)
        if not _LINK.fits(target):
            message = f"`{path}` is {describe(target)}, not an address; it is left out"
            yield _told("SG111", message, _LINK.hint, place, path)


_INSIDE: Final[Mapping[str, Callable[[Any, Place], Iterator[Diagnostic]]]] = {
    "links": _wrong_links,
    "translations": _wrong_languages,
}


# --- in words -------------------------------------------------------------------------------------


def _wrong_kind(name: str, value: object, form: Form, place: Place) -> Diagnostic:
    message = f"`{name}` is {describe(value)}, not {form.words}"
    return _told("SG111", message, form.hint, place, name)


def _slip(name: str, meant: str, place: Place) -> Diagnostic:
    return _told(
        "SG417",
        f"`{name}` is no key of the theme",
        f"did you mean `{meant}`? A key of your own may stand under `params`",
        place, name,
    )  # fmt: skip


def _told(code: str, message: str, hint: str, place: Place, *keys: str, text: str = "") -> Diagnostic:
    return Diagnostic(
        code=code,
        severity="warning",
        message=message,
        location=place_in_front(place, *keys, text=text),
        hint=hint,
    )
