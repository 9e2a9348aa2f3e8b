"""Front-matter keys that the theme reads: one whose value is of another kind, and one that is misspelt, told at the author's line.

Keys without a meaning here are the author's own and are never told, unless they are one letter away from one that has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from sitegen.config import Config
from sitegen.config.value_forms import (
    FLAG,
    LANG,
    LANGUAGE,
    LEVEL,
    LICENCE,
    LINK,
    LIST,
    MEDIA,
    NUMBER,
    OPTIONAL,
    PEOPLE,
    PICTURE,
    TABLE,
    TARGET,
    TEXT,
    TEXTS,
    WHOLE,
    WORD,
    Form,
    are_texts,
    describe,
    is_slip,
    one_of,
)
from sitegen.content.dates import DATE_KEYS
from sitegen.content.document import PageKey
from sitegen.content.front_places import place_in_front
from sitegen.content.index import IndexedPage
from sitegen.content.metadata import RESERVED
from sitegen.content.tree import Place
from sitegen.errors import Diagnostic

_ANY: Final[Mapping[str, Form]] = {
    "toc": FLAG, "search": FLAG, "cite": FLAG, "social_card": FLAG,
    "image": PICTURE, "image_alt": TEXT, "footnotes": one_of("margin", "end"), "related_shown": WHOLE,
    "series_part": NUMBER, "headline_metrics": TEXTS, "project": TEXTS,
    "publication": TEXTS, "publications": TEXTS, "papers": TEXTS, "paper": TEXTS,
    "bibliography": TEXTS, "nocite": TEXTS, "csl": TEXT, "citations": one_of("author-year", "numeric"),
    "repo": TARGET, "demo": TARGET, "model": TARGET, "dataset": TARGET, "slides": TARGET,
    "poster": TARGET, "pdf": TARGET, "video": MEDIA, "audio": MEDIA, "enclosure": MEDIA, "podcast": MEDIA,
    "lang": LANG, "author": PEOPLE, "authors": PEOPLE,
    "license": LICENCE, "license_url": LINK, "code_license": LICENCE,
    "links": LIST, "translations": TABLE, "canonical": LINK,
    "link": OPTIONAL, "externalurl": OPTIONAL, "budget": OPTIONAL, "comments": OPTIONAL,
}  # fmt: skip
"""Of any page; those of `OPTIONAL` mean many things, and are only no slip of another."""
_LISTS: Final[Mapping[str, Form]] = {"pagersize": WHOLE, "group_by": one_of("year", "month", "none")}
_OF_TYPE: Final[Mapping[str, Mapping[str, Form]]] = {
    "talks": {"event": WORD, "event_url": LINK, "venue": WORD},
    "projects": {"category": TEXT, "featured": FLAG},
    "news": {"link": LINK},
    "slides": {"slide-level": LEVEL, "event": WORD, "event_url": LINK, "venue": WORD},
    "cv": {"resume": TEXT},
}
_HOME: Final[Mapping[str, Form]] = {
    "blocks": OPTIONAL,  # `rendering/page_types/page_keys.py` tells of them
    "headline": TEXT, "projects_shown": WHOLE, "posts_shown": WHOLE,
}  # fmt: skip
_TAXONOMY: Final[Mapping[str, Form]] = {"order": one_of("count")}
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
    if "series" in meta.params and are_texts(meta.params["series"]) and page.kind == "page":
        message = "`series` is none of the site's taxonomies, so the page is no part of one"
        hint = 'write `series = "series"` below `[taxonomies]` in the configuration'
        yield _told("SG417", message, hint, place, "series")


def _wrong_type(pages: Mapping[PageKey, IndexedPage], place: Place, config: Config) -> Iterator[Diagnostic]:
    """A type that is a slip of one that the theme has templates for; the site's own are never told."""
    written = place.meta.type
    near = next(
        (type_ for type_ in sorted(_TYPES) if is_slip(written.lower(), type_, also_plural=True)), None
    )
    if near is None or f"/{written}" in pages or (config.templates_dir / written).is_dir():
        return
    message = f"the theme has no pages of the type `{written}`"
    yield _told("SG417", message, f"did you mean `{near}`?", place, "type", text=written)


def _wrong_outputs(place: Place) -> Iterator[Diagnostic]:
    """Slips of feeds; Hugo's other formats, and a site's own, are not made here."""
    for name in place.meta.outputs:
        near = None if name in _FEEDS else next((feed for feed in _FEEDS if is_slip(name, feed)), None)
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
    return next((meant for meant in sorted(known | RESERVED) if is_slip(name, meant)), None)


_SPELT_TWICE: Final = frozenset({"pagersize"})
"""Keys that may be written with `_` too."""


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
        if LANGUAGE.fullmatch(language) is None:
            message = f"`translations` has `{language}`, which is no language"
            yield _told("SG111", message, "write its tag, as in `de` or `zh-hans`", place, path)
        if not LINK.fits(target):
            message = f"`{path}` is {describe(target)}, not an address; it is left out"
            yield _told("SG111", message, LINK.hint, place, path)


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
