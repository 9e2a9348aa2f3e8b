"""Menus from the configuration, from front matter and from the top-level sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final

from sitegen.config import Config, MenuItem
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, MenuEntry
from sitegen.content.order import collated
from sitegen.content.tree import key_of
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#|/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Menus:
    """Every menu with its entries as a tree."""

    entries: FrozenDict[str, tuple[MenuEntry, ...]]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(slots=True)
class _Drafts:
    """The entries of one menu while they are gathered: each with its parent's identifier or name."""

    entries: list[tuple[MenuEntry, str]] = field(default_factory=list)


def build_menus(pages: Mapping[PageKey, IndexedPage], config: Config) -> Menus:
    """All menus; entries by weight (none comes last), then by name.

    Args:
        pages: in default order.
        config: for its menus and the name of the menu of sections.
    """
    drafts: dict[str, _Drafts] = {}
    diagnostics: list[Diagnostic] = []
    for menu, items in config.menus.items():
        for item in items:
            entry, problem = _configured(item, pages)
            diagnostics += [problem] if problem else []
            drafts.setdefault(menu, _Drafts()).entries.append((entry, item.parent))
    for page in pages.values():
        for menu, fields in page.meta.menus.items():
            entry, parent = _of_page(page, fields)
            drafts.setdefault(menu, _Drafts()).entries.append((entry, parent))
    if config.section_pages_menu:
        _add_sections(drafts.setdefault(config.section_pages_menu, _Drafts()), pages.values())
    entries = {menu: _tree(draft.entries) for menu, draft in drafts.items()}
    return Menus(entries=FrozenDict(entries), diagnostics=tuple(diagnostics))


def _configured(item: MenuItem, pages: Mapping[PageKey, IndexedPage]) -> tuple[MenuEntry, Diagnostic | None]:
    page = _referred(item.page_ref, pages) if item.page_ref else None
    problem = None
    if item.page_ref and page is None:
        problem = Diagnostic(
            code="SG204",
            severity="warning",
            message=f"the menu entry `{item.name or item.identifier}` leads to no page: `{item.page_ref}`",
            location=SourceLocation(path=PurePosixPath("sitegen.toml")),
            hint="give the path of a page that is built, such as `/posts`",
        )
    name = item.name or (page.meta.link_title or page.title if page else item.identifier)
    weight = item.weight or (page.meta.weight if page else 0)
    entry = MenuEntry(
        identifier=item.identifier or name,
        name=name,
        title=item.title or (page.title if page else name),
        url=page.url if page else _url(item.url or item.page_ref),
        page=page.key if page else None,
        weight=weight,
        pre=item.pre,
        post=item.post,
        params=item.params,
    )
    return entry, problem


def _of_page(page: IndexedPage, fields: FrozenDict[str, object]) -> tuple[MenuEntry, str]:
    """An entry from front matter, and its parent."""

    def text(name: str) -> str:
        value = fields.get(name)
        return "" if value is None else str(value)

    name = text("name") or page.meta.link_title or page.title
    weight = fields.get("weight")
    params = fields.get("params")
    entry = MenuEntry(
        identifier=text("identifier") or name,
        name=name,
        title=text("title") or page.title,
        url=page.url,
        page=page.key,
        weight=weight if isinstance(weight, int) else page.meta.weight,
        pre=text("pre"),
        post=text("post"),
        params=params if isinstance(params, FrozenDict) else FrozenDict(),
    )
    return entry, text("parent")


def _add_sections(draft: _Drafts, pages: Iterable[IndexedPage]) -> None:
    """The top-level sections that the menu does not have yet, by identifier or page."""
    taken = {entry.identifier.lower() for entry, _ in draft.entries} | {
        entry.page for entry, _ in draft.entries
    }
    for page in pages:
        if page.kind == "section" and page.parent == "/" and page.url:
            identifier = page.section
            if identifier.lower() not in taken and page.key not in taken:
                entry, _ = _of_page(page, FrozenDict({"identifier": identifier}))
                draft.entries.append((entry, ""))


def _tree(entries: list[tuple[MenuEntry, str]]) -> tuple[MenuEntry, ...]:
    """Entries below their parents; one whose parent is missing or below itself stands at the top."""
    parents = {name: parent for entry, parent in entries for name in (entry.identifier, entry.name)}
    below: dict[str, list[MenuEntry]] = {}
    for entry, parent in entries:
        is_below = parent in parents and not _is_circle(parent, parents)
        below.setdefault(parent if is_below else "", []).append(entry)
    return _level(below, "", "")


def _is_circle(name: str, parents: Mapping[str, str]) -> bool:
    """Whether the way up from an entry never ends."""
    seen = set()
    while name in parents and name not in seen:
        seen.add(name)
        name = parents[name]
    return name in seen


def _level(below: Mapping[str, list[MenuEntry]], identifier: str, name: str) -> tuple[MenuEntry, ...]:
    found = [*below.get(identifier, ()), *(below.get(name, ()) if name != identifier else ())]
    found.sort(key=lambda entry: (entry.weight == 0, entry.weight, *collated(entry.name)))
    return tuple(
        replace(entry, children=_level(below, entry.identifier, entry.name)) if entry.identifier else entry
        for entry in found
    )


def _referred(reference: str, pages: Mapping[PageKey, IndexedPage]) -> IndexedPage | None:
    path = re.sub(r"(?:/?_?index)?\.(?:md|markdown|mdown)$", "", reference)
    return pages.get(key_of(path))


def _url(url: str) -> str:
    """A site path with its first slash; an address with a scheme and a fragment as they are."""
    return url if not url or _ADDRESS.match(url) else f"/{url}"
