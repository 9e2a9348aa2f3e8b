"""Find the page that a reference names: `ref`, `relref` and links to `.md` and `.ipynb` files."""

from __future__ import annotations

import posixpath
import re
from typing import Final
from urllib.parse import unquote

from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.content.tree import HOME, key_of

PAGE_FILE: Final = re.compile(r"\.(?:md|markdown|mdown|ipynb)$", re.IGNORECASE)
"""The end of a target that names the file of a page."""


def resolve_page(index: SiteIndex, target: str, base: PageKey) -> PageKey | None:
    """The page that `target` names as seen from the page `base`; None where there is none, or several.

    A target in `.ipynb` names notebooks only. With a leading `/` it is a site path. Else it is looked for beside the page's file, then from
    the site's root, then by its last part alone, which only one page may have.

    Args:
        index: of the site.
        target: `../other.md`, `/posts/ppo`, `ppo`; without query and fragment; may be percent-encoded.
        base: the page that the reference stands on.
    """
    path = _without_file_name(unquote(target))
    if path is None:
        return None
    form = "notebook" if target.lower().endswith(".ipynb") else None
    if path.startswith("/"):
        return _page_at(index, path, form)
    for folder in _folders(index, base):
        found = _page_at(index, posixpath.join(folder, path), form)
        if found is not None:
            return found
    found = _page_at(index, f"/{path}", form)
    if found is not None or path.startswith("."):
        return found
    named = index.by_name.get(posixpath.basename(key_of(path)), ())
    fitting = [key for key in named if key.endswith(key_of(path)) and _has_format(index, key, form)]
    return fitting[0] if len(fitting) == 1 else None


def left_out(index: SiteIndex, target: str) -> str | None:
    """A hint where what `target` names is a file that this build leaves out; None where it is no such file."""
    path = _without_file_name(unquote(re.split(r"[?#]", target, maxsplit=1)[0]))
    if path is None:
        return None
    wanted = key_of(path).split("/")[-1]
    for source in index.all_sources:
        if source.path in index.by_source or source.meta.build.render == "never":
            continue
        place = source.content_path
        name = place.parent.name if source.bundle in ("leaf", "branch") else place.stem
        if key_of(name) == f"/{wanted}":
            return f"`{source.path}` is left out: a draft, expired or of the future; build with `-D`, `-E` or `-F`"
    return None


def _without_file_name(target: str) -> str | None:
    """The path of the page that a file stands for: `posts/ppo/index.md` is `posts/ppo`."""
    path, is_file = PAGE_FILE.subn("", target.strip())
    if posixpath.basename(path) == "_index" or (is_file and posixpath.basename(path) == "index"):
        path = posixpath.dirname(path) or "."
    return path.rstrip("/") or ("/" if target.startswith("/") else None)


def _folders(index: SiteIndex, base: PageKey) -> tuple[str, ...]:
    """The folder that the page's file lies in; of a leaf bundle also the one around it."""
    page = index.pages.get(base)
    bundle = page.source.bundle if page is not None and page.source is not None else None
    around = posixpath.dirname(base) or "/"
    if bundle == "leaf":
        return (base, around)
    return (base,) if bundle == "branch" or base == HOME else (around,)


def _page_at(index: SiteIndex, path: str, form: str | None = None) -> PageKey | None:
    key = key_of(posixpath.normpath(path))
    return key if key in index.pages and _has_format(index, key, form) else None


def _has_format(index: SiteIndex, key: PageKey, form: str | None) -> bool:
    """Whether a page is what the target's extension says: `ppo.ipynb` never means the post `ppo.md`."""
    if form is None:  # the page itself is not asked for: it may lie on disk
        return True
    source = index.pages[key].source
    return source is not None and source.format == form
