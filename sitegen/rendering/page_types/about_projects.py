"""Which pages are about which project: those whose front matter's `project` names it."""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.content.theme_names import named_project, texts_of


def pages_about_projects(index: SiteIndex) -> Mapping[PageKey, tuple[PageKey, ...]]:
    """Project to the regular pages about it, in the site's order; a name that no page has is about nothing."""
    found: dict[PageKey, dict[PageKey, None]] = {}
    for key in index.regular:
        written = index.pages[key].meta.params.get("project")
        if not written:
            continue
        for name in texts_of(written):
            project = named_project(index, name, key)
            if project is not None and project != key:
                found.setdefault(project, {})[key] = None
    return {project: tuple(keys) for project, keys in found.items()}
