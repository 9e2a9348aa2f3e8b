"""What a shortcode's template may call: references, links, Markdown, highlighting, parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from textwrap import dedent
from typing import Final, NoReturn

from markupsafe import Markup

from sitegen.config import Config
from sitegen.content.document import Html, LinkHole, Segment, ShortcodeCall
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.resolve import left_out, resolve_page
from sitegen.errors import ContentError, Diagnostic, did_you_mean, near_match
from sitegen.markdown.cells import cell_line_ranges
from sitegen.markdown.dialect import fences
from sitegen.markdown.highlight import highlight
from sitegen.markdown.html import fill
from sitegen.markdown.parse import parse_fragment
from sitegen.rendering.links import resolve_link
from sitegen.rendering.urls import absolute, with_base

_OPTION = re.compile(r"""\s*([\w-]+)\s*=\s*("[^"]*"|'[^']*'|\[[^\]]*\]|[^,]*)""")
_LONE_PARAGRAPH: Final = re.compile(r"<p>(.*)</p>\n")
_FALSE: Final = frozenset({"false", "no", "0", ""})


class ShortcodeProblem(Exception):  # noqa: N818 -- what a template says with `fail`, not a fault of ours
    """A shortcode's template does not accept how it was called."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ShortcodeTools:
    """The functions of one call."""

    def __init__(self, call: ShortcodeCall, page: IndexedPage, index: SiteIndex, config: Config) -> None:
        self._call = call
        self._page = page
        self._index = index
        self._config = config

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        """Stops the build with a message at the call.

        Raises:
            ShortcodeProblem: always.
        """
        raise ShortcodeProblem(message, hint)

    def relref(self, target: object) -> str:
        """The URL of a page, with the base path and the target's `#part`.

        Raises:
            ContentError: no such page (SG204).
        """
        path, mark, fragment = str(target).partition("#")
        if not path:
            return f"{mark}{fragment}"
        key = resolve_page(self._index, path, self._page.key)
        if key is None or not self._index.pages[key].url:
            raise ContentError(
                Diagnostic(
                    code="SG204",
                    severity=self._config.ref_links_error_level,
                    message=f"`{self._call.name}` names a page that does not exist: `{path}`",
                    location=self._call.location,
                    hint=_did_you_mean_page(path, self._index),
                )
            )
        return with_base(self._config, self._index.pages[key].url) + mark + fragment

    def ref(self, target: object) -> str:
        """The absolute URL of a page.

        Raises:
            ContentError: no such page (SG204).
        """
        url = self.relref(target)
        return url if self._config.relative_urls else absolute(self._config, url)

    def resolve(self, target: object) -> str:
        """Where a link or an image as written goes: a bundle's file, a page, a static file."""
        return resolve_link(str(target), self._page, self._index, self._config).url

    def block(self, text: object) -> Markup:
        """Inner text as Markdown blocks; for `{{% %}}` it is left to the page's own Markdown."""
        if self._call.is_markdown:
            return Markup(f"\n\n{text}\n\n")  # noqa: S704 -- the author's
        return Markup(self._rendered(str(text)))  # noqa: S704 -- rendered by us

    def nested(self, text: str) -> Markup:
        """What a `{{% %}}` call inside another encloses, as HTML; a single line comes without its `<p>`.

        Text that holds an executable cell is left as Markdown: the page's own reading makes it a cell.
        """
        execution = self._page.execution
        if ("```" in text or "~~~" in text) and cell_line_ranges(fences(text), execution):
            return Markup(f"\n\n{text}\n\n")  # noqa: S704 -- the author's
        html = self._rendered(text)
        if "\n" not in text:
            single = _LONE_PARAGRAPH.fullmatch(html)
            html = single[1] if single is not None else html
        return Markup(html)  # noqa: S704 -- rendered by us

    def _rendered(self, text: str) -> str:
        fragment = parse_fragment(text, location=self._call.location, id_prefix=f"{self._call.name}-")
        return fill(fragment.segments, self._filled)

    def highlight(self, code: object, language: object = "", options: object = "") -> Markup:
        """Code highlighted, with Hugo's options (`linenos=table,hl_lines=8 15-17,linenostart=199`)."""
        found = {
            match[1].lower(): match[2].strip().strip("\"'[]").replace('"', "")
            for match in _OPTION.finditer(str(options))
        }
        html = highlight(
            dedent(str(code)).strip("\n"),
            str(language),
            line_numbers=found.get("linenos", "").lower() not in _FALSE,
            line_number_start=int(found["linenostart"]) if found.get("linenostart", "").isdigit() else 1,
            hl_lines=",".join(found.get("hl_lines", "").replace(",", " ").split()),
        )
        return Markup(html)  # noqa: S704 -- made by us

    def param(self, key: object) -> object:
        """A parameter of the page, else of the site; dots go into tables.

        Raises:
            ShortcodeProblem: neither has it.
        """
        for params in (self._page.meta.params, self._config.params):
            value: object = params
            for part in str(key).lower().split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
            if value is not None:
                return str(value).lower() if isinstance(value, bool) else value
        known = {*self._page.meta.params, *self._config.params}
        hint = did_you_mean(str(key), known) if known else f"set `{key}` in the front matter"
        raise ShortcodeProblem(f"no parameter `{key}` in the page or the site", hint)

    def _filled(self, segment: Segment) -> str:
        if isinstance(segment, LinkHole):
            return escape(resolve_link(segment.target, self._page, self._index, self._config).url)
        return segment.text if isinstance(segment, Html) else ""


def _did_you_mean_page(path: str, index: SiteIndex) -> str:
    """A hint for a reference to no page: the page whose last part is nearest."""
    unbuilt = left_out(index, path)
    if unbuilt is not None:
        return unbuilt
    wanted = path.strip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    nearest = near_match(wanted, index.by_name)
    keys = index.by_name[nearest] if nearest is not None else ()
    found = next((key for key in keys if index.pages[key].url and index.pages[key].kind == "page"), None)
    if found is None:
        return "write the path from the page's folder, or from the content folder with a leading `/`"
    return f"did you mean `{found}`?"
