"""`_quarto.yml` as `sitegen.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.importing.pages import table, texts
from sitegen.importing.quarto_pages import NoteTaker, quarto_execute

CONFIG_NAMES: Final = ("_quarto.yml", "_quarto.yaml")
_READ: Final = frozenset(
    {
        "project",
        "website",
        "book",
        "format",
        "execute",
        "author",
        "lang",
        "title",
        "description",
        "jupyter",
        "bibliography",
        "csl",
    }
)
_WEBSITE: Final = frozenset(
    {
        "title",
        "site-url",
        "description",
        "navbar",
        "favicon",
        "repo-url",
        "site-path",
        "image",
        "page-navigation",
        "search",
    }
)


def site_of(quarto: Mapping[str, Any]) -> dict[str, Any]:
    """`website:`, or `book:` of a book."""
    return table(quarto.get("website")) or table(quarto.get("book"))


def quarto_settings(quarto: Mapping[str, Any], targets: Mapping[str, str], note: NoteTaker) -> dict[str, Any]:
    """The settings of the site.

    Args:
        quarto: `_quarto.yml`.
        targets: sources to content files, from the site's root.
        note: told what has no counterpart.
    """
    site = site_of(quarto)
    for key in sorted(set(quarto) - _READ):
        note("lost", "settings of Quarto", f"`{key}` has no effect here", key)
    footer = _footer(site.get("page-footer"))
    of_footer = {"page-footer"} if footer else set()
    for key in sorted(set(site) - _WEBSITE - of_footer - {"author", "chapters", "appendices", "date"}):
        note("lost", "settings of Quarto", f"`website: {key}` has no effect here", "website")
    author = quarto.get("author") or site.get("author")
    name = (
        texts(author)[0] if not isinstance(author, Mapping) and texts(author) else table(author).get("name")
    )
    execute = quarto_execute(quarto, note)
    if isinstance(quarto.get("jupyter"), str):
        execute["kernel"] = quarto["jupyter"]
    favicon, repository = site.get("favicon"), site.get("repo-url")
    base = str(site.get("site-url") or "")
    return {
        "title": str(site.get("title") or quarto.get("title") or "") or None,
        "description": str(site.get("description") or "") or None,
        "baseURL": f"{base.rstrip('/')}/" if "://" in base else None,
        "locale": str(quarto.get("lang") or "") or None,
        "copyright": footer,
        "author": {"name": str(name)} if name else None,
        "execute": execute,
        "bibliography": texts(quarto.get("bibliography")) or None,
        "csl": str(quarto.get("csl") or "") or None,
        "params": {
            "favicon": f"/{str(favicon).lstrip('/')}" if favicon else None,
            "repository": str(repository).rstrip("/") if repository else None,
        },
        "menus": {"main": _menu(table(site.get("navbar")), targets)},
    }


def _footer(footer: object) -> str | None:
    """The one text of a footer; None where it has several, entries, or markup, which our line has not."""
    parts = [part for side, part in table(footer).items() if side in ("left", "center", "right")]
    text = footer if isinstance(footer, str) else parts[0] if len(parts) == 1 else None
    return text.strip() if isinstance(text, str) and not re.search(r"[<\[{]", text) else None


def _menu(navbar: Mapping[str, Any], targets: Mapping[str, str]) -> list[dict[str, Any]]:
    """The bar's entries, left ones first; those of a drop-down menu below their own."""
    made: list[dict[str, Any]] = []

    def add(item: object, parent: str) -> None:
        known = table(item) if isinstance(item, Mapping) else {"href": item}
        href = str(known.get("href") or known.get("file") or "")
        inner = known.get("menu")
        icon = str(known.get("icon") or "").replace("-", " ").title()
        name = str(known.get("text") or known.get("aria-label") or icon or _name(href))
        if not name or (not href and not isinstance(inner, list)) or set(name) == {"-"}:
            return
        entry: dict[str, Any] = {"name": name, "weight": len(made) + 1}
        if parent:
            entry["parent"] = parent
        if isinstance(inner, list):
            entry["identifier"] = name
        if href:
            entry |= _goal(href, targets)
        made.append(entry)
        for each in inner if isinstance(inner, list) and not parent else ():
            add(each, name)

    for side in ("left", "right"):
        items = navbar.get(side)
        for item in items if isinstance(items, list) else ():
            add(item, "")
    return made


def _goal(href: str, targets: Mapping[str, str]) -> dict[str, str]:
    path, mark, rest = href.partition("#")
    plain = path.removeprefix("./").lstrip("/")
    if "://" in href or href.startswith("mailto:"):
        return {"url": href}
    if plain in targets:
        target = PurePosixPath(targets[plain])
        is_folder = target.stem in ("index", "_index")
        key = target.parent if is_folder else target.with_suffix("")
        whole = "/" if key.as_posix() == "." else f"/{key}"
        return {"pageRef": whole} if not mark else {"url": f"{whole.rstrip('/')}/#{rest}"}
    return {"url": f"/{plain}{mark}{rest}"}


def _name(href: str) -> str:
    stem = PurePosixPath(href).stem
    stem = PurePosixPath(href).parent.name if stem == "index" else stem
    return stem.replace("-", " ").replace("_", " ").title() or "Home"
