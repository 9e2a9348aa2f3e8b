"""Which pages are about which project: those whose front matter's `project` names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.content.resolve import resolve_page

_SECTION: Final = "/projects"


def pages_about_projects(index: SiteIndex) -> Mapping[PageKey, tuple[PageKey, ...]]:
    """Project to the regular pages about it, in the site's order; a name that no page has is about nothing.

    A project is named by the folder below `content/projects/`, or by any path that `ref` would find.
    """
    found: dict[PageKey, dict[PageKey, None]] = {}
    for key in index.regular:
        written = index.pages[key].meta.params.get("project")
        if not written:
            continue
        for name in (written,) if isinstance(written, str) else written if isinstance(written, tuple) else ():
            below = PageKey(f"{_SECTION}/{str(name).strip('/').lower()}")
            project = below if below in index.pages else resolve_page(index, str(name), key)
            if project is not None and project != key:
                found.setdefault(project, {})[key] = None
    return {project: tuple(keys) for project, keys in found.items()}
