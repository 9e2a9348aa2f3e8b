"""One post, page or document of Jekyll's: its front matter, its address and its body as ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.content.dates import parse_date
from sitegen.errors import SourceLocation
from sitegen.importing.al_folio import RESUME, home_fields, without_distill, without_list
from sitegen.importing.jekyll_settings import JekyllSettings, site_title
from sitegen.importing.jekyll_urls import STYLES, UrlFacts, jekyll_url, our_path, our_pattern
from sitegen.importing.kramdown import convert_kramdown
from sitegen.importing.liquid_content import LiquidPage, LiquidSite, convert_liquid
from sitegen.importing.pages import ForeignPage, table, texts
from sitegen.importing.values import Note, NoteKind

_DATED: Final = re.compile(r"(\d{2,4}-\d{1,2}-\d{1,2})-(.+)")
MARKDOWN: Final = frozenset({".md", ".markdown", ".mkd", ".mkdn", ".mkdown"})
_PLAIN_LAYOUTS: Final = frozenset(
    {"post", "posts", "page", "pages", "default", "single", "home", "distill", "none", "null", ""}
)
"""Layouts that every theme has, and that say no more than what a page is."""
_OURS: Final = frozenset(
    {
        "build",
        "cascade",
        "execute",
        "headless",
        "markup",
        "menu",
        "menus",
        "outputs",
        "params",
        "resources",
        "url",
    }
)
"""Keys that mean something here and nothing to Jekyll: an author's own of that name goes below `params`."""
_ZONED: Final = re.compile(r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})\s*$")
_TIMED: Final = re.compile(r"\d{1,2}:\d{2}")
_LISTING: Final = re.compile(
    r"\{%-?\s*for\s+\w+\s+in\s+(?:site|paginator)\.|\{%-?\s*assign\s+\w+\s*=\s*site\."
    r"(?:posts|pages|\w+\s*\|\s*(?:where|sort|group_by|reverse))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JekyllFile:
    """A file with content, and what it is in the site."""

    page: ForeignPage
    kind: str
    """`posts`, `drafts`, `pages`, or the name of a collection."""
    below: PurePosixPath
    """Its path below the folder of its kind."""
    categories: tuple[str, ...] = ()
    """From folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A file with its address, and where it goes."""

    file: JekyllFile
    fields: Mapping[str, Any]
    """Its front matter over the site's defaults."""
    facts: UrlFacts
    url: str
    """Jekyll's; empty where it has no page."""
    target: PurePosixPath
    """Below `content/`."""
    date: datetime | None = None


@dataclass(slots=True)
class Written:
    """A page as ours, and what was found on the way."""

    fields: dict[str, Any]
    body: str
    notes: list[Note] = field(default_factory=list)
    params: set[str] = field(default_factory=set)
    includes: set[str] = field(default_factory=set)
    layout: str = ""
    has_block_attributes: bool = False


def place(file: JekyllFile, settings: JekyllSettings) -> Placed:
    """Where Jekyll publishes the file, and where it goes here."""
    path = file.page.path
    kind = "posts" if file.kind == "drafts" else file.kind
    fields = {**settings.defaults_for(path, kind), **file.page.fields}
    dated = _DATED.fullmatch(file.below.stem) if kind == "posts" else None
    date = _date(fields.get("date"), settings) or (_date(dated[1], settings) if dated else None)
    slug = str(fields.get("slug") or (dated[2] if dated else file.below.stem))
    categories = (*file.categories, *_words(fields.get("category"), fields.get("categories")))
    facts = UrlFacts(
        slug=slug,
        path=_path_token(file, kind),
        collection=kind,
        categories=tuple(dict.fromkeys(categories)),
        date=date,
        has_own_slug=kind == "posts",
    )
    pattern = str(fields.get("permalink") or _default_pattern(file, kind, settings))
    pattern = STYLES.get(pattern, pattern)
    is_hidden = kind not in ("posts", "pages") and not settings.collections()[kind].is_output
    url = "" if is_hidden or (file.kind == "drafts" and date is None) else jekyll_url(pattern, facts)
    if url.endswith("/index.html"):
        url = url.removesuffix("index.html")
    return Placed(
        file=file, fields=fields, facts=facts, url=url, target=_target(file, kind, settings), date=date
    )


def write(placed: Placed, settings: JekyllSettings, site: LiquidSite) -> Written:
    """The page in our words; `placed.target` is final."""
    page = placed.file.page
    is_html = placed.target.suffix == ".html"
    is_list = placed.target.name.startswith("_index.")
    liquid = LiquidPage(path=page.path, fields=placed.fields, first_line=page.body_line, is_html=is_html)
    made = Written(fields={}, body=page.body)
    if _LISTING.search(page.body) and (is_html or is_list):
        message = "its lists of pages are made by the theme's templates; the text was left out"
        _note(made, "lost", "pages that are templates", message, page, page.body_line)
        made.body = ""
    if is_list and placed.fields.get("type") == "publications":
        made.body = without_list(made.body)
    made.body = _excerpt(made.body, placed.fields, settings)
    made.body = convert_liquid(made.body, liquid, site)
    if not is_html and "<d-" in made.body:
        made.body = without_distill(made.body)
    if not is_html:
        kramdown = convert_kramdown(made.body)
        made.body, made.has_block_attributes = kramdown.text, kramdown.has_block_attributes
        for line, text in kramdown.lost:
            where = page.body_line + line if line >= 0 else None
            _note(made, "lost", "kramdown attributes", f"`{text}` has no counterpart", page, where)
    made.body = _without_base(made.body, site.base_url)
    made.notes += liquid.notes
    made.params, made.includes = liquid.params, liquid.includes
    made.fields = _fields(placed, settings, made)
    _of_al_folio(placed, settings, site, made)
    return made


def _of_al_folio(placed: Placed, settings: JekyllSettings, site: LiquidSite, made: Written) -> None:
    """Its home page, its CV, and what its citations are from."""
    if made.layout == "about" and placed.target == PurePosixPath("_index.md"):
        for key in (
            "subtitle",
            "profile",
            "news",
            "announcements",
            "latest_posts",
            "selected_papers",
            "social",
        ):
            made.fields.pop(key, None)
        made.fields |= home_fields(placed.fields, site_title(settings.values))
        made.layout = ""
    elif made.layout == "cv" and site.relative(RESUME) is not None:
        made.fields["type"], made.layout = "cv", ""
    named = made.fields.get("bibliography")
    if isinstance(named, str) and site.relative(PurePosixPath("assets/bibliography", named)) is not None:
        made.fields["bibliography"] = f"static/assets/bibliography/{named}"
    elif site.bibliography and named is None and "[@" in made.body and "[@" not in placed.file.page.body:
        made.fields["bibliography"] = site.bibliography


def our_url(placed: Placed, settings: JekyllSettings, title: str) -> str:
    """The URL path that the page would have here without a `url`."""
    folder = placed.target.parent.as_posix().strip(".")
    if placed.target.name.startswith("_index."):
        return f"/{folder}/" if folder else "/"
    in_section = placed.file.kind in ("posts", "drafts")
    pattern = our_pattern(settings.permalink) if in_section else None
    return our_path(pattern, placed.facts, folder=folder, base_name=placed.target.stem, title=title)


# --- places ---------------------------------------------------------------------------------------


def _path_token(file: JekyllFile, kind: str) -> str:
    if kind == "pages":
        folder = file.page.path.parent.as_posix()
        return "" if folder == "." else folder
    return file.below.with_suffix("").as_posix()


def _default_pattern(file: JekyllFile, kind: str, settings: JekyllSettings) -> str:
    if kind == "posts":
        own = table(table(settings.values.get("collections")).get("posts")).get("permalink")
        return str(own or settings.permalink)
    if kind != "pages":
        return settings.collections()[kind].permalink
    return "/:path/" if file.below.stem == "index" else f"/:path/:basename{settings.page_suffix}"


def _target(file: JekyllFile, kind: str, settings: JekyllSettings) -> PurePosixPath:
    suffix = ".md" if file.below.suffix.lower() in MARKDOWN else ".html"
    section = {"posts": settings.posts_section, "pages": ""}.get(kind, kind)
    parts = [part.lstrip("_") or part for part in file.below.parts[:-1]]
    name = file.below.stem
    if kind == "pages":
        if file.page.path.parts[0].startswith("_") and len(file.page.path.parts) > 1:
            parts = parts[1:]  # `_pages/`: a folder that only the source has
        name = "_index" if name == "index" else name
    return PurePosixPath(section, *parts, f"{name}{suffix}")


# --- front matter ---------------------------------------------------------------------------------


def _fields(placed: Placed, settings: JekyllSettings, made: Written) -> dict[str, Any]:
    """Front matter in our words, ours first."""
    given = {key: value for key, value in placed.fields.items() if value is not None}
    lowered = {key.lower(): value for key, value in given.items()}
    page = placed.file.page
    title = str(lowered.get("title") or "") or (
        _title(placed.facts.slug) if placed.file.kind == "posts" else ""
    )
    fields: dict[str, Any] = {"title": title} if title else {}
    if placed.date is not None:
        fields["date"] = _date_text(lowered.get("date"), placed.date, settings)
    elif lowered.get("date"):
        _note(made, "look", "dates", f"`{lowered['date']}` is no date", page, page.lines.get("date"))
    for key in ("last_modified_at", "last_updated", "last_modified", "modified", "updated"):
        if (changed := _date(lowered.get(key), settings)) is not None:
            fields.setdefault("lastmod", _date_text(lowered.get(key), changed, settings))
    if placed.file.kind == "drafts" or lowered.get("published") is False or _is_ignored(placed):
        fields["draft"] = True
    if _is_ignored(placed):
        message = "its name has no date, so that Jekyll did not publish it: it is a draft"
        _note(made, "look", "posts without a date", message, page, None)
    if placed.facts.has_own_slug and placed.facts.slug != placed.target.stem:
        fields["slug"] = placed.facts.slug
    if placed.url and placed.url != our_url(placed, settings, title):
        fields["url"] = placed.url
    if not placed.url and placed.file.kind not in ("posts", "drafts"):
        fields["build"] = {"render": "never"}
    if aliases := [*texts(lowered.get("redirect_from")), *texts(lowered.get("aliases"))]:
        fields["aliases"] = [alias if alias.startswith("/") else f"/{alias}" for alias in aliases]
    if placed.facts.categories:
        fields["categories"] = list(placed.facts.categories)
    if tags := _words(lowered.get("tag"), lowered.get("tags")):
        fields["tags"] = tags
    fields |= _described(lowered)
    _layout(lowered, made)
    _menu(lowered, fields)
    if target := lowered.get("redirect_to"):
        where = page.lines.get("redirect_to")
        _note(made, "look", "redirect_to", f"the page redirects to `{target}`", page, where,
              "let the host redirect, or make a page that links there")  # fmt: skip
    rest = {key: value for key, value in given.items() if key.lower() not in _TAKEN}
    own = {key: value for key, value in rest.items() if key.lower() in _OURS}
    fields |= {key: value for key, value in rest.items() if key not in own}
    return {**fields, "params": own} if own else fields


_TAKEN: Final = frozenset(
    {
        "title", "date", "last_modified_at", "last_updated", "last_modified", "modified", "updated", "published", "slug",
        "permalink", "redirect_from", "aliases", "category", "categories", "tag", "tags", "excerpt", "summary", "image",
        "header", "layout", "nav", "nav_order", "sitemap", "toc", "excerpt_separator", "redirect_to", "description",
        "draft", "importance", "img", "thumbnail", "redirect", "pagination", "lastmod",
    }
)  # fmt: skip


def _described(lowered: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a page for lists and cards."""
    made: dict[str, Any] = {}
    if str(lowered.get("redirect") or "").startswith(("http://", "https://")):
        made["link"] = str(lowered["redirect"])  # al-folio's way of an entry that lies elsewhere
    for ours, theirs in (("description", "description"), ("summary", "excerpt"), ("summary", "summary")):
        text = lowered.get(theirs)
        if isinstance(text, str) and text.strip():
            made.setdefault(ours, text.strip())
    image, header = lowered.get("image"), table(lowered.get("header"))
    found = table(image).get("path") or (image if isinstance(image, str) else None)
    found = found or header.get("teaser") or header.get("overlay_image") or header.get("image")
    found = found or lowered.get("img") or lowered.get("thumbnail")
    if isinstance(found, str) and found:
        made["image"] = found if "://" in found else "/" + found.lstrip("/")
        if alt := table(image).get("alt"):
            made["image_alt"] = str(alt)
    if isinstance(lowered.get("sitemap"), bool):
        made |= {} if lowered["sitemap"] else {"sitemap": {"disable": True}}
    elif lowered.get("sitemap"):
        made["sitemap"] = lowered["sitemap"]
    if "toc" in lowered:
        made["toc"] = bool(lowered["toc"])
    return made


def _is_ignored(placed: Placed) -> bool:
    """Whether it lies among the posts and Jekyll does not read it."""
    return placed.file.kind == "posts" and _DATED.fullmatch(placed.file.below.stem) is None


def _layout(lowered: Mapping[str, Any], made: Written) -> None:
    layout = str(lowered.get("layout") or "")
    made.layout = "" if layout in _PLAIN_LAYOUTS else layout


def _menu(lowered: Mapping[str, Any], fields: dict[str, Any]) -> None:
    """al-folio's and Just the Docs' way of a menu."""
    order = lowered.get("nav_order", lowered.get("importance"))
    if lowered.get("nav") is True:
        fields["menus"] = {"main": {"weight": order} if isinstance(order, int) else {}}
    elif isinstance(order, int) and "weight" not in lowered:
        fields["weight"] = order


def _words(single: object, several: object) -> list[str]:
    """Jekyll's two keys: `category: a b` is one, `categories: a b` are two."""
    found = texts(single)
    found += several.split() if isinstance(several, str) else texts(several)
    return list(dict.fromkeys(found))


def _title(slug: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in slug.replace("_", "-").split("-") if word)


def _date(value: object, settings: JekyllSettings) -> datetime | None:
    """A date in the site's zone; a time without a zone is UTC, as Ruby's YAML has it."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d{1,4}-\d{1,2}-\d{1,2}", text):
        year, month, day = (int(part) for part in text.split("-"))
        text = f"{year if year > 99 else 2000 + year:04d}-{month:02d}-{day:02d}"
    text = re.sub(r"\s+(?:UTC|GMT)$", "Z", text)
    has_time = _TIMED.search(text) is not None
    moment = parse_date(text, UTC if has_time and not _ZONED.search(text) else settings.zone)
    if moment is None and (
        short := re.fullmatch(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?\s*(.*)", text)
    ):
        seconds = short[4] or "00"
        moment = parse_date(
            f"{short[1]}T{int(short[2]):02d}:{short[3]}:{seconds}{short[5] or 'Z'}", settings.zone
        )
    return moment.astimezone(settings.zone) if moment is not None else None


def _date_text(value: object, date: datetime, settings: JekyllSettings) -> str:
    """The date as it was written where that means the same here, the day in addresses too."""
    text = str(value or "").strip()
    written = parse_date(text, settings.zone)
    if written == date and written.date() == date.date():
        return text
    if (date.hour, date.minute, date.second) == (0, 0, 0):
        return date.strftime("%Y-%m-%d").rjust(10, "0")
    return date.isoformat()


# --- body -----------------------------------------------------------------------------------------


def _excerpt(body: str, fields: Mapping[str, Any], settings: JekyllSettings) -> str:
    """The site's own separator as ours, once."""
    separator = str(fields.get("excerpt_separator") or settings.values.get("excerpt_separator") or "")
    if not separator.strip() or separator.strip() == "<!--more-->":
        return body
    return body.replace(separator, "<!--more-->", 1)


def _without_base(body: str, base_url: str) -> str:
    """Addresses that begin with `baseurl` written out: here the path comes of itself."""
    if not base_url or base_url not in body:
        return body
    return re.sub(rf"""((?:\]\(|href=["']|src=["']|\]:[ ]+)){re.escape(base_url)}(?=/)""", r"\1", body)


def _note(
    made: Written,
    kind: NoteKind,
    topic: str,
    message: str,
    page: ForeignPage,
    line: int | None,
    hint: str | None = None,
) -> None:
    location = SourceLocation(path=page.path, line=line)
    made.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))


def moved(placed: Placed, target: PurePosixPath) -> Placed:
    """The same at another place."""
    return replace(placed, target=target)


def of_papers(placed: Placed, bibliography: str) -> Placed:
    """The same as the section that lists the papers of a `.bib`."""
    return replace(placed, fields={**placed.fields, "type": "publications", "bibliography": bibliography})
