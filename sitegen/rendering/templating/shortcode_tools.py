"""What a shortcode's template may call: references, links, Markdown, highlighting, parameters."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from pathlib import Path, PurePosixPath
from textwrap import dedent
from typing import Final, NoReturn

from markupsafe import Markup

from sitegen.config import Config
from sitegen.content.document import Html, LinkHole, Segment, ShortcodeCall
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.permalinks import leaves_site
from sitegen.content.resolve import left_out, resolve_page
from sitegen.errors import ContentError, Diagnostic, did_you_mean, near_match
from sitegen.files import safe_join
from sitegen.markdown.holes import fill
from sitegen.markdown.parse import parse_fragment
from sitegen.rendering.links import ResolvedLink, resolve_link
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.urls import absolute, url_of_output, with_base

_OPTION = re.compile(r"""\s*([\w-]+)\s*=\s*("[^"]*"|'[^']*'|\[[^\]]*\]|[^,]*)""")
_NOT_IN_LANGUAGE: Final = re.compile(r"[^\w+#./-]")
_TILDES: Final = re.compile(r"~{3,}")
_CODE: Final = re.compile(r"<code[^>]*>(.*)</code>", re.DOTALL)
_FALSE: Final = frozenset({"false", "no", "0", ""})
_FENCE_OPTIONS: Final = frozenset(
    {"linenos", "linenostart", "hl_lines", "anchorlinenos", "lineanchors", "tabwidth", "wrapperclass"}
)
"""Hugo's options that say something beside the colours, which are the theme's."""
_OUTPUTS: Final = {"html": "", "rss": "index.xml", "atom": "feed.xml", "json": "feed.json"}
"""Output format to its file in the page's folder."""
_ASSETS: Final = "assets"
_GO_DATE: Final = "%Y-%m-%d %H:%M:%S %z"


class ShortcodeProblem(Exception):  # noqa: N818 -- what a template says with `fail`, not a fault of ours
    """A shortcode's template does not accept how it was called."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ShortcodeTools:
    """The functions of one call."""

    def __init__(
        self,
        call: ShortcodeCall,
        page: IndexedPage,
        index: SiteIndex,
        config: Config,
        *,
        publish: Callable[[PurePosixPath, bytes | Path], None],
        report: Callable[[Diagnostic], None],
        recorder: Recorder = NO_RECORDER,
    ) -> None:
        self._call = call
        self._report = report
        self._publish = publish
        self._recorder = recorder
        self._page = page
        self._index = index
        self._config = config

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        """Stops the build with a message at the call.

        Raises:
            ShortcodeProblem: always.
        """
        raise ShortcodeProblem(message, hint)

    def untranslated(self) -> Markup:
        """A visible message, and an error (SG206): this template is still a stub of `sitegen import`."""
        folder = self._config.relative_to_root(self._config.templates_dir)
        message = f"the shortcode `{self._call.name}` is not translated yet"
        self._report(
            Diagnostic(
                code="SG206",
                severity="error",
                message=message,
                location=self._call.location,
                hint=f"write `{folder}/shortcodes/{self._call.name}.html`: the stub there says what is known of it",
            )
        )
        return Markup('<span class="build-error" role="alert">{}</span>').format(message)

    def relref(self, target: object, output_format: object = "") -> str:
        """The URL of a page, with the base path and the target's `#part`; or of another output of it (`rss`).

        Raises:
            ContentError: no such page (SG204), where that is an error by the site's settings.
        """
        path, mark, fragment = str(target).partition("#")
        if not path:
            return f"{mark}{fragment}"
        path = path.partition("?")[0]
        self._recorder.read("link", self._page.key, path)
        key = resolve_page(self._index, path, self._page.key)
        if key is None or not self._index.pages[key].url:
            missing = Diagnostic(
                code="SG204",
                severity=self._config.ref_links_error_level,
                message=f"`{self._call.name}` names a page that does not exist: `{path}`",
                location=self._call.location,
                hint=did_you_mean_page(path, self._index),
            )
            if missing.severity == "error":
                raise ContentError(missing)
            self._report(missing)
            return self._config.ref_links_not_found_url
        url = with_base(self._config, self._index.pages[key].url)
        name = str(output_format).lower()
        if name and name not in _OUTPUTS:
            formats = ", ".join(f"`{name}`" for name in sorted(_OUTPUTS))
            raise ShortcodeProblem(f"no output format `{output_format}`", f"one of {formats}")
        return posixpath.join(url, _OUTPUTS.get(name, "")) + mark + fragment

    def ref(self, target: object, output_format: object = "") -> str:
        """The absolute URL of a page.

        Raises:
            ContentError: no such page (SG204).
        """
        url = self.relref(target, output_format)
        return url if self._config.relative_urls or url.startswith("#") else absolute(self._config, url)

    def resolve(self, target: object) -> str:
        """Where a link or an image as written goes: a bundle's file, a page, a static file."""
        return self._resolved(str(target)).url

    def block(self, text: object) -> Markup:
        """Inner text as Markdown blocks; for `{{% %}}` it is left to the page's own Markdown."""
        if self._call.is_markdown:
            return Markup(f"\n\n{text}\n\n")  # noqa: S704 -- the author's
        fragment = parse_fragment(
            str(text), config=self._config, location=self._call.location, id_prefix=f"{self._call.name}-"
        )
        return Markup(fill(fragment.segments, self._filled))  # noqa: S704 -- rendered by us

    def highlight(self, code: object, language: object = "", options: object = "") -> Markup:
        """Code as a fence of the page would show it, with Hugo's options (`linenos=table,hl_lines=8 15-17`)."""
        found = {
            match[1].lower(): match[2].strip().strip("\"'[]").replace('"', "")
            for match in _OPTION.finditer(str(options))
        }
        name = _NOT_IN_LANGUAGE.sub("", str(language))
        if found.pop("hl_inline", "false").lower() not in _FALSE:
            return Markup(_inline_code(self._fenced(str(code).strip("\n"), name, {}), name))  # noqa: S704 -- ours
        if "hl_lines" in found:
            found["hl_lines"] = " ".join(found["hl_lines"].replace(",", " ").split())
        kept = {key: value for key, value in found.items() if key in _FENCE_OPTIONS}
        return Markup(self._fenced(dedent(str(code)).strip("\n"), name, kept))  # noqa: S704 -- ours

    def _fenced(self, code: str, language: str, options: Mapping[str, str]) -> str:
        fence = "~" * (max(map(len, _TILDES.findall(code)), default=2) + 1)
        given = " ".join(
            f'{name}="{value}"' if " " in value else f"{name}={value}" for name, value in options.items()
        )
        info = f"{language} {{{given}}}" if given else language
        text = f"{fence}{info}\n{code}\n{fence}\n"
        fragment = parse_fragment(text, config=self._config, location=self._call.location)
        return fill(fragment.segments, self._filled).strip("\n")

    def param(self, key: object) -> object:
        """A parameter or another field of the page, else a parameter of the site; dots go into tables.

        Raises:
            ShortcodeProblem: neither has it.
        """
        params: Mapping[str, object]
        for params in (self._page.meta.params, _reserved(self._page), self._config.params):
            if params is self._config.params:
                self._recorder.read("setting", "", f"params.{str(key).lower().partition('.')[0]}")
            value: object = params
            for part in str(key).lower().split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
            if value is not None:
                return as_printed(value)
        self._recorder.read("setting", "", "params")  # for the hint
        known = {*self._page.meta.params, *self._config.params}
        hint = did_you_mean(str(key), known) if known else f"set `{key}` in the front matter"
        raise ShortcodeProblem(f"no parameter `{key}` in the page or the site", hint)

    def image(self, source: object) -> str:
        """Where a picture of a shortcode is: a file of the bundle, one of `assets/` (which is then published), or elsewhere."""
        link = self._resolved(str(source))
        path, mark, tail = str(source).partition("?")
        if link.file is not None or leaves_site(path) or not path.strip("/"):
            return link.url
        try:
            file = safe_join(self._config.root / _ASSETS, PurePosixPath(path.lstrip("/")))
        except ValueError:
            return link.url
        self._recorder.read("file", str(self._config.relative_to_root(file)))
        if not file.is_file() or not file.resolve().is_relative_to(self._config.root.resolve()):
            return link.url
        output = PurePosixPath(path.lstrip("/"))
        self._publish(output, file)
        return url_of_output(self._config, output) + mark + tail

    def qr(self, text: object, *, level: str, scale: object, folder: str) -> tuple[str, int]:
        """URL and width in pixels of a QR code, which is published in `folder` of the site.

        Raises:
            ShortcodeProblem: no text or too much, or not a level or scale of Hugo's.
        """
        from sitegen.rendering.pictures.qr import (
            LEAST_SCALE,
            LEVELS,
            MOST_SCALE,
            qr_code,
        )  # only pages with such a picture need it

        content = str(text).strip()
        if not content:
            raise ShortcodeProblem("`qr` needs a text", "write it between the tags, or as `text`")
        if level not in LEVELS:
            raise ShortcodeProblem(
                f"`{level}` is no level of `qr`", "one of " + ", ".join(f"`{name}`" for name in LEVELS)
            )
        if isinstance(scale, bool) or not isinstance(scale, int) or not LEAST_SCALE <= scale <= MOST_SCALE:
            raise ShortcodeProblem(
                f"`scale` of `qr` must be a whole number from {LEAST_SCALE} to {MOST_SCALE}"
            )
        try:
            code = qr_code(content, level=level, scale=scale)
        except ValueError as error:
            raise ShortcodeProblem(f"`qr`: {error}", "shorten the text, or lower `level`") from error
        output = PurePosixPath(posixpath.normpath(f"/{folder}/{code.name}").lstrip("/"))
        self._publish(output, code.png)
        return url_of_output(self._config, output), code.width_px

    def _resolved(self, target: str) -> ResolvedLink:
        if not leaves_site(target):
            self._recorder.read("link", self._page.key, target)
        return resolve_link(target, self._page, self._index, self._config)

    def _filled(self, segment: Segment) -> str:
        if isinstance(segment, LinkHole):
            return escape(self._resolved(segment.target).url)
        return segment.text if isinstance(segment, Html) else ""


def as_printed(value: object) -> object:
    """A parameter as Hugo prints it: lists and tables as Go does, dates with their zone; text is no HTML."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            offset = value.utcoffset()
            return value.strftime(_GO_DATE) + (" UTC" if offset is not None and not offset else "")
        case Mapping():
            return (
                "map[" + " ".join(f"{name}:{as_printed(item)}" for name, item in sorted(value.items())) + "]"
            )
        case list() | tuple():
            return "[" + " ".join(str(as_printed(item)) for item in value) + "]"
        case _:
            return value


def _reserved(page: IndexedPage) -> dict[str, object]:
    """The fields that Hugo has among a page's parameters too."""
    meta = page.meta
    fields: dict[str, object] = {
        "title": meta.title,
        "date": page.date,
        "publishdate": meta.publish_date,
        "expirydate": meta.expiry_date,
        "description": meta.description,
        "slug": meta.slug,
        "keywords": meta.keywords,
        **meta.terms,
    }
    given = {name: value for name, value in fields.items() if value not in (None, "", ())}
    return {**given, "draft": meta.draft}


def _inline_code(html: str, language: str) -> str:
    """The code of a highlighted block as part of a sentence."""
    code = _CODE.search(html)
    return f'<code class="code-inline language-{escape(language)}">{code[1] if code else ""}</code>'.replace(
        "\n", ""
    )


def did_you_mean_page(path: str, index: SiteIndex) -> str:
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
