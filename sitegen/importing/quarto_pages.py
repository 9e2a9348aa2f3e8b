"""The front matter of a Quarto page as ours, and the addresses that Quarto gives pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.content.dates import parse_date
from sitegen.importing.cell_options import is_ours, renamed
from sitegen.importing.pages import table, texts
from sitegen.importing.values import NoteKind

_OURS_BELOW_EXECUTE: Final = frozenset({"enabled", "cache", "kernel", "seed", "env", "parameters"})
_FORMATS: Final = ("%m/%d/%Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%Y/%m/%d", "%Y-%m-%d %H:%M")
"""Of dates that Quarto reads and Hugo does not."""
_QUARTO_ONLY: Final = frozenset(
    {
        "about", "appendix-style", "bibliography-style", "citation", "citation-location", "cite-method", "code-annotations",
        "code-block-bg", "code-copy", "code-link", "code-overflow", "code-tools", "comments", "crossref", "css", "csl",
        "date-format", "df-print", "editor", "editor_options", "engine", "fig-align", "fig-cap-location", "filters",
        "fontsize", "footnotes-hover", "format", "grid", "header-includes", "highlight-style", "html-math-method",
        "include-after-body", "include-before-body", "include-in-header", "knitr", "license", "link-external-newwindow",
        "link-citations", "listing", "mainfont", "number-depth", "number-sections", "output", "output-file", "page-layout",
        "page-navigation", "pdf-engine", "reference-location", "repo-actions", "resources", "search", "sidebar",
        "smooth-scroll", "suppress-bibliography", "syntax-definitions", "theme", "title-block-banner", "title-block-style",
        "toc-depth", "toc-expand", "toc-location", "toc-title", "twitter-card", "open-graph", "website", "project",
        "lightbox", "other-links", "code-links", "notebook-view", "notebook-links", "anchor-sections", "bread-crumbs",
        "back-to-top-navigation", "fig-responsive", "tbl-colwidths", "execute-dir", "profile", "metadata-files",
    }
)  # fmt: skip
"""Keys that only say how Quarto formats, not what the page is."""
_HTML_FORMATS: Final = ("html", "dashboard", "revealjs")
_RESERVED: Final = frozenset(
    {"build", "cascade", "headless", "menu", "menus", "outputs", "type", "url", "layout", "slug"}
)
"""Ours: what a page of Quarto's means by them is something else."""

NoteTaker = Callable[[NoteKind, str, str, str], None]
"""Takes kind, topic, message, and the key that it is about."""


def quarto_fields(
    fields: Mapping[str, Any], *, path: PurePosixPath, modified: datetime, note: NoteTaker
) -> dict[str, Any]:
    """A page's front matter in our words, ours first.

    Args:
        fields: as written.
        path: of the page in the source.
        modified: of the file, for the dates `today` and `last-modified`.
        note: told what has no counterpart.
    """
    given = {str(key): value for key, value in fields.items() if value is not None}
    made: dict[str, Any] = {}
    if title := given.get("title") or given.get("pagetitle"):
        made["title"] = str(title)
    if subtitle := given.get("subtitle"):
        made["subtitle"] = str(subtitle)
    made |= _dates(given, modified, note)
    made |= _authors(given.get("author") or given.get("authors"))
    for ours, theirs in (
        ("description", "description"), ("description", "abstract"), ("description", "subtitle"), ("summary", "summary"),
    ):  # fmt: skip
        if isinstance(given.get(theirs), str) and ours not in made:
            made[ours] = given[theirs].strip()
    if links := _about_links(given.get("about")):
        made["links"] = links
    if tags := [*texts(given.get("categories")), *texts(given.get("tags"))]:
        made["tags"] = list(dict.fromkeys(tags))
    if isinstance(given.get("image"), str):
        made["image"] = given["image"].removeprefix("./")
    if alt := given.get("image-alt"):
        made["image_alt"] = str(alt)
    if given.get("draft") is True:
        made["draft"] = True
    if isinstance(given.get("order"), int):
        made["weight"] = given["order"]
    if execute := quarto_execute(given, note):
        made["execute"] = execute
    html = html_options(given)
    if isinstance(given.get("toc", html.get("toc")), bool):
        made["toc"] = given.get("toc", html.get("toc"))
    for key, value in html.items():
        if key != "toc" and not is_ours(key, value):
            note("lost", "options of Quarto", f"`{key}` has no effect here", "format")
    for key, value in given.items():
        if key in _QUARTO_ONLY:
            if key == "about" and links:
                continue
            if key not in ("format", "listing", "editor", "engine", "output-file", "project", "website"):
                note("lost", "options of Quarto", f"`{key}` has no effect here", key)
        elif key in _RESERVED:
            made.setdefault("params", {})[key] = value
        elif key not in _TAKEN and key not in _OF_CELLS and key not in made:
            made[key] = value
    if aliases := _aliases(given, path):
        made["aliases"] = aliases
    return made


_TAKEN: Final = frozenset(
    {
        "title", "pagetitle", "subtitle", "date", "date-modified", "author", "authors", "description", "abstract", "summary",
        "categories", "tags", "image", "image-alt", "draft", "order", "execute", "toc", "aliases", "draft-mode",
    }
)  # fmt: skip


_OF_CELLS: Final = frozenset(
    {"code-fold", "code-summary", "code-line-numbers", "fig-width", "fig-height", "fig-format", "freeze"}
    | {"echo", "eval", "warning", "error", "include", "cache"}
)
"""Options of cells that Quarto takes outside `execute` too."""


def html_options(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What `format: html:` says; empty where the format is only named."""
    forms = table(fields.get("format"))
    return next((table(forms[name]) for name in _HTML_FORMATS if name in forms), {})


def quarto_execute(fields: Mapping[str, Any], note: NoteTaker) -> dict[str, Any]:
    """`execute`, and what of `format: html:` is about cells, as our table; without what only Quarto's engine knows."""
    made: dict[str, Any] = {}
    said = fields.get("execute")
    options = {**html_options(fields), **fields, **table(said)}
    if said is False:
        return {"enabled": False}
    of_execute = table(said)
    for key, value in options.items():
        if key not in of_execute and key not in _OF_CELLS:
            continue
        if key == "freeze":
            note(
                "lost",
                "frozen results",
                "results of Quarto are not taken along: the page runs once here",
                key,
            )
        elif key == "enabled" and isinstance(value, bool):
            made["enabled"] = value
        elif key == "cache":
            made |= {"cache": "never"} if value is False else {}
        elif is_ours(key, value):
            made[key] = value
        elif (other := renamed(key, value)) is not None:
            made[other[0]] = other[1]
        elif key not in _OURS_BELOW_EXECUTE:
            note("lost", "options of Quarto", f"`execute: {key}` has no effect here", "execute")
        else:
            made[key] = value
    return made


def quarto_address(path: PurePosixPath, fields: Mapping[str, Any]) -> str:
    """The URL path of what Quarto makes of a source: `/posts/a/` of an `index.qmd`, else `/about.html`."""
    name = str(fields.get("output-file") or path.stem).removesuffix(".html")
    folder = "" if str(path.parent) == "." else f"{path.parent}/"
    return f"/{folder}" if name == "index" else f"/{folder}{name}.html"


def _aliases(given: Mapping[str, Any], path: PurePosixPath) -> list[str]:
    folder = path.parent.as_posix()
    return [
        alias if alias.startswith("/") else _rooted(posixpath.join("/", folder, alias))
        for alias in texts(given.get("aliases"))
    ]


def _about_links(about: object) -> list[dict[str, str]]:
    """The buttons of an `about` page: links under its title here."""
    links = table(about).get("links")
    found = [table(link) for link in links] if isinstance(links, list) else []
    return [
        {"name": str(link.get("text") or link.get("icon")), "url": str(link["href"])}
        for link in found
        if link.get("href") and (link.get("text") or link.get("icon"))
    ]


def _rooted(path: str) -> str:
    return posixpath.normpath(path) + ("/" if path.endswith("/") else "")


def _dates(given: Mapping[str, Any], modified: datetime, note: NoteTaker) -> dict[str, Any]:
    made = {}
    for ours, theirs in (("date", "date"), ("lastmod", "date-modified")):
        value = given.get(theirs)
        if value is None or value == "":
            continue
        text = str(value).strip()
        if text.lower() in ("today", "now", "last-modified"):
            made[ours] = modified.strftime("%Y-%m-%d")
            note("look", "dates", f"`{theirs}: {text}` is the day of the file, {made[ours]}", theirs)
        elif (found := date_text(text)) is not None:
            made[ours] = found
        else:
            note("look", "dates", f"`{theirs}: {text}` is no date", theirs)
    return made


def date_text(text: str) -> str | None:
    """A date as our front matter takes it; None where nobody can read it."""
    if parse_date(text, UTC) is not None:
        return text
    for form in _FORMATS:
        try:
            moment = datetime.strptime(re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text), form).replace(
                tzinfo=UTC
            )
        except ValueError:
            continue
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if "%H" in form else "%Y-%m-%d")
    return None


def _authors(value: object) -> dict[str, Any]:
    """Names of authors: one as `author`, several as `authors`."""
    people = value if isinstance(value, (list, tuple)) else [value]
    names = []
    for person in people:
        known = table(person)
        name = known.get("name") if known else person
        name = " ".join(str(part) for part in table(name).values()) if isinstance(name, Mapping) else name
        if isinstance(name, str) and name.strip():
            names.append(name.strip())
    if not names:
        return {}
    return {"author": names[0]} if len(names) == 1 else {"authors": names}
