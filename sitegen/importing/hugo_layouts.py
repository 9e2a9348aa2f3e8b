"""Hugo's layouts by the role that they have, with the template that has it here."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

_DEFAULTS: Final = {
    "baseof": "base.html",
    "single": "page.html",
    "page": "page.html",
    "list": "list.html",
    "section": "section.html",
    "home": "home.html",
    "taxonomy": "taxonomy.html",
    "term": "term.html",
    "terms": "taxonomy.html",
    "404": "404.html",
    "all": "base.html",
}
"""Base name of a layout to our template; both generations of Hugo's names."""
_ROOT: Final = {"index": "home.html", "home": "home.html", "404": "404.html", "robots": "robots.txt"}
_PARTIALS: Final = ("partials", "_partials")
SHORTCODES: Final = ("shortcodes", "_shortcodes")
_MARKUP: Final = "_markup"
_BUILT_IN_HOOKS: Final = {
    "link": "links to files and pages are resolved",
    "image": "images are resolved, and get their sizes",
    "heading": "headings have ids, and a link to themselves",
    "codeblock": "code is highlighted, with Hugo's options",
    "blockquote": "alerts (`> [!NOTE]`) are built in",
    "passthrough": "math is typeset while building",
    "table": "wide tables scroll in a box of their own",
}


def role(path: PurePosixPath) -> tuple[str, str]:
    """What a layout is for, and what to do here.

    Args:
        path: below `layouts/`: `_default/single.html`, `posts/list.html`, `partials/head.html`.
    """
    parts = path.parts
    stem = re.sub(r"\.(?:html|xml|txt|json|amp|rss|en)(?=\.|$)", "", path.name.lower())
    if _MARKUP in parts:
        hook = re.sub(r"^render-", "", path.name.split(".")[0]).split("-")[0]
        return (
            "a render hook",
            f"nothing to do if this is enough: {_BUILT_IN_HOOKS.get(hook, 'Markdown has it built in')}",
        )
    if parts[0] in _PARTIALS:
        return "a partial", "write it where a template of yours includes it: `templates/partials/`"
    if path.suffix == ".xml" or "rss" in path.name.lower():
        ours = "sitemap.xml" if "sitemap" in stem else "feeds/rss.xml"
        return "a feed or sitemap", f"the theme has `{ours}`; replace it below `templates/`"
    folder = [part for part in parts[:-1] if part != "_default"]
    ours = _ROOT.get(stem, "") if not folder and "_default" not in parts else ""
    ours = ours or _DEFAULTS.get(stem, "")
    if not ours:
        where = "/".join([*folder, f"{stem}.html"])
        return f"the layout `{stem}`", f"write `templates/{where}` if a page's `layout` names it"
    if folder:
        ours = f"{folder[0]}/{'section.html' if ours == 'list.html' else ours}"
    return f"the template `{stem}`", f"the theme's `{ours}` has its role; replace it as `templates/{ours}`"
