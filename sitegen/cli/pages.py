"""The page that an author names on the command line: by its source file, its key or its URL."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sitegen.content.document import PageKey
    from sitegen.content.site import SiteIndex


def find_page(page: str, index: SiteIndex, root: Path, *, gone: Iterable[PageKey] = ()) -> PageKey:
    """The page that is meant.

    Args:
        page: as typed: a source file, a key (`/posts/ppo`) or the path of a URL.
        index: of the site.
        root: the site's folder.
        gone: keys of pages that the site may no longer have, but that have results.

    Raises:
        click.BadParameter: there is none.
    """
    from sitegen.errors import near_match

    paths = {str(each.source.path): key for key, each in index.pages.items() if each.source is not None}
    urls = {each.url: key for key, each in index.pages.items() if each.url and each.source is not None}
    keys = {str(key): key for key in gone}
    keys |= {str(key): key for key, each in index.pages.items() if each.source is not None}
    plain = "/" + page.strip("/")
    for known, names in (
        (paths, (_below(page, root), page, f"content/{page}")),
        (keys, (plain, plain.lower())),
        (urls, (page, f"{plain.rstrip('/')}/", plain)),
    ):
        for name in names:
            if name in known:
                return known[name]
    near = near_match(page, paths) or near_match(plain, keys)
    hint = (
        f"; did you mean `{near}`?"
        if near is not None
        else "; a source file, a key such as `/posts/ppo`, or a URL"
    )
    raise click.BadParameter(f"there is no page `{page}`{hint}", param_hint="PAGE")


def _below(page: str, root: Path) -> str:
    """A path as typed in the current folder, relative to the site's root."""
    path = Path(page).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else page
