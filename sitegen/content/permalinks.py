"""URLs as Hugo makes them: what characters stay, slugs, permalink patterns, `url` and aliases."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote, unquote_plus

from sitegen.config import Config
from sitegen.values import dataclass

_KEPT: Final = frozenset("./\\_#+~-@")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_TOKEN: Final = re.compile(r"\\:|:(\w+(?:\[.+?\])?)")
_ALL_KEPT: Final = re.compile(r"[A-Za-z0-9./\\_#+~@-]*")
_IS_CLEAN: Final = re.compile(r"/|(?:/[^/\\.][^/\\]*)+/?")
"""What `clean` would leave as it is, but for names that begin with a dot."""
_NEEDS_NO_ESCAPE: Final = re.compile(r"[A-Za-z0-9_.~/$&+,:;=@-]*")
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_PERCENT_ENCODED: Final = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
_SLICE: Final = re.compile(r"(\w+)\[(.+?)\]")
_NO_DATE: Final = datetime(1, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
"""Go's zero time: a pattern with `:year` gives `1` on a page without a date."""

_GO_LAYOUT: Final[Mapping[str, str]] = {
    "January": "%B",
    "Monday": "%A",
    "2006": "%Y",
    "Jan": "%b",
    "Mon": "%a",
    "002": "%j",
    "01": "%m",
    "02": "%d",
    "03": "%I",
    "04": "%M",
    "05": "%S",
    "06": "%y",
    "15": "%H",
    "PM": "%p",
    "1": "%-m",
    "2": "%-d",
    "3": "%-I",
    "4": "%-M",
    "5": "%-S",
}
"""Longer ones first; `-` stands for a number without a zero before it."""
_GO_TOKEN: Final = re.compile(
    "|".join(f"{part}(?![a-z])" if part in ("Jan", "Mon") else part for part in _GO_LAYOUT)
)


class UnknownTokenError(Exception):
    """A permalink pattern has a `:token` that is none."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token


class UnusableUrlError(Exception):
    """A `url` or an alias that no page can have; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a permalink pattern may ask of a page."""

    title: str
    """Of a page and a section in one part; a term's may have several."""
    slug: str
    base_name: str
    """The file's name without extension; of a bundle, its folder's; of a term, the term."""
    date: datetime | None
    sections: tuple[str, ...]
    """Names of the folders down to the page's section, outermost first; a section's own is the last."""
    section_slugs: tuple[str, ...]
    """Slugs, or titles, of those among them that are sections."""


def sanitize(text: str, *, remove_accents: bool = False) -> str:
    r"""The characters of a path that Hugo keeps: letters, digits, marks, `./\_#+~-@` and `%41`.

    White space becomes one `-` between two that are kept, where no `-` stands already.
    """
    if remove_accents:
        decomposed = unicodedata.normalize("NFD", text)
        text = unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn"))
    if _ALL_KEPT.fullmatch(text):
        return text
    kept: list[str] = []
    pending_hyphen = False
    for index, character in enumerate(text):
        if _is_kept(text, index, character):
            if pending_hyphen and character != "-":
                kept.append("-")
            pending_hyphen = False
            kept.append(character)
        elif kept and kept[-1] != "-" and character.isspace():
            pending_hyphen = True
    return "".join(kept)


def _is_kept(text: str, index: int, character: str) -> bool:
    if character.isascii():
        if character == "%":
            return _PERCENT.match(text, index) is not None
        return character.isalnum() or character in _KEPT
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def leaves_site(url: str) -> bool:
    """Whether a URL has a scheme or a host."""
    return url.startswith("//") or _SCHEME.match(url) is not None


def url_path(text: str, config: Config) -> str:
    """A path from names and titles: sanitised, lower case unless the configuration keeps it."""
    path = sanitize(text, remove_accents=config.remove_path_accents)
    return path if config.disable_path_to_lower else lower_case(path)


def lower_case(text: str) -> str:
    """In lower case letter by letter, as Go has it: `Σ` is `σ` also at the end of a word, `İ` is `i`."""
    if text.isascii():
        return text.lower()
    return "".join("i" if letter == "İ" else letter.lower() for letter in text)


def clean(path: str) -> str:
    """A site path with one leading slash, without empty, `.` and `..` parts; its last slash stays."""
    if _IS_CLEAN.fullmatch(path):
        return path
    cleaned = posixpath.normpath("/" + path.replace("\\", "/")).lstrip("/")
    return f"/{cleaned}/" if path.endswith("/") and cleaned else f"/{cleaned}"


def escape(path: str) -> str:
    """A path percent-encoded for a link as Go does: `ü` and `#` are, `+`, `@` and `%41` stay."""
    if _NEEDS_NO_ESCAPE.fullmatch(path):
        return path
    return "".join(
        part if place % 2 else quote(part, safe="/$&+,:;=@~")
        for place, part in enumerate(_PERCENT_ENCODED.split(path))
    )


def output_path(path: str) -> PurePosixPath:
    """The file that a server gives for a URL path: `/a/` is `a/index.html`, `/a.html` itself."""
    path = clean(unquote(path)) if "%" in path else path
    file = path.strip("/")
    return PurePosixPath(f"{file}/index.html" if path.endswith("/") and file else file or "index.html")


def ugly(path: str) -> str:
    """`/posts/ppo.html` for `/posts/ppo/`."""
    bare = path.rstrip("/")
    return f"{bare}.html" if bare else path


def default_path(folder: str, name: str, config: Config) -> str:
    """The URL path of a list page or, with a name, of a regular page: `/posts/`, `/posts/ppo/`.

    Args:
        folder: where the page lies, each part a section's slug or as spelt on disk.
        name: the page's slug or its file's name.
        config: whether URLs are lower case and without accents.
    """
    above = _folder_path(folder, config.remove_path_accents, config.disable_path_to_lower)
    return clean(f"{above}/{url_path(name, config)}/")


@lru_cache(maxsize=4096)
def _folder_path(folder: str, remove_accents: bool, keeps_case: bool) -> str:
    """A folder's part of a URL path, which all pages in it share."""
    parts = [sanitize(part, remove_accents=remove_accents) for part in folder.split("/")]
    return "/".join(parts if keeps_case else map(lower_case, parts))


def expand(pattern: str, facts: Facts, config: Config) -> str:
    """The URL path that a permalink pattern gives a page.

    Raises:
        UnknownTokenError: the pattern has a token that is none.
    """
    expanded = unquote_plus(_fill_tokens(pattern.rstrip("/"), facts, config))
    return clean(f"{url_path(expanded, config)}/")


def own_url(url: str, facts: Facts, config: Config) -> str:
    """The URL path of a front-matter `url`: its case and characters stay, tokens are filled.

    Raises:
        UnusableUrlError: it has a scheme.
        UnknownTokenError: it has a token that is none.
    """
    if re.match(r"(?i)(https?:)?//", url):
        raise UnusableUrlError(f"`url` is an address of its own: `{url}`")
    path = clean(_fill_tokens(url, facts, config))
    is_file = "." in path  # in a folder's name too, as in Hugo: `/v1.0/install`
    return path if path.endswith("/") or is_file else f"{path}/"


def alias_path(alias: str, page_url_path: str, *, is_ugly: bool) -> PurePosixPath:
    """The output path of a redirect: from the root with a leading `/`, else beside the page.

    As in Hugo, `..` leads to the root at most.

    Raises:
        UnusableUrlError: it has a scheme, or it is the site's root.
    """
    if re.match(r"(?i)(https?:)?//", alias):
        raise UnusableUrlError(f"the alias `{alias}` is an address of its own")
    parent = posixpath.dirname(page_url_path.rstrip("/"))
    relative = clean(posixpath.join(parent or "/", alias)).strip("/")
    if not relative:
        raise UnusableUrlError(f"the alias `{alias}` is the site's home page")
    if relative.endswith((".html", ".htm")):
        return PurePosixPath(relative)
    return PurePosixPath(f"{relative}.html" if is_ugly else f"{relative}/index.html")


def go_date(date: datetime, layout: str) -> str:
    """A date in one of Go's layouts: `200601` is year and month."""
    return _GO_TOKEN.sub(lambda part: _english(date, _GO_LAYOUT[part[0]]), layout)


# --- tokens ---------------------------------------------------------------------------------------


def _fill_tokens(pattern: str, facts: Facts, config: Config) -> str:
    def fill(match: re.Match[str]) -> str:
        return ":" if match[1] is None else _token(match[1], facts, config)

    return _TOKEN.sub(fill, pattern)


def _token(token: str, facts: Facts, config: Config) -> str:
    date = facts.date or _NO_DATE
    if token in _DATE_TOKENS:
        return _DATE_TOKENS[token](date)
    if token in _NAME_TOKENS:
        return url_path(_NAME_TOKENS[token](facts), config)
    if token in _SECTION_TOKENS:
        return _SECTION_TOKENS[token](facts)
    sliced = _SLICE.fullmatch(token)
    if sliced is not None and sliced[1] in ("sections", "sectionslugs"):
        parts = facts.sections if sliced[1] == "sections" else facts.section_slugs
        return "/".join(_slice(parts, sliced[2], token))
    if "[" not in token and _GO_TOKEN.search(token):
        return go_date(date, token)
    raise UnknownTokenError(token)


def _slice(parts: tuple[str, ...], text: str, token: str) -> tuple[str, ...]:
    """`[1:]`, `[:last]`, `[0]`; what lies outside is empty, never an error."""
    bounds = [part.strip() for part in text.split(":")]
    last = len(parts) - 1
    try:
        numbers = [last if part == "last" else max(0, int(part)) if part else None for part in bounds]
    except ValueError:
        raise UnknownTokenError(token) from None
    if len(numbers) == 1 and numbers[0] is not None:
        return parts[numbers[0] : numbers[0] + 1] if numbers[0] >= 0 else ()  # `last` of none is -1
    if len(numbers) == 2:
        return parts[slice(*(None if number is None else max(0, number) for number in numbers))]
    raise UnknownTokenError(token)


def one_part(title: str) -> str:
    """A title's slashes lead to no folders; a slug's do."""
    return title.replace("/", "-").replace("\\", "-")


@lru_cache(maxsize=4096)
def _english(date: datetime, directive: str) -> str:
    """`strftime` without the process's locale: names are English, years have four digits."""
    if directive in ("%B", "%b"):
        name = _MONTH_NAMES[date.month - 1]
        return name if directive == "%B" else name[:3]
    if directive in ("%A", "%a"):
        name = _DAY_NAMES[date.weekday()]
        return name if directive == "%A" else name[:3]
    if directive == "%Y":
        return f"{date.year:04d}"
    if directive.startswith("%-"):
        return str(int(date.strftime(f"%{directive[2:]}")))
    return date.strftime(directive)


_MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_DATE_TOKENS: Final[Mapping[str, Callable[[datetime], str]]] = {
    "year": lambda date: str(date.year),
    "month": lambda date: f"{date.month:02d}",
    "monthname": lambda date: _english(date, "%B"),
    "day": lambda date: f"{date.day:02d}",
    "weekday": lambda date: str(date.isoweekday() % 7),
    "weekdayname": lambda date: _english(date, "%A"),
    "yearday": lambda date: str(date.timetuple().tm_yday),
}
_NAME_TOKENS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "title": lambda facts: facts.title,
    "slug": lambda facts: facts.slug or facts.title,
    "filename": lambda facts: facts.base_name,
    "contentbasename": lambda facts: facts.base_name,
    "slugorfilename": lambda facts: facts.slug or facts.base_name,
    "slugorcontentbasename": lambda facts: facts.slug or facts.base_name,
}
_SECTION_TOKENS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "section": lambda facts: facts.sections[0] if facts.sections else "",
    "sections": lambda facts: "/".join(facts.sections),
    "sectionslug": lambda facts: facts.section_slugs[0] if facts.section_slugs else "",
    "sectionslugs": lambda facts: "/".join(facts.section_slugs),
}
