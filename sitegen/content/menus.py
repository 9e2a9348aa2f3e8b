"""Menus from the configuration, from front matter and from the top-level sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import PurePosixPath
from typing import Final

from sitegen.config import Config, MenuItem
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, MenuEntry
from sitegen.content.tree import key_of
from sitegen.errors import Diagnostic, SourceLocation, near_match
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

_CONFIGURED: Final = SourceLocation(path=PurePosixPath("sitegen.toml"))
_DEEPEST: Final = 30
"""Levels of a menu; no reader finds an entry on the fourth."""
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Menus:
    """Every menu with its entries as a tree."""

    entries: FrozenDict[str, tuple[MenuEntry, ...]]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry before it has its place, and where it is written."""

    entry: MenuEntry
    parent: str
    """Identifier or name."""
    location: SourceLocation

    @property
    def key(self) -> str:
        """By which two entries are one."""
        return self.entry.identifier


@dataclass(slots=True)
class _Drafts:
    """The entries of one menu while they are gathered."""

    entries: list[_Draft] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    """Of the entries."""

    def add(self, draft: _Draft, menu: str) -> Iterator[Diagnostic]:
        """Takes an entry of a page, unless the menu has one with its identifier."""
        if draft.key and draft.key in self.keys:
            yield _given_twice(draft, menu)
        else:
            self.keys.add(draft.key)
            self.entries.append(draft)

    def drop_doubles(self, menu: str) -> Iterator[Diagnostic]:
        """Of configured entries with one identifier the last in the menu's order is kept."""
        in_order = sorted(self.entries, key=lambda draft: _in_menu(draft.entry))
        last = {draft.key: draft for draft in in_order}
        self.entries = [draft for draft in in_order if not draft.key or last[draft.key] is draft]
        self.keys.update(last)
        return (_given_twice(draft, menu) for draft in in_order if draft.key and last[draft.key] is not draft)

    @property
    def parents(self) -> dict[str, str]:
        """The parent of each entry, by identifier and by name."""
        return {
            name: draft.parent
            for draft in self.entries
            for name in (draft.entry.identifier, draft.entry.name)
            if name
        }

    def orphans(self, menu: str) -> Iterator[Diagnostic]:
        """Entries whose parent is none, is below them, or has too many above it."""
        parents = self.parents
        for draft in self.entries:
            if not draft.parent or _may_hold(draft.parent, parents):
                continue
            is_none = draft.parent not in parents
            yield Diagnostic(
                code="SG126",
                severity="warning",
                message=(
                    f"the parent `{draft.parent}` of `{draft.entry.name}` is no entry of the menu `{menu}`"
                    if is_none
                    else f"`{draft.entry.name}` is below itself, or below more than {_DEEPEST} entries of the menu `{menu}`"
                ),
                location=draft.location,
                hint=_parent_hint(draft.parent, parents) if is_none else "give it another `parent`, or none",
            )


def _parent_hint(parent: str, known: Iterable[str]) -> str:
    near = near_match(parent, known)
    return "give the `identifier` of an entry of that menu" + (f"; the nearest is `{near}`" if near else "")


def _given_twice(draft: _Draft, menu: str) -> Diagnostic:
    return Diagnostic(
        code="SG126",
        severity="warning",
        message=f"the menu `{menu}` has another entry `{draft.key}`; this one is left out",
        location=draft.location,
        hint="give one of the two another `identifier`",
    )


def build_menus(pages: Mapping[PageKey, IndexedPage], config: Config) -> Menus:
    """All menus; entries by weight (none comes last), then by name.

    Of two entries with one identifier, or without one by their name, a menu has the last: configuration
    goes before front matter. An entry whose parent no entry is stands at the top.

    Args:
        pages: in default order.
        config: for its menus and the name of the menu of sections.
    """
    drafts: dict[str, _Drafts] = {}
    diagnostics: list[Diagnostic] = []
    for menu, items in config.menus.items():
        draft = drafts.setdefault(menu, _Drafts())
        for item in items:
            entry, problem = _configured(item, pages)
            diagnostics += [problem] if problem else []
            draft.entries.append(_Draft(entry, item.parent, item.location or _CONFIGURED))
        diagnostics += draft.drop_doubles(menu)
    for page in pages.values():
        for menu, fields in page.meta.menus.items() if page.meta.build.list == "always" else ():
            entry, parent = _of_page(page, fields)
            diagnostics += drafts.setdefault(menu, _Drafts()).add(
                _Draft(entry, parent, _where(page, menu)), menu
            )
    if config.section_pages_menu:
        _add_sections(drafts.setdefault(config.section_pages_menu, _Drafts()), pages.values())
    for menu, draft in drafts.items():
        diagnostics += draft.orphans(menu)
    entries = {menu: _tree(draft) for menu, draft in drafts.items()}
    return Menus(entries=FrozenDict(entries), diagnostics=tuple(diagnostics))


def _where(page: IndexedPage, menu: str) -> SourceLocation:
    """The place of the `parent` of a page's entry, else of its `menus`; a list page without a file has them from
    the configuration's cascade.
    """
    if page.source is None:
        return _CONFIGURED
    name = "menus" if "menus" in page.meta.lines else "menu"
    line, column = page.meta.nested.get(f"{name}.{menu}.parent", (page.meta.lines.get(name), None))
    return SourceLocation(path=page.source.path, line=line, column=column or (1 if line else None))


def _configured(item: MenuItem, pages: Mapping[PageKey, IndexedPage]) -> tuple[MenuEntry, Diagnostic | None]:
    page = _referred(item.page_ref, pages) if item.page_ref else None
    problem = None
    if item.page_ref and page is None:
        problem = Diagnostic(
            code="SG204",
            severity="warning",
            message=f"the menu entry `{item.name or item.identifier}` leads to no page: `{item.page_ref}`",
            location=item.location or _CONFIGURED,
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
    params = fields.get("params")
    entry = MenuEntry(
        identifier=text("identifier") or name,
        name=name,
        title=text("title") or page.title,
        url=page.url,
        page=page.key,
        weight=_weight(fields.get("weight")) or page.meta.weight,
        pre=text("pre"),
        post=text("post"),
        params=params if isinstance(params, FrozenDict) else FrozenDict(),
    )
    return entry, text("parent")


def _weight(value: object) -> int:
    """A weight as Hugo reads it: `"3"` and 2.5 too."""
    if isinstance(value, (int, float)):
        return int(value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value) else 0


def _add_sections(drafts: _Drafts, pages: Iterable[IndexedPage]) -> None:
    """The top-level sections that the menu does not have yet, by identifier or page."""
    taken = {draft.key.lower() for draft in drafts.entries} | {draft.entry.page for draft in drafts.entries}
    for page in pages:
        if page.kind == "section" and page.parent == "/" and page.url:
            identifier = page.section
            if identifier.lower() not in taken and page.key not in taken:
                entry, _ = _of_page(page, FrozenDict({"identifier": identifier}))
                drafts.entries.append(_Draft(entry, "", _CONFIGURED))


def _tree(drafts: _Drafts) -> tuple[MenuEntry, ...]:
    """Entries below their parents; one whose parent is missing or below itself stands at the top."""
    parents = drafts.parents
    below: dict[str, list[MenuEntry]] = {}
    for draft in drafts.entries:
        parent = draft.parent if _may_hold(draft.parent, parents) else ""
        below.setdefault(parent, []).append(draft.entry)
    return _level(below, "", "")


def _in_menu(entry: MenuEntry) -> tuple[object, ...]:
    """A sort key: weight (none comes last), name without case, identifier."""
    return (entry.weight == 0, entry.weight, entry.name.lower(), entry.name, entry.identifier)


def _may_hold(name: str, parents: Mapping[str, str]) -> bool:
    """Whether it is an entry from which the way up ends, after a few steps: else a menu would be as deep as it is long."""
    is_entry = name in parents
    for _ in range(_DEEPEST):
        if name not in parents:
            return is_entry
        name = parents[name]
    return False


def _level(below: Mapping[str, list[MenuEntry]], identifier: str, name: str) -> tuple[MenuEntry, ...]:
    found = [*below.get(identifier, ()), *(below.get(name, ()) if name and name != identifier else ())]
    found.sort(key=_in_menu)
    return tuple(
        replace(entry, children=_level(below, entry.identifier, entry.name)) if entry.identifier else entry
        for entry in found
    )


def _referred(reference: str, pages: Mapping[PageKey, IndexedPage]) -> IndexedPage | None:
    path = re.sub(r"(?:/?_?index)?\.(?:md|markdown|mdown)$", "", reference)
    return pages.get(key_of(path))


def _url(url: str) -> str:
    """A site path with its first slash, a part (`#about`) as one of the home page; addresses with a scheme as they are."""
    return url if not url or _ADDRESS.match(url) else f"/{url}"
