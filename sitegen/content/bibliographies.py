"""Which `.bib` files a site has, where they are looked for, and which of them a page cites from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.front_places import place_in_front, place_in_settings
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

if TYPE_CHECKING:  # here they are only named: a site without a `.bib` imports no reader of it
    from sitegen.content.bibliography import Bibliography, Entry
    from sitegen.content.index import SiteIndex
    from sitegen.content.tree import Place

_SUFFIX: Final = ".bib"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliographies:
    """The bibliographies of a site, and whose they are."""

    files: FrozenDict[PurePosixPath, Bibliography] = field(default_factory=FrozenDict)
    """Those that are named somewhere, by path below the root."""
    of_site: tuple[PurePosixPath, ...] = ()
    """Those of the configuration, which every page cites from."""
    of_page: FrozenDict[PageKey, tuple[PurePosixPath, ...]] = field(default_factory=FrozenDict)
    """What a page's front matter names, and a section's one `.bib`."""
    looked_for: tuple[PurePosixPath, ...] = ()
    """Below the root: the files, and the places where there was none."""
    diagnostics: tuple[Diagnostic, ...] = ()


def bibliographies_of(index: SiteIndex, page: PageKey) -> tuple[Bibliography, ...]:
    """Those that a page cites from, its own first, then the configuration's."""
    known = index.bibliographies
    if known is None:
        return ()
    paths = dict.fromkeys((*known.of_page.get(page, ()), *known.of_site))
    return tuple(known.files[path] for path in paths)


def cited_entry(index: SiteIndex, page: PageKey, key: str) -> Entry | None:
    """The entry that `[@key]` on a page means: of its first bibliography that has the key."""
    return next(
        (
            bibliography.entries[key]
            for bibliography in bibliographies_of(index, page)
            if key in bibliography.entries
        ),
        None,
    )


def find_bibliographies(
    places: Mapping[PageKey, Place], config: Config, known: Mapping[PurePosixPath, Bibliography]
) -> Bibliographies:
    """Every bibliography that the configuration, a page or a section names, read unless it is known.

    Args:
        places: every page, with its own front matter.
        config: of the site.
        known: by path below the root, those of an earlier build whose files have not changed since.
    """
    asking = [place for place in places.values() if _asks(place)]
    finder = _Finder(config, known)
    of_site = tuple(finder.named(config.bibliography, None))
    of_page = {place.key: tuple(finder.of_place(place)) for place in asking}
    problems = (problem for found in finder.files.values() for problem in found.diagnostics)
    return Bibliographies(
        files=FrozenDict(finder.files),
        of_site=of_site,
        of_page=FrozenDict({key: paths for key, paths in of_page.items() if paths}),
        looked_for=tuple(finder.looked_for),
        diagnostics=(*finder.problems, *problems),
    )


def is_publications(place: Place) -> bool:
    """Whether it is a section that lists papers: of that type, by its front matter or its folder's name."""
    return (
        place.kind == "section"
        and place.source is not None
        and (place.meta.type or place.section) == "publications"
    )


def _asks(place: Place) -> bool:
    return "bibliography" in place.meta.params or is_publications(place)


class _Finder:
    """Looks for files, reads each once, and notes where it has looked."""

    def __init__(self, config: Config, known: Mapping[PurePosixPath, Bibliography]) -> None:
        self._config = config
        self._known = known
        self.files: dict[PurePosixPath, Bibliography] = {}
        self.looked_for: dict[PurePosixPath, None] = {}
        self.problems: list[Diagnostic] = []

    def of_place(self, place: Place) -> Iterator[PurePosixPath]:
        """What the page's front matter names; of a section of papers without a word of it, the one in its bundle."""
        source = place.source
        if source is None:
            return
        names = place.meta.params.get("bibliography")
        if names:
            listed = names if isinstance(names, tuple) else (names,)
            yield from self.named((name for name in listed if isinstance(name, str)), place)
            return
        if not is_publications(place):
            return
        inside = [each.file for each in source.resources if each.name.suffix.lower() == _SUFFIX]
        if len(inside) == 1:
            yield self._read(inside[0])
        elif inside:
            named = ", ".join(f"`{file.name}`" for file in inside)
            self._tell(
                f"the section holds {len(inside)} bibliographies: {named}",
                SourceLocation(path=source.path),
                'say which it lists: `bibliography = "NAME.bib"`',
            )

    def named(self, names: Iterable[str], place: Place | None) -> Iterator[PurePosixPath]:
        """The files of these names; one that is not there is an SG133 error."""
        for name in names:
            found = self._found(name, place)
            if found is not None:
                yield self._read(found)
                continue
            bundle = "in the page's folder, " if place is not None else ""
            at = place_in_front(place, "bibliography", text=name) if place is not None else None
            self._tell(
                f"the bibliography `{name}` is not there",
                at or place_in_settings(self._config, "bibliography", name),
                f"put the file {bundle}at that path from the site's root, in `content/` or in `data/`",
            )

    def _found(self, name: str, place: Place | None) -> Path | None:
        if place is not None and place.source is not None:
            for resource in place.source.resources:
                if str(resource.name) == name.removeprefix("./"):
                    return resource.file
        config = self._config
        for folder in (config.root, config.content_dir, config.data_dir):
            file = Path(os.path.normpath(folder / name.lstrip("/")))
            if not file.is_relative_to(config.root):
                continue
            self.looked_for[config.relative_to_root(file)] = None
            if file.is_file():
                return file
        return None

    def _read(self, file: Path) -> PurePosixPath:
        path = self._config.relative_to_root(file)
        self.looked_for[path] = None
        if path not in self.files:
            self.files[path] = self._known.get(path) or self._fresh(file)
        return path

    def _fresh(self, file: Path) -> Bibliography:
        from sitegen.content.bib_files import read_bibliography  # here: few sites have one

        return read_bibliography(file, self._config.root)

    def _tell(self, message: str, location: SourceLocation, hint: str) -> None:
        self.problems.append(
            Diagnostic(code="SG133", severity="error", message=message, location=location, hint=hint)
        )
