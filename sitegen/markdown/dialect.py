"""The Markdown dialect: which rules there are, in which order; one parser for every page."""

from __future__ import annotations

from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from sitegen.content.permalinks import leaves_site
from sitegen.markdown.blocks import blocks_plugin
from sitegen.markdown.equations import equations_plugin
from sitegen.markdown.myst import myst_plugin
from sitegen.markdown.references import references_plugin
from sitegen.markdown.typography import typography_plugin


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """CommonMark, GFM and what Hugo's users expect; math, alerts and raw HTML are on.

    It is used for every page of the process and never changed.
    """
    md = MarkdownIt(
        "commonmark",
        {"html": True, "tasklists": True, "strikethrough_single_tilde": True, "maxNesting": 60},
    )
    md.enable(["table", "strikethrough"])
    md.use(footnote_plugin, inline=False)
    md.use(deflist_plugin)
    md.use(equations_plugin)
    md.use(references_plugin)
    md.use(blocks_plugin)
    md.use(myst_plugin)
    md.use(typography_plugin)
    # Targets inside the site stay as written, for the holes that are filled with the page's URL.
    md.normalizeLink = lambda url: normalizeLink(url) if is_external(url) else url  # type: ignore[method-assign]
    return md


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True, "maxNesting": 60})
    md.core.ruler.enableOnly(["normalize", "block"])
    md.use(deflist_plugin)
    md.use(footnote_plugin, inline=False, move_to_end=False)
    md.use(equations_plugin)
    md.core.ruler.enableOnly(["normalize", "block"])
    return md


def tokenize(text: str, *switches: str) -> list[Token]:
    """All tokens of a text, with their inline children.

    Args:
        text: Markdown.
        switches: `myst.MYST` and `equations.LENIENT`, where they hold for the text.
    """
    return parser().parse(text, dict.fromkeys(switches, True))


def fences(text: str) -> list[Token]:
    """Only the fences of a text: what the block rules find, inline content left alone."""
    return [token for token in _block_parser().parse(text, {}) if token.type == "fence"]


def is_external(url: str) -> bool:
    """Whether a link's target has a scheme, a host, or is a place on the same page."""
    return not url or url[0] in "#?" or leaves_site(url)
