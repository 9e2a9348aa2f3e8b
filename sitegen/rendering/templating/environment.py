"""The Jinja environment: where templates are found and included, and what of their reads is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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
    nodes,
    select_autoescape,
)
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.errors import near_match
from sitegen.rendering.assets import Asset, theme_folder
from sitegen.rendering.recorder import RawFact, Recorder
from sitegen.rendering.templating.bytecode import KeptBytecode, PlainCodeGenerator
from sitegen.rendering.templating.kept_partials import KeptPartials, rendered
from sitegen.rendering.templating.minify import minified
from sitegen.rendering.templating.overriding import OVERRIDES, check_overrides
from sitegen.rendering.templating.spoken import spoken
from sitegen.rendering.templating.template_calls import template_filters, template_functions
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.parts import ParamsView
from sitegen.rendering.views.site_view import SiteView

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from jinja2.environment import TemplateModule
    from jinja2.runtime import Context

_MINIFIED: Final = "<minified>"
"""Beside the names that compiled templates depend on: no name can be this."""
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
        vars(template)[OVERRIDES] = namespace.get(OVERRIDES)
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
            check_overrides(template, self, theme_folder() / "templates")
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
    environment.recorder = recorder
    environment.modules = {}
    environment.kept = None
    environment.found = {}
    environment.missing = set()
    environment.inner = inner
    environment.hidden = hidden
    environment.filters.update(template_filters(config))
    environment.globals.update(template_functions(config, assets, recorder))
    return environment


def _inner_names(view: type) -> frozenset[str]:
    """What a view has beside what templates are told of: its slots, and the methods that only our own code calls."""
    slots = {name for each in view.__mro__ for name in getattr(each, "__slots__", ())}
    return frozenset(slots | getattr(view, "INNER", frozenset()))
