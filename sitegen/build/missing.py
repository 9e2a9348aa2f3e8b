"""One error for a shortcode that is missing, a template that fails, a weight over the budget and cards without letters, on however
many pages: a long list helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from sitegen.errors import Diagnostic

_OF_SHORTCODES: Final = frozenset({"SG202", "SG206"})
"""Unknown; not translated yet."""
_OF_TEMPLATES: Final = "SG401"
_OF_PAGES: Final = frozenset({"SG409", "SG415"})
"""Cards whose font lacks letters; weights: most pages have the same letters, and load the same files."""
_OF_DIAGRAMS: Final = frozenset({"SG416", "SG414"})
"""Tools that the machine has not, or that do not work."""
_GATHERED: Final = frozenset({*_OF_SHORTCODES, *_OF_DIAGRAMS, *_OF_PAGES})
_MOST_PLACES: Final = 10
_GO_FOLDERS: Final = ("_shortcodes", "shortcodes")
"""Of Hugo's templates, since 0.146 and before."""


def gather_missing(diagnostics: Iterable[Diagnostic], root: Path) -> tuple[Diagnostic, ...]:
    """The diagnostics with one for each shortcode without a template: its first places, and how many there are.

    A template's line that fails is told of the first page by path on which it does, whichever was made first.

    Where `root`, the site's folder, has Hugo's own template of that name, the hint says what to do with it.
    """
    found = tuple(_once_a_line(diagnostics))
    calls: dict[str, list[Diagnostic]] = {}
    for diagnostic in found:
        if diagnostic.code in _GATHERED:
            calls.setdefault(diagnostic.message, []).append(diagnostic)
    return tuple(_one_of_each(found, calls, root))


def _once_a_line(diagnostics: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """Of errors of one line of a template with the same words, that of the first page."""
    found: dict[object, Diagnostic] = {}
    for diagnostic in diagnostics:
        is_template = diagnostic.code == _OF_TEMPLATES
        key = (diagnostic.location, diagnostic.message) if is_template else diagnostic
        if key not in found or (is_template and _page_of(diagnostic) < _page_of(found[key])):
            found[key] = diagnostic
    return found.values()


def _page_of(diagnostic: Diagnostic) -> tuple[str, ...]:
    return tuple(str(place.path) for place in diagnostic.related)


def _one_of_each(
    found: Iterable[Diagnostic], calls: dict[str, list[Diagnostic]], root: Path
) -> Iterator[Diagnostic]:
    for diagnostic in found:
        if diagnostic.code not in _GATHERED:
            yield diagnostic
        elif (same := calls.pop(diagnostic.message, None)) is not None:
            yield _with_go_template(_gathered(same), root)


def _gathered(calls: list[Diagnostic]) -> Diagnostic:
    first = calls[0]
    if len(calls) == 1:
        return first
    places = tuple(call.location for call in calls if call.location is not None)
    pages = len({place.path for place in places})
    where = "one file" if pages == 1 else f"{pages} files"
    said = f"on {len(calls)} pages" if first.code in _OF_PAGES else f"called {len(calls)} times in {where}"
    if first.code in _OF_DIAGRAMS:
        said = f"{len(calls)} diagrams in {where}"
    return replace(
        first,
        message=f"{first.message}, {said}",
        related=places[1:_MOST_PLACES],
    )


def _with_go_template(missing: Diagnostic, root: Path) -> Diagnostic:
    """The error with the way out for somebody who moves from Hugo, where a layout or theme has the shortcode."""
    if missing.code != "SG202":
        return missing
    name = missing.message.split("`")[1]
    found = next(
        (f"{layouts}/{name}.html" for layouts in _go_folders(root) if _is_file(root, layouts, name)), ""
    )
    if not found:
        return missing
    translated = "`sitegen import hugo` translates it or writes a stub"
    return replace(missing, hint=f"`{found}` is a Go template, which never runs here; {translated}")


def _go_folders(root: Path) -> Iterator[str]:
    themes = sorted(path.name for path in root.glob("themes/*") if path.is_dir())
    for layouts in ("layouts", *(f"themes/{theme}/layouts" for theme in themes)):
        yield from (f"{layouts}/{folder}" for folder in _GO_FOLDERS)


def _is_file(root: Path, folder: str, name: str) -> bool:
    try:
        return (root / folder / f"{name}.html").is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False
