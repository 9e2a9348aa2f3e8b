"""`/projects/category/nlp/`: a list page for each `category` that projects name, as a taxonomy of that section alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.metadata import PageMeta
from sitegen.content.tree import Place, term_path

SECTION: Final = "projects"
TAXONOMY: Final = "projects/category"
"""Its path; a section of the author's at that place is left alone, and then there are no such lists."""


def categories_of(
    metas: Mapping[PageKey, PageMeta], places: Mapping[PageKey, Place], config: Config
) -> Iterator[tuple[PageKey, str, str]]:
    """Each project that names a category, with the category as written and its path below the taxonomy.

    Args:
        metas: of the pages that are built, in the order of paths.
        places: of the same pages.
        config: of the site.
    """
    if f"/{TAXONOMY}" in places:
        return
    for key, meta in metas.items():
        if not meta.params or places[key].section != SECTION or places[key].kind != "page":
            continue
        written = meta.params.get("category")
        if isinstance(written, str) and meta.build.render != "never" and meta.build.list != "never":
            path = term_path(written, config)
            if path:
                yield key, written, path
