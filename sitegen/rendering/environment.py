"""The Jinja environment: where templates are found, what they may call, and what their errors say."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

import markupsafe
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplatesNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.errors import Diagnostic, SourceLocation, near_match
from sitegen.rendering import filters, groups
from sitegen.rendering.assets import Asset, find_asset, theme_folder
from sitegen.rendering.bytecode import KeptBytecode, PlainCodeGenerator
from sitegen.rendering.covers import cover
from sitegen.rendering.dates import date_in
from sitegen.rendering.fragments import inline_markdown
from sitegen.rendering.kept_partials import KeptPartials, rendered
from sitegen.rendering.minify import minified
from sitegen.rendering.page_filters import PAGE_FILTERS, partial_date
from sitegen.rendering.parts import ParamsView
from sitegen.rendering.recorder import RawFact, Recorder
from sitegen.rendering.site_view import SiteView
from sitegen.rendering.social_cards import social_card_url
from sitegen.rendering.spoken import spoken, told_in
from sitegen.rendering.structured_data import structured_data
from sitegen.rendering.urls import absolute, with_base
from sitegen.rendering.views import PageView

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from jinja2.environment import TemplateModule
    from jinja2.runtime import Context

_ATTRIBUTE = re.compile(r"'sitegen\.[\w.]*\.(\w+?)(?:View)? object' has no attribute '(\w+)'")
_NEAR = re.compile(r"; (did you mean `.*`\?)$")
_QUOTED = re.compile(r"['`]([^'`]+)['`]")


_MINIFIED: Final = "<minified>"
"""Beside the names that compiled templates depend on: no name can be this."""
_NO_MARKUP: Final = Markup()
_escaped: Callable[[str], str] = getattr(markupsafe, "_escape_inner", escape)
"""Of a plain string; without a `Markup` made of each, a tenth of the time."""


class HelpfulUndefined(StrictUndefined):
    """A name that is not there is an error that names the near match."""

    @property
    def _undefined_message(self) -> str:
        message = super()._undefined_message
        known = (
            [name for name in dir(self._undefined_obj) if not name.startswith("_")]
            if not isinstance(self._undefined_obj, (str, int, float)) and self._undefined_name
            else []
        )
        match = near_match(str(self._undefined_name), known)
        return f"{message}; did you mean `{match}`?" if match else message


def _printed(value: object) -> object:
    """What `{{ value }}` prints: nothing for None."""
    return "" if value is None else value


def shown(value: object) -> str:
    """What a page has of `{{ value }}` where text is escaped: `str(escape(_printed(value)))`, in one call."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[return-value]
    if kind is str:
        return _escaped(value)  # type: ignore[arg-type]
    return "" if value is None else escape(value)


class RecordingTemplate(Template):
    """A template whose module notes what making it read, for every page that imports it.

    A module that is imported without the context is made once and kept, with the modules that it imports itself.
    """

    environment: RecordingEnvironment
    free_names: tuple[str, ...] | None
    """What it takes from the one that includes it (`bytecode.free_names`)."""

    @classmethod
    def _from_namespace(
        cls,
        environment: Environment,
        namespace: MutableMapping[str, Any],
        globals: MutableMapping[str, Any],  # noqa: A002 -- Jinja's own name
    ) -> Template:
        template = super()._from_namespace(environment, namespace, globals)
        vars(template)["free_names"] = namespace.get("free_names")
        return template

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if ctx is not None and ctx.globals_keys - self.globals.keys():
            return super()._get_default_module(ctx)  # made anew for every page
        recorder = self.environment.recorder
        module = self.environment.modules.get(self)
        if module is None:
            with recorder.collected() as reads:
                made = super()._get_default_module(ctx)
            module = self.environment.modules[self] = (made, frozenset(reads))
        recorder.repeat(module[1])
        return module[0]


class RecordingEnvironment(Environment):
    """Tells the recorder of every template that is looked up, found or not.

    `get_template` and `select_template` are called at every extends, include and import. A hook in
    the loader is not enough: compiled templates come from a cache. A name that no file has is looked for on disk once.
    """

    recorder: Recorder
    modules: dict[Template, tuple[TemplateModule, frozenset[RawFact]]]
    """What importing a template gives, and what making that read."""
    kept: KeptPartials | None
    """Included templates of the site being rendered; None before."""
    found: dict[str, Template]
    """By name: Jinja's own cache makes a reference to the loader for each look."""
    missing: set[str]
    """Names that no file has."""
    inner: Mapping[type, frozenset[str]]
    """Names of views that are for our own code: what a template takes through one of them nobody notes."""
    hidden: frozenset[str]
    """All of them."""
    words: Words
    """What templates say in the site's language."""
    is_minified: bool
    """Without the white space that shows nowhere."""
    shown = staticmethod(shown)
    code_generator_class = PlainCodeGenerator
    template_class = RecordingTemplate

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """As Jinja's, with the texts that the template asks for in their places."""
        template = super()._parse(source, name, filename)
        if self.is_minified:
            template = minified(template, name)
        autoescape = self.autoescape
        is_escaped = autoescape(name) if callable(autoescape) else autoescape
        return spoken(template, self.words, name, filename, is_escaped=is_escaped)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As Jinja's; a template that reaches behind a view is made again by every build."""
        if attribute in self.hidden and attribute in self.inner.get(type(obj), ()):
            self.recorder.read("site", "", "build_date")
        if type(obj) is ParamsView and not hasattr(ParamsView, attribute):
            return obj[attribute]  # what `super` comes to, by way of two exceptions
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)

    @staticmethod
    def called(
        obj: Any, context: Context, loop_vars: dict[str, Any] | None, block_vars: dict[str, Any] | None
    ) -> Callable[..., Any]:
        """What a template calls where it calls `obj`: itself, or as Jinja does where it takes more than its arguments."""
        kind = type(obj)
        if (kind is MethodType or kind is FunctionType) and not hasattr(obj, "jinja_pass_arg"):
            return obj  # type: ignore[no-any-return]
        if kind is Macro:
            return partial(obj, context.eval_ctx)
        return partial(context.call, obj, _loop_vars=loop_vars or {}, _block_vars=block_vars or {})

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """As Jinja's; those of the environment itself where a template adds none, which no code of ours does."""
        return super().make_globals(d) if d else self.globals

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 -- Jinja's own name
    ) -> Template:
        """One template; noted."""
        found = self.found.get(name) if isinstance(name, str) else None
        if found is not None and not globals:
            self.recorder.read("template", str(found.name))
            return found
        if name in self.missing:
            self.recorder.read("template", str(name))
            raise TemplateNotFound(str(name))
        try:
            template = super().get_template(name, parent, globals)
        except TemplateNotFound as error:
            self.recorder.read("template", str(name))
            if isinstance(name, str) and error.name == name:
                self.missing.add(name)
            raise
        if template.name is not None:
            self.recorder.read("template", template.name)
            if isinstance(name, str) and not globals:
                self.found[name] = template
        return template

    def included(self, name: str, parent: str, context: Context, local: Mapping[str, Any]) -> str:
        """The text of a template that another includes, with that one's own names."""
        template = self.get_template(name, parent)
        names = vars(template)["free_names"]
        if names is None or self.kept is None:
            return rendered(template, context, local)
        return self.kept.html(template, names, context, local)

    def select_template(
        self,
        names: Any,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 -- Jinja's own name
    ) -> Template:
        """The first template that there is; noted, and so are those that there are not."""
        candidates = [names] if isinstance(names, str) else list(names)
        for name in candidates:
            if name in self.missing:
                self.recorder.read("template", name)
                continue
            try:
                return self.get_template(name, parent, globals)
            except TemplateNotFound:
                continue
        raise TemplatesNotFound(candidates)


def make_environment(
    config: Config,
    assets: Mapping[str, Asset],
    recorder: Recorder,
) -> RecordingEnvironment:
    """The environment of a build: the site's `templates/` lies over the theme's, file by file.

    A template that stands in for the theme's of the same name reaches that one as `theme/NAME`.
    """
    theme = FileSystemLoader(theme_folder() / "templates")
    inner: dict[type, frozenset[str]] = {view: _inner_names(view) for view in (SiteView, PageView)}
    hidden = frozenset[str]().union(*inner.values())
    environment = RecordingEnvironment(
        loader=ChoiceLoader([FileSystemLoader(config.templates_dir), theme, PrefixLoader({"theme": theme})]),
        autoescape=select_autoescape(("html", "xml", "svg")),
        undefined=HelpfulUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        optimized=False,
        bytecode_cache=KeptBytecode(
            config.root / config.state_dir / "cache" / "templates",
            config.words,
            hidden | {_MINIFIED} if config.minify else hidden,
        ),
        extensions=("jinja2.ext.do", "jinja2.ext.loopcontrols"),
        finalize=_printed,
    )
    environment.words = config.words
    environment.is_minified = config.minify
    date = date_in(config.words)
    environment.recorder = recorder
    environment.modules = {}
    environment.kept = None
    environment.found = {}
    environment.missing = set()
    environment.inner = inner
    environment.hidden = hidden
    environment.filters.update(
        {
            "date": date,
            "isodate": filters.isodate,
            "rfc822": filters.rfc822,
            "plain": filters.plain,
            "jsonify": filters.jsonify,
            "number": filters.number,
            "xml_escape": filters.xml_escape,
            **PAGE_FILTERS,
            "partial_date": partial(partial_date, write=date),
            "by_date": partial(groups.by_date, write=date),
            "by_count": groups.by_count,
            "alphabetical": groups.alphabetical,
            "markdownify": lambda text: Markup(inline_markdown(str(text), config)),  # noqa: S704 -- the author's Markdown
        }
    )

    def asset(name: str) -> str:
        recorder.read("asset", name)
        return find_asset(assets, name).url

    def asset_text(name: str) -> Markup:
        recorder.read("asset", name, "text")
        return Markup(find_asset(assets, name).content.decode("utf-8").strip())  # noqa: S704 -- the theme's

    digests: dict[str, Markup] = {}

    def asset_integrity(name: str) -> Markup:
        if not config.sri or config.relative_urls:  # from `file://` nothing could be loaded
            return _NO_MARKUP
        recorder.read("asset", name, "text")
        if name not in digests:
            digests[name] = Markup(f' integrity="{find_asset(assets, name).integrity}"')  # noqa: S704 -- base64
        return digests[name]

    addresses = {"url": partial(with_base, config), "absolute": partial(absolute, config)}
    environment.filters.update(addresses)
    of_page = {"structured_data": _structured_data, "social_card": _social_card, "cover": _cover}
    said = {"t": told_in(config.words), "asset_integrity": asset_integrity}
    environment.globals.update({"asset": asset, "asset_text": asset_text, **addresses, **of_page, **said})
    return environment


@pass_context
def _structured_data(context: Context, page: PageView, picture: str = "") -> dict[str, object] | None:
    return structured_data(page, context["site"], picture)


@pass_context
def _cover(context: Context, page: PageView, alt: str = "", *, is_first: bool = False) -> Markup:
    return cover(page, context["site"], alt, is_first=is_first)


@pass_context
def _social_card(context: Context, page: PageView) -> str:
    return social_card_url(page, context["site"])


def _inner_names(view: type) -> frozenset[str]:
    """What a view has beside what templates are told of: its slots, and the methods that only our own code calls."""
    slots = {name for each in view.__mro__ for name in getattr(each, "__slots__", ())}
    return frozenset(slots | getattr(view, "INNER", frozenset()))


def template_diagnostic(
    error: Exception, config: Config, *, code: str, page: SourceLocation | None
) -> Diagnostic:
    """What the author of a template is told of its failure: file, line, column where it can be told."""
    message, hint = _told(error)
    place = _place_of(error, config)
    if place is None:
        return Diagnostic(code=code, severity="error", message=message, location=page, hint=hint)
    file, line = place
    text = _line_of(file, line)
    return Diagnostic(
        code=code,
        severity="error",
        message=message,
        location=SourceLocation(path=_shown(file, config), line=line, column=_column(text, message)),
        related=(page,) if page else (),
        hint=hint,
        details=text.strip() if text and not file.is_relative_to(config.root) else None,
    )


def _told(error: Exception) -> tuple[str, str]:
    """Message and hint; our views are named as templates know them."""
    if isinstance(error, TemplateNotFound):
        return f"template `{error.name}` does not exist", "write it in `templates/`, or correct its name"
    if isinstance(error, TemplateSyntaxError):
        message = str(error.message)
        near = _NEAR.search(message)
        hint = near[1] if near is not None else "mend the template there or above"
        return f"{type(error).__name__}: {message[: near.start()] if near else message}", hint
    message = _ATTRIBUTE.sub(lambda found: f"`{found[1].lower()}` has no `{found[2]}`", str(error))
    near = _NEAR.search(message)
    if near is not None:
        message, hint = message[: near.start()], near[1]
    elif isinstance(error, UndefinedError):
        hint = "correct the name, or ask with `is defined` first"
    else:
        hint = "mend the template there"
    return f"{type(error).__name__}: {message}", hint


def _place_of(error: Exception, config: Config) -> tuple[Path, int] | None:
    """The template's file and line where it went wrong: the innermost frame that is a template's."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return Path(error.filename), error.lineno
    folders = (config.templates_dir, theme_folder() / "templates")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if any(file.is_relative_to(folder) for folder in folders) and frame.lineno is not None:
            return file, frame.lineno
    return None


def _shown(file: Path, config: Config) -> PurePosixPath:
    """A template's path as messages name it: below the root, or `theme:page.html`."""
    theme = theme_folder() / "templates"
    if file.is_relative_to(theme):
        return PurePosixPath(f"theme:{file.relative_to(theme).as_posix()}")
    return config.relative_to_root(file)


def _line_of(file: Path, line: int) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _column(text: str, message: str) -> int | None:
    """Jinja knows no columns: where the line has the name that the message quotes last."""
    for name in reversed(_QUOTED.findall(message)):
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        if found:
            return found.start() + 1
    return None
