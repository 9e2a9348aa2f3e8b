"""What a noted fact is worth in one state of the site, and which facts a change can have touched.

While a page is composed or a file rendered, a recorder notes facts (`recorder.Fact`). The next build makes a `World` of
the site as it was and one of the site as it is, asks both for a fact's value by the code that the templates call, and
makes again only what read a fact whose values differ. So that it need not ask for every fact, `Changes` says from a few
sets of what has changed which facts may differ at all; `dependencies.py` has the table.

A page is composed before other pages' summaries are known, and rendered after: facts of the two stages are asked of
two worlds, one without summaries and one with them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

from jinja2 import Undefined

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.resolve import left_out, resolve_page
from sitegen.files import digest_file
from sitegen.frozen import FrozenDict, thaw
from sitegen.rendering.assets import Asset, theme_folder
from sitegen.rendering.incremental.dependencies import Changes
from sitegen.rendering.incremental.related_changes import other_relations
from sitegen.rendering.links import file_of_url, resolve_link
from sitegen.rendering.lists.related import RelatedPages, parameter
from sitegen.rendering.machines.feeds import feed_item, feed_pages
from sitegen.rendering.machines.sitemap import generated_pages, sitemap_entries, sitemap_entry, sitemap_path
from sitegen.rendering.recorder import ANY_CASE, NO_RECORDER, RawFact
from sitegen.rendering.resources import written_files
from sitegen.rendering.static import paths_of
from sitegen.rendering.templating.shortcode_tools import did_you_mean_page
from sitegen.rendering.values import PageSummary
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.parts import ConfigView, ParamsView
from sitegen.rendering.views.site_view import SiteView
from sitegen.results.ledger import Ledger, LedgerEntry


class _Nothing(NamedTuple):
    """Stands for what is not there; a value of its own, since None is one that a field may have."""

    what: str


class Failed(NamedTuple):
    """What asking for a fact raised: two worlds in which it fails alike are alike."""

    kind: str
    message: str


class World:
    """The site at one moment, as far as facts are concerned. Asking for a value notes nothing and raises nothing."""

    def __init__(
        self,
        index: SiteIndex,
        config: Config,
        *,
        summaries: Mapping[PageKey, PageSummary] | None = None,
        ledger: Ledger | None = None,
        templates: Mapping[str, str] | None = None,
        assets: Mapping[str, str] | None = None,
        file_digest: Callable[[str], object] = lambda path: path,
        related: RelatedPages | None = None,
    ) -> None:
        """Make it; what a world is not given is empty in it.

        Args:
            index: of the site.
            config: of the site.
            summaries: of all composed pages; None for the facts of composing.
            ledger: of all runs; None where facts of runs are not asked for.
            templates: name to digest of every template, as `template_digests` gives it.
            assets: name to address and digest of every asset, as `asset_digests` gives it.
            related: which pages are related to which, where that is known; else it is found out when asked for.
            file_digest: what a file's content is told by, from its path below the root; None for one that is not there.
        """
        self._index = index
        self._config = config
        self._summaries = summaries
        self._ledger = ledger
        self._templates = templates if templates is not None else {}
        self._assets = assets if assets is not None else {}
        self._file_digest = file_digest
        self._site = SiteView(
            index,
            config,
            recorder=NO_RECORDER,
            summaries=summaries,
            ledger=ledger if summaries is not None else None,  # shortcodes know of no run
            contents=self._content,
            related=related,
        )
        self._related = related
        self._settings = ConfigView(config, NO_RECORDER)

    def value(self, fact: RawFact) -> object:
        """What the fact is worth here: to be compared with `==` with its value in another world."""
        subject, owner, field = fact
        try:
            return _plain(_VALUES[subject](self, owner, field))
        except Exception as error:  # what a template would meet: the same in both worlds is no difference
            return Failed(type(error).__name__, str(error))

    def narrowed(self, before: World, changes: Changes) -> Changes:
        """The same changes, with what only a look at the pages that differ tells.

        Args:
            before: the world that this one is compared with.
            changes: between the two.
        """
        return replace(
            changes,
            related=self._other_relations(before, changes),
            is_sitemap=self._is_sitemap(before, changes),
            is_stand_ins=self._is_stand_ins(before, changes),
        )

    def _other_relations(self, before: World, changes: Changes) -> frozenset[PageKey] | None:
        """The pages that may be related to others than before; None where any may."""
        if not self._is_related(before, changes):
            return frozenset()
        if self._related is None or before._related is None:  # headings relate pages too
            return None
        return other_relations(before._related, self._related, changes.places)

    def _is_related(self, before: World, changes: Changes) -> bool:
        """Whether pages may be related to others than before: by the fields of `related`, of pages that differ."""
        if changes.is_structure:
            return True
        names = [each.name.lower() for each in self._config.related.indices if each.weight]
        if any(_related_by(self, key, names) != _related_by(before, key, names) for key in changes.places):
            return True
        if "fragments" not in names or self._summaries is None or before._summaries is None:
            return False
        now, then = self._summaries, before._summaries
        return any(
            key not in now or key not in then or now[key].heading_ids != then[key].heading_ids
            for key in changes.summaries
        )

    def _is_sitemap(self, before: World, changes: Changes) -> bool:
        """Whether the sitemap may list other pages, or others of their dates."""
        if changes.is_structure and tuple(before._index.pages) != tuple(self._index.pages):
            return True
        if generated_pages(before._site) != generated_pages(self._site):
            return True
        return any(
            sitemap_entry(before._site, key) != sitemap_entry(self._site, key) for key in changes.places
        )

    def _is_stand_ins(self, before: World, changes: Changes) -> bool:
        """Whether other static files may give way to a page."""
        return changes.is_addresses or any(before._paths(key) != self._paths(key) for key in changes.places)

    def _paths(self, key: PageKey) -> tuple[PurePosixPath, ...]:
        place = self._index.pages.get(key)
        return () if place is None else paths_of(place, self._config)

    # --- each subject

    def _page(self, key: str, field: str) -> object:
        view = self._site.view(PageKey(key))
        if view is None:
            return _Nothing("page")
        ask = _OF_PAGE.get(field.partition("(")[0])
        return _field(view, field) if ask is None else ask(self, view, field)

    def _pager(self, key: str, field: str) -> object:
        view = self._site.view(PageKey(key))
        number, size = map(int, field.split(","))
        return _Nothing("page") if view is None else view.pager(number, size)

    def _of_site(self, _owner: str, field: str) -> object:
        ask = _OF_SITE.get(field)
        return _field(self._site, field) if ask is None else ask(self)

    def _setting(self, _owner: str, field: str) -> object:
        return _field(self._settings, field)

    def _data(self, name: str, _field_name: str) -> object:
        if not name:
            return tuple(self._index.data)
        return self._index.data.get(name, _Nothing("data"))

    def _template(self, name: str, field: str) -> object:
        path = _template_path(name)
        if field == ANY_CASE:
            if name.endswith("/"):
                return frozenset(name for name in self._templates if name.startswith(path))
            path = self._lowered.get(path.lower(), path)
            return path, self._templates.get(path)
        return self._templates.get(path)

    @cached_property
    def _lowered(self) -> Mapping[str, str]:
        """Lower-case name to name, of several that differ in case the last, as `TemplateShortcodes` finds them."""
        return {name.lower(): name for name in sorted(self._templates)}

    def _asset(self, name: str, _field_name: str) -> object:
        if not name:
            return dict(self._assets)
        return self._assets.get(name.removeprefix("/"))

    def _static(self, path: str, _field_name: str) -> object:
        file = self._site.static_file(path)
        if file is None:
            return None
        name = str(self._config.relative_to_root(file))
        return name, self._file_digest(name)

    def _link(self, key: str, target: str) -> object:
        place = self._index.pages.get(PageKey(key))
        if place is None:
            return _Nothing("page")
        link = resolve_link(target, place, self._index, self._config)
        named = resolve_page(self._index, re.split(r"[?#]", target, maxsplit=1)[0], place.key)
        return (
            link,
            file_of_url(target, place, self._index, self._config),
            None if named is None else (named, self._index.pages[named].url),
            left_out(self._index, target) if link.is_broken else None,
            self._hint(target, named),
        )

    def _hint(self, target: str, named: PageKey | None) -> str | None:
        """What is told of a reference to no page, where that is no error: what is one is asked again anyway."""
        if self._config.ref_links_error_level != "warning":
            return None
        is_found = named is not None and self._index.pages[named].url
        return None if is_found else did_you_mean_page(target, self._index)

    def _citation(self, key: str, cited: str) -> object:
        """The entry that a page cites, or what is told of a key that there is none of."""
        from sitegen.content.bibliographies import cited_entry
        from sitegen.content.cited import keys_of, near_keys

        page = PageKey(key)
        if cited == "*":
            return keys_of(self._index, page)
        entry = cited_entry(self._index, page, cited)
        return near_keys(self._index, page, cited) if entry is None else entry

    def _file(self, path: str, _field_name: str) -> object:
        return self._file_digest(path)

    # --- what no view has a name for

    def _feed_pages(self, view: PageView, _field_name: str) -> object:
        return feed_pages(view, self._site, self._config)

    def _feed_item(self, view: PageView, field: str) -> object:
        item = feed_item(view, self._site, is_full=field.endswith("(1)"))
        terms = self._index.page_terms.get(view.key, ())  # their titles are facts of their own
        return replace(item, tags=()), terms, view.title, view.description

    def _told_by_ledger(self, view: PageView, _field_name: str) -> object:
        ledger, key = self._ledger, view.key
        if ledger is None:
            return None
        shown = ledger.shown.get(key)
        return (
            *(ledger.states.get(key), shown, ledger.runs.get(key), ledger.unlisted.get(key)),
            *(ledger.page_cells.get(key), self._entries.get(key)),
            ledger.accepted.get(shown.record) if shown is not None else None,
        )

    @cached_property
    def _entries(self) -> Mapping[PageKey, list[LedgerEntry]]:
        """The ledger's entries by page."""
        found: dict[PageKey, list[LedgerEntry]] = {}
        for (key, _), entry in self._ledger.entries.items() if self._ledger is not None else ():
            found.setdefault(key, []).append(entry)
        return found

    def _embedded(self, view: PageView, _field_name: str) -> object:
        place = self._index.pages[view.key]
        source = place.source.path if place.source is not None else None
        return place.url, place.title, place.execution.trust, source

    def _written(self, view: PageView, _field_name: str) -> object:
        place = self._index.pages[view.key]
        return tuple(each.name for each in place.resources if each.file in self._written_files)

    @cached_property
    def _written_files(self) -> frozenset[Path]:
        return written_files(self._index, self._ledger, self._config)

    def _content(self, key: PageKey) -> str:
        """A page's content, of which the digest says enough."""
        summary = self._summaries.get(key) if self._summaries is not None else None
        return f"{summary.content_digest} at {self._index.pages[key].url}" if summary is not None else ""


_VALUES: Final[Mapping[str, Callable[[World, str, str], object]]] = {
    "page": World._page,
    "pager": World._pager,
    "site": World._of_site,
    "setting": World._setting,
    "data": World._data,
    "template": World._template,
    "asset": World._asset,
    "static": World._static,
    "link": World._link,
    "file": World._file,
    "citation": World._citation,
}
_OF_PAGE: Final[Mapping[str, Callable[[World, PageView, str], object]]] = {
    "feed_pages": World._feed_pages,
    "feed_item": World._feed_item,
    "ledger": World._told_by_ledger,
    "embedded": World._embedded,
    "written": World._written,
}
"""Facts of a page that are noted where no field of its view is read."""
_OF_SITE: Final[Mapping[str, Callable[[World], object]]] = {
    "build_date": lambda world: world,  # equal to no other: never what it was
    "sitemap": lambda world: sitemap_entries(world._site),
    "sitemap_path": lambda world: sitemap_path(world._site),
    "stand_ins": lambda world: world._site.stand_ins,
    "static_files": lambda world: world._index.static_files,
    "written_files": lambda world: world._written_files,
    "metric_names": lambda world: None if world._ledger is None else tuple(world._ledger.entries),
}
"""The same of the site."""


def asset_digests(assets: Mapping[str, Asset]) -> dict[str, str]:
    """Name to what a page can have read of an asset: its address and its content."""
    return {name: f"{asset.url} {asset.digest}" for name, asset in assets.items()}


def template_digests(config: Config) -> dict[str, str]:
    """Name, as templates are asked for by, to what the site's or the theme's file of that name holds.

    A template of the site that holds what the theme's does is another all the same: Jinja is told where it lies.

    Raises:
        OSError: a file cannot be read.
    """
    theme = {name: digest_file(file) for name, file in _files_below(theme_folder() / "templates")}
    own = {name: f"own {digest_file(file)}" for name, file in _files_below(config.templates_dir)}
    return {**{f"theme/{name}": digest for name, digest in theme.items()}, **theme, **own}


def _files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file with each of its names; links are followed, but for those to a folder that they lie in."""
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not _leads_up(Path(place, name))]
        for name in names:
            file = Path(place, name)
            yield file.relative_to(folder).as_posix(), file


def _leads_up(path: Path) -> bool:
    return path.is_symlink() and path.parent.resolve().is_relative_to(path.resolve())


def place_identity(place: IndexedPage) -> tuple[object, ...]:
    """What of a page's place can show in a file: all but the text of its source, which composing has read."""
    source = place.source
    told = (source.path, source.content_path, source.bundle, source.format) if source is not None else None
    own = tuple(
        getattr(place, field.name) for field in fields(place) if field.name not in ("source", "execution")
    )
    return (told, place.execution, *own)


def _related_by(world: World, key: PageKey, names: Sequence[str]) -> object:
    """What makes a page one that others are related to."""
    place = world._index.pages.get(key)
    if place is None:
        return None
    meta = place.meta
    dates = (place.date, place.lastmod, meta.publish_date, meta.expiry_date)
    return place.title, dates, [parameter(place, name) for name in names]


def _field(view: Any, field: str) -> object:
    """A view's field by the name under which it is noted: `title`, `params.hero`, `related(5)`, `get_page(/a)`."""
    name, is_call, arguments = field.partition("(")
    if is_call:
        given = arguments.removesuffix(")")
        if name in ("get_page", "about_project"):
            return getattr(view, name)(given)
        return getattr(view, name)(int(given) if given else None)
    name, is_part, rest = field.partition(".")
    return getattr(view, name)[rest] if is_part else getattr(view, name)


def _plain(value: Any) -> object:
    """The value without a view in it: pages by their keys."""
    if isinstance(value, PageView):
        return ("page", value.key)
    if isinstance(value, Undefined):
        return _Nothing("parameter")
    if isinstance(value, ParamsView):
        return thaw(value._items)
    if isinstance(value, (str, bytes, int, float, PurePosixPath, FrozenDict, _Nothing)) or value is None:
        return value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return tuple(_plain(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *(_plain(getattr(value, field.name)) for field in fields(value)))
    return value


def _template_path(name: str) -> str:
    """A template's name as loaders read it: without empty parts and `.`."""
    return "/".join(part for part in name.split("/") if part and part != ".")
