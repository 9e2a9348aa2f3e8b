"""The site's menus, as templates see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sitegen.content.index import MenuEntry
from sitegen.rendering.urls import with_base
from sitegen.rendering.views.parts import MenuEntryView, ParamsView

if TYPE_CHECKING:
    from sitegen.rendering.views.site_view import SiteView


def menus_of(site: SiteView, note: Callable[[str], None]) -> Menus:
    """The menus of a site; `note` is told of each read."""
    entries = {
        name: tuple(_entry(entry, site) for entry in entries) for name, entries in site.index.menus.items()
    }
    return Menus(entries, note)


class Menus(Mapping[str, tuple[MenuEntryView, ...]]):
    """Menus by name; one that is not defined is empty, so that a theme need not ask."""

    __slots__ = ("_entries", "_note")

    def __init__(self, entries: Mapping[str, tuple[MenuEntryView, ...]], note: Callable[[str], None]) -> None:
        self._entries = entries
        self._note = note

    def __getitem__(self, name: str) -> tuple[MenuEntryView, ...]:
        self._note(f"menus.{name}")
        return self._entries.get(name, ())

    def get(self, name: str, default: Any = None) -> Any:
        """The menu, or `default` where nobody defines it."""
        return self[name] if name in self else default  # noqa: SIM401 -- this is what it would call

    def __contains__(self, name: object) -> bool:
        self._note("menus")
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        self._note("menus")
        return iter(self._entries)

    def __len__(self) -> int:
        self._note("menus")
        return len(self._entries)

    def __repr__(self) -> str:
        return repr(dict(self.items()))


def _entry(entry: MenuEntry, site: SiteView) -> MenuEntryView:
    return MenuEntryView(
        identifier=entry.identifier,
        name=entry.name,
        title=entry.title,
        url=with_base(site.settings, entry.url),
        page=site.view(entry.page),
        weight=entry.weight,
        pre=Markup(entry.pre),  # noqa: S704 - the author's HTML, as in Hugo
        post=Markup(entry.post),  # noqa: S704
        params=ParamsView(entry.params, lambda _: None),  # a part of the menu's own value
        children=tuple(_entry(child, site) for child in entry.children),
    )
