"""Shortcodes as Jinja templates: `templates/shortcodes/NAME.html` of the site, then the theme's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final, NoReturn

from jinja2 import TemplateNotFound, TemplateSyntaxError, meta
from markupsafe import Markup

from sitegen.config import Config
from sitegen.content.document import PageKey, ShortcodeCall
from sitegen.content.index import SiteIndex
from sitegen.content.shortcodes import Expansion
from sitegen.errors import ContentError, Diagnostic, near_match
from sitegen.frozen import FrozenDict
from sitegen.markdown.cells import cell_line_ranges
from sitegen.markdown.dialect import fences
from sitegen.markdown.slips import misspelt
from sitegen.rendering.recorder import ANY_CASE
from sitegen.rendering.templating.shortcode_tools import ShortcodeProblem, ShortcodeTools
from sitegen.rendering.templating.template_errors import template_diagnostic
from sitegen.rendering.templating.templates import Templates
from sitegen.rendering.views.site_view import SiteView, config_view

_FOLDER: Final = "shortcodes/"
_LONE_PARAGRAPH: Final = re.compile(r"<p>(.*)</p>\n")
_TRIMMED_END: Final = re.compile(r"-[%#}]\}\s*\Z")
_ASKED: Final = re.compile(r"""\bget\(\s*["']([\w-]+)["']""")
_HANDS_ON: Final = re.compile(r"\b(?:params|include|import|from|extends)\b")
_AFTER_THE_RUN: Final = ("metric", "notebook", "embed")
_WITHOUT_TEMPLATE: Final = {**dict.fromkeys(_AFTER_THE_RUN, False), "comment": True}
"""Shortcodes that are not a template, and whether they take inner text."""


class ShortcodeView:
    """What a shortcode's template sees of its caller: `parent`, and what `get` and `params` give."""

    __slots__ = ("call", "inner", "parent")

    def __init__(self, call: ShortcodeCall, inner: Markup, parent: ShortcodeView | None) -> None:
        self.call = call
        self.inner = inner
        self.parent = parent

    @property
    def name(self) -> str:
        """The shortcode's name."""
        return self.call.name

    @property
    def ordinal(self) -> int:
        """From 0, among its siblings."""
        return self.call.ordinal

    @property
    def is_named_params(self) -> bool:
        """Whether its arguments have names."""
        return bool(self.call.named)

    @property
    def is_named(self) -> bool:
        """The same, shorter."""
        return self.is_named_params

    @property
    def position(self) -> str:
        """`content/posts/a.md:12:3`, for a template's own messages."""
        return str(self.call.location)

    @property
    def params(self) -> dict[str, object] | list[object]:
        """All arguments: a mapping where they have names, else a list; its caller's own."""
        return dict(self.call.named) if self.call.named else list(self.call.positional)

    def get(self, key: int | str, default: object = "") -> object:
        """The argument of a name, or at a position from 0; `default` where it is not given."""
        if isinstance(key, int):
            return self.call.positional[key] if key < len(self.call.positional) else default
        return self.call.named.get(key, default)


class _Gathered:
    """What one call and those inside it leave besides their text."""

    __slots__ = ("diagnostics", "files", "page")

    def __init__(self, page: PageKey) -> None:
        self.page = page
        self.files: dict[PurePosixPath, bytes | Path] = {}
        self.diagnostics: list[Diagnostic] = []

    def publish(self, path: PurePosixPath, content: bytes | Path) -> None:
        self.files[path] = content


class TemplateShortcodes:
    """Expands shortcode calls by templates; `content.shortcodes.Shortcodes` is its protocol."""

    def __init__(self, templates: Templates, index: SiteIndex, config: Config) -> None:
        self._environment = templates.environment
        self._config = config
        self._index = index
        self._site = SiteView(index, config, recorder=templates.recorder)
        self._settings = config_view(config, templates.recorder)
        self._uses_inner: dict[str, bool | None] = {}
        self._known: frozenset[str] = frozenset()
        self._line_ends: dict[str, bool] = {}
        self._arguments: dict[str, frozenset[str]] = {}

    def __call__(self, call: ShortcodeCall, page: PageKey) -> Expansion:
        """What the call gives, nested calls included.

        Raises:
            ContentError: unknown name (SG202), its template failed (SG203), a reference to no page (SG204).
        """
        gathered = _Gathered(page)
        text = str(self._expand(call, gathered, None))
        return Expansion(text=text, files=FrozenDict(gathered.files), diagnostics=tuple(gathered.diagnostics))

    def uses_inner(self, name: str) -> bool | None:
        """Whether the shortcode's template reads `inner`; None where there is no such shortcode."""
        if name.lower() not in _WITHOUT_TEMPLATE:
            self._note(name)
        if name not in self._uses_inner:
            self._uses_inner[name] = self._reads_inner(name)
        return self._uses_inner[name]

    def _note(self, name: str) -> None:
        """Which template stands for a shortcode, and what it says; the answers are kept for all pages."""
        self._environment.recorder.read("template", f"{_FOLDER}{name}.html", ANY_CASE)

    def _reads_inner(self, name: str) -> bool | None:
        if name.lower() in _WITHOUT_TEMPLATE:
            return _WITHOUT_TEMPLATE[name.lower()]
        source = self._source(name)
        if source is None:
            return None
        try:
            return "inner" in meta.find_undeclared_variables(self._environment.parse(source))
        except TemplateSyntaxError:
            return "inner" in source  # the call itself tells of the error

    def _source(self, name: str) -> str | None:
        """The text of a shortcode's template; None where there is none of that name."""
        loader = self._environment.loader
        if loader is None or "//" in name or name.endswith("/"):
            return None
        try:
            return loader.get_source(self._environment, self._template(name))[0]
        except TemplateNotFound:
            return None

    def _misspelt(self, call: ShortcodeCall) -> Iterator[Diagnostic]:
        """Names of arguments that the template does not ask for, and that are near one that it does; Hugo drops them too."""
        known = self._arguments.get(call.name)
        if known is None:
            source = self._source(call.name) or ""
            # one that hands its arguments on may ask for any
            known = frozenset() if _HANDS_ON.search(source) else frozenset(_ASKED.findall(source))
            self._arguments[call.name] = known
        for name in call.named:
            meant = None if name in known else misspelt(name, sorted(known))
            if meant is not None:
                message = f"`{call.name}` does not ask for `{name}`, so it has no effect"
                hint = f"did you mean `{meant}`?"
                yield Diagnostic(
                    code="SG227", severity="warning", message=message, location=call.location, hint=hint
                )

    def _ends_line(self, name: str) -> bool:
        """Whether the site's own template ends with a line end, which Go keeps and Jinja drops."""
        loader = self._environment.loader
        if loader is None or name.lower() in _WITHOUT_TEMPLATE:
            return False
        if name not in self._line_ends:
            source, file, _ = loader.get_source(self._environment, self._template(name))
            is_own = Path(file or "").is_relative_to(self._config.templates_dir)
            self._line_ends[name] = is_own and source.endswith("\n") and not _TRIMMED_END.search(source)
        return self._line_ends[name]

    def _template(self, name: str) -> str:
        """The template's path: of that name, or of one that only its case tells apart, as in Hugo."""
        path = f"{_FOLDER}{name}.html"
        return path if path in self._paths.values() else self._paths.get(path.lower(), path)

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        """Lower-case path to path of every shortcode's template."""
        paths = self._environment.list_templates(
            filter_func=lambda path: path.startswith(_FOLDER) and path.endswith(".html")
        )
        return {path.lower(): path for path in sorted(paths)}

    def _expand(self, call: ShortcodeCall, gathered: _Gathered, parent: ShortcodeView | None) -> Markup:
        if call.name.lower() == "comment":
            return Markup("")
        if call.name in _AFTER_THE_RUN:
            message = f"`{call.name}` is known only after the run"
            self._fail(call, message, "write it with `{{< >}}`, not `{{% %}}`")
        self._note(call.name)
        if call.named:
            gathered.diagnostics.extend(self._misspelt(call))
        view = ShortcodeView(call, Markup(""), parent)
        view.inner = self._inner(call, gathered, view)
        try:
            template = self._environment.get_template(self._template(call.name))
            end = "\n" if self._ends_line(call.name) else ""
            return Markup(template.render(self._variables(view, gathered)) + end)  # noqa: S704 -- autoescaped
        except ContentError:
            raise
        except ShortcodeProblem as problem:
            self._fail(call, problem.message, problem.hint)
        except TemplateNotFound as error:
            if error.name == self._template(call.name):
                raise self._unknown(call) from error
            raise self._template_failed(error, call) from error
        except Exception as error:  # templates are a border: they may raise anything
            raise self._template_failed(error, call) from error

    def _inner(self, call: ShortcodeCall, gathered: _Gathered, view: ShortcodeView) -> Markup:
        parts = (
            Markup(part) if isinstance(part, str) else self._expand(part, gathered, view)  # noqa: S704 -- the author's
            for part in call.inner or ()
        )
        inner = Markup("").join(parts)
        if not call.is_markdown or view.parent is None:
            return inner
        return self._nested(inner, view.call, gathered)

    def _nested(self, text: Markup, call: ShortcodeCall, gathered: _Gathered) -> Markup:
        """What a `{{% %}}` call inside another encloses, as HTML, as in Hugo; a single line without its `<p>`.

        Text that holds an executable cell is left as Markdown: the page's own reading makes it a cell.
        """
        execution = self._index.pages[gathered.page].execution
        if ("```" in text or "~~~" in text) and cell_line_ranges(fences(text), execution):
            return Markup("\n\n{}\n\n").format(text)
        html = self._tools(replace(call, is_markdown=False), gathered).block(text)
        single = _LONE_PARAGRAPH.fullmatch(html) if "\n" not in text else None
        return html if single is None else Markup(single[1])  # noqa: S704 -- a part of it

    def _tools(self, call: ShortcodeCall, gathered: _Gathered) -> ShortcodeTools:
        return ShortcodeTools(
            call,
            self._index.pages[gathered.page],
            self._index,
            self._config,
            publish=gathered.publish,
            report=gathered.diagnostics.append,
            recorder=self._environment.recorder,
        )

    def _variables(self, view: ShortcodeView, gathered: _Gathered) -> dict[str, Any]:
        tools = self._tools(view.call, gathered)
        functions: dict[str, Callable[..., object]] = {
            "get": view.get,
            "ref": tools.ref,
            "relref": tools.relref,
            "resolve": tools.resolve,
            "block": tools.block,
            "highlight": tools.highlight,
            "image": tools.image,
            "qr": tools.qr,
            "param": tools.param,
            "fail": tools.fail,
            "untranslated": tools.untranslated,
        }
        return {
            **functions,
            "inner": view.inner,
            "params": view.params,
            "parent": view.parent,
            "name": view.name,
            "ordinal": view.ordinal,
            "is_named": view.is_named,
            "is_named_params": view.is_named_params,
            "position": view.position,
            "is_markdown": view.call.is_markdown,
            "page": self._site.view(gathered.page),
            "site": self._site,
            "config": self._settings,
        }

    def _unknown(self, call: ShortcodeCall) -> ContentError:
        return ContentError(
            Diagnostic(
                code="SG202",
                severity="error",
                message=f"unknown shortcode `{call.name}`",
                location=call.location,
                hint=self._unknown_hint(call.name),
            )
        )

    def _unknown_hint(self, name: str) -> str:
        self._environment.recorder.read("template", _FOLDER, ANY_CASE)
        if not self._known:
            names = {path.removeprefix(_FOLDER).removesuffix(".html") for path in self._paths.values()}
            offered = (name for name in names if not name.startswith("_"))
            self._known = frozenset(offered) | _WITHOUT_TEMPLATE.keys()
        near = near_match(name, self._known)
        if near is not None:
            return f"did you mean `{near}`?"
        folder = self._config.relative_to_root(self._config.templates_dir)
        return f"add `{folder}/{_FOLDER}{name}.html`"

    def _template_failed(self, error: Exception, call: ShortcodeCall) -> ContentError:
        found = template_diagnostic(error, self._config, code="SG203", page=call.location)
        related = (found.location,) if found.location and found.location != call.location else ()
        where = f" ({related[0]})" if related else ""
        return ContentError(
            replace(
                found,
                message=f"the shortcode `{call.name}` failed: {found.message}{where}",
                location=call.location,
                related=related,
            )
        )

    def _fail(self, call: ShortcodeCall, message: str, hint: str | None) -> NoReturn:
        raise ContentError(
            Diagnostic(code="SG203", severity="error", message=message, location=call.location, hint=hint)
        )
